package decode

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"github.com/oriel-stream/oriel/stream"
)

// filter computes a condition. It belongs to one goroutine.
type filter struct {
	condition *condition
	machine   vm.VM
	// values are the fields of a record by the names of the condition, and held
	// is what they were made of: many records say the same.
	values map[string]any
	held   []heldValue
}

type heldValue struct {
	field
	value any
}

// maxHeldText bounds the text that is remembered of a field.
const maxHeldText = 4096

func newFilter(c *condition) *filter {
	if c == nil {
		return nil
	}
	return &filter{condition: c, values: make(map[string]any, len(c.names)), held: make([]heldValue, len(c.names))}
}

// unfit stands for an object or an array, which an expression cannot read as a
// whole.
type unfit struct{ kind kind }

func (u unfit) String() string { return u.kind.String() }

// set gives a name its value. Whole numbers that an int holds are ints, and
// what a record does not have is nil.
func (f *filter) set(i int, found field) {
	h := &f.held[i]
	if h.kind != found.kind || string(h.text) != string(found.text) {
		h.value = valueOf(found)
		h.kind = found.kind
		if len(found.text) > maxHeldText {
			h.kind = unknown
		}
		h.text = append(h.text[:0], found.text[:min(len(found.text), maxHeldText)]...)
	}
	f.values[f.condition.names[i]] = h.value
}

// valueOf is a field as an expression sees it.
func valueOf(f field) any {
	switch f.kind {
	case missing, null:
		return nil
	case boolean:
		return string(f.text) == "true"
	case number:
		if n, err := strconv.Atoi(string(f.text)); err == nil {
			return n
		}
		x, err := strconv.ParseFloat(string(f.text), 64)
		if err != nil {
			return unfit{f.kind}
		}
		return x
	case text:
		return string(f.text)
	case moment:
		t, err := time.Parse(time.RFC3339Nano, string(f.text))
		if err != nil {
			return unfit{f.kind}
		}
		return t
	default:
		return unfit{f.kind}
	}
}

// matches says whether the condition is true of the values that were set. The
// error says why that cannot be computed.
func (f *filter) matches() (bool, error) {
	result, err := f.machine.Run(f.condition.program, f.values)
	if err != nil {
		return false, err
	}
	matched, ok := result.(bool)
	if !ok {
		return false, fmt.Errorf("it is %v, neither true nor false", result)
	}
	return matched, nil
}

// filtered says that a record is none of those that are asked for: the
// condition is false, or cannot be computed. A payload that cannot be read is
// no reason, if the condition speaks of it.
func (d *decoder) filtered(fault stream.Reason) bool {
	switch {
	case d.plan.format.isSkipped(d.record.Value):
		return true
	case d.filter == nil:
		return false
	case fault != stream.OK && slices.ContainsFunc(d.plan.where, place.inPayload):
		return false
	}
	matched, err := d.matches()
	return err != nil || !matched
}

// matches computes the condition for the record that was loaded.
func (d *decoder) matches() (bool, error) {
	for i, p := range d.plan.where {
		f := d.field(p)
		if !p.inPayload() {
			f = d.named(p, f)
		}
		d.filter.set(i, f)
	}
	return d.filter.matches()
}

// named is metadata as an expression sees it. Keys and headers have no type, so
// they are text there whatever they look like: @key == "007".
func (d *decoder) named(p place, f field) field {
	if m := d.plan.metadata[^p].meta; f.kind == number && (m == metaKey || m == metaHeader) {
		f.kind = text
	}
	return f
}

// unmet says what is wrong if --where is true of none of the samples.
func (e *explanation) unmet() string {
	p := e.plan
	if p.spec.where == nil {
		return ""
	}
	var first error
	failed := 0
	for _, s := range e.decoded {
		e.decoder.load(s.record())
		matched, err := e.decoder.matches()
		if matched {
			return ""
		}
		if first == nil {
			first = err
		}
		if err != nil {
			failed++
		}
	}
	var said strings.Builder
	fmt.Fprintf(&said, "; --where is false for all %d records looked at", len(e.decoded))
	if failed > 0 && failed < len(e.decoded) {
		fmt.Fprintf(&said, ", for %d of them because it cannot be computed", failed)
	}
	if first != nil {
		said.WriteString(": " + cmp.Or(e.wholeRead(), printable(reasonOf(first))))
	}
	for _, at := range p.where {
		if slices.ContainsFunc(e.decoded, func(s Sample) bool { return e.field(s, at).kind != missing }) {
			continue
		}
		name := p.pathAt(at).String()
		said.WriteString("; none has " + printable(name))
		if near, ok := Nearest(name, e.candidates); ok {
			said.WriteString(", did you mean " + printable(near) + "?")
		}
	}
	return said.String()
}

// wholeRead says which name of the condition leads to an object or an array in
// one of the samples, for expr does not say so in words; "" if none does.
func (e *explanation) wholeRead() string {
	for _, at := range e.plan.where {
		for _, s := range e.decoded {
			if k := e.field(s, at).kind; k == object || k == array {
				return fmt.Sprintf("%s is an %v, of which only what is in it can be read", printable(e.plan.pathAt(at).String()), k)
			}
		}
	}
	return ""
}

// reasonOf is why an expression could not be computed, without the picture
// that expr draws.
func reasonOf(err error) string {
	if at, ok := errors.AsType[*file.Error](err); ok {
		return at.Message
	}
	return err.Error()
}
