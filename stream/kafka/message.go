package kafka

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/segmentio/kafka-go/compress"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// The formats before batches, which Kafka wrote until 0.11 and may have kept on
// disk since: a message stands for itself. A compressed one wraps others, and
// its offset is that of the last of them.
//
//	offset 8, length 4, checksum 4, magic 1, attributes 1,
//	timestamp 8 (magic 1 only), key, value, each with its length before it
const (
	posMessageCRC        = 12
	posMessageAttributes = 17
	posMessageTimestamp  = 18
	posMessageKey        = 18 // of magic 0
	timestampSize        = 8
)

// message is one of magic 0 or 1, taken apart.
type message struct {
	offset     int64
	codec      compress.Compression
	appendTime bool
	timestamp  int64 // -1 for none
	key, value []byte
}

// parseMessage checks a message and takes it apart, or says why it cannot.
func parseMessage(e *entry) (m message, reason string) {
	if want, got := binary.BigEndian.Uint32(e.bytes[posMessageCRC:]), crc32.ChecksumIEEE(e.bytes[posMagic:]); got != want {
		return m, fmt.Sprintf("checksum %08x at offset %d, want %08x", got, e.base, want)
	}
	attributes := e.bytes[posMessageAttributes]
	m = message{
		offset: e.base, timestamp: -1,
		codec: compress.Compression(attributes & compressionMask), appendTime: attributes&appendTimeFlag != 0,
	}
	rest := e.bytes[posMessageKey:]
	if e.magic() == 1 {
		if len(rest) < timestampSize {
			return m, fmt.Sprintf("a message of %d bytes at offset %d", len(e.bytes), e.base)
		}
		m.timestamp = int64(binary.BigEndian.Uint64(rest))
		rest = rest[timestampSize:]
	}
	ok := false
	if m.key, rest, ok = sized(rest); ok {
		m.value, rest, ok = sized(rest)
	}
	if !ok || len(rest) > 0 {
		return m, fmt.Sprintf("the fields of the message at offset %d are malformed", e.base)
	}
	return m, ""
}

// sized cuts bytes with their length before them off b; nil for null.
func sized(b []byte) (field, rest []byte, ok bool) {
	const size = 4
	if len(b) < size {
		return nil, nil, false
	}
	n := int64(int32(binary.BigEndian.Uint32(b)))
	b = b[size:]
	switch {
	case n == -1:
		return nil, b, true
	case n < 0 || n > int64(len(b)):
		return nil, nil, false
	}
	return b[:n:n], b[n:], true
}

// openMessage prepares a message of an old format, or those that it wraps.
func (b *batch) openMessage(e *entry) (visit bool, reason string) {
	m, reason := parseMessage(e)
	if reason != "" || e.next <= b.next {
		return false, reason
	}
	b.open = openBatch{entry: *e, old: true, data: e.bytes, left: 1, clock: window.ClockCreate, floor: 0}
	if m.codec == compress.None {
		return true, ""
	}
	inner, err := b.inflater.inflate(m.codec, m.value)
	if err != nil {
		return false, fmt.Sprintf("offset %d: %v", e.base, err)
	}
	count, last, reason := countMessages(inner)
	if reason != "" {
		return false, fmt.Sprintf("%s, wrapped at offset %d", reason, e.base)
	}
	// Of magic 1 the offsets inside count from the first, of magic 0 they are
	// those of the log: either way the last is the wrapper's.
	b.open.data, b.open.left, b.open.shift = inner, count, e.base-last
	if m.appendTime {
		b.open.appendTime, b.open.clock, b.open.timestamp = true, window.ClockAppend, m.timestamp
	}
	return count > 0, ""
}

// countMessages counts the messages of a set that must be whole, and returns the
// offset of the last.
func countMessages(set []byte) (count int32, last int64, reason string) {
	for len(set) > 0 {
		e, err := firstEntry(set)
		switch {
		case err != nil:
			return 0, 0, err.Error()
		case e == nil, e.magic() > 1:
			return 0, 0, "messages that are cut short"
		}
		last = e.base
		count++
		set = set[len(e.bytes):]
	}
	return count, last, ""
}

// message reads the next message of the open entry into r, or returns the reason
// why it cannot.
func (o *openBatch) message(r *stream.Record) (reason string) {
	e, err := firstEntry(o.data)
	if err != nil || e == nil {
		return o.malformed("a message")
	}
	m, reason := parseMessage(e)
	if reason != "" {
		return reason
	}
	r.Offset = m.offset + o.shift
	if m.codec != compress.None || r.Offset < o.floor || r.Offset >= o.next {
		return o.malformed("the offset of a message")
	}
	o.data, o.floor = o.data[len(e.bytes):], r.Offset+1
	o.left--
	r.Key, r.Value, r.Headers = m.key, m.value, r.Headers[:0]
	r.Timestamp, r.Clock = m.timestamp, o.clock
	if o.appendTime {
		r.Timestamp = o.timestamp
	} else if m.appendTime {
		r.Clock = window.ClockAppend
	}
	return ""
}
