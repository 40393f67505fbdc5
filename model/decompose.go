package model

import "math"

// This file is the classical decomposition: a series is a moving average over a
// whole season, an index for each place in the season, and a rest. R's
// decompose does the same.

// additiveIndices sets dst to the mean distance of the values at each place of
// the season from the moving average around them, centred on 0. dst[i] belongs
// to y[i], y[i+season] and so on. y has two seasons or more.
func additiveIndices(dst, y []float64, season int, f *Forecast) []float64 {
	rest := f.detrended(y, season, func(v, trend float64) float64 { return v - trend })
	dst = f.seasonalMeans(dst, rest, season, season/2)
	centre := meanOf(dst)
	for i := range dst {
		dst[i] -= centre
	}
	return dst
}

// ratioIndices is additiveIndices with ratios in place of distances, and a mean
// of 1. y is above 0.
func ratioIndices(dst, y []float64, season int, f *Forecast) []float64 {
	rest := f.detrended(y, season, func(v, trend float64) float64 { return v / trend })
	dst = f.seasonalMeans(dst, rest, season, season/2)
	centre := meanOf(dst)
	for i := range dst {
		dst[i] /= centre
	}
	return dst
}

// detrended returns what is left of the values of y when the moving average
// around them is removed, from the first that has half a season before it to the
// last that has half a season after it. A moving average is the mean of a season
// of values; a season of an even length has half a value at either end.
func (f *Forecast) detrended(y []float64, season int, left func(v, trend float64) float64) []float64 {
	half, base := season/2, y[0]
	f.rest = resized(f.rest, len(y)-2*half)
	sum := 0.0 // of a season's distances from base, and half a value more at either end
	for _, v := range y[:2*half] {
		sum += v - base
	}
	for i := range f.rest {
		first, last := y[i]-base, y[i+2*half]-base
		sum += last
		whole := sum
		if season%2 == 0 {
			whole -= float64(0.5 * (first + last))
		}
		f.rest[i] = left(y[i+half], base+whole/float64(season))
		sum -= first
	}
	return f.rest
}

// seasonalMeans sets dst to the mean of the values at each place of the season.
// The first value is at the place of index first.
func (f *Forecast) seasonalMeans(dst, values []float64, season, first int) []float64 {
	dst = resized(dst, season)
	f.counts = resized(f.counts, season)
	clear(dst)
	clear(f.counts)
	for i, v := range values {
		place := (first + i) % season
		f.counts[place]++
		dst[place] += (v - dst[place]) / f.counts[place]
	}
	return dst
}

// hasSeason is the test of the M4 competition: whether the autocorrelation at
// the length of the season is significant at 90 %, given those before. Below
// three seasons nothing is.
func hasSeason(y []float64, season int) bool {
	if len(y) < 3*season {
		return false
	}
	centre := meanOf(y)
	energy := 0.0
	for _, v := range y {
		energy += float64((v - centre) * (v - centre))
	}
	if energy == 0 {
		return false
	}
	correlation := func(lag int) float64 {
		sum := 0.0
		for i, v := range y[lag:] {
			sum += float64((v - centre) * (y[i] - centre))
		}
		return sum / energy
	}
	squares := 0.0
	for lag := 1; lag < season; lag++ {
		r := correlation(lag)
		squares += float64(r * r)
	}
	const z = 1.645
	limit := z * math.Sqrt((1+float64(2*squares))/float64(len(y)))
	return math.Abs(correlation(season)) > limit
}
