package tui

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// canvas is a grid of cells that can only be written inside its borders: what
// falls outside is dropped, so that no drawing can make a frame too large.
// Every glyph is one cell wide.
type canvas struct {
	width, height int
	ascii         bool
	cells         []cell
}

type cell struct {
	glyph rune // 0 is blank
	ink   ink
}

// ink says what a cell is part of; its looks are in styles.
type ink uint8

const (
	inkPlain ink = iota
	inkBand
	inkWatermark
	inkNow
	inkForecast
	inkActual
	inkAlarm
	inkAxis
	inkLabel
	inkCount
)

// newCanvas returns a blank canvas; with ascii every glyph is rendered as one
// of ASCII.
func newCanvas(width, height int, ascii bool) *canvas {
	return &canvas{width: width, height: height, ascii: ascii, cells: make([]cell, width*height)}
}

// set writes one cell. Columns count from the left, rows from the top.
func (c *canvas) set(column, row int, glyph rune, ink ink) {
	if column < 0 || column >= c.width || row < 0 || row >= c.height {
		return
	}
	c.cells[row*c.width+column] = cell{glyph, ink}
}

// at returns the glyph of a cell; 0 is blank.
func (c *canvas) at(column, row int) rune {
	if column < 0 || column >= c.width || row < 0 || row >= c.height {
		return 0
	}
	return c.cells[row*c.width+column].glyph
}

// text writes s to the right of a cell; it must hold glyphs of one cell only.
func (c *canvas) text(column, row int, s string, ink ink) {
	for _, glyph := range s {
		c.set(column, row, glyph, ink)
		column++
	}
}

// sentence writes s into the middle, cut where the canvas ends.
func (c *canvas) sentence(s string) {
	c.text(max(0, (c.width-cellCount(s))/2), (c.height-1)/2, s, inkLabel)
}

// cellCount is the width of text whose glyphs are one cell wide each.
func cellCount(s string) int { return strings.Count(s, "") - 1 }

// brush is what a terminal is told before and after cells of one ink.
type brush struct{ before, after string }

// newBrush asks the style once: a style is far slower to apply than a string.
func newBrush(style lipgloss.Style) brush {
	before, after, _ := strings.Cut(style.Render("x"), "x")
	return brush{before, after}
}

// render returns the rows, without the blanks at their ends, joined by newlines.
func (c *canvas) render(st styles) string {
	brushes := [inkCount]brush{
		inkBand:      newBrush(st.Band),
		inkWatermark: newBrush(st.Watermark),
		inkNow:       newBrush(st.Now),
		inkForecast:  newBrush(st.Forecast),
		inkActual:    newBrush(st.Actual),
		inkAlarm:     newBrush(st.Attention),
		inkAxis:      newBrush(st.Axis),
		inkLabel:     newBrush(st.Label),
	}
	var b strings.Builder
	b.Grow(4 * len(c.cells))
	for row := range c.height {
		if row > 0 {
			b.WriteByte('\n')
		}
		c.writeRow(&b, c.cells[row*c.width:(row+1)*c.width], &brushes)
	}
	return b.String()
}

func (c *canvas) writeRow(b *strings.Builder, cells []cell, brushes *[inkCount]brush) {
	for len(cells) > 0 && cells[len(cells)-1].glyph == 0 {
		cells = cells[:len(cells)-1]
	}
	for i, at := range cells {
		if i == 0 || at.ink != cells[i-1].ink {
			b.WriteString(brushes[at.ink].before)
		}
		switch {
		case at.glyph == 0:
			at.glyph = ' '
		case c.ascii:
			at.glyph = asciiGlyph(at.glyph)
		}
		b.WriteRune(at.glyph)
		if i == len(cells)-1 || at.ink != cells[i+1].ink {
			b.WriteString(brushes[at.ink].after)
		}
	}
}

// asciiGlyph returns the stand-in for a glyph on a terminal without Unicode.
// What can meet on one chart stays distinct: ' and . are corners of the actual
// line, ~ is the forecast, : its interval.
func asciiGlyph(glyph rune) rune {
	switch glyph {
	case '─', '╴', '╶':
		return '-'
	case '│':
		return '|'
	case '╭', '╮', '╷':
		return '.'
	case '╰', '╯', '╵':
		return '\''
	case '├', '┤', '┴', '┬', '┼', '└':
		return '+'
	case '╍':
		return '~'
	case '┄', '·':
		return '.'
	case '░':
		return ':'
	case '▁', '▂', '▃':
		return '_'
	case '▄', '▅', '▆', '▇':
		return '='
	case '█':
		return '#'
	case '║':
		return '!'
	case '┊':
		return ';'
	case '●', '•':
		return '*'
	case '○':
		return 'o'
	case '◆':
		return 'X'
	case '✱':
		return '@'
	case '▲', '↑':
		return '^'
	case '▼', '↓':
		return 'v'
	case '▶', '→':
		return '>'
	case '◀', '←':
		return '<'
	case '…':
		return '.'
	case '≤':
		return '<'
	}
	if glyph < ' ' || glyph > '~' {
		return '?'
	}
	return glyph
}
