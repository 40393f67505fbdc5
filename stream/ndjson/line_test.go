package ndjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// aggregate adds values, a second of event time and an offset apart.
func aggregate(values ...float64) (a window.Aggregate) {
	for i, v := range values {
		a.Add(window.Sample{Time: window.Time(i) * 1000, Offset: int64(i), Value: v})
	}
	return a
}

// sensorLine is a line with everything that a numeric series has.
func sensorLine() *stream.Line {
	p := &window.Pane{
		Topic: "sensors", Key: window.Key{Bytes: "s-001"}, Series: "temp",
		Span: window.Span{Start: 1795327200000, End: 1795327210000}, Size: 10000, Hop: 1000,
		Final: true, Aggregate: aggregate(21, 22.3, 20.9, 21.7, 22.1),
		Offsets: []window.OffsetRange{{Partition: 0, First: 120, Last: 151}, {Partition: 3, First: 7, Last: 7}},
	}
	for _, d := range []window.Duration{12, 410, 85} {
		p.Lag.Add(d)
	}
	p.Lag.Clock = window.ClockAppend
	return &stream.Line{
		Pane: p, EmittedAt: window.MinTime,
		Forecast: &stream.Forecast{
			Model: "holt", Origin: 1795327210000, Step: 1000, Filled: 1,
			Mean: []float64{22.213, 22.3411, 22.46923, 22.5973, 22.72541},
			Intervals: []stream.Interval{{
				Level: 95, By: "analytic",
				Lower: []float64{21.61, 21.52, 21.434, 21.3477, 21.26121},
				Upper: []float64{22.81, 23.11, 23.504, 23.84, math.Inf(1)},
			}},
		},
		Score: &stream.Score{
			Model: "holt", Resolved: 5, Judged: 5, Covered: 4, MAE: 0.11, N: 500, Coverage: 0.948, MASE: 0.83, Surprise: 3.0792, Anomaly: true,
		},
	}
}

// goldenLines are one line of every shape.
func goldenLines() []*stream.Line {
	counted := sensorLine()
	counted.Pane.Key, counted.Pane.Counted, counted.Pane.Series = window.Key{Null: true}, true, ""
	counted.Pane.Aggregate = window.Aggregate{Count: 3}
	counted.Pane.Offsets, counted.Forecast, counted.Score = nil, nil, nil

	binary := sensorLine()
	binary.Pane.Key = window.Key{Bytes: "\xff\xfe"}
	binary.Pane.Incomplete = window.IncompleteStart | window.IncompleteEnd
	binary.Pane.ClosedBy = window.ByEndOfInput
	binary.Forecast = &stream.Forecast{Model: "auto", Error: "too few"}
	nan := math.NaN()
	binary.Score = &stream.Score{Model: "auto", MAE: nan, Coverage: nan, MASE: nan, Surprise: nan}

	single := sensorLine()
	single.Pane.Key, single.Pane.Series = window.Key{Bytes: ""}, "a\"<b>\u2028"
	single.Pane.Aggregate = aggregate(math.Copysign(0, -1))
	single.Pane.Aggregate.Lag = window.Lag{Clock: window.ClockArrival | window.ClockCreate}
	single.Pane.Revision, single.Pane.Late, single.Pane.Final = 1, 2, false
	single.Pane.ClosedBy = window.ByIdleClock
	single.Pane.Incomplete = window.IncompleteEnd
	single.EmittedAt = 1795327212345
	single.Forecast.Members = []string{"naive", "ses", "holt"}
	single.Forecast.Intervals = nil
	single.Score = &stream.Score{Model: "holt", Resolved: 2, MAE: 0.5, N: 7, Coverage: nan, MASE: 1.25, Surprise: nan}

	overflow := sensorLine()
	overflow.Pane.Aggregate = aggregate(1e308, 1e308, -1e-7)
	overflow.Forecast.Mean[0] = math.NaN()
	overflow.Forecast.Intervals[0].Lower[0] = math.Inf(-1)

	empty := sensorLine()
	empty.Pane.Aggregate = window.Aggregate{}
	return []*stream.Line{sensorLine(), counted, binary, single, overflow, empty}
}

func goldenLineBytes(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, stream.Aggregates{})
	for _, l := range goldenLines() {
		if err := w.Write(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// askedNames are of what askedLines have beyond what every line has.
var askedNames = stream.Aggregates{
	Quantiles: []string{"p50", "p99.9", "p0"}, Distinct: []string{"user.id", "a\"b\u2028"}, Rate: true,
}

// askedLines are a line with numbers, one of counted records, one of none.
func askedLines() []*stream.Line {
	measured, counted, empty := sensorLine(), sensorLine(), sensorLine()
	measured.Pane.Quantiles, measured.Pane.Distinct = []float64{21.5, 22.296, -1e-9}, []int64{123, 0}
	counted.Pane.Aggregate, counted.Pane.Counted, counted.Pane.Series = window.Aggregate{Count: 83}, true, ""
	counted.Pane.Quantiles, counted.Pane.Distinct = []float64{math.NaN(), math.NaN(), math.NaN()}, []int64{4, 7}
	empty.Pane.Aggregate = window.Aggregate{}
	empty.Pane.Quantiles, empty.Pane.Distinct = counted.Pane.Quantiles, []int64{0, 0}
	return []*stream.Line{measured, counted, empty}
}

func askedLineBytes(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, askedNames)
	for _, l := range askedLines() {
		if err := w.Write(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAskedLineGolden(t *testing.T) { golden(t, "lines-asked.ndjson", askedLineBytes(t)) }

// TestAskedFieldsStandBehindLate, in front of the lag, each only if asked for.
func TestAskedFieldsStandBehindLate(t *testing.T) {
	for _, c := range []struct {
		names stream.Aggregates
		want  []string
	}{
		{askedNames, []string{"late", "quantiles", "distinct", "rate", "lag_ms"}},
		{stream.Aggregates{Quantiles: askedNames.Quantiles}, []string{"late", "quantiles", "lag_ms"}},
		{stream.Aggregates{Distinct: askedNames.Distinct}, []string{"late", "distinct", "lag_ms"}},
		{stream.Aggregates{Rate: true}, []string{"late", "rate", "lag_ms"}},
		{stream.Aggregates{}, []string{"late", "lag_ms"}},
	} {
		got := fields(t, AppendLine(nil, askedLines()[0], &c.names))
		from := slices.Index(got, "late")
		if got = got[from : from+len(c.want)]; !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.names, got, c.want)
		}
	}
}

func TestLineGolden(t *testing.T) { golden(t, "lines.ndjson", goldenLineBytes(t)) }

// fields returns the names of an object's members in order.
func fields(t *testing.T, object []byte) (names []string) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

func TestLineFieldOrder(t *testing.T) {
	l := sensorLine()
	l.Pane.Incomplete, l.EmittedAt = window.IncompleteStart, 0
	want := strings.Split("v,type,topic,key,series,start,end,start_ms,end_ms,size_ms,hop_ms,revision,final,closed_by,incomplete,"+
		"count,sum,mean,min,max,stddev,first,last,late,lag_ms,lag_clock,offsets,forecast,score,emitted_at", ",")
	if diff := cmp.Diff(want, fields(t, AppendLine(nil, l, &stream.Aggregates{}))); diff != "" {
		t.Error(diff)
	}
}

func TestLineValues(t *testing.T) {
	parse := func(l *stream.Line) (m map[string]any) {
		t.Helper()
		if err := json.Unmarshal(AppendLine(nil, l, &stream.Aggregates{}), &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	lines := goldenLines()
	for i, want := range []map[string]any{
		{"key": "s-001", "sum": 108.0, "min": 20.9, "first": 21.0, "last": 22.1, "lag_ms": map[string]any{"min": 12.0, "mean": 169.0, "max": 410.0}},
		{"key": nil, "series": nil, "count": 3.0, "sum": nil, "mean": nil, "stddev": nil, "last": nil, "lag_ms": nil, "lag_clock": nil, "offsets": []any{}},
		{"key_base64": "//4=", "incomplete": "both", "closed_by": "end_of_input", "forecast": map[string]any{"model": "auto", "error": "too few"}},
		{"key": "", "stddev": nil, "lag_ms": nil, "lag_clock": "mixed", "emitted_at": "2026-11-22T06:00:12.345Z"},
		{"sum": nil, "min": -1e-7, "max": 1e308},
		{"count": 0.0, "sum": 0.0, "mean": nil, "min": nil, "first": nil},
	} {
		m := parse(lines[i])
		for name, v := range want {
			got, ok := m[name]
			if diff := cmp.Diff(v, got); diff != "" || !ok {
				t.Errorf("line %d, %s (there: %v): %s", i, name, ok, diff)
			}
		}
	}
	for i, names := range map[int][]string{0: {"key_base64", "incomplete", "emitted_at"}, 1: {"forecast"}, 2: {"key"}} {
		for _, name := range names {
			if _, ok := parse(lines[i])[name]; ok {
				t.Errorf("line %d has %q", i, name)
			}
		}
	}
	if raw := string(AppendLine(nil, lines[3], &stream.Aggregates{})); !strings.Contains(raw, `"min":-0,`) {
		t.Errorf("no negative zero in %s", raw)
	}
}

func FuzzLine(f *testing.F) {
	f.Add("topic", []byte("key"), "series", 1.5, 2.5, int64(0), "timeout")
	f.Add("\x00\xff", []byte("\xff"), "\u2028", math.Inf(1), math.NaN(), int64(math.MinInt64), "")
	f.Fuzz(func(t *testing.T, topic string, key []byte, series string, a, b float64, at int64, failed string) {
		l := sensorLine()
		l.Pane.Topic, l.Pane.Key.Bytes, l.Pane.Series = topic, string(key), series
		l.Pane.Aggregate = aggregate(a, b)
		l.Pane.Start, l.EmittedAt = window.Time(at), window.Time(at)
		l.Forecast.Model, l.Forecast.Error, l.Forecast.Mean[0] = series, failed, a
		if line := AppendLine(nil, l, &stream.Aggregates{}); !json.Valid(line) || bytes.IndexByte(line, '\n') >= 0 {
			t.Errorf("not one line of JSON: %s", line)
		}
	})
}

func TestWriterDoesNotAllocate(t *testing.T) {
	w := NewWriter(io.Discard, stream.Aggregates{})
	lines := goldenLines()
	lines[2].Pane.Key.Bytes = strings.Repeat("\xff", 100)
	for _, l := range lines {
		if n := testing.AllocsPerRun(100, func() {
			if err := w.Write(l); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%v allocations for %s", n, AppendLine(nil, l, &stream.Aggregates{}))
		}
	}
}

var errBroken = errors.New("broken pipe")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

// A full buffer leaves as whole lines, so that rejects written to the same file
// stand between them.
func TestWriterWritesWholeLines(t *testing.T) {
	var out chunks
	w := NewWriter(&out, stream.Aggregates{})
	for range 3 * writeBuffer / 500 {
		if err := w.Write(sensorLine()); err != nil {
			t.Fatal(err)
		}
	}
	if len(out) < 2 {
		t.Fatalf("%d writes: the buffer was never full", len(out))
	}
	for _, chunk := range out {
		if !strings.HasSuffix(chunk, "}\n") {
			t.Fatalf("a write ends in the middle of a line: %q", chunk[len(chunk)-40:])
		}
	}
}

// chunks keeps what each Write was given.
type chunks []string

func (c *chunks) Write(p []byte) (int, error) {
	*c = append(*c, string(p))
	return len(p), nil
}

func TestWriterFlush(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, stream.Aggregates{})
	if err := w.Write(sensorLine()); err != nil || out.Len() != 0 {
		t.Fatalf("before Flush: %d bytes, %v", out.Len(), err)
	}
	if err := w.Flush(); err != nil || !bytes.HasSuffix(out.Bytes(), []byte("}\n")) {
		t.Errorf("after Flush: %q, %v", out.Bytes(), err)
	}
	broken := NewWriter(brokenWriter{}, stream.Aggregates{})
	if err := broken.Write(sensorLine()); err != nil {
		t.Fatal(err)
	}
	if err := broken.Close(); !errors.Is(err, errBroken) {
		t.Errorf("Close = %v, want %v", err, errBroken)
	}
}

func BenchmarkWriter(b *testing.B) {
	counted, forecast := goldenLines()[1], sensorLine()
	forecast.Forecast.Intervals[0].Upper[4] = 24.19
	for name, l := range map[string]*stream.Line{"counted": counted, "horizon=5": forecast} {
		b.Run(name, func(b *testing.B) {
			w := NewWriter(io.Discard, stream.Aggregates{})
			b.ReportAllocs()
			for b.Loop() {
				if err := w.Write(l); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
