package tui

import (
	"cmp"
	"slices"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// partitionOrder is how the partitions are sorted.
type partitionOrder uint8

// The orders, in which `s` goes through them.
const (
	byNumber partitionOrder = iota
	byWatermark
	byUnread
	byRefused
	partitionOrders
)

var partitionOrderNames = [partitionOrders]string{"", "by watermark ↑", "by unread ↓", "by refused ↓"}

// partitionsPanel has a row for each partition.
type partitionsPanel struct {
	cursor[window.PartitionID]
	order partitionOrder

	// rows are indices into the partitions of snap, sorted.
	rows []int
	snap *stream.Snapshot
}

// arrange sorts, if the picture or the order is another.
func (p *partitionsPanel) arrange(f *frame) {
	if p.snap == f.snap {
		return
	}
	p.snap, p.rows = f.snap, p.rows[:0]
	for i := range f.snap.Partitions {
		p.rows = append(p.rows, i)
	}
	slices.SortStableFunc(p.rows, func(a, b int) int {
		x, y := &f.snap.Partitions[a], &f.snap.Partitions[b]
		switch p.order {
		case byWatermark: // those that hold it first, those that hold nothing last
			return cmp.Or(cmp.Compare(holding(x), holding(y)), cmp.Compare(x.Watermark, y.Watermark))
		case byUnread:
			return cmp.Compare(unreadOf(y), unreadOf(x))
		case byRefused:
			return cmp.Compare(y.Rejected, x.Rejected)
		default:
			return 0
		}
	})
}

// holding is 0 for a partition that the watermark waits for, and 1 for one that
// has been read or is idle.
func holding(v *stream.PartitionView) int {
	if v.Finished || v.Idle {
		return 1
	}
	return 0
}

// unreadOf is a partition's consumer lag; -1 while it is unknown.
func unreadOf(v *stream.PartitionView) int64 {
	if v.Next < 0 || v.LogEnd < 0 {
		return -1
	}
	return max(0, v.LogEnd-v.Next)
}

// view is a row.
func (p *partitionsPanel) view(f *frame, i int) *stream.PartitionView {
	return &f.snap.Partitions[p.rows[i]]
}

func (p *partitionsPanel) id(f *frame) func(int) window.PartitionID {
	return func(i int) window.PartitionID { return p.view(f, i).ID }
}

func (p *partitionsPanel) at(f *frame) int {
	p.arrange(f)
	return p.cursor.at(len(p.rows), 0, p.id(f))
}

func (p *partitionsPanel) move(f *frame, delta int) bool {
	at := p.at(f)
	return p.cursor.move(at, delta, len(p.rows), p.id(f))
}

func (p *partitionsPanel) copied(f *frame) string {
	if !p.chosen || len(f.snap.Partitions) == 0 {
		return ""
	}
	return f.partition(p.view(f, p.at(f)).ID)
}

func (p *partitionsPanel) title(f *frame) (name, note string) {
	note = partitionOrderNames[p.order]
	if f.snap.Group != "" && p.order == byNumber {
		note = "of this member of " + f.text(f.snap.Group)
	}
	return "Partitions " + count(int64(len(f.snap.Partitions))), note
}

const (
	partName = iota
	partState
	partOffset
	partUnread
	partWatermark
	partNewest
	partRecords
	partRefused
)

func (p *partitionsPanel) columns(f *frame, w int) []column {
	longest, edge := 9, 10
	for i := range f.snap.Partitions[:min(len(f.snap.Partitions), 200)] {
		longest = max(longest, width(f.partition(f.snap.Partitions[i].ID)))
	}
	return fitColumns([]column{
		{id: partName, title: " partition", width: nameCells(longest, w) + 1},
		{id: partState, title: "state", width: 13, rank: 1, grows: true},
		{id: partWatermark, title: "watermark", width: edge, right: true, rank: 2},
		{id: partUnread, title: "unread", width: 6, right: true, rank: 3},
		{id: partOffset, title: "offset", width: 9, right: true, rank: 4},
		{id: partNewest, title: "newest", width: edge, right: true, rank: 6},
		{id: partRefused, title: "refused", width: 7, right: true, rank: 5},
		{id: partRecords, title: "records", width: 9, right: true, rank: 7},
	}, w)
}

func (p *partitionsPanel) draw(f *frame, w, h int) []string {
	if len(f.snap.Partitions) == 0 {
		return f.waiting(w, h)
	}
	columns := p.columns(f, w)
	lines := []string{f.st.Dim.Render(titles(columns))}
	at := p.at(f)
	from, to := p.visible(at, len(f.snap.Partitions), h-1)
	for i := from; i < to; i++ {
		v := p.view(f, i)
		line := row(columns, func(c column) string { return p.cell(f, c, v) })
		if p.chosen && i == at && f.active == partitionsID {
			line = f.selected(line, w)
		}
		lines = append(lines, line)
	}
	return lines
}

func (p *partitionsPanel) cell(f *frame, c column, v *stream.PartitionView) string {
	text := ""
	switch c.id {
	case partName:
		text = " " + nameEnd(f.partition(v.ID), c.width-1)
	case partState:
		return f.partitionState(c, v)
	case partOffset:
		text = count(v.Next)
	case partUnread:
		text = none
		if n := unreadOf(v); n >= 0 {
			text = countIn(n, c.width)
		}
	case partWatermark:
		text = f.clock.within(v.Watermark, tenths, c.width)
	case partNewest:
		text = f.clock.within(v.Newest, tenths, c.width)
	case partRecords:
		text = count(v.Records)
	case partRefused:
		text = count(v.Rejected)
	}
	return fit(text, c.width, c.right)
}

// partitionState says whether a partition is read, waits, is silent or idle, and
// whether it holds the watermark.
func (f *frame) partitionState(c column, v *stream.PartitionView) string {
	h := f.snap.Hold
	holds := h.ID == v.ID && h.Kind != stream.HoldNothing && h.Kind != stream.HoldIdle
	quiet := duration(roundSeconds(v.QuietFor))
	switch {
	case v.Finished:
		return f.st.Dim.Render(fit("■ read", c.width, false))
	case v.Pause != stream.NotPaused:
		return f.st.Attention.Render(fit("‖ "+f.pauseWords(v, c.width-2), c.width, false))
	case v.Leap.Records > 0:
		return f.st.Attention.Render(fit("▲ "+leapState(v.Leap, c.width-2), c.width, false))
	case v.Idle:
		return f.st.Dim.Render(fit("○ idle "+quiet, c.width, false))
	case holds && h.Kind == stream.HoldUntimed:
		return f.st.Attention.Render(fit("▲ "+firstThatFits(c.width-2, "its records have no readable time", "no readable time", "no times"), c.width, false))
	case v.Unstable > 0 && v.QuietFor >= 1000:
		return f.st.Attention.Render(fit("▲ "+firstThatFits(c.width-2, "open transaction, "+plural(v.Unstable, "offset"), "open transaction", "transaction"), c.width, false))
	case holds && h.Kind == stream.HoldQuiet:
		return f.st.Attention.Render(fit("▲ silent "+quiet, c.width, false))
	case holds:
		return f.st.Attention.Render(fit("▲ holds", c.width, false))
	case v.QuietFor >= 1000:
		return fit("● silent "+quiet, c.width, false)
	}
	return fit("● reading", c.width, false)
}

// pauseWords says what a partition waits for, in w cells.
func (f *frame) pauseWords(v *stream.PartitionView, w int) string {
	ahead := duration(v.Ahead) + " ahead"
	waits := "waits for " + f.partition(v.WaitsFor)
	if v.Pause == stream.PausedForMemory {
		return firstThatFits(w, waits+", memory is short", "memory: waits for "+f.partition(v.WaitsFor), "memory short", "memory")
	}
	return firstThatFits(w, waits+", "+ahead, waits, ahead)
}

// leapState says what waits to be believed in a partition, in w cells.
func leapState(l stream.LeapView, w int) string {
	if l.Ahead == 0 {
		return firstThatFits(w, leapWords(l), "not believed", "leap")
	}
	return firstThatFits(w, leapWords(l), "leap "+duration(l.Ahead)+" ahead", "leap "+duration(l.Ahead), "leap")
}

// firstThatFits returns the first text for which w cells suffice, or the last.
func firstThatFits(w int, texts ...string) string {
	for _, s := range texts[:len(texts)-1] {
		if width(s) <= w {
			return s
		}
	}
	return texts[len(texts)-1]
}

// roundSeconds cuts a duration to whole seconds, so that it does not flicker.
func roundSeconds(d window.Duration) window.Duration { return d - d%1000 }
