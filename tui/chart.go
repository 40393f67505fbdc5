package tui

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// chartOptions are what a user may change about a chart.
type chartOptions struct {
	// ASCII draws without Unicode.
	ASCII bool
	// Zoom doubles the columns of a step for each level above 0 and halves them
	// for each below; from minZoom to maxZoom, anything beyond counts as those.
	Zoom int
	// Log has a logarithmic value axis, if all values are above 0.
	Log bool
	// Zone is that of the time axis; nil is UTC.
	Zone *time.Location
}

// The smallest chart with axes; below it is a sparkline.
const (
	minChartWidth  = 20
	minChartHeight = 5
	// legendHeight is the smallest height with a legend.
	legendHeight = 10
)

// drawChart draws what was seen of the focus, what was forecast for it and
// where event time stands: exactly height lines of at most width cells.
//
//	       ─ actual  ╍ forecast  ░ 90% interval  ◆ outside  ✱ anomaly  legend
//	   150 ┤      ╭──◆╮                 ░░░░
//	       │░░░╭──╯░░░╰─●║  ┊╍╍╍╍╍╍╍╍╍╍╍╍╍╍╍                plot
//	   100 ┤───╯░░░░░░░░░║  ┊░░░░░░░░░░░░░░░
//	       └────┬────────W──now─○───────────               marks
//	UTC      12:00:00                                      times
func drawChart(f *stream.Focus, watermark, now window.Time, width, height int, st styles, opt chartOptions) string {
	width, height = max(width, 0), max(height, 0)
	c := newCanvas(width, height, opt.ASCII)
	switch {
	case f == nil || len(f.Points) == 0:
		c.sentence("waiting for the first window to close")
	case width < minChartWidth || height < minChartHeight:
		c.text(0, (height-1)/2, sparkline(actuals(f.Points), width, opt.ASCII), inkActual)
	default:
		newChart(c, f, watermark, now, opt).draw()
	}
	return c.render(st)
}

func actuals(points []stream.Point) []float64 {
	values := make([]float64, len(points))
	for i, p := range points {
		values[i] = p.Actual
	}
	return values
}

// chart is a chart while it is drawn.
type chart struct {
	plot
	focus          *stream.Focus
	watermark, now window.Time
	opt            chartOptions

	values                      valueScale
	steps                       []stream.Point // seen and ahead
	actual, forecast, low, high trace
}

func newChart(c *canvas, f *stream.Focus, watermark, now window.Time, opt chartOptions) *chart {
	ch := &chart{plot: plot{canvas: c, zone: opt.Zone}, focus: f, watermark: watermark, now: now, opt: opt}
	ch.left, ch.rows = labelWidth+2, c.height-2
	if c.height >= legendHeight {
		ch.top++
		ch.rows--
	}
	ch.times = newTimeline(f, []window.Time{watermark, now}, c.width-ch.left, opt.Zoom)
	ch.steps = append(append(make([]stream.Point, 0, len(f.Points)+len(f.Ahead)), f.Points...), f.Ahead...)
	ch.actual = newTrace(ch.steps, ch.times, func(p stream.Point) float64 { return finiteOrNaN(p.Actual) })
	ch.forecast = newTrace(ch.steps, ch.times, func(p stream.Point) float64 { return finiteOrNaN(p.Forecast) })
	ch.low = newTrace(ch.steps, ch.times, func(p stream.Point) float64 { low, _ := interval(p); return low })
	ch.high = newTrace(ch.steps, ch.times, func(p stream.Point) float64 { _, high := interval(p); return high })
	return ch
}

// finiteOrNaN is v, unless v is infinite: a line through it would flatten all else.
func finiteOrNaN(v float64) float64 {
	if math.IsInf(v, 0) {
		return math.NaN()
	}
	return v
}

// interval returns the bounds of a forecast: NaN if it has none, or none that
// says anything.
func interval(p stream.Point) (low, high float64) {
	known := !math.IsNaN(p.Low) && !math.IsNaN(p.High) && p.Low <= p.High
	if !known || math.IsInf(p.Low, 0) && math.IsInf(p.High, 0) {
		return math.NaN(), math.NaN()
	}
	return p.Low, p.High
}

// draw draws from the back to the front.
func (ch *chart) draw() {
	low, high, ok := ch.valueRange()
	if !ok {
		ch.sentence("nothing to draw: no window in view has a value")
		return
	}
	ch.values = newValueScale(low, high, ch.rows, ch.log())
	ch.drawValueAxis()
	ch.drawTimeAxis()
	ch.drawBand()
	ch.drawMarks()
	ch.drawForecast()
	ch.drawLine(ch.actual)
	ch.drawPoints()
	ch.drawLegend()
}

// log says whether the value axis is logarithmic.
func (ch *chart) log() bool {
	low, _ := ch.lineRange()
	return ch.opt.Log && low > 0
}

// lineRange is the range of what was seen and forecast.
func (ch *chart) lineRange() (low, high float64) {
	low, high = ch.actual.widen(math.Inf(1), math.Inf(-1))
	return ch.forecast.widen(low, high)
}

// valueRange is the range of the value axis. An interval may widen it, but only
// to three times the range of the lines: one wild interval must not flatten
// everything else.
func (ch *chart) valueRange() (low, high float64, ok bool) {
	low, high = ch.lineRange()
	if low > high {
		return 0, 0, false
	}
	room := high - low
	if room == 0 {
		room = max(1, math.Abs(high)/10)
	}
	floor, ceiling := low-room, high+room
	if ch.log() {
		// Three times the range in decades.
		factor := max(10, high/low)
		floor, ceiling = low/factor, high*factor
	}
	for i := range ch.low {
		if b := ch.low[i]; b.any && b.low > -maxValue {
			low = min(low, max(b.low, floor))
		}
		if b := ch.high[i]; b.any && b.high < maxValue {
			high = max(high, min(b.high, ceiling))
		}
	}
	return clampValue(low), clampValue(high), true
}

// drawBand fills the interval, and points to where it leaves the plot.
func (ch *chart) drawBand() {
	wasBelow, wasAbove := false, false
	for at := range ch.low {
		if !ch.low[at].any || !ch.high[at].any {
			wasBelow, wasAbove = false, false
			continue
		}
		low, below := ch.values.row(ch.low[at].low)
		high, above := ch.values.row(ch.high[at].high)
		for row := low; row <= high; row++ {
			ch.set(ch.left+at, ch.y(row), '░', inkBand)
		}
		if below < 0 && !wasBelow {
			ch.set(ch.left+at, ch.y(0), '▼', inkBand)
		}
		if above > 0 && !wasAbove {
			ch.set(ch.left+at, ch.y(ch.rows-1), '▲', inkBand)
		}
		wasBelow, wasAbove = below < 0, above > 0
	}
}

func (ch *chart) drawForecast() {
	for at, c := range ch.forecast {
		if c.any {
			row, _ := ch.values.row(c.last)
			ch.set(ch.left+at, ch.y(row), '╍', inkForecast)
		}
	}
}

// drawPoints marks what was outside its interval, anomalies and the newest value.
func (ch *chart) drawPoints() {
	points := ch.focus.Points
	for _, point := range slices.Backward(points) {
		if isFinite(point.Actual) {
			ch.point(point.At, point.Actual, '●', inkActual)
			break
		}
	}
	for _, p := range points {
		low, high := interval(p)
		switch {
		case p.Anomaly:
			ch.point(p.At, p.Actual, '✱', inkAlarm)
		case p.Actual < low || p.Actual > high:
			ch.point(p.At, p.Actual, '◆', inkAlarm)
		}
	}
}

// point marks one value, if it is in view.
func (ch *chart) point(t window.Time, v float64, glyph rune, ink ink) {
	at := ch.times.column(t)
	if !isFinite(v) || at < 0 || at >= ch.times.columns {
		return
	}
	if row, beyond := ch.values.row(clampValue(v)); beyond == 0 {
		ch.set(ch.left+at, ch.y(row), glyph, ink)
	}
}

// drawLegend explains the glyphs, as far as there is room, left of the note.
func (ch *chart) drawLegend() {
	note := ch.note()
	end := ch.width - cellCount(note)
	ch.text(end, 0, note, inkLabel)
	if ch.top == 0 {
		return
	}
	band := "interval"
	if ch.focus.Level > 0 && ch.focus.Level < 100 {
		band = strconv.FormatFloat(ch.focus.Level, 'f', -1, 64) + "% interval"
	}
	x := ch.left
	anomalies := slices.ContainsFunc(ch.focus.Points, func(p stream.Point) bool { return p.Anomaly })
	for _, item := range [...]struct {
		glyph rune
		ink   ink
		text  string
	}{
		{'─', inkActual, "actual"},
		{'╍', inkForecast, "forecast"},
		{'░', inkBand, band},
		{'◆', inkAlarm, "outside"},
		{'✱', inkAlarm, "anomaly"},
		{'○', inkActual, "open window"},
	} {
		if item.glyph == '✱' && !anomalies {
			continue
		}
		if x+2+cellCount(item.text) > end-2 {
			break
		}
		ch.set(x, 0, item.glyph, item.ink)
		ch.text(x+2, 0, item.text, inkLabel)
		x += 4 + cellCount(item.text)
	}
}

// note says how the value axis differs from the usual, or from what was asked.
func (ch *chart) note() string {
	switch {
	case ch.values.log:
		return "log scale"
	case ch.opt.Log:
		return "not log: values ≤ 0"
	}
	return ""
}
