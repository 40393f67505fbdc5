package stream

import "github.com/oriel-stream/oriel/window"

// Record is one Kafka record as a Batch hands it out. Its byte slices belong
// to the batch: they are valid until it hands out the next, or is released.
type Record struct {
	// ID is the partition. It is set by whoever walks the batch.
	ID     window.PartitionID
	Offset int64
	// Timestamp is the record's Kafka timestamp in ms since the epoch, -1 for
	// none. Under LogAppendTime it is the broker's.
	Timestamp int64
	// Clock is window.ClockCreate or window.ClockAppend.
	Clock window.Clock
	// Key and Value are nil when null, and empty but not nil when empty.
	Key, Value []byte
	// Headers are in the record's order. The slice is reused by Next.
	Headers []Header
}

// Header is one record header. Value is nil when null.
type Header struct {
	Key, Value []byte
}

// Batch is a run of consecutive records of one partition, possibly still
// compressed. It is walked once, by the partition's worker, and released by it.
type Batch interface {
	// Next fills r with the next record and reports whether there was one. It
	// does not allocate in steady state. Records outside the assigned range
	// and records a consumer must not see (control, aborted) never appear.
	Next(r *Record) bool
	// Err says why the walk ended before the end of the batch: a *CorruptError,
	// or nil.
	Err() error
	// Release gives the memory back. The batch and its records must not be
	// used afterwards.
	Release()
}

// CorruptError locates bytes that are not a valid record batch. The offsets
// it spans are lost; reading goes on behind them.
type CorruptError struct {
	From, To int64 // the offsets lost, half-open
	Reason   string
}

func (e *CorruptError) Error() string { return "corrupt batch: " + e.Reason }
