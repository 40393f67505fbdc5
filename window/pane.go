package window

import "strings"

// PartitionID names one partition of one topic.
type PartitionID struct {
	Topic     string
	Partition int32
}

// Key is a grouping key. Null and the empty key are different groups.
type Key struct {
	Bytes string // raw bytes, not necessarily UTF-8; empty when Null
	Null  bool
}

// Compare orders keys by their bytes with null first.
func (k Key) Compare(o Key) int {
	switch {
	case k.Null == o.Null:
		return strings.Compare(k.Bytes, o.Bytes)
	case k.Null:
		return -1
	default:
		return 1
	}
}

// Less says that k stands before o.
func (k Key) Less(o Key) bool { return k.Compare(o) < 0 }

// Span is the half-open interval [Start, End) of event time.
type Span struct {
	Start, End Time
}

// Firing says at which point in the life of a window a pane came out.
type Firing uint8

// The firings.
const (
	// FiredOnTime: the watermark reached the window's end.
	FiredOnTime Firing = iota
	// FiredFinal: it reached the end and the allowed lateness.
	FiredFinal
	// FiredUpdate: late records came in between.
	FiredUpdate
)

// ClosedBy says what let a window close.
type ClosedBy uint8

// The causes of a close.
const (
	// ByWatermark: at least one partition's own watermark reached the end.
	ByWatermark ClosedBy = iota
	// ByEndOfInput: every partition finished before its watermark got there.
	ByEndOfInput
	// ByIdleClock: all partitions were idle and the wall clock carried the
	// watermark on.
	ByIdleClock
)

func (c ClosedBy) String() string {
	switch c {
	case ByEndOfInput:
		return "end_of_input"
	case ByIdleClock:
		return "idle_clock"
	default:
		return "watermark"
	}
}

// Incomplete says which side of a window may lack records because the range
// that was read did not cover it.
type Incomplete uint8

// The sides, which combine by or.
const (
	// Complete: the range covered the window.
	Complete Incomplete = 0
	// IncompleteStart: reading began inside or after the window's start.
	IncompleteStart Incomplete = 1
	// IncompleteEnd: reading stopped before the window's end.
	IncompleteEnd Incomplete = 2
)

func (i Incomplete) String() string {
	switch i {
	case IncompleteStart:
		return "start"
	case IncompleteEnd:
		return "end"
	case IncompleteStart | IncompleteEnd:
		return "both"
	default:
		return ""
	}
}

// OffsetRange is the inclusive range of offsets of one partition that
// contributed records to a pane.
type OffsetRange struct {
	Partition   int32
	First, Last int64
}

// Pane is one firing of one window of one key and series: what a line prints.
// It is immutable once the Assembler has returned it.
type Pane struct {
	Topic string
	Key   Key
	// Series is the name of the numeric series; Counted is true where records
	// are counted and there is none.
	Series  string
	Counted bool

	Span
	Size, Hop Duration

	Firing Firing
	// Hidden panes are for forecasters alone: forecasts are made when a window
	// fires on time, also where only final contents come out.
	Hidden bool
	// Revision counts the panes of one window from 0, hidden ones apart. Final
	// says that no further pane of this window will come.
	Revision   int
	Final      bool
	ClosedBy   ClosedBy
	Incomplete Incomplete

	Aggregate
	// Late counts the records of this content that were not in the on-time
	// content.
	Late    int64
	Offsets []OffsetRange
	// Quantiles and Distinct are what AggregateSpec asks for, in its order.
	// Quantiles are NaN where records are counted.
	Quantiles []float64
	Distinct  []int64

	// Steps are the window's equal parts of length Step in order, what a
	// forecaster sees. Nil if the spec has no Step.
	Step  Duration
	Steps []StepValue
	// Ended are the steps that ended in this window and in none before, and that
	// are none of Steps, as far as earlier windows forecast them: see
	// Spec.Truths. Only its content of them counts.
	Ended []StepValue
}

// Rate is how many records a second the window holds.
func (p *Pane) Rate() float64 { return float64(p.Count) * 1000 / float64(p.Size) }
