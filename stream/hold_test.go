package stream

import (
	"testing"

	"github.com/oriel-stream/oriel/window"
)

// TestHold: what holds the watermark, by what two partitions have published.
// The second stands at 20 s and is busy.
func TestHold(t *testing.T) {
	const unknown = window.MinTime
	other := published{id: window.PartitionID{Partition: 1}, Progress: window.Progress{Newest: 20_000, Mark: 20_000, QuietSince: unknown}}
	at := func(newest window.Time, change func(*published)) *published {
		v := &published{Progress: window.Progress{Newest: newest, Mark: newest, QuietSince: unknown}, leap: unknown}
		change(v)
		return v
	}
	same := func(*published) {}
	quiet := func(since window.Time) func(*published) {
		return func(v *published) { v.QuietSince, v.QuietUntil = since, 50_000 }
	}
	tests := map[string]struct {
		v      *published
		domain Domain
		want   Hold
	}{
		"slow":           {at(5000, same), EventTime, Hold{Kind: HoldSlow, Behind: 15_000}},
		"nobody is slow": {at(19_500, same), EventTime, Hold{Kind: HoldNothing, Behind: 500}},
		"not read":       {at(5000, func(v *published) { v.logEnd = 9 }), EventTime, Hold{Kind: HoldBehind, Behind: 15_000}},
		"nothing seen":   {at(unknown, same), EventTime, Hold{Kind: HoldUnknown}},
		"silent":         {at(5000, quiet(40_000)), EventTime, Hold{Kind: HoldQuiet, Behind: 15_000, IdleIn: 20_000}},
		"an open transaction": {
			at(5000, func(v *published) { v.QuietSince, v.QuietUntil, v.unstable = 40_000, 50_000, 7 }), EventTime,
			Hold{Kind: HoldTransaction, Behind: 15_000, IdleIn: 20_000, Unstable: 7},
		},
		"no answer for long":         {at(5000, func(v *published) { v.QuietSince, v.QuietUntil = 7000, 17_000 }), EventTime, Hold{Kind: HoldQuiet, Behind: 15_000, IdleIn: 20_000}},
		"silent for a moment":        {at(5000, quiet(49_500)), EventTime, Hold{Kind: HoldSlow, Behind: 15_000}},
		"silent from the start":      {at(unknown, quiet(48_000)), EventTime, Hold{Kind: HoldQuiet, IdleIn: 3000}},
		"a record without a time":    {at(5000, func(v *published) { v.untimed = 1 }), EventTime, Hold{Kind: HoldSlow, Behind: 15_000, Untimed: 1}},
		"many without a time":        {at(5000, func(v *published) { v.untimed = 10 }), EventTime, Hold{Kind: HoldUntimed, Behind: 15_000, Untimed: 10}},
		"none but without a time":    {at(unknown, func(v *published) { v.untimed = 1 }), EventTime, Hold{Kind: HoldUntimed, Untimed: 1}},
		"first records not believed": {at(unknown, func(v *published) { v.unbelieved, v.leap = 2, 90_000 }), EventTime, Hold{Kind: HoldLeap, Leap: LeapView{Records: 2}}},
		"leap": {
			at(5000, func(v *published) { v.unbelieved, v.leap = 3, 90_000 }), EventTime,
			Hold{Kind: HoldLeap, Behind: 15_000, Leap: LeapView{Records: 3, Ahead: 85_000}},
		},
		"processing time": {at(19_900, func(v *published) { v.logEnd = 9 }), ProcessingTime, Hold{Kind: HoldNothing, Behind: 100}},
		"no response":     {at(5000, same), ProcessingTime, Hold{Kind: HoldSlow, Behind: 15_000}},
	}
	for name, c := range tests {
		h := holding{domain: c.domain, idleTimeout: 30_000}
		mark, got := h.find([]*published{c.v, &other})
		if mark != c.v.Mark || got != c.want {
			t.Errorf("%s: %d, %+v, want %d, %+v", name, mark, got, c.v.Mark, c.want)
		}
	}
}

// TestHoldOfIdlePartitions: those that are idle hold nothing, and those that
// have finished are not there.
func TestHoldOfIdlePartitions(t *testing.T) {
	at := func(n int32, mark window.Time, idle, finished bool) *published {
		return &published{
			id:       window.PartitionID{Partition: n},
			Progress: window.Progress{Newest: mark, Mark: mark, QuietSince: window.MinTime, Idle: idle, Finished: finished},
		}
	}
	h := holding{idleTimeout: 30_000}
	mark, hold := h.find([]*published{at(0, 3000, true, false), at(1, 5000, false, false), at(2, 9000, false, false)})
	if mark != 3000 || hold.ID.Partition != 1 || hold.Kind != HoldSlow || hold.Behind != 4000 {
		t.Errorf("beside an idle one: %d, %+v", mark, hold)
	}
	mark, hold = h.find([]*published{at(0, 3000, true, false), at(1, 5000, true, false), at(2, 1000, false, true)})
	if mark != 3000 || hold != (Hold{Kind: HoldIdle}) {
		t.Errorf("all idle or finished: %d, %+v", mark, hold)
	}
	if mark, hold = h.find([]*published{at(0, 3000, false, true)}); mark != window.MinTime || hold != (Hold{}) {
		t.Errorf("all finished: %d, %+v", mark, hold)
	}
}
