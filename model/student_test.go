package model

import (
	"math"
	"testing"
)

// Any table of Student's distribution has these quantiles.
func TestStudentQuantile(t *testing.T) {
	for _, tc := range []struct {
		level   float64
		freedom int
		want    float64
	}{
		{50, 1, 1},
		{80, 1, 3.077684},
		{95, 1, 12.706205},
		{99, 1, 63.656741},
		{99.9, 1, 636.619249},
		{50, 2, 0.816497},
		{95, 2, 4.302653},
		{99.9, 2, 31.599055},
		{80, 3, 1.637744},
		{95, 3, 3.182446},
		{95, 10, 2.228139},
		{99, 29, 2.756386},
		{95, 30, 2.042272},
		{90, 120, 1.657651},
		{99.9, 120, 3.373454},
		{95, 1000, 1.962339},
		{99.9, 1000, 3.300283},
	} {
		near(t, "quantile", studentQuantile(tc.level, tc.freedom), tc.want, 1e-6)
	}
}

// Where the sum gives way to the expansion both say the same.
func TestStudentQuantileIsContinuous(t *testing.T) {
	for _, level := range []float64{1, 50, 80, 95, 99, 99.9} {
		q := studentQuantile(level, manyFreedoms-1)
		near(t, "expansion", studentExpansion(quantile(level), manyFreedoms-1), q, 1e-8)
	}
}

// The derivative is the derivative.
func TestStudentDensity(t *testing.T) {
	const step = 1e-6
	for freedom := 1; freedom < 20; freedom++ {
		for x := 0.1; x < 5; x += 0.3 {
			low, _ := student(x-step, freedom)
			high, _ := student(x+step, freedom)
			_, density := student(x, freedom)
			near(t, "density", density, (high-low)/(2*step), 1e-8)
		}
	}
}

func TestStudentQuantileOfExtremeLevels(t *testing.T) {
	for _, freedom := range []int{1, 2, 5, 500, math.MaxInt32} {
		for _, level := range []float64{1e-9, 1e-3, 99.999999, math.Nextafter(100, 0)} {
			if q := studentQuantile(level, freedom); !(q >= 0 && q < math.Inf(1)) {
				t.Errorf("level %v with %d degrees: %v", level, freedom, q)
			}
		}
	}
}
