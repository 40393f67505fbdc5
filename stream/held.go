package stream

import (
	"cmp"
	"math"
	"slices"

	"github.com/oriel-stream/oriel/window"
)

// heldWindow is what there is of a window of the key of interest that is not
// final, by partition.
type heldWindow struct {
	window.Span
	parts []heldPart
}

// heldPart is one partition's part of it: the on-time content, and the content
// by now where late records have changed it. Nil for none.
type heldPart struct {
	part        int
	onTime, now *window.Aggregate
}

// of returns the part of a partition, made if it is new.
func (w *heldWindow) of(part int) *heldPart {
	i := slices.IndexFunc(w.parts, func(p heldPart) bool { return p.part == part })
	if i < 0 {
		i = len(w.parts)
		w.parts = append(w.parts, heldPart{part: part})
	}
	return &w.parts[i]
}

// merge returns the on-time content, and the content by now.
func (w *heldWindow) merge() (onTime, now window.Aggregate) {
	for _, p := range w.parts {
		if p.onTime != nil {
			onTime.Merge(p.onTime)
		}
		if p.now == nil {
			p.now = p.onTime
		}
		now.Merge(p.now)
	}
	return onTime, now
}

// waitingShares is what the engine shows of the shares that wait.
type waitingShares struct {
	interest Interest
	shares   []window.PendingView
}

// heldWindows are the windows of the key of interest that are not final, in the
// order of their ends.
type heldWindows struct {
	interest Interest
	windows  []*heldWindow
}

// join joins what partitions hold of windows with the shares of them that they
// have handed in.
func (b *Board) join(views []*published, i Interest) heldWindows {
	bySpan := make(map[window.Span]*heldWindow)
	part := func(s window.Span, part int) *heldPart {
		if bySpan[s] == nil {
			bySpan[s] = &heldWindow{Span: s}
		}
		return bySpan[s].of(part)
	}
	for _, v := range views {
		if v.interest != i {
			continue // it has not heard of the new interest yet
		}
		for k := range v.open {
			o := &v.open[k]
			if p := part(o.Span, v.part); o.Content == window.OnTime {
				p.onTime = &o.Aggregate
			} else {
				p.now = &o.Aggregate
			}
		}
	}
	if w := b.waiting.Load(); w != nil && w.interest == i {
		for k := range w.shares {
			s := &w.shares[k]
			n := slices.IndexFunc(views, func(v *published) bool { return v.part == s.Part })
			if n < 0 || s.End > views[n].Mark {
				continue // frozen after the partition showed itself: it is in its slices there
			}
			p := part(s.Span, s.Part)
			if s.Content == window.OnTime {
				p.onTime = &s.Aggregate
			} else if !views[n].shows(s.Span, i) {
				p.now = &s.Aggregate
			}
		}
	}
	h := heldWindows{interest: i}
	for _, w := range bySpan {
		h.windows = append(h.windows, w)
	}
	slices.SortFunc(h.windows, func(x, y *heldWindow) int { return cmp.Compare(x.End, y.End) })
	return h
}

// shows says whether the partition has shown the content of a window of the
// interest by now.
func (v *published) shows(s window.Span, i Interest) bool {
	return v.interest == i && slices.ContainsFunc(v.open, func(o window.OpenView) bool { return o.Span == s })
}

// split tells the windows that wait for the watermark from those that have
// closed. With allowed lateness the rows of the latter are brought up to date:
// by what late records have changed in them since their newest line, and by the
// watermark, for one that did not change has no final line.
func (h heldWindows) split(rows []ClosedWindow, mark window.Time, lateness window.Duration) (closed []ClosedWindow, open []OpenWindow) {
	closed = rows
	if lateness > 0 {
		closed = slices.Clone(rows)
		for i := range closed {
			closed[i].Final = closed[i].Final || closed[i].End.Add(lateness) <= mark
		}
	}
	for _, w := range h.windows {
		onTime, now := w.merge()
		i, printed := findWindow(closed, w.Span)
		switch {
		case printed && (closed[i].Final || now.Count <= closed[i].Count):
			continue
		case !printed && (onTime.Count > 0 || w.End > mark):
			open = append(open, OpenWindow{
				Span: w.Span, Spec: h.interest.Spec, Count: onTime.Count, Mean: h.mean(&onTime), Late: now.Count - onTime.Count,
			})
			continue
		case !printed: // all that came was late
			closed = slices.Insert(closed, i, unprinted(w.Span, h.interest.Spec))
		}
		h.update(&closed[i], &now)
	}
	return closed, open
}

// mean is that of the values; NaN where records are counted.
func (h heldWindows) mean(a *window.Aggregate) float64 {
	if h.interest.Series == "" {
		return math.NaN()
	}
	return a.Mean()
}

// update gives a row the content by now.
func (h heldWindows) update(row *ClosedWindow, now *window.Aggregate) {
	row.Pending = now.Count - row.Count
	row.Late += row.Pending
	row.Count, row.Mean, row.Min, row.Max, row.Lag = now.Count, h.mean(now), now.Min, now.Max, now.Lag
}

// unprinted is the row of a window that has closed without a record.
func unprinted(s window.Span, spec int) ClosedWindow {
	nan := math.NaN()
	return ClosedWindow{Span: s, Spec: spec, Mean: nan, Min: nan, Max: nan, Next: nan, NextLow: nan, NextHigh: nan}
}

// findWindow finds the row of a window, or its place, in rows that are in the
// order of their ends.
func findWindow(rows []ClosedWindow, s window.Span) (int, bool) {
	return slices.BinarySearchFunc(rows, s.End, func(c ClosedWindow, end window.Time) int { return cmp.Compare(c.End, end) })
}
