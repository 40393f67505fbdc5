package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oriel-stream/oriel/window"
)

// latticePanel draws the windows of the key of interest as bars on the axis of
// event time, the one that ends first on top, and the watermark on its way
// through them: a record counts in every bar above its time. The partition that
// holds the watermark stands below it.
//
//	      82 │├────────◆ ║         ┊               a window that has closed
//	      79 │  ├────────║○        ┊  8.1s to go   the one that closes next
//	      71 │    ├──────║┄┄○      ┊
//	   own W │           3        •                the partitions' own watermarks
//	   count └──┬────────W──┬──────newest
//	UTC      12:00:20    12:00:25
type latticePanel struct{ noRows }

func (latticePanel) title(f *frame) (name, note string) {
	if f.snap.Focus == nil {
		return "Lattice", ""
	}
	spec := f.spec(f.snap.Focus.Spec)
	return "Lattice of " + f.focusName() + " · " + describeSpec(spec), windowsOfEach(spec)
}

// windowsOfEach says in how many windows a record is.
func windowsOfEach(s window.Spec) string {
	if s.Hop <= 0 {
		return ""
	}
	n := int64(s.Size / s.Hop)
	if s.Size%s.Hop != 0 {
		return fmt.Sprintf("a record is in %s or %s windows", count(n), count(n+1))
	}
	return "a record is in " + plural(n, "window")
}

// Sizes from which a lattice has more.
const (
	minLatticeHeight = 4 // lines for the axis
	ownMarksHeight   = 7 // lines for the watermarks of partitions
)

func (latticePanel) draw(f *frame, w, h int) []string {
	rows := windowRows{f.snap.Focus}
	switch {
	case rows.len() == 0:
		return f.waiting(w, h)
	case w < minChartWidth || h < minLatticeHeight:
		return f.message(w, h, "no room for the lattice")
	}
	l := newLattice(f, rows, w, h)
	l.draw()
	return strings.Split(l.render(f.st), "\n")
}

// lattice is a lattice while it is drawn.
type lattice struct {
	plot
	f *frame
	// windows are those that are drawn, the first on top: each every-th of all.
	windows []windowRow
	every   int64
	// own says that the last row of the plot is for the partitions.
	own bool
}

func newLattice(f *frame, rows windowRows, w, h int) *lattice {
	l := &lattice{plot: plot{canvas: newCanvas(w, h, f.ascii), left: labelWidth + 2, rows: h - 2, zone: f.clock.location()}, f: f}
	l.own = h >= ownMarksHeight
	l.choose(rows, l.bars())
	l.times = latticeTimes(l.windows, f.newest(), w-l.left)
	return l
}

// bars is how many windows there is room for.
func (l *lattice) bars() int {
	if l.own {
		return l.rows - 1
	}
	return l.rows
}

// choose takes n windows, the newest. Where so many are open that too few closed
// ones would be seen, these are only each second, fifth, tenth of all, and so on:
// counted from the epoch, so that it is the same ones from picture to picture.
func (l *lattice) choose(rows windowRows, n int) {
	const few = 6 // open ones, which are worth more than closed ones
	most := max(1, 2*n/3, min(n-1, few))
	l.every = 1
	for unit, i := int64(1), 0; (int64(len(rows.Open))+l.every-1)/l.every > int64(most); i++ {
		if i > 0 && i%3 == 0 {
			unit *= 10
		}
		l.every = unit * [...]int64{2, 5, 10}[i%3]
	}
	hop := max(1, int64(l.f.spec(rows.Spec).Hop))
	for i := 0; i < rows.len() && len(l.windows) < n; i++ {
		r := rows.at(i)
		if floorDiv(int64(r.span().End), hop)%l.every == 0 {
			l.windows = append(l.windows, r)
		}
	}
	slices.Reverse(l.windows)
}

// latticeTimes shows windows from the first start to the last end, and the newest
// event time if that is not far behind it.
func latticeTimes(windows []windowRow, newest window.Time, columns int) timeline {
	l := timeline{step: 1, wide: 1, steps: 1, columns: columns}
	if len(windows) == 0 {
		return l
	}
	last := windows[len(windows)-1].span()
	from, to := clampTime(windows[0].span().Start), clampTime(last.End)
	if newest <= to.Add(span(last.Start, last.End)) {
		to = max(to, newest)
	}
	l.step = roundUp(int64(to-from)/int64(max(1, columns-1)) + 1)
	l.left = l.absolute(from)
	return l
}

// roundUp is the next number of at least n that has few digits: with one for each
// picture the lattice would breathe.
func roundUp(n int64) int64 {
	for unit := int64(1); ; unit *= 10 {
		for _, d := range [...]int64{10, 12, 15, 20, 25, 30, 40, 50, 60, 80} {
			if scale := (d*unit + 9) / 10; scale >= n || scale >= maxStep {
				return scale
			}
		}
	}
}

// draw draws from the back to the front: the ends of the bars stay to be seen.
func (l *lattice) draw() {
	for row := range l.rows {
		l.set(l.left-1, l.y(row), '│', inkAxis)
	}
	l.drawTimeAxis()
	for i := range l.windows {
		l.drawBar(i)
	}
	var marks []mark
	if at := l.f.mark(); at != window.MinTime {
		marks = append(marks, mark{name: "W", glyph: '║', ink: inkWatermark, at: l.times.column(at)})
	}
	if at := l.f.newest(); at != window.MinTime {
		marks = append(marks, mark{name: "newest", glyph: '┊', ink: inkNow, at: l.times.column(at)})
	}
	l.drawMarks(marks)
	for i := range l.windows {
		l.drawEnds(i)
	}
	if l.own {
		l.drawOwn()
	}
	l.label(l.top+l.rows, l.sample())
	l.nameMarks(marks)
}

// sample says which of the windows are drawn, and what stands before them.
func (l *lattice) sample() string {
	if l.every > 1 {
		return "1 of " + count(l.every)
	}
	return "count"
}

// label writes a word left of the plot.
func (l *lattice) label(y int, s string) {
	if n := cellCount(s); n <= labelWidth {
		l.text(labelWidth-n, y, s, inkLabel)
	}
}

// within calls set for the columns from..to-1 that are in view.
func (l *lattice) within(from, to int, set func(x int)) {
	for at := max(0, from); at < min(to, l.times.columns); at++ {
		set(l.left + at)
	}
}

// drawBar draws the span of a window: what the watermark has behind it is solid,
// and how long late records are taken in is dotted.
func (l *lattice) drawBar(i int) {
	w := l.windows[i]
	start, end, mark := l.times.column(w.span().Start), l.times.column(w.span().End), l.times.column(l.f.mark())
	solid := inkActual
	if w.closed != nil {
		solid, mark = inkAxis, end
	}
	l.within(start, end, func(x int) { l.set(x, i, '┄', inkLabel) })
	l.within(start, min(mark, end), func(x int) { l.set(x, i, '─', solid) })
	if w.closed != nil && !w.closed.Final {
		l.within(end, l.times.column(w.span().End.Add(l.f.snap.AllowedLateness)), func(x int) { l.set(x, i, '·', inkLabel) })
	}
}

// drawEnds draws where a window starts and ends, with its state, its count, and
// for the one that closes next what it waits for.
func (l *lattice) drawEnds(i int) {
	w := l.windows[i]
	start, end := l.times.column(w.span().Start), l.times.column(w.span().End)
	l.within(start, start+1, func(x int) { l.set(x, i, '├', inkAxis) })
	glyph, ink, n := '○', inkActual, int64(0)
	switch {
	case w.open != nil:
		n = w.open.Count
	case w.closed.Anomaly:
		glyph, ink, n = '✱', inkAlarm, w.closed.Count
	case w.closed.Final:
		glyph, ink, n = '◆', inkAxis, w.closed.Count
	default:
		glyph, ink, n = '●', inkPlain, w.closed.Count
	}
	l.within(end, end+1, func(x int) { l.set(x, i, glyph, ink) })
	l.label(i, count(n))
	if w.open != nil && (i == 0 || l.windows[i-1].open == nil) {
		l.explain(i, end+2, w.open.End)
	}
}

// explain says behind the bar of the window that closes next what it waits for.
func (l *lattice) explain(row, at int, end window.Time) {
	const few = 12
	if room := l.times.columns - at; at >= 0 && room >= few {
		why, attention := l.f.whyOpen(end, room)
		ink := inkLabel
		if attention {
			ink = inkAlarm
		}
		l.text(l.left+at, row, why, ink)
	}
}

// drawOwn draws the watermark of each partition, of which the watermark is the
// minimum, in the last row: by the partition's digit where it has one for itself.
func (l *lattice) drawOwn() {
	y := l.y(0)
	l.label(y, "own W")
	for i := range l.f.snap.Partitions {
		p := &l.f.snap.Partitions[i]
		at := l.times.column(p.Watermark)
		if p.Watermark == window.MinTime || at < 0 || at >= l.times.columns {
			continue
		}
		glyph, ink := '•', inkNow
		if taken := l.at(l.left+at, y); p.ID.Partition < 10 && len(l.f.snap.Topics) == 1 && taken != glyph && !isDigit(taken) {
			glyph = '0' + p.ID.Partition
		}
		switch {
		case l.f.snap.Hold.Holds() && l.f.snap.Hold.ID == p.ID:
			ink = inkAlarm
		case p.Idle || p.Finished:
			ink = inkLabel
		}
		l.set(l.left+at, y, glyph, ink)
	}
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }
