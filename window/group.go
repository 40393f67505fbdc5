package window

import "math"

// group is one key.
type group struct {
	// first is the lane of the first spec and series, which mostly is the only one,
	// and more are the others: see Partition.lane.
	first lane
	more  []lane
	// lists counts the specs that it is listed in: those that it holds slices of.
	lists int
	key   Key
}

// lane returns the lane of a key, spec and series.
func (p *Partition) lane(g *group, spec, series int) *lane {
	i := spec*len(p.order) + series
	if i == 0 {
		return &g.first
	}
	return &g.more[i-1]
}

// slicesIn counts the slices that a key holds in a spec.
func (p *Partition) slicesIn(g *group, spec int) int {
	n := 0
	for series := range p.order {
		n += p.lane(g, spec, series).n
	}
	return n
}

// group returns the group of a key, nil if it would be one too many.
func (p *Partition) group(key []byte) *group {
	g := p.null
	if key != nil {
		g = p.keys[string(key)]
	}
	if p.crowded() && (g == nil || g.lists == 0) && !p.makeRoom() {
		return nil
	}
	switch {
	case g != nil:
	case key == nil:
		g = p.newGroup(Key{Null: true})
		p.null = g
	default:
		g = p.newGroup(Key{Bytes: string(key)})
		p.keys[g.key.Bytes] = g
	}
	return g
}

// crowded says whether there is no room for one key more.
func (p *Partition) crowded() bool {
	return p.full || p.cfg.MaxKeys > 0 && p.holding >= p.cfg.MaxKeys
}

// makeRoom lets go of the keys whose slices are in no window that is not due, and
// reports whether there is room then. That makes none where Refuse said that
// there is none.
func (p *Partition) makeRoom() bool {
	if !p.full {
		p.freeze(math.MaxInt)
	}
	return !p.crowded()
}

// LimitKeys sets how many keys the partition may hold records of at a time; 0
// for no limit.
func (p *Partition) LimitKeys(n int) { p.cfg.MaxKeys = n }

// Refuse says whether the partition takes no further keys, whatever MaxKeys is.
func (p *Partition) Refuse(full bool) { p.full = full }

func (p *Partition) newGroup(key Key) *group {
	return &group{key: key, more: make([]lane, len(p.specs)*len(p.order)-1)}
}

// list puts a group that has come to hold slices of a spec on its list.
func (p *Partition) list(g *group, spec int) {
	s := &p.specs[spec]
	s.sorted = s.sorted && (len(s.groups) == 0 || s.groups[len(s.groups)-1].key.Less(g.key))
	s.groups = append(s.groups, g)
	if g.lists++; g.lists == 1 {
		p.holding++
	}
}

// unlist is called when a group is taken off the list of a spec.
func (p *Partition) unlist(g *group) {
	if g.lists--; g.lists == 0 {
		p.holding--
	}
}

// maxEmpty is how many keys without slices are kept, beside as many as there
// are with slices, so that a key that comes again finds its memory.
const maxEmpty = 1024

// sweep forgets the keys that no spec holds slices of, once they outnumber the
// others.
func (p *Partition) sweep() {
	if len(p.keys) <= maxEmpty+2*p.holding {
		return
	}
	for k, g := range p.keys {
		if g.lists == 0 {
			delete(p.keys, k)
		}
	}
}
