package model

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestLogarithm(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for range 100_000 {
		x := math.Ldexp(1+r.Float64(), r.IntN(2040)-1020)
		want := math.Log(x)
		near(t, "logarithm", logarithm(x), want, 4e-16*math.Abs(want)+1e-17)
		x = 0.9 + 0.2*r.Float64()
		want = math.Log(x)
		near(t, "logarithm near 1", logarithm(x), want, 1e-15*math.Abs(want))
	}
	for x, want := range map[float64]float64{
		1: 0, 0: math.Inf(-1), 5e-324: -744.4400719213812, math.MaxFloat64: math.Log(math.MaxFloat64),
	} {
		if got := logarithm(x); got != want {
			t.Errorf("logarithm of %v is %v, want %v", x, got, want)
		}
	}
}

func TestExponential(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 24))
	for range 100_000 {
		x := 1400*r.Float64() - 700
		want := math.Exp(x)
		near(t, "exponential", exponential(x), want, 5e-16*want)
	}
	for x, want := range map[float64]float64{0: 1, -1e9: 0, 1e9: math.Inf(1), math.Inf(-1): 0, 710: math.Inf(1)} {
		if got := exponential(x); got != want {
			t.Errorf("exponential of %v is %v, want %v", x, got, want)
		}
	}
}
