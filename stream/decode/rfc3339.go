package decode

import (
	"time"

	"github.com/oriel-stream/oriel/window"
)

// parseRFC3339 reads an instant as RFC 3339 has it, floored to the millisecond:
// 2026-11-22T06:00:00.123+01:00. It also takes a space for the T, and no offset
// at all for UTC, as many programs print it. As in package time there is no
// leap second and T and Z are capitals. It does not allocate.
func parseRFC3339(b []byte) (window.Time, bool) {
	const seconds = len("2006-01-02T15:04:05")
	if len(b) < seconds || b[4] != '-' || b[7] != '-' || b[10] != 'T' && b[10] != ' ' || b[13] != ':' || b[16] != ':' {
		return 0, false
	}
	year, month, day := fixed(b[:4], 9999), fixed(b[5:7], 12), fixed(b[8:10], 31)
	hour, minute, second := fixed(b[11:13], 23), fixed(b[14:16], 59), fixed(b[17:19], 59)
	if min(year, hour, minute, second) < 0 || min(month, day) < 1 {
		return 0, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if t.Day() != day {
		return 0, false // 31 April
	}
	millis, b, ok := fraction(b[seconds:])
	if !ok {
		return 0, false
	}
	minutes, ok := zone(b)
	if !ok {
		return 0, false
	}
	return window.Time(t.UnixMilli() + int64(millis) - int64(minutes)*60_000), true
}

// fixed reads a number that fills b, or returns -1 if it is none or above limit.
func fixed(b []byte, limit int) int {
	n := 0
	for _, c := range b {
		if !isDigit(c) {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	if n > limit {
		return -1
	}
	return n
}

// fraction reads the milliseconds of an optional fraction of a second.
func fraction(b []byte) (millis int, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '.' {
		return 0, b, true
	}
	run, rest := digits(b[1:])
	for i := range 3 {
		millis *= 10
		if i < len(run) {
			millis += int(run[i] - '0')
		}
	}
	return millis, rest, len(run) > 0
}

// zone reads the offset from UTC in minutes that ends an instant.
func zone(b []byte) (minutes int, ok bool) {
	if len(b) == 0 || len(b) == 1 && b[0] == 'Z' {
		return 0, true
	}
	if len(b) != len("+00:00") || b[0] != '+' && b[0] != '-' || b[3] != ':' {
		return 0, false
	}
	hour, minute := fixed(b[1:3], 23), fixed(b[4:6], 59)
	if hour < 0 || minute < 0 {
		return 0, false
	}
	if b[0] == '-' {
		return -(hour*60 + minute), true
	}
	return hour*60 + minute, true
}
