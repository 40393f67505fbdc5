package model

import "math"

// weights are the parameters of exponential smoothing in its error correction
// form. With l the level, b the growth and e the error of the one-step
// forecast l+phi*b,
//
//	l <- l + phi*b + alpha*e
//	b <- phi*b + beta*e
//
// beta is the textbook's alpha*beta*. Simple smoothing has no growth
// (beta = 0, phi = 1), Holt's method does not damp it (phi = 1). gamma is the
// weight of the season where there is one.
type weights struct{ alpha, beta, phi, gamma float64 }

// state is where a smoothing stands between two values.
type state struct {
	next   float64 // the forecast of the next value, l+phi*b
	growth float64 // what the forecast after that adds, before damping: phi*b
}

// run smooths y from the state before its first value and returns the state
// after its last, with the sum of squared one-step errors. Where y meets the
// forecasts exactly, as a constant does, the state does not drift.
func (w weights) run(y []float64, s state) (end state, squares float64) {
	gain := w.alpha + float64(w.phi*w.beta)
	for _, v := range y {
		e := v - s.next
		damped := float64(w.phi * s.growth)
		s.next += damped + float64(gain*e)
		s.growth = damped + float64(w.phi*w.beta*e)
		squares += float64(e * e)
	}
	return s, squares
}

// project fills f with the forecasts from s. The standard error of the h-th is
// sigma*sqrt(1 + c(1)^2 + ... + c(h-1)^2) with c(j) = alpha + beta*(phi + ... +
// phi^j), and gamma more where j is a number of whole seasons: class 1 of
// Hyndman, Koehler, Ord & Snyder, Forecasting with Exponential Smoothing (2008),
// ch. 6.
func (w weights) project(s state, sigma float64, season int, f *Forecast) {
	mean, growth, variance := s.next, s.growth, 1.0
	damping, damped := 1.0, 0.0 // phi^j and phi + ... + phi^j
	for i := range f.Mean {
		f.Mean[i] = mean
		f.SE[i] = sigma * math.Sqrt(variance)

		growth = float64(growth * w.phi)
		mean += growth
		damping = float64(damping * w.phi)
		damped += damping
		c := w.alpha + float64(w.beta*damped)
		if (i+1)%season == 0 {
			c += w.gamma
		}
		variance += float64(c * c)
	}
}

// estimator chooses the weights of a region and the state before the first
// value of y. f lends it memory.
type estimator func(y []float64, r *region, f *Forecast) (weights, state)

// smoothing is a model of this family: its region says what is left to choose.
type smoothing struct {
	name     string
	region   region
	states   int // numbers in the starting state: 1 without growth, else 2
	estimate estimator
	// likeR is the search of mode r, nil in the other.
	likeR *rspace
}

// searchLikeR chooses mode r, with the start of the search for alpha.
func (m *smoothing) searchLikeR(alpha float64) {
	m.likeR = &rspace{region: &m.region, alpha: alpha, growth: m.states == 2, season: 1}
	m.estimate = m.likeR.fitted
}

func (m *smoothing) Name() string { return m.name }

// MinLength leaves one degree of freedom for the standard error.
func (m *smoothing) MinLength() int {
	if m.likeR != nil {
		return m.likeR.minLength()
	}
	return m.region.freedom() + m.states + 1
}

func (m *smoothing) project(y []float64, f *Forecast) {
	w, start := m.estimate(y, &m.region, f)
	end, squares := w.run(y, start)
	freedom := len(y) - m.region.freedom() - m.states
	w.project(end, math.Sqrt(squares/float64(freedom)), 1, f)
}
