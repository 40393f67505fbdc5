package ndjson

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of JSON in an envelope, as encoding/json does.
const maxDepth = 10000

// kind tells JSON values apart as far as an envelope cares.
type kind uint8

const (
	absent kind = iota
	null
	text   // a string
	number // a number
	other  // an object, an array, true or false
)

// value is one JSON value where it stands in the line: the bytes between the
// quotes of a string, the literal text of anything else.
type value struct {
	kind    kind
	raw     []byte
	escaped bool // a string with escapes
}

// scanner walks JSON text without building anything, so that the text of a
// nested value can be had as it was written. It accepts what encoding/json
// accepts: bytes that are not UTF-8 included, which it leaves as they are.
type scanner struct {
	b []byte
	i int
}

// space skips white space.
func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return
		}
	}
}

// skip skips white space and then c, and reports whether c was there.
func (s *scanner) skip(c byte) bool {
	s.space()
	if s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return true
	}
	return false
}

// atEnd reports whether only white space is left.
func (s *scanner) atEnd() bool {
	s.space()
	return s.i == len(s.b)
}

// value reads the next value; depth counts the objects and arrays around it.
func (s *scanner) value(depth int) (v value, ok bool) {
	s.space()
	if s.i == len(s.b) || depth > maxDepth {
		return value{}, false
	}
	from := s.i
	switch s.b[s.i] {
	case '"':
		return s.str()
	case '{':
		v.kind, ok = other, s.object(depth)
	case '[':
		v.kind, ok = other, s.array(depth)
	case 'n':
		v.kind, ok = null, s.word("null")
	case 't':
		v.kind, ok = other, s.word("true")
	case 'f':
		v.kind, ok = other, s.word("false")
	default:
		v.kind, ok = number, s.num()
	}
	v.raw = s.b[from:s.i]
	return v, ok
}

// member reads "name":value of an object whose brace or comma was read.
func (s *scanner) member(depth int) (name, v value, ok bool) {
	s.space()
	if name, ok = s.str(); !ok || !s.skip(':') {
		return name, v, false
	}
	v, ok = s.value(depth)
	return name, v, ok
}

func (s *scanner) object(depth int) bool {
	s.i++
	if s.skip('}') {
		return true
	}
	for {
		if _, _, ok := s.member(depth + 1); !ok {
			return false
		}
		if !s.skip(',') {
			return s.skip('}')
		}
	}
}

func (s *scanner) array(depth int) bool {
	s.i++
	if s.skip(']') {
		return true
	}
	for {
		if _, ok := s.value(depth + 1); !ok {
			return false
		}
		if !s.skip(',') {
			return s.skip(']')
		}
	}
}

func (s *scanner) word(w string) bool {
	if len(s.b)-s.i < len(w) || string(s.b[s.i:s.i+len(w)]) != w {
		return false
	}
	s.i += len(w)
	return true
}

// num reads -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
func (s *scanner) num() bool {
	s.oneOf("-")
	if !s.oneOf("0") && s.digits() == 0 {
		return false
	}
	if s.oneOf(".") && s.digits() == 0 {
		return false
	}
	if s.oneOf("eE") {
		s.oneOf("+-")
		return s.digits() > 0
	}
	return true
}

func (s *scanner) oneOf(set string) bool {
	if s.i < len(s.b) && strings.IndexByte(set, s.b[s.i]) >= 0 {
		s.i++
		return true
	}
	return false
}

func (s *scanner) digits() (n int) {
	for s.i < len(s.b) && s.b[s.i]-'0' <= 9 {
		s.i++
		n++
	}
	return n
}

// str reads a string and checks its escapes, so that unescape need not.
func (s *scanner) str() (v value, ok bool) {
	if s.i == len(s.b) || s.b[s.i] != '"' {
		return value{}, false
	}
	s.i++
	v.kind = text
	from := s.i
	for s.i < len(s.b) {
		switch c := s.b[s.i]; {
		case c == '"':
			v.raw = s.b[from:s.i]
			s.i++
			return v, true
		case c < ' ':
			return v, false
		case c == '\\':
			v.escaped = true
			if !s.escape() {
				return v, false
			}
		default:
			s.i++
		}
	}
	return v, false
}

// escape skips one escape sequence.
func (s *scanner) escape() bool {
	rest := s.b[s.i+1:]
	if len(rest) == 0 {
		return false
	}
	switch rest[0] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.i += 2
		return true
	case 'u':
		s.i += 6
		return hex4(rest[1:]) >= 0
	}
	return false
}

// hex4 is the value of the four hexadecimal digits that b starts with, -1 if
// it does not.
func hex4(b []byte) rune {
	if len(b) < 4 {
		return -1
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// appendUnescaped appends what the string between the quotes, raw, stands
// for. Half a surrogate pair is U+FFFD, as in encoding/json.
func appendUnescaped(dst, raw []byte) []byte {
	for {
		n := bytes.IndexByte(raw, '\\')
		if n < 0 {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:n]...)
		c := raw[n+1]
		raw = raw[n+2:]
		switch c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			var r rune
			r, raw = unescapeRune(raw)
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, c)
		}
	}
}

// unescapeRune reads the digits behind \u, and the second half of a surrogate
// pair where they are the first.
func unescapeRune(raw []byte) (r rune, rest []byte) {
	r, rest = hex4(raw), raw[4:]
	if !utf16.IsSurrogate(r) {
		return r, rest
	}
	if len(rest) >= 6 && rest[0] == '\\' && rest[1] == 'u' {
		if pair := utf16.DecodeRune(r, hex4(rest[2:])); pair != utf8.RuneError {
			return pair, rest[6:]
		}
	}
	return utf8.RuneError, rest
}
