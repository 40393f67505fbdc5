package model

import "math"

// Bounds returns the bounds of the prediction interval that holds the future
// value with a probability of level percent, 0 < level < 100, if the noise is
// normal: Mean -+ q*SE for each step, where q is a quantile of the normal
// distribution or of Student's with f.Freedom degrees of freedom. They are
// appended to lower[:0] and upper[:0]. Without standard errors there are no
// bounds. What leaves the range of float64 is infinite.
func Bounds(f *Forecast, level float64, lower, upper []float64) (lo, up []float64) {
	q := quantile(level)
	if f.Freedom > 0 {
		q = studentQuantile(level, f.Freedom)
	}
	lo, up = lower[:0], upper[:0]
	for i, se := range f.SE {
		width := float64(q * se)
		lo = append(lo, f.Mean[i]-width)
		up = append(up, f.Mean[i]+width)
	}
	return lo, up
}

// quantile returns how many standard errors on either side of the mean hold
// level percent of a normal distribution.
func quantile(level float64) float64 { return rounded(math.Sqrt2 * math.Erfinv(level/100)) }

// rounded drops the last digits of a quantile: the standard library is free to
// fuse products on some processors and differs in them.
func rounded(quantile float64) float64 {
	const digits = 1e12
	return math.Round(quantile*digits) / digits
}
