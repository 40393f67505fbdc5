package decode

import "math"

// decimal is a decimal number taken apart, without loss: its value is the
// digits of whole and fraction around the point, times ten to the exponent.
type decimal struct {
	negative        bool
	whole, fraction []byte
	exponent        int64
}

// exponentLimit is where exponents stop growing: far beyond the length of any
// payload, far below overflow.
const exponentLimit = 1 << 40

// parseDecimal reads an optional sign, digits with an optional point, and an
// optional exponent: what JSON calls a number, and also +1, 1., .5 and 007.
func parseDecimal(b []byte) (decimal, bool) {
	var d decimal
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		d.negative = b[0] == '-'
		b = b[1:]
	}
	d.whole, b = digits(b)
	if len(b) > 0 && b[0] == '.' {
		d.fraction, b = digits(b[1:])
	}
	if len(d.whole)+len(d.fraction) == 0 {
		return decimal{}, false
	}
	if len(b) > 0 && (b[0] == 'e' || b[0] == 'E') {
		var ok bool
		if d.exponent, ok = parseExponent(b[1:]); !ok {
			return decimal{}, false
		}
		b = nil
	}
	return d, len(b) == 0
}

// parseExponent reads an optional sign and digits to the end of b.
func parseExponent(b []byte) (int64, bool) {
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative = b[0] == '-'
		b = b[1:]
	}
	run, rest := digits(b)
	if len(run) == 0 || len(rest) > 0 {
		return 0, false
	}
	var n int64
	for _, c := range run {
		n = min(n*10+int64(c-'0'), exponentLimit)
	}
	if negative {
		n = -n
	}
	return n, true
}

// digits splits b behind its leading digits.
func digits(b []byte) (run, rest []byte) {
	n := 0
	for n < len(b) && isDigit(b[n]) {
		n++
	}
	return b[:n], b[n:]
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// magnitude returns the n for which 10^(n-1) <= |d| < 10^n; for numbers below
// 1 it is at most 0.
func (d *decimal) magnitude() int64 {
	if i := leadingZeros(d.whole); i < len(d.whole) {
		return int64(len(d.whole)-i) + d.exponent
	}
	if i := leadingZeros(d.fraction); i < len(d.fraction) {
		return d.exponent - int64(i)
	}
	return 0
}

// floor returns the largest integer that is not above d times ten to the
// scale, exactly; false if it does not fit.
func (d *decimal) floor(scale int64) (int64, bool) {
	// The point moves by this much to the right.
	shift := d.exponent + scale
	whole, below := splitAt(d.whole, int64(len(d.whole))+shift)
	fraction, rest := splitAt(d.fraction, shift)
	n, ok := appendDigits(0, whole)
	if ok {
		n, ok = appendDigits(n, fraction)
	}
	// A zero stays zero: without the test a large exponent would spin here.
	for i := int64(len(d.fraction)); i < shift && n != 0 && ok; i++ {
		n, ok = appendDigits(n, []byte{'0'})
	}
	if !d.negative {
		return n, ok
	}
	if leadingZeros(below) < len(below) || leadingZeros(rest) < len(rest) {
		return -n - 1, ok
	}
	return -n, ok
}

// splitAt splits b behind its first n bytes, as far as there are so many.
func splitAt(b []byte, n int64) (head, tail []byte) {
	n = min(max(n, 0), int64(len(b)))
	return b[:n], b[n:]
}

// appendDigits appends decimal digits to n; false if the result does not fit.
func appendDigits(n int64, run []byte) (int64, bool) {
	for _, c := range run {
		if n > (math.MaxInt64-9)/10 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

func leadingZeros(run []byte) int {
	n := 0
	for n < len(run) && run[n] == '0' {
		n++
	}
	return n
}
