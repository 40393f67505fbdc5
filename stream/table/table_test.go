package table

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file of testdata, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (run with -update to accept):\ngot:\n%s\nwant:\n%s", name, got, want)
	}
}

func aggregate(values ...float64) (a window.Aggregate) {
	for i, v := range values {
		a.Add(window.Sample{Time: window.Time(i) * 1000, Offset: int64(i), Value: v})
	}
	return a
}

// askedNames are of what askedLines have beyond what every line has.
var askedNames = stream.Aggregates{Quantiles: []string{"p50", "p99.9"}, Distinct: []string{"user.id", `a"b`}, Rate: true}

// askedLines are a line with numbers, one of counted records, one of none.
func askedLines() []*stream.Line {
	measured, counted, empty := sensorLine(), sensorLine(), sensorLine()
	measured.Pane.Quantiles, measured.Pane.Distinct = []float64{21.7, 22.296}, []int64{4, 0}
	counted.Pane.Aggregate, counted.Pane.Counted, counted.Pane.Series = window.Aggregate{Count: 3}, true, ""
	counted.Pane.Quantiles, counted.Pane.Distinct = []float64{math.NaN(), math.NaN()}, []int64{123, 7}
	empty.Pane.Aggregate = window.Aggregate{}
	empty.Pane.Quantiles, empty.Pane.Distinct = counted.Pane.Quantiles, []int64{0, 0}
	return []*stream.Line{measured, counted, empty}
}

func sensorLine() *stream.Line {
	p := &window.Pane{
		Topic: "sensors", Key: window.Key{Bytes: "s-001"}, Series: "temp",
		Span: window.Span{Start: 1795327200000, End: 1795327210000}, Size: 10000, Hop: 1000, Final: true,
		Aggregate: aggregate(21, 22.3, 20.9, 21.7, 22.1),
		Offsets:   []window.OffsetRange{{Partition: 0, First: 120, Last: 151}, {Partition: 1, First: 5, Last: 9}},
	}
	p.Lag.Add(85)
	p.Lag.Add(90)
	p.Lag.Clock = window.ClockAppend
	return &stream.Line{Pane: p, EmittedAt: window.MinTime, Forecast: &stream.Forecast{
		Model: "holt", Origin: p.End, Step: 1000, Filled: 1, Mean: []float64{22.2131, 22.34},
		Intervals: []stream.Interval{{Level: 95, By: "analytic", Lower: []float64{21.6, 21.5}, Upper: []float64{22.8, math.Inf(1)}}},
	}, Score: &stream.Score{Model: "holt", Resolved: 5, Judged: 5, Covered: 5, N: 35, Coverage: 1, MASE: 0.8312}}
}

// lines are one line of every shape.
func lines() []*stream.Line {
	counted := sensorLine()
	counted.Pane.Counted, counted.Pane.Series, counted.Pane.Key = true, "", window.Key{Null: true}
	counted.Pane.Aggregate, counted.Forecast = window.Aggregate{Count: 12345678}, nil
	counted.Score = nil

	odd := sensorLine()
	odd.Pane.Key.Bytes = "日本語のとても長いキー\x1b[31m\u202e"
	odd.Pane.Hop = odd.Pane.Size
	odd.Pane.Revision, odd.Pane.Late = 1, 3
	odd.Pane.Incomplete, odd.Pane.ClosedBy = window.IncompleteStart, window.ByEndOfInput
	odd.Pane.Aggregate = aggregate(-1234567.891, 1e300)
	odd.Pane.Lag = window.Lag{Count: 1, Sum: 3_600_000, Min: 3_600_000, Max: 3_600_000, Clock: window.ClockCreate}
	odd.Forecast.Error = "too few"
	odd.Score = &stream.Score{Model: "holt", MASE: math.NaN(), Surprise: 3.1, Anomaly: true}

	empty := sensorLine()
	empty.Pane.Aggregate, empty.Pane.ClosedBy = window.Aggregate{}, window.ByIdleClock
	empty.Pane.Key.Bytes, empty.EmittedAt = "\xff,\"", 1795327212345
	empty.Forecast.Mean[1], empty.Forecast.Intervals = math.NaN(), nil
	return []*stream.Line{sensorLine(), counted, odd, empty}
}

func write(t testing.TB, s stream.Sink, lines ...*stream.Line) {
	t.Helper()
	for _, l := range lines {
		if err := s.Write(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// wholeRows fails where a write ends within a row.
type wholeRows struct{ t *testing.T }

func (w wholeRows) Write(p []byte) (int, error) {
	if !bytes.HasSuffix(p, []byte("\n")) {
		w.t.Errorf("a row is torn: ...%q", p[max(0, len(p)-40):])
	}
	return len(p), nil
}

// TestRowsAreWhole: rejected records may go where the rows go.
func TestRowsAreWhole(t *testing.T) {
	for name, sink := range map[string]stream.Sink{
		"csv":   NewCSV(wholeRows{t}, false, stream.Aggregates{}),
		"table": NewWriter(wholeRows{t}, 0, false, stream.Aggregates{}),
	} {
		for range 100 {
			for _, l := range lines() {
				if err := sink.Write(l); err != nil {
					t.Fatal(name, err)
				}
			}
		}
		if err := sink.Close(); err != nil {
			t.Fatal(name, err)
		}
	}
}

func TestTableGolden(t *testing.T) {
	var out bytes.Buffer
	for _, width := range []int{0, 120, 80, 40} {
		fmt.Fprintf(&out, "width %d\n", width)
		write(t, NewWriter(&out, width, false, stream.Aggregates{}), lines()...)
	}
	golden(t, "table.txt", out.Bytes())
}

// TestTableHasWhatWasAsked: columns beside the numbers, where there is room.
func TestTableHasWhatWasAsked(t *testing.T) {
	var out bytes.Buffer
	for _, width := range []int{0, 120, 80, 40} {
		fmt.Fprintf(&out, "width %d\n", width)
		write(t, NewWriter(&out, width, false, askedNames), askedLines()...)
	}
	golden(t, "table-asked.txt", out.Bytes())
}

func TestTableHeader(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, 80, false, stream.Aggregates{})
	for range 2*rowsPerHeader + 1 {
		if err := w.Write(sensorLine()); err != nil {
			t.Fatal(err)
		}
	}
	half := sensorLine()
	half.Pane.End += 500
	write(t, w, half, sensorLine())
	rows := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	var at []int
	for i, row := range rows {
		if strings.HasPrefix(row, "end ") {
			at = append(at, i)
		}
	}
	want := []int{0, 41, 82, 84} // the last because parts of a second widen the end
	if fmt.Sprint(at) != fmt.Sprint(want) || len(rows) != 87 {
		t.Errorf("headers in rows %v of %d, want %v", at, len(rows), want)
	}
	if !strings.HasPrefix(rows[85], "06:00:10.500 ") || !strings.HasPrefix(rows[86], "06:00:10.000 ") {
		t.Errorf("%s\n%s", rows[85], rows[86])
	}
}

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestTableColor(t *testing.T) {
	var plain, color bytes.Buffer
	write(t, NewWriter(&plain, 160, false, stream.Aggregates{}), lines()...)
	write(t, NewWriter(&color, 160, true, stream.Aggregates{}), lines()...)
	if got := sgr.ReplaceAllString(color.String(), ""); got != plain.String() {
		t.Errorf("without its colours:\n%s\nwant:\n%s", got, plain.String())
	}
	if !strings.Contains(color.String(), orange+"anomaly, incomplete start") || !strings.HasPrefix(color.String(), bold+"end") {
		t.Errorf("%q", color.String())
	}
	if strings.Count(color.String(), reset) != 1+2 { // the header and the rows with notes
		t.Errorf("%q", color.String())
	}
}

// FuzzTable: no string of a record reaches the terminal as anything but text.
func FuzzTable(f *testing.F) {
	f.Add("key", "series", "error", 80)
	f.Add("\x1b]0;title\a\x1b[2J\r\n\t\x00\x7f", "\u009b31m\u202e\u2066\u200b\ufeff", "\x9b31m\xff\U000e0041\u2028", 40)
	f.Add("\x1bP\x1b[", "\u034f\u3164\ufe0f", "e\u0301👩‍👩‍👧日本", 7)
	f.Fuzz(func(t *testing.T, key, series, failed string, width int) {
		width = int(uint(width) % 200)
		l := sensorLine()
		l.Pane.Key.Bytes, l.Pane.Series, l.Forecast.Error = key, series, failed
		var out bytes.Buffer
		write(t, NewWriter(&out, width, false, stream.Aggregates{}), l)
		if !utf8.Valid(out.Bytes()) {
			t.Errorf("not UTF-8: %q", out.String())
		}
		for _, r := range out.String() {
			if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Variation_Selector)) {
				t.Errorf("%U in %q", r, out.String())
			}
		}
		rows := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if len(rows) != 2 {
			t.Errorf("%d rows: %q", len(rows), out.String())
		}
		for _, row := range rows {
			if width > 0 && ansi.StringWidth(row) > width {
				t.Errorf("%d cells of %d: %q", ansi.StringWidth(row), width, row)
			}
		}
	})
}

func TestLayoutKeepsTheColumnsInLine(t *testing.T) {
	for width := 40; width < 200; width++ {
		for _, names := range []stream.Aggregates{{}, askedNames} {
			if got := total(layout(width, true, names)); got > width {
				t.Errorf("width %d: the columns take %d", width, got)
			}
		}
		if cols := layout(width, false, stream.Aggregates{}); cols[0].name != endColumn || cols[1].name != keyColumn {
			t.Errorf("width %d begins with %s, %s", width, cols[0].name, cols[1].name)
		}
	}
}

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		v     float64
		width int
		want  string
	}{
		{0, 9, "0"},
		{21.54, 9, "21.54"},
		{1.0 / 3, 9, "0.333333"},
		{-1.0 / 3, 7, "-0.3333"},
		{1234567, 9, "1234567"},
		{-123456789.5, 9, "-1.23e+08"},
		{1e300, 9, "1e+300"},
		{-1.23456e-100, 9, "-1.2e-100"},
		{math.NaN(), 9, "-"},
		{math.Inf(1), 9, "inf"},
		{math.Inf(-1), 9, "-inf"},
	} {
		if got := number(c.v, c.width); got != c.want {
			t.Errorf("number(%v, %d) = %q, want %q", c.v, c.width, got, c.want)
		}
	}
}

func TestLag(t *testing.T) {
	for ms, want := range map[window.Duration]string{
		0: "0ms", 85: "85ms", -85: "-85ms", 999: "999ms", 1000: "1.0s", -59_000: "-59.0s", 90_000: "1.5m", 5_400_000: "1.5h", 129_600_000: "1.5d",
	} {
		var l window.Lag
		l.Add(ms)
		if got := lag(l); got != want {
			t.Errorf("lag of %d ms is %q, want %q", ms, got, want)
		}
	}
}

var errBroken = errors.New("broken pipe")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestErrors(t *testing.T) {
	for _, s := range []stream.Sink{NewWriter(brokenWriter{}, 80, false, stream.Aggregates{}), NewCSV(brokenWriter{}, false, stream.Aggregates{})} {
		if err := s.Write(sensorLine()); err != nil {
			t.Errorf("%T: Write = %v before the buffer is full", s, err)
		}
		if err := s.Flush(); !errors.Is(err, errBroken) {
			t.Errorf("%T: Flush = %v, want %v", s, err, errBroken)
		}
		if err := s.Close(); !errors.Is(err, errBroken) {
			t.Errorf("%T: Close = %v, want %v", s, err, errBroken)
		}
	}
}
