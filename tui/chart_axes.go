package tui

import (
	"slices"

	"github.com/oriel-stream/oriel/window"
)

// drawValueAxis draws the axis at the left with its labels.
func (ch *chart) drawValueAxis() {
	for row := range ch.rows {
		ch.set(ch.left-1, ch.y(row), '│', inkAxis)
	}
	for _, tick := range ch.values.ticks() {
		y := ch.y(tick.row)
		ch.set(ch.left-1, y, '┤', inkAxis)
		ch.text(ch.left-2-cellCount(tick.label), y, tick.label, inkLabel)
	}
}

// drawTimeAxis draws the axis at the bottom with its labels.
func (ch *chart) drawTimeAxis() {
	y := ch.top + ch.rows
	ch.set(ch.left-1, y, '└', inkAxis)
	for at := range ch.times.columns {
		ch.set(ch.left+at, y, '─', inkAxis)
	}
	free := ch.drawZone(y + 1)
	for _, tick := range ch.times.ticks(ch.opt.Zone) {
		x := ch.left + tick.column - len(tick.label)/2
		if x < free || x+len(tick.label) > ch.width {
			continue
		}
		ch.set(ch.left+tick.column, y, '┬', inkAxis)
		ch.text(x, y+1, tick.label, inkLabel)
		free = x + len(tick.label) + 1
	}
}

// drawZone names the zone of the time axis at its left, and returns the column
// after it.
func (ch *chart) drawZone(y int) int {
	name, _ := civil(ch.times.start(ch.times.columns), ch.opt.Zone).Zone()
	if len(name) > labelWidth || !plain(name) {
		return 0
	}
	ch.text(0, y, name, inkLabel)
	return len(name) + 1
}

// mark is a line at one instant, named on the time axis.
type mark struct {
	name  string
	glyph rune
	ink   ink
	at    int // column of the plot
	x     int // where its name starts
}

// drawMarks draws the watermark and now as lines with their names on the time
// axis; an arrow there points to one that is out of view.
func (ch *chart) drawMarks() {
	var marks []mark
	if ch.watermark != window.MinTime {
		marks = append(marks, mark{name: "W", glyph: '║', ink: inkWatermark, at: ch.times.column(ch.watermark)})
	}
	if ch.now != window.MinTime {
		marks = append(marks, mark{name: "now", glyph: '┊', ink: inkNow, at: ch.times.column(ch.now)})
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return a.at - b.at })
	for i := range marks {
		ch.drawMark(&marks[i])
	}
	ch.drawOpen()
	placeNames(marks, ch.left, ch.width)
	for _, m := range marks {
		ch.text(m.x, ch.top+ch.rows, m.name, m.ink)
	}
}

// drawOpen marks on the time axis where the windows end that wait for the
// watermark. What they hold so far is no value of a step, so it is not drawn.
func (ch *chart) drawOpen() {
	for _, w := range ch.focus.Open {
		if at := ch.times.column(w.End); w.Spec == ch.focus.Spec && at >= 0 && at < ch.times.columns {
			ch.set(ch.left+at, ch.top+ch.rows, '○', inkActual)
		}
	}
}

// drawMark draws the line, or makes the name an arrow.
func (ch *chart) drawMark(m *mark) {
	switch {
	case m.at < 0:
		m.name = "◀" + m.name
	case m.at >= ch.times.columns:
		m.name += "▶"
	default:
		for row := range ch.rows {
			ch.set(ch.left+m.at, ch.y(row), m.glyph, m.ink)
		}
	}
}

// placeNames has each name start below its line where that leaves a cell between
// them: else it moves right, and at the end of the axis left.
func placeNames(marks []mark, start, end int) {
	for i := range marks {
		m := &marks[i]
		m.x = min(max(start+m.at, start), end)
		if i > 0 {
			before := marks[i-1]
			m.x = max(m.x, before.x+cellCount(before.name)+1)
		}
	}
	for i := len(marks) - 1; i >= 0; i-- {
		m := &marks[i]
		m.x = min(m.x, end-cellCount(m.name))
		end = m.x - 1
	}
}
