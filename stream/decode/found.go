package decode

import (
	"slices"
	"strconv"
	"time"
)

// found keeps what a reader of a binary format finds: numbers and times are
// written down as text, in memory that is used again for the next record.
type found struct {
	fields  []field
	scratch []byte
}

// forget makes room for the next payload.
func (f *found) forget() {
	clear(f.fields)
	f.scratch = f.scratch[:0]
	if cap(f.scratch) > maxScratch {
		f.scratch = nil
	}
}

// forgetBelow drops what was found below a member that comes again: the last of
// equal names counts.
func (f *found) forgetBelow(n *wanted) {
	if n == nil {
		return
	}
	for _, i := range n.below {
		f.fields[i] = field{}
	}
}

func (f *found) field(index int) field { return f.fields[index] }

// keep sets the field that n asks for, if any. The text belongs to the payload
// or to scratch.
func (f *found) keep(n *wanted, k kind, text []byte) {
	if n.asks() {
		f.fields[n.field] = field{kind: k, text: text}
	}
}

func (f *found) keepInt(n *wanted, v int64) {
	if n.asks() {
		from := len(f.scratch)
		f.scratch = strconv.AppendInt(f.scratch, v, 10)
		f.keep(n, number, f.scratch[from:])
	}
}

func (f *found) keepUint(n *wanted, v uint64) {
	if n.asks() {
		from := len(f.scratch)
		f.scratch = strconv.AppendUint(f.scratch, v, 10)
		f.keep(n, number, f.scratch[from:])
	}
}

// keepFloat keeps the shortest decimal that is v, exactly.
func (f *found) keepFloat(n *wanted, v float64) {
	if n.asks() {
		from := len(f.scratch)
		f.scratch = strconv.AppendFloat(f.scratch, v, 'g', -1, 64)
		f.keep(n, number, f.scratch[from:])
	}
}

// keepText copies a text.
func (f *found) keepText(n *wanted, s string) {
	if n.asks() {
		from := len(f.scratch)
		f.scratch = append(f.scratch, s...)
		f.keep(n, text, f.scratch[from:])
	}
}

// keepNumber copies a decimal number.
func (f *found) keepNumber(n *wanted, s string) {
	if n.asks() {
		from := len(f.scratch)
		f.scratch = append(f.scratch, s...)
		f.keep(n, number, f.scratch[from:])
	}
}

func (f *found) keepBool(n *wanted, v bool) {
	if n.asks() {
		from := len(f.scratch)
		f.scratch = strconv.AppendBool(f.scratch, v)
		f.keep(n, boolean, f.scratch[from:])
	}
}

func (f *found) keepTime(n *wanted, t time.Time) {
	if n.asks() {
		from := len(f.scratch)
		f.scratch = t.UTC().AppendFormat(f.scratch, time.RFC3339Nano)
		f.keep(n, moment, f.scratch[from:])
	}
}

// asks says that a path ends at n, which may be nil.
func (n *wanted) asks() bool { return n != nil && n.field >= 0 }

// collector lists the fields that a walk over a payload comes by. A nil one
// lists nothing.
type collector struct {
	limit  int
	here   path
	leaves []leaf
	// nameless counts the steps of here that no path can name.
	nameless int
}

// enter goes a step down, and leave comes back.
func (c *collector) enter(st step) {
	if c == nil {
		return
	}
	if st.name == "" && st.index < 0 {
		c.nameless++
	}
	c.here = append(c.here, st)
}

func (c *collector) leave() {
	if c == nil {
		return
	}
	last := c.here[len(c.here)-1]
	if last.name == "" && last.index < 0 {
		c.nameless--
	}
	c.here = c.here[:len(c.here)-1]
}

func (c *collector) leaf(k kind) {
	if c == nil || c.nameless > 0 || len(c.leaves) >= c.limit {
		return
	}
	c.leaves = append(c.leaves, leaf{path: append(path(nil), c.here...), kind: k})
}

// enterMember goes down to a member of that name, which may be empty.
func (c *collector) enterMember(name []byte) {
	switch {
	case c == nil:
	case len(name) == 0:
		c.enter(step{index: -1})
	default:
		c.enter(step{name: string(name)})
	}
}

// last are the leaves, of equal paths the last.
func (c *collector) last() []leaf {
	seen := make(map[string]bool, len(c.leaves))
	kept := make([]leaf, 0, len(c.leaves))
	for _, l := range slices.Backward(c.leaves) {
		name := l.path.String()
		if !seen[name] {
			seen[name] = true
			kept = append(kept, l)
		}
	}
	slices.Reverse(kept)
	return kept
}
