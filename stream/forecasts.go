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
	// Levels are the levels of the prediction intervals, in percent.
	Levels []float64
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
		switch {
		case p.Counted:
			y = append(y, float64(s.Count))
		case s.Count == 0:
			y = append(y, math.NaN())
		default:
			y = append(y, s.Mean())
		}
		if s.Count > 0 {
			held++
		}
	}
	if held >= minSteps && !p.Counted {
		filled = model.Fill(y)
	}
	return y, held, filled
}
