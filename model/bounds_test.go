package model

import (
	"math"
	"slices"
	"testing"
)

// The quantiles are those of any table of the normal distribution.
func TestQuantile(t *testing.T) {
	for _, tc := range []struct{ level, want float64 }{
		{0, 0},
		{50, 0.674489750196},
		{80, 1.281551565545},
		{90, 1.644853626951},
		{95, 1.959963984540},
		{99, 2.575829303549},
		{99.9, 3.290526731492},
	} {
		if got := quantile(tc.level); got != tc.want {
			t.Errorf("level %v: %v, want %v", tc.level, got, tc.want)
		}
	}
}

func TestBounds(t *testing.T) {
	f := &Forecast{Mean: []float64{10, -1, 3}, SE: []float64{1, 2, 0}}
	lower, upper := make([]float64, 0, 8), make([]float64, 5, 8)
	lo, up := Bounds(f, 80, lower, upper)
	const z = 1.281551565545
	if want := []float64{10 - z, -1 - 2*z, 3}; !slices.Equal(lo, want) {
		t.Errorf("lower bounds %v, want %v", lo, want)
	}
	if want := []float64{10 + z, -1 + 2*z, 3}; !slices.Equal(up, want) {
		t.Errorf("upper bounds %v, want %v", up, want)
	}
	if &lo[0] != &lower[:1][0] || &up[0] != &upper[0] {
		t.Error("the slices are not reused")
	}
}

func TestBoundsWithoutStandardErrors(t *testing.T) {
	lo, up := Bounds(&Forecast{Mean: []float64{1, 2}}, 95, nil, []float64{1})
	if len(lo) != 0 || len(up) != 0 {
		t.Errorf("bounds %v and %v, want none", lo, up)
	}
}

func TestBoundsBeyondRange(t *testing.T) {
	f := &Forecast{Mean: []float64{1e308}, SE: []float64{0.8e308}}
	lo, up := Bounds(f, 95, nil, nil)
	if !math.IsInf(up[0], 1) || math.IsInf(lo[0], 0) {
		t.Errorf("bounds %v and %v, want an infinite upper one", lo, up)
	}
}
