package window

import "slices"

// group is one key.
type group struct {
	key Key
	// lanes has an entry for every spec and series: lanes[spec*series+i].
	lanes []lane
	// listed says for each spec that the group is in its groups.
	listed []bool
}

func (p *Partition) group(key []byte) *group {
	if key == nil {
		if p.null == nil {
			p.null = p.newGroup(Key{Null: true})
		}
		return p.null
	}
	g := p.keys[string(key)]
	if g == nil {
		g = p.newGroup(Key{Bytes: string(key)})
		p.keys[g.key.Bytes] = g
	}
	return g
}

func (p *Partition) newGroup(key Key) *group {
	return &group{key: key, lanes: make([]lane, len(p.specs)*len(p.order)), listed: make([]bool, len(p.specs))}
}

// maxEmpty is how many keys without slices are kept, beside as many as there
// are with slices, so that a key that comes again finds its memory.
const maxEmpty = 1024

// sweep forgets the keys that no spec holds slices of, once they outnumber the
// others.
func (p *Partition) sweep() {
	if len(p.keys) <= maxEmpty+2*p.listed {
		return
	}
	for k, g := range p.keys {
		if !slices.Contains(g.listed, true) {
			delete(p.keys, k)
		}
	}
}
