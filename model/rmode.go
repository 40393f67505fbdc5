package model

import (
	"math"
	"slices"
)

// This file is the other way to estimate, that of R's forecast package. Weights
// and starting state are searched for together by a downhill simplex, from a
// start that is fixed below. What it finds depends on the unit of the series,
// and alpha may fall to minWeight; it is for comparisons. The published results
// of the M4 competition were made with version 8.2, mode=r; since 8.3, mode=r9,
// the search starts at another alpha.

var modeParam = Param{
	Name: "mode", Words: []string{"fast", "r", "r9"},
	Summary: "how to estimate: fast with exact starting states, or as R's forecast does, r up to its version 8.2 and r9 since",
}

// startingAlpha is where between its bounds the search for alpha starts, by the
// index of the mode; 0 in the fast mode, which starts nowhere.
var startingAlpha = [...]float64{0, 0.5, 0.2}

// startingAlpha is that of the mode.
func (s settings) startingAlpha() float64 { return startingAlpha[int(s[modeParam.Name])] }

// rspace is the space that is searched: the weights of a region that are not
// fixed, then the starting state. A state is the level, the growth, if there
// is one, and the values of the season that ended just now, the newest first;
// the oldest is left out, for it is minus the sum of the others.
type rspace struct {
	region *region
	alpha  float64 // where its search starts, from 0 at the lower bound to 1
	growth bool
	season int // 1 without
}

// minLength: R has other rules for shorter series.
func (s *rspace) minLength() int {
	parameters := 2
	if s.growth {
		parameters += 2
	}
	if s.region.low.phi < 1 {
		parameters++
	}
	if s.season > 1 {
		return max(parameters+s.season+5, 3*s.season)
	}
	return parameters + 5
}

// fit estimates the weights, and in f.states the whole starting state.
func (s *rspace) fit(y []float64, f *Forecast) weights {
	w := s.startingWeights()
	f.point = s.appendFree(f.point[:0], w)
	dimensions := len(f.point)
	f.point = s.appendStart(f.point, y, f)
	if constant(y) {
		s.unpack(f.point[dimensions:], f)
		return w
	}
	f.simplex.minimise(f.point, func(p []float64) float64 {
		w := s.weights(p)
		if !s.admissible(w, f) {
			return math.Inf(1)
		}
		s.unpack(p[dimensions:], f)
		return s.meanSquare(y, w, f)
	})
	s.unpack(f.point[dimensions:], f)
	return s.weights(f.point)
}

func constant(y []float64) bool {
	for _, v := range y {
		if v != y[0] {
			return false
		}
	}
	return true
}

// startingWeights is where the search starts.
func (s *rspace) startingWeights() weights {
	low, high := s.region.low, s.region.high
	between := func(low, high, share float64) float64 { return low + float64(share*(high-low)) }
	w := weights{
		alpha: between(low.alpha, high.alpha, s.alpha/float64(s.season)),
		phi:   between(low.phi, high.phi, 0.99),
	}
	if s.growth {
		w.beta = between(low.beta, max(low.beta, min(high.beta, w.alpha)), 0.1)
	}
	if s.season > 1 {
		w.gamma = between(low.gamma, max(low.gamma, min(high.gamma, 1-w.alpha)), 0.05)
	}
	return w
}

// appendFree appends the weights that are not fixed to p.
func (s *rspace) appendFree(p []float64, w weights) []float64 {
	free := s.region.free()
	for k, v := range [...]float64{w.alpha, w.beta, w.gamma, w.phi} {
		if free[rOrder[k]] {
			p = append(p, v)
		}
	}
	return p
}

// rOrder maps R's order of the weights to that of a point: alpha, beta, gamma,
// phi.
var rOrder = [...]int{0, 1, 3, 2}

// weights reads the weights back from p.
func (s *rspace) weights(p []float64) weights {
	w := s.region.low
	free := s.region.free()
	next := 0
	for k, v := range [...]*float64{&w.alpha, &w.beta, &w.gamma, &w.phi} {
		if free[rOrder[k]] {
			*v = p[next]
			next++
		}
	}
	return w
}

// unpack sets f.states to the state that starts with these numbers.
func (s *rspace) unpack(start []float64, f *Forecast) {
	f.states = append(f.states[:0], start...)
	if s.season == 1 {
		return
	}
	sum := 0.0
	for _, v := range start[s.seasonal():] {
		sum += v
	}
	f.states = append(f.states, -sum)
}

// seasonal is the index of the first seasonal number in a state.
func (s *rspace) seasonal() int {
	if s.growth {
		return 2
	}
	return 1
}

// appendStart appends the state where the search starts: from the classical
// decomposition the season, and from the first values without it their mean, or
// the line through them.
func (s *rspace) appendStart(p, y []float64, f *Forecast) []float64 {
	first := y[:min(len(y), max(10, 2*s.season))]
	f.states = f.states[:0]
	if s.season > 1 {
		f.indices = additiveIndices(f.indices, y, s.season, f)
		f.adjusted = resized(f.adjusted, len(first))
		for i, v := range first {
			f.adjusted[i] = v - f.indices[i%s.season]
		}
		first = f.adjusted
	}
	if s.growth {
		l := lineThrough(first)
		p = append(p, l.at(-1), l.slope)
	} else {
		p = append(p, meanOf(first))
	}
	if s.season > 1 {
		for i := s.season - 1; i > 0; i-- {
			p = append(p, f.indices[i])
		}
	}
	return p
}

// admissible says whether weights lie within the region and make a stable
// filter.
func (s *rspace) admissible(w weights, f *Forecast) bool {
	low, high, free := s.region.low, s.region.high, s.region.free()
	outside := free[0] && (w.alpha < low.alpha || w.alpha > high.alpha) ||
		free[1] && (w.beta < low.beta || w.beta > high.beta || w.beta > w.alpha) ||
		free[2] && (w.phi < low.phi || w.phi > high.phi) ||
		free[3] && (w.gamma < low.gamma || w.gamma > high.gamma || w.gamma > 1-w.alpha)
	if outside {
		return false
	}
	if s.season == 1 {
		return !s.growth || w.beta <= float64((1+w.phi)*(2-w.alpha))
	}
	return s.stable(w, f)
}

// stable says whether the roots of the characteristic polynomial of a seasonal
// model lie within the unit circle: Hyndman, Akram & Archibald, The admissible
// parameter space for exponential smoothing models, 2008.
func (s *rspace) stable(w weights, f *Forecast) bool {
	middle := w.alpha + w.beta - float64(w.alpha*w.phi)
	f.polynomial = append(f.polynomial[:0], 1, w.alpha+w.beta-w.phi)
	for range s.season - 2 {
		f.polynomial = append(f.polynomial, middle)
	}
	f.polynomial = append(f.polynomial, middle+w.gamma-1, w.phi*(1-w.alpha-w.gamma))
	return withinUnitCircle(f.polynomial)
}

// withinUnitCircle says whether all roots of a polynomial do, whose first
// coefficient, that of the highest power, is 1. It is the recursion of Schur
// and Cohn, and overwrites the polynomial.
func withinUnitCircle(p []float64) bool {
	for n := len(p) - 1; n > 0; n-- {
		k := p[n]
		if !(math.Abs(k) < 1) {
			return false
		}
		scale := 1 - float64(k*k)
		for i, j := 1, n-1; i <= j; i, j = i+1, j-1 {
			a, b := p[i], p[j]
			p[i] = (a - float64(k*b)) / scale
			p[j] = (b - float64(k*a)) / scale
		}
	}
	return true
}

// meanSquare smooths y from f.states, which it moves to the state after the
// last value, and returns the mean squared one-step error.
func (s *rspace) meanSquare(y []float64, w weights, f *Forecast) float64 {
	level, growth := f.states[0], 0.0
	if s.growth {
		growth = f.states[1]
	}
	season := f.states[s.seasonal():]
	share := w.beta / w.alpha
	mean, oldest := 0.0, len(season)-1
	for i, v := range y {
		damped := float64(w.phi * growth)
		before := level + damped
		expected, target := before, v
		if s.season > 1 {
			expected += season[oldest]
			target -= season[oldest]
		}
		e := v - expected
		mean += (float64(e*e) - mean) / float64(i+1)
		after := before + float64(w.alpha*(target-before))
		if s.growth {
			growth = damped + float64(share*(after-level-damped))
		}
		if s.season > 1 {
			season[oldest] += float64(w.gamma * (v - before - season[oldest]))
			oldest = (oldest + s.season - 1) % s.season
		}
		level = after
	}
	f.states[0] = level
	if s.growth {
		f.states[1] = growth
	}
	rotate(season, oldest)
	return mean
}

// rotate moves what follows the oldest to the front, so that the newest value of
// a season comes first again.
func rotate(season []float64, oldest int) {
	if len(season) == 0 {
		return
	}
	k := (oldest + 1) % len(season)
	slices.Reverse(season[:k])
	slices.Reverse(season[k:])
	slices.Reverse(season)
}

// fitted makes an estimator of the space of a model without a season.
func (s *rspace) fitted(y []float64, _ *region, f *Forecast) (weights, state) {
	w := s.fit(y, f)
	start := state{next: f.states[0]}
	if s.growth {
		start.growth = float64(w.phi * f.states[1])
		start.next += start.growth
	}
	return w, start
}
