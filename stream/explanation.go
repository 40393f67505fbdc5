package stream

import (
	"slices"

	"github.com/oriel-stream/oriel/window"
)

// Explanation is how one window of one key and series came about. It is a
// function of what was read.
type Explanation struct {
	Topic string
	Key   window.Key
	// Series is the name of the numeric series; Counted is true where records
	// are counted and there is none.
	Series  string
	Counted bool
	window.Span
	Size, Hop window.Duration

	// Panes are what came out of the window, in the order of revisions; none if
	// no record counted.
	Panes []*window.Pane
	// Aggregates name what the panes have beyond what all have.
	Aggregates Aggregates
	// Partitions are those that were read, in order.
	Partitions []ExplainedPartition
	// Records are those of the window and the key, and those of the key whose
	// time could not be read, in the order of (time, partition, offset), the
	// latter at the end. Unlisted counts those beyond the limit.
	Records  []ExplainedRecord
	Unlisted int64
	// Steps are what a forecaster sees of the window; none without a step.
	Steps []ExplainedStep
	// Checked says that a line was compared with what came out, and Differ names
	// the fields in which they are not the same.
	Checked bool
	Differ  []string
}

// ExplainedPartition is what a partition has to do with the window.
type ExplainedPartition struct {
	ID window.PartitionID
	// Start and ReadTo bound the offsets that were read, half-open, and Records
	// counts the records there, of all keys.
	Start, ReadTo int64
	Records       int64
	// Watermark is the partition's own after the last of them, MinTime if none
	// had an event time.
	Watermark window.Time
	// OnTime and Final say which record closed the window for the on-time and
	// for the final content. They are the same without allowed lateness.
	OnTime, Final Closing
	// Shares are the partition's part of the window, of each content that was
	// taken, the last being the final one; none if none of its records counted.
	Shares []window.Share
}

// Closing is the record whose event time moved the watermark of its partition
// to the mark that closes a window. The zero value is none.
type Closing struct {
	Closed    bool
	Offset    int64
	Watermark window.Time
}

// Counted says in which content of the window a record counts.
type Counted uint8

// The contents.
const (
	// CountedNot: in none.
	CountedNot Counted = iota
	// CountedOnTime: in the on-time content, and so in all.
	CountedOnTime
	// CountedLate: in the final content alone.
	CountedLate
	// CountedBehind: it would count, but lies behind the offsets of the line:
	// the line was made before it came.
	CountedBehind
)

var countedNames = [...]string{"no", "on_time", "late", "behind"}

func (c Counted) String() string { return countedNames[c] }

// ExplainedRecord is a record with what became of it.
type ExplainedRecord struct {
	Partition int32
	Offset    int64
	// Timestamp is the Kafka timestamp in ms, -1 for none.
	Timestamp int64
	// Time is that by which it is put into windows, if HasTime: the event time, or
	// the processing time.
	Time    window.Time
	HasTime bool
	// EventTime is set if HasEventTime, Value if HasValue, and Lag, the Kafka
	// timestamp minus an event time from the payload, if HasLag.
	EventTime    window.Time
	HasEventTime bool
	Value        float64
	HasValue     bool
	Lag          window.Duration
	HasLag       bool
	// OutOfOrder says that its partition had seen a later event time before it.
	OutOfOrder bool
	// Reason says why it is in none of its windows, or not in all: then Lost of
	// the Of windows had closed. OK if it is in all.
	Reason   Reason
	Lost, Of int
	// Counted says in which content of this window it is.
	Counted Counted
}

// ExplainedStep is one step of the window.
type ExplainedStep struct {
	Start window.Time
	Count int64
	// Value is what a forecaster sees: the mean, or the count where records are
	// counted; NaN if the step is empty and nothing could be filled in.
	Value float64
	// Filled says that the step is empty and its value interpolated.
	Filled bool
}

// ReadOn takes over what onward saw behind the offsets that e was made of: which
// record closed the window, and what came too late. Both began at the same
// offsets. The content stays that of e.
func (e *Explanation) ReadOn(onward *Explanation) {
	e.Records, e.Unlisted = onward.Records, onward.Unlisted
	for i := range e.Records {
		r := &e.Records[i]
		p := slices.IndexFunc(e.Partitions, func(p ExplainedPartition) bool { return p.ID.Partition == r.Partition })
		if r.Offset >= e.Partitions[p].ReadTo && r.Counted != CountedNot {
			r.Counted = CountedBehind
		}
	}
	for i := range e.Partitions {
		shares := e.Partitions[i].Shares
		e.Partitions[i] = onward.Partitions[i]
		e.Partitions[i].Shares = shares
	}
}
