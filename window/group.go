package window

// group is one key.
type group struct {
	key Key
	// lanes has an entry for every spec and series: lanes[spec*series+i].
	lanes []lane
	// listed says for each spec that the group is in its groups; lists counts
	// them.
	listed []bool
	lists  int
}

// group returns the group of a key, nil if it would be one too many.
func (p *Partition) group(key []byte) *group {
	g := p.null
	if key != nil {
		g = p.keys[string(key)]
	}
	if (g == nil || g.lists == 0) && (p.full || p.cfg.MaxKeys > 0 && p.holding >= p.cfg.MaxKeys) {
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

// LimitKeys sets how many keys the partition may hold records of at a time; 0
// for no limit.
func (p *Partition) LimitKeys(n int) { p.cfg.MaxKeys = n }

// Refuse says whether the partition takes no further keys, whatever MaxKeys is.
func (p *Partition) Refuse(full bool) { p.full = full }

func (p *Partition) newGroup(key Key) *group {
	g := &group{key: key, lanes: make([]lane, len(p.specs)*len(p.order)), listed: make([]bool, len(p.specs))}
	for i := range g.lanes {
		g.lanes[i].changed = noWindow
	}
	return g
}

// list puts a group that is about to hold slices of a spec on its list.
func (p *Partition) list(g *group, spec int) {
	s := &p.specs[spec]
	s.sorted = s.sorted && (len(s.groups) == 0 || s.groups[len(s.groups)-1].key.Less(g.key))
	s.groups = append(s.groups, g)
	g.listed[spec] = true
	if g.lists++; g.lists == 1 {
		p.holding++
	}
}

// unlist is called when a group is taken off the list of a spec.
func (p *Partition) unlist(g *group, spec int) {
	g.listed[spec] = false
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
