package tui

import (
	"math"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// lagChart draws event-time lag over time, the newest at the right: the median
// as solid bars, from there to the 99th percentile as shade. It has exactly
// height lines of at most width cells; one or two have sparklines instead.
func lagChart(points []stream.LagPoint, width, height int, st styles, opt chartOptions) string {
	width, height = max(width, 0), max(height, 0)
	c := newCanvas(width, height, opt.ASCII)
	switch {
	case len(points) == 0:
		c.sentence("no lag known yet")
	case height < 3:
		lagLines(c, points)
	default:
		lagBars(c, points)
	}
	return c.render(st)
}

// lagLines draws the 99th percentile in the last line and, if there are two, the
// median in the first.
func lagLines(c *canvas, points []stream.LagPoint) {
	if c.height > 1 {
		lagLine(c, 0, "p50 ", inkActual, points, func(p stream.LagPoint) window.Duration { return p.P50 })
	}
	lagLine(c, c.height-1, "p99 ", inkForecast, points, func(p stream.LagPoint) window.Duration { return p.P99 })
}

// lagLine draws a sparkline of one field, with its newest value at the left.
func lagLine(c *canvas, row int, name string, ink ink, points []stream.LagPoint, field func(stream.LagPoint) window.Duration) {
	values := make([]float64, len(points))
	for i, p := range points {
		values[i] = float64(field(p))
	}
	const gutter = 12
	c.text(0, row, name+duration(field(points[len(points)-1])), inkLabel)
	c.text(gutter, row, sparkline(values, c.width-gutter, c.ascii), ink)
}

// lagBars draws the bars under a line that names the newest values.
func lagBars(c *canvas, points []stream.LagPoint) {
	newest := points[len(points)-1]
	x := 0
	for _, item := range [...]struct {
		glyph rune
		ink   ink
		text  string
	}{
		{'█', inkActual, "p50 " + duration(newest.P50)},
		{'░', inkForecast, "p99 " + duration(newest.P99)},
	} {
		if x+2+cellCount(item.text) <= c.width {
			c.set(x, 0, item.glyph, item.ink)
			c.text(x+2, 0, item.text, inkLabel)
		}
		x += 16
	}
	points = points[max(0, len(points)-c.width):]
	top := window.Duration(1)
	for _, p := range points {
		top = max(top, p.P50, p.P99)
	}
	if note := "top " + duration(top); x+cellCount(note) <= c.width {
		c.text(c.width-cellCount(note), 0, note, inkLabel)
	}
	for i, p := range points {
		c.lagBar(c.width-len(points)+i, p, top)
	}
}

// lagBar draws one second, in eighths of a cell.
func (c *canvas) lagBar(x int, p stream.LagPoint, top window.Duration) {
	const eighths = 8
	full := (c.height - 1) * eighths
	scaled := func(d window.Duration) int {
		return int(math.Round(max(0, float64(d)) / float64(top) * float64(full)))
	}
	solid, shade := scaled(p.P50), scaled(p.P99)
	bars := [...]rune{0, '▁', '▂', '▃', '▄', '▅', '▆', '▇'}
	for row := range c.height - 1 {
		y, from := c.height-1-row, row*eighths
		switch part := solid - from; {
		case part >= eighths:
			c.set(x, y, '█', inkActual)
		case part > 0:
			c.set(x, y, bars[part], inkActual)
		case shade-from > 0 || row == 0:
			c.set(x, y, '░', inkForecast)
		}
	}
}
