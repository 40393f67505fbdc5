package model

// The bounds of the weights are those of R's forecast package. A fixed weight
// may lie anywhere within; an estimated alpha stays above lowAlpha, because
// with a free starting level an alpha near zero often fits a window best and
// forecasts its mean, not its end.
const (
	minWeight = 0.0001
	maxWeight = 0.9999
	lowAlpha  = 0.05
	minPhi    = 0.8
	maxPhi    = 0.98
)

var alphaParam = Param{
	Name: "alpha", Min: minWeight, Max: maxWeight,
	Summary: "weight of the newest value in the level",
}

var sesEntry = entry{
	Info: Info{
		Name:    "ses",
		Params:  []Param{alphaParam, modeParam},
		Cost:    "15 n",
		Source:  "Brown 1959; Hyndman, Koehler, Ord & Snyder 2008, ETS(A,N,N)",
		Summary: "simple exponential smoothing: a level that follows the values",
	},
	build: newSES,
}

func newSES(name string, fixed settings, _ []int) (Forecaster, error) {
	return guarded{newLevel(name, fixed)}, nil
}

// newLevel makes a smoothing without growth.
func newLevel(name string, fixed settings) *smoothing {
	m := &smoothing{name: name, states: 1, estimate: leastSquaresLevel}
	m.region = region{low: weights{alpha: lowAlpha, phi: 1}, high: weights{alpha: maxWeight, phi: 1}}
	if alpha := fixed.startingAlpha(); alpha > 0 {
		m.region.low.alpha = minWeight
		m.searchLikeR(alpha)
	}
	fixed.narrow("alpha", &m.region.low.alpha, &m.region.high.alpha)
	return m
}
