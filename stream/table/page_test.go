package table

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// shownRecord is a row of Records.
type shownRecord struct {
	id window.PartitionID
	r  stream.Record
	e  stream.Event
}

func recordRows() []shownRecord {
	id := window.PartitionID{Topic: "sensors", Partition: 12}
	at := window.Time(1795327200000)
	return []shownRecord{
		{
			id,
			stream.Record{Offset: 7, Timestamp: int64(at) + 85, Key: []byte("s-001"), Value: []byte(`{"temp":21.5}`)},
			stream.Event{Time: at, FromPayload: true, Key: []byte("s-001"), Values: []stream.Value{{Number: 21.5}}},
		},
		{
			id,
			stream.Record{Offset: 123456, Timestamp: -1, Headers: []stream.Header{{Key: []byte("trace"), Value: []byte("a\x1b[2Jb")}, {Key: []byte("n")}}},
			stream.Event{TimeReason: stream.Null, Reason: stream.Null, Values: []stream.Value{{Reason: stream.NoField}}},
		},
		{
			id,
			stream.Record{Offset: 123457, Timestamp: int64(at), Value: []byte("{\r\n\t\"temp\": \"日本語のとても長いペイロードです、はい\"}")},
			stream.Event{Time: at + 3_600_000, FromPayload: true, Key: []byte("a key that is wider than any column"), Reason: stream.NotANumber},
		},
		{
			id,
			stream.Record{Offset: 123458, Timestamp: int64(at), Value: bytes.Repeat([]byte("x"), 2*maxShown)},
			stream.Event{Time: at, FromPayload: true, Key: []byte{}, Values: []stream.Value{{Number: -1.5e-9}}},
		},
	}
}

func writeRecords(t testing.TB, out *bytes.Buffer, width int, topics bool, series []string, rows []shownRecord) {
	t.Helper()
	table := NewRecords(out, width, topics, series)
	for _, row := range rows {
		if err := table.Write(row.id, &row.r, &row.e); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
}

func TestRecordsGolden(t *testing.T) {
	var out bytes.Buffer
	for _, width := range []int{120, 80, 40} {
		fmt.Fprintf(&out, "width %d\n", width)
		writeRecords(t, &out, width, width == 120, []string{"temp"}, recordRows())
	}
	golden(t, "records.txt", out.Bytes())
}

// TestRecordsUnbounded: without a width only what is far too long is cut.
func TestRecordsUnbounded(t *testing.T) {
	var out bytes.Buffer
	writeRecords(t, &out, 0, false, nil, recordRows())
	last := strings.Split(out.String(), "\n")[4]
	if !strings.HasSuffix(last, " "+strings.Repeat("x", maxShown)+"…") {
		t.Errorf("%d bytes: %.100s", len(last), last)
	}
}

// TestRecordsOfSeveralSeries: each number or the reason why there is none.
func TestRecordsOfSeveralSeries(t *testing.T) {
	row := recordRows()[0]
	row.e.Values = []stream.Value{{Number: 1e21}, {Reason: stream.NotANumber}, {Number: 100}}
	var out bytes.Buffer
	writeRecords(t, &out, 0, false, []string{"a", "b\x1b[31m", strings.Repeat("c", 99)}, []shownRecord{row})
	if want := " a=1e+21 b=not_a_number ccc"; !strings.Contains(out.String(), want) {
		t.Errorf("%q is not in:\n%s", want, &out)
	}
}

// TestRecordsPages: a header stands on every page, and columns do not shrink.
func TestRecordsPages(t *testing.T) {
	rows := make([]shownRecord, 2*rowsPerHeader+1)
	for i := range rows {
		rows[i] = recordRows()[0]
	}
	rows[0].r.Offset = 1 << 40
	var out bytes.Buffer
	writeRecords(t, &out, 80, false, []string{"temp"}, rows)
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != len(rows)+3 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, i := range []int{0, rowsPerHeader + 1, 2 * (rowsPerHeader + 1)} {
		if lines[i] != lines[0] || !strings.HasPrefix(lines[i], "part        offset event time (UTC)") {
			t.Errorf("line %d: %s", i, lines[i])
		}
	}
}

func topicRows() []Topic {
	return []Topic{
		{
			Name: "a-topic-of-which-the-name-is-longer-than-the-others", Partitions: 4, Records: 1234567, Rate: 1234.56,
			Timestamps: "create", Cleanup: "delete", Retention: 7 * 86_400_000, RetentionBytes: -1,
		},
		{Name: "b", Partitions: 12, Leaderless: 3, Records: -1, Rate: math.NaN()},
		{Name: "c", Partitions: 1, Timestamps: "append", Cleanup: "compact", Retention: 1, RetentionBytes: 1},
		{Name: "d", Partitions: 1, Timestamps: "create", Cleanup: "compact,delete", Retention: 5_400_000, RetentionBytes: 1 << 30},
		{Name: "e", Partitions: 1, Timestamps: "create", Cleanup: "delete", Retention: -1, RetentionBytes: -1},
	}
}

func TestTopicsGolden(t *testing.T) {
	var out bytes.Buffer
	for _, width := range []int{0, 80, 40} {
		fmt.Fprintf(&out, "width %d\n", width)
		if err := Topics(&out, width, topicRows()); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "topics.txt", out.Bytes())
}

func TestTopicsOfNone(t *testing.T) {
	var out bytes.Buffer
	if err := Topics(&out, 80, nil); err != nil || out.Len() > 0 {
		t.Errorf("%q, %v", &out, err)
	}
}

func TestRetention(t *testing.T) {
	for _, c := range []struct {
		ms    window.Duration
		bytes int64
		want  string
	}{
		{604_800_000, -1, "7d"},
		{-1, 1 << 30, "1GiB"},
		{86_400_000, 1_000_000, "1d, 976.6KiB"},
		{-1, -1, "forever"},
		{0, -1, "0ms"},
		{1500, -1, "1.5s"},
		{-1, 0, "0B"},
		{36 * 3_600_000, -1, "1.5d"},
	} {
		topic := Topic{Cleanup: "delete", Retention: c.ms, RetentionBytes: c.bytes}
		if got := topic.retention(); got != c.want {
			t.Errorf("%d ms, %d bytes: %q, want %q", c.ms, c.bytes, got, c.want)
		}
	}
}

func TestPageErrors(t *testing.T) {
	table := NewRecords(brokenWriter{}, 80, false, nil)
	row := recordRows()[0]
	if err := table.Write(row.id, &row.r, &row.e); err != nil {
		t.Errorf("Write = %v before the page is full", err)
	}
	if err := table.Flush(); !errors.Is(err, errBroken) {
		t.Errorf("Flush = %v, want %v", err, errBroken)
	}
	if err := Topics(brokenWriter{}, 80, topicRows()); !errors.Is(err, errBroken) {
		t.Errorf("Topics = %v, want %v", err, errBroken)
	}
}

// FuzzPages: no string of a record or a topic reaches the terminal as anything
// but text, and no row is wider than it.
func FuzzPages(f *testing.F) {
	f.Add("key", "series", "payload", 80)
	f.Add("\x1b]0;title\a\x1b[2J\r\n\t\x00\x7f", "\u009b31m\u202e\u2066\u200b\ufeff", "\x9b31m\xff\U000e0041\u2028", 40)
	f.Add("\x1bP\x1b[", "offset", "e\u0301👩‍👩‍👧日本\v\f\x85", 7)
	f.Fuzz(func(t *testing.T, key, series, payload string, width int) {
		width = int(uint(width) % 200)
		row := recordRows()[0]
		row.id.Topic, row.r.Value, row.e.Key = key, []byte(payload), []byte(key)
		row.r.Headers = []stream.Header{{Key: []byte(series), Value: []byte(payload)}}
		var out bytes.Buffer
		writeRecords(t, &out, width, true, []string{series}, []shownRecord{row})
		topic := topicRows()[0]
		topic.Name, topic.Cleanup = key, payload
		if err := Topics(&out, width, []Topic{topic}); err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(out.Bytes()) {
			t.Errorf("not UTF-8: %q", out.String())
		}
		for _, r := range out.String() {
			if r != '\n' && hidden(r) || unicode.IsControl(r) && r != '\n' {
				t.Errorf("%U in %q", r, out.String())
			}
		}
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if len(lines) != 4 {
			t.Errorf("%d lines: %q", len(lines), out.String())
		}
		for _, line := range lines {
			if width > 0 && ansi.StringWidth(line) > width {
				t.Errorf("%d cells of %d: %q", ansi.StringWidth(line), width, line)
			}
		}
	})
}
