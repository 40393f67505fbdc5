package ndjson

import (
	"encoding/base64"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/oriel-stream/oriel/window"
)

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string. Only quotes, backslashes and
// control characters are escaped; a byte that is not UTF-8 becomes U+FFFD.
func appendString[S string | []byte](dst []byte, s S) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			// The short slice keeps the conversion off the heap.
			r, n := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
			switch {
			case r == utf8.RuneError && n == 1:
				dst = append(dst, s[from:i]...)
				dst = utf8.AppendRune(dst, utf8.RuneError)
				from = i + 1
			case r <= lastControl:
				dst = append(dst, s[from:i]...)
				dst = appendEscape(dst, byte(r))
				from = i + n
			}
			i += n
			continue
		}
		i++
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i-1]...)
		dst = appendEscape(dst, c)
		from = i
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

// lastControl is the last of U+0080 to U+009F, which are escaped though JSON does
// not ask for it: a line may be printed to a terminal, which obeys them.
const lastControl = '\u009f'

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	default:
		return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
	}
}

// appendBase64 appends b as a JSON string of padded standard base64.
func appendBase64[B string | []byte](dst []byte, b B) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, []byte(b))
	return append(dst, '"')
}

// appendBytes appends the member name:b, or name_base64:b where b is not
// UTF-8. A nil b is null.
func appendBytes(dst []byte, name string, b []byte) []byte {
	dst = append(dst, '"')
	dst = append(dst, name...)
	switch {
	case b == nil:
		return append(dst, `":null`...)
	case utf8.Valid(b):
		return appendString(append(dst, `":`...), b)
	default:
		return appendBase64(append(dst, `_base64":`...), b)
	}
}

// appendFloat appends v in the notation of encoding/json, null if it is NaN or
// infinite.
func appendFloat(dst []byte, v float64) []byte {
	size := math.Abs(v)
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return append(dst, "null"...)
	case size >= 1 && size < 1<<53 && v == math.Trunc(v):
		// Whole numbers are common and need no search for the shortest digits.
		return strconv.AppendInt(dst, int64(v), 10)
	case isDecimal(size):
		return appendDecimal(dst, v)
	case size != 0 && (size < 1e-6 || size >= 1e21):
		dst = strconv.AppendFloat(dst, v, 'e', -1, 64)
		// encoding/json writes 1e-9 where strconv writes 1e-09.
		if n := len(dst); dst[n-4] == 'e' && dst[n-2] == '0' {
			dst[n-2] = dst[n-1]
			dst = dst[:n-1]
		}
		return dst
	default:
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	}
}

// decimalScale makes whole numbers of decimals of up to four places.
const decimalScale = 1e4

// isDecimal says that a number, not negative, is one of up to four places and 15
// digits, as what is measured mostly is. No search for the shortest digits is
// needed then: the division is rounded right, so these digits are read as that
// number, and of the decimals of up to 15 digits no two are read as the same.
func isDecimal(size float64) bool {
	return size >= 1/decimalScale && size < 1e11 && float64(uint64(float64(size*decimalScale)+0.5))/decimalScale == size
}

// appendDecimal appends v, which is a decimal and no whole number.
func appendDecimal(dst []byte, v float64) []byte {
	if v < 0 {
		dst = append(dst, '-')
	}
	n := uint64(float64(math.Abs(v)*decimalScale) + 0.5)
	dst = append(strconv.AppendUint(dst, n/decimalScale, 10), '.')
	n %= decimalScale
	for unit := uint64(decimalScale / 10); n > 0; unit /= 10 {
		dst = append(dst, byte('0'+n/unit))
		n %= unit
	}
	return dst
}

func appendFloats(dst []byte, vs []float64) []byte {
	dst = append(dst, '[')
	for i, v := range vs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendFloat(dst, v)
	}
	return append(dst, ']')
}

// appendTime appends t as window.Time.AppendFormat does, in quotes. It goes
// through time.RFC3339, which package time formats without parsing the layout:
// a line has three timestamps or more.
func appendTime(dst []byte, t window.Time) []byte {
	dst = append(dst, '"')
	if !t.IsEventTime() {
		return append(t.AppendFormat(dst), '"')
	}
	ms := int64(t) % 1000
	if ms < 0 {
		ms += 1000
	}
	dst = time.UnixMilli(int64(t)).UTC().AppendFormat(dst, time.RFC3339)
	dst[len(dst)-1] = '.' // was Z
	return append(dst, byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z', '"')
}

// appendInt appends the member name:v, with a comma before it.
func appendInt(dst []byte, name string, v int64) []byte {
	dst = appendName(dst, name)
	return strconv.AppendInt(dst, v, 10)
}

// appendName appends ,"name": for a name that needs no escapes.
func appendName(dst []byte, name string) []byte {
	dst = append(dst, `,"`...)
	dst = append(dst, name...)
	return append(dst, `":`...)
}
