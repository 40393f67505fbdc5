package decode

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// The bytes of a word, for looking at eight at once.
const (
	eachLow  = 0x0101010101010101
	eachHigh = 0x8080808080808080
)

// special marks the bytes of a word that are a quote, a backslash or a control
// character by their high bits. The first mark is right: behind it there may be
// others that are not.
func special(w uint64) uint64 {
	// (x-1)&^x has its high bit set if x is 0. A borrow can only raise a false
	// alarm behind a true one.
	quote, slash := w^eachLow*'"', w^eachLow*'\\'
	return ((quote-eachLow)&^quote | (slash-eachLow)&^slash | (w-eachLow*' ')&^w) & eachHigh
}

// scanString checks a JSON string from behind its opening quote at d[i] and
// returns the index of the closing one, or malformed.
func scanString(d []byte, i int) (end int, escaped bool) {
	for len(d)-i >= 8 {
		if s := special(binary.LittleEndian.Uint64(d[i:])); s != 0 {
			i += bits.TrailingZeros64(s) / 8
			if d[i] == '"' {
				return i, escaped
			}
			if i = skipEscape(d, i); i == malformed {
				return malformed, false
			}
			escaped = true
			continue
		}
		i += 8
	}
	return scanStringEnd(d, i, escaped)
}

// scanStringEnd does the same byte by byte.
func scanStringEnd(d []byte, i int, escaped bool) (end int, alsoEscaped bool) {
	for i < len(d) {
		switch c := d[i]; {
		case c == '"':
			return i, escaped
		case c == '\\' || c < ' ':
			if i = skipEscape(d, i); i == malformed {
				return malformed, false
			}
			escaped = true
		default:
			i++
		}
	}
	return malformed, false
}

// skipEscape returns the index behind the escape that begins at d[i], or
// malformed if there is none.
func skipEscape(d []byte, i int) int {
	if d[i] != '\\' {
		return malformed
	}
	n := escapeLength(d[i:])
	if n == 0 {
		return malformed
	}
	return i + n
}

// escapeLength returns the length of the escape that the backslash at d[0]
// begins, or 0 if it is none of JSON's.
func escapeLength(d []byte) int {
	switch {
	case len(d) < 2:
		return 0
	case bytes.IndexByte([]byte(`"\/bfnrt`), d[1]) >= 0:
		return 2
	case d[1] == 'u' && hex4(d[2:]) >= 0:
		return len(`\u0000`)
	default:
		return 0
	}
}

// hex4 reads four hexadecimal digits, or returns -1.
func hex4(d []byte) rune {
	if len(d) < 4 {
		return -1
	}
	var r rune
	for _, c := range d[:4] {
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return -1
		}
	}
	return r
}

// appendUnescaped appends the text of a string that scanString has accepted. As
// in encoding/json half a surrogate pair and bytes that are not UTF-8 become
// U+FFFD.
func appendUnescaped(dst, s []byte) []byte {
	for len(s) > 0 {
		switch c := s[0]; {
		case c == '\\' && s[1] == 'u':
			r := hex4(s[2:])
			s = s[len(`\u0000`):]
			if utf16.IsSurrogate(r) {
				r, s = surrogatePair(r, s)
			}
			dst = utf8.AppendRune(dst, r)
		case c == '\\':
			dst = append(dst, unescaped(s[1]))
			s = s[2:]
		case c < utf8.RuneSelf:
			dst = append(dst, c)
			s = s[1:]
		default:
			r, size := utf8.DecodeRune(s)
			dst = utf8.AppendRune(dst, r)
			s = s[size:]
		}
	}
	return dst
}

// surrogatePair joins half a pair with the other half if s begins with it.
func surrogatePair(half rune, s []byte) (rune, []byte) {
	if len(s) >= len(`\u0000`) && s[0] == '\\' && s[1] == 'u' {
		if r := utf16.DecodeRune(half, hex4(s[2:])); r != utf8.RuneError {
			return r, s[len(`\u0000`):]
		}
	}
	return utf8.RuneError, s
}

// unescaped returns what a backslash and c stand for.
func unescaped(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	default:
		return c
	}
}
