package tui

import (
	"math"
	"slices"
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
		right = count(int64(math.Round(f.snap.Rate))) + " records/s   " + right
	}
	right += " "
	room := w - width(right) - width(" "+factGap)
	facts := fitFacts(f.facts(title, w), room)
	for i := range facts {
		if facts[i].bold {
			facts[i].text = f.st.Title.Render(facts[i].text)
		}
	}
	left := joinFacts(facts)
	if room > 0 && width(left) > room {
		left = fit(left, room, false)
	}
	return between(" "+left, right, w)
}

// fact is a part of the header's first line.
type fact struct {
	text string
	bold bool
	// rank says what goes first where there is no room: the highest.
	rank int
}

const factGap = "  "

// facts say what is read and how, in the order in which they stand.
func (f *frame) facts(title string, w int) []fact {
	s := f.snap
	var facts []fact
	add := func(ok bool, rank int, text string) {
		if ok {
			facts = append(facts, fact{text: text, rank: rank})
		}
	}
	if w >= boxedColumns || len(s.Topics) == 0 {
		facts = append(facts, fact{text: "oriel " + f.text(title), bold: true, rank: 5})
	}
	add(len(s.Topics) > 0, 0, f.text(strings.Join(s.Topics, ",")))
	add(w >= 2*boxedColumns && s.Cluster != "", 7, "on "+f.text(s.Cluster))
	group := f.text(s.Group)
	add(group != "", 2, "group "+fit(group, min(width(group), max(12, w/6)), false))
	if len(s.Specs) > 0 {
		name := ""
		if w >= boxedColumns {
			name = "window "
		}
		add(true, 1, name+describeSpec(f.spec(f.specShown())))
		add(len(s.Specs) > 1, 8, "and "+f.otherSpecs())
	}
	add(s.Domain == stream.ProcessingTime, 2, "processing time")
	add(w >= boxedColumns && s.Domain == stream.EventTime && len(s.Specs) > 0, 6, "out-of-orderness "+setting(s.OutOfOrderness))
	add(s.AllowedLateness > 0, 3, "allowed lateness "+setting(s.AllowedLateness))
	add(s.AllowedLateness > 0 && s.Emit != window.EmitOnTime, 4, "emit "+s.Emit.String())
	return facts
}

// fitFacts leaves out what w cells do not suffice for; the topic stays.
func fitFacts(facts []fact, w int) []fact {
	for len(facts) > 1 && width(joinFacts(facts)) > w {
		last := 0
		for i := range facts {
			if facts[i].rank > facts[last].rank {
				last = i
			}
		}
		facts = slices.Delete(facts, last, last+1)
	}
	return facts
}

func joinFacts(facts []fact) string {
	texts := make([]string, len(facts))
	for i := range facts {
		texts[i] = facts[i].text
	}
	return strings.Join(texts, factGap)
}

// otherSpecs are the windows that are not shown.
func (f *frame) otherSpecs() string {
	var others []string
	for i, s := range f.snap.Specs {
		if i != f.specShown() {
			others = append(others, describeSpec(s))
		}
	}
	return strings.Join(others, ", ")
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
	case f.snap.State == stream.Running && len(f.snap.Troubles) > 0:
		return "◌ trouble", f.st.Attention
	case f.snap.State == stream.Running:
		return "● running", f.st.Good
	case f.snap.State == stream.Ended:
		return "■ ended", f.st.Bold
	case f.snap.State == stream.Waiting:
		return "◌ waiting", f.st.Attention
	}
	return "◌ connecting", f.st.Attention
}

// clocks are event time, watermark and processing time, and what holds the
// watermark, as far as there is room. Where no panel says who does, that takes the
// place of processing time.
func (f *frame) clocks(w int) string {
	if w < boxedColumns {
		mark := f.watermark(seconds)
		return fit(" "+mark+" "+f.heldBy(w-width(mark)-2), w, false)
	}
	left := f.threeClocks(tenths)
	if width(left) > w {
		left = f.threeClocks(seconds)
	}
	if _, attention := f.holdLine(w); w < twoColumns && attention && !f.lagShown {
		return fit(f.clocksAndHolder(w), w, false)
	}
	if w < twoColumns {
		return fit(left, w, false)
	}
	return between(left, f.heldBy(w/2)+" ", w)
}

// clocksAndHolder are the clocks and what holds the watermark, which stands in no
// panel. Processing time gives way.
func (f *frame) clocksAndHolder(w int) string {
	two := " " + f.newestName() + " " + f.clock.at(f.newest(), seconds) + "  " + f.watermark(seconds) + "  "
	three := two + "now " + f.wall().at(f.snap.At, seconds) + "  "
	room := w - width(three)
	if hold, _ := f.holdLine(room); width(hold) <= room {
		return three + f.heldBy(room)
	}
	return two + f.heldBy(w-width(two))
}

// wall is the clock of processing time.
func (f *frame) wall() clock {
	return clock{zone: f.clock.wallZone(), local: f.clock.local, now: f.clock.now}
}

// threeClocks are event time, watermark and processing time.
func (f *frame) threeClocks(d digits) string {
	return " " + f.newestName() + " " + f.clock.at(f.newest(), d) +
		"   " + f.watermark(d) + "   now " + f.wall().at(f.snap.At, d) + " " + f.st.Dim.Render(f.clock.name())
}

// watermark is the watermark beside the newest time.
func (f *frame) watermark(d digits) string {
	return f.st.Watermark.Render("watermark " + f.clock.beside(f.newest()).at(f.snap.Watermark, d))
}

// heldBy says in w cells what holds the watermark.
func (f *frame) heldBy(w int) string {
	hold, attention := f.holdLine(w)
	if attention {
		return f.st.Attention.Render(hold)
	}
	return f.st.Dim.Render(hold)
}

// wallZone is the zone of the clock that says what time it is now: "0ms ago"
// would say nothing.
func (c clock) wallZone() zone {
	if c.zone == ago {
		return inUTC
	}
	return c.zone
}

// newestName is what the newest time is of.
func (f *frame) newestName() string {
	if f.snap.Domain == stream.ProcessingTime {
		return "arrival"
	}
	return "event time"
}

// newest is the newest time of all partitions by which records are put into
// windows.
func (f *frame) newest() window.Time {
	newest := window.MinTime
	for i := range f.snap.Partitions {
		newest = max(newest, f.snap.Partitions[i].Newest)
	}
	return newest
}

// leastLeft is how many cells the left end of a line has at least.
const leastLeft = 12

// between puts left and right at the ends of a line; left gives way, and right
// where too little of it would be left.
func between(left, right string, w int) string {
	room := w - width(right)
	if room < leastLeft {
		return fit(left, w, false)
	}
	return fit(left, room, false) + right
}
