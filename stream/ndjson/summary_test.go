package ndjson

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

func goldenSummaryBytes() []byte {
	s := &stream.Summary{
		Ranges: []stream.RangeRead{
			{ID: window.PartitionID{Topic: "sensors"}, Start: 0, End: 5120, ReadTo: 5120},
			{ID: window.PartitionID{Topic: "sensors", Partition: 1}, Start: 7, End: -1, ReadTo: 9},
		},
		Records: 5122, InTime: 5000, PartlyLate: 10, Filtered: 3, Undecided: 4, Windows: 40, Lines: 42, SplitKeys: 2,
		ForecastsMade: 38, ForecastsFail: 4, ForecastsShed: 1, ForecastsLost: map[string]int64{"timeout": 2, "crashed": 1},
		Gaps:         []stream.GapRead{{ID: window.PartitionID{Topic: "sensors"}, From: 5, To: 9, Reason: "retention"}},
		Reproducible: true,
	}
	for r := range s.Rejects {
		s.Rejects[r] = int64(10 * r)
	}
	out := append(AppendSummary(nil, s), '\n')
	return append(AppendSummary(out, &stream.Summary{}), '\n')
}

func TestSummaryGolden(t *testing.T) { golden(t, "summaries.ndjson", goldenSummaryBytes()) }

func TestSummaryFieldOrder(t *testing.T) {
	want := strings.Split("v,type,ranges,records,in_time,partly_late,allowed_late,partly_usable,late,late_after_idle,rejects,filtered,windows,lines,forecasts,gaps,offsets_lost,reproducible", ",")
	if diff := cmp.Diff(want, fields(t, AppendSummary(nil, &stream.Summary{}))); diff != "" {
		t.Error(diff)
	}
}
