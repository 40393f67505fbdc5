package kafka

import (
	"io"
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

// firstRoom is how many bytes are believed to come because somebody says so:
// more than usual record sets have. It is a size of the pools.
const firstRoom = 4 << 20

// readBuffer reads size bytes into a buffer. Room beyond the first is made for
// as much again as has arrived: a size that is only declared takes no memory. It
// returns how many bytes it has read, and no buffer with an error.
func readBuffer(src io.Reader, size int) (*buffer, int, error) {
	buf := newBuffer(min(size, firstRoom))
	n := 0
	for {
		m, err := io.ReadFull(src, buf.b[n:min(size, len(buf.b))])
		if n += m; err != nil {
			buf.release()
			return nil, n, err
		}
		if n == size {
			buf.b = buf.b[:size]
			return buf, n, nil
		}
		more := newBuffer(min(size, 2*n))
		copy(more.b, buf.b)
		buf.release()
		buf = more
	}
}
