package window

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Time is an instant in milliseconds since the Unix epoch, UTC. Event time,
// processing time and watermarks are all of this type; an offset never is.
type Time int64

// Duration is a length of time in milliseconds. It is not time.Duration, whose
// nanoseconds overflow after 292 years: event times span ten thousand.
type Duration int64

const (
	// MinTime is before every instant: the watermark of a partition that has
	// not spoken.
	MinTime Time = math.MinInt64
	// MaxTime is after every instant: the mark of a partition that is finished.
	MaxTime Time = math.MaxInt64

	// MinEventTime is 0001-01-01T00:00:00.000Z, the earliest accepted event time.
	MinEventTime Time = -62135596800000
	// MaxEventTime is 9999-12-31T23:59:59.999Z, the latest accepted event time.
	MaxEventTime Time = 253402300799999
)

// Add returns t+d, saturating at MinTime and MaxTime instead of wrapping.
func (t Time) Add(d Duration) Time {
	s := t + Time(d)
	switch {
	case d > 0 && s < t:
		return MaxTime
	case d < 0 && s > t:
		return MinTime
	}
	return s
}

// Sub returns t-d, saturating.
func (t Time) Sub(d Duration) Time {
	if d == math.MinInt64 {
		return t.Add(math.MaxInt64)
	}
	return t.Add(-d)
}

// IsEventTime says whether t lies in the years 0001 to 9999.
func (t Time) IsEventTime() bool { return t >= MinEventTime && t <= MaxEventTime }

// AppendFormat appends t as RFC 3339 with exactly three decimals, in UTC.
func (t Time) AppendFormat(b []byte) []byte {
	return time.UnixMilli(int64(t)).UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
}

// String returns t as RFC 3339 with milliseconds; the sentinels have names.
func (t Time) String() string {
	switch t {
	case MinTime:
		return "unknown"
	case MaxTime:
		return "the end of time"
	}
	return string(t.AppendFormat(nil))
}

// String returns d in Go's notation without a zero at the end, as in 10m,
// exact to the millisecond; with days where it is beyond the 292 years of that
// notation, as in 110000d12h.
func (d Duration) String() string {
	switch {
	case d == math.MinInt64: // which has no opposite
		return strconv.FormatInt(int64(d), 10) + "ms"
	case d < math.MinInt64/1_000_000:
		return "-" + (-d).String()
	case d > math.MaxInt64/1_000_000:
		days := strconv.FormatInt(int64(d/day), 10) + "d"
		if d%day == 0 {
			return days
		}
		return days + (d % day).String()
	}
	text := (time.Duration(d) * time.Millisecond).String()
	for _, zero := range []string{"m0s", "h0m"} {
		if rest, ok := strings.CutSuffix(text, zero); ok {
			text = rest + zero[:1]
		}
	}
	return text
}

// floorDiv returns the quotient rounded towards minus infinity. Go's division
// truncates towards zero, which would put -1 into the window that starts at 0.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
