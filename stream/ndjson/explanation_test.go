package ndjson

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// sensorExplanation is one with everything that a numeric series has.
func sensorExplanation() *stream.Explanation {
	p := sensorLine().Pane
	share := window.Share{Key: p.Key, Aggregate: aggregate(21, 22.3), FirstOffset: 120, LastOffset: 151}
	return &stream.Explanation{
		Topic: p.Topic, Key: p.Key, Series: p.Series, Span: p.Span, Size: p.Size, Hop: p.Hop,
		Panes: []*window.Pane{p}, Checked: true, Differ: []string{"mean", "sum"},
		Partitions: []stream.ExplainedPartition{
			{
				ID: window.PartitionID{Topic: p.Topic}, Start: 88, ReadTo: 210, Records: 122, Watermark: p.End + 60_000,
				OnTime: stream.Closing{Closed: true, Offset: 163, Watermark: p.End + 120},
				Final:  stream.Closing{Closed: true, Offset: 190, Watermark: p.End + 5000},
				Shares: []window.Share{share, share},
			},
			{ID: window.PartitionID{Topic: p.Topic, Partition: 3}, Watermark: window.MinTime},
		},
		Records: []stream.ExplainedRecord{
			{
				Offset: 120, Timestamp: int64(p.Start) + 85, Time: p.Start, HasTime: true, EventTime: p.Start, HasEventTime: true, Value: 21, HasValue: true,
				Lag: 85, HasLag: true, Of: 10, Counted: stream.CountedOnTime,
			},
			{
				Offset: 151, Timestamp: -1, Time: p.Start + 500, HasTime: true, EventTime: p.Start + 500, HasEventTime: true, Value: 22.3, HasValue: true,
				OutOfOrder: true, Reason: stream.Late, Lost: 2, Of: 10, Counted: stream.CountedLate,
			},
			{Partition: 3, Offset: 7, Timestamp: 5, Reason: stream.Malformed},
		},
		Unlisted: 4,
		Steps: []stream.ExplainedStep{
			{Start: p.Start, Count: 2, Value: 21.65},
			{Start: p.Start + 1000, Value: 21.65, Filled: true},
			{Start: p.Start + 2000, Value: math.NaN()},
		},
	}
}

func goldenExplanationBytes() []byte {
	out := append(AppendExplanation(nil, sensorExplanation()), '\n')
	nothing := &stream.Explanation{Topic: "sensors", Key: window.Key{Bytes: "\xff"}, Counted: true, Size: 1, Hop: 1}
	out = append(AppendExplanation(out, nothing), '\n')
	same := sensorExplanation()
	same.Key, same.Counted, same.Differ = window.Key{Null: true}, true, nil
	return append(AppendExplanation(out, same), '\n')
}

func TestExplanationGolden(t *testing.T) { golden(t, "explanations.ndjson", goldenExplanationBytes()) }

func TestExplanationFieldOrder(t *testing.T) {
	want := strings.Split("v,type,topic,key,series,start,end,start_ms,end_ms,size_ms,hop_ms,lines,differ,partitions,records,unlisted,steps", ",")
	if diff := cmp.Diff(want, fields(t, AppendExplanation(nil, sensorExplanation()))); diff != "" {
		t.Error(diff)
	}
}
