package decode

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// timeUnit says how a --time field is read. The zero value is auto.
type timeUnit struct {
	form timeForm
	// scale is the power of ten that turns the unit into ms, for epoch.
	scale int64
	// layout is Go's, for layout.
	layout string
}

// timeForm is what a time is written as.
type timeForm uint8

const (
	// auto is epoch in the unit that the magnitude suggests, or rfc3339.
	auto timeForm = iota
	epoch
	rfc3339
	layout
)

// The powers of ten that turn a unit into ms.
const (
	scaleSeconds = 3
	scaleMillis  = 0
	scaleMicros  = -3
	scaleNanos   = -6
)

// parseTimeUnit reads --time-unit.
func parseTimeUnit(s string) (timeUnit, error) {
	switch s {
	case "", "auto":
		return timeUnit{form: auto}, nil
	case "s":
		return timeUnit{form: epoch, scale: scaleSeconds}, nil
	case "ms":
		return timeUnit{form: epoch, scale: scaleMillis}, nil
	case "us":
		return timeUnit{form: epoch, scale: scaleMicros}, nil
	case "ns":
		return timeUnit{form: epoch, scale: scaleNanos}, nil
	case "rfc3339":
		return timeUnit{form: rfc3339}, nil
	}
	// A layout has to carry at least the year, or no time read with it could
	// lie in the years 1 to 9999. Any moment but Go's reference time tells.
	probe := time.Date(2019, time.November, 28, 21, 37, 49, 0, time.UTC)
	t, err := time.ParseInLocation(s, probe.Format(s), time.UTC)
	if err != nil || t.Year() != probe.Year() {
		return timeUnit{}, errors.New("not auto, s, ms, us, ns, rfc3339 or a Go layout with a year")
	}
	return timeUnit{form: layout, layout: s}, nil
}

// read reads an event time: NoTime if there is none, BadTime if it cannot be
// read or lies outside the years 0001 to 9999. Fractions are floored to ms.
func (u timeUnit) read(f field) (window.Time, stream.Reason) {
	if f.kind == missing || f.kind == null {
		return 0, stream.NoTime
	}
	t, ok := window.Time(0), false
	switch {
	case f.kind == moment:
		t, ok = parseRFC3339(f.text)
	case f.kind != number && f.kind != text:
	case u.form == rfc3339:
		t, ok = parseRFC3339(f.text)
	case u.form == layout:
		t, ok = u.parseLayout(f.text)
	default:
		t, ok = u.parseEpoch(f.text)
	}
	if !ok || !t.IsEventTime() {
		return 0, stream.BadTime
	}
	return t, stream.OK
}

// parseEpoch reads a number of units since the epoch and, under auto, what is
// no number as RFC 3339.
func (u timeUnit) parseEpoch(b []byte) (window.Time, bool) {
	if n, ok := plainInteger(b); ok {
		return u.fromInteger(n)
	}
	d, ok := parseDecimal(b)
	if !ok {
		if u.form == auto {
			return parseRFC3339(b)
		}
		return 0, false
	}
	scale := u.scale
	if u.form == auto {
		scale = scaleOf(d.magnitude())
	}
	ms, ok := d.floor(scale)
	return window.Time(ms), ok
}

// maxPlainDigits is how many digits always fit an int64.
const maxPlainDigits = 18

// plainInteger reads what times mostly are: a run of digits that needs no
// exact decimal arithmetic.
func plainInteger(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > maxPlainDigits {
		return 0, false
	}
	var n int64
	for len(b) >= wordSize {
		eight, ok := eightDigits(binary.LittleEndian.Uint64(b))
		if !ok {
			return 0, false
		}
		n, b = n*1e8+eight, b[wordSize:]
	}
	for _, c := range b {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// eightDigits reads the number that the bytes of a word are the digits of, the
// lowest byte being the first.
func eightDigits(w uint64) (n int64, ok bool) {
	// Digits become 0 to 9. Adding 118 to the low seven bits sets the high bit
	// from 10 on.
	w ^= eachLow * '0'
	if (w&^eachHigh+eachLow*(0x80-10)|w)&eachHigh != 0 {
		return 0, false
	}
	// Neighbours are joined: digits to pairs, pairs to fours, fours to eight.
	w = (w*10 + w>>8) & 0x00ff00ff00ff00ff
	w = (w*100 + w>>16) & 0x0000ffff0000ffff
	w = (w*10_000 + w>>32) & 0x00000000ffffffff
	return int64(w), true
}

// fromInteger turns a number of units, not negative, into ms; false if that is
// more than an int64 holds.
func (u timeUnit) fromInteger(n int64) (window.Time, bool) {
	scale := u.scale
	if u.form == auto {
		switch {
		case n < 1e11:
			scale = scaleSeconds
		case n < 1e14:
			scale = scaleMillis
		case n < 1e17:
			scale = scaleMicros
		default:
			scale = scaleNanos
		}
	}
	switch scale {
	case scaleSeconds:
		return window.Time(n * 1000), n <= math.MaxInt64/1000
	case scaleMicros:
		return window.Time(n / 1000), true
	case scaleNanos:
		return window.Time(n / 1_000_000), true
	default:
		return window.Time(n), true
	}
}

// scaleOf guesses the unit of a time since the epoch of that many digits: below
// 10^11 seconds, below 10^14 ms, below 10^17 us, else ns. So seconds reach to
// the year 5138, and ms, us and ns are taken as such from the year 1973 on.
func scaleOf(magnitude int64) int64 {
	switch {
	case magnitude <= 11:
		return scaleSeconds
	case magnitude <= 14:
		return scaleMillis
	case magnitude <= 17:
		return scaleMicros
	default:
		return scaleNanos
	}
}

// parseLayout reads b by a Go layout; without a zone it is UTC. Abbreviations
// other than UTC and GMT are refused: which offset CST has depends on who reads
// it, and package time would take those it does not know for UTC.
func (u timeUnit) parseLayout(b []byte) (window.Time, bool) {
	t, err := time.ParseInLocation(u.layout, string(b), time.UTC)
	if err != nil {
		return 0, false
	}
	if strings.Contains(u.layout, "MST") && !strings.Contains(u.layout, "07") {
		if name, _ := t.Zone(); name != "UTC" && name != "GMT" {
			return 0, false
		}
	}
	return window.Time(t.UnixMilli()), true
}
