package model

import "math"

// maxOrder bounds --model ar:p=, and with it the memory of a forecast.
const maxOrder = 1000

var orderParam = Param{
	Name: "p", Min: 0, Max: maxOrder, Whole: true,
	Summary: "how many values back it looks (the number that AIC likes best)",
}

var arEntry = entry{
	Info: Info{
		Name:    "ar",
		Params:  []Param{orderParam},
		Cost:    "p n",
		Source:  "Burg 1968; Akaike 1974; R's ar.burg",
		Summary: "autoregression: each value is a weighted sum of those before it",
	},
	build: func(name string, fixed settings, _ []int) (Forecaster, error) {
		m := ar{name: name, order: -1}
		if p, ok := fixed[orderParam.Name]; ok {
			m.order = int(p)
		}
		return guarded{m}, nil
	},
}

// ar is an autoregression around the mean. order is -1 where AIC chooses it.
type ar struct {
	name  string
	order int
}

func (m ar) Name() string { return m.name }

// MinLength: as many equations as unknowns, and one for the standard error.
func (m ar) MinLength() int { return max(4, 2*m.order+2) }

func (m ar) project(y []float64, f *Forecast) {
	a := &f.autoregression
	a.fitOrder(y, m.order, defaultOrder(len(y)))
	a.project(y, f)
}

// defaultOrder is the highest order among which AIC chooses from n values: R's
// ten times their decimal logarithm, at most half of them.
func defaultOrder(n int) int {
	const nearly = 1e-9 // the logarithm of a power of ten may fall short
	return min(int(10*logarithm(float64(n))/math.Ln10+nearly), (n-2)/2)
}

// autoregression is what was estimated from a series: an order, weights of the
// values before, newest first, and the variance of the errors.
type autoregression struct {
	mean     float64
	weights  []float64
	variance float64
	aic      float64

	forward, backward, candidate, previous, recent, impulse []float64
}

// fit estimates the weights by Burg's method, which makes the errors of the
// series read forwards and backwards small at once. Among all orders up to
// the highest, AIC chooses if it may.
func (a *autoregression) fit(y []float64, highest int, choose bool) {
	n := len(y)
	a.mean = meanOf(y)
	a.forward, a.backward = resized(a.forward, n), resized(a.backward, n)
	energy := 0.0
	for i, v := range y {
		z := v - a.mean
		a.forward[i], a.backward[i] = z, z
		energy += float64(z * z)
	}
	variance := energy / float64(n)
	a.candidate, a.weights, a.variance = a.candidate[:0], a.weights[:0], variance
	a.aic = float64(n) * logarithm(variance)
	nothing := float64(variance * 0x1p-50) // all but explained: the rest is rounding
	for p := 1; p <= highest && variance > nothing; p++ {
		reflection := a.extend(p, n)
		variance *= (1 - reflection) * (1 + reflection)
		aic := float64(float64(n)*logarithm(variance)) + float64(2*p)
		if !choose || aic < a.aic {
			a.aic = aic
			a.weights, a.variance = append(a.weights[:0], a.candidate...), max(variance, 0)
		}
	}
	a.variance *= float64(n) / float64(n-len(a.weights)-1)
}

// fitOrder estimates with an order that is given, or, where it is -1, with one
// that AIC chooses up to the highest.
func (a *autoregression) fitOrder(y []float64, order, highest int) {
	if order >= 0 {
		a.fit(y, order, false)
	} else {
		a.fit(y, highest, true)
	}
}

// extend raises the order of the candidate to p: Levinson's recursion with
// Burg's reflection coefficient, which it returns.
func (a *autoregression) extend(p, n int) float64 {
	// forward[i] and backward[i-1] are the errors at both ends of y[i-p..i].
	forward, backward := a.forward[p:n], a.backward[p-1:n-1]
	product, energy := 0.0, 0.0
	for i, u := range forward {
		v := backward[i]
		product += float64(u * v)
		energy += float64(u*u) + float64(v*v)
	}
	if energy == 0 {
		return 0
	}
	k := 2 * product / energy
	// Right to left, because backward moves one to the right.
	for i := len(forward) - 1; i >= 0; i-- {
		u, v := forward[i], backward[i]
		forward[i] = u - float64(k*v)
		a.backward[p+i] = v - float64(k*u)
	}
	a.previous = append(a.previous[:0], a.candidate...)
	for j := range a.candidate {
		a.candidate[j] -= float64(k * a.previous[p-2-j])
	}
	a.candidate = append(a.candidate, k)
	return k
}

// project continues y. The standard error h steps ahead is
// sigma*sqrt(1 + psi(1)^2 + ... + psi(h-1)^2), psi being what remains of an
// error after so many steps.
func (a *autoregression) project(y []float64, f *Forecast) {
	p := len(a.weights)
	a.recent = resized(a.recent, p+len(f.Mean))
	for i := range p {
		a.recent[i] = y[len(y)-p+i] - a.mean
	}
	a.impulse = resized(a.impulse, p+len(f.Mean))
	clear(a.impulse[:p])
	sigma, variance := math.Sqrt(a.variance), 0.0
	for h := range f.Mean {
		next, psi := 0.0, 0.0
		if h == 0 {
			psi = 1
		}
		for j, w := range a.weights {
			next += float64(w * a.recent[p+h-1-j])
			psi += float64(w * a.impulse[p+h-1-j])
		}
		a.recent[p+h], a.impulse[p+h] = next, psi
		variance += float64(psi * psi)
		f.Mean[h] = a.mean + next
		f.SE[h] = sigma * math.Sqrt(variance)
	}
}
