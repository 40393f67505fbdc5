package model

import "math"

// The standard library's logarithm and exponential function are free to fuse
// products, or are written in assembly, on some processors, and differ in their
// last bits. These do not, and are as exact to a few units in the last place.

// Ln2 in two parts, of which the first has few enough bits that its product
// with an exponent is exact.
const (
	ln2High = 0x1.62e42feep-1
	ln2Low  = 0x1.a39ef35793c76p-33
)

// logarithm returns the natural logarithm of x > 0; of 0 it is -Inf.
func logarithm(x float64) float64 {
	if x == 0 {
		return math.Inf(-1)
	}
	fraction, exponent := math.Frexp(x)
	if fraction < math.Sqrt2/2 {
		fraction *= 2
		exponent--
	}
	// log(fraction) = 2 atanh(s), and s is below 0.172: eleven terms.
	s := (fraction - 1) / (fraction + 1)
	square, sum := s*s, 0.0
	for k := 21.0; k >= 3; k -= 2 {
		sum = float64((sum + 1/k) * square)
	}
	e := float64(exponent)
	return float64(e*ln2High) + (float64(2*s) + (float64(2*s*sum) + float64(e*ln2Low)))
}

// exponential returns e to the power of x.
func exponential(x float64) float64 {
	const beyond = 1000 // what float64 holds
	x = min(max(x, -beyond), beyond)
	k := math.Round(x / math.Ln2)
	r := x - float64(k*ln2High) - float64(k*ln2Low)
	// r is below 0.35: fourteen terms.
	sum := 1.0
	for i := 14.0; i >= 1; i-- {
		sum = 1 + float64(sum*r/i)
	}
	return math.Ldexp(sum, int(k))
}
