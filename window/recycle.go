package window

import (
	"slices"
	"sync"
)

// Panes, and the lists of shares that partitions hand over, come and go by the
// hundred thousand a second where windows overlap much: their memory is used
// again. It never holds a result: what is taken from a pool is overwritten.
//
// Panes are given back by another goroutine than makes them, and so mostly on
// another processor: in lists, for each hand-over costs as much as a pane.
var (
	freePanes  = sync.Pool{New: func() any { return new([]*Pane) }}
	freeShares = sync.Pool{New: func() any { return new([]Share) }}
)

// newPane returns a copy of a template.
func (a *Assembler) newPane(template *Pane) *Pane {
	if len(a.free) == 0 {
		a.free = *freePanes.Get().(*[]*Pane)
	}
	last := len(a.free) - 1
	if last < 0 {
		p := *template
		return &p
	}
	p := a.free[last]
	a.free = a.free[:last]
	offsets := p.Offsets[:0]
	*p = *template
	p.Offsets = offsets
	return p
}

// Release gives the memory of panes back, but not that of the list. Nobody may
// use them, or their Offsets, afterwards. A pane that is not released is left to
// the garbage collector.
func Release(panes []*Pane) {
	list := slices.Clone(panes)
	freePanes.Put(&list)
}

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
