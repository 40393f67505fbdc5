package table

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// maxLeapRows bounds the leaps that a table lists.
const maxLeapRows = 24

// Advice draws tables that are at most width cells wide to w, 0 for no bound:
// the disorder of each partition, what each out-of-orderness would lose, and
// the leaps; and says which flag to use.
func Advice(w io.Writer, width int, a *stream.Advice) error {
	parts := []func(io.Writer, int, *stream.Advice) error{disorderTable, ladderTable, leapTable, writeFlags}
	if a.All.Disorder.Records() == 0 {
		parts = []func(io.Writer, int, *stream.Advice) error{disorderTable, leapTable}
	}
	for _, part := range parts {
		if err := part(w, width, a); err != nil {
			return err
		}
	}
	return nil
}

// severalTopics reports whether the partitions are of more than one topic.
func severalTopics(a *stream.Advice) bool {
	return len(a.Partitions) > 0 && a.Partitions[0].ID.Topic != a.Partitions[len(a.Partitions)-1].ID.Topic
}

// disorderTable has a row for each partition, and one for all.
func disorderTable(w io.Writer, width int, a *stream.Advice) error {
	p := newPages(w, width, 0, []field{
		{name: "topic", least: 12, optional: true},
		{name: "part", right: true},
		{name: "records", right: true},
		{name: "out of order", right: true, rank: 2},
		{name: "p50", right: true, rank: 5},
		{name: "p90", right: true, rank: 4},
		{name: "p99", right: true, rank: 3},
		{name: "p99.9", right: true, rank: 1},
		{name: "worst", right: true},
		{name: notesColumn, rank: 6, optional: true},
	})
	several := severalTopics(a)
	for _, part := range a.Partitions {
		topic := ""
		if several {
			topic = clean(part.ID.Topic)
		}
		if err := p.write(disorderCells(topic, strconv.Itoa(int(part.ID.Partition)), part)); err != nil {
			return err
		}
	}
	if len(a.Partitions) != 1 {
		if err := p.write(disorderCells("", "all", a.All)); err != nil {
			return err
		}
	}
	return p.flush()
}

func disorderCells(topic, part string, p *stream.PartitionAdvice) cells {
	d := p.Disorder
	row := cells{topic, part, strconv.FormatInt(d.Records(), 10), share(d.OutOfOrder(), d.Records())}
	for _, q := range []float64{0.5, 0.9, 0.99, 0.999} {
		row = append(row, lengthUnless(d.Records() == 0, d.Quantile(q)))
	}
	var notes []string
	if p.Refuted > 0 {
		notes = append(notes, fmt.Sprintf("future: %d", p.Refuted))
	}
	if n := p.Records() - d.Records() - p.Refuted - p.Filtered; n > 0 {
		notes = append(notes, fmt.Sprintf("unusable: %d", n))
	}
	if p.Filtered > 0 {
		notes = append(notes, fmt.Sprintf("filtered: %d", p.Filtered))
	}
	return append(row, lengthUnless(d.Records() == 0, d.Worst()), strings.Join(notes, ", "))
}

// ladderTable has a row for each out-of-orderness.
func ladderTable(w io.Writer, width int, a *stream.Advice) error {
	p := newPages(w, width, 0, []field{
		{name: "out-of-orderness", right: true},
		{name: "late", right: true},
		{name: "%", right: true, rank: 1},
		{name: "partly late", right: true},
		{name: "%", right: true, rank: 2},
		{name: "windows close", right: true, rank: 4},
		{name: notesColumn, rank: 3},
	})
	of := a.All.Disorder.Records()
	recommended := a.All.Recommended()
	for _, bound := range a.Ladder {
		loss := a.All.Disorder.Loss(bound)
		closing := "at once"
		if bound > 0 {
			closing = bound.String() + " later"
		}
		var notes []string
		if bound == recommended {
			notes = append(notes, "recommended")
		}
		if loss.Total() == 0 {
			notes = append(notes, "loses nothing")
		}
		err := p.write(cells{
			bound.String(), strconv.FormatInt(loss.Late, 10), share(loss.Late, of),
			strconv.FormatInt(loss.PartlyLate, 10), share(loss.PartlyLate, of), closing, strings.Join(notes, ", "),
		})
		if err != nil {
			return err
		}
	}
	return below(w, p)
}

// leapTable names the leaps, if there are any.
func leapTable(w io.Writer, width int, a *stream.Advice) error {
	p := newPages(w, width, 0, []field{
		{name: "leap in", rank: 1},
		{name: "offset", right: true},
		{name: "from (UTC)", rank: 2},
		{name: "to (UTC)"},
		{name: "by", right: true, rank: 3},
		{name: "verdict"},
	})
	left := a.All.Believed + a.All.Refuted
	if left == 0 {
		return nil
	}
	for _, part := range a.Partitions {
		for _, l := range part.Leaps {
			if len(p.rows) == maxLeapRows {
				break
			}
			if err := p.write(leapCells(part.ID, &l)); err != nil {
				return err
			}
			left--
		}
	}
	if err := below(w, p); err != nil || left == 0 {
		return err
	}
	_, err := fmt.Fprintf(w, "and %d more\n", left)
	return err
}

func leapCells(id window.PartitionID, l *stream.Leap) cells {
	from, by, verdict := noValue, noValue, "refuted"
	if l.From != window.MinTime {
		from, by = dateAndClock(l.From), in(timeUnits, int64(l.To-l.From))
	}
	if l.Believed {
		verdict = "believed"
	}
	return cells{
		clean(id.Topic) + "/" + strconv.Itoa(int(id.Partition)), strconv.FormatInt(l.Offset, 10),
		from, dateAndClock(l.To), by, verdict,
	}
}

// below draws a table under an empty line.
func below(w io.Writer, p *pages) error {
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	return p.flush()
}

// writeFlags says which flags to use. They are never cut.
func writeFlags(w io.Writer, _ int, a *stream.Advice) error {
	recommended, lossless := a.All.Recommended(), a.All.Disorder.Lossless()
	allowed := ""
	if a.AllowedLateness > 0 {
		allowed = fmt.Sprintf(" --allowed-lateness %s", a.AllowedLateness)
	}
	text := fmt.Sprintf("\nloses nothing: --out-of-orderness %s%s\n", lossless, allowed)
	if recommended != lossless {
		text = fmt.Sprintf("\nrecommended:   --out-of-orderness %s%s%s", recommended, allowed, text)
	}
	_, err := io.WriteString(w, text)
	return err
}

func lengthUnless(unknown bool, d window.Duration) string {
	if unknown {
		return noValue
	}
	return d.String()
}

// share is n of a number in percent.
func share(n, of int64) string {
	const least = 0.01
	switch percent := 100 * float64(n) / float64(of); {
	case of == 0:
		return noValue
	case n == 0:
		return "0%"
	case n == of:
		return "100%"
	case percent < least:
		return "<0.01%"
	default:
		// Not more than there are, so 100 % are all.
		return strconv.FormatFloat(min(percent, 99.99), 'f', 2, 64) + "%"
	}
}
