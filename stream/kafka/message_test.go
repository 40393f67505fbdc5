package kafka

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/segmentio/kafka-go/compress"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// oldMessage encodes a message of a format before batches, by kmsg and not by
// what is tested.
func oldMessage(magic int8, offset int64, attributes int8, timestamp int64, key, value []byte) []byte {
	var b []byte
	if magic == 0 {
		b = (&kmsg.MessageV0{Offset: offset, Magic: 0, Attributes: attributes, Key: key, Value: value}).AppendTo(nil)
	} else {
		b = (&kmsg.MessageV1{Offset: offset, Magic: 1, Attributes: attributes, Timestamp: timestamp, Key: key, Value: value}).AppendTo(nil)
	}
	return seal(b)
}

func oldValue(offset int64) []byte { return fmt.Appendf(nil, "v%d", offset) }

// oldSet is four messages from an offset on, wrapped in one if they are
// compressed: then those of magic 1 count from the first.
func oldSet(t testing.TB, magic int8, codec compress.Compression, first int64) []byte {
	t.Helper()
	const n = 4
	var set []byte
	for i := range int64(n) {
		offset := first + i
		if magic == 1 && codec != compress.None {
			offset = i
		}
		set = append(set, oldMessage(magic, offset, 0, firstTime+i, []byte("k"), oldValue(first+i))...)
	}
	if codec == compress.None {
		return set
	}
	return oldMessage(magic, first+n-1, int8(codec), firstTime+n, nil, compressed(t, codec, set))
}

func compressed(t testing.TB, codec compress.Compression, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := codec.Codec().NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// wantOld are the records of an oldSet.
func wantOld(magic int8, first int64) []read {
	var out []read
	for i := range int64(4) {
		r := read{Offset: first + i, Timestamp: -1, Key: "k", Value: string(oldValue(first + i))}
		if magic == 1 {
			r.Timestamp = firstTime + i
		}
		out = append(out, r)
	}
	return out
}

// TestWalkOldFormats: messages of both formats before batches, plain and
// wrapped, and a batch behind them.
func TestWalkOldFormats(t *testing.T) {
	for _, magic := range []int8{0, 1} {
		for _, codec := range []compress.Compression{compress.None, compress.Gzip, compress.Snappy, compress.Lz4} {
			set := slices.Concat(oldSet(t, magic, codec, 10), oldSet(t, magic, codec, 20), concat(t, plainBatch(24, 2, 0)))
			want := append(wantOld(magic, 10), wantOld(magic, 20)...)
			for lo := int64(10); lo <= 24; lo++ {
				for hi := lo + 1; hi <= 24; hi++ {
					s, err := scan(set, lo, hi)
					if err != nil {
						t.Fatalf("magic %d, %s, [%d, %d): %v", magic, codec, lo, hi, err)
					}
					got, lost := walk(s.set, lo, hi)
					var inside []read
					for _, r := range want {
						if lo <= r.Offset && r.Offset < hi {
							inside = append(inside, r)
						}
					}
					if diff := cmp.Diff(inside, got); diff != "" || lost != nil {
						t.Errorf("magic %d, %s, [%d, %d): lost %v (-want +got):\n%s", magic, codec, lo, hi, lost, diff)
					}
				}
			}
			if got, err := walk(set, 0, math.MaxInt64); err != nil || len(got) != 10 || got[9].Offset != 25 {
				t.Errorf("magic %d, %s: %v, %+v", magic, codec, err, got)
			}
		}
	}
}

// TestWalkOldTimes: null is told from empty, and who stamped a message counts,
// also if only its wrapper says so.
func TestWalkOldTimes(t *testing.T) {
	inner := slices.Concat(oldMessage(1, 0, 0, 5, nil, []byte{}), oldMessage(1, 1, 0, 6, []byte{}, nil))
	set := slices.Concat(
		oldMessage(1, 7, appendTimeFlag, 77, nil, []byte("x")),
		oldMessage(1, 9, appendTimeFlag|int8(compress.Gzip), 99, nil, compressed(t, compress.Gzip, inner)),
	)
	got, err := walk(set, 0, math.MaxInt64)
	want := []read{
		{Offset: 7, Timestamp: 77, Append: true, Key: "<null>", Value: "x"},
		{Offset: 8, Timestamp: 99, Append: true, Key: "<null>"},
		{Offset: 9, Timestamp: 99, Append: true, Value: "<null>"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestWalkOldCorrupt: what cannot be read is lost, said, and nothing else.
func TestWalkOldCorrupt(t *testing.T) {
	before, after := oldSet(t, 1, compress.None, 0), oldSet(t, 1, compress.None, 8)
	whole := oldSet(t, 1, compress.Gzip, 4)
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-1] ^= 1
	key := oldMessage(1, 7, 0, firstTime, []byte("key"), []byte("v"))
	binary.BigEndian.PutUint32(key[posMessageTimestamp+timestampSize:], 1<<30)
	seal(key)
	inner := compressed(t, compress.Gzip, oldSet(t, 1, compress.None, 0)[:50])
	for name, test := range map[string]struct {
		bad  []byte
		says string
	}{
		"checksum":     {flipped, "checksum"},
		"length":       {key, "malformed"},
		"not gzip":     {oldMessage(1, 7, int8(compress.Gzip), 0, nil, []byte("nonsense")), "gzip"},
		"wraps half":   {oldMessage(1, 7, int8(compress.Gzip), 0, nil, inner), "cut short"},
		"wraps itself": {oldMessage(1, 7, int8(compress.Gzip), 0, nil, compressed(t, compress.Gzip, whole)), "offset of a message"},
	} {
		got, err := walk(slices.Concat(before, test.bad, after), 0, math.MaxInt64)
		if err == nil || err.From != 4 || err.To != 8 || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want the offsets 4 to 7 and %q", name, err, test.says)
		}
		if want := append(wantOld(1, 0), wantOld(1, 8)...); !cmp.Equal(want, got) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestOldFormatsAreRead: a broker that still has messages of the old formats on
// disk, a few to a response.
func TestOldFormatsAreRead(t *testing.T) {
	k, c := startKfake(t)
	topic := c.topic(t, 1)
	c.produceBatches(t, numbered(topic, 0, 12)) // so that the log has an end
	sets := map[int64][]byte{
		0: oldSet(t, 0, compress.Gzip, 0),
		4: slices.Concat(oldSet(t, 1, compress.None, 4), oldSet(t, 1, compress.Snappy, 8)[:40]), // and a part of the next
		8: oldSet(t, 1, compress.Snappy, 8),
	}
	k.ControlKey(int16(kmsg.Fetch), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		r := req.(*kmsg.FetchRequest)
		res := r.ResponseKind().(*kmsg.FetchResponse)
		rt := kmsg.NewFetchResponseTopic()
		rp := kmsg.NewFetchResponseTopicPartition()
		rt.Topic, rp.HighWatermark, rp.LastStableOffset = topic, 12, 12
		at := r.Topics[0].Partitions[0].FetchOffset
		rp.RecordBatches = sets[at-at%4] // all of the message that has the offset
		rt.Partitions = append(rt.Partitions, rp)
		res.Topics = append(res.Topics, rt)
		return res, nil, true
	})
	client := c.open(t, c.config())
	p := plan(t, client, topic, "2", "11")
	l := replay(t, client, p.Assignments).logs[p.Assignments[0].ID]
	want := slices.Concat(wantOld(0, 0), wantOld(1, 4), wantOld(1, 8))[2:11]
	if diff := cmp.Diff(want, l.records); diff != "" || len(l.gaps) > 0 {
		t.Errorf("gaps %v (-want +got):\n%s", l.gaps, diff)
	}
}
