package kafka

import "encoding/binary"

const lz4Magic = 0x184D2204

// lz4Block is the size of the blocks of an lz4 frame, 0 where data is none: with
// so much room the decoder needs no memory of its own and copies nothing.
func lz4Block(data []byte) int {
	const descriptor = 5 // behind the magic and the flags (LZ4 frame format 1.6)
	if len(data) <= descriptor || binary.LittleEndian.Uint32(data) != lz4Magic {
		return 0
	}
	const smallest, largest = 4, 7 // 64 KB, and four times as much each
	size := data[descriptor] >> 4 & 7
	if size < smallest || size > largest {
		return 0
	}
	return 64 << 10 << (2 * (size - smallest))
}
