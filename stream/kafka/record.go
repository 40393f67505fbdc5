package kafka

import (
	"fmt"

	"github.com/oriel-stream/oriel/stream"
)

// record reads the next record of the batch into r, or returns the reason why
// it cannot. The layout is that of Kafka's DefaultRecord: zig-zag varints, and
// -1 for the length of null.
func (o *openBatch) record(r *stream.Record) (reason string) {
	f := fields{b: o.data}
	size := f.number()
	if f.bad || size < 0 || size > int64(len(o.data)-f.i) {
		return o.malformed("the length of a record")
	}
	end := f.i + int(size)
	f.b = o.data[:end]

	f.skip(1) // attributes, unused
	timestamp := f.number()
	delta := f.number()
	r.Key = f.bytes()
	r.Value = f.bytes()
	r.Headers = f.headers(r.Headers[:0])
	if f.bad || f.i != end {
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

// fields reads what a record is made of from b, at i. After something that
// cannot be read, bad is set and what it returns means nothing.
type fields struct {
	b   []byte
	i   int
	bad bool
}

func (f *fields) skip(n int) {
	f.i += n
	if f.i > len(f.b) {
		f.i, f.bad = len(f.b), true
	}
}

// number reads a zig-zag varint of at most 64 bits.
func (f *fields) number() int64 {
	// Most numbers here have one byte.
	if f.i < len(f.b) && f.b[f.i] < 0x80 {
		u := f.b[f.i]
		f.i++
		return int64(u>>1) ^ -int64(u&1)
	}
	return f.longNumber()
}

func (f *fields) longNumber() int64 {
	const maxShift = 63
	var u uint64
	for shift := uint(0); shift <= maxShift && f.i < len(f.b); shift += 7 {
		c := f.b[f.i]
		f.i++
		u |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return int64(u>>1) ^ -int64(u&1)
		}
	}
	f.bad = true
	return 0
}

// bytes reads a length and so many bytes: nil for null, empty for none.
func (f *fields) bytes() []byte {
	n := f.number()
	if n == -1 {
		return nil
	}
	if n < 0 || n > int64(len(f.b)-f.i) {
		f.bad = true
		return nil
	}
	i := f.i
	f.i += int(n)
	return f.b[i:f.i:f.i]
}

// headers appends the headers of a record to dst.
func (f *fields) headers(dst []stream.Header) []stream.Header {
	for n := f.number(); n != 0; n-- {
		// A header takes two bytes at least: a count beyond that ends here.
		if n < 0 || f.bad {
			f.bad = true
			return dst
		}
		dst = append(dst, stream.Header{Key: f.bytes(), Value: f.bytes()})
	}
	return dst
}
