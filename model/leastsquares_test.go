package model

import (
	"math"
	"math/rand/v2"
	"testing"
)

// squaresFromBestStart is the oracle: the same regression on the starting
// state, but by smoothing the series itself, and the responses of the smoothing
// to a start of one, with the definition.
func squaresFromBestStart(y []float64, w weights, growth bool) float64 {
	errors := func(y []float64, s state) []float64 {
		e := make([]float64, len(y))
		for i := range y {
			e[i] = y[i] - s.next
			s, _ = w.run(y[i:i+1], s)
		}
		return e
	}
	dot := func(a, b []float64) (sum float64) {
		for i := range a {
			sum += a[i] * b[i]
		}
		return sum
	}
	e := errors(y, state{next: y[0]})
	zeros := make([]float64, len(y))
	u, v := errors(zeros, state{next: 1}), errors(zeros, state{growth: 1})
	var a, b float64
	if growth {
		det := dot(u, u)*dot(v, v) - dot(u, v)*dot(u, v)
		a = (dot(e, u)*dot(v, v) - dot(e, v)*dot(u, v)) / det
		b = (dot(e, v)*dot(u, u) - dot(e, u)*dot(u, v)) / det
	} else {
		a = dot(e, u) / dot(u, u)
	}
	for i := range e {
		e[i] -= a*u[i] + b*v[i]
	}
	return dot(e, e)
}

func differencesOf(y []float64) []float64 { return new(Forecast).differences(y) }

func bendsOf(y []float64, phi float64) []float64 {
	bends := make([]float64, len(y)-2)
	bend(bends, differencesOf(y), phi)
	return bends
}

// The filter of differences and the smoothing of values agree, and the state
// that is read back from the first errors has the same sum of squares.
func TestLeastSquaresStart(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		y := sample(r, 4+r.IntN(60))
		w := weights{alpha: minWeight + (maxWeight-minWeight)*r.Float64(), phi: 1}

		want := squaresFromBestStart(y, w, false)
		got, _ := levelErrors(differencesOf(y), w)
		near(t, "squares without growth", got, want, 1e-8*want)
		only := &region{w, w}
		_, start := leastSquaresLevel(y, only, new(Forecast))
		_, got = w.run(y, start)
		near(t, "squares of the level's start", got, want, 1e-8*want)

		w.beta = minWeight + (w.alpha-minWeight)*r.Float64()
		w.phi = minPhi + (1-minPhi)*r.Float64()
		want = squaresFromBestStart(y, w, true)
		got, _, _ = growthErrors(bendsOf(y, w.phi), w)
		near(t, "squares with growth", got, want, 1e-6*want)
		only = &region{w, w}
		_, start = leastSquaresGrowth(y, only, new(Forecast))
		_, got = w.run(y, start)
		near(t, "squares of the growth's start", got, want, 1e-6*want)
	}
}

// The search comes within 1 % of the least sum of squares of a fine grid. Where
// two valleys are equally deep it may end in the other one: in less than 1 % of
// the series, and never by more than 5 %.
func TestSearchAgainstFineGrid(t *testing.T) {
	for _, tc := range []struct {
		spec                string
		series              int
		alphas, betas, phis int
	}{
		{"ses", 1000, 200, 1, 1},
		{"holt", 500, 40, 33, 1},
		{"damped", 300, 24, 21, 7},
		{"holt:alpha=0.3", 300, 1, 200, 1},
		{"holt:beta=0.1", 300, 200, 1, 1},
		{"damped:phi=0.9", 300, 40, 33, 1},
	} {
		m := parse(t, tc.spec).(guarded).method.(*smoothing)
		r := rand.New(rand.NewPCG(5, 6))
		beyond, worst := 0, 0.0
		for range tc.series {
			y := sample(r, m.MinLength()+r.IntN(61-m.MinLength()))
			w, start := m.estimate(y, &m.region, new(Forecast))
			_, got := w.run(y, start)
			excess := got/leastOnGrid(m, y, tc.alphas, tc.betas, tc.phis) - 1
			worst = max(worst, excess)
			if excess > 0.01 {
				beyond++
			}
		}
		t.Logf("%s: %d of %d beyond 1 %%, worst %.2g", tc.spec, beyond, tc.series, worst)
		if beyond*100 > tc.series || worst > 0.05 {
			t.Errorf("%s: %d of %d beyond 1 %%, worst %.2g", tc.spec, beyond, tc.series, worst)
		}
	}
}

// leastOnGrid is the least sum of squares at so many shares of each axis.
func leastOnGrid(m *smoothing, y []float64, alphas, betas, phis int) float64 {
	share := func(i, of int) float64 { return float64(i) / float64(max(of-1, 1)) }
	least := math.Inf(1)
	diffs := differencesOf(y)
	for k := range phis {
		bends := bendsOf(y, m.region.at(&point{0, 0, share(k, phis)}).phi)
		for i := range alphas {
			for j := range betas {
				w := m.region.at(&point{share(i, alphas), share(j, betas), share(k, phis)})
				squares, _ := levelErrors(diffs, w)
				if m.states == 2 {
					squares, _, _ = growthErrors(bends, w)
				}
				least = min(least, squares)
			}
		}
	}
	return least
}

// Whatever is searched stays in the region, and what is fixed stays fixed.
func TestEstimatesStayInRegion(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, spec := range []string{"ses", "holt", "damped", "ses:alpha=0.0001", "holt:beta=0.9999", "holt:alpha=0.01", "damped:beta=0.3,phi=0.8"} {
		m := parse(t, spec).(guarded).method.(*smoothing)
		for range 100 {
			y := sample(r, 6+r.IntN(50))
			w, _ := m.estimate(y, &m.region, new(Forecast))
			low, high := m.region.low, m.region.high
			if w.alpha < low.alpha || w.alpha > high.alpha || w.beta < low.beta || w.beta > min(high.beta, w.alpha) ||
				w.phi < low.phi || w.phi > high.phi {
				t.Fatalf("%s: %+v is outside %+v", spec, w, &m.region)
			}
		}
	}
}
