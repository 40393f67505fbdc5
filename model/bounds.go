package model

import "math"

// Bounds returns the bounds of the prediction interval that holds the future
// value with a probability of level percent, 0 < level < 100, if the errors
// are normal: Mean -+ z*SE for each step. They are appended to lower[:0] and
// upper[:0]. Without standard errors there are no bounds. What leaves the range
// of float64 is infinite.
func Bounds(f *Forecast, level float64, lower, upper []float64) (lo, up []float64) {
	z := quantile(level)
	lo, up = lower[:0], upper[:0]
	for i, se := range f.SE {
		width := float64(z * se)
		lo = append(lo, f.Mean[i]-width)
		up = append(up, f.Mean[i]+width)
	}
	return lo, up
}

// quantile returns how many standard errors on either side of the mean hold
// level percent of a normal distribution. The last digits are rounded away:
// the standard library's Erfinv is free to fuse products on some processors
// and differs in them.
func quantile(level float64) float64 {
	const digits = 1e12
	return math.Round(math.Sqrt2*math.Erfinv(level/100)*digits) / digits
}
