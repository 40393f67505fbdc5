package tui

import (
	"fmt"
	"strings"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// header is the lines at the top: what is read and how far the run is; the
// three clocks.
func (f *frame) header(title string, paused bool, w, h int) []string {
	lines := []string{f.identity(title, paused, w), f.clocks(w)}
	if h == 1 && f.snap.Watermark != window.MinTime {
		lines = lines[1:]
	}
	return lines[:min(h, len(lines))]
}

func (f *frame) identity(title string, paused bool, w int) string {
	state, style := f.state(paused)
	right := style.Render(state)
	if w >= boxedColumns {
		right = fmt.Sprintf("%.0f records/s   ", f.snap.Rate) + right
	}
	var left []string
	if w >= boxedColumns || len(f.snap.Topics) == 0 {
		left = append(left, f.st.Bold.Render("oriel "+f.text(title)))
	}
	if len(f.snap.Topics) > 0 {
		left = append(left, f.text(strings.Join(f.snap.Topics, ",")))
	}
	if w >= 2*boxedColumns && f.snap.Cluster != "" {
		left = append(left, "on "+f.text(f.snap.Cluster))
	}
	if len(f.snap.Specs) > 0 {
		name := ""
		if w >= boxedColumns {
			name = "window "
		}
		left = append(left, name+describeSpec(f.spec(f.specShown())))
	}
	if w >= 2*boxedColumns {
		left = append(left, "out-of-orderness "+duration(f.snap.OutOfOrderness))
	}
	return between(" "+strings.Join(left, "  "), right+" ", w)
}

// specShown is the spec of the focus.
func (f *frame) specShown() int {
	if f.snap.Focus == nil {
		return 0
	}
	return f.snap.Focus.Spec
}

func (f *frame) state(paused bool) (string, interface{ Render(...string) string }) {
	switch {
	case paused:
		return "‖ paused", f.st.Attention
	case f.snap.State == stream.Running && f.snap.Trouble != "":
		return "◌ trouble", f.st.Attention
	case f.snap.State == stream.Running:
		return "● running", f.st.Good
	case f.snap.State == stream.Ended:
		return "■ ended", f.st.Bold
	}
	return "◌ connecting", f.st.Attention
}

// clocks are event time, watermark and processing time, and what holds the
// watermark, as far as there is room.
func (f *frame) clocks(w int) string {
	precision := tenths
	if w < boxedColumns {
		precision = seconds
	}
	mark := f.st.Watermark.Render("watermark " + f.clock.at(f.snap.Watermark, precision))
	hold, attention := f.holdLine()
	if attention {
		hold = f.st.Attention.Render(hold)
	} else {
		hold = f.st.Dim.Render(hold)
	}
	if w < boxedColumns {
		return fit(" "+mark+" "+hold, w, false)
	}
	left := " event time " + f.clock.at(f.newest(), tenths) + "   " + mark +
		"   now " + clock{zone: f.clock.wallZone(), local: f.clock.local, now: f.clock.now}.at(f.snap.At, tenths)
	left += " " + f.st.Dim.Render(f.clock.name())
	if w < twoColumns {
		return fit(left, w, false)
	}
	return between(left, hold+" ", w)
}

// wallZone is the zone of the clock that says what time it is now: "0ms ago"
// would say nothing.
func (c clock) wallZone() zone {
	if c.zone == ago {
		return inUTC
	}
	return c.zone
}

// newest is the newest event time of all partitions.
func (f *frame) newest() window.Time {
	newest := window.MinTime
	for i := range f.snap.Partitions {
		newest = max(newest, f.snap.Partitions[i].Newest)
	}
	return newest
}

// between puts left and right at the ends of a line; left gives way.
func between(left, right string, w int) string {
	room := w - width(right)
	if room < 12 {
		return fit(left, w, false)
	}
	return fit(left, room, false) + right
}
