package main

import (
	"testing"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// rangesOf are those of so many partitions.
func rangesOf(partitions int) []stream.RangeRead {
	ranges := make([]stream.RangeRead, partitions)
	for i := range ranges {
		ranges[i].ID = window.PartitionID{Topic: "t", Partition: int32(i)}
	}
	return ranges
}

// TestDescribe: what a person should know of a run, and what to change.
func TestDescribe(t *testing.T) {
	run := func(change func(*stream.Summary)) *stream.Summary {
		s := &stream.Summary{Ranges: rangesOf(2), Records: 10, InTime: 9, Windows: 3, Lines: 4}
		s.Rejects[stream.KeyLimit] = 1
		change(s)
		return s
	}
	for name, c := range map[string]struct {
		sum  *stream.Summary
		want string
	}{
		"two logs of a partition": {
			run(func(s *stream.Summary) { s.Ranges, s.Rejects[stream.KeyLimit] = append(s.Ranges, s.Ranges[0]), 0 }),
			"10 records from 2 partitions: 9 in time. 3 windows closed, 4 lines written.\n",
		},
		"accepted late": {
			run(func(s *stream.Summary) { s.AllowedLate, s.Rejects[stream.KeyLimit] = 2, 0 }),
			"10 records from 2 partitions: 9 in time, 2 of them accepted late. 3 windows closed, 4 lines written.\n",
		},
		"too many keys": {
			run(func(*stream.Summary) {}),
			"10 records from 2 partitions: 9 in time, 1 key limit. 3 windows closed, 4 lines written.\n" +
				"Keys beyond --max-keys, which the partitions share, were left out; --rejects FILE lists their records.\n",
		},
		"no memory for keys": {
			run(func(s *stream.Summary) { s.MemorySpent = true }),
			"10 records from 2 partitions: 9 in time, 1 key limit. 3 windows closed, 4 lines written.\n" +
				"New keys were left out while the open windows held all of --max-memory; --rejects FILE lists their records.\n",
		},
		"a model that failed": {
			run(func(s *stream.Summary) {
				s.ForecastsMade, s.ForecastsFail, s.ForecastsShed = 1200, 4, 5
				s.ForecastsLost, s.Rejects[stream.KeyLimit] = map[string]int64{"timeout": 1, "crashed": 2}, 0
			}),
			"10 records from 2 partitions: 9 in time. 3 windows closed, 4 lines written, 1,200 forecasts (4 windows gave none), 5 shed.\n" +
				"Forecasts that the model failed: 2 crashed, 1 timeout.\n",
		},
	} {
		if got := describe(c.sum, true, 0); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}
