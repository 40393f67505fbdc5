package stream

import "github.com/oriel-stream/oriel/window"

// Line is one line of output: a pane with what the models said about it. A
// Sink must not keep it after Write has returned.
type Line struct {
	*window.Pane
	// Forecast is nil with --model none.
	Forecast *Forecast
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
}

// Interval is a prediction interval: for each step ahead a lower and an upper
// bound, which may be infinite.
type Interval struct {
	Level        float64 // percent, e.g. 95
	By           string  // the method: "analytic"
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
