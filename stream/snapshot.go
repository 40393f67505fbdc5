package stream

import (
	"math"

	"github.com/oriel-stream/oriel/window"
)

// Snapshot is a picture of a run for a screen: immutable, and shaped by the
// Interest. It has one summary row for every partition and for every key, and
// details of the one key that is of interest.
type Snapshot struct {
	// At is the wall clock when the picture was taken.
	At window.Time
	// State is how far the run is.
	State RunState
	// Troubles are what is wrong now and since when, the most urgent first, and
	// OtherTroubles how many more there are than the board has words of. Notes are
	// what has happened in the last minute, the newest first.
	Troubles      []NoticeView
	OtherTroubles int
	Notes         []NoticeView
	// Topics are read; Cluster is the address or name of where they are, Group the
	// consumer group of which the run is a member, empty for none.
	Topics  []string
	Cluster string
	Group   string
	// Specs are the windows, Series the numeric series; records are counted if
	// there are none.
	Specs  []window.Spec
	Series []string
	// Domain is the time that windows are of.
	Domain Domain
	// OutOfOrderness is the bound on disorder, AllowedLateness how long closed
	// windows accept late records; Emit says which of their contents are printed.
	OutOfOrderness, AllowedLateness window.Duration
	Emit                            window.Emit

	// Watermark is window.MinTime while it is unknown.
	Watermark window.Time
	Hold      Hold
	// Rate is records a second over the last few seconds.
	Rate float64
	// Totals are what has been counted so far.
	Totals Summary
	Lag    LagView
	Memory MemoryView
	// Workers is how many goroutines forecast; 0 where nothing is forecast.
	Workers int

	// Partitions are in the order of topic and number.
	Partitions []PartitionView
	// Keys are in the order of topic, key and series.
	Keys []KeyView
	// Focus is the key of interest; nil if it has not been seen.
	Focus *Focus
	// Ledger holds the newest rejects, newest last.
	Ledger []LedgerEntry
}

// RunState is how far a run is.
type RunState uint8

// The states.
const (
	// Connecting: what is read from has not answered yet.
	Connecting RunState = iota
	// Waiting: it has, and no partition has been assigned yet: the first records
	// tell how to read them.
	Waiting
	// Running: records are read.
	Running
	// Ended: the run is over; the picture is the last.
	Ended
)

// HoldKind says why the watermark is not further.
type HoldKind uint8

// The kinds.
const (
	// HoldNothing: there is no watermark, or nothing to wait for.
	HoldNothing HoldKind = iota
	// HoldUnknown: the partition has shown no event time yet.
	HoldUnknown
	// HoldBehind: the partition has records that were not read yet.
	HoldBehind
	// HoldQuiet: the partition has nothing new, and is not idle yet.
	HoldQuiet
	// HoldSlow: the partition's event times are behind the others'.
	HoldSlow
	// HoldIdle: every partition is idle, and the wall clock carries the watermark
	// on if there is one.
	HoldIdle
	// HoldUntimed: the partition's newest records have no readable time.
	HoldUntimed
	// HoldTransaction: the partition has nothing new that may be read, because a
	// transaction is open there.
	HoldTransaction
	// HoldLeap: the partition's newest records wait to be believed, because they
	// are far ahead of those before.
	HoldLeap
)

// NumHoldKinds is the number of kinds.
const NumHoldKinds = int(HoldLeap) + 1

var holdNames = [NumHoldKinds]string{"nothing", "unknown", "behind", "quiet", "slow", "idle", "untimed", "transaction", "leap"}

func (k HoldKind) String() string { return holdNames[k] }

// Holds says that a partition, which the Hold names, holds the watermark.
func (h Hold) Holds() bool { return h.Kind != HoldNothing && h.Kind != HoldIdle }

// Hold names the partition that holds the watermark where it is.
type Hold struct {
	Kind HoldKind
	ID   window.PartitionID
	// Behind is how far its watermark is behind the next partition's.
	Behind window.Duration
	// IdleIn is when it will be idle and hold no longer; 0 where it is not silent
	// so far.
	IdleIn window.Duration
	// Leap is what waits, for HoldLeap, and Untimed how many records have no
	// readable time, for HoldUntimed.
	Leap    LeapView
	Untimed int64
	// Unstable is how many offsets wait for the end of a transaction, for
	// HoldTransaction.
	Unstable int64
}

// LeapView is what waits to be believed in a partition.
type LeapView struct {
	// Records is how many wait; 0 for none.
	Records int
	// Ahead is how far the first of them is ahead of the newest event time that
	// counts; 0 while there is none.
	Ahead window.Duration
}

// MemoryView is what windows hold, in bytes, against Config.MaxMemory.
type MemoryView struct {
	Used, Limit int64
	// Short says that partitions ahead of the slowest wait; Spent that new keys
	// are refused.
	Short, Spent bool
}

// Pause says why a partition is not read.
type Pause uint8

// The reasons.
const (
	// NotPaused: it is read.
	NotPaused Pause = iota
	// PausedForDrift: it is further ahead of the slowest than Config.MaxDrift.
	PausedForDrift
	// PausedForMemory: it is ahead of the slowest while memory is short.
	PausedForMemory
)

// LagView is processing time minus event time, in ms, over the newest records.
type LagView struct {
	Known         bool
	P50, P99, Max window.Duration
	// History has a point a second, oldest first.
	History []LagPoint
}

// LagPoint is the lag at one second.
type LagPoint struct {
	At            window.Time
	P50, P99, Max window.Duration
}

// PartitionView is the summary row of a partition.
type PartitionView struct {
	ID window.PartitionID
	// Next is the offset that is read next, LogEnd the end of the log; -1 while
	// unknown. Their difference is the consumer lag.
	Next, LogEnd int64
	// Newest is the newest event time, Watermark the partition's own;
	// window.MinTime before the first record.
	Newest, Watermark window.Time
	Idle              bool
	// QuietFor is how long fetches at its end have returned nothing.
	QuietFor window.Duration
	// Finished says that its range has been read.
	Finished bool
	Records  int64
	Rejected int64
	// Pause says why it is not read; then WaitsFor is the slowest partition, and
	// Ahead how far it is ahead of that.
	Pause    Pause
	WaitsFor window.PartitionID
	Ahead    window.Duration
	// Leap is what waits to be believed. Untimed is how many of the newest
	// records have no readable time.
	Leap    LeapView
	Untimed int64
	// Unstable is how many offsets wait for the end of a transaction.
	Unstable int64
	// Keys is how many of its keys hold records of windows that it has not
	// handed on, and OpenWindows how many windows these are, whatever the key.
	Keys        int
	OpenWindows int64
}

// KeyView is the summary row of a key and series.
type KeyView struct {
	Topic  string
	Key    window.Key
	Series string
	// Windows is how many of its windows have closed; Last is the newest of
	// them, on the first spec.
	Windows int64
	Last    ClosedWindow
	// Newest is the newest step with a value, on the first spec that has one.
	Newest Point
	// Recent are the means (the counts, where records are counted) of the
	// newest windows, oldest first, for a sparkline; at most 32.
	Recent []float64
	// MASE and Coverage are how well its newest forecasts did, on the same spec
	// as Last; NaN if that is not known. Anomalies counts windows that were one,
	// LastAnomaly is the end of the newest, window.MinTime if there was none.
	MASE, Coverage float64
	Anomalies      int64
	LastAnomaly    window.Time
}

// ModelView is how well a model did that auto chooses among, for one key.
type ModelView struct {
	Name string
	// MASE is its error beside that of naive forecasts, newer errors counting
	// more; NaN if that is not known. Resolved is the number of steps that were
	// compared, Used how often it was the choice.
	MASE           float64
	Resolved, Used int64
}

// ClosedWindow is a window that has fired on time, with its content by now.
type ClosedWindow struct {
	window.Span
	Spec     int // index in Snapshot.Specs
	Count    int64
	Mean     float64 // NaN where records are counted, or there are none
	Min, Max float64
	Lag      window.Lag
	// Late counts the records that were not in the on-time content, Pending
	// those of them that came behind the newest line.
	Late, Pending int64
	// Revision is that of the newest line.
	Revision   int
	Final      bool
	ClosedBy   window.ClosedBy
	Incomplete window.Incomplete
	// Surprise is that of its score, NaN if that is not known; Anomaly says that
	// it is one.
	Surprise float64
	Anomaly  bool
	// Model and Error are those of its forecast; Next is the forecast's first
	// step with its interval. NaN for none.
	Model, Error            string
	Next, NextLow, NextHigh float64
}

// OpenWindow is a window that waits for the watermark.
type OpenWindow struct {
	window.Span
	Spec  int
	Count int64
	Mean  float64
	// Late counts records that came too late for the on-time content by their
	// own partition, which is ahead of the watermark.
	Late int64
}

// Focus is everything about the key of interest.
type Focus struct {
	Topic  string
	Key    window.Key
	Series string
	Spec   int
	// Watermark is that of its partition where its windows close by that alone, as
	// in a group: Alone says so.
	Watermark window.Time
	Alone     bool
	// Closed are its newest closed windows on the spec, oldest first; Open are
	// those that hold records and have not closed, in the order of their ends.
	Closed []ClosedWindow
	Open   []OpenWindow
	// Step is the length of a step; Points are consecutive steps, oldest
	// first: what was seen, and what was forecast for it just before.
	Step   window.Duration
	Points []Point
	// Ahead is the newest forecast: the steps after the newest closed window.
	Ahead []Point
	// Level is the level of the interval in percent, By the method.
	Level float64
	By    string
	// Records are the newest of the key that were copied while they were shown, the
	// newest picture's last, and those of a partition in their order. Passed counts
	// those in between that were not.
	Records []RecordView
	Passed  int64
	// Score is that of the newest window, Models how well the models did that
	// auto chooses among; empty for another model.
	Score  Score
	Models []ModelView
}

// Point is one step on the chart. Fields without a value are NaN.
type Point struct {
	At     window.Time // start of the step
	Actual float64
	// Forecast was made before the step, with the interval [Low, High].
	Forecast, Low, High float64
	// Anomaly says that the window in which the step ended was an anomaly, and
	// that of all steps that ended in it this was forecast worst.
	Anomaly bool
}

// Outside says on which side of its interval the actual value is: -1 below, 1
// above, 0 inside or without one.
func (p Point) Outside() int {
	switch {
	case p.Actual > p.High:
		return 1
	case p.Actual < p.Low:
		return -1
	}
	return 0
}

// NoPoint is a point without values.
func NoPoint() Point {
	nan := math.NaN()
	return Point{Actual: nan, Forecast: nan, Low: nan, High: nan}
}

// LedgerEntry is a rejected record, copied.
type LedgerEntry struct {
	At           window.Time // wall clock
	ID           window.PartitionID
	Offset       int64
	Reason       Reason
	EventTime    window.Time
	HasEventTime bool
	Key          window.Key
	Payload      string // at most 64 bytes, as they came
	Lost, Of     int
	// Leapt says of one from the future that its create time leapt ahead, which
	// later records refuted.
	Leapt bool
	// Watermark is the partition's, for a late record. If a window that was lost
	// to it was still open, Open says so, and OpenFor names the partition that
	// held the watermark, if one did.
	Watermark window.Time
	Open      bool
	OpenFor   window.PartitionID
}

// Interest is what a screen wants to see in detail.
type Interest struct {
	Topic  string
	Key    window.Key
	Series string
	Spec   int
	// Chosen is false until somebody has chosen: the first key is shown.
	Chosen bool
}

// Control is what a screen may ask of a run.
type Control interface {
	// Snapshot takes a picture. It is meant to be called at most ten times a
	// second.
	Snapshot() *Snapshot
	// SetInterest says what the next pictures show in detail.
	SetInterest(Interest)
	// Inspect says whether the next pictures show records of the key of interest.
	Inspect(on bool)
}
