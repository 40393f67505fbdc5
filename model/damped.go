package model

var dampedEntry = entry{
	Info: Info{
		Name: "damped",
		Params: []Param{alphaParam, betaParam, {
			Name: "phi", Min: minPhi, Max: maxPhi,
			Summary: "what is left of the growth after a step",
		}, modeParam},
		Cost:    "150 n",
		Source:  "Gardner & McKenzie 1985; Hyndman, Koehler, Ord & Snyder 2008, ETS(A,Ad,N)",
		Summary: "exponential smoothing with a trend that levels off",
	},
	build: func(name string, fixed settings, _ []int) (Forecaster, error) {
		return newGrowth(name, fixed, minPhi, maxPhi)
	},
}
