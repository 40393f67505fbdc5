package tui

import (
	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// holder says what holds the watermark: who, and why, at length and in brief.
// All are empty if nobody does.
func (f *frame) holder() (who, why, brief string) {
	h := f.snap.Hold
	who = f.partition(h.ID)
	switch h.Kind {
	case stream.HoldUnknown:
		return who, "no event time seen yet", "no time yet"
	case stream.HoldBehind:
		return who, "records not read yet", "still reading"
	case stream.HoldQuiet:
		if h.IdleIn > 0 {
			idle := "idle in " + duration(roundSeconds(h.IdleIn))
			return who, "silent, " + idle, idle
		}
		return who, "silent", "silent"
	case stream.HoldSlow:
		behind := duration(h.Behind) + " behind"
		return who, behind + " the others", behind
	case stream.HoldNothing, stream.HoldIdle:
	}
	return "", "", ""
}

// holdLine is the holder in a sentence, and whether it needs attention.
func (f *frame) holdLine() (sentence string, attention bool) {
	if f.snap.Hold.Kind == stream.HoldIdle {
		return "all partitions idle: it waits for records", true
	}
	if who, why, _ := f.holder(); who != "" {
		return "held by " + who + ": " + why, true
	}
	idle := f.idle()
	switch {
	case f.snap.Watermark == window.MinTime:
		return "no event time seen yet", false
	case len(idle) == 0:
		return "held by nothing", false
	case len(idle) == 1:
		return f.partition(idle[0]) + " is idle: not waited for", true
	default:
		return plural(int64(len(idle)), "partition") + " idle: not waited for", true
	}
}

// idle are the partitions that the watermark does not wait for.
func (f *frame) idle() []window.PartitionID {
	var ids []window.PartitionID
	for i := range f.snap.Partitions {
		if f.snap.Partitions[i].Idle {
			ids = append(ids, f.snap.Partitions[i].ID)
		}
	}
	return ids
}

// whyOpen says what a window that ends at end waits for.
func (f *frame) whyOpen(end window.Time) string {
	if f.snap.Watermark == window.MinTime {
		if who, _, brief := f.holder(); who != "" {
			return "waits for " + who + ", " + brief
		}
		return "no watermark yet"
	}
	h := f.snap.Hold
	if h.Kind == stream.HoldIdle {
		return "all partitions idle"
	}
	if who, _, brief := f.holder(); who != "" && end <= f.snap.Watermark.Add(h.Behind) {
		return "waits for " + who + ", " + brief
	}
	if end <= f.snap.Watermark {
		return "closing"
	}
	return duration(span(f.snap.Watermark, end)) + " to go"
}
