package window

import (
	"fmt"
	"strings"
	"time"
)

// ParseDuration reads a duration in Go's notation with a leading number of
// days allowed: "250ms", "90s", "1h30m", "7d", "1d12h". The result is in whole
// milliseconds; a finer one is an error, not rounded.
func ParseDuration(s string) (Duration, error) {
	rest, negative := strings.CutPrefix(s, "-")
	days, clock, ok := splitDays(rest)
	if !ok {
		return 0, fmt.Errorf("%q is not a duration: use for example 500ms, 10s, 5m, 1h30m or 7d", s)
	}
	// A day is 24 of hours, and each part is split into whole milliseconds and
	// nanoseconds, so that nothing overflows and 0.7d is exact.
	const ms = time.Millisecond
	whole := Duration(days/ms)*24 + Duration(clock/ms)
	fine := days%ms*24 + clock%ms
	if fine%ms != 0 {
		return 0, fmt.Errorf("duration %q is finer than 1ms, the unit of time here", s)
	}
	whole += Duration(fine / ms)
	if negative {
		whole = -whole
	}
	return whole, nil
}

// splitDays reads "1d12h" as one hour for every day, and the rest.
func splitDays(s string) (days, clock time.Duration, ok bool) {
	if strings.ContainsAny(s, "+-") {
		return 0, 0, false
	}
	var err error
	head, tail, hasDays := strings.Cut(s, "d")
	if hasDays {
		if strings.Trim(head, "0123456789.") != "" {
			return 0, 0, false
		}
		if days, err = time.ParseDuration(head + "h"); err != nil || tail == "" {
			return days, 0, err == nil
		}
		s = tail
	}
	clock, err = time.ParseDuration(s)
	return days, clock, err == nil
}
