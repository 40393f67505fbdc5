package table

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// noValue stands where there is no number.
const noValue = "-"

// clock is the time of day of t, UTC.
func clock(t window.Time, millis bool) string {
	layout := time.TimeOnly
	if millis {
		layout = "15:04:05.000"
	}
	return time.UnixMilli(int64(t)).UTC().Format(layout)
}

// hasMillis reports whether a line's end has a part of a second, or may have
// in a later window.
func hasMillis(p *window.Pane) bool {
	return int64(p.End)%1000 != 0 || p.Hop%1000 != 0
}

func key(k window.Key) string {
	if k.Null {
		return noValue
	}
	return clean(k.Bytes)
}

func series(p *window.Pane) string {
	if p.Counted {
		return noValue
	}
	return clean(p.Series)
}

// span is size/hop, size alone for tumbling windows.
func span(p *window.Pane) string {
	if p.Size == p.Hop {
		return p.Size.String()
	}
	return p.Size.String() + "/" + p.Hop.String()
}

// hasNumbers reports whether the aggregate of p has values.
func hasNumbers(p *window.Pane) bool { return !p.Counted && p.Count > 0 }

// number is v with as many digits, usually at most six, as fit in width cells.
func number(v float64, width int) string {
	switch {
	case math.IsNaN(v):
		return noValue
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	if s := strconv.FormatFloat(v, 'f', 0, 64); math.Abs(v) >= 1e6 && len(s) <= width {
		return s // an exponent would be shorter, not easier to read
	}
	s := ""
	for digits := 6; digits > 0; digits-- {
		if s = strconv.FormatFloat(v, 'g', digits, 64); len(s) <= width {
			break
		}
	}
	return s
}

// lag is a mean lag in the unit that suits it.
func lag(l window.Lag) string {
	if l.Count == 0 {
		return noValue
	}
	ms := l.Mean()
	if math.Abs(ms) < 999.5 {
		return strconv.FormatFloat(ms, 'f', 0, 64) + "ms"
	}
	switch s := ms / 1000; {
	case math.Abs(s) < 60:
		return strconv.FormatFloat(s, 'f', 1, 64) + "s"
	case math.Abs(s) < 3600:
		return strconv.FormatFloat(s/60, 'f', 1, 64) + "m"
	case math.Abs(s) < 86400:
		return strconv.FormatFloat(s/3600, 'f', 1, 64) + "h"
	default:
		return strconv.FormatFloat(s/86400, 'f', 1, 64) + "d"
	}
}

// forecast is the first step ahead: its mean and the bounds of the first
// interval, or why there is none.
func forecast(f *stream.Forecast) string {
	const width = 6 // three numbers fit the column
	switch {
	case f == nil:
		return ""
	case f.Error != "":
		return clean(f.Error)
	case len(f.Mean) == 0:
		return noValue
	}
	s := number(f.Mean[0], width)
	if len(f.Intervals) > 0 && len(f.Intervals[0].Lower) > 0 && len(f.Intervals[0].Upper) > 0 {
		s += " " + number(f.Intervals[0].Lower[0], width) + ".." + number(f.Intervals[0].Upper[0], width)
	}
	return s
}

// mase is how well the newest forecasts did beside naive ones.
func mase(s *stream.Score) string {
	if s == nil {
		return ""
	}
	return number(s.MASE, maseWidth)
}

// notes says what is unusual about a window.
func notes(l *stream.Line) string {
	var notes []string
	if l.Score != nil && l.Score.Anomaly {
		notes = append(notes, "anomaly")
	}
	if l.Incomplete != window.Complete {
		notes = append(notes, "incomplete "+l.Incomplete.String())
	}
	if l.Revision > 0 {
		notes = append(notes, fmt.Sprintf("revision %d", l.Revision))
	}
	if l.Late > 0 {
		notes = append(notes, fmt.Sprintf("late %d", l.Late))
	}
	if l.ClosedBy != window.ByWatermark {
		notes = append(notes, strings.ReplaceAll(l.ClosedBy.String(), "_", " "))
	}
	return strings.Join(notes, ", ")
}
