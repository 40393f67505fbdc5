package stream

import (
	"context"

	"github.com/oriel-stream/oriel/window"
)

// Assignment is what a Source is about to read of one partition.
type Assignment struct {
	ID window.PartitionID
	// Start is the first offset that will be read, End the offset behind the
	// last; End is negative where reading does not end.
	Start, End int64
	// PrintFrom is the offset before which records are read to warm up: see
	// warmUp. 0 for Start.
	PrintFrom int64
	// FromBeginning says that no record of the partition lies before Start.
	FromBeginning bool
	// Before is the Kafka time that no record before Start is past, of those that
	// the log still has or that were asked for: MinTime if there are none, MaxTime
	// if nothing is known. It is not looked at where FromBeginning is true.
	Before window.Time
	// Short says that records lie at or behind End that will not be read.
	Short bool
	// Committed is what the consumer group has of the partition; nil without a
	// group, and where nobody has committed anything.
	Committed *Commit
}

// DeliveryKind tells the kinds of Delivery apart.
type DeliveryKind uint8

// The kinds.
const (
	// Data carries a batch.
	Data DeliveryKind = iota
	// CaughtUp says that a fetch at the end of the partition (its last stable
	// offset) returned nothing. It is sent for every such fetch, so that a
	// partition's idleness can be told from the times of its own responses.
	CaughtUp
	// Gap says that the offsets [From, To) are gone: retention, truncation, a
	// deleted topic, a corrupt batch. A compacted offset is no gap.
	Gap
	// Finished is the last delivery of a bounded partition.
	Finished
	// Revoked is the last delivery of a partition that another member of the
	// group will read, or that has another log now: nothing of it is printed any
	// more that is not due by now. Only with Config.Group; the partition may be
	// assigned again.
	Revoked
)

// Delivery is one event in the life of a partition.
type Delivery struct {
	Kind DeliveryKind
	// At is the arrival of the response that carried this, on the wall clock,
	// never going back within a partition. MinTime from sources without one.
	At window.Time
	// Resumed says that nobody asked for records of the partition for a while
	// before: the broker was out of reach, or the worker took nothing. That is no
	// silence of the partition.
	Resumed bool
	// Batch is set for Data. The receiver releases it.
	Batch Batch
	// Next is the offset that will be read next, for Data and Finished.
	Next int64
	// LogEnd is the end of the log (the last stable offset) as the response told
	// it, for Data and CaughtUp; 0 where unknown.
	LogEnd int64
	// Unstable is how many offsets lie behind LogEnd that must not be read yet,
	// because a transaction there is open.
	Unstable int64
	// From and To are the lost offsets of a Gap, half-open and empty where nobody
	// knows how many; Reason says why, in words for a person.
	From, To int64
	Reason   string
}

// AssignFunc announces a partition and returns the channel for its
// deliveries. The channel is bounded: a slow worker slows its partition. The
// Source sends on it and never closes it.
type AssignFunc func(Assignment) (chan<- Delivery, error)

// Source reads partitions. Implementations: stream/kafka, stream/ndjson.
type Source interface {
	// Run assigns every partition it knows before it delivers anything, then
	// delivers each partition's records in offset order. A partition whose log is
	// replaced by another is assigned again before the first reading of it is
	// Finished: the offsets of the two have nothing to do with each other. It returns when every
	// partition is Finished (nil), when ctx is done (its cause), or when it
	// cannot go on. When it returns none of its senders is left running.
	Run(ctx context.Context, assign AssignFunc) error
}
