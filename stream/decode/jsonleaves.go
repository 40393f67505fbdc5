package decode

import (
	"bytes"
	"encoding/json"
	"slices"
)

// jsonLeaves lists the scalar fields of a document, found as the reader finds
// them: of several equal names the last. Fields with an empty name cannot be
// named by a path and are left out. It is for a look at a few records: it walks
// with encoding/json, token by token.
func jsonLeaves(payload []byte, limit int) ([]leaf, bool) {
	if !json.Valid(payload) {
		return nil, false
	}
	w := leafWalk{tokens: json.NewDecoder(bytes.NewReader(payload)), limit: limit}
	w.tokens.UseNumber()
	w.value()
	return slices.DeleteFunc(w.leaves, func(l leaf) bool { return l.kind == missing }), true
}

// leafWalk is a walk over a valid document.
type leafWalk struct {
	tokens *json.Decoder
	limit  int
	// here is the path of the value that comes next.
	here path
	// leaves are what was found; those that count no longer are missing.
	leaves []leaf
}

// value walks one value; false if the walk is over.
func (w *leafWalk) value() bool {
	token, err := w.tokens.Token()
	if err != nil || len(w.leaves) >= w.limit {
		return false
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return w.object()
		}
		return w.array()
	case json.Number:
		w.leaf(number)
	case string:
		w.leaf(text)
	case bool:
		w.leaf(boolean)
	default:
		w.leaf(null)
	}
	return true
}

func (w *leafWalk) leaf(k kind) {
	w.leaves = append(w.leaves, leaf{path: slices.Clone(w.here), kind: k})
}

// object walks what follows an opening brace.
func (w *leafWalk) object() bool {
	type span struct{ from, to int }
	seen := map[string]span{}
	for w.tokens.More() {
		token, err := w.tokens.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return false
		}
		w.forget(seen[name].from, seen[name].to)
		from := len(w.leaves)
		if !w.step(step{name: name}) {
			return false
		}
		if name == "" {
			w.forget(from, len(w.leaves))
		}
		seen[name] = span{from, len(w.leaves)}
	}
	return w.closed()
}

// array walks what follows an opening bracket.
func (w *leafWalk) array() bool {
	for i := 0; w.tokens.More(); i++ {
		if !w.step(step{index: i}) {
			return false
		}
	}
	return w.closed()
}

// step walks the value one step below.
func (w *leafWalk) step(st step) bool {
	w.here = append(w.here, st)
	ok := w.value()
	w.here = w.here[:len(w.here)-1]
	return ok
}

// closed takes the closing brace or bracket.
func (w *leafWalk) closed() bool {
	_, err := w.tokens.Token()
	return err == nil
}

func (w *leafWalk) forget(from, to int) {
	for i := from; i < to; i++ {
		w.leaves[i].kind = missing
	}
}
