package decode

import "encoding/binary"

// The records of a topic mostly have the same members in the same order. So a
// reader remembers the names of the objects it looks into, and one that stands
// where it stood last time is known by a comparison: it is neither scanned nor
// looked up.

// expectedName is a name with what is around it, from the comma before it, if it
// is not the first, to the colon, as it stood in the last record. The zero value
// is none.
type expectedName struct {
	words, masks [2]uint64
	size         int
	child        *wanted // what is asked of the member, or nil
}

const (
	wordSize = 8
	// maxExpectedSize is the size of a name that is remembered at most.
	maxExpectedSize = 2 * wordSize
	// maxExpected is how many names of an object are remembered.
	maxExpected = 128
)

// expected returns the name that stood there among those of the last object that n
// was asked of.
func (n *wanted) expected(at int) *expectedName {
	if at >= len(n.order) {
		return &noName
	}
	return &n.order[at]
}

var noName expectedName

// isAt says that the name is what d[i] begins.
func (e *expectedName) isAt(d []byte, i int) bool {
	if e.size == 0 || len(d)-i < maxExpectedSize {
		return false
	}
	first, second := binary.LittleEndian.Uint64(d[i:]), binary.LittleEndian.Uint64(d[i+wordSize:])
	return (first^e.words[0])&e.masks[0]|(second^e.words[1])&e.masks[1] == 0
}

// expect remembers a name, text, of the member of which child is asked.
func (n *wanted) expect(at int, text []byte, child *wanted) {
	if at >= maxExpected {
		return
	}
	for at >= len(n.order) {
		n.order = append(n.order, expectedName{})
	}
	e := &n.order[at]
	if *e = (expectedName{}); len(text) > maxExpectedSize {
		return
	}
	var padded, mask [maxExpectedSize]byte
	for i, c := range text {
		padded[i], mask[i] = c, 0xff
	}
	for i := range e.words {
		e.words[i] = binary.LittleEndian.Uint64(padded[i*wordSize:])
		e.masks[i] = binary.LittleEndian.Uint64(mask[i*wordSize:])
	}
	e.size, e.child = len(text), child
}
