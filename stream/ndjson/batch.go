package ndjson

import (
	"sync"
	"unsafe"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// A batch is cut at so many records or bytes of keys, payloads and headers.
const (
	batchRecords = 256
	batchBytes   = 64 << 10
)

// batch is a stream.Batch: records copied out of their lines, back to back.
type batch struct {
	pool    *batchPool
	arena   []byte
	entries []entry
	spans   []headerSpan
	walked  int
	headers []stream.Header // what Next hands out
}

// span is a part of the arena; from is negative for null.
type span struct{ from, to int }

// entry is one record.
type entry struct {
	offset, timestamp int64
	clock             window.Clock
	key, value        span
	headers           span // a part of spans
}

type headerSpan struct{ key, value span }

// add copies a record into the batch.
func (b *batch) add(r *stream.Record) {
	e := entry{
		offset: r.Offset, timestamp: r.Timestamp, clock: r.Clock,
		key: b.copy(r.Key), value: b.copy(r.Value),
		headers: span{from: len(b.spans)},
	}
	for _, h := range r.Headers {
		b.spans = append(b.spans, headerSpan{b.copy(h.Key), b.copy(h.Value)})
	}
	e.headers.to = len(b.spans)
	b.entries = append(b.entries, e)
}

func (b *batch) copy(bytes []byte) span {
	if bytes == nil {
		return span{from: -1}
	}
	from := len(b.arena)
	b.arena = append(b.arena, bytes...)
	return span{from, len(b.arena)}
}

func (b *batch) bytes(s span) []byte {
	switch {
	case s.from < 0:
		return nil
	case s.from == s.to:
		return []byte{} // the arena may be nil where nothing is in it
	default:
		return b.arena[s.from:s.to:s.to]
	}
}

// full reports whether the batch is to be cut.
func (b *batch) full() bool {
	return len(b.entries) >= batchRecords || len(b.arena) >= batchBytes
}

// size is the memory that the batch holds, in bytes.
func (b *batch) size() int64 {
	return int64(unsafe.Sizeof(*b)) + int64(cap(b.arena)) +
		int64(cap(b.entries))*int64(unsafe.Sizeof(entry{})) +
		int64(cap(b.spans))*int64(unsafe.Sizeof(headerSpan{}))
}

// next is the offset behind the batch's last record.
func (b *batch) next() int64 { return b.entries[len(b.entries)-1].offset + 1 }

// Next implements stream.Batch.
func (b *batch) Next(r *stream.Record) bool {
	if b.walked == len(b.entries) {
		return false
	}
	b.record(b.walked, r)
	b.walked++
	return true
}

// record fills r with the record of that number.
func (b *batch) record(i int, r *stream.Record) {
	e := &b.entries[i]
	b.headers = b.headers[:0]
	for _, h := range b.spans[e.headers.from:e.headers.to] {
		b.headers = append(b.headers, stream.Header{Key: b.bytes(h.key), Value: b.bytes(h.value)})
	}
	*r = stream.Record{
		Offset: e.offset, Timestamp: e.timestamp, Clock: e.clock,
		Key: b.bytes(e.key), Value: b.bytes(e.value), Headers: b.headers,
	}
}

// Err implements stream.Batch. A line that was not an envelope never got into
// a batch.
func (b *batch) Err() error { return nil }

// Release implements stream.Batch.
func (b *batch) Release() { b.pool.put(b) }

// batchPool recycles the memory of released batches.
type batchPool struct{ free sync.Pool }

func (p *batchPool) get() *batch {
	if b, ok := p.free.Get().(*batch); ok {
		return b
	}
	return &batch{pool: p}
}

// put takes a batch back, unless one huge payload made it huge.
func (p *batchPool) put(b *batch) {
	if cap(b.arena) > keepScratch {
		return
	}
	b.arena, b.entries, b.spans, b.walked = b.arena[:0], b.entries[:0], b.spans[:0], 0
	p.free.Put(b)
}
