package model

var thetaEntry = entry{
	Info: Info{
		Name:    "theta",
		Params:  []Param{alphaParam, seasonParam, modeParam},
		Cost:    "20 n + season n",
		Source:  "Assimakopoulos & Nikolopoulos 2000; Makridakis, Spiliotis & Assimakopoulos, The M4 competition, 2020",
		Summary: "mean of a straight line and a smoothed series with twice the distance from it; adjusted for the season",
	},
	build: func(name string, fixed settings, seasons []int) (Forecaster, error) {
		return guarded{adjusted{theta{newLevel(name, fixed)}, fixed.seasonOrNone(seasons)}}, nil
	},
}

// theta is the standard Theta method.
type theta struct{ *smoothing }

// project: the line of least squares is the half of the series that is certain;
// the errors are half of those of the other half, whose standard errors are
// those of simple smoothing.
func (m theta) project(y []float64, f *Forecast) {
	l := lineThrough(y)
	f.bent = resized(f.bent, len(y))
	for i, v := range y {
		f.bent[i] = v + (v - l.at(i))
	}
	m.smoothing.project(f.bent, f)
	for i := range f.Mean {
		f.Mean[i] += float64(0.5 * (l.at(len(y)+i) - f.Mean[i]))
		f.SE[i] *= 0.5
	}
}
