package tui

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// windowsPanel is the table of the windows of the key of interest, the newest
// on top. Until the cursor is moved, and while another panel has the keys, it
// follows the watermark: the windows that close next are above, those that have
// closed below.
type windowsPanel struct{ cursor[window.Time] } // by the end

// windowRow is a window that is open or closed.
type windowRow struct {
	open   *stream.OpenWindow
	closed *stream.ClosedWindow
}

func (r windowRow) span() window.Span {
	if r.open != nil {
		return r.open.Span
	}
	return r.closed.Span
}

// windowRows are the windows of a focus; 0 is the one that ends last.
type windowRows struct{ *stream.Focus }

func (r windowRows) len() int {
	if r.Focus == nil {
		return 0
	}
	return len(r.Open) + len(r.Closed)
}

func (r windowRows) at(i int) windowRow {
	if n := len(r.Open); i < n {
		return windowRow{open: &r.Open[n-1-i]}
	}
	return windowRow{closed: &r.Closed[len(r.Closed)-1-(i-len(r.Open))]}
}

// at is the row the cursor stands on, or where it would appear: the newest
// closed window. A window that is gone is replaced by the next older one.
func (p *windowsPanel) at(rows windowRows) int {
	n, at := rows.len(), 0
	if p.chosen {
		at = sort.Search(n, func(i int) bool { return rows.at(i).span().End <= p.id })
	} else if rows.Focus != nil {
		at = len(rows.Open)
	}
	return max(0, min(at, n-1))
}

func (p *windowsPanel) move(f *frame, delta int) bool {
	rows := windowRows{f.snap.Focus}
	return p.cursor.move(p.at(rows), delta, rows.len(), func(i int) window.Time { return rows.at(i).span().End })
}

func (p *windowsPanel) copied(f *frame) string {
	rows := windowRows{f.snap.Focus}
	if !p.chosen || rows.len() == 0 {
		return ""
	}
	s := rows.at(p.at(rows)).span()
	return fmt.Sprintf("%s %v/%v", f.name(rows.Topic, rows.Key, rows.Series), s.Start, s.End)
}

func (p *windowsPanel) title(f *frame) (name, note string) {
	if f.snap.Focus == nil {
		return "Windows", ""
	}
	name = "Windows of " + f.focusName()
	if len(f.snap.Specs) > 1 {
		name += " · " + describeSpec(f.spec(f.snap.Focus.Spec))
	}
	return name, "○ open  ● closed  ◆ final"
}

// The columns.
const (
	colState = iota
	colStart
	colEnd
	colCount
	colMean
	colLate
	colMin
	colMax
	colLag
	colForecast
	colVerdict
	colNote
)

// columns are those for w cells; odd says that one of the rows that are seen is
// unusual.
func (p *windowsPanel) columns(f *frame, w int, odd bool) []column {
	edge := 8
	if edgeDigits(f.spec(f.snap.Focus.Spec)) == millis {
		edge = 12
	}
	if f.clock.zone == ago {
		edge = 10
	}
	state, verdict := 12, 11
	if f.snap.AllowedLateness > 0 && w >= boxedColumns {
		state = 13
	}
	if w >= wideTable {
		verdict = 14
	}
	columns := []column{
		{id: colState, title: "state", width: state},
		{id: colStart, title: "start", width: edge, right: true, rank: 9},
		{id: colEnd, title: "end", width: edge, right: true, rank: 1},
		{id: colCount, title: "count", width: 6, right: true, rank: 2},
		{id: colMean, title: "mean", width: numberCells, right: true, rank: 3},
		{id: colLate, title: "late", width: 7, right: true, rank: 4},
		{id: colMin, title: "min", width: numberCells, right: true, rank: 12},
		{id: colMax, title: "max", width: numberCells, right: true, rank: 11},
		{id: colLag, title: "mean lag", width: 8, right: true, rank: 8},
		{id: colForecast, title: "forecast", width: numberCells, right: true, rank: 7},
		{id: colVerdict, title: "last step", width: verdict, rank: 5, grows: true},
		f.noteColumn(w, odd),
	}
	return fitColumns(slices.DeleteFunc(columns, func(c column) bool {
		// Counted records have no values, not all windows accept late ones, and not
		// always is there a forecast.
		return len(f.snap.Series) == 0 && (c.id == colMean || c.id == colMin || c.id == colMax) ||
			f.snap.AllowedLateness == 0 && c.id == colLate || f.snap.Workers == 0 && (c.id == colForecast || c.id == colVerdict)
	}), w)
}

// wideTable is the number of columns from which cells hold sentences.
const wideTable = 100

// noteColumn is for what is unusual about a window, and until when it takes late
// records. Where something is unusual, it goes before the forecast.
func (f *frame) noteColumn(w int, odd bool) column {
	c := column{id: colNote, width: 11, rank: 10, grows: true}
	switch {
	case w >= wideTable && f.snap.AllowedLateness > 0:
		c.width, c.rank = 20, 6
	case odd:
		c.rank = 6
	}
	return c
}

// odd says whether one of the rows from..to is unusual.
func (r windowRows) odd(from, to int) bool {
	for i := from; i < to; i++ {
		if c := r.at(i).closed; c != nil && unusual(c) != "" {
			return true
		}
	}
	return false
}

func (p *windowsPanel) draw(f *frame, w, h int) []string {
	rows := windowRows{f.snap.Focus}
	if rows.len() == 0 {
		return f.waiting(w, h)
	}
	h--
	at, chosen := p.at(rows), p.chosen && f.active == windowsID
	if !chosen { // a third of the lines for the windows that close next
		p.top = min(len(rows.Open), rows.len()-1) - (h+2)/3
		at = max(0, p.top)
	}
	from, to := p.visible(at, rows.len(), h)
	columns := p.columns(f, w, rows.odd(from, to))
	lines := []string{f.st.Dim.Render(titles(columns))}
	for i := from; i < to; i++ {
		line := p.row(f, columns, rows.at(i), w)
		if chosen && i == at {
			line = f.selected(line, w)
		}
		lines = append(lines, line)
	}
	return lines
}

func (p *windowsPanel) row(f *frame, columns []column, r windowRow, w int) string {
	if r.closed != nil {
		return row(columns, func(c column) string { return p.closedCell(f, c, r.closed) })
	}
	var b strings.Builder
	used := 0
	for _, c := range columns {
		if c.id > colLate {
			break
		}
		b.WriteString(p.openCell(f, c, r.open))
		if used += c.width + columnGap; used < w {
			b.WriteString(blank(columnGap))
		}
	}
	if used < w {
		why, attention := f.whyOpen(r.open.End, w-used)
		style := f.st.Dim
		if attention {
			style = f.st.Attention
		}
		b.WriteString(style.Render(fit(why, w-used, false)))
	}
	return b.String()
}

func (p *windowsPanel) openCell(f *frame, c column, o *stream.OpenWindow) string {
	d := edgeDigits(f.spec(o.Spec))
	text := ""
	switch c.id {
	case colState:
		return f.st.Forecast.Render(fit(fmt.Sprintf(" ○ open %2d%%", progress(f.mark(), o.Span)), c.width, false))
	case colStart:
		text = f.clock.within(o.Start, d, c.width)
	case colEnd:
		text = f.clock.within(o.End, d, c.width)
	case colCount:
		text = countIn(o.Count, c.width)
	case colMean:
		text = number(o.Mean)
	case colLate:
		text = late(o.Late, 0, 0, c.width)
	}
	return f.st.Dim.Render(fit(text, c.width, c.right))
}

// progress is how much of a span the watermark has behind it, in percent.
func progress(watermark window.Time, s window.Span) int64 {
	switch {
	case watermark <= s.Start || s.End <= s.Start:
		return 0
	case watermark >= s.End:
		return 99
	}
	return int64(99 * float64(watermark-s.Start) / float64(s.End-s.Start))
}

// closedState is the life of a window that has fired on time: closed, with how
// far the watermark is on the way to where nothing is late enough, or final.
func (f *frame) closedState(w *stream.ClosedWindow, cells int) string {
	if w.Final {
		return f.st.Good.Render(fit(" ◆ final", cells, false))
	}
	text := " ● closed"
	if end := w.End.Add(f.snap.AllowedLateness); f.snap.AllowedLateness > 0 && cells > 12 {
		text += fmt.Sprintf(" %2d%%", progress(f.mark(), window.Span{Start: w.End, End: end}))
	}
	return fit(text, cells, false)
}

// late says how many late records are in a window, with dots if its newest line
// has not all of them, and which revision that line is if w cells hold it.
func late(n, pending int64, revision, w int) string {
	text := ""
	if n > 0 {
		text = "+" + count(n)
	}
	if pending > 0 {
		text += "…"
	}
	if revision > 0 {
		return firstThatFits(w, text+" r"+count(int64(revision)), text)
	}
	return text
}

func (p *windowsPanel) closedCell(f *frame, c column, w *stream.ClosedWindow) string {
	d := edgeDigits(f.spec(w.Spec))
	text := ""
	switch c.id {
	case colState:
		return f.closedState(w, c.width)
	case colStart:
		text = f.clock.within(w.Start, d, c.width)
	case colEnd:
		text = f.clock.within(w.End, d, c.width)
	case colCount:
		text = countIn(w.Count, c.width)
	case colMean:
		text = number(w.Mean)
	case colLate:
		return f.st.Attention.Render(fit(late(w.Late, w.Pending, w.Revision, c.width), c.width, c.right))
	case colMin:
		text = number(w.Min)
	case colMax:
		text = number(w.Max)
	case colLag:
		text = meanLag(w.Lag)
	case colForecast:
		text = number(f.forecastFor(w.Span).Forecast)
	case colVerdict:
		return f.verdict(f.forecastFor(w.Span), c.width)
	case colNote:
		return f.st.Dim.Render(fit(f.remarks(w, c.width), c.width, false))
	}
	return fit(text, c.width, c.right)
}

// meanLag is the mean lag of a window's records.
func meanLag(l window.Lag) string {
	if l.Count == 0 {
		return none
	}
	return duration(window.Duration(math.Round(l.Mean())))
}

// forecastFor is the point of the last step of a window of which there was a
// forecast before it was seen, of those that the window before does not have; NaN
// throughout if there is none. Where a hop is longer than the horizon, as that of
// tumbling windows of ten steps mostly is, that is not the last of all.
func (f *frame) forecastFor(w window.Span) stream.Point {
	points := f.snap.Focus.Points
	from := max(w.Start, w.End.Sub(f.spec(f.snap.Focus.Spec).Hop))
	behind := sort.Search(len(points), func(i int) bool { return points[i].At >= w.End })
	for i := behind - 1; i >= 0 && points[i].At >= from; i-- {
		if !math.IsNaN(points[i].Forecast) {
			return points[i]
		}
	}
	return stream.NoPoint()
}

// verdict says what came instead of a forecast, and on which side of the
// interval.
func (f *frame) verdict(p stream.Point, w int) string {
	if math.IsNaN(p.Actual) || math.IsNaN(p.Low) || math.IsNaN(p.High) {
		return fit("", w, false)
	}
	value := number(p.Actual)
	switch p.Outside() {
	case 1:
		return f.st.Attention.Render(fit(firstThatFits(w, "▲ "+value+" above", "▲ "+value), w, false))
	case -1:
		return f.st.Attention.Render(fit(firstThatFits(w, "▼ "+value+" below", "▼ "+value), w, false))
	}
	return fit("✓ "+value, w, false)
}

// unusual is what is unusual about a closed window, in brief.
func unusual(w *stream.ClosedWindow) string {
	switch {
	case w.Anomaly:
		return "✱ anomaly"
	case w.Incomplete != window.Complete:
		return "incomplete"
	case w.ClosedBy == window.ByIdleClock:
		return "idle clock"
	case w.ClosedBy == window.ByEndOfInput:
		return "end reached"
	case w.Error != "" && w.Count > 0:
		return "no forecast"
	}
	return ""
}

// remarks are what is unusual about a closed window, and until when it takes
// late records, in as many words as w cells hold.
func (f *frame) remarks(c *stream.ClosedWindow, w int) string {
	var notes []string
	add := func(ok bool, note string) {
		if ok {
			notes = append(notes, note)
		}
	}
	add(c.Anomaly, "✱ anomaly, surprise "+ratio(c.Surprise))
	add(c.Incomplete != window.Complete, "incomplete "+c.Incomplete.String())
	add(c.ClosedBy == window.ByIdleClock, "closed by the idle clock")
	add(c.ClosedBy == window.ByEndOfInput, "closed by the end of the input")
	add(c.Count == 0, "empty")
	add(c.Error != "" && c.Count > 0, "no forecast: "+f.text(c.Error))
	add(f.snap.AllowedLateness == 0 && c.Late > 0, "+"+count(c.Late)+" late")
	add(c.Pending > 0, count(c.Pending)+" late not printed yet")
	if c.Final || f.snap.AllowedLateness == 0 {
		return firstThatFits(w, strings.Join(notes, ", "), strings.Join(notes[:min(1, len(notes))], ""), unusual(c))
	}
	end := c.End.Add(f.snap.AllowedLateness)
	until := "late until " + f.clock.at(end, edgeDigits(f.spec(c.Spec)))
	left := ", " + duration(span(f.mark(), end)) + " to go"
	all := strings.Join(append(notes, until), ", ")
	return firstThatFits(w, all+left, all, until+left, until, unusual(c))
}

// lastModel is the model of the newest window that has one.
func lastModel(closed []stream.ClosedWindow) string {
	for _, c := range slices.Backward(closed) {
		if c.Model != "" {
			return c.Model
		}
	}
	return ""
}
