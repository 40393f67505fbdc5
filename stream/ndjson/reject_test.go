package ndjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

func goldenRejects() (rejects []*stream.Reject) {
	id := window.PartitionID{Topic: "sensors", Partition: 2}
	for r := stream.OK + 1; r < stream.NumReasons; r++ {
		rejects = append(rejects, &stream.Reject{
			ID: id, Offset: int64(r), Timestamp: 1795327200000, Reason: r,
			EventTime: -5, HasEventTime: true, Key: []byte("k"), Payload: []byte(`{"v":"x"}`), Lost: 3, Of: 10, Watermark: 1200,
		})
	}
	return append(rejects,
		&stream.Reject{ID: id, Timestamp: -1, Reason: stream.Null},
		&stream.Reject{ID: id, Reason: stream.Empty, Key: []byte{}, Payload: []byte{}},
		&stream.Reject{ID: id, Reason: stream.Malformed, Key: []byte{0xff}, Payload: []byte{0xff, 'a'}},
		&stream.Reject{ID: id, Reason: stream.NotANumber, Series: "temp", Payload: []byte(strings.Repeat("a", 62) + "é"[:1] + "x")},
		&stream.Reject{ID: id, Reason: stream.NoField, Series: "temp", Payload: []byte(strings.Repeat("a", 63) + "é"[:1])},
	)
}

func goldenRejectBytes() (out []byte) {
	for _, r := range goldenRejects() {
		out = append(AppendReject(out, r), '\n')
	}
	return out
}

func TestRejectGolden(t *testing.T) {
	golden(t, "rejects.ndjson", goldenRejectBytes())
}

func TestRejectFieldOrder(t *testing.T) {
	want := strings.Split("v,type,reason,topic,partition,offset,ts_ms,event_ms,watermark_ms,key,bytes,series,windows,of", ",")
	r := &stream.Reject{Series: "temp", Reason: stream.LateAfterIdle}
	if diff := cmp.Diff(want, fields(t, AppendReject(nil, r))); diff != "" {
		t.Error(diff)
	}
}

// TestRejectCutRune cuts runes of every length at every byte.
func TestRejectCutRune(t *testing.T) {
	for _, r := range []string{"a", "é", "€", "😀"} {
		for at := 1; at <= len(r); at++ {
			head := strings.Repeat("x", rejectBytes-at)
			want := head
			if at == len(r) {
				want += r
			}
			var got struct {
				Bytes    string `json:"bytes"`
				Encoding string `json:"bytes_encoding"`
			}
			line := AppendReject(nil, &stream.Reject{Payload: []byte(head + r[:at])})
			if err := json.Unmarshal(line, &got); err != nil {
				t.Fatal(err)
			}
			if got.Bytes != want || got.Encoding != "" {
				t.Errorf("%q cut to %d bytes: %+v", r, at, got)
			}
		}
	}
}

func FuzzReject(f *testing.F) {
	f.Add([]byte("key"), []byte("payload"))
	f.Add([]byte(nil), []byte("\xff"))
	f.Add([]byte("\xff"), []byte(strings.Repeat("x", 63)+"\xe2"))
	f.Fuzz(func(t *testing.T, key, payload []byte) {
		payload = payload[:min(len(payload), rejectBytes)]
		line := AppendReject(nil, &stream.Reject{Key: key, Payload: payload})
		var got struct {
			Bytes     string `json:"bytes"`
			Encoding  string `json:"bytes_encoding"`
			KeyBase64 []byte `json:"key_base64"`
		}
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if !utf8.Valid(key) && !bytes.Equal(got.KeyBase64, key) {
			t.Errorf("key %q came back as %q", key, got.KeyBase64)
		}
		if utf8.Valid(payload) && (got.Bytes != string(payload) || got.Encoding != "") {
			t.Errorf("payload %q came back as %+v", payload, got)
		}
	})
}

func TestRejectLogLive(t *testing.T) {
	var out bytes.Buffer
	l := NewRejectLog(&out, nil)
	var want []byte
	for _, r := range goldenRejects() {
		if err := l.Reject(r); err != nil {
			t.Fatal(err)
		}
		want = append(AppendReject(want, r), '\n')
		if !bytes.Equal(out.Bytes(), want) {
			t.Fatalf("after %s the log is\n%s", r.Reason, out.Bytes())
		}
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := NewRejectLog(brokenWriter{}, nil).Reject(&stream.Reject{}); !errors.Is(err, errBroken) {
		t.Errorf("Reject = %v, want %v", err, errBroken)
	}
}

// rejectConcurrently writes n rejects of each of 8 partitions of 2 topics, one
// goroutine a partition, and returns the log.
func rejectConcurrently(t *testing.T, n int) []byte {
	t.Helper()
	dir := t.TempDir()
	var out bytes.Buffer
	l := NewRejectLog(&out, func(id window.PartitionID) (io.ReadWriteSeeker, error) {
		file, err := os.CreateTemp(dir, "spool")
		if err == nil {
			t.Cleanup(func() { file.Close() })
		}
		return file, err
	})
	var workers sync.WaitGroup
	for p := range 16 {
		workers.Go(func() {
			id := window.PartitionID{Topic: []string{"b", "a"}[p%2], Partition: int32(p)}
			for i := range n {
				if err := l.Reject(&stream.Reject{ID: id, Offset: int64(i), Payload: []byte("x")}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	workers.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestRejectLogOrder(t *testing.T) {
	const n = 200
	var want []byte
	for _, topic := range []string{"a", "b"} {
		for p := range 16 {
			if topic != []string{"b", "a"}[p%2] {
				continue
			}
			for i := range n {
				r := stream.Reject{ID: window.PartitionID{Topic: topic, Partition: int32(p)}, Offset: int64(i), Payload: []byte("x")}
				want = append(AppendReject(want, &r), '\n')
			}
		}
	}
	if got := rejectConcurrently(t, n); !bytes.Equal(got, want) {
		t.Errorf("%d bytes, want %d in another order", len(got), len(want))
	}
}

// brokenSpool fails at the operation it is named after.
type brokenSpool string

func (s brokenSpool) fail(op string) error {
	if string(s) == op {
		return fmt.Errorf("%s: %w", op, errBroken)
	}
	return nil
}
func (s brokenSpool) Write(b []byte) (int, error)    { return len(b), s.fail("write") }
func (s brokenSpool) Seek(int64, int) (int64, error) { return 0, s.fail("seek") }
func (s brokenSpool) Read([]byte) (int, error) {
	if err := s.fail("read"); err != nil {
		return 0, err
	}
	return 0, io.EOF
}

func TestRejectLogErrors(t *testing.T) {
	id := window.PartitionID{Topic: "t", Partition: 4}
	for _, op := range []string{"write", "seek", "read"} {
		l := NewRejectLog(io.Discard, func(window.PartitionID) (io.ReadWriteSeeker, error) { return brokenSpool(op), nil })
		if err := l.Reject(&stream.Reject{ID: id}); err != nil {
			t.Errorf("%s: Reject = %v before the buffer is full", op, err)
		}
		if err := l.Close(); !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "t/4") {
			t.Errorf("%s: Close = %v", op, err)
		}
	}
	l := NewRejectLog(io.Discard, func(window.PartitionID) (io.ReadWriteSeeker, error) { return nil, errBroken })
	if err := l.Reject(&stream.Reject{ID: id}); !errors.Is(err, errBroken) {
		t.Errorf("Reject without a spool = %v", err)
	}
}
