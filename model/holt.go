package model

import "fmt"

var betaParam = Param{
	Name: "beta", Min: minWeight, Max: maxWeight,
	Summary: "weight of the newest value in the growth, at most alpha (the textbook's alpha*beta*)",
}

var holtEntry = entry{
	Info: Info{
		Name:    "holt",
		Params:  []Param{alphaParam, betaParam},
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
	r := region{
		low:  weights{lowAlpha, minWeight, lowPhi},
		high: weights{maxWeight, maxWeight, highPhi},
	}
	fixed.narrow("alpha", &r.low.alpha, &r.high.alpha)
	fixed.narrow("beta", &r.low.beta, &r.high.beta)
	fixed.narrow("phi", &r.low.phi, &r.high.phi)
	if r.low.beta > r.high.alpha {
		return nil, fmt.Errorf("beta=%v is above alpha=%v", r.low.beta, r.high.alpha)
	}
	r.low.alpha = max(r.low.alpha, r.low.beta)
	if r.high.beta > r.high.alpha {
		r.high.beta = r.high.alpha
	}
	return guarded{&smoothing{name: name, region: r, states: 2, estimate: leastSquaresGrowth}}, nil
}
