package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/segmentio/kafka-go/compress"
)

// inflater decompresses the batches of one record set. What it returns lies in
// pooled memory and is valid until release.
type inflater struct {
	limit int // bytes of one decompressed batch
	src   bytes.Reader
	bufs  []*buffer
	free  []byte // the unused end of the last of bufs
}

// minInflateLimit is the least limit: a batch of a megabyte may well hold tens
// of them.
const minInflateLimit = 64 << 20

// maxIdleReads bounds the reads in a row that bring nothing.
const maxIdleReads = 100

func (f *inflater) inflate(codec compress.Compression, data []byte) ([]byte, error) {
	c := codec.Codec()
	if c == nil {
		return nil, fmt.Errorf("unknown compression %d", codec)
	}
	if err := f.declared(codec, data); err != nil {
		return nil, err
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

// readAll reads r to its end into the free memory.
func (f *inflater) readAll(r io.Reader, compressed int) ([]byte, error) {
	dst, n := f.free, 0
	for idle := 0; idle < maxIdleReads; {
		if n == len(dst) {
			dst = f.grow(dst, compressed)
		}
		m, err := r.Read(dst[n:])
		n += m
		if n > f.limit {
			return nil, f.tooLarge()
		}
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			f.free = dst[n:]
			return dst[:n:n], nil
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

// grow copies what is there into a buffer with room for more.
func (f *inflater) grow(full []byte, compressed int) []byte {
	const usualRatio = 4
	buf := newBuffer(max(2*len(full), min(usualRatio*compressed, f.limit)))
	f.bufs = append(f.bufs, buf)
	copy(buf.b, full)
	return buf.b
}

func (f *inflater) release() {
	for _, b := range f.bufs {
		b.release()
	}
	f.bufs, f.free = nil, nil
}

func (f *inflater) tooLarge() error {
	return fmt.Errorf("the batch decompresses to more than %d bytes: raise -X max.partition.fetch.bytes above %d",
		f.limit, f.limit/inflateRatio)
}

// declared refuses data whose decoder would allocate what the data declares
// before it has read it.
func (f *inflater) declared(codec compress.Compression, data []byte) error {
	size := uint64(0)
	switch codec {
	case compress.Snappy:
		var err error
		if size, err = snappySize(data); err != nil {
			return err
		}
	case compress.Zstd:
		size = zstdWindow(data)
	default: // allocates as it reads
	}
	if size > uint64(f.limit) {
		return f.tooLarge()
	}
	return nil
}

// xerialMagic begins snappy data in the framing of snappy-java: a header of 16
// bytes, then blocks behind their sizes.
var xerialMagic = []byte{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0}

const xerialHeader = 16

// snappySize is the decompressed size that snappy data declares.
func snappySize(data []byte) (uint64, error) {
	if len(data) < xerialHeader || !bytes.HasPrefix(data, xerialMagic) {
		size, n := binary.Uvarint(data)
		if n <= 0 {
			return 0, errors.New("snappy: no size")
		}
		return size, nil
	}
	total := uint64(0)
	for rest := data[xerialHeader:]; len(rest) > 0; {
		if len(rest) < 4 {
			return 0, errors.New("snappy: a block without its size")
		}
		block := uint64(binary.BigEndian.Uint32(rest))
		rest = rest[4:]
		if block > uint64(len(rest)) {
			return 0, errors.New("snappy: a block longer than the data")
		}
		size, n := binary.Uvarint(rest[:block])
		if n <= 0 {
			return 0, errors.New("snappy: a block without a size")
		}
		rest = rest[block:]
		if total += size; total < size {
			return math.MaxUint64, nil
		}
	}
	return total, nil
}

// zstdWindow is the window that a zstd frame declares and its decoder
// allocates (RFC 8878, section 3.1.1.1); 0 if there is no frame.
func zstdWindow(data []byte) uint64 {
	const magic, singleSegment = 0xFD2FB528, 0x20
	if len(data) < 6 || binary.LittleEndian.Uint32(data) != magic {
		return 0
	}
	descriptor, rest := data[4], data[5:]
	if descriptor&singleSegment == 0 {
		base := uint64(1) << (10 + rest[0]>>3)
		return base + base/8*uint64(rest[0]&7)
	}
	dictionary := [4]int{0, 1, 2, 4}[descriptor&3]
	width := [4]int{1, 2, 4, 8}[descriptor>>6]
	if len(rest) < dictionary+width {
		return 0
	}
	var size [8]byte
	copy(size[:], rest[dictionary:dictionary+width])
	return binary.LittleEndian.Uint64(size[:])
}
