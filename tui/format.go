package tui

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-stream/oriel/window"
)

// none stands for a value that is not there.
const none = "–"

// zone is how times are shown.
type zone uint8

const (
	inUTC zone = iota
	inLocal
	ago
	zones
)

// clock writes times for a person.
type clock struct {
	zone  zone
	local *time.Location
	// now is what "ago" counts from, and whose date is left out.
	now window.Time
}

// location is the zone in which times of day are written.
func (c clock) location() *time.Location {
	if c.zone == inLocal && c.local != nil {
		return c.local
	}
	return time.UTC
}

// name says which zone that is.
func (c clock) name() string {
	if c.zone == ago {
		return ""
	}
	name, _ := time.UnixMilli(int64(c.now)).In(c.location()).Zone()
	return name
}

// digits are the decimals of a second that are written.
type digits string

const (
	seconds digits = ""
	tenths  digits = ".0"
	millis  digits = ".000"
)

// at writes t; the date only if it is another than today's.
func (c clock) at(t window.Time, d digits) string {
	switch {
	case t == window.MinTime:
		return "unknown"
	case !t.IsEventTime():
		return "the end"
	case c.zone == ago:
		return c.distance(t)
	}
	of, now := time.UnixMilli(int64(t)).In(c.location()), time.UnixMilli(int64(c.now)).In(c.location())
	layout := "15:04:05" + string(d)
	if of.YearDay() != now.YearDay() || of.Year() != now.Year() {
		layout = "2006-01-02 " + layout
	}
	return of.Format(layout)
}

// within is at in w cells: without the date where there is no room for it.
func (c clock) within(t window.Time, d digits, w int) string {
	s := c.at(t, d)
	if width(s) <= w {
		return s
	}
	return c.beside(t).at(t, d)
}

// dated is at in w cells, of which a date takes ten: where there is no room for both
// it has of another year the date alone, and of another day no seconds.
func (c clock) dated(t window.Time, d digits, w int) string {
	s := c.at(t, d)
	if width(s) <= w || !t.IsEventTime() {
		return s
	}
	of, now := time.UnixMilli(int64(t)).In(c.location()), time.UnixMilli(int64(c.now)).In(c.location())
	if of.Year() != now.Year() {
		return of.Format("2006-01-02")
	}
	return of.Format("01-02 15:04")
}

// beside is the clock for times beside another, which has its date: that is left
// out then.
func (c clock) beside(t window.Time) clock {
	if c.zone != ago && t.IsEventTime() {
		c.now = t
	}
	return c
}

// distance writes how far t is from now.
func (c clock) distance(t window.Time) string {
	d := span(t, c.now)
	if d < 0 {
		return "in " + duration(-d)
	}
	return duration(d) + " ago"
}

// span is to - from; far beyond any screen where one of them is a sentinel.
func span(from, to window.Time) window.Duration {
	if !from.IsEventTime() || !to.IsEventTime() {
		return 0
	}
	return window.Duration(to - from)
}

// duration writes d with two units at most: 210ms, 2.4s, 3m05s, 2h05m, 3d04h.
func duration(d window.Duration) string {
	const second, minute, hour, day = 1000, 60_000, 3_600_000, 86_400_000
	switch {
	case d == math.MinInt64:
		return "-∞"
	case d < 0:
		return "-" + duration(-d)
	case d == 0:
		return "0s"
	case d < second:
		return strconv.FormatInt(int64(d), 10) + "ms"
	case d < minute && d%second == 0:
		return strconv.FormatInt(int64(d/second), 10) + "s"
	case d < minute:
		return fmt.Sprintf("%d.%ds", d/second, d%second/100)
	case d < hour:
		return fmt.Sprintf("%dm%02ds", d/minute, d%minute/second)
	case d < day:
		return fmt.Sprintf("%dh%02dm", d/hour, d%hour/minute)
	}
	return fmt.Sprintf("%dd%02dh", d/day, d%day/hour)
}

// numberCells is the width of a column of measured values.
const numberCells = 8

// number writes a measured value in at most numberCells cells: an exponent that
// is cut off would be another number.
func number(v float64) string {
	a := math.Abs(v)
	switch {
	case math.IsNaN(v):
		return none
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return "-∞"
	case a >= 1e15 || a < 1e-3 && a > 0:
		return power(v)
	case a >= 9_999_999.5: // where there is a digit more
		return inUnits(v, numberCells, 3)
	case a >= 1000:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 100:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case a >= 1 || a == 0:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'f', 4, 64)
}

// inUnits writes a number of a thousand or more in thousands, millions and so on, in
// w cells, at least four: with as many decimals as there is room for, and no more
// than so many.
func inUnits(v float64, w, decimals int) string {
	s := ""
	for _, unit := range "kMGTPE" {
		v /= 1000
		for d := decimals; d >= 0; d-- {
			digits := strconv.FormatFloat(v, 'f', d, 64)
			s = digits + string(unit)
			if rounded, err := strconv.ParseFloat(digits, 64); err == nil && math.Abs(rounded) < 1000 && len(s) <= w {
				return s
			}
		}
	}
	return s
}

// power writes a value with its power of ten, and as many decimals as there is
// room for, at most two.
func power(v float64) string {
	for decimals := 2; ; decimals-- {
		s := strconv.FormatFloat(v, 'e', decimals, 64)
		if len(s) <= numberCells || decimals == 0 {
			return s
		}
	}
}

// ratio writes how an error compares with another in five cells.
func ratio(v float64) string {
	switch {
	case math.IsNaN(v):
		return none
	case v >= 1000:
		return ">999"
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// percent writes a share.
func percent(v float64) string {
	if math.IsNaN(v) {
		return none
	}
	return strconv.FormatFloat(100*v, 'f', 1, 64) + "%"
}

// count writes a number of things: 950, 12,345, 1.23M.
func count(n int64) string {
	const million, billion = 1_000_000, 1_000_000_000
	switch {
	case n < 0:
		return none
	case n >= 1000*billion:
		return strconv.FormatFloat(float64(n), 'e', 2, 64)
	case n >= billion:
		return strconv.FormatFloat(float64(n)/billion, 'f', 2, 64) + "G"
	case n >= million:
		return strconv.FormatFloat(float64(n)/million, 'f', 2, 64) + "M"
	case n >= 1000:
		return fmt.Sprintf("%d,%03d", n/1000, n%1000)
	}
	return strconv.FormatInt(n, 10)
}

// countIn is count in w cells, at least four: in units where it is too long.
func countIn(n int64, w int) string {
	s := count(n)
	if width(s) <= w {
		return s
	}
	return inUnits(float64(n), w, 2)
}

// size writes an amount of memory: 512B, 3.4KiB, 410MiB.
func size(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	v, unit := float64(n), 0
	for v >= 1024 && unit < len(units)-1 {
		v, unit = v/1024, unit+1
	}
	if unit == 0 || v >= 100 {
		return fmt.Sprintf("%.0f%s", v, units[unit])
	}
	return fmt.Sprintf("%.1f%s", v, units[unit])
}

// wrap breaks text between words into lines of at most w cells, and not at the
// hyphens of flags.
func wrap(text string, w int) []string {
	var lines []string
	for word := range strings.FieldsSeq(text) {
		if n := len(lines); n > 0 && width(lines[n-1])+1+width(word) <= w {
			lines[n-1] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}

// plural writes n with its noun.
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}

// describeSpec writes a window spec in words.
func describeSpec(s window.Spec) string {
	if s.Size == s.Hop {
		return setting(s.Size)
	}
	return setting(s.Size) + " every " + setting(s.Hop)
}

// setting writes a duration that somebody has set, as flags take it and exactly:
// 500ms, 10s, 1m, 1h30m, 7d.
func setting(d window.Duration) string {
	const day = 86_400_000
	if d > 0 && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	return d.String()
}

// edgeDigits are the decimals that the edges of a spec's windows need.
func edgeDigits(s window.Spec) digits {
	if s.Size%1000 == 0 && s.Hop%1000 == 0 && s.Origin%1000 == 0 {
		return seconds
	}
	return millis
}
