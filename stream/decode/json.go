package decode

import (
	"unicode/utf8"

	"github.com/oriel-stream/oriel/stream"
)

// jsonFormat is JSON as encoding/json understands it: what is valid, which of
// several equal names counts (the last), how strings are unescaped.
func jsonFormat() format {
	return format{
		name:      formatJSON,
		hasPaths:  true,
		newReader: func(paths []path) reader { return newJSONReader(paths) },
		leaves:    jsonLeaves,
	}
}

const (
	// malformed is the index that scans return for bytes that are not JSON.
	malformed = -1
	// maxDepth is how deep encoding/json lets arrays and objects nest.
	maxDepth = 10_000
	// maxScratch is how much memory a decoder may keep for the next record.
	maxScratch = 1 << 20
)

// jsonReader checks a document and picks its fields in one pass, without a
// tree and without a copy: the fields are slices of the payload, except for
// strings with escapes.
type jsonReader struct {
	root    *wanted
	fields  []field
	scratch []byte // the names and strings that had escapes
}

func newJSONReader(paths []path) *jsonReader {
	return &jsonReader{root: newWanted(paths), fields: make([]field, len(paths))}
}

func (r *jsonReader) read(payload []byte) stream.Reason {
	r.scratch = r.scratch[:0]
	if cap(r.scratch) > maxScratch {
		r.scratch = nil
	}
	for i := range r.fields { // one by one: clear calls the runtime, which costs more for a few
		f := &r.fields[i]
		f.kind, f.text = missing, nil
	}
	i, end := skipSpace(payload, 0), 0
	if r.root == nil {
		end = skipValue(payload, i, 0)
	} else {
		end = r.value(payload, i, r.root, 0)
	}
	if end == malformed || skipSpace(payload, end) != len(payload) {
		return stream.Malformed
	}
	return stream.OK
}

func (r *jsonReader) field(index int) field { return r.fields[index] }

func skipSpace(d []byte, i int) int {
	for i < len(d) && d[i] <= ' ' && (d[i] == ' ' || d[i] == '\n' || d[i] == '\t' || d[i] == '\r') {
		i++
	}
	return i
}

// value checks the value at d[i], keeps what n asks of it, and returns the index
// behind it. depth counts what is open.
func (r *jsonReader) value(d []byte, i int, n *wanted, depth int) int {
	if uint(i) >= uint(len(d)) {
		return malformed
	}
	k, end, escaped := number, malformed, false
	switch c := d[i]; {
	case c == '"':
		k = text
		if end, escaped = scanString(d, i+1); end != malformed {
			end++
		}
	case c <= '9':
		end = scanNumber(d, i)
	case c == '{':
		k, end = object, r.object(d, i+1, n, depth+1)
	case c == '[':
		k, end = array, r.array(d, i+1, n, depth+1)
	case c == 't':
		k, end = boolean, literal(d, i, "true")
	case c == 'f':
		k, end = boolean, literal(d, i, "false")
	case c == 'n':
		k, end = null, literal(d, i, "null")
	}
	if n.field >= 0 && end != malformed {
		r.keep(n.field, k, d[i:end], escaped)
	}
	return end
}

// keep sets a field to the value whose document text is raw.
func (r *jsonReader) keep(index int, k kind, raw []byte, escaped bool) {
	f := field{kind: k}
	switch k {
	case text:
		f.text = r.unquote(raw[1:len(raw)-1], escaped)
	case number, boolean:
		f.text = raw
	default: // the kind says it all
	}
	r.fields[index] = f
}

// unquote returns the text of a string: the payload's own bytes if they say it
// as they are.
func (r *jsonReader) unquote(s []byte, escaped bool) []byte {
	if !escaped && utf8.Valid(s) {
		return s
	}
	from := len(r.scratch)
	r.scratch = appendUnescaped(r.scratch, s)
	return r.scratch[from:]
}

func literal(d []byte, i int, word string) int {
	if len(d)-i < len(word) || string(d[i:i+len(word)]) != word {
		return malformed
	}
	return i + len(word)
}

// object checks an object from behind its brace.
func (r *jsonReader) object(d []byte, i int, n *wanted, depth int) int {
	if depth > maxDepth {
		return malformed
	}
	if i = skipSpace(d, i); i < len(d) && d[i] == '}' {
		return i + 1
	}
	for at := 0; ; at++ {
		var child *wanted
		if e := n.expected(at); e.isAt(d, i) {
			child, i = e.child, i+e.size
		} else {
			if at > 0 {
				if i = skipSpace(d, i); i == len(d) || d[i] != ',' {
					return closing(d, i, '}')
				}
			}
			if child, i = r.member(d, i, n, at); i == malformed {
				return malformed
			}
		}
		if i = skipSpace(d, i); child == nil {
			i = skipValue(d, i, depth)
		} else {
			r.forget(child)
			i = r.value(d, i, child, depth)
		}
		if i == malformed {
			return malformed
		}
	}
}

// closing returns the index behind the byte that must be at d[i].
func closing(d []byte, i int, c byte) int {
	if i == len(d) || d[i] != c {
		return malformed
	}
	return i + 1
}

// member checks the comma at d[i], if the member is not the first, and the name
// behind it. It returns what n asks of the member at that place of an object, or
// nil, and the index behind the colon.
func (r *jsonReader) member(d []byte, i int, n *wanted, at int) (child *wanted, behind int) {
	start := i
	if at > 0 {
		i = skipSpace(d, i+1)
	}
	if i == len(d) || d[i] != '"' {
		return nil, malformed
	}
	end, escaped := scanString(d, i+1)
	if end == malformed {
		return nil, malformed
	}
	behind = closing(d, skipSpace(d, end+1), ':')
	if len(n.names) == 0 || behind == malformed {
		return nil, behind
	}
	name := d[i+1 : end]
	if escaped || n.replaced {
		used := len(r.scratch)
		name = r.unquote(name, escaped)
		r.scratch = r.scratch[:used]
	}
	child = n.member(name)
	n.expect(at, d[start:behind], child)
	return child, behind
}

// forget drops what was found below a member, which may have come before: the last
// of equal names counts, with all that is in it. What is but one field is about to
// be overwritten.
func (r *jsonReader) forget(n *wanted) {
	if n.isEnd() {
		return
	}
	for _, f := range n.below {
		r.fields[f] = field{}
	}
}

// array checks an array from behind its bracket.
func (r *jsonReader) array(d []byte, i int, n *wanted, depth int) int {
	i = skipSpace(d, i)
	if depth > maxDepth || i == len(d) {
		return malformed
	}
	if d[i] == ']' {
		return i + 1
	}
	for index := 0; ; index++ {
		if child := n.element(index); child == nil {
			i = skipValue(d, i, depth)
		} else {
			i = r.value(d, i, child, depth)
		}
		if i == malformed {
			return malformed
		}
		i = skipSpace(d, i)
		if i == len(d) || d[i] != ',' {
			return closing(d, i, ']')
		}
		i = skipSpace(d, i+1)
	}
}

// scanNumber checks a JSON number at d[i], which may be anything, and returns
// the index behind it.
func scanNumber(d []byte, i int) int {
	if i < len(d) && d[i] == '-' {
		i++
	}
	switch {
	case i >= len(d) || !isDigit(d[i]):
		return malformed
	case d[i] == '0':
		i++
	default:
		i = skipDigits(d, i)
	}
	if i < len(d) && d[i] == '.' {
		from := i + 1
		if i = skipDigits(d, from); i == from {
			return malformed
		}
	}
	if i < len(d) && (d[i] == 'e' || d[i] == 'E') {
		i++
		if i < len(d) && (d[i] == '+' || d[i] == '-') {
			i++
		}
		from := i
		if i = skipDigits(d, from); i == from {
			return malformed
		}
	}
	return i
}

func skipDigits(d []byte, i int) int {
	for i < len(d) && isDigit(d[i]) {
		i++
	}
	return i
}
