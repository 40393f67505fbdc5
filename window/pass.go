package window

import "math"

// pass is what is taken of some windows that follow each other, in one go over
// the keys.
type pass struct {
	first   int64 // number of the first window
	windows []Frozen
	// room is how many shares a window is expected to have.
	room int
}

// earlyOf names the shares of one content that were taken of a lane before their
// turn: a late record was about to change its slices.
type earlyOf struct {
	lane    *lane
	content Content
}

// begin returns an empty pass.
func (p *Partition) begin(spec int, content Content, first, last int64) *pass {
	s := &p.specs[spec]
	at := &p.pass
	at.first, at.room = first, min(s.shares, len(s.groups)*len(p.order))
	at.windows = at.windows[:0]
	for number := first; number <= last; number++ {
		at.windows = append(at.windows, Frozen{Spec: spec, Number: number, Content: content})
	}
	return at
}

// of returns what is taken of one window.
func (at *pass) of(number int64) *Frozen {
	f := &at.windows[number-at.first]
	if f.Shares == nil && f.Content == OnTime {
		f.Shares = newShares(at.room)
	}
	return f
}

// end hands over what a pass has taken.
func (p *Partition) end(at *pass) {
	for i := range at.windows {
		if f := &at.windows[i]; len(f.Shares) > 0 {
			p.frozen = append(p.frozen, *f)
			p.taken += len(f.Shares)
			p.specs[f.Spec].shares = len(f.Shares)
		}
	}
	clear(at.windows)
}

// freezeEarly takes the shares of a key of the windows that are due, and lets
// what is kept of its current slices be forgotten: a late record with values is
// about to change them.
func (p *Partition) freezeEarly(g *group, spec int, values []float64) {
	s := &p.specs[spec]
	for series := range p.order {
		if math.IsNaN(values[series]) {
			continue
		}
		p.takeEarly(g, spec, series, OnTime, s.next, s.frozen)
		if p.cfg.AllowedLateness > 0 {
			p.takeEarly(g, spec, series, Final, s.nextFinal, s.final)
		}
		p.lane(g, spec, series).forget(s.number)
	}
}

// takeEarly takes the shares of one content of the windows next to last.
func (p *Partition) takeEarly(g *group, spec, series int, content Content, next, last int64) {
	s, l := &p.specs[spec], p.lane(g, spec, series)
	of := earlyOf{lane: l, content: content}
	for number, held := range s.windowsIn(l, max(next, l.lastEarly(content)+1), last) {
		if content == OnTime || l.changedIn(number, held) {
			f := Frozen{Spec: spec, Number: number, Content: content}
			s.takeShare(&f, g.key, series, l, held)
			if s.early == nil {
				s.early = make(map[earlyOf][]Frozen)
			}
			s.early[of] = append(s.early[of], f)
			p.taken++
		}
	}
	l.tookEarly(content, last)
}

// placeEarly puts the shares of a lane that were taken early into their pass.
func (s *specState) placeEarly(at *pass, content Content, l *lane, last int64) {
	of := earlyOf{lane: l, content: content}
	windows := s.early[of]
	for len(windows) > 0 && windows[0].Number <= last {
		f := at.of(windows[0].Number)
		f.Shares = append(f.Shares, windows[0].Shares[0])
		windows = windows[1:]
	}
	if len(windows) > 0 {
		s.early[of] = windows
	} else {
		delete(s.early, of)
	}
}

// evict forgets the slices of a spec below number, and the keys that have none
// left.
func (p *Partition) evict(spec int, number int64) {
	s := &p.specs[spec]
	keep := s.groups[:0]
	for _, g := range s.groups {
		for series := range p.order {
			p.held -= p.lane(g, spec, series).evict(number)
		}
		if p.slicesIn(g, spec) > 0 {
			keep = append(keep, g)
		} else {
			p.unlist(g)
		}
	}
	clear(s.groups[len(keep):])
	s.groups = keep
}

// oldest is the number of the oldest slice of a spec at or behind number,
// nothingHeld if there is none.
func (p *Partition) oldest(spec int, number int64) int64 {
	oldest := int64(nothingHeld)
	for _, g := range p.specs[spec].groups {
		for series := range p.order {
			live := p.lane(g, spec, series).live()
			if i := live.search(number); i < live.len() {
				oldest = min(oldest, live.slice(i).number)
			}
		}
	}
	return oldest
}
