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
		if x, ok := exactFloat(f.text); ok {
			return stream.Value{Number: x}
		}
		x, err := strconv.ParseFloat(string(f.text), 64)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
			return stream.Value{Reason: stream.NotFinite}
		}
		return stream.Value{Number: x}
	default:
		return stream.Value{Reason: stream.NotANumber}
	}
}

// powersOfTen are the powers of ten whose float64 is exact, as far as they are
// needed.
var powersOfTen = [maxExactDigits + 1]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// maxExactDigits is how many decimal digits make an integer that a float64
// holds without rounding.
const maxExactDigits = 15

// exactFloat reads what numbers mostly are, digits with or without a point among
// them, at most 15: an integer divided by a power of ten, both exact, so that the
// quotient is the float64 nearest to the number (Clinger). It is false for any
// other text.
func exactFloat(b []byte) (float64, bool) {
	i, point, digits := 0, -1, int64(0)
	if len(b) > 0 && b[0] == '-' {
		i = 1
	}
	from := i
	for ; i < len(b) && i <= from+maxExactDigits; i++ {
		switch c := b[i]; {
		case isDigit(c):
			digits = digits*10 + int64(c-'0')
		case c == '.' && point < 0:
			point = i
		default:
			return 0, false
		}
	}
	if i < len(b) || i == from {
		return 0, false
	}
	count, fraction := i-from, 0
	if point >= 0 {
		count, fraction = count-1, i-point-1
	}
	if count == 0 || count > maxExactDigits {
		return 0, false
	}
	x := float64(digits) / powersOfTen[fraction]
	if from == 1 {
		x = -x
	}
	return x, true
}
