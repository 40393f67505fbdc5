package kafka

import (
	"errors"
	"fmt"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// newZstdDecoder returns a decoder of batches, and windows, of up to limit
// bytes. It does not verify the content checksums of frames: the checksum of the
// record batch covers their bytes, and is.
func newZstdDecoder(limit int) *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(uint64(limit)),
		zstd.IgnoreChecksum(true), zstd.WithDecoderConcurrency(0)) // 0: as many at once as there are cores
	if err != nil {
		panic(err) // an option that does not exist
	}
	return d
}

// zstdSlack is the room behind a batch that lets the decoder copy without
// looking: its largest block, and some.
const zstdSlack = 128<<10 + 16

// inflateZstd decodes at once into the buffer: the way by an io.Reader keeps a
// window of its own and copies twice.
func (f *inflater) inflateZstd(data []byte) ([]byte, error) {
	size, err := f.zstdSize(data)
	if err != nil {
		return nil, err
	}
	f.room(size)
	out, err := f.zstd.DecodeAll(data, f.buf.b[:0])
	switch {
	case errors.Is(err, zstd.ErrDecoderSizeExceeded) || len(out) > f.limit:
		return nil, f.tooLarge()
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return nil, fmt.Errorf("zstd: %w, which is %d bytes: raise -X max.partition.fetch.bytes above %d", err, f.limit, f.limit/inflateRatio)
	case err != nil:
		return nil, fmt.Errorf("zstd: %w", err)
	}
	if cap(out) > cap(f.buf.b) { // out has been moved
		f.buf.release()
		f.buf = &buffer{b: out[:cap(out)]}
	}
	f.expect(len(out), len(data))
	return slices.Clip(out), nil
}

// zstdSize is the room that decoding data takes: what the first frame says, or
// what is expected.
func (f *inflater) zstdSize(data []byte) (int, error) {
	var head zstd.Header
	isFrame := head.Decode(data) == nil // if not, the decoder says why
	switch {
	case !isFrame || !head.HasFCS:
		return int(f.ratio.Load())*len(data) + zstdSlack, nil
	case head.FrameContentSize > uint64(f.limit):
		return 0, f.tooLarge()
	default:
		return int(head.FrameContentSize) + zstdSlack, nil
	}
}

// maxRatio bounds the room for batches that have not been seen.
const maxRatio = 32

// expect notes how large data became.
func (in *inflation) expect(size, compressed int) {
	if compressed == 0 {
		return
	}
	if ratio := int64(max(usualRatio, min(size/compressed+1, maxRatio))); ratio != in.ratio.Load() {
		in.ratio.Store(ratio)
	}
}
