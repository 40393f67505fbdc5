package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-stream/oriel/window"
)

// The magnitudes at which a bare number turns from seconds to milliseconds and
// from milliseconds to nonsense, as --from takes them.
const (
	secondsBelow      = 100_000_000_000
	millisecondsBelow = 100_000_000_000_000
)

// parseEventTime reads a time on the command line: RFC 3339, a date (midnight
// UTC), seconds or milliseconds since the epoch, or a duration before now, as
// -15m; all of them with or without an @ before it.
func parseEventTime(text string, now time.Time) (window.Time, error) {
	s := strings.TrimPrefix(strings.TrimSpace(text), "@")
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		switch {
		case -secondsBelow < n && n < secondsBelow:
			return window.Time(n * 1000), nil
		case -millisecondsBelow < n && n < millisecondsBelow:
			return window.Time(n), nil
		}
		return 0, fmt.Errorf("time %q: want seconds or milliseconds since the epoch, below %d", text, int64(millisecondsBelow))
	}
	if strings.HasPrefix(s, "-") {
		d, err := window.ParseDuration(s)
		if err != nil {
			return 0, fmt.Errorf("time %q: %w", text, err)
		}
		return window.Time(now.UnixMilli()).Add(d), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		if t.Nanosecond()%int(time.Millisecond) != 0 {
			return 0, fmt.Errorf("time %q is finer than 1ms: windows are not", text)
		}
		return window.Time(t.UnixMilli()), nil
	}
	return 0, fmt.Errorf("time %q: want RFC 3339 (2026-11-22T06:00:00Z), a date, seconds or milliseconds since the epoch, or @-15m", text)
}
