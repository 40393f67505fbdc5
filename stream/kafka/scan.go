package kafka

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/oriel-stream/oriel/stream"
)

// The layout of a record batch, magic 2 (Kafka's DefaultRecordBatch). All
// numbers are big endian; the checksum covers everything from the attributes
// on. A message of magic 0 or 1 shares the fields up to the length and the
// place of the magic.
const (
	posBaseOffset      = 0
	posLength          = 8 // of what follows it
	posLeaderEpoch     = 12
	posMagic           = 16
	posCRC             = 17
	posAttributes      = 21
	posLastOffsetDelta = 23
	posBaseTimestamp   = 27
	posMaxTimestamp    = 35
	posProducerID      = 43
	posNumRecords      = 57
	headerSize         = 61

	logOverhead    = 12 // base offset and length
	minMessageSize = 26 // of magic 0, with null key and value
)

// entry is one batch of a record set, or one message of the formats before
// batches.
type entry struct {
	bytes []byte
	// base is the offset of the first record (of the last, if it wraps), next the
	// offset behind the last one that the batch was written with: compaction
	// keeps both.
	base, next int64
}

// leaderEpoch is the epoch of the leader that took the batch, -1 if unknown.
func (e entry) leaderEpoch() int32 {
	if e.magic() < 2 {
		return -1
	}
	return int32(binary.BigEndian.Uint32(e.bytes[posLeaderEpoch:]))
}

// wraps says that the entry is a message of an old format that holds others, of
// which base is the offset of the last.
func (e entry) wraps() bool {
	return e.magic() < 2 && e.bytes[posMessageAttributes]&compressionMask != 0
}

func (e entry) magic() int8 { return int8(e.bytes[posMagic]) }

// firstEntry cuts the first entry off set. A nil entry without an error means
// that set is empty or ends inside it, as brokers are free to send.
func firstEntry(set []byte) (e *entry, err error) {
	if len(set) <= posMagic {
		return nil, nil
	}
	length := int64(int32(binary.BigEndian.Uint32(set[posLength:])))
	size := logOverhead + length
	least := int64(minMessageSize)
	magic := int8(set[posMagic])
	if magic >= 2 {
		least = headerSize
	}
	if size < least {
		return nil, fmt.Errorf("a batch of %d bytes, below the %d of its header", size, least)
	}
	if size > int64(len(set)) {
		return nil, nil
	}
	e = &entry{bytes: set[:size], base: int64(binary.BigEndian.Uint64(set[posBaseOffset:]))}
	last := int64(0)
	if magic >= 2 {
		last = int64(int32(binary.BigEndian.Uint32(set[posLastOffsetDelta:])))
	}
	if e.base < 0 || last < 0 || e.base > math.MaxInt64-last-1 {
		return nil, fmt.Errorf("a batch of the offsets %d to %d+%d", e.base, e.base, last)
	}
	e.next = e.base + last + 1
	return e, nil
}

// scanned is what the headers of a record set tell.
type scanned struct {
	// set is the part that is to be walked: whole batches that begin before
	// the end of the range.
	set []byte
	// next is the offset to fetch next, at least the position asked for.
	next int64
	// epoch is the leader epoch of the last batch, -1 where it has none.
	epoch int32
}

// scan reads the headers of a record set fetched at position of a range that
// ends at end. It fails if the set brings reading no further and it is not
// only the beginning of a batch.
func scan(set []byte, position, end int64) (scanned, error) {
	out := scanned{next: position, epoch: -1}
	for rest := set; ; {
		e, err := firstEntry(rest)
		switch {
		case err != nil && out.next == position:
			return out, &stream.CorruptError{From: position, To: position + 1, Reason: err.Error()}
		case err != nil, e == nil:
			return out, out.moved(position, end)
		case e.base >= end && !e.wraps(), out.next >= end && len(out.set) > 0:
			out.next = max(out.next, end)
			return out, nil
		}
		out.next, out.epoch = max(out.next, e.next), e.leaderEpoch()
		rest = rest[len(e.bytes):]
		out.set = set[:len(set)-len(rest)]
	}
}

// moved refuses a set whose batches all lie before the position: the next
// answer would be the same.
func (s scanned) moved(position, end int64) error {
	if len(s.set) > 0 && s.next == position && position < end {
		return &stream.CorruptError{From: position, To: position + 1, Reason: "the broker sent only batches before the offset asked for"}
	}
	return nil
}
