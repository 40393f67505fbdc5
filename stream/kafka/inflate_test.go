package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/segmentio/kafka-go/compress"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/oriel-stream/oriel/stream"
)

// allocatedBytes is how much f allocates.
func allocatedBytes(f func()) uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	f()
	metrics.Read(sample)
	return sample[0].Value.Uint64() - before
}

// The layout of zstd frames (RFC 8878, section 3.1).
const (
	zstdMagic     = 0xFD2FB528
	zstdSkippable = 0x184D2A50 // to ...5F
	zstdRLE       = 1          // a block that is one byte, repeated
)

// zstdBomb is a frame of a kilobyte, with a window of so many bits, that becomes
// 20 MB or so.
func zstdBomb(windowBits int) []byte {
	b := binary.LittleEndian.AppendUint32(nil, zstdMagic)
	b = append(b, 0, byte(windowBits-10)<<3)
	const block = 128 << 10 // the largest
	for len(b) < 1000 {
		head := uint32(block<<3 | zstdRLE<<1)
		b = append(b, byte(head), byte(head>>8), byte(head>>16), 0)
	}
	return append(b, 1, 0, 0)
}

// lz4Bomb is a kilobyte that becomes 255 times as much.
func lz4Bomb(t testing.TB) []byte {
	return compressed(t, compress.Lz4, make([]byte, 230<<10))
}

// bombs are a kilobyte of each codec that says it is much more, or is.
func bombs(t testing.TB) map[string]struct {
	codec compress.Compression
	data  []byte
} {
	skippable := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, zstdSkippable), 3)
	skippable = append(skippable, 1, 2, 3)
	small := compressed(t, compress.Zstd, []byte("small"))
	gzip := compressed(t, compress.Gzip, make([]byte, 1<<20))
	return map[string]struct {
		codec compress.Compression
		data  []byte
	}{
		"gzip":                  {compress.Gzip, gzip},
		"gzip of many members":  {compress.Gzip, slices.Concat(gzip, gzip, gzip)},
		"snappy":                {compress.Snappy, append(binary.AppendUvarint(nil, 1<<32-1), make([]byte, 1000)...)},
		"snappy at the limit":   {compress.Snappy, append(binary.AppendUvarint(nil, minInflateLimit), make([]byte, 1000)...)},
		"lz4":                   {compress.Lz4, lz4Bomb(t)},
		"zstd":                  {compress.Zstd, zstdBomb(17)},
		"zstd, window":          {compress.Zstd, zstdBomb(29)},
		"zstd, second frame":    {compress.Zstd, slices.Concat(small, zstdBomb(29))},
		"zstd, skippable frame": {compress.Zstd, slices.Concat(skippable, zstdBomb(29))},
	}
}

// TestInflateBombs: a kilobyte takes no more memory than the limit of a batch
// allows, whatever it says or is.
func TestInflateBombs(t *testing.T) {
	for name, bomb := range bombs(t) {
		if len(bomb.data) > 4<<10 {
			t.Errorf("%s: %d bytes are no small batch", name, len(bomb.data))
		}
		f := inflater{inflation: limitedInflation(minInflateLimit)}
		if got := allocatedBytes(func() { _, _ = f.inflate(bomb.codec, bomb.data) }); got > 3*minInflateLimit {
			t.Errorf("%s: %d bytes allocated", name, got)
		}
		f.release()
	}
}

// TestInflateZstd: data whose frames do not say how large they become, many times
// what is expected, and of several frames; then the room is known.
func TestInflateZstd(t *testing.T) {
	large := bytes.Repeat([]byte("oriel "), 1<<18)
	streamed := compressed(t, compress.Zstd, large)
	in := limitedInflation(minInflateLimit)
	expects := func(want int64) {
		t.Helper()
		if got := in.ratio.Load(); got != want {
			t.Errorf("ratio %d is expected, not %d", got, want)
		}
	}
	for range 2 {
		for _, test := range []struct{ data, want []byte }{
			{compressed(t, compress.Zstd, nil), nil},
			{slices.Concat(streamed, streamed), slices.Concat(large, large)},
			{streamed, large},
		} {
			f := inflater{inflation: in}
			got, err := f.inflate(compress.Zstd, test.data)
			if err != nil || !bytes.Equal(got, test.want) {
				t.Errorf("%d bytes instead of %d, %v", len(got), len(test.want), err)
			}
			f.release()
		}
	}
	expects(maxRatio)
	f := inflater{inflation: in}
	if _, err := f.inflate(compress.Zstd, compressed(t, compress.Zstd, []byte("small"))); err != nil {
		t.Error(err)
	}
	f.release()
	expects(usualRatio)
}

// TestInflateLimit: a batch of exactly the limit is read, one byte more is not.
func TestInflateLimit(t *testing.T) {
	for _, codec := range []compress.Compression{compress.Gzip, compress.Snappy, compress.Lz4, compress.Zstd} {
		f := inflater{inflation: limitedInflation(100_000)}
		for _, size := range []int{99_999, 100_000, 100_001} {
			data := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
			got, err := f.inflate(codec, compressed(t, codec, data))
			if fits := size <= f.limit; fits != (err == nil) || fits && !bytes.Equal(got, data) {
				t.Errorf("codec %v, %d bytes: %v", codec, size, err)
			}
		}
		f.release()
	}
}

// TestWalkManyBombs: of many batches in one response that each become as large
// as may be, one is held at a time.
func TestWalkManyBombs(t *testing.T) {
	const batches, each = 40, 16 << 20
	bomb := plainBatch(0, 1, int16(compress.Zstd))
	bomb.records[0].Value = make([]byte, each)
	one := bomb.encode(t)
	var set []byte
	for i := range batches {
		binary.BigEndian.PutUint64(one[posBaseOffset:], uint64(i))
		set = append(set, one...)
	}
	records := 0
	got := allocatedBytes(func() {
		b := newBatch(newBuffer(0), set, 0, math.MaxInt64, nil, newInflation(1<<20))
		defer b.Release()
		var r stream.Record
		for b.Next(&r) {
			records++
		}
	})
	if records != batches || got > batches*each/4 {
		t.Errorf("%d records took %d bytes", records, got)
	}
}

// FuzzInflate: no data takes more memory than the limit allows, and what zstd
// data becomes is what kafka-go's reader makes of it, unless a window is above
// the limit.
func FuzzInflate(f *testing.F) {
	for _, bomb := range bombs(f) {
		f.Add(byte(bomb.codec), bomb.data)
	}
	for codec := compress.Gzip; codec <= compress.Zstd; codec++ {
		f.Add(byte(codec), compressed(f, codec, []byte(strings.Repeat("oriel ", 100))))
	}
	f.Add(byte(compress.Snappy), append(append(bytes.Clone(xerialMagic), make([]byte, 8)...), 0, 0, 0, 5, 4, 12, 'a', 'b', 'c', 'd'))
	const limit = 1 << 20
	// What decoders keep for themselves: the blocks of lz4 have up to 4 MB, and
	// there are two.
	const ownMemory = 32 << 20
	const most = 4*limit + ownMemory
	f.Fuzz(func(t *testing.T, codec byte, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		var in inflater
		defer func() { in.release() }()
		var out []byte
		var err error
		allocated := uint64(math.MaxUint64)
		for try := 0; try < 3 && allocated > most; try++ {
			if try > 0 {
				// The measure is of the whole process, where earlier tests may still be
				// ending: once more, with nothing in a pool, which lasts a collection.
				in.release()
				runtime.GC()
				runtime.GC()
			}
			in = inflater{inflation: limitedInflation(limit)}
			allocated = min(allocated, allocatedBytes(func() { out, err = in.inflate(compress.Compression(codec&compressionMask), data) }))
		}
		if allocated > most || len(out) > limit {
			t.Fatalf("codec %d: %d bytes become %d and take %d: %v", codec, len(data), len(out), allocated, err)
		}
		if compress.Compression(codec&compressionMask) != compress.Zstd || errors.Is(err, zstd.ErrWindowSizeExceeded) {
			return
		}
		r := compress.Zstd.Codec().NewReader(bytes.NewReader(data))
		defer r.Close()
		want, failed := io.ReadAll(io.LimitReader(r, limit+1))
		if failed == nil && len(want) <= limit && (err != nil || !bytes.Equal(out, want)) {
			t.Fatalf("zstd: %d bytes, %v; kafka-go reads %d", len(out), err, len(want))
		}
	})
}

// FuzzRecordSets: what the headers of a set say is what walking it finds,
// whatever the records of its batches are.
func FuzzRecordSets(f *testing.F) {
	f.Add([]byte("abc"), byte(4), int64(5), uint16(3), byte(0))
	f.Add([]byte{0, 0, 0}, byte(1), int64(0), uint16(0), byte(0x20))
	f.Fuzz(func(t *testing.T, records []byte, codec byte, base int64, count uint16, attributes byte) {
		if base < 0 || base > 1<<40 || codec > 4 || len(records) > 1<<12 {
			return
		}
		data := records
		if codec > 0 {
			data = compressed(t, compress.Compression(codec), records)
		}
		b := kmsg.RecordBatch{
			FirstOffset: base, Magic: 2, Attributes: int16(codec) | int16(attributes)&^compressionMask,
			LastOffsetDelta: int32(count), NumRecords: int32(count) + 1, ProducerID: -1, Records: data,
		}
		set := seal(b.AppendTo(nil))
		got, corrupt := walk(set, 0, math.MaxInt64)
		s, err := scan(set, 0, math.MaxInt64)
		if err != nil || s.next != base+int64(count)+1 {
			t.Fatalf("scan: next %d, %v", s.next, err)
		}
		for _, r := range got {
			if r.Offset < base || r.Offset >= s.next {
				t.Fatalf("offset %d of [%d, %d)", r.Offset, base, s.next)
			}
		}
		if corrupt != nil && corrupt.To > s.next {
			t.Fatalf("lost up to %d of %d", corrupt.To, s.next)
		}
	})
}
