package tui

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// ledgerPanel lists the newest refused records, the newest on top. While another
// panel has the keys these are in view, whatever the cursor stands on.
type ledgerPanel struct{ cursor[recordID] }

// recordID names a record in the log.
type recordID struct {
	window.PartitionID
	offset int64
}

// entry is the i-th newest entry.
func entry(f *frame, i int) *stream.LedgerEntry { return &f.snap.Ledger[len(f.snap.Ledger)-1-i] }

func recordAt(f *frame) func(int) recordID {
	return func(i int) recordID { return recordID{entry(f, i).ID, entry(f, i).Offset} }
}

func (p *ledgerPanel) at(f *frame) int { return p.cursor.at(len(f.snap.Ledger), 0, recordAt(f)) }

func (p *ledgerPanel) move(f *frame, delta int) bool {
	return p.cursor.move(p.at(f), delta, len(f.snap.Ledger), recordAt(f))
}

func (p *ledgerPanel) copied(f *frame) string {
	if !p.chosen || len(f.snap.Ledger) == 0 {
		return ""
	}
	e := entry(f, p.at(f))
	return f.place(e.ID, e.Offset)
}

func (p *ledgerPanel) title(f *frame) (name, note string) {
	return "Refused " + count(refused(&f.snap.Totals)), "with the reason"
}

// refused is how many records lost windows.
func refused(s *stream.Summary) int64 {
	n := s.PartlyLate
	for _, r := range s.Rejects {
		n += r
	}
	return n
}

const (
	refusedAt = iota
	refusedPlace
	refusedReason
	refusedKey
	refusedDetail
	refusedPayload
)

func (p *ledgerPanel) draw(f *frame, w, h int) []string {
	if len(f.snap.Ledger) == 0 {
		return f.message(w, h, "no record was refused")
	}
	columns := fitColumns([]column{
		{id: refusedReason, title: " reason", width: 16},
		{id: refusedPlace, title: "record", width: f.placeCells(w, len(f.snap.Ledger), recordAt(f)), rank: 2},
		{id: refusedKey, title: "key", width: 6, rank: 3},
		{id: refusedDetail, title: "detail", width: 12, rank: 1, grows: true},
		{id: refusedAt, title: "arrived", width: 8, right: true, rank: 5},
		{id: refusedPayload, title: "payload", width: leastPayload, rank: 4, grows: true},
	}, w)
	f.share(columns)
	lines := []string{f.st.Dim.Render(titles(columns))}
	at, chosen := p.at(f), p.chosen && f.active == ledgerID
	if !chosen {
		at = 0
	}
	why := f.explained(entry(f, at), w, h)
	if advice := f.advice(w - 1); advice != "" && h >= adviceHeight {
		why = append(why, " "+f.st.Dim.Render(fit(advice, w-1, false)))
	}
	rows := h - 1 - len(why)
	from, to := p.visible(at, len(f.snap.Ledger), rows)
	for i := from; i < to; i++ {
		e := entry(f, i)
		line := row(columns, func(c column) string { return p.cell(f, c, e) })
		if chosen && i == at {
			line = f.selected(line, w)
		}
		lines = append(lines, line)
	}
	for len(why) > 0 && len(lines) < 1+rows {
		lines = append(lines, "")
	}
	return append(lines, why...)
}

// adviceHeight is from how many lines on the ledger says what late records ask
// for.
const adviceHeight = 8

// detailEnough is the width of a detail that leaves the rest to others, keyEnough
// that of most keys, and leastPayload what a payload has at least.
const (
	detailEnough = 22
	keyEnough    = 24
	leastPayload = 16
)

// share gives details and keys what they need of the room that is left: the payload
// has it, or where there is none the detail.
func (f *frame) share(columns []column) {
	at := func(id int) int { return slices.IndexFunc(columns, func(c column) bool { return c.id == id }) }
	payload, detail, key := at(refusedPayload), at(refusedDetail), at(refusedKey)
	give := func(from, to, least, enough int) {
		if from < 0 || to < 0 {
			return
		}
		more := max(0, min(columns[from].width-least, enough-columns[to].width))
		columns[from].width -= more
		columns[to].width += more
	}
	longest := 0
	for i := range f.snap.Ledger {
		longest = max(longest, width(f.key(f.snap.Ledger[i].Key)))
	}
	give(payload, detail, leastPayload, detailEnough)
	give(payload, key, leastPayload, min(longest, keyEnough))
	give(detail, key, detailEnough, min(longest, keyEnough))
}

// placeCells is how many cells the places of n records have in a table of w: where
// there is much room, as many as the longest needs.
func (f *frame) placeCells(w, n int, record func(int) recordID) int {
	cells := 18
	for i := 0; i < n && cells < w/4; i++ {
		r := record(i)
		cells = max(cells, min(width(f.place(r.PartitionID, r.offset)), w/4))
	}
	return cells
}

// explained is why a record was refused, in the last lines of a panel, if these
// leave room for the titles and two rows.
func (f *frame) explained(e *stream.LedgerEntry, w, h int) []string {
	why := f.explanation(e)
	if w < 2 || why == "" {
		return nil
	}
	for _, text := range []string{f.place(e.ID, e.Offset) + ": " + why, why} {
		lines := wrap(text, w-1)
		if len(lines) > h-3 {
			continue
		}
		for i := range lines {
			lines[i] = " " + f.st.Dim.Render(lines[i])
		}
		return lines
	}
	return nil
}

func (p *ledgerPanel) cell(f *frame, c column, e *stream.LedgerEntry) string {
	text := ""
	switch c.id {
	case refusedAt:
		text = f.clock.within(e.At, seconds, c.width)
	case refusedPlace:
		text = nameEnd(f.place(e.ID, e.Offset), c.width)
	case refusedReason:
		return f.st.Attention.Render(fit(" "+refusalWords(e), c.width, false))
	case refusedKey:
		text = middle(f.key(e.Key), c.width)
	case refusedDetail:
		text = detail(e, c.width)
	case refusedPayload:
		text = f.text(e.Payload)
	}
	return fit(text, c.width, c.right)
}

// place is where a record can be looked up.
func (f *frame) place(id window.PartitionID, offset int64) string {
	return f.partition(id) + "@" + strconv.FormatInt(offset, 10)
}

// reasonWords is a reason for a person.
func reasonWords(r stream.Reason) string { return strings.ReplaceAll(r.String(), "_", " ") }

// refusalWords are why a record was refused, as the counts below have it.
func refusalWords(e *stream.LedgerEntry) string {
	if e.Reason.IsLate() && e.Lost < e.Of {
		return partlyLate
	}
	return reasonWords(e.Reason)
}

// partlyLate is what a record is called that some of its windows did not take.
const partlyLate = "partly late"

// detail says how wrong the time was, or how much was lost, in w cells.
func detail(e *stream.LedgerEntry, w int) string {
	switch {
	case e.Reason == stream.Future && e.HasEventTime:
		return "+" + duration(span(e.At, e.EventTime)) + " ahead"
	case e.Reason.IsLate() && e.HasEventTime:
		old := duration(span(e.EventTime, e.At)) + " old"
		return firstThatFits(w, old+", lost "+count(int64(e.Lost))+" of "+count(int64(e.Of)), old)
	}
	return ""
}

// explanations say what a reason means, where nothing more is known.
var explanations = [stream.NumReasons]string{
	stream.Malformed:  "the payload is not what --format says",
	stream.NoSchema:   "the registry did not hand out its schema",
	stream.Empty:      "the payload has no bytes",
	stream.Null:       "the payload is null",
	stream.NoTime:     "it has no event time",
	stream.BadTime:    "its event time cannot be read",
	stream.Future:     "its event time is further ahead of its Kafka timestamp than --max-future",
	stream.NoField:    "it lacks a field of --key or --value",
	stream.NotANumber: "its value is no number",
	stream.NotFinite:  "its value is no finite number",
	stream.KeyLimit:   "one key too many for --max-keys or --max-memory",
}

// explanation says why a record was refused.
func (f *frame) explanation(e *stream.LedgerEntry) string {
	mark := f.clock.at(e.Watermark, tenths)
	text := explanations[e.Reason]
	switch {
	case e.Leapt:
		return "its create time leaps ahead further than --max-future, and a later record refuted it"
	case e.Reason == stream.Late:
		text = "late by its own partition's watermark (" + mark + ")"
	case e.Reason == stream.LateAfterIdle:
		text = "late since its partition was idle: by the watermark it was told then (" + mark + ")"
	}
	if e.Open && e.OpenFor.Topic != "" {
		text += ", though the window is open because of " + f.partition(e.OpenFor)
	}
	return text
}

// ledgerLine counts the offsets that were lost and the refused records by
// reason, the most frequent first, and shows the newest.
func (f *frame) ledgerLine(w int) string {
	name := "✗ "
	if w >= twoColumns {
		name = "✗ refused  "
	}
	if len(f.snap.Ledger) == 0 || w < boxedColumns {
		return fit(f.losses(name, w), w, false)
	}
	last := "  " + f.st.Dim.Render("last: ") + f.newestEntry(w) + " "
	return between(f.losses(name, w-width(last)), last, w)
}

// losses are the offsets that were lost and the records that were refused, as
// many of the reasons as w cells suffice for.
func (f *frame) losses(name string, w int) string {
	line := ""
	if n := f.snap.Totals.OffsetsLost(); n > 0 {
		line = " " + f.st.Attention.Render("✗ "+plural(n, "offset")+" lost")
	}
	counts := reasonCounts(&f.snap.Totals)
	if len(counts) == 0 {
		return line
	}
	line += " " + f.st.Attention.Render(name)
	some := line + strings.Join(counts, " · ")
	for n := len(counts) - 1; n > 0 && width(some) > w; n-- {
		some = line + strings.Join(counts[:n], " · ") + " …"
	}
	return some
}

// newestEntry is the newest refused record, on a screen of w columns.
func (f *frame) newestEntry(w int) string {
	e := entry(f, 0)
	last := detail(e, w)
	if last == "" {
		last = refusalWords(e)
	}
	last = f.key(e.Key) + " " + last
	if w >= twoColumns {
		last = f.place(e.ID, e.Offset) + " " + last
	}
	return fit(last, min(width(last), w/2), false)
}

// reasonCounts are the reasons with how often they occurred.
func reasonCounts(t *stream.Summary) []string {
	type tally struct {
		words string
		n     int64
	}
	tallies := []tally{{partlyLate, t.PartlyLate}}
	for r := stream.OK + 1; r < stream.NumReasons; r++ {
		tallies = append(tallies, tally{reasonWords(r), t.Rejects[r]})
	}
	slices.SortStableFunc(tallies, func(a, b tally) int { return cmp.Compare(b.n, a.n) })
	var counts []string
	for _, c := range tallies {
		if c.n > 0 {
			counts = append(counts, c.words+" "+count(c.n))
		}
	}
	return counts
}
