package stream

import (
	"math"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// Forecasts says what to forecast from each window.
type Forecasts struct {
	Model model.Forecaster
	// Horizon is the number of steps ahead.
	Horizon int
	// Levels are the levels of the prediction intervals, in percent. Scores
	// speak of the first.
	Levels []float64
	// Anomaly is from which surprise on a window is an anomaly.
	Anomaly float64
}

// minSteps is how many steps of a window must hold records for a forecast.
const minSteps = 2

// history appends the values of a window's steps to y: the mean of each step's
// records, or their number where records are counted. It returns how many
// steps hold records and how many were empty and interpolated. An empty step
// of counted records is no gap: its value is 0.
func history(y []float64, p *window.Pane) (values []float64, held, filled int) {
	for i := range p.Steps {
		s := &p.Steps[i]
		y = append(y, stepValue(s, p.Counted))
		if s.Count > 0 {
			held++
		}
	}
	if held >= minSteps && !p.Counted {
		filled = model.Fill(y)
	}
	return y, held, filled
}

// stepValue is what a forecaster sees of a step; NaN for an empty one, unless
// records are counted.
func stepValue(s *window.StepValue, counted bool) float64 {
	switch {
	case counted:
		return float64(s.Count)
	case s.Count == 0:
		return math.NaN()
	default:
		return s.Mean()
	}
}
