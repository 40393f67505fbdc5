package tui

import (
	"slices"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// tolerance says what another bound on disorder would have made of the newest
// late records: half of them would be in time with half, all of them with all.
type tolerance struct {
	late      int
	half, all window.Duration
}

// tolerance looks at the late records in the ledger; false if there are none that
// a bound could have helped.
func (f *frame) tolerance() (tolerance, bool) {
	var bounds []window.Duration
	for i := range f.snap.Ledger {
		e := &f.snap.Ledger[i]
		if e.Reason != stream.Late || !e.HasEventTime || f.snap.Domain != stream.EventTime {
			continue
		}
		if bound := f.boundFor(e); bound > f.snap.OutOfOrderness {
			bounds = append(bounds, bound)
		}
	}
	if len(bounds) == 0 {
		return tolerance{}, false
	}
	slices.Sort(bounds)
	return tolerance{late: len(bounds), half: bounds[(len(bounds)-1)/2], all: bounds[len(bounds)-1]}, true
}

// boundFor is the out-of-orderness with which a late record would have been in
// all of its windows, in whole tenths of a second. A window is final when the
// newest time − out-of-orderness reaches its end + lateness, and of the windows of
// the record that which ends first is the one to keep open.
func (f *frame) boundFor(e *stream.LedgerEntry) window.Duration {
	newest := e.Watermark.Add(f.snap.OutOfOrderness)
	var bound window.Duration
	for _, s := range f.snap.Specs {
		first := s.At(e.EventTime.Sub(s.Size)).End.Add(s.Hop)
		bound = max(bound, span(first.Add(f.snap.AllowedLateness), newest)+1)
	}
	const tenth = 100
	return (bound + tenth - 1) / tenth * tenth
}

// advice says in w cells what the late records ask for; empty if nothing.
func (f *frame) advice(w int) string {
	t, ok := f.tolerance()
	if !ok {
		return ""
	}
	const flag = "--out-of-orderness "
	all := flag + setting(t.all)
	if t.late == 1 {
		return firstThatFits(w, all+" would have taken in the late record; it is "+setting(f.snap.OutOfOrderness)+", and oriel advise tells what it costs", all+" would have taken in the late one")
	}
	newest := "the newest " + count(int64(t.late)) + " late records"
	half := flag + setting(t.half)
	return firstThatFits(w,
		half+" would have taken in half of "+newest+", "+setting(t.all)+" all; it is "+setting(f.snap.OutOfOrderness)+", and oriel advise tells what it costs",
		half+" would have taken in half of "+newest+", "+setting(t.all)+" all",
		all+" would have taken in the late ones")
}
