package stream

import "github.com/oriel-stream/oriel/window"

// Commit is what a consumer group keeps of a partition: where whoever reads it
// next begins, and what that reader must know of the records before.
type Commit struct {
	ID window.PartitionID
	// Offset is the lowest one that a window needs which has not been flushed to
	// all sinks; where none needs any, that of the next record.
	Offset int64
	// Metadata is of at most 256 bytes, and opaque to a Source.
	Metadata string
	// Cuts is how many Gaps of this assignment began, by then, before what had been
	// delivered: a Source that has sent more of them knows that Offset may be of
	// records that the log does not have any more. Nobody keeps it.
	Cuts int
}

// Commits takes what may be committed.
type Commits interface {
	// Flushed says that whatever c leaves behind is in all sinks. last says that
	// no further commit of this assignment of the partition follows: it answers
	// Revoked. It must not block. Commits of one assignment come in order.
	Flushed(c Commit, last bool)
}
