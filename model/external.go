package model

import "context"

// External is a model outside this process. Asking it may take any time at all
// and fail in any way; whatever it does costs the forecasts that it was asked
// for and nothing else.
type External interface {
	// Name is what lines call the model.
	Name() string
	// Ask asks for the forecasts of the rows of q and sets replies[i] for
	// q.Rows[i]; there are as many. It returns when every row has a forecast or
	// an error, and soon after ctx is done. It may be called from any number of
	// goroutines. It neither keeps nor changes q.
	Ask(ctx context.Context, q *Question, replies []Reply)
}

// Question is what an external model is asked at once: windows of one topic
// with steps of one length, no two of the same key and series, and with as many
// values each.
type Question struct {
	Topic string
	// Step is the length of a step in milliseconds.
	Step    int64
	Horizon int // steps ahead
	Rows    []Row
}

// Row is one window of a Question.
type Row struct {
	// Key is the grouping key, raw bytes; NullKey tells null from empty.
	Key     string
	NullKey bool
	// Series is the name of the numeric series; Counted says that records are
	// counted and there is none.
	Series  string
	Counted bool
	// Times are the starts of the steps in milliseconds since the epoch, and
	// Values their values, finite; or those of records, in order.
	Times  []int64
	Values []float64
}

// Reply is what became of a row. Err is nil or a Lost.
type Reply struct {
	// Mean and SE are as in Forecast.
	Mean, SE []float64
	Err      error
}

// Lost says in a word or two why there is no forecast although the window could
// have had one. It is printed in the line.
type Lost string

func (l Lost) Error() string { return string(l) }

// What can be lost whatever the model.
const (
	// LostShed: it was not started before its deadline.
	LostShed Lost = "shed"
	// LostTimeout: it was started, and not done by its deadline.
	LostTimeout Lost = "timeout"
	// LostInterrupted: the run was ended first.
	LostInterrupted Lost = "interrupted"
)
