package table

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// sensorExplanation has a record with every verdict.
func sensorExplanation() *stream.Explanation {
	p := sensorLine().Pane
	record := func(offset int64, after window.Duration, value float64) stream.ExplainedRecord {
		return stream.ExplainedRecord{
			Offset: offset, Time: p.Start.Add(after), HasTime: true, Value: value, HasValue: true,
			Of: 10, Counted: stream.CountedOnTime,
		}
	}
	early, late := record(120, 0, 21), record(151, 600, 22.3)
	early.Lag, early.HasLag = 85, true
	late.Reason, late.Lost, late.OutOfOrder = stream.Late, 2, true
	allowed := record(170, 700, 20.9)
	allowed.Counted, allowed.OutOfOrder = stream.CountedLate, true
	lost := record(200, 800, 1)
	lost.Reason, lost.Lost, lost.Counted = stream.Late, 10, stream.CountedNot
	idle := record(5, 810, 1)
	idle.Partition, idle.Reason, idle.Lost, idle.Counted = 1, stream.LateAfterIdle, 10, stream.CountedNot
	behind := record(201, 900, 22.1)
	behind.Counted = stream.CountedBehind
	future := record(121, 950, 5)
	future.Reason, future.Lost, future.Counted = stream.Future, 10, stream.CountedNot
	broken := stream.ExplainedRecord{Offset: 130, Reason: stream.Malformed}

	share := window.Share{Aggregate: aggregate(21, 22.3), FirstOffset: 120, LastOffset: 151}
	final := window.Share{Aggregate: aggregate(21, 22.3, 20.9), FirstOffset: 120, LastOffset: 170}
	revised := *p
	revised.Revision, revised.Late, revised.Aggregate = 1, 1, final.Aggregate
	return &stream.Explanation{
		Topic: p.Topic, Key: p.Key, Series: p.Series, Span: p.Span, Size: p.Size, Hop: p.Hop, Checked: true,
		Panes: []*window.Pane{p, &revised}, Unlisted: 3,
		Records: []stream.ExplainedRecord{early, late, allowed, lost, idle, behind, future, broken},
		Partitions: []stream.ExplainedPartition{
			{
				Start: 88, ReadTo: 210, Records: 122, Watermark: p.End + 60_000, Shares: []window.Share{share, final},
				OnTime: stream.Closing{Closed: true, Offset: 163, Watermark: p.End + 120},
				Final:  stream.Closing{Closed: true, Offset: 190, Watermark: p.End + 5000},
			},
			{ID: window.PartitionID{Partition: 1}, Start: 3, ReadTo: 10, Watermark: p.Start, Shares: []window.Share{share}},
			{ID: window.PartitionID{Partition: 2}, Watermark: window.MinTime},
		},
		Steps: []stream.ExplainedStep{
			{Start: p.Start, Count: 2, Value: 21.65},
			{Start: p.Start + 1000, Value: 21.65, Filled: true},
			{Start: p.Start + 2000, Value: math.NaN()},
		},
	}
}

func explanations() []*stream.Explanation {
	counted := sensorExplanation()
	counted.Counted, counted.Key, counted.Hop, counted.Steps = true, window.Key{Null: true}, counted.Size, nil
	counted.Differ = []string{"count", "off\x1b[31msets"}
	nothing := sensorExplanation()
	nothing.Key.Bytes = "日本語\x1b[31m\u202e"
	nothing.Checked, nothing.Panes, nothing.Records, nothing.Partitions, nothing.Steps = false, nil, nil, nil, nil
	return []*stream.Explanation{sensorExplanation(), counted, nothing}
}

func TestExplanationGolden(t *testing.T) {
	var out bytes.Buffer
	for _, width := range []int{0, 80} {
		for _, e := range explanations() {
			if err := Explanation(&out, width, e); err != nil {
				t.Fatal(err)
			}
			out.WriteString("----\n")
		}
	}
	golden(t, "explanations.txt", out.Bytes())
}

// TestExplanationIsClean: nothing of a record moves the cursor, and tables fit.
func TestExplanationIsClean(t *testing.T) {
	for _, e := range explanations() {
		var out bytes.Buffer
		if err := Explanation(&out, 80, e); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(out.String(), "\x1b\u202e") {
			t.Errorf("%q", out.String())
		}
		for line := range strings.Lines(out.String()) {
			if w := ansi.StringWidth(strings.TrimSuffix(line, "\n")); w > 80 {
				t.Errorf("%d cells: %s", w, line)
			}
		}
	}
}

// noSpace is a disk that is full.
type noSpace struct{}

var errNoSpace = errors.New("no space")

func (noSpace) Write([]byte) (int, error) { return 0, errNoSpace }

func TestExplanationTellsErrors(t *testing.T) {
	if err := Explanation(noSpace{}, 0, sensorExplanation()); !errors.Is(err, errNoSpace) {
		t.Errorf("%v", err)
	}
}
