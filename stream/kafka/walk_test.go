package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/segmentio/kafka-go/compress"
	"github.com/segmentio/kafka-go/protocol/fetch"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/oriel-stream/oriel/stream"
)

// wireBatch is a batch to be encoded, by kmsg and not by what is tested.
type wireBatch struct {
	base       int64
	last       int32 // last offset delta; the last record's if 0
	attributes int16
	time       int64
	maxTime    int64
	producer   int64
	records    []kmsg.Record
}

func (w wireBatch) encode(t testing.TB) []byte {
	t.Helper()
	var data []byte
	for _, r := range w.records {
		body := r.AppendTo(nil)
		// The length of a record counts what follows it; it was encoded as 0.
		r.Length = int32(len(body) - 1)
		data = r.AppendTo(data)
	}
	if codec := compress.Compression(w.attributes & compressionMask).Codec(); codec != nil {
		var b bytes.Buffer
		c := codec.NewWriter(&b)
		if _, err := c.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		data = b.Bytes()
	}
	if w.last == 0 && len(w.records) > 0 {
		w.last = w.records[len(w.records)-1].OffsetDelta
	}
	b := kmsg.RecordBatch{
		FirstOffset: w.base, Magic: 2, Attributes: w.attributes, LastOffsetDelta: w.last,
		FirstTimestamp: w.time, MaxTimestamp: w.maxTime, ProducerID: w.producer,
		NumRecords: int32(len(w.records)), Records: data,
	}
	return seal(b.AppendTo(nil))
}

// seal sets the length and the checksum of an encoded batch, or message.
func seal(b []byte) []byte {
	switch {
	case len(b) > posMessageKey && b[posMagic] < 2:
		binary.BigEndian.PutUint32(b[posLength:], uint32(len(b)-logOverhead))
		binary.BigEndian.PutUint32(b[posMessageCRC:], crc32.ChecksumIEEE(b[posMagic:]))
	case len(b) >= headerSize:
		binary.BigEndian.PutUint32(b[posLength:], uint32(len(b)-logOverhead))
		binary.BigEndian.PutUint32(b[posCRC:], crc32.Checksum(b[posAttributes:], crc32.MakeTable(crc32.Castagnoli)))
	}
	return b
}

func rec(delta int32, key, value string) kmsg.Record {
	return kmsg.Record{OffsetDelta: delta, TimestampDelta64: int64(delta), Key: []byte(key), Value: []byte(value)}
}

// plainBatch holds the offsets base to base+n-1.
func plainBatch(base int64, n int, attributes int16) wireBatch {
	w := wireBatch{base: base, attributes: attributes, time: firstTime, producer: -1}
	for i := range n {
		w.records = append(w.records, rec(int32(i), "k", strings.Repeat("v", i)))
	}
	return w
}

// marker is a control batch: 0 aborts, 1 commits.
func marker(base, producer int64, kind byte) wireBatch {
	return wireBatch{
		base: base, attributes: controlFlag | transactionalFlag, producer: producer,
		records: []kmsg.Record{{Key: []byte{0, 0, 0, kind}, Value: make([]byte, 6)}},
	}
}

// walk hands a record set to a batch and returns what comes out.
func walk(set []byte, lo, hi int64, aborted ...fetch.ResponseTransaction) ([]read, *stream.CorruptError) {
	buf := newBuffer(len(set))
	buf.b = buf.b[:copy(buf.b, set)]
	b := newBatch(buf, buf.b, lo, hi, aborted, newInflation(1<<20))
	defer b.Release()
	var out []read
	var r stream.Record
	for b.Next(&r) {
		out = append(out, readOf(&r))
	}
	var corrupt *stream.CorruptError
	errors.As(b.Err(), &corrupt)
	return out, corrupt
}

func offsetsOf(records []read) []int64 {
	var out []int64
	for _, r := range records {
		out = append(out, r.Offset)
	}
	return out
}

func concat(t testing.TB, batches ...wireBatch) []byte {
	var set []byte
	for _, b := range batches {
		set = append(set, b.encode(t)...)
	}
	return set
}

func TestWalk(t *testing.T) {
	gappy := plainBatch(10, 5, 0) // compaction left the offsets 11 and 14 of 10 to 19
	gappy.records = []kmsg.Record{rec(1, "a", "b"), rec(4, "c", "d")}
	gappy.last = 9
	empty := wireBatch{base: 5, last: 4, producer: -1} // compaction left nothing
	transactional := func(base, producer int64) wireBatch {
		b := plainBatch(base, 2, transactionalFlag)
		b.producer = producer
		return b
	}
	for _, test := range []struct {
		name    string
		batches []wireBatch
		lo, hi  int64
		aborted []fetch.ResponseTransaction
		want    []int64
	}{
		{"plain", []wireBatch{plainBatch(0, 3, 0)}, 0, math.MaxInt64, nil, []int64{0, 1, 2}},
		{"from inside", []wireBatch{plainBatch(0, 3, 0)}, 2, math.MaxInt64, nil, []int64{2}},
		{"to inside", []wireBatch{plainBatch(0, 3, 0), plainBatch(3, 2, 0)}, 0, 2, nil, []int64{0, 1}},
		{"compacted", []wireBatch{empty, gappy, plainBatch(20, 1, 0)}, 5, math.MaxInt64, nil, []int64{11, 14, 20}},
		{"batches twice", []wireBatch{plainBatch(0, 3, 0), plainBatch(1, 3, 0)}, 0, math.MaxInt64, nil, []int64{0, 1, 2, 3}},
		{"committed", []wireBatch{transactional(0, 7), marker(2, 7, 1)}, 0, math.MaxInt64, nil, []int64{0, 1}},
		{
			"aborted",
			[]wireBatch{transactional(0, 7), marker(2, 7, 0), transactional(3, 7), marker(5, 7, 1)},
			0, math.MaxInt64,
			[]fetch.ResponseTransaction{{ProducerID: 7, FirstOffset: 0}},
			[]int64{3, 4},
		},
		{
			"aborted before the fetch",
			[]wireBatch{transactional(10, 7), marker(12, 7, 0), plainBatch(13, 1, 0)},
			10, math.MaxInt64,
			[]fetch.ResponseTransaction{{ProducerID: 7, FirstOffset: 3}},
			[]int64{13},
		},
		{
			"interleaved",
			[]wireBatch{
				transactional(0, 7), transactional(2, 8), plainBatch(4, 1, 0), transactional(5, 7), marker(7, 7, 0),
				transactional(8, 8), marker(10, 8, 1), transactional(11, 7), marker(13, 7, 0), transactional(14, 7), marker(16, 7, 1),
			},
			0, math.MaxInt64,
			[]fetch.ResponseTransaction{{ProducerID: 7, FirstOffset: 11}, {ProducerID: 7, FirstOffset: 0}},
			[]int64{2, 3, 4, 8, 9, 14, 15},
		},
	} {
		got, err := walk(concat(t, test.batches...), test.lo, test.hi, test.aborted...)
		if diff := cmp.Diff(test.want, offsetsOf(got)); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", test.name, err, diff)
		}
	}
}

// TestWalkAppendTime: the broker's clock is the batch's maximum, for all records.
func TestWalkAppendTime(t *testing.T) {
	for codec := int16(0); codec <= 4; codec++ {
		b := plainBatch(0, 3, appendTimeFlag|codec)
		b.maxTime = firstTime + 99_000
		got, err := walk(b.encode(t), 0, math.MaxInt64)
		if err != nil || len(got) != 3 {
			t.Fatalf("codec %d: %d records, %v", codec, len(got), err)
		}
		for _, r := range got {
			if r.Timestamp != b.maxTime || !r.Append {
				t.Errorf("codec %d: offset %d has time %d, append %v", codec, r.Offset, r.Timestamp, r.Append)
			}
		}
	}
}

// TestWalkCorrupt: what is lost is told, what is not lost is read.
func TestWalkCorrupt(t *testing.T) {
	good := concat(t, plainBatch(0, 2, 0))
	after := concat(t, plainBatch(12, 1, 0))
	change := func(at int, to byte, sealed bool) []byte {
		b := concat(t, plainBatch(2, 10, 0))
		b[at] = to
		if sealed {
			b = seal(b)
		}
		return b
	}
	short := plainBatch(2, 10, 0)
	short.records = short.records[:3]
	short.last = 9
	trailing := seal(append(short.encode(t), 0xff))
	for name, test := range map[string]struct {
		bad  []byte
		from int64
		says string
	}{
		"checksum":       {change(headerSize+3, 0xff, false), 2, "checksum"},
		"future format":  {change(posMagic, 3, false), 2, "format 3"},
		"negative count": {change(posNumRecords, 0xff, true), 2, "records"},
		"unknown codec":  {change(posAttributes+1, 5, true), 2, "compression 5"},
		"not gzip":       {change(posAttributes+1, 1, true), 2, "gzip"},
		"not snappy":     {change(posAttributes+1, 2, true), 2, "snappy"},
		"not lz4":        {change(posAttributes+1, 3, true), 2, "lz4"},
		"not zstd":       {change(posAttributes+1, 4, true), 2, "zstd"},
		"record length":  {change(headerSize, 0x7f, true), 2, "malformed"},
		"too many":       {change(posNumRecords+3, 11, true), 12, ""},
		"trailing":       {trailing, 4, "behind the last record"},
		"repeated delta": {change(headerSize+3+8, 0, true), 3, "malformed"},
	} {
		got, err := walk(append(append(bytes.Clone(good), test.bad...), after...), 0, math.MaxInt64)
		if test.says == "" {
			if err != nil {
				t.Errorf("%s: %v, but no offset is lost", name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: error %v, want one that says %q", name, err, test.says)
			continue
		}
		if err.From != test.from || err.To != 12 {
			t.Errorf("%s: lost [%d, %d), want [%d, 12)", name, err.From, err.To, test.from)
		}
		offsets := offsetsOf(got)
		if offsets[1] != 1 || offsets[len(offsets)-1] != 12 {
			t.Errorf("%s: offsets %v: what is around was lost too", name, offsets)
		}
	}
}

// TestWalkTruncated: a set that ends inside a batch ends before it.
func TestWalkTruncated(t *testing.T) {
	first := plainBatch(0, 2, 0).encode(t)
	set := append(bytes.Clone(first), plainBatch(2, 2, 0).encode(t)...)
	for cut := len(first); cut < len(set); cut++ {
		got, err := walk(set[:cut], 0, math.MaxInt64)
		if len(got) != 2 || err != nil {
			t.Fatalf("cut at %d: %d records, %v", cut, len(got), err)
		}
		s, err2 := scan(set[:cut], 0, math.MaxInt64)
		if len(s.set) != len(first) || s.next != 2 || err2 != nil {
			t.Fatalf("cut at %d: scan %d bytes, next %d, %v", cut, len(s.set), s.next, err2)
		}
	}
}

// TestWalkBomb: a small batch that decompresses to more than the limit.
func TestWalkBomb(t *testing.T) {
	for codec := int16(1); codec <= 4; codec++ {
		bomb := plainBatch(0, 1, codec)
		bomb.records[0].Value = make([]byte, minInflateLimit+1)
		_, err := walk(bomb.encode(t), 0, math.MaxInt64)
		if err == nil || !strings.Contains(err.Error(), "max.partition.fetch.bytes") {
			t.Errorf("codec %d: %v", codec, err)
		}
		fits := plainBatch(0, 1, codec)
		fits.records[0].Value = make([]byte, 10<<20)
		got, err := walk(fits.encode(t), 0, math.MaxInt64)
		if len(got) != 1 || err != nil {
			t.Errorf("codec %d: 10 MB: %d records, %v", codec, len(got), err)
		}
	}
}

// TestWalkDeclaredSize: data that only says it is huge is refused unread.
func TestWalkDeclaredSize(t *testing.T) {
	huge := binary.AppendUvarint(nil, 1<<32-1)
	for name, test := range map[string]struct {
		codec compress.Compression
		data  []byte
	}{
		"snappy block":     {compress.Snappy, append(bytes.Clone(huge), 1, 2, 3)},
		"snappy frame":     {compress.Snappy, append(append(append(bytes.Clone(xerialMagic), make([]byte, 8)...), 0, 0, 0, 5), huge...)},
		"snappy too long":  {compress.Snappy, append(append(bytes.Clone(xerialMagic), make([]byte, 8)...), 0xff, 0xff, 0xff, 0xff)},
		"zstd window":      {compress.Zstd, []byte{0x28, 0xb5, 0x2f, 0xfd, 0, 0xff, 0, 0, 0}},
		"zstd single size": {compress.Zstd, []byte{0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0xff, 0xff, 0xff, 0xff}},
	} {
		f := inflater{inflation: limitedInflation(minInflateLimit)}
		allocated := allocatedBytes(func() {
			if _, err := f.inflate(test.codec, test.data); err == nil {
				t.Errorf("%s: no error", name)
			}
		})
		f.release()
		if allocated > 2<<20 {
			t.Errorf("%s: %d bytes allocated", name, allocated)
		}
	}
}

// TestWalkAllocations: none per record, whatever the codec.
func TestWalkAllocations(t *testing.T) {
	for codec := int16(0); codec <= 4; codec++ {
		few, many := plainBatch(0, 100, codec), plainBatch(0, 2000, codec)
		for i := range many.records {
			many.records[i].Value = many.records[i].Value[:i%50]
			many.records[i].Headers = []kmsg.Header{{Key: "h", Value: []byte("v")}}
		}
		of := func(set []byte) float64 {
			var r stream.Record
			return testing.AllocsPerRun(20, func() {
				buf := newBuffer(len(set))
				buf.b = buf.b[:copy(buf.b, set)]
				b := newBatch(buf, buf.b, 0, math.MaxInt64, nil, newInflation(1<<20))
				for b.Next(&r) {
				}
				b.Release()
			})
		}
		if extra := of(many.encode(t)) - of(few.encode(t)); extra > 20 {
			t.Errorf("codec %d: %v allocations for 1900 more records", codec, extra)
		}
	}
}

func TestWalkReleaseTwice(t *testing.T) {
	buf := newBuffer(100)
	buf.b = buf.b[:0]
	b := newBatch(buf, nil, 0, 1, nil, newInflation(0))
	b.Release()
	b.Release()
	x, y := newBuffer(100), newBuffer(100)
	if x == y {
		t.Error("a buffer released twice is handed out twice")
	}
}

func FuzzWalk(f *testing.F) {
	for codec := int16(0); codec <= 4; codec++ {
		b := plainBatch(3, 20, codec)
		b.records[1].Headers = []kmsg.Header{{Key: "h", Value: []byte("v")}, {Key: ""}}
		f.Add(b.encode(f), int64(0), int64(100), true)
		f.Add(concat(f, b, plainBatch(23, 2, appendTimeFlag|codec)), int64(5), int64(24), false)
	}
	f.Add(oldSet(f, 0, 0, 3), int64(3), int64(100), false)
	f.Add(oldSet(f, 1, compress.Gzip, 3), int64(4), int64(6), true)
	f.Add(oldMessage(1, 3, 0, 5, []byte("k"), nil), int64(0), int64(6), true)
	f.Add(concat(f, plainBatch(0, 1, transactionalFlag), marker(1, -1, 0), plainBatch(2, 2, 0)), int64(0), int64(9), true)
	f.Fuzz(func(t *testing.T, set []byte, lo, hi int64, sealed bool) {
		if lo < 0 || hi < lo || len(set) > 1<<16 {
			return
		}
		if sealed {
			// Without a valid checksum nothing behind it would be reached.
			set = seal(bytes.Clone(set))
		}
		got, err := walk(set, lo, hi, fetch.ResponseTransaction{ProducerID: -1, FirstOffset: 1})
		last := lo - 1
		for _, r := range got {
			if r.Offset <= last || r.Offset >= hi {
				t.Fatalf("offset %d after %d in [%d, %d)", r.Offset, last, lo, hi)
			}
			last = r.Offset
		}
		if err != nil && (err.From < lo || err.To > hi || err.From >= err.To) {
			t.Fatalf("lost [%d, %d) of [%d, %d)", err.From, err.To, lo, hi)
		}
		if s, err := scan(set, lo, hi); err == nil && (s.next < lo || len(s.set) > len(set)) {
			t.Fatalf("scan: next %d of [%d, %d)", s.next, lo, hi)
		}
	})
}
