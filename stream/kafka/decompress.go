package kafka

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
	"github.com/segmentio/kafka-go/compress"
)

// inflation is what the inflaters of a client share.
type inflation struct {
	limit int // bytes of one decompressed batch
	zstd  *zstd.Decoder
	// ratio is how many times as large as its data the last batch of zstd became.
	// The next has as much room, if it does not say how much it takes.
	ratio atomic.Int64
}

// inflateRatio times the fetch size is the limit of a decompressed batch, if
// that is more than minInflateLimit: a batch of a megabyte may well hold tens of
// them.
const (
	inflateRatio    = 4
	minInflateLimit = 64 << 20
)

// usualRatio is how many times as large batches become at first sight.
const usualRatio = 4

// newInflation is for fetches of so many bytes a partition.
func newInflation(fetchBytes int) *inflation {
	return limitedInflation(max(minInflateLimit, inflateRatio*fetchBytes))
}

func limitedInflation(limit int) *inflation {
	in := &inflation{limit: limit, zstd: newZstdDecoder(limit)}
	in.ratio.Store(usualRatio)
	return in
}

// inflater decompresses the batches of one record set, one after the other. What
// it returns lies in pooled memory and is valid until the next, or release: so
// however many small batches that become large a set has, one of them is held.
type inflater struct {
	*inflation
	src bytes.Reader
	buf *buffer // nil for none yet
}

// maxIdleReads bounds the reads in a row that bring nothing.
const maxIdleReads = 100

func (f *inflater) inflate(codec compress.Compression, data []byte) ([]byte, error) {
	c := codec.Codec()
	if c == nil {
		return nil, fmt.Errorf("unknown compression %d", codec)
	}
	switch codec {
	case compress.Zstd:
		return f.inflateZstd(data)
	case compress.Snappy:
		// Its decoder allocates what the data declares before it has read it.
		if size, err := snappySize(data); err != nil {
			return nil, err
		} else if size > uint64(f.limit) {
			return nil, f.tooLarge()
		}
	case compress.Lz4:
		f.room(max(lz4Block(data), usualRatio*len(data)))
	default: // allocates as it reads
	}
	f.src.Reset(data)
	r := c.NewReader(&f.src)
	out, err := f.readAll(r, len(data))
	// An error of Close tells nothing that readAll does not: the reader
	// returns to its pool either way.
	_ = r.Close()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name(), err)
	}
	return out, nil
}

// readAll reads r to its end into the buffer.
func (f *inflater) readAll(r io.Reader, compressed int) ([]byte, error) {
	if f.buf == nil {
		f.room(usualRatio * compressed)
	}
	var beyond [1]byte
	n := 0
	for idle := 0; idle < maxIdleReads; {
		if n == len(f.buf.b) && n < f.limit {
			f.grow(n, 2*n)
		}
		dst := f.buf.b[n:]
		if len(dst) == 0 {
			dst = beyond[:] // only to see whether there is more
		}
		m, err := r.Read(dst)
		n += m
		if n > f.limit {
			return nil, f.tooLarge()
		}
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return f.buf.b[:n:n], nil
		}
		if err != nil {
			return nil, err
		}
		if idle++; m > 0 {
			idle = 0
		}
	}
	return nil, io.ErrNoProgress
}

// room makes room for size, unless it is there.
func (f *inflater) room(size int) {
	if f.buf == nil || len(f.buf.b) < size {
		f.grow(0, size)
	}
}

// grow keeps the first n bytes and makes room for size.
func (f *inflater) grow(n, size int) {
	buf := newBuffer(min(size, f.limit))
	if f.buf != nil {
		copy(buf.b, f.buf.b[:n])
		f.buf.release()
	}
	f.buf = buf
}

func (f *inflater) release() {
	if f.buf != nil {
		f.buf.release()
		f.buf = nil
	}
}

func (f *inflater) tooLarge() error {
	return fmt.Errorf("the batch decompresses to more than %d bytes: raise -X max.partition.fetch.bytes above %d",
		f.limit, f.limit/inflateRatio)
}
