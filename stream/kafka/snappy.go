package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
)

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
