package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/oriel-stream/oriel/window"
)

// maxWindowLine is how long a line may be.
const maxWindowLine = 16 << 20

// newLines reads lines of up to maxWindowLine bytes.
func newLines(r io.Reader) *bufio.Scanner {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxWindowLine)
	return lines
}

// diffing compares the windows of two files. It holds both, for the last line of
// a window counts.
type diffing struct {
	out    io.Writer
	asJSON bool

	// first and second have the windows of each file by their identity, order and
	// later as they came.
	first, second map[string]*heldLine
	order, later  []*heldLine

	alike, differing, incomplete, leftOut int64
}

// heldLine is a window line as far as it is compared.
type heldLine struct {
	id         string
	core       map[string]any
	incomplete bool
}

func newDiffing(out io.Writer, asJSON bool) *diffing {
	return &diffing{out: out, asJSON: asJSON, first: make(map[string]*heldLine), second: make(map[string]*heldLine)}
}

// identityFields are the fields that tell lines of windows apart.
var identityFields = []string{"topic", "key", "key_base64", "series", "start_ms", "size_ms", "hop_ms", "revision"}

// parseHeld returns the core of a window line, nil for what is none.
func parseHeld(line []byte) *heldLine {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber() // offsets may be beyond what a float64 can count
	var fields map[string]any
	if err := d.Decode(&fields); err != nil || fields["type"] != "window" {
		return nil
	}
	h := &heldLine{core: fields}
	_, h.incomplete = fields["incomplete"]
	for _, name := range notCore {
		delete(fields, name)
	}
	var id strings.Builder
	for _, name := range identityFields {
		id.WriteString(jsonText(fields[name]) + " ")
	}
	h.id = id.String()
	return h
}

// keep takes a line of one of the files.
func (d *diffing) keep(line []byte, by map[string]*heldLine, order *[]*heldLine) {
	if len(bytes.TrimSpace(line)) == 0 {
		return
	}
	h := parseHeld(line)
	if h == nil {
		d.leftOut++
		return
	}
	if before := by[h.id]; before != nil {
		*before = *h
		return
	}
	by[h.id] = h
	*order = append(*order, h)
}

// finish prints what differs in the order of the second file, and then what it
// has not.
func (d *diffing) finish() error {
	for _, b := range d.later {
		if err := d.pair(d.first[b.id], b); err != nil {
			return err
		}
	}
	for _, a := range d.order {
		if d.second[a.id] != nil {
			continue
		}
		if err := d.pair(a, nil); err != nil {
			return err
		}
	}
	return nil
}

// pair compares a window of both files; one is nil where the other alone has it.
func (d *diffing) pair(a, b *heldLine) error {
	switch {
	case a != nil && a.incomplete || b != nil && b.incomplete:
		d.incomplete++
		return nil
	case a == nil:
		d.differing++
		return d.show("only in 2", b, nil)
	case b == nil:
		d.differing++
		return d.show("only in 1", a, nil)
	}
	fields := differingFields(a.core, b.core)
	if len(fields) == 0 {
		d.alike++
		return nil
	}
	d.differing++
	return d.show("differs", b, fieldPairs(a, b, fields))
}

// differingFields names the fields that two cores do not have in common, in the
// order of their names.
func differingFields(a, b map[string]any) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(name string) bool {
		x, inA := a[name]
		y, inB := b[name]
		return inA == inB && sameValue(x, y)
	})
}

// sameValue compares JSON values. Numbers are the same if they are the same
// float64, and whole ones beyond what that can count if they have the same
// digits: a tool on the way may have written 1.0 for 1.
func sameValue(x, y any) bool {
	switch x := x.(type) {
	case json.Number:
		other, ok := y.(json.Number)
		return ok && (x == other || sameNumber(x, other))
	case []any:
		other, ok := y.([]any)
		return ok && slices.EqualFunc(x, other, sameValue)
	case map[string]any:
		other, ok := y.(map[string]any)
		return ok && maps.EqualFunc(x, other, sameValue)
	default:
		return x == y
	}
}

func sameNumber(x, y json.Number) bool {
	a, errA := x.Float64()
	b, errB := y.Float64()
	return errA == nil && errB == nil && a == b && math.Abs(a) < 1<<53
}

// fieldPair is a field with its values in the first and in the second file, nil
// where it is not there.
type fieldPair struct {
	name string
	a, b any
}

func fieldPairs(a, b *heldLine, names []string) []fieldPair {
	var pairs []fieldPair
	for _, name := range names {
		pairs = append(pairs, fieldPair{name, a.core[name], b.core[name]})
	}
	return pairs
}

// show prints a difference: which window, and the fields that differ.
func (d *diffing) show(what string, h *heldLine, fields []fieldPair) error {
	if d.asJSON {
		return d.showJSON(what, h, fields)
	}
	key := h.core["key"]
	if encoded, ok := h.core["key_base64"]; ok {
		key = fmt.Sprintf("base64 %v", encoded)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%-9s  %v  key=%s  series=%s  start=%v  %s", what, h.core["topic"], jsonText(key), jsonText(h.core["series"]), h.core["start"], h.window())
	if revision := fmt.Sprint(h.core["revision"]); revision != "0" {
		text.WriteString("  revision=" + revision)
	}
	for _, f := range fields {
		fmt.Fprintf(&text, "  %s %s, %s", f.name, jsonText(f.a), jsonText(f.b))
	}
	_, err := io.WriteString(d.out, strings.ReplaceAll(legible(text.String()), "\n", " ")+"\n")
	return err
}

// window is the size and the hop of a line as --window takes them.
func (h *heldLine) window() string {
	size, errSize := strconv.ParseInt(fmt.Sprint(h.core["size_ms"]), 10, 64)
	hop, errHop := strconv.ParseInt(fmt.Sprint(h.core["hop_ms"]), 10, 64)
	if errSize != nil || errHop != nil { // a line of another program
		return fmt.Sprintf("%v/%v ms", h.core["size_ms"], h.core["hop_ms"])
	}
	return window.Spec{Size: window.Duration(size), Hop: window.Duration(hop)}.String()
}

// showJSON prints a difference as docs/difference.schema.json has it.
func (d *diffing) showJSON(what string, h *heldLine, fields []fieldPair) error {
	object := map[string]any{"v": 1, "type": "difference", "what": what}
	for _, name := range append(slices.Clone(identityFields), "start", "end") {
		if v, ok := h.core[name]; ok {
			object[name] = v
		}
	}
	pairs := make(map[string][2]any, len(fields))
	for _, f := range fields {
		pairs[f.name] = [2]any{f.a, f.b}
	}
	object["fields"] = pairs
	_, err := io.WriteString(d.out, jsonText(object)+"\n")
	return err
}

// jsonText is a value that came out of JSON.
func jsonText(v any) string {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSuffix(text.String(), "\n")
}
