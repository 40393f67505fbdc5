package stream

import (
	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// Line is one line of output: a pane with what the models said about it. A
// Sink must not keep it after Write has returned.
type Line struct {
	*window.Pane
	// Forecast is nil with --model none.
	Forecast *Forecast
	// Score is what the window says of earlier forecasts; nil with --model none.
	Score *Score
	// ranking is what auto chose by, for a Board: empty where nothing is known yet,
	// nil where nothing is said of it.
	ranking []model.Ranked
	// EmittedAt is the wall clock when the line was made, in live runs;
	// window.MinTime otherwise.
	EmittedAt window.Time
}

// Forecast is the forecast made from a window's on-time content. Error is set
// if there is none.
type Forecast struct {
	Model string
	// Origin is the window's end; Mean[i] speaks of the step
	// [Origin + i*Step, Origin + (i+1)*Step).
	Origin window.Time
	Step   window.Duration
	// Filled counts the steps without records that were interpolated.
	Filled    int
	Mean      []float64
	Intervals []Interval
	// Members are the models that auto combined.
	Members []string
	// Error is "too few", "timeout", "shed" or a sentence.
	Error string
	// Lost says that the window is not to blame for the Error: there was no
	// time, or an external model failed.
	Lost bool
	// naive is the naive forecast of every step, made of the same steps.
	naive float64
}

// Score says how well earlier forecasts of the same key and series did: those
// of the steps that ended in this window and in none before, and the newest of
// all. Steps without records are not counted. What there is nothing to say of
// is NaN.
type Score struct {
	Model string
	// Resolved counts the forecasts of these steps, Judged those of them that
	// had an interval, and Covered those whose interval of the first level held
	// the step's value. MAE is their mean absolute error.
	Resolved, Judged, Covered int
	MAE                       float64
	// N is how many resolved forecasts the next two speak of, at most 500: the
	// share whose interval held the value, and their mean absolute error divided
	// by that of the naive forecasts made at the same moments for the same steps.
	N              int
	Coverage, MASE float64
	// Surprise is minus the decimal logarithm of the p-value of the most
	// surprising of these steps, by the newest forecast of each; Anomaly says
	// that it is at least Forecasts.Anomaly.
	Surprise float64
	Anomaly  bool
}

// Interval is a prediction interval: for each step ahead a lower and an upper
// bound, which may be infinite.
type Interval struct {
	Level float64 // percent, e.g. 95
	// By is the method: "aci" if the errors of earlier forecasts made it, else
	// "analytic".
	By           string
	Lower, Upper []float64
}

// Sink writes lines. It is never called concurrently.
type Sink interface {
	// Write writes one line, possibly into a buffer. Lines come in order.
	Write(*Line) error
	// Flush hands everything written to the operating system. The pipeline
	// calls it whenever no further line is waiting.
	Flush() error
	// Close writes what ends the output (a table's rule, a footer) and flushes.
	Close() error
}
