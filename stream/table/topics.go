package table

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/oriel-stream/oriel/window"
)

// Topic is a topic as a table shows it.
type Topic struct {
	Name       string
	Partitions int
	// Leaderless is how many of the partitions nobody serves.
	Leaderless int
	// Records is the number of offsets from the start of the log to its end,
	// -1 for unknown.
	Records int64
	// Rate is in records a second, NaN for unknown.
	Rate float64
	// Timestamps is create or append, and Cleanup the cleanup.policy; empty
	// for unknown.
	Timestamps, Cleanup string
	// Retention is how long records are kept, RetentionBytes how many bytes of
	// a partition are; both are negative for no bound, and mean nothing where
	// Cleanup does not delete.
	Retention      window.Duration
	RetentionBytes int64
}

// Topics draws a table of topics that is at most width cells wide to w, in
// their order; a width of 0 means no bound. In a narrow terminal columns are
// left out, but for the name and the number of partitions.
func Topics(w io.Writer, width int, topics []Topic) error {
	p := newPages(w, width, 0, []field{
		{name: "topic", least: 16},
		{name: "parts", right: true},
		{name: "records", right: true, rank: 1},
		{name: "rate/s", right: true, rank: 2, optional: true},
		{name: "time", rank: 5},
		{name: "cleanup", rank: 4},
		{name: "retention", rank: 3},
		{name: notesColumn, rank: 6, optional: true},
	})
	for _, t := range topics {
		if err := p.write(t.cells()); err != nil {
			return err
		}
	}
	return p.flush()
}

func (t *Topic) cells() cells {
	records, rate, notes := noValue, "", ""
	if t.Records >= 0 {
		records = strconv.FormatInt(t.Records, 10)
	}
	if !math.IsNaN(t.Rate) {
		rate = strconv.FormatFloat(t.Rate, 'f', 1, 64)
	}
	if t.Leaderless > 0 {
		notes = fmt.Sprintf("no leader: %d", t.Leaderless)
	}
	return cells{
		clean(t.Name), strconv.Itoa(t.Partitions), records, rate,
		known(t.Timestamps), known(t.Cleanup), t.retention(), notes,
	}
}

// known is a setting, or the sign that it is not known.
func known(s string) string {
	if s == "" {
		return noValue
	}
	return clean(s)
}

func (t *Topic) retention() string {
	if !strings.Contains(t.Cleanup, "delete") {
		return noValue
	}
	var bounds []string
	if t.Retention >= 0 {
		bounds = append(bounds, in(timeUnits, int64(t.Retention)))
	}
	if t.RetentionBytes >= 0 {
		bounds = append(bounds, in(byteUnits, t.RetentionBytes))
	}
	if len(bounds) == 0 {
		return "forever"
	}
	return strings.Join(bounds, ", ")
}

// unit is so many of the smallest unit.
type unit struct {
	size int64
	name string
}

// The units of retention, the largest first.
var (
	timeUnits = []unit{{86_400_000, "d"}, {3_600_000, "h"}, {60_000, "m"}, {1000, "s"}, {1, "ms"}}
	byteUnits = []unit{{1 << 40, "TiB"}, {1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}, {1, "B"}}
)

// in is n in the largest unit of which it has at least one, with a decimal if
// it is not a whole number of them.
func in(units []unit, n int64) string {
	u := units[len(units)-1]
	if i := slices.IndexFunc(units, func(u unit) bool { return n >= u.size }); i >= 0 {
		u = units[i]
	}
	if n%u.size == 0 {
		return strconv.FormatInt(n/u.size, 10) + u.name
	}
	return strconv.FormatFloat(float64(n)/float64(u.size), 'f', 1, 64) + u.name
}
