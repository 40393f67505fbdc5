package window

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads a duration in Go's notation with a leading number of
// days allowed: "250ms", "90s", "1h30m", "7d", "1d12h". The result is in whole
// milliseconds; a finer one is an error, not rounded.
func ParseDuration(s string) (Duration, error) {
	rest, negative := strings.CutPrefix(s, "-")
	days, part, clock, ok := splitDays(rest)
	if !ok {
		return 0, fmt.Errorf("%q is not a duration: use for example 500ms, 10s, 5m, 1h30m or 7d", s)
	}
	// Each part is split into whole milliseconds and nanoseconds, so that 0.7d is
	// exact.
	const ms = time.Millisecond
	whole := Duration(days)*day + Duration(part/ms)*24 + Duration(clock/ms)
	fine := part%ms*24 + clock%ms
	if fine%ms != 0 {
		return 0, fmt.Errorf("duration %q is finer than 1ms, the unit of time here", s)
	}
	if whole += Duration(fine / ms); whole > maxDays*day {
		return 0, fmt.Errorf("duration %q is longer than the years 1 to 9999", s)
	}
	if negative {
		whole = -whole
	}
	return whole, nil
}

// maxDays are the days of the years 1 to 9999.
const maxDays = 3_652_059

// splitDays reads "1.5d12h" as whole days, an hour for what is a day of the part
// behind the point, and the rest.
func splitDays(s string) (days int64, part, clock time.Duration, ok bool) {
	if strings.ContainsAny(s, "+-") {
		return 0, 0, 0, false
	}
	var err error
	head, tail, hasDays := strings.Cut(s, "d")
	if hasDays {
		whole, behind, _ := strings.Cut(head, ".")
		if strings.Trim(head, "0123456789.") != "" {
			return 0, 0, 0, false // a unit before the days
		}
		if days, err = strconv.ParseInt("0"+whole, 10, 64); err != nil || days > maxDays || whole+behind == "" {
			return 0, 0, 0, false
		}
		if part, err = time.ParseDuration("0." + behind + "h"); err != nil || tail == "" {
			return days, part, 0, err == nil
		}
		s = tail
	}
	clock, err = time.ParseDuration(s)
	return days, part, clock, err == nil
}
