package table

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// Explanation writes how a window came about, for people, at most width cells
// wide where that is possible; a width of 0 means no bound.
func Explanation(w io.Writer, width int, e *stream.Explanation) error {
	out := bufio.NewWriter(w)
	d := &explaining{Explanation: e, out: out, width: width}
	d.head()
	return errors.Join(d.records(), d.partitions(), d.steps(), d.result(), out.Flush())
}

// explaining draws one explanation.
type explaining struct {
	*stream.Explanation
	out   *bufio.Writer
	width int
}

// say writes one line. The error that a bufio.Writer keeps comes out of Flush.
func (d *explaining) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if d.width > 0 {
		text = cut(text, d.width)
	}
	_, _ = d.out.WriteString(text + "\n")
}

func (d *explaining) pane() *window.Pane {
	return &window.Pane{Key: d.Key, Series: d.Series, Counted: d.Counted, Span: d.Span, Size: d.Size, Hop: d.Hop}
}

func (d *explaining) head() {
	d.say("window  %s to %s UTC (%s)", dateTime(d.Start), dateTime(d.End), span(d.pane()))
	what := "series " + series(d.pane())
	if d.Counted {
		what = "records are counted"
	}
	name := "key " + key(d.Key)
	if d.Key.Null {
		name = "no key"
	}
	d.say("of      %s, %s, %s", clean(d.Topic), name, what)
	if len(d.Panes) > 0 {
		d.say("closed  by the %s", strings.ReplaceAll(d.Panes[0].ClosedBy.String(), "_", " "))
	}
	switch {
	case !d.Checked:
	case len(d.Differ) == 0:
		d.say("line    same: its offsets give what it says")
	default:
		d.say("line    not what its offsets give: it differs in %s", clean(strings.Join(d.Differ, ", ")))
	}
}

// dateTime is t as people read it, in UTC.
func dateTime(t window.Time) string {
	return time.UnixMilli(int64(t)).UTC().Format("2006-01-02 15:04:05.000")
}

// at is an instant of the window or near it: the date stands at the top.
func (d *explaining) at(t window.Time) string {
	if d.Size > day {
		return dateTime(t)
	}
	return clock(t, true)
}

const day = 86_400_000

// records lists the records in the order of time.
func (d *explaining) records() error {
	d.say("")
	if len(d.Records) == 0 {
		d.say("no record of the key is in the window")
		return nil
	}
	p := newPages(d.out, d.width, 0, []field{
		{name: "time"},
		{name: "part", right: true},
		{name: "offset", right: true},
		{name: "lag", right: true, rank: 2, optional: true},
		{name: "value", right: true, rank: 1, optional: true},
		{name: "verdict", least: 12},
	})
	for i := range d.Records {
		r := &d.Records[i]
		at, delay, value := noValue, "", ""
		if r.HasTime {
			at = d.at(r.Time)
		}
		if r.HasLag {
			var l window.Lag
			l.Add(r.Lag)
			delay = lag(l)
		}
		if r.HasValue {
			value = exact(r.Value)
		}
		err := p.write(cells{at, strconv.Itoa(int(r.Partition)), strconv.FormatInt(r.Offset, 10), delay, value, verdict(r)})
		if err != nil {
			return err
		}
	}
	err := p.flush()
	if d.Unlisted > 0 {
		d.say("and %d more", d.Unlisted)
	}
	return err
}

// verdict is what became of a record, in words.
func verdict(r *stream.ExplainedRecord) string {
	text := reasonWords(r.Reason)
	late := r.Reason == stream.Late || r.Reason == stream.LateAfterIdle
	switch {
	case r.Counted == stream.CountedBehind:
		text = "came behind the offsets of the line"
	case r.Counted == stream.CountedLate:
		text = "late, counted when final"
	case r.Reason == stream.OK:
		text = "in time"
	case late && r.Counted == stream.CountedOnTime:
		text = fmt.Sprintf("in time here, %s for %d of its %d windows", text, r.Lost, r.Of)
	case late:
		text = fmt.Sprintf("%s, lost %d of its %d windows", text, r.Lost, r.Of)
	}
	if r.OutOfOrder && !late {
		text += ", out of order"
	}
	return text
}

func reasonWords(r stream.Reason) string { return strings.ReplaceAll(r.String(), "_", " ") }

// partitions lists what each partition contributed and what closed it.
func (d *explaining) partitions() error {
	if len(d.Partitions) == 0 {
		return nil
	}
	d.say("")
	p := newPages(d.out, d.width, 0, append([]field{
		{name: "part", right: true},
		{name: "read", rank: 5},
		{name: "closed by offset", right: true, rank: 1},
		{name: "watermark", rank: 3},
		{name: "content", optional: true},
		{name: "count", right: true},
		{name: "offsets", rank: 4},
	}, numberFields...))
	for i := range d.Partitions {
		for _, row := range d.partition(&d.Partitions[i]) {
			if err := p.write(row); err != nil {
				return err
			}
		}
	}
	return p.flush()
}

// partition is a row for each content of the partition's share, or one without
// a share.
func (d *explaining) partition(p *stream.ExplainedPartition) []cells {
	row := func(content string, c stream.Closing, share []string) cells {
		closed, watermark := "the end", noValue
		if c.Closed {
			closed, watermark = strconv.FormatInt(c.Offset, 10), d.at(c.Watermark)
		} else if p.Watermark != window.MinTime {
			watermark = d.at(p.Watermark)
		}
		read := noValue
		if p.ReadTo > p.Start {
			read = fmt.Sprintf("%d-%d", p.Start, p.ReadTo-1)
		}
		return append(cells{strconv.Itoa(int(p.ID.Partition)), read, closed, watermark, content}, share...)
	}
	if len(p.Shares) == 0 {
		return []cells{row("", p.OnTime, []string{"0", noValue, "", "", "", "", "", ""})}
	}
	rows := []cells{row("", p.OnTime, d.share(&p.Shares[0]))}
	if n := len(p.Shares); n > 1 {
		rows[0][4] = "on time"
		rows = append(rows, row("final", p.Final, d.share(&p.Shares[n-1])))
	}
	return rows
}

func (d *explaining) share(s *window.Share) []string {
	cells := []string{strconv.FormatInt(s.Count, 10), fmt.Sprintf("%d-%d", s.FirstOffset, s.LastOffset)}
	return append(cells, d.numbers(&s.Aggregate)...)
}

// numberFields are the columns of numbers.
var numberFields = []field{
	{name: "sum", right: true, rank: 6, optional: true},
	{name: "mean", right: true, rank: 2, optional: true},
	{name: "min", right: true, rank: 7, optional: true},
	{name: "max", right: true, rank: 7, optional: true},
	{name: "first", right: true, rank: 8, optional: true},
	{name: "last", right: true, rank: 8, optional: true},
}

// numbers are what stands in numberFields; empty where records are counted.
func (d *explaining) numbers(a *window.Aggregate) []string {
	if d.Counted || a.Count == 0 {
		return []string{"", "", "", "", "", ""}
	}
	var cells []string
	for _, v := range []float64{a.Sum(), a.Mean(), a.Min, a.Max, a.First.Value, a.Last.Value} {
		cells = append(cells, exact(v))
	}
	return cells
}

// steps lists what a forecaster sees.
func (d *explaining) steps() error {
	if len(d.Steps) == 0 {
		return nil
	}
	d.say("")
	p := newPages(d.out, d.width, 0, []field{
		{name: "step from"}, {name: "count", right: true}, {name: "value", right: true}, {name: notesColumn, optional: true},
	})
	for _, s := range d.Steps {
		note := ""
		if s.Filled {
			note = "filled"
		}
		if err := p.write(cells{d.at(s.Start), strconv.FormatInt(s.Count, 10), number(s.Value, 24), note}); err != nil {
			return err
		}
	}
	return p.flush()
}

// result is what came out, revision by revision.
func (d *explaining) result() error {
	d.say("")
	if len(d.Panes) == 0 {
		d.say("nothing counted: the window has no line")
		return nil
	}
	fields := append([]field{{name: "revision", right: true}, {name: "count", right: true}}, numberFields...)
	p := newPages(d.out, d.width, 0, append(fields, field{name: notesColumn, rank: 1, optional: true}))
	for _, pane := range d.Panes {
		unnumbered := *pane
		unnumbered.Revision = 0 // it has a column
		row := append(cells{strconv.Itoa(pane.Revision), strconv.FormatInt(pane.Count, 10)}, d.numbers(&pane.Aggregate)...)
		if err := p.write(append(row, notes(&stream.Line{Pane: &unnumbered}))); err != nil {
			return err
		}
	}
	return p.flush()
}
