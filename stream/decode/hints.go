package decode

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/oriel-stream/oriel/stream"
)

// minKeys is how many records it takes to say that every one has another key.
const minKeys = 16

// hints are what the samples say against the flags, and what to type instead;
// each with a semicolon before it.
func (p *Plan) hints(samples []Sample) string {
	e := explanation{plan: p, decoder: p.glancing()}
	if e.sort(samples) != "" {
		return ""
	}
	return e.unseen() + e.unread() + e.unmet() + e.shadowed() + e.uniqueKeys() + e.columns() + e.marked()
}

// unread says which of several values none of the samples has: the others would
// hide it.
func (e *explanation) unread() string {
	if len(e.plan.values) < 2 {
		return ""
	}
	var said strings.Builder
	for _, at := range e.plan.values {
		if slices.ContainsFunc(e.decoded, func(s Sample) bool { return e.field(s, at).kind != missing }) {
			continue
		}
		p := e.plan.pathAt(at)
		fmt.Fprintf(&said, "; none of the %d records looked at has %s (--value)%s", len(e.decoded), printable(p.String()), e.within(p))
		if near, ok := Nearest(p.String(), e.candidates); ok {
			said.WriteString(", did you mean " + printable(near) + "?")
		}
	}
	return said.String()
}

// shadowed says that a name of metadata is also that of a field, which may have
// been meant.
func (e *explanation) shadowed() string {
	named := slices.Clone(e.plan.metadata)
	if e.plan.spec.timeNamed {
		named = append(named, step{meta: metaTimestamp})
	}
	var said strings.Builder
	for _, st := range named {
		field := path{{name: "@" + metadataNames[st.meta]}}.String()
		if st.meta != metaHeader && slices.Contains(e.candidates, field) {
			fmt.Fprintf(&said, "; %s is that of the Kafka record, for the field of the payload write '%s'", field[1:], field)
		}
	}
	return said.String()
}

// uniqueKeys says that every sample has a key of its own: windows of one record
// each are hardly what was meant. It names the field with the fewest values.
func (e *explanation) uniqueKeys() string {
	if e.plan.spec.oneGroup || len(e.decoded) < minKeys {
		return ""
	}
	seen := make(map[string]bool)
	var event stream.Event
	for _, s := range e.decoded {
		e.decoder.Decode(s.record(), &event)
		if event.Key == nil || seen[string(event.Key)] {
			return ""
		}
		seen[string(event.Key)] = true
	}
	instead := "--key none makes one group of them"
	if field, values := e.fewest(); field != "" {
		instead += fmt.Sprintf(", --key %s %d", field, values)
	}
	return fmt.Sprintf("; each of the %d records looked at has another key: %s", len(e.decoded), instead)
}

// fewest is the text or boolean field with the fewest values in the samples, at
// least two and at most half as many as there are samples.
func (e *explanation) fewest() (name string, values int) {
	var paths []path
	for _, l := range e.leaves {
		if (l.kind == text || l.kind == boolean) && len(l.path) > 0 {
			paths = append(paths, l.path)
		}
	}
	r := e.plan.format.newReader(paths)
	seen := make([]map[string]bool, len(paths))
	for _, s := range e.decoded {
		r.read(s.Payload)
		for i := range paths {
			if seen[i] == nil {
				seen[i] = make(map[string]bool)
			}
			seen[i][string(r.field(i).text)] = true
		}
	}
	for i := range paths {
		if n := len(seen[i]); n >= 2 && n <= len(e.decoded)/2 && (name == "" || n < values) {
			name, values = printable(paths[i].String()), n
		}
	}
	return name, values
}

// columns says that payloads which were taken for text look like columns with
// numbers.
func (e *explanation) columns() string {
	if e.plan.spec.format != formatAuto || e.plan.Format != formatText {
		return ""
	}
	var line csvLine
	width, numbers := 0, false
	for _, s := range e.decoded {
		cells, ok := line.split(s.Payload)
		if !ok || len(cells) < 2 || width > 0 && len(cells) != width || bytes.IndexByte(s.Payload, 0) >= 0 {
			return ""
		}
		width = len(cells)
		numbers = numbers || slices.ContainsFunc(cells, func(cell []byte) bool { return cellField(cell).kind == number })
	}
	if !numbers {
		return ""
	}
	return fmt.Sprintf("; they look like %d columns: --format csv reads them", width)
}

// marked says that payloads which were taken for text are JSON behind a byte-order
// mark.
func (e *explanation) marked() string {
	if e.plan.spec.format != formatAuto || e.plan.Format != formatText {
		return ""
	}
	for _, s := range e.decoded {
		if rest := withoutMark(s.Payload); len(rest) == len(s.Payload) || !json.Valid(rest) {
			return ""
		}
	}
	return "; they are JSON behind a byte-order mark, which JSON does not allow: whoever writes them should leave it out"
}
