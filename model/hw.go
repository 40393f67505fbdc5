package model

import (
	"fmt"
	"math"
)

var gammaParam = Param{
	Name: "gamma", Min: minWeight, Max: maxWeight,
	Summary: "weight of the newest value in the season, at most 1-alpha",
}

var hwEntry = entry{
	Info: Info{
		Name:       "hw",
		Params:     []Param{alphaParam, betaParam, gammaParam, seasonParam, modeParam},
		MinSeasons: 2,
		Cost:       "300 n",
		Source:     "Winters 1960; Hyndman, Koehler, Ord & Snyder 2008, ETS(A,A,A)",
		Summary:    "Holt-Winters: a trend that goes on for ever and a season, both of which follow the values",
	},
	build: newHoltWinters,
}

// maxRSeason is the longest season that R's forecast package fits.
const maxRSeason = 24

func newHoltWinters(name string, fixed settings, seasons []int) (Forecaster, error) {
	season, err := fixed.season(seasons)
	if err != nil {
		return nil, err
	}
	m := &holtWinters{name: name, season: season}
	low, high := &m.region.low, &m.region.high
	*low = weights{alpha: lowAlpha, beta: minWeight, gamma: minWeight, phi: 1}
	*high = weights{alpha: maxWeight, beta: maxWeight, gamma: maxWeight, phi: 1}
	if alpha := fixed.startingAlpha(); alpha > 0 {
		if season > maxRSeason {
			return nil, fmt.Errorf("season %d is above %d, the longest in mode=r", season, maxRSeason)
		}
		low.alpha = minWeight
		m.likeR = &rspace{region: &m.region, alpha: alpha, growth: true, season: season}
	}
	fixed.narrow("alpha", &low.alpha, &high.alpha)
	fixed.narrow("beta", &low.beta, &high.beta)
	fixed.narrow("gamma", &low.gamma, &high.gamma)
	if err := m.region.reconcile(); err != nil {
		return nil, err
	}
	return guarded{m}, nil
}

// holtWinters is Holt's method on a series less its season.
type holtWinters struct {
	name   string
	season int
	region region
	likeR  *rspace // nil in the fast mode
}

func (m *holtWinters) Name() string { return m.name }

func (m *holtWinters) MinLength() int {
	if m.likeR != nil {
		return m.likeR.minLength()
	}
	return 2*m.season + 5
}

func (m *holtWinters) project(y []float64, f *Forecast) {
	var w weights
	if m.likeR != nil {
		w = m.likeR.fit(y, f)
	} else {
		w = m.fit(y, f)
	}
	end, squares := m.run(y, w, f)
	freedom := len(y) - m.region.freedom() - m.season - 1
	w.project(end, math.Sqrt(squares/float64(freedom)), m.season, f)
	for i := range f.Mean {
		f.Mean[i] += f.season[(len(y)+i)%m.season]
	}
}

// fit estimates the weights from a fixed start, that of mode r, which it leaves
// in f.states.
func (m *holtWinters) fit(y []float64, f *Forecast) weights {
	start := rspace{region: &m.region, growth: true, season: m.season}
	f.point = start.appendStart(f.point[:0], y, f)
	start.unpack(f.point, f)
	return m.region.minimise(func(w weights) float64 {
		_, squares := m.run(y, w, f)
		return squares
	})
}

// run smooths y from f.states, which it keeps, and returns the state without
// the season after the last value, with the sum of squared one-step errors. The
// season is in f.season then, that of y[i] at i modulo its length.
func (m *holtWinters) run(y []float64, w weights, f *Forecast) (end state, squares float64) {
	s := state{next: f.states[0] + f.states[1], growth: f.states[1]}
	f.season = resized(f.season, m.season)
	for i := range f.season {
		f.season[i] = f.states[len(f.states)-1-i]
	}
	gain := w.alpha + w.beta
	place := 0
	for _, v := range y {
		e := v - s.next - f.season[place]
		s.next += s.growth + float64(gain*e)
		s.growth += float64(w.beta * e)
		f.season[place] += float64(w.gamma * e)
		squares += float64(e * e)
		if place++; place == m.season {
			place = 0
		}
	}
	return s, squares
}
