package tui

import (
	"fmt"
	"strings"

	"github.com/oriel-stream/oriel/window"
)

// lagPanel shows processing time minus event time, and the watermark with what
// holds it.
type lagPanel struct{ noRows }

func (lagPanel) title(*frame) (name, note string) {
	return "Lag", "processing time − event time"
}

func (lagPanel) draw(f *frame, w, h int) []string {
	left := min(w, 40)
	facts := lagFacts(f, left, h)
	gap := "  "
	if w < left+len(gap)+minChartWidth {
		return facts
	}
	chart := strings.Split(lagChart(f.snap.Lag.History, w-left-len(gap), h, f.st, f.chartOptions()), "\n")
	lines := make([]string, 0, h)
	for i := range h {
		var fact, part string
		if i < len(facts) {
			fact = facts[i]
		}
		if i < len(chart) {
			part = chart[i]
		}
		lines = append(lines, fit(fact, left, false)+gap+part)
	}
	return lines
}

// lagFacts are the numbers in w cells: three lines, or more if there is room.
func lagFacts(f *frame, w, h int) []string {
	l := f.snap.Lag
	p50, p99, most := none, none, none
	if l.Known {
		p50, p99, most = duration(l.P50), duration(l.P99), duration(l.Max)
	}
	mark := f.clock.at(f.snap.Watermark, tenths)
	if f.snap.Watermark.IsEventTime() && f.clock.zone != ago {
		behind := ", " + duration(span(f.snap.Watermark, f.snap.At)) + " behind now"
		mark = firstThatFits(w-width("watermark "), mark+behind, f.clock.beside(f.snap.Watermark).at(f.snap.Watermark, tenths)+behind)
	}
	hold, attention := f.holdLine(w)
	style := f.st.Dim
	if attention {
		style = f.st.Attention
	}
	facts := []string{
		f.value("p50", p50, 6) + "  " + f.value("p99", p99, 6) + "  " + f.value("max", most, 6),
		f.st.Watermark.Render("watermark") + " " + mark,
		style.Render(hold),
	}
	if h > 3 {
		facts = append(facts, f.st.Dim.Render("newest    ")+f.clock.within(f.newest(), tenths, w-21)+f.st.Dim.Render(" "+f.newestName()))
	}
	if h > 4 {
		facts = append(facts, f.st.Dim.Render("not read  ")+f.unread())
	}
	return facts
}

// value is a label with its value, whose width does not change.
func (f *frame) value(label, value string, w int) string {
	return f.st.Dim.Render(label) + " " + f.st.Bold.Render(fit(value, w, false))
}

// unread is the consumer lag of all partitions.
func (f *frame) unread() string {
	var n int64
	for i := range f.snap.Partitions {
		of := unreadOf(&f.snap.Partitions[i])
		if of < 0 {
			return none
		}
		n += of
	}
	return plural(n, "record")
}

// chartPanel shows the key of interest over event time.
type chartPanel struct{ noRows }

func (chartPanel) title(f *frame) (name, note string) {
	focus := f.snap.Focus
	if focus == nil {
		return "Chart", ""
	}
	name = f.name(focus.Topic, focus.Key, focus.Series)
	switch len(f.snap.Series) {
	case 0:
		name += " · records"
	case 1: // of several the name has which
		name += " · " + f.text(focus.Series)
	}
	if model := lastModel(focus.Closed); model != "" {
		name += " · " + f.text(model)
	}
	if focus.Step > 0 {
		name += " · steps of " + setting(focus.Step)
	}
	if f.zoom != 0 {
		note = fmt.Sprintf("zoom %+d", f.zoom)
	}
	return name, note
}

func (chartPanel) draw(f *frame, w, h int) []string {
	if f.snap.Focus == nil {
		return f.waiting(w, h)
	}
	if w < 1 || h < 1 {
		return nil
	}
	now := f.snap.At
	if !now.IsEventTime() {
		now = window.MinTime
	}
	return strings.Split(drawChart(f.snap.Focus, f.mark(), now, w, h, f.st, f.chartOptions()), "\n")
}
