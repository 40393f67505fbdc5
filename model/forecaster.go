package model

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// What a Forecaster may answer instead of a forecast. The texts are short
// because they are printed in every line that has no forecast.
var (
	// ErrTooFew: the series is shorter than the model's MinLength.
	ErrTooFew = errors.New("too few")
	// ErrNotFinite: the series holds a NaN or an infinity.
	ErrNotFinite = errors.New("not finite")
	// ErrOverflow: a forecast or its standard error does not fit a float64.
	ErrOverflow = errors.New("overflow")
)

// Forecaster forecasts a series of equal steps. A Forecaster never changes
// after it was made, so any number of goroutines may share it.
type Forecaster interface {
	// Name is the model's specification as Parse reads it: its name and the
	// parameters that were fixed, such as "holt:beta=0.1".
	Name() string
	// MinLength is the least len(y) that Forecast accepts.
	MinLength() int
	// Forecast overwrites *out with the forecast of the horizon steps that
	// follow y, horizon >= 1. It neither keeps nor changes y, which holds no
	// NaN (see Fill).
	//
	// Every number it returns is finite; where the arithmetic cannot do that,
	// the error is ErrOverflow. The other errors are ErrTooFew, ErrNotFinite
	// and a horizon below 1. After an error, out holds no forecast.
	Forecast(y []float64, horizon int, out *Forecast) error
}

// Forecast is what a Forecaster made of a series. The zero value is ready for
// use; a Forecast that is used again and again keeps its memory. Goroutines
// must not share one.
type Forecast struct {
	// Mean[i] is the point forecast i+1 steps ahead, in the unit of the series.
	Mean []float64
	// SE[i] is the standard error of Mean[i], in the same unit; empty if the
	// model has no analytic one.
	SE []float64
	// Freedom is the degrees of freedom of the Student t distribution that the
	// errors have if the noise is normal; 0 if they are normal too.
	Freedom int
	// Members are the names of the models that auto used; empty for others.
	Members []string
	// Candidates are the forecasts among which auto chose, those it used among
	// them, in the order of its preference where their errors are equal; empty
	// for others. Who knows how well they did earlier may choose another.
	Candidates []Candidate

	// Room for series derived from the input.
	diffs, bends, scaled, adjusted, bent, rest []float64
	// Room for the seasonal indices and how many values each came from.
	indices, counts []float64
	// Room for the season as it changes.
	season []float64
	// Room for what ar estimates.
	autoregression autoregression
	// Room for the search of rspace.
	simplex                   simplex
	point, states, polynomial []float64
	// nominees are the models that the candidates come from, and missed is what
	// each of these missed by.
	nominees []int
	missed   []float64
	// member receives the forecasts that are weighed or averaged.
	member *Forecast
}

// Candidate is the forecast of one model among several.
type Candidate struct {
	// Name is the model's specification, as Forecaster.Name gives it.
	Name string
	// Mean, SE and Freedom are as in Forecast.
	Mean, SE []float64
	Freedom  int
}

// clear leaves out without a forecast.
func (f *Forecast) clear() {
	f.Mean, f.SE, f.Members = f.Mean[:0], f.SE[:0], f.Members[:0]
	f.Candidates, f.Freedom = f.Candidates[:0], 0
}

// nominate adds a candidate to f, in memory that f keeps.
func (f *Forecast) nominate(name string, forecast *Forecast) {
	n := len(f.Candidates)
	f.Candidates = slices.Grow(f.Candidates, 1)[:n+1]
	c := &f.Candidates[n]
	c.Name = name
	c.Mean = append(c.Mean[:0], forecast.Mean...)
	c.SE = append(c.SE[:0], forecast.SE...)
	c.Freedom = forecast.Freedom
}

// resize makes room for a mean and a standard error of each step.
func (f *Forecast) resize(horizon int) {
	f.Mean, f.SE = resized(f.Mean, horizon), resized(f.SE, horizon)
}

func resized(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}

// differences returns y[1]-y[0], y[2]-y[1], ... in memory that f keeps.
func (f *Forecast) differences(y []float64) []float64 {
	f.diffs = resized(f.diffs, len(y)-1)
	for i := range f.diffs {
		f.diffs[i] = y[i+1] - y[i]
	}
	return f.diffs
}

// method is the arithmetic of a Forecaster, free of its chores.
type method interface {
	Name() string
	MinLength() int
	// project fills f.Mean and f.SE, whose length is the horizon. y is long
	// enough, finite, and neither so large nor so small that squares of its
	// differences leave the range of float64.
	project(y []float64, f *Forecast)
}

// guarded makes a Forecaster of a method.
type guarded struct{ method }

// Forecast implements Forecaster.
func (g guarded) Forecast(y []float64, horizon int, out *Forecast) error {
	out.clear()
	if horizon < 1 {
		return fmt.Errorf("horizon %d is below 1 (--horizon)", horizon)
	}
	if len(y) < g.MinLength() {
		return ErrTooFew
	}
	exponent, err := extreme(y)
	if err != nil {
		return err
	}
	out.resize(horizon)
	if exponent == 0 {
		g.project(y, out)
	} else {
		out.scaled = resized(out.scaled, len(y))
		scale(out.scaled, y, -exponent)
		g.project(out.scaled, out)
		scale(out.Mean, out.Mean, exponent)
		scale(out.SE, out.SE, exponent)
	}
	if !finite(out.Mean) || !finite(out.SE) {
		out.clear()
		return ErrOverflow
	}
	return nil
}

// Between these magnitudes no sum of squares overflows or vanishes: the
// exponents of doubles end near 1000, and squaring doubles them.
const (
	smallPlain = 0x1p-400
	largePlain = 0x1p400
)

// extreme returns the binary exponent of y's largest magnitude, or 0 if that is
// plain.
func extreme(y []float64) (exponent int, err error) {
	largest := 0.0
	for _, v := range y {
		a := math.Abs(v)
		if !(a <= math.MaxFloat64) { // also true of NaN
			return 0, ErrNotFinite
		}
		if a > largest {
			largest = a
		}
	}
	if largest == 0 || largest >= smallPlain && largest <= largePlain {
		return 0, nil
	}
	_, exponent = math.Frexp(largest)
	return exponent, nil
}

// scale sets dst to src times two to the exponent. Nothing is rounded unless
// it leaves the range of float64, so a scaled series has the scaled forecast.
func scale(dst, src []float64, exponent int) {
	for i, v := range src {
		dst[i] = math.Ldexp(v, exponent)
	}
}

func finite(s []float64) bool {
	for _, v := range s {
		if !(math.Abs(v) <= math.MaxFloat64) {
			return false
		}
	}
	return true
}
