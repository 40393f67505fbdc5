package tui

import (
	"math"
	"strings"
)

// sparkline draws the newest values as bars one row high, in exactly width
// cells, the newest at the right. The lowest value has the lowest bar, equal
// values have bars of half height; NaN is blank and an infinity is as far as
// the bars go.
func sparkline(values []float64, width int, ascii bool) string {
	if width < 1 {
		return ""
	}
	if len(values) > width {
		values = values[len(values)-width:]
	}
	bars := []rune("▁▂▃▄▅▆▇█")
	if ascii {
		bars = []rune("_.-=^")
	}
	low, high := finiteRange(values)
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", width-len(values)))
	for _, v := range values {
		if math.IsNaN(v) {
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(bars[barIndex(v, low, high, len(bars))])
	}
	return b.String()
}

// barIndex returns which of n bars stands for v in [low, high].
func barIndex(v, low, high float64, n int) int {
	switch {
	case v < low: // the values that are not infinite set the range
		return 0
	case v > high:
		return n - 1
	case !(low < high):
		return (n - 1) / 2
	}
	// Halves, because high-low may be more than a float64 holds.
	share := (v/2 - low/2) / (high/2 - low/2)
	return min(n-1, int(share*float64(n)))
}

// finiteRange returns the smallest and largest value that is neither NaN nor an
// infinity; +Inf and -Inf if there is none.
func finiteRange(values []float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if isFinite(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
