package decode

import (
	"bytes"
	"math"
	"strconv"

	"github.com/oriel-stream/oriel/stream"
)

// numberFormat takes a payload as one decimal number; ASCII space around it is
// allowed.
func numberFormat() format {
	return format{
		name:      formatNumber,
		newReader: func([]path) reader { return new(numberReader) },
		leaves: func(payload []byte, limit int) ([]leaf, bool) {
			if new(numberReader).read(payload) != stream.OK || limit < 1 {
				return nil, false
			}
			return []leaf{{kind: number}}, true
		},
	}
}

// numberReader finds the payload itself, whatever the index.
type numberReader struct{ text []byte }

func (r *numberReader) read(payload []byte) stream.Reason {
	r.text = bytes.Trim(payload, " \t\r\n")
	if _, ok := parseDecimal(r.text); ok || isNotFinite(r.text) {
		return stream.OK
	}
	return stream.NotANumber
}

func (r *numberReader) field(int) field { return field{kind: number, text: r.text} }

// isNotFinite recognises what programs print for NaN and the infinities.
func isNotFinite(b []byte) bool {
	if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
		b = b[1:]
	}
	for _, word := range [...]string{"nan", "inf", "infinity"} {
		if len(b) == len(word) && bytes.EqualFold(b, []byte(word)) {
			return true
		}
	}
	return false
}

// value reads the number of a series.
func (f field) value() stream.Value {
	switch f.kind {
	case missing:
		return stream.Value{Reason: stream.NoField}
	case number:
		x, err := strconv.ParseFloat(string(f.text), 64)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
			return stream.Value{Reason: stream.NotFinite}
		}
		return stream.Value{Number: x}
	default:
		return stream.Value{Reason: stream.NotANumber}
	}
}
