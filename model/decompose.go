package model

import "math"

// This file is the classical decomposition: a series is a moving average over a
// whole season, an index for each place in the season, and a rest. R's
// decompose does the same.

// additiveIndices sets dst to the mean distance of the values at each place of
// the season from the moving average around them, centred on 0. dst[i] belongs
// to y[i], y[i+season] and so on. y has two seasons or more.
func additiveIndices(dst, y []float64, season int, f *Forecast) []float64 {
	dst = f.seasonalMeans(dst, y, season, func(v, trend float64) float64 { return v - trend })
	centre := meanOf(dst)
	for i := range dst {
		dst[i] -= centre
	}
	return dst
}

// ratioIndices is additiveIndices with ratios in place of distances, and a mean
// of 1. y is above 0.
func ratioIndices(dst, y []float64, season int, f *Forecast) []float64 {
	dst = f.seasonalMeans(dst, y, season, func(v, trend float64) float64 { return v / trend })
	centre := meanOf(dst)
	for i := range dst {
		dst[i] /= centre
	}
	return dst
}

// seasonalMeans sets dst to the mean of what is left of the values at each place
// of the season when the moving average around them is removed.
func (f *Forecast) seasonalMeans(dst, y []float64, season int, left func(v, trend float64) float64) []float64 {
	dst = resized(dst, season)
	f.counts = resized(f.counts, season)
	clear(dst)
	clear(f.counts)
	half := season / 2
	for i := half; i < len(y)-half; i++ {
		place := i % season
		f.counts[place]++
		rest := left(y[i], movingMean(y, i, season))
		dst[place] += (rest - dst[place]) / f.counts[place]
	}
	return dst
}

// movingMean is the mean of a season of values around y[i]. A season of an even
// length has half a value at either end.
func movingMean(y []float64, i, season int) float64 {
	half := season / 2
	around := y[i-half : i+half+1]
	sum := 0.0
	for _, v := range around {
		sum += v - y[i]
	}
	if season%2 == 0 {
		sum -= float64(0.5*(around[0]-y[i])) + float64(0.5*(around[season]-y[i]))
	}
	return y[i] + sum/float64(season)
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
