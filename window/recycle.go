package window

import "sync"

// Panes, and the lists of shares that partitions hand over, come and go by the
// hundred thousand a second where windows overlap much: their memory is used
// again. It never holds a result: what is taken from a pool is overwritten.
var (
	freePanes  = sync.Pool{New: func() any { return new(Pane) }}
	freeShares = sync.Pool{New: func() any { return new([]Share) }}
)

// newPane returns a copy of a template.
func newPane(template *Pane) *Pane {
	p := freePanes.Get().(*Pane)
	offsets := p.Offsets[:0]
	*p = *template
	p.Offsets = offsets
	return p
}

// Release gives the memory of a pane back. Nobody may use it, or its Offsets,
// afterwards. A pane that is not released is left to the garbage collector.
func (p *Pane) Release() { freePanes.Put(p) }

// newShares returns an empty list with room for n shares.
func newShares(n int) []Share {
	list := *freeShares.Get().(*[]Share)
	if cap(list) < n {
		return make([]Share, 0, n)
	}
	return list[:0]
}

// release gives the memory of shares back.
func (s partShares) release() {
	clear(s.shares) // they hold on to steps
	freeShares.Put(&s.shares)
}
