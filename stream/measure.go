package stream

import (
	"math"
	"slices"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// Measure is what of the records in a step, or in a window, is forecast. Where
// records are counted it is their number, whatever the measure.
type Measure uint8

// The measures.
const (
	MeasureMean Measure = iota
	MeasureSum
	MeasureCount
	MeasureLast
	MeasureMax
)

var measureNames = [...]string{"mean", "sum", "count", "last", "max"}

func (m Measure) String() string { return measureNames[m] }

// MeasureNames are the names of all measures, the default first.
func MeasureNames() []string { return measureNames[:] }

// MeasureNamed returns the measure of one of MeasureNames.
func MeasureNamed(name string) Measure { return Measure(max(0, slices.Index(measureNames[:], name))) }

// of is the measure where records may be counted.
func (m Measure) of(p *window.Pane) Measure {
	if p.Counted {
		return MeasureCount
	}
	return m
}

// ofStep is the value of a step; NaN if it is empty.
func (m Measure) ofStep(s *window.StepValue) float64 { return m.value(s.Count, s, s.Last.Value, s.Max) }

// ofWindow is the value of a whole window; NaN if it is empty.
func (m Measure) ofWindow(a *window.Aggregate) float64 {
	return m.value(a.Count, a, a.Last.Value, a.Max)
}

// sums is what steps and windows have in common.
type sums interface {
	Sum() float64
	Mean() float64
}

func (m Measure) value(count int64, s sums, last, greatest float64) float64 {
	v := math.NaN()
	switch {
	case count == 0:
		return v
	case m == MeasureMean:
		v = s.Mean()
	case m == MeasureSum:
		v = s.Sum()
	case m == MeasureCount:
		v = float64(count)
	case m == MeasureLast:
		v = last
	case m == MeasureMax:
		v = greatest
	}
	if math.IsNaN(v) { // a sum that left the range of float64, which is no gap
		return math.Inf(1)
	}
	return v
}

// additive says that nothing is a number, 0: what is empty is no gap.
func (m Measure) additive() bool { return m == MeasureSum || m == MeasureCount }

// orNothing is v, or where it is NaN what an empty step is worth: 0 where the
// measure is additive, else NaN.
func (m Measure) orNothing(v float64) float64 {
	if math.IsNaN(v) && m.additive() {
		return 0
	}
	return v
}

// modelInput is a series to forecast from.
type modelInput struct {
	y []float64
	// held is how many of its values were there, and filled how many were
	// interpolated: none if fewer than minSteps were there.
	held, filled int
}

// minSteps is how many values must be there for a forecast.
const minSteps = 2

// complete replaces the NaNs of y, where there were no records: by 0 where the
// measure is additive, else by what lies between their neighbours.
func (m Measure) complete(y []float64) modelInput {
	in := modelInput{y: y}
	for i, v := range y {
		if math.IsNaN(v) {
			y[i] = m.orNothing(v)
		} else {
			in.held++
		}
	}
	if in.held >= minSteps && !m.additive() {
		in.filled = model.Fill(y)
	}
	return in
}

// steps makes the values of a window's steps a series, in the memory of y.
func (m Measure) steps(y []float64, p *window.Pane) modelInput {
	m = m.of(p)
	y = y[:0]
	for i := range p.Steps {
		y = append(y, m.ofStep(&p.Steps[i]))
	}
	return m.complete(y)
}
