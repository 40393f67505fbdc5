package tui

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// recordsPanel lists the newest records of the key of interest as they come, the
// newest on top, and below them the one under the cursor at length.
type recordsPanel struct{ cursor[recordID] }

// recordRows are the rows of the panel: the i-th newest is row i.
type recordRows []stream.RecordView

func (f *frame) records() recordRows {
	if f.snap.Focus == nil {
		return nil
	}
	return f.snap.Focus.Records
}

func (r recordRows) row(i int) *stream.RecordView { return &r[len(r)-1-i] }

func (r recordRows) id(i int) recordID { return recordID{r.row(i).ID, r.row(i).Offset} }

func (p *recordsPanel) at(rows recordRows) int { return p.cursor.at(len(rows), 0, rows.id) }

func (p *recordsPanel) move(f *frame, delta int) bool {
	rows := f.records()
	return p.cursor.move(p.at(rows), delta, len(rows), rows.id)
}

func (p *recordsPanel) copied(f *frame) string {
	rows := f.records()
	if !p.chosen || len(rows) == 0 {
		return ""
	}
	r := rows.row(p.at(rows))
	return f.place(r.ID, r.Offset)
}

func (p *recordsPanel) title(f *frame) (name, note string) {
	if f.snap.Focus == nil {
		return "Records", ""
	}
	if passed := f.snap.Focus.Passed; passed > 0 {
		note = plural(passed, "other") + " went by"
	}
	return "Records of " + f.focusName(), note
}

const (
	inspectedAt = iota
	inspectedPlace
	inspectedValue
	inspectedLag
	inspectedVerdict
	inspectedPayload
)

func (p *recordsPanel) draw(f *frame, w, h int) []string {
	rows := f.records()
	switch {
	case f.snap.Focus == nil:
		return f.waiting(w, h)
	case len(rows) > 0:
		return p.list(f, rows, w, h)
	case f.snap.State == stream.Ended:
		return f.message(w, h, "nothing more comes: the run has ended")
	case f.paused:
		return f.message(w, h, "paused: records come when it goes on")
	}
	return f.message(w, h, "waiting for the next record of "+f.key(f.snap.Focus.Key))
}

// list draws the rows and the record under the cursor.
func (p *recordsPanel) list(f *frame, rows recordRows, w, h int) []string {
	columns := fitColumns([]column{
		{id: inspectedAt, title: " event time", width: 13},
		{id: inspectedPlace, title: "record", width: f.placeCells(w, len(rows), rows.id), rank: 2},
		{id: inspectedValue, title: "value", width: numberCells, right: true, rank: 1},
		{id: inspectedLag, title: "lag", width: 6, right: true, rank: 3},
		{id: inspectedVerdict, title: "verdict", width: 24},
		{id: inspectedPayload, title: "payload", width: 24, rank: 4, grows: true},
	}, w)
	at := p.at(rows)
	below := f.inspected(rows.row(at), w, h-4)
	room := h - 1 - len(below)
	lines := []string{f.st.Dim.Render(titles(columns))}
	from, to := p.visible(at, len(rows), room)
	for i := from; i < to; i++ {
		line := row(columns, func(c column) string { return f.recordCell(c, rows.row(i)) })
		if p.chosen && i == at && f.active == recordsID {
			line = f.selected(line, w)
		}
		lines = append(lines, line)
	}
	for len(below) > 0 && len(lines) < 1+room {
		lines = append(lines, "")
	}
	return append(lines, below...)
}

func (f *frame) recordCell(c column, r *stream.RecordView) string {
	text := ""
	switch c.id {
	case inspectedAt:
		text = " " + none
		if r.HasEventTime {
			// Mostly it is of the watermark's day, and else that is what is wrong with it.
			text = " " + f.clock.beside(f.mark()).dated(r.EventTime, millis, c.width-1)
		}
	case inspectedPlace:
		text = nameEnd(f.place(r.ID, r.Offset), c.width)
	case inspectedValue:
		text = none
		if r.HasValue {
			text = number(r.Value)
		}
	case inspectedLag:
		text = none
		if r.HasLag {
			text = duration(r.Lag)
		}
	case inspectedVerdict:
		text = fit(recordWords(r, c.width), c.width, false)
		if r.Reason != stream.OK {
			text = f.st.Attention.Render(text)
		}
		return text
	case inspectedPayload:
		text = f.payload(r)
	}
	return fit(text, c.width, c.right)
}

// recordWords are what became of a record, in w cells.
func recordWords(r *stream.RecordView, w int) string {
	of := count(int64(r.Of))
	switch {
	case r.Reason.IsLate():
		why, lost := reasonWords(r.Reason), count(int64(r.Lost))+" of "+of
		return firstThatFits(w, why+", lost "+lost, why+", "+lost)
	case r.Reason != stream.OK:
		return "✗ " + reasonWords(r.Reason)
	case r.Late > 0:
		late := "late in " + count(int64(r.Late)) + " of " + of
		return firstThatFits(w, late+" windows", late)
	default:
		return "✓ in time"
	}
}

// payload is the beginning of a record's value on one line.
func (f *frame) payload(r *stream.RecordView) string {
	switch {
	case r.Null:
		return "(null)"
	case r.Size == 0:
		return "(empty)"
	}
	return f.text(r.Payload)
}

// inspected is one record at length in at most h lines, if there is room for its
// head and a line of its payload: where it stands and its Kafka timestamp, its
// headers, its payload.
func (f *frame) inspected(r *stream.RecordView, w, h int) []string {
	if h < 3 || w < 20 {
		return nil
	}
	head := f.place(r.ID, r.Offset) + ", " + f.timestamp(r) + ", " + plural(int64(r.Size), "byte")
	lines := []string{" " + f.st.Bold.Render(fit(head, w-1, false))}
	if len(r.Headers) > 0 {
		lines = append(lines, " "+f.st.Dim.Render(fit("headers "+f.headers(r), w-1, false)))
	}
	room := h - len(lines)
	body := f.indented(r, w-1, room)
	if body == nil {
		body = f.pieces(r, w-1)
	}
	switch {
	case len(body) > room && room == 1:
		body = []string{fit(f.payload(r), w-1, false)}
	case len(body) > room:
		body = append(body[:room-1], "… "+plural(int64(len(body)-room+1), "more line"))
	}
	for _, line := range body {
		lines = append(lines, " "+line)
	}
	return lines
}

// timestamp is a record's Kafka timestamp, and whose clock it is of.
func (f *frame) timestamp(r *stream.RecordView) string {
	if r.Timestamp == -1 {
		return "no Kafka timestamp"
	}
	whose := "create time "
	if r.Clock == window.ClockAppend {
		whose = "append time "
	}
	return whose + f.clock.at(window.Time(r.Timestamp), millis)
}

func (f *frame) headers(r *stream.RecordView) string {
	words := make([]string, len(r.Headers))
	for i, h := range r.Headers {
		words[i] = f.text(h.Key) + "=" + f.text(h.Value)
	}
	if r.OtherHeaders > 0 {
		words = append(words, "and "+count(int64(r.OtherHeaders))+" more")
	}
	return strings.Join(words, " ")
}

// indented is a payload that is JSON; nil if it is none, not all of it is there, or
// h lines of w cells do not suffice.
func (f *frame) indented(r *stream.RecordView, w, h int) []string {
	var b bytes.Buffer
	if len(r.Payload) < r.Size || json.Indent(&b, bytes.TrimSpace([]byte(r.Payload)), "", "  ") != nil {
		return nil
	}
	var lines []string
	for line := range strings.Lines(b.String()) {
		line = f.text(strings.TrimRight(line, "\n"))
		if len(lines) == h || width(line) > w {
			return nil
		}
		lines = append(lines, line)
	}
	return lines
}

// pieces is a payload that is cut where a line ends.
func (f *frame) pieces(r *stream.RecordView, w int) []string {
	if r.Size == 0 {
		return []string{f.payload(r)}
	}
	var lines []string
	for line := range strings.Lines(r.Payload) {
		lines = append(lines, strings.Split(ansi.Hardwrap(f.long(strings.TrimRight(line, "\r\n")), w, true), "\n")...)
	}
	if more := r.Size - len(r.Payload); more > 0 {
		lines = append(lines, "… "+plural(int64(more), "more byte"))
	}
	return lines
}

// long cleans a string of any length piece by piece.
func (f *frame) long(s string) string {
	var b strings.Builder
	for len(s) > maxShown {
		n := maxShown
		for n > maxShown-utf8.UTFMax && !utf8.RuneStart(s[n]) {
			n--
		}
		b.WriteString(f.text(s[:n]))
		s = s[n:]
	}
	b.WriteString(f.text(s))
	return b.String()
}
