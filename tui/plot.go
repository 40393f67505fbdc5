package tui

import (
	"slices"
	"time"
)

// plot is a canvas with an axis of event time: the part inside the axes has rows
// lines from top on, and begins at the column left.
type plot struct {
	*canvas
	left, top, rows int
	times           timeline
	zone            *time.Location // of the time axis; nil is UTC
}

// y returns the canvas row of a row of the plot, which counts from the bottom.
func (p *plot) y(row int) int { return p.top + p.rows - 1 - row }

// drawTimeAxis draws the axis at the bottom with its labels.
func (p *plot) drawTimeAxis() {
	y := p.top + p.rows
	p.set(p.left-1, y, '└', inkAxis)
	for at := range p.times.columns {
		p.set(p.left+at, y, '─', inkAxis)
	}
	free := p.drawZone(y + 1)
	for _, tick := range p.times.ticks(p.zone) {
		x := p.left + tick.column - len(tick.label)/2
		if x < free || x+len(tick.label) > p.width {
			continue
		}
		p.set(p.left+tick.column, y, '┬', inkAxis)
		p.text(x, y+1, tick.label, inkLabel)
		free = x + len(tick.label) + 1
	}
}

// drawZone names the zone of the time axis at its left, and returns the column
// after it.
func (p *plot) drawZone(y int) int {
	name, _ := civil(p.times.start(p.times.columns), p.zone).Zone()
	if len(name) > labelWidth || !plain(name) {
		return 0
	}
	p.text(0, y, name, inkLabel)
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

// drawMarks draws lines at instants; the names get an arrow to those out of view,
// and are written by nameMarks.
func (p *plot) drawMarks(marks []mark) {
	slices.SortStableFunc(marks, func(a, b mark) int { return a.at - b.at })
	for i := range marks {
		p.drawMark(&marks[i])
	}
}

// nameMarks writes the names of marks on the time axis.
func (p *plot) nameMarks(marks []mark) {
	placeNames(marks, p.left, p.width)
	for _, m := range marks {
		p.text(m.x, p.top+p.rows, m.name, m.ink)
	}
}

// drawMark draws the line, or gives the name an arrow.
func (p *plot) drawMark(m *mark) {
	switch {
	case m.at < 0:
		m.name = "◀" + m.name
	case m.at >= p.times.columns:
		m.name += "▶"
	default:
		for row := range p.rows {
			p.set(p.left+m.at, p.y(row), m.glyph, m.ink)
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
