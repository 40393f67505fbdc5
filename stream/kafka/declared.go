package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"

	"github.com/segmentio/kafka-go/compress"
)

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

// The layout of zstd frames (RFC 8878, section 3.1).
const (
	zstdMagic         = 0xFD2FB528
	zstdSkippable     = 0x184D2A50 // to ...5F
	zstdSingleSegment = 0x20
	zstdChecksum      = 0x04

	zstdRLE = 1 // a block that is one byte, repeated
)

// zstdWindow is the largest window that a frame of the data declares: its
// decoder allocates that. Of what is no frame it says nothing, nor will the
// decoder read it.
func zstdWindow(data []byte) uint64 {
	largest := uint64(0)
	for len(data) >= 8 {
		magic := binary.LittleEndian.Uint32(data)
		if magic&^0xF == zstdSkippable {
			size := uint64(binary.LittleEndian.Uint32(data[4:]))
			data = data[min(8+size, uint64(len(data))):]
			continue
		}
		if magic != zstdMagic {
			break
		}
		window, blocks := zstdHeader(data[4:])
		largest = max(largest, window)
		data = behindBlocks(blocks, data[4]&zstdChecksum != 0)
	}
	return largest
}

// zstdHeader reads a frame's header behind the magic: its window, and what
// follows the header.
func zstdHeader(b []byte) (window uint64, blocks []byte) {
	descriptor, rest := b[0], b[1:]
	single := descriptor&zstdSingleSegment != 0
	if !single {
		base := uint64(1) << (10 + rest[0]>>3)
		window, rest = base+base/8*uint64(rest[0]&7), rest[1:]
	}
	dictionary := [4]int{0, 1, 2, 4}[descriptor&3]
	width := [4]int{0, 2, 4, 8}[descriptor>>6]
	if single {
		width = max(width, 1)
	}
	if len(rest) < dictionary+width {
		return window, nil
	}
	if single {
		var size [8]byte
		copy(size[:], rest[dictionary:dictionary+width])
		window = binary.LittleEndian.Uint64(size[:])
	}
	return window, rest[dictionary+width:]
}

// behindBlocks is what follows the blocks of a frame, and the checksum if it has
// one.
func behindBlocks(b []byte, checksum bool) []byte {
	for last := false; !last; {
		if len(b) < 3 {
			return nil
		}
		head := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
		last = head&1 != 0
		size := int(head >> 3)
		if head>>1&3 == zstdRLE {
			size = 1
		}
		b = b[min(3+size, len(b)):]
	}
	if checksum {
		b = b[min(4, len(b)):]
	}
	return b
}
