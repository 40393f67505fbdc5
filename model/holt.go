package model

var betaParam = Param{
	Name: "beta", Min: minWeight, Max: maxWeight,
	Summary: "weight of the newest value in the growth, at most alpha (the textbook's alpha*beta*)",
}

var holtEntry = entry{
	Info: Info{
		Name:    "holt",
		Params:  []Param{alphaParam, betaParam, modeParam},
		Cost:    "60 n",
		Source:  "Holt 1957; Hyndman, Koehler, Ord & Snyder 2008, ETS(A,A,N)",
		Summary: "exponential smoothing with a trend that goes on for ever",
	},
	build: newHolt,
}

func newHolt(name string, fixed settings, _ []int) (Forecaster, error) {
	return newGrowth(name, fixed, 1, 1)
}

// newGrowth makes a smoothing with growth whose damping lies within bounds.
func newGrowth(name string, fixed settings, lowPhi, highPhi float64) (Forecaster, error) {
	m := &smoothing{name: name, states: 2, estimate: leastSquaresGrowth}
	r := &m.region
	r.low = weights{alpha: lowAlpha, beta: minWeight, phi: lowPhi}
	r.high = weights{alpha: maxWeight, beta: maxWeight, phi: highPhi}
	if alpha := fixed.startingAlpha(); alpha > 0 {
		r.low.alpha = minWeight
		m.searchLikeR(alpha)
	}
	fixed.narrow("alpha", &r.low.alpha, &r.high.alpha)
	fixed.narrow("beta", &r.low.beta, &r.high.beta)
	fixed.narrow("phi", &r.low.phi, &r.high.phi)
	if err := r.reconcile(); err != nil {
		return nil, err
	}
	return guarded{m}, nil
}
