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

// noteChanges remembers that a late record has changed the current slices of a
// key, and which of their windows had fired on time, where these are to come out
// again at once. values are the record's.
func (p *Partition) noteChanges(g *group, spec int, values []float64) {
	for series, x := range values {
		if !math.IsNaN(x) {
			p.lane(g, spec, series).noteChange(&p.specs[spec])
		}
	}
	if p.cfg.Emit != EmitUpdates {
		return
	}
	if len(p.changes) >= p.tidyAt {
		p.tidyChanges()
		p.tidyAt = max(minTidy, 2*len(p.changes))
	}
	s := &p.specs[spec]
	for rank, series := range p.order {
		if math.IsNaN(values[series]) {
			continue
		}
		for number := max(s.firstWindow, s.final+1); number <= min(s.lastWindow, s.frozen); number++ {
			p.changes = append(p.changes, change{spec: spec, number: number, g: g, rank: rank})
		}
	}
}

// minTidy is how many changes are worth looking through for those that are there
// twice.
const minTidy = 1024

// tidyChanges puts the changes in order, each once: of a batch of late records
// many change the same windows.
func (p *Partition) tidyChanges() {
	slices.SortFunc(p.changes, func(a, b change) int {
		return cmp.Or(
			cmp.Compare(a.spec, b.spec), cmp.Compare(a.number, b.number), a.g.key.Compare(b.g.key), cmp.Compare(a.rank, b.rank),
		)
	})
	p.changes = slices.Compact(p.changes)
}

// freezeProvisional takes the shares, as they are by now, of the windows that
// late records have changed since the last report and that are not final.
func (p *Partition) freezeProvisional() {
	if len(p.changes) == 0 {
		return
	}
	p.tidyChanges()
	var f Frozen
	for _, c := range p.changes {
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
		l := p.lane(c.g, c.spec, series)
		for _, held := range s.windowsIn(l, c.number, c.number) {
			s.takeShare(&f, c.g.key, series, l, held)
		}
	}
	if len(f.Shares) > 0 {
		p.frozen = append(p.frozen, f)
	}
	clear(p.changes) // they hold on to groups
	p.changes, p.tidyAt = p.changes[:0], minTidy
}
