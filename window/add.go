package window

import "math"

// Place is where a record stands, apart from its event time.
type Place struct {
	Offset int64
	// Lag is processing time minus event time. HasLag is false where event time
	// is that very timestamp, or unknown.
	Lag    Duration
	HasLag bool
	Clock  Clock
	// Distinct are the values at the fields whose distinct values are counted,
	// in an encoding in which different values differ; nil for none. They are
	// valid only during the call.
	Distinct [][]byte
}

// Add stores a record in the slices of every spec in which one of its windows
// is not final, once whatever the overlap, and returns the verdict. values has
// an entry for each series, NaN where the record has none; it is empty where
// records are counted. Observe must have been called with t. Of at nothing is
// kept.
func (p *Partition) Add(key []byte, t Time, at *Place, values []float64) Verdict {
	v := Verdict{}
	usable := isUsable(values)
	var g *group
	for i := range p.specs {
		s := &p.specs[i]
		if t < s.current.Start || t >= s.current.End {
			s.locate(t)
		}
		v.Of += s.windows
		if s.firstWindow <= s.frozen && s.lostOf(&v) || !usable {
			continue
		}
		if g == nil {
			if g = p.group(key); g == nil {
				return p.refuse(t)
			}
		}
		p.store(g, i, t, at, values)
	}
	if v.Lost > 0 && p.told > p.Own() {
		v.AfterIdle = p.Judge(t).AfterIdle
	}
	return v
}

// isUsable says whether a record has a value for a series, or needs none.
func isUsable(values []float64) bool {
	for _, x := range values {
		if !math.IsNaN(x) {
			return true
		}
	}
	return len(values) == 0
}

// lostOf counts which windows of the current slice are frozen, and reports
// whether all of them are final.
func (s *specState) lostOf(v *Verdict) bool {
	n := upTo(s.firstWindow, s.lastWindow, s.final)
	v.Lost += n
	v.Late += upTo(s.firstWindow, s.lastWindow, s.frozen) - n
	return n == s.windows
}

// refuse is the verdict on a record of one key too many.
func (p *Partition) refuse(t Time) Verdict {
	of := p.Judge(t).Of
	return Verdict{Lost: of, Of: of, KeyLimit: true}
}

// locate makes the slice that t falls in the current one. No window edge cuts a
// slice, so everything in it lies in the same windows.
func (s *specState) locate(t Time) {
	s.number = floorDiv(int64(t)-int64(s.Origin), int64(s.width))
	start := Time(int64(s.Origin) + s.number*int64(s.width))
	s.current = Span{Start: start, End: start.Add(s.width)}
	if s.overlap > 0 {
		s.firstWindow, s.lastWindow = s.number-s.overlap+1, s.number
	} else {
		s.firstWindow, s.lastWindow = s.windowsOf(start)
	}
	s.windows = int(s.lastWindow-s.firstWindow) + 1
}

// store adds a record to the current slice of each series that it has a value
// for.
func (p *Partition) store(g *group, spec int, t Time, at *Place, values []float64) {
	n := len(p.order)
	lanes := g.lanes[spec*n : (spec+1)*n]
	if !holds(lanes) {
		p.list(g, spec)
	}
	s := &p.specs[spec]
	late := s.firstWindow <= s.frozen
	if late {
		p.freezeEarly(g, spec, values)
	}
	if len(values) == 0 {
		p.storeIn(&lanes[0], s, t, at, 0)
	}
	for i, x := range values {
		if !math.IsNaN(x) {
			p.storeIn(&lanes[i], s, t, at, x)
		}
	}
	if late {
		p.noteChanges(g, spec, values)
	}
}

func (p *Partition) storeIn(l *lane, s *specState, t Time, at *Place, x float64) {
	c := l.at(s.number)
	if c.Count == 0 {
		p.held++
		c.firstOffset, c.lastOffset = at.Offset, at.Offset
		s.next = min(s.next, max(s.firstWindow, s.frozen+1))
		s.nextFinal = min(s.nextFinal, max(s.firstWindow, s.final+1))
		s.newest = max(s.newest, s.lastWindow)
	}
	c.add(t, at, x, p.sketched)
	if s.firstWindow <= s.frozen {
		// Every window up to the last frozen one, but not final, has changed
		// since its on-time share was taken.
		c.changed, l.changed = s.frozen, s.frozen
	}
}

func (c *slice) add(t Time, at *Place, x float64, sketched *AggregateSpec) {
	c.firstOffset = min(c.firstOffset, at.Offset)
	c.lastOffset = max(c.lastOffset, at.Offset)
	c.Aggregate.Add(Sample{Time: t, Offset: at.Offset, Value: x})
	c.Lag.Clock |= at.Clock
	if at.HasLag {
		c.Lag.Add(at.Lag)
	}
	if sketched != nil {
		c.sketch(sketched, x, at.Distinct)
	}
}
