package window

import (
	"cmp"
	"math"
	"slices"
)

// change is a window of one key and series that a late record has changed.
type change struct {
	spec   int
	number int64
	g      *group
	// rank is the place of the series in the order of names.
	rank int
}

// noteChanges remembers the windows of the current slice that had fired on time
// when a record came, where they are to come out again at once. values are the
// record's.
func (p *Partition) noteChanges(g *group, spec int, values []float64) {
	if p.cfg.Emit != EmitUpdates {
		return
	}
	s := &p.specs[spec]
	for rank, series := range p.order {
		if len(values) > 0 && math.IsNaN(values[series]) {
			continue
		}
		for number := max(s.firstWindow, s.final+1); number <= min(s.lastWindow, s.frozen); number++ {
			p.changes = append(p.changes, change{spec: spec, number: number, g: g, rank: rank})
		}
	}
}

// freezeProvisional takes the shares, as they are by now, of the windows that
// late records have changed since the last report and that are not final.
func (p *Partition) freezeProvisional() {
	if len(p.changes) == 0 {
		return
	}
	slices.SortFunc(p.changes, func(a, b change) int {
		return cmp.Or(
			cmp.Compare(a.spec, b.spec), cmp.Compare(a.number, b.number), a.g.key.Compare(b.g.key), cmp.Compare(a.rank, b.rank),
		)
	})
	var f Frozen
	for _, c := range slices.Compact(p.changes) {
		s := &p.specs[c.spec]
		if c.number <= s.final {
			continue // its final share has been taken meanwhile
		}
		if len(f.Shares) > 0 && (f.Spec != c.spec || f.Number != c.number) {
			p.frozen = append(p.frozen, f)
			f = Frozen{}
		}
		f.Spec, f.Number, f.Content = c.spec, c.number, Provisional
		series := p.order[c.rank]
		s.takeShare(&f, c.g.key, series, &c.g.lanes[c.spec*len(p.order)+series], s.firstSliceOf(c.number))
	}
	if len(f.Shares) > 0 {
		p.frozen = append(p.frozen, f)
	}
	p.changes = p.changes[:0]
}
