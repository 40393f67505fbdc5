package table

import (
	"math"
	"strconv"
)

// exact is the shortest decimal that reads back as v, in the notation of
// encoding/json, so that a number has one text in every output; noValue for NaN and
// infinities.
func exact(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return noValue
	}
	if size := math.Abs(v); size == 0 || size >= 1e-6 && size < 1e21 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	text := strconv.FormatFloat(v, 'e', -1, 64)
	// encoding/json writes 1e-9 where strconv writes 1e-09.
	if n := len(text); text[n-4:n-1] == "e-0" {
		text = text[:n-2] + text[n-1:]
	}
	return text
}
