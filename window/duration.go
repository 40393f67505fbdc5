package window

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads a duration in Go's notation with a leading number of
// days allowed: "250ms", "90s", "1h30m", "7d", "1d12h". The result is in whole
// milliseconds; a finer one is an error, not rounded.
func ParseDuration(s string) (Duration, error) {
	bad := func() (Duration, error) {
		return 0, fmt.Errorf("%q is not a duration: use for example 500ms, 10s, 5m, 1h30m or 7d", s)
	}
	rest, negative := strings.CutPrefix(s, "-")
	var days float64
	head, tail, hasDays := strings.Cut(rest, "d")
	if hasDays {
		n, err := strconv.ParseFloat(head, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) || n < 0 {
			return bad()
		}
		days, rest = n, tail
	}
	var clock time.Duration
	if !hasDays || rest != "" {
		d, err := time.ParseDuration(rest)
		if err != nil || d < 0 {
			return bad()
		}
		clock = d
	}
	const day = float64(24 * time.Hour / time.Millisecond)
	ms := float64(days*day) + float64(clock)/float64(time.Millisecond)
	if ms != math.Trunc(ms) {
		return 0, fmt.Errorf("duration %q is finer than 1ms, the unit of time here", s)
	}
	if ms > float64(MaxEventTime-MinEventTime) {
		return 0, fmt.Errorf("duration %q is longer than the years 0001 to 9999", s)
	}
	if negative {
		ms = -ms
	}
	return Duration(ms), nil
}
