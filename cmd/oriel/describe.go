package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/table"
)

// describe is the paragraph that a run leaves on stderr. Its lines break between
// words after width columns; 0 is for no bound.
func describe(s *stream.Summary, live bool, width int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s from %s: %s in time", count(s.Records, "record"), count(int64(s.Partitions()), "partition"), humanize.Comma(s.InTime))
	if s.PartlyLate > 0 {
		fmt.Fprintf(&b, ", %s partly late", humanize.Comma(s.PartlyLate))
	}
	if s.AllowedLate > 0 {
		fmt.Fprintf(&b, ", %s of them accepted late", humanize.Comma(s.AllowedLate))
	}
	for reason, n := range s.Rejects {
		if n > 0 {
			fmt.Fprintf(&b, ", %s %s", humanize.Comma(n), strings.ReplaceAll(stream.Reason(reason).String(), "_", " "))
		}
	}
	if s.Filtered > 0 {
		fmt.Fprintf(&b, ", %s filtered", humanize.Comma(s.Filtered))
	}
	if s.Undecided > 0 {
		fmt.Fprintf(&b, ", %s not yet believed", humanize.Comma(s.Undecided))
	}
	fmt.Fprintf(&b, ". %s closed", count(s.Windows, "window"))
	written := s.Lines > 0 || s.Windows == 0 // a backtest writes none
	if written {
		fmt.Fprintf(&b, ", %s written", count(s.Lines, "line"))
	}
	if s.ForecastsMade+s.ForecastsFail+s.ForecastsShed > 0 {
		fmt.Fprintf(&b, ", %s", count(s.ForecastsMade, "forecast"))
	}
	if s.ForecastsFail > 0 {
		fmt.Fprintf(&b, " (%s gave none)", count(s.ForecastsFail, "window"))
	}
	if s.ForecastsShed > 0 {
		fmt.Fprintf(&b, ", %s shed", humanize.Comma(s.ForecastsShed))
	}
	b.WriteString(".\n")
	b.WriteString(describeLost(s.ForecastsLost))
	for _, g := range s.Gaps {
		fmt.Fprintf(&b, "%v\n", g)
	}
	describeTwice(&b, s)
	describeLeftOut(&b, s, live, written)
	return table.Wrap(b.String(), width)
}

// describeTwice says of which keys windows have several lines.
func describeTwice(b *strings.Builder, s *stream.Summary) {
	if s.SplitKeys > 0 {
		fmt.Fprintf(b, "%s seen in several partitions, which with --group have windows of their own: such a window has a line from each.\n", are(s.SplitKeys, "key"))
	}
}

// describeLeftOut says why records were left out that somebody may miss. written
// says that there are lines.
func describeLeftOut(b *strings.Builder, s *stream.Summary, live, written bool) {
	if lost := s.Rejects[stream.Late] + s.PartlyLate; lost > 0 && !live {
		b.WriteString("Late records were left out of windows that their own partition had closed; --rejects FILE lists them, a larger --out-of-orderness ")
		if written {
			b.WriteString("or --allowed-lateness ")
		}
		b.WriteString("keeps them.\n")
	}
	switch keys := s.Rejects[stream.KeyLimit]; {
	case keys == 0:
	case s.MemorySpent:
		b.WriteString("New keys were left out while the open windows held all of --max-memory; --rejects FILE lists their records.\n")
	default:
		b.WriteString("Keys beyond --max-keys, which the partitions share, were left out; --rejects FILE lists their records.\n")
	}
}

// describeLost says what an external model has failed.
func describeLost(lost map[string]int64) string {
	var each []string
	for _, reason := range slices.Sorted(maps.Keys(lost)) {
		each = append(each, humanize.Comma(lost[reason])+" "+reason)
	}
	if each == nil {
		return ""
	}
	return "Forecasts that the model failed: " + strings.Join(each, ", ") + ".\n"
}

// are is how many there were.
func are(n int64, what string) string {
	if n == 1 {
		return "1 " + what + " was"
	}
	return count(n, what) + " were"
}

func count(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return humanize.Comma(n) + " " + what + "s"
}
