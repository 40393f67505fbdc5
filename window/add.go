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
	if len(values) == 0 {
		values = counted
	}
	usable := isUsable(values)
	lost, late, of := 0, 0, 0
	var g *group
	for i := range p.specs {
		s := &p.specs[i]
		if t < s.current.Start || t >= s.current.End {
			s.locate(t)
		}
		of += s.windows
		final, frozen := 0, s.firstWindow <= s.frozen
		if frozen {
			final = upTo(s.firstWindow, s.lastWindow, s.final)
			lost += final
			late += upTo(s.firstWindow, s.lastWindow, s.frozen) - final
		}
		if final == s.windows || !usable {
			continue
		}
		if g == nil {
			if g = p.group(key); g == nil {
				return p.refuse(t)
			}
		}
		if frozen {
			p.storeLate(g, i, t, at, values)
		} else {
			p.store(g, i, t, at, values)
		}
	}
	return Verdict{Lost: lost, Late: late, Of: of, AfterIdle: lost > 0 && p.told > p.Own() && p.Judge(t).AfterIdle}
}

// counted are the values of records that are only counted.
var counted = []float64{0}

// isUsable says whether a record has a value for a series.
func isUsable(values []float64) bool {
	for _, x := range values {
		if !math.IsNaN(x) {
			return true
		}
	}
	return false
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
	for i, x := range values {
		if !math.IsNaN(x) {
			p.storeIn(g, spec, i, t, at, x)
		}
	}
}

// storeLate adds a record to slices of windows that are frozen.
func (p *Partition) storeLate(g *group, spec int, t Time, at *Place, values []float64) {
	p.freezeEarly(g, spec, values)
	p.store(g, spec, t, at, values)
	p.noteChanges(g, spec, values)
}

// storeIn adds a record to the current slice of one series.
func (p *Partition) storeIn(g *group, spec, series int, t Time, at *Place, x float64) {
	c := p.lane(g, spec, series).at(p.specs[spec].number)
	if c.Count == 0 {
		c.firstOffset, c.lastOffset = at.Offset, at.Offset
		p.hold(g, spec)
	}
	c.reach(at.Offset)
	c.Add(Sample{Time: t, Offset: at.Offset, Value: x})
	c.Lag.Clock |= at.Clock
	if at.HasLag {
		c.Lag.Add(at.Lag)
	}
	if p.sketched != nil {
		c.sketch(p.sketched, x, at.Distinct)
	}
}

// hold counts the current slice of a spec, which was just made, and lists its key
// if that held none.
func (p *Partition) hold(g *group, spec int) {
	p.held++
	s := &p.specs[spec]
	s.next = min(s.next, max(s.firstWindow, s.frozen+1))
	s.nextFinal = min(s.nextFinal, max(s.firstWindow, s.final+1))
	s.newest = max(s.newest, s.lastWindow)
	if p.slicesIn(g, spec) == 1 {
		p.list(g, spec)
	}
}
