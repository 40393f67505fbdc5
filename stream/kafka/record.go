package kafka

import (
	"fmt"

	"github.com/oriel-stream/oriel/stream"
)

// record reads the next record of the batch into r, or returns the reason why
// it cannot. The layout is that of Kafka's DefaultRecord: zig-zag varints, and
// -1 for the length of null.
func (o *openBatch) record(r *stream.Record) (reason string) {
	b := o.data
	size, i := number(b, 0)
	if i == bad || size < 0 || size > int64(len(b)-i) {
		return o.malformed("the length of a record")
	}
	end := i + int(size)
	b = b[:end]

	var timestamp, delta int64
	timestamp, i = number(b, i+1) // behind the attributes, unused
	delta, i = number(b, i)
	r.Key, i = byteString(b, i)
	r.Value, i = byteString(b, i)
	r.Headers, i = headers(b, i, r.Headers[:0])
	if i != end {
		return o.malformed("the fields of a record")
	}
	r.Offset = o.base + delta
	if delta < 0 || delta >= o.next-o.base || r.Offset < o.floor {
		return o.malformed("the offset of a record")
	}
	o.data, o.floor = o.data[end:], r.Offset+1
	if o.left--; o.left == 0 && len(o.data) != 0 {
		return o.malformed("bytes behind the last record")
	}
	r.Timestamp, r.Clock = o.timestamp, o.clock
	if !o.appendTime {
		r.Timestamp += timestamp
	}
	return ""
}

func (o *openBatch) malformed(what string) string {
	return fmt.Sprintf("%s is malformed, in the batch at offset %d", what, o.base)
}

// bad is the index that reading returns behind what cannot be read. Reading from
// there returns it again.
const bad = -1

// number reads a zig-zag varint of at most 64 bits at b[i], and returns the index
// behind it.
func number(b []byte, i int) (n int64, next int) {
	// Most numbers here have one byte.
	if uint(i) < uint(len(b)) && b[i] < 0x80 {
		return unzigzag(uint64(b[i])), i + 1
	}
	return longNumber(b, i)
}

func longNumber(b []byte, i int) (n int64, next int) {
	const maxShift = 63
	if i == bad {
		return 0, bad
	}
	var u uint64
	for shift := uint(0); shift <= maxShift && i < len(b); shift += 7 {
		c := b[i]
		i++
		u |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return unzigzag(u), i
		}
	}
	return 0, bad
}

func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// byteString reads a length and so many bytes: nil for null, empty for none.
func byteString(b []byte, i int) (s []byte, next int) {
	n, i := number(b, i)
	switch {
	case i == bad:
		return nil, bad
	case n == -1:
		return nil, i
	case n < 0 || n > int64(len(b)-i):
		return nil, bad
	}
	next = i + int(n)
	return b[i:next:next], next
}

// headers appends the headers of a record to dst.
func headers(b []byte, i int, dst []stream.Header) (all []stream.Header, next int) {
	n, i := number(b, i)
	for ; n != 0 && i != bad; n-- {
		// A header takes two bytes at least: a count beyond that ends here.
		if n < 0 {
			return dst, bad
		}
		var h stream.Header
		h.Key, i = byteString(b, i)
		h.Value, i = byteString(b, i)
		dst = append(dst, h)
	}
	return dst, i
}
