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
	data    []byte
	scratch []byte // the names and strings that had escapes
}

func newJSONReader(paths []path) *jsonReader {
	return &jsonReader{root: newWanted(paths), fields: make([]field, len(paths))}
}

func (r *jsonReader) read(payload []byte) stream.Reason {
	r.data = payload
	r.scratch = r.scratch[:0]
	if cap(r.scratch) > maxScratch {
		r.scratch = nil
	}
	clear(r.fields)
	end := r.value(skipSpace(payload, 0), r.root, 0)
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

// value checks the value at i, keeps what n asks of it, and returns the index
// behind it. n is nil where nothing is asked, depth counts what is open.
func (r *jsonReader) value(i int, n *wanted, depth int) int {
	if i == len(r.data) {
		return malformed
	}
	var k kind
	var end int
	escaped := false
	switch r.data[i] {
	case '{':
		k, end = object, r.object(i+1, n, depth+1)
	case '[':
		k, end = array, r.array(i+1, n, depth+1)
	case '"':
		k = text
		if end, escaped = scanString(r.data, i+1); end != malformed {
			end++
		}
	case 't':
		k, end = boolean, r.literal(i, "true")
	case 'f':
		k, end = boolean, r.literal(i, "false")
	case 'n':
		k, end = null, r.literal(i, "null")
	default:
		k, end = number, scanNumber(r.data, i)
	}
	if n != nil && n.field >= 0 && end != malformed {
		r.keep(n.field, k, r.data[i:end], escaped)
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

func (r *jsonReader) literal(i int, word string) int {
	if len(r.data)-i < len(word) || string(r.data[i:i+len(word)]) != word {
		return malformed
	}
	return i + len(word)
}

// object checks an object from behind its brace.
func (r *jsonReader) object(i int, n *wanted, depth int) int {
	d := r.data
	i = skipSpace(d, i)
	if depth > maxDepth || i == len(d) {
		return malformed
	}
	if d[i] == '}' {
		return i + 1
	}
	for i < len(d) && d[i] == '"' {
		end, escaped := scanString(d, i+1)
		if end == malformed {
			return malformed
		}
		var child *wanted
		if n != nil && len(n.names) > 0 {
			child = r.member(n, d[i+1:end], escaped)
		}
		i = skipSpace(d, end+1)
		if i == len(d) || d[i] != ':' {
			return malformed
		}
		i = r.value(skipSpace(d, i+1), child, depth)
		if i == malformed {
			return malformed
		}
		i = skipSpace(d, i)
		if i == len(d) || d[i] != ',' {
			return closing(d, i, '}')
		}
		i = skipSpace(d, i+1)
	}
	return malformed
}

// closing returns the index behind the brace or bracket that must be at d[i].
func closing(d []byte, i int, c byte) int {
	if i == len(d) || d[i] != c {
		return malformed
	}
	return i + 1
}

// member returns what n asks of the member with that raw name, or nil.
func (r *jsonReader) member(n *wanted, raw []byte, escaped bool) *wanted {
	used := len(r.scratch)
	name := raw
	if escaped || n.replaced {
		name = r.unquote(raw, escaped)
	}
	r.scratch = r.scratch[:used]
	for i := range n.names {
		m := &n.names[i]
		// The first byte, for most names differ there, spares a call.
		if len(name) != len(m.name) || name[0] != m.name[0] || string(name) != m.name {
			continue
		}
		// An earlier member of the same name, with all that was found in it,
		// counts no longer.
		for _, f := range m.node.below {
			r.fields[f] = field{}
		}
		return m.node
	}
	return nil
}

// array checks an array from behind its bracket.
func (r *jsonReader) array(i int, n *wanted, depth int) int {
	d := r.data
	i = skipSpace(d, i)
	if depth > maxDepth || i == len(d) {
		return malformed
	}
	if d[i] == ']' {
		return i + 1
	}
	for index := 0; ; index++ {
		i = r.value(i, n.element(index), depth)
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
