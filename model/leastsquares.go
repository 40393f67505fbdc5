package model

// This file is the estimation of weights and starting states by least squares:
// the sum of squared one-step errors over the window is made as small as the
// region allows. For given weights every error is linear in the starting
// state, so the best start has a closed form and only the weights are searched
// for.
//
// The errors are filtered from first differences. Smoothing is an ARIMA
// process whose innovations are its errors (Hyndman et al. 2008, ch. 11):
//
//	without growth   e[t] = d[t] + (1-alpha)*e[t-1]
//	with growth      e[t] = d[t] - phi*d[t-1] + p*e[t-1] - q*e[t-2]
//	                 p = 1 + phi - alpha - phi*beta,  q = phi*(1-alpha)
//
// A starting state fixes the first error, or the first two. The filter is run
// with zeros there; the errors of any other start differ from that by a
// multiple of the filter's own response s, and with growth one of s delayed by
// a step. The best multiples are a regression on one or two variables. In
// differences a large level costs no precision.

// leastSquaresLevel is the estimator without growth.
func leastSquaresLevel(y []float64, r *region, f *Forecast) (weights, state) {
	diffs := f.differences(y)
	w := r.minimise(func(w weights) float64 {
		squares, _ := levelErrors(diffs, w)
		return squares
	})
	_, first := levelErrors(diffs, w)
	return w, state{next: y[0] - first}
}

// levelErrors returns the sum of squared errors from the best start, and the
// first error that this start makes.
func levelErrors(diffs []float64, w weights) (squares, first float64) {
	r := 1 - w.alpha
	e, s := 0.0, 1.0
	ee, es, ss := 0.0, 0.0, 1.0
	for _, d := range diffs {
		e = d + float64(r*e)
		s *= r
		ee += float64(e * e)
		es += float64(e * s)
		ss += float64(s * s)
	}
	first = -es / ss
	return ee + float64(es*first), first
}

// leastSquaresGrowth is the estimator with growth.
func leastSquaresGrowth(y []float64, r *region, f *Forecast) (weights, state) {
	diffs := f.differences(y)
	f.bends = resized(f.bends, len(diffs)-1)
	phi := 0.0 // which f.bends were made for; the search changes it rarely
	errors := func(w weights) (squares, first, second float64) {
		if w.phi != phi {
			phi = w.phi
			bend(f.bends, diffs, phi)
		}
		return growthErrors(f.bends, w)
	}
	w := r.minimise(func(w weights) float64 {
		squares, _, _ := errors(w)
		return squares
	})
	_, first, second := errors(w)
	// The two errors give the state back: the first forecast is next, and the
	// second is next + phi*growth + (alpha + phi*beta)*first.
	gain := w.alpha + float64(w.phi*w.beta)
	step := diffs[0] + (first - second) - float64(gain*first)
	return w, state{next: y[0] - first, growth: step / w.phi}
}

// bend sets dst[i] to diffs[i+1] - phi*diffs[i], what is new in each
// difference: the second differences, if phi is 1.
func bend(dst, diffs []float64, phi float64) {
	for i := range dst {
		dst[i] = diffs[i+1] - float64(phi*diffs[i])
	}
}

// growthErrors returns the sum of squared errors from the best start, and the
// first two errors that this start makes.
func growthErrors(bends []float64, w weights) (squares, first, second float64) {
	p := 1 + w.phi - w.alpha - float64(w.phi*w.beta)
	q := w.phi * (1 - w.alpha)
	e, e1 := 0.0, 0.0
	s, s1 := p, 1.0
	ee, es, es1 := 0.0, 0.0, 0.0
	ss, ss1 := 1+float64(p*p), p
	for _, d := range bends {
		e, e1 = d-float64(q*e1)+float64(p*e), e
		s, s1 = float64(p*s)-float64(q*s1), s
		ee += float64(e * e)
		es += float64(e * s)
		es1 += float64(e * s1)
		ss += float64(s * s)
		ss1 += float64(s * s1)
	}
	s1s1 := ss - float64(s*s) // the delayed response lacks the last term
	determinant := float64(ss*s1s1) - float64(ss1*ss1)
	a := (float64(es*s1s1) - float64(es1*ss1)) / determinant
	b := (float64(es1*ss) - float64(es*ss1)) / determinant
	squares = ee - float64(es*a) - float64(es1*b)
	return squares, -a, -float64(p*a) - b
}
