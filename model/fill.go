package model

import "math"

// Fill replaces the NaNs of y, the steps without records, and returns how many
// there were: by linear interpolation between their neighbours, and at either
// end by the nearest value. A y of nothing but NaN stays as it is and counts
// as filled by len(y): whoever calls decides what an empty series means.
func Fill(y []float64) (filled int) {
	last := -1 // index of the last value seen
	for i, v := range y {
		if math.IsNaN(v) {
			filled++
			continue
		}
		fillGap(y, last, i)
		last = i
	}
	if last >= 0 {
		for i := last + 1; i < len(y); i++ {
			y[i] = y[last]
		}
	}
	return filled
}

// fillGap fills what lies between the values y[from] and y[to]; from is -1 at
// the start of y.
func fillGap(y []float64, from, to int) {
	if from < 0 {
		for i := range to {
			y[i] = y[to]
		}
		return
	}
	for i := from + 1; i < to; i++ {
		y[i] = between(y[from], y[to], float64(i-from)/float64(to-from))
	}
}

// between returns the point that divides the way from a to b at share, where
// 0 < share < 1. It is exact for a == b, and finite for finite a and b.
func between(a, b, share float64) float64 {
	if way := b - a; !math.IsInf(way, 0) {
		return a + float64(share*way)
	}
	return float64((1-share)*a) + float64(share*b)
}
