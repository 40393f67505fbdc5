package decode

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oriel-stream/oriel/stream"
)

// distinct appends the values at the paths of distinct counts: their text
// behind a byte for their type, so that "1" and 1 differ. What is missing,
// null, an object or an array is nil, and not counted.
func (d *decoder) distinct(fault stream.Reason, values [][]byte) [][]byte {
	if cap(d.typed) > maxScratch {
		d.typed = nil
	}
	d.typed = d.typed[:0]
	for _, i := range d.plan.distinct {
		if fault != stream.OK {
			values = append(values, nil)
			continue
		}
		values = append(values, d.typedText(d.field(i)))
	}
	return values
}

// typedText returns a field's text behind a byte for its type, in memory of
// the decoder; nil if it has none.
func (d *decoder) typedText(f field) []byte {
	from := len(d.typed)
	switch f.kind {
	case text:
		d.typed = append(d.typed, '"')
	case number:
		d.typed = append(d.typed, '#')
	case boolean:
		d.typed = append(d.typed, '?')
	case moment:
		d.typed = append(d.typed, '@')
	default:
		return nil
	}
	d.typed = append(d.typed, f.text...)
	return d.typed[from:len(d.typed):len(d.typed)]
}

// unseen says at which paths of distinct counts none of the samples has a
// value: a count of 0 for ever would not say that the path is wrong.
func (e *explanation) unseen() string {
	p := e.plan
	var said strings.Builder
	for _, i := range p.distinct {
		found := slices.ContainsFunc(e.decoded, func(s Sample) bool {
			_, reason := keyPart(e.field(s, i))
			return reason == stream.OK
		})
		if found {
			continue
		}
		name := p.pathAt(i).String()
		fmt.Fprintf(&said, "; nothing to count at %s yet (--agg distinct:%[1]s)", printable(name))
		if near, ok := Nearest(name, e.candidates); ok {
			said.WriteString(", did you mean " + printable(near) + "?")
		}
	}
	return said.String()
}
