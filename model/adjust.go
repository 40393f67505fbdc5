package model

import "slices"

// adjusted is a method that knows no season, with one: the series is divided by
// its seasonal indices, forecast, and multiplied again, or, where it is not
// above 0 everywhere, reduced by them and raised again. A series whose season
// is not significant stays as it is.
type adjusted struct {
	method
	season int
}

func (a adjusted) project(y []float64, f *Forecast) {
	if a.season == 0 || !hasSeason(y, a.season) {
		a.method.project(y, f)
		return
	}
	ratios := slices.Min(y) > 0
	if ratios {
		f.indices = ratioIndices(f.indices, y, a.season, f)
	} else {
		f.indices = additiveIndices(f.indices, y, a.season, f)
	}
	f.adjusted = resized(f.adjusted, len(y))
	for i, v := range y {
		index := f.indices[i%a.season]
		if ratios {
			f.adjusted[i] = v / index
		} else {
			f.adjusted[i] = v - index
		}
	}
	a.method.project(f.adjusted, f)
	for i := range f.Mean {
		index := f.indices[(len(y)+i)%a.season]
		if ratios {
			f.Mean[i] *= index
			f.SE[i] *= index
		} else {
			f.Mean[i] += index
		}
	}
}
