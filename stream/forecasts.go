package stream

import (
	"time"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// Forecasts says what to forecast from each window.
type Forecasts struct {
	Model model.Forecaster
	// External takes the place of Model; nil for none.
	External model.External
	// Batch is how many windows an external model is asked for at once where
	// that many have closed together, at least 1.
	Batch int
	// Outstanding is how many questions an external model may have open at a time
	// for each of Config.Workers; 0 for one.
	Outstanding int
	// Timeout is how long after its close a window of a live run waits for its
	// forecast; 0 for as long as that takes. Bounded runs wait.
	Timeout time.Duration
	// Horizon is the number of steps ahead.
	Horizon int
	// Levels are the levels of the prediction intervals, in percent. Scores
	// speak of the first.
	Levels []float64
	// Anomaly is from which surprise on a window is an anomaly.
	Anomaly float64
	// Input says what the model is given, and of InputAggregates Windows how
	// many at most.
	Input   ForecastInput
	Windows int
}

// name is what lines call the model.
func (f *Forecasts) name() string {
	if f.External != nil {
		return f.External.Name()
	}
	return f.Model.Name()
}

// atATime is how many forecasts so many workers make at a time.
func (f *Forecasts) atATime(workers int) int {
	switch {
	case f == nil:
		return 0
	case f.External == nil:
		return workers
	default:
		return workers * max(1, f.Outstanding)
	}
}

// ForecastInput is what a model forecasts from.
type ForecastInput uint8

// The inputs.
const (
	// InputSteps: the steps of the window.
	InputSteps ForecastInput = iota
	// InputAggregates: the window as a whole and those before it, as steps of one
	// hop.
	InputAggregates
	// InputRaw: the records of the window; for external models alone.
	InputRaw
)

// stepOf is the length of the steps that are forecast from a window.
func (f *Forecasts) stepOf(p *window.Pane) window.Duration {
	if f.Input == InputAggregates {
		return p.Hop
	}
	return p.Step
}

// truths says where the values of the steps are found that are forecast from
// windows of a spec. A window as a whole is one step.
func (f *Forecasts) truths(spec window.Spec) []window.Truth {
	if f.Input != InputAggregates {
		return spec.Truths(f.Horizon)
	}
	truths := make([]window.Truth, f.Horizon)
	for lead := range truths {
		truths[lead].Windows = int64(lead) + 1
	}
	return truths
}
