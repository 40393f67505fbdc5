package kafka

import (
	"math/bits"
	"sync"
)

// Buffers are pooled by powers of two: a small live response must not take
// the place of a megabyte, nor hold one.
const (
	minBufferBits = 12 // 4 KiB
	maxBufferBits = 26 // 64 MiB; larger ones are left to the collector
)

// pools are shared by the process, because kafka-go creates the responses that
// take from them.
var pools [maxBufferBits + 1]sync.Pool

// buffer is memory from the pools. len(b) is what is used.
type buffer struct {
	b []byte
}

// newBuffer returns a buffer with room for at least n bytes: its length is its
// whole capacity.
func newBuffer(n int) *buffer {
	class := max(minBufferBits, bits.Len(uint(max(n-1, 0))))
	if class > maxBufferBits {
		return &buffer{b: make([]byte, n)}
	}
	if buf, ok := pools[class].Get().(*buffer); ok {
		buf.b = buf.b[:cap(buf.b)]
		return buf
	}
	return &buffer{b: make([]byte, 1<<class)}
}

// release gives the memory back. The buffer must not be used afterwards.
func (b *buffer) release() {
	class := bits.Len(uint(cap(b.b))) - 1
	if class <= maxBufferBits && cap(b.b) == 1<<class {
		pools[class].Put(b)
	}
}
