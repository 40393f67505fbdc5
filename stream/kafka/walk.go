package kafka

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/segmentio/kafka-go/compress"
	"github.com/segmentio/kafka-go/protocol/fetch"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// The attributes of a record batch.
const (
	compressionMask   = 0x07
	appendTimeFlag    = 0x08
	transactionalFlag = 0x10
	controlFlag       = 0x20
)

// castagnoli is the polynomial of batch checksums.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// batch walks the record set of one response. It implements stream.Batch. A
// wire batch that is corrupt is left out and reported by Err; the walk goes on
// behind it.
type batch struct {
	buf  *buffer // owns the record set
	rest []byte  // the wire batches not opened yet
	// The offsets [next, hi) are still to be handed out.
	next, hi int64
	aborted  abortedTransactions
	inflater inflater
	// corrupt spans the wire batches that could not be read, lost of them;
	// reason is that of the first.
	corrupt *stream.CorruptError
	lost    int
	reason  string

	open openBatch
}

// openBatch is the wire batch that is being walked.
type openBatch struct {
	entry
	data       []byte // its records not walked yet
	left       int32  // how many records data has
	floor      int64  // the lowest offset that the next record can have
	clock      window.Clock
	timestamp  int64 // the base, or every record's under LogAppendTime
	appendTime bool
	// old says that data holds messages of the formats before batches; shift is
	// what is added to their offsets.
	old   bool
	shift int64
}

// newBatch takes over buf, of which set is a part, and walks the offsets
// [lo, hi).
func newBatch(buf *buffer, set []byte, lo, hi int64, aborted []fetch.ResponseTransaction, in *inflation) *batch {
	return &batch{
		buf: buf, rest: set, next: lo, hi: hi,
		aborted:  newAborted(aborted),
		inflater: inflater{inflation: in},
	}
}

// Next implements stream.Batch.
func (b *batch) Next(r *stream.Record) bool {
	for {
		for b.open.left > 0 {
			if reason := b.open.read(r); reason != "" {
				b.open.left = 0
				b.lose(b.open.next, reason)
				break
			}
			if r.Offset >= b.hi {
				b.open.left, b.rest = 0, nil
				return false
			}
			if r.Offset >= b.next {
				b.next = r.Offset + 1
				return true
			}
		}
		if !b.openNext() {
			return false
		}
	}
}

// read reads the next record, or returns the reason why it cannot.
func (o *openBatch) read(r *stream.Record) (reason string) {
	if o.old {
		return o.message(r)
	}
	return o.record(r)
}

// Err implements stream.Batch.
func (b *batch) Err() error {
	if b.corrupt == nil {
		return nil
	}
	return b.corrupt
}

// Release implements stream.Batch.
func (b *batch) Release() {
	if b.buf == nil {
		return
	}
	b.buf.release()
	b.inflater.release()
	b.buf, b.rest, b.open = nil, nil, openBatch{}
}

// lose reports the offsets from the walk's place to next.
func (b *batch) lose(next int64, reason string) {
	from, to := b.next, min(next, b.hi)
	b.next = max(b.next, next)
	if from >= to {
		return
	}
	if b.lost++; b.lost == 1 {
		b.reason = reason
		b.corrupt = &stream.CorruptError{From: from, To: to, Reason: reason}
		return
	}
	b.corrupt.To = to
	b.corrupt.Reason = fmt.Sprintf("%s (and %d more up to offset %d)", b.reason, b.lost-1, to)
}

// openNext opens the next wire batch that has records to hand out.
func (b *batch) openNext() bool {
	for len(b.rest) > 0 {
		e, err := firstEntry(b.rest)
		if e == nil {
			if err != nil {
				b.lose(b.next+1, err.Error())
			}
			b.rest = nil
			return false
		}
		b.rest = b.rest[len(e.bytes):]
		if e.base >= b.hi && !e.wraps() {
			b.rest = nil
			return false
		}
		visit, reason := b.openEntry(e)
		switch {
		case reason != "":
			b.lose(e.next, reason)
		case visit:
			return true
		default:
			b.next = max(b.next, e.next)
		}
	}
	return false
}

// openEntry checks a wire batch and prepares its records. It reports whether
// there are any to hand out, or why the batch cannot be read.
func (b *batch) openEntry(e *entry) (visit bool, reason string) {
	switch m := e.magic(); m {
	case 0, 1:
		return b.openMessage(e)
	case 2:
	default:
		return false, fmt.Sprintf("message format %d at offset %d: this version reads the formats 0 to 2", m, e.base)
	}
	want := binary.BigEndian.Uint32(e.bytes[posCRC:])
	if got := crc32.Checksum(e.bytes[posAttributes:], castagnoli); got != want {
		return false, fmt.Sprintf("checksum %08x at offset %d, want %08x", got, e.base, want)
	}
	attributes := binary.BigEndian.Uint16(e.bytes[posAttributes:])
	producer := int64(binary.BigEndian.Uint64(e.bytes[posProducerID:]))
	b.aborted.advance(e.next)
	if attributes&controlFlag != 0 {
		if isAbortMarker(e) {
			b.aborted.end(producer)
		}
		return false, ""
	}
	if e.next <= b.next || attributes&transactionalFlag != 0 && b.aborted.has(producer) {
		return false, ""
	}
	return b.openRecords(e, attributes)
}

func (b *batch) openRecords(e *entry, attributes uint16) (visit bool, reason string) {
	data := e.bytes[headerSize:]
	count := int32(binary.BigEndian.Uint32(e.bytes[posNumRecords:]))
	if count < 0 {
		return false, fmt.Sprintf("%d records at offset %d", count, e.base)
	}
	if codec := compress.Compression(attributes & compressionMask); codec != compress.None && count > 0 {
		var err error
		if data, err = b.inflater.inflate(codec, data); err != nil {
			return false, fmt.Sprintf("offset %d: %v", e.base, err)
		}
	}
	b.open = openBatch{
		entry: *e, data: data, left: count, floor: e.base,
		clock:     window.ClockCreate,
		timestamp: int64(binary.BigEndian.Uint64(e.bytes[posBaseTimestamp:])),
	}
	if attributes&appendTimeFlag != 0 {
		b.open.clock, b.open.appendTime = window.ClockAppend, true
		b.open.timestamp = int64(binary.BigEndian.Uint64(e.bytes[posMaxTimestamp:]))
	}
	return count > 0, ""
}

// isAbortMarker reads the key of a control record: its version and its type,
// 0 for abort and 1 for commit (Kafka's ControlRecordType).
func isAbortMarker(e *entry) bool {
	var r stream.Record
	o := openBatch{entry: *e, data: e.bytes[headerSize:], left: 1, floor: e.base}
	if binary.BigEndian.Uint32(e.bytes[posNumRecords:]) == 0 || o.record(&r) != "" || len(r.Key) < 4 {
		return false
	}
	return binary.BigEndian.Uint16(r.Key[2:]) == 0
}
