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
	idle := ""
	if h.IdleIn > 0 {
		idle = "idle in " + duration(roundSeconds(h.IdleIn))
	}
	switch h.Kind {
	case stream.HoldUnknown:
		return who, "no event time seen yet", "no time yet"
	case stream.HoldBehind:
		return who, "records not read yet", "still reading"
	case stream.HoldQuiet:
		if idle != "" {
			return who, "silent, " + idle, idle
		}
		return who, "silent", "silent"
	case stream.HoldSlow:
		behind := duration(h.Behind) + " behind"
		return who, behind + " the others", behind
	case stream.HoldUntimed:
		why, brief = "its records have no readable time", "no readable time"
	case stream.HoldTransaction:
		why, brief = "an open transaction holds back "+plural(h.Unstable, "offset"), "open transaction"
	case stream.HoldLeap:
		why, brief = leapWords(h.Leap), "leap"
		if h.Leap.Ahead > 0 {
			brief = "leap " + duration(h.Leap.Ahead) + " ahead"
		}
	case stream.HoldNothing, stream.HoldIdle:
		return "", "", ""
	}
	if idle != "" {
		why += ", " + idle
	}
	return who, why, brief
}

// leapWords says what waits to be believed.
func leapWords(l stream.LeapView) string {
	if l.Ahead == 0 {
		return "first " + plural(int64(l.Records), "record") + " not believed yet"
	}
	verb := " wait"
	if l.Records == 1 {
		verb = " waits"
	}
	return "leap " + duration(l.Ahead) + " ahead, " + plural(int64(l.Records), "record") + verb
}

// holdLine is the holder in a sentence for w cells, and whether it needs
// attention.
func (f *frame) holdLine(w int) (sentence string, attention bool) {
	if f.snap.Hold.Kind == stream.HoldIdle {
		why := "the clock goes on"
		if f.snap.Watermark == window.MinTime {
			why = "no event time yet"
		}
		return firstThatFits(w, "all partitions idle: "+why, "all idle: "+why, "all idle"), true
	}
	if who, why, brief := f.holder(); who != "" {
		return firstThatFits(w, "held by "+who+": "+why, "held by "+who+": "+brief, who+": "+brief), true
	}
	idle := f.idle()
	switch {
	case f.snap.Watermark == window.MinTime:
		return "no event time seen yet", false
	case f.snap.Domain == stream.ProcessingTime:
		return firstThatFits(w, "processing time: the clock sets it", "the clock sets it"), false
	case len(idle) == 0:
		return "held by nothing", false
	case len(idle) == 1:
		who := f.partition(idle[0])
		return firstThatFits(w, who+" is idle: not waited for", who+" is idle", who), true
	default:
		who := plural(int64(len(idle)), "partition") + " idle"
		return firstThatFits(w, who+": not waited for", who), true
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

// mark is the watermark by which the windows of the focus close.
func (f *frame) mark() window.Time {
	if f.snap.Focus != nil && f.snap.Focus.Alone {
		return f.snap.Focus.Watermark
	}
	return f.snap.Watermark
}

// whyOpen says in w cells what a window that ends at end waits for, and whether
// that needs attention.
func (f *frame) whyOpen(end window.Time, w int) (why string, attention bool) {
	who, _, brief := f.holder()
	if who != "" && f.mark() == f.snap.Watermark && (f.snap.Watermark == window.MinTime || end <= f.snap.Watermark.Add(f.snap.Hold.Behind)) {
		return firstThatFits(w, "waits for "+who+", "+brief, "waits for "+who), true
	}
	return f.toGo(end), false
}

// toGo says how far the watermark is from the end of a window.
func (f *frame) toGo(end window.Time) string {
	switch left := duration(span(f.mark(), end)); {
	case f.mark() == window.MinTime:
		return "no watermark yet"
	case end <= f.mark():
		return "closing"
	case f.snap.Hold.Kind == stream.HoldIdle:
		return "all idle, closes in " + left
	default:
		return left + " to go"
	}
}
