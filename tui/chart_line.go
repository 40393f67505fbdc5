package tui

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/guptarohit/asciigraph"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// bin is what one column of the plot shows of a series. However many values
// share a column, the smallest and the largest survive.
type bin struct {
	low, high, last float64
	any             bool
}

// trace is a series, resampled to the columns of the plot.
type trace []bin

// newTrace resamples one field of the steps. Between steps that are further
// apart than a column the values are joined by a straight line; where a value
// is missing nothing is drawn, and nothing is taken from its neighbours.
func newTrace(steps []stream.Point, l timeline, field func(stream.Point) float64) trace {
	t := make(trace, l.columns)
	var before stream.Point
	var from float64
	joined := false
	for _, p := range steps {
		v := clampValue(field(p))
		if math.IsNaN(v) {
			joined = false
			continue
		}
		if joined && p.At > before.At && p.At <= before.At.Add(window.Duration(l.step)) {
			t.join(l.column(before.At), l.column(p.At), from, v)
		}
		t.add(l.column(p.At), v)
		before, from, joined = p, v, true
	}
	return t
}

// add puts a value into a column, if it is on the plot.
func (t trace) add(at int, v float64) {
	if at < 0 || at >= len(t) {
		return
	}
	c := &t[at]
	if !c.any {
		*c = bin{low: v, high: v, any: true}
	}
	c.low, c.high, c.last = min(c.low, v), max(c.high, v), v
}

// join fills the columns between two steps.
func (t trace) join(from, to int, a, b float64) {
	for at := max(from+1, 0); at < min(to, len(t)); at++ {
		share := float64(at-from) / float64(to-from)
		t.add(at, a*(1-share)+b*share)
	}
}

// clampValue moves v to what can be drawn. NaN stays.
func clampValue(v float64) float64 { return min(max(v, -maxValue), maxValue) }

// widen returns [low, high], widened to hold the trace.
func (t trace) widen(low, high float64) (float64, float64) {
	for _, c := range t {
		if c.any {
			low, high = min(low, c.low), max(high, c.high)
		}
	}
	return low, high
}

// path returns for every column the one row through which a line is drawn, NaN
// for none: of the smallest and the largest value the one further from the
// column before, so that a line through many values swings as they do. The
// newest column shows the newest value.
func (t trace) path(s valueScale) []float64 {
	rows := make([]float64, len(t))
	newest := len(t) - 1
	for newest >= 0 && !t[newest].any {
		newest--
	}
	before := math.NaN()
	for i, c := range t {
		rows[i] = math.NaN()
		if c.any {
			v := c.high
			if i == newest || math.IsNaN(before) {
				v = c.last
			} else if math.Abs(c.low/2-before/2) > math.Abs(c.high/2-before/2) {
				v = c.low
			}
			row, _ := s.row(v)
			rows[i], before = float64(row), v
		}
	}
	return rows
}

// lineGlyphs has asciigraph draw a line through rows, which count from the
// bottom: the result has the glyphs of each row of the plot, from the top.
// Handing over rows, not values, keeps the plot at exactly that height and all
// of its values in range; the NaN at the end has the last column drawn.
// It returns nil if there is nothing to draw, which asciigraph cannot.
func lineGlyphs(rows []float64, height int) []string {
	if low, high := finiteRange(rows); height < 2 || low > high {
		return nil
	}
	plot := asciigraph.Plot(append(slices.Clip(rows), math.NaN()),
		asciigraph.Height(height-1),
		asciigraph.LowerBound(0),
		asciigraph.UpperBound(float64(height-1)),
		// One column for the axis, which we draw ourselves, and no labels.
		asciigraph.Offset(1),
		asciigraph.YAxisValueFormatter(func(float64) string { return "" }),
	)
	lines := strings.Split(plot, "\n")
	for i, line := range lines {
		_, axis := utf8.DecodeRuneInString(line)
		lines[i] = line[axis:]
	}
	return lines
}

// drawLine draws the line of what was seen.
func (ch *chart) drawLine(t trace) {
	rows := t.path(ch.values)
	for y, line := range lineGlyphs(rows, ch.rows) {
		at := 0
		for _, glyph := range line {
			// asciigraph starts a line in the empty column before it.
			if glyph != ' ' && t[at].any {
				ch.set(ch.left+at, ch.top+y, glyph, inkActual)
			}
			at++
		}
	}
	for at, c := range t {
		if !c.any {
			continue
		}
		before, after := math.NaN(), math.NaN()
		if at > 0 {
			before = rows[at-1]
		}
		if at+1 < len(rows) {
			after = rows[at+1]
		}
		if math.IsNaN(before) && math.IsNaN(after) {
			ch.set(ch.left+at, ch.y(int(rows[at])), '•', inkActual)
		}
		ch.reach(at, c, rows[at], after)
	}
}

// reach draws what the line leaves out of a column: uprights from the rows it
// passes, row and the next column's, to those of the smallest and the largest
// value.
func (ch *chart) reach(at int, c bin, row, next float64) {
	from, to := int(row), int(row)
	if !math.IsNaN(next) {
		from, to = min(from, int(next)), max(to, int(next))
	}
	if low, _ := ch.values.row(c.low); low < from {
		ch.upright(at, low, from)
	}
	if high, _ := ch.values.row(c.high); high > to {
		ch.upright(at, to, high)
	}
}

// upright joins two rows of a column with a stroke.
func (ch *chart) upright(at, low, high int) {
	x := ch.left + at
	for row := low; row <= high; row++ {
		sides := lineUp | lineDown
		switch row {
		case low:
			sides = lineUp
		case high:
			sides = lineDown
		}
		ch.set(x, ch.y(row), withSides(ch.at(x, ch.y(row)), sides), inkActual)
	}
}

// The sides of a cell a line leaves through, as bits.
const (
	lineUp = 1 << iota
	lineDown
	lineLeft
	lineRight
)

// withSides adds sides to a glyph of a line; any other glyph has none.
func withSides(glyph rune, sides int) rune {
	glyphs := [16]rune{
		0, '╵', '╷', '│', '╴', '╯', '╮', '┤',
		'╶', '╰', '╭', '├', '─', '┴', '┬', '┼',
	}
	for has, g := range glyphs {
		if g == glyph {
			return glyphs[has|sides]
		}
	}
	return glyphs[sides]
}
