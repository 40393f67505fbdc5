package main

import (
	"fmt"
	"strings"

	"github.com/oriel-stream/oriel/stream"
)

// describe is the paragraph that a run leaves on stderr.
func describe(s *stream.Summary, live bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s from %s: %d in time", count(s.Records, "record"), count(int64(len(s.Ranges)), "partition"), s.InTime)
	if s.PartlyLate > 0 {
		fmt.Fprintf(&b, ", %d partly late", s.PartlyLate)
	}
	for reason, n := range s.Rejects {
		if n > 0 {
			fmt.Fprintf(&b, ", %d %s", n, strings.ReplaceAll(stream.Reason(reason).String(), "_", " "))
		}
	}
	fmt.Fprintf(&b, ". %s closed, %s written", count(s.Windows, "window"), count(s.Lines, "line"))
	if s.ForecastsMade+s.ForecastsFail > 0 {
		fmt.Fprintf(&b, ", %s", count(s.ForecastsMade, "forecast"))
	}
	if s.ForecastsFail > 0 {
		fmt.Fprintf(&b, " (%d windows gave none)", s.ForecastsFail)
	}
	b.WriteString(".\n")
	for _, g := range s.Gaps {
		fmt.Fprintf(&b, "%s/%d: offsets %d to %d are missing: %s\n", g.ID.Topic, g.ID.Partition, g.From, g.To-1, g.Reason)
	}
	if lost := s.Rejects[stream.Late] + s.PartlyLate; lost > 0 && !live {
		b.WriteString("Late records were left out of windows that their own partition had closed; --rejects FILE lists them, a larger --out-of-orderness keeps them.\n")
	}
	return b.String()
}

func count(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
