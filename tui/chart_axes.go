package tui

import "github.com/oriel-stream/oriel/window"

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

// drawMarks draws the watermark and now as lines with their names on the time
// axis, and there where open windows end.
func (ch *chart) drawMarks() {
	var marks []mark
	if ch.watermark != window.MinTime {
		marks = append(marks, mark{name: "W", glyph: '║', ink: inkWatermark, at: ch.times.column(ch.watermark)})
	}
	if ch.now != window.MinTime {
		marks = append(marks, mark{name: "now", glyph: '┊', ink: inkNow, at: ch.times.column(ch.now)})
	}
	ch.plot.drawMarks(marks)
	ch.drawOpen()
	ch.nameMarks(marks)
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
