package window

import (
	"math"
	"slices"
)

// Content says which content of a window shares are of.
type Content uint8

// The contents.
const (
	// OnTime: the records that came before the watermark of their partition
	// reached the window's end.
	OnTime Content = iota
	// Final: the records that came before it reached the end and the allowed
	// lateness.
	Final
	// Provisional: the records that have come so far to a window that has
	// fired on time and is not final.
	Provisional
)

// Frozen holds a partition's shares of one window, ordered by (key, series
// name). It is immutable. Of the final and provisional content it has the
// shares that differ from those before.
type Frozen struct {
	Spec    int   // index in PartitionConfig.Specs
	Number  int64 // of the window
	Content Content
	Shares  []Share
}

// Share is a partition's part of one window of one key and series: a function
// of the partition's prefix alone.
type Share struct {
	Key    Key
	Series int // index in PartitionConfig.Series
	Aggregate
	FirstOffset, LastOffset int64
	// Steps has an entry for every step of the window; nil without a step, and
	// in contents that are not on time: forecasts are made from what is.
	Steps []StepValue
}

// freezeTo takes the shares of every window that the watermark has made due
// out of the slices, in the order of the windows, as far as a burst goes.
// Windows without records are not visited, however far the watermark has leapt.
func (p *Partition) freezeTo(watermark Time) {
	p.freezing = watermark
	p.Freeze()
}

// Freeze goes on freezing where a burst has ended. It is called, after a
// Report, as long as More says so, and nothing else is done with the partition
// before: a record that makes very many windows due at once must not make very
// many shares at once.
func (p *Partition) Freeze() {
	p.nextDue, p.more = MaxTime, false
	late := p.cfg.AllowedLateness
	for i := range p.specs {
		s := &p.specs[i]
		p.freezeUpTo(i, OnTime, &s.frozen, &s.next, 0)
		if late > 0 {
			p.freezeUpTo(i, Final, &s.final, &s.nextFinal, late)
		} else {
			s.final = s.frozen
		}
	}
	p.sweep()
}

// More says that a burst has ended before every window that is due was frozen.
func (p *Partition) More() bool { return p.more }

// nothingHeld is above the number of every window and slice.
const nothingHeld = math.MaxInt64

// dueBy is the number of the last window that ended at least late before w.
func (s *specState) dueBy(w Time, late Duration) int64 {
	if w == MaxTime {
		return math.MaxInt64
	}
	return s.lastEnded(w.Sub(late))
}

// freezeUpTo takes the shares of one content of every window behind *done that
// ended at least late before the watermark, and notes when the next is due.
// *next is the first window that may hold any.
func (p *Partition) freezeUpTo(spec int, content Content, done, next *int64, late Duration) {
	s := &p.specs[spec]
	last := s.dueBy(p.freezing, late)
	for *next <= last && *next != nothingHeld {
		if p.cfg.Burst > 0 && p.taken >= p.cfg.Burst {
			p.more = true
			p.nextDue = min(p.nextDue, s.Span(*next).End.Add(late))
			return
		}
		number := *next
		*next = p.freeze(spec, number, content)
		*done = number
	}
	*done = max(*done, last)
	if p.freezing < MaxTime && *done > noWindow {
		p.nextDue = min(p.nextDue, s.Span(*done+1).End.Add(late))
	}
}

// freeze takes one window's shares, evicts the slices that only it and earlier
// windows needed if it is final by that, and returns the number of the next
// window that holds slices, nothingHeld if there is none.
func (p *Partition) freeze(spec int, number int64, content Content) (next int64) {
	s := &p.specs[spec]
	s.sort()
	from := s.firstSliceOf(number)
	behind := from + int64(s.Hop/s.width)
	evict := content == Final || p.cfg.AllowedLateness == 0
	f := Frozen{Spec: spec, Number: number, Content: content}
	if content == OnTime {
		f.Shares = newShares(min(s.shares, len(s.groups)*len(p.order)))
	}
	oldest := int64(nothingHeld)
	keep := s.groups[:0]
	for _, g := range s.groups {
		holds := false
		for _, series := range p.order {
			l := &g.lanes[spec*len(p.order)+series]
			if content == OnTime || l.changedIn(number, from, from+int64(s.Size/s.width)) {
				s.takeShare(&f, g.key, series, l, from)
			}
			if evict {
				p.held -= l.evict(behind)
			}
			live := l.live()
			if i := live.search(behind); i < live.len() {
				oldest = min(oldest, live.slice(i).number)
			}
			holds = holds || live.len() > 0
		}
		if holds {
			keep = append(keep, g)
			continue
		}
		p.unlist(g)
	}
	clear(s.groups[len(keep):])
	s.groups = keep
	if content == OnTime {
		s.shares = len(f.Shares)
	}
	if len(f.Shares) > 0 {
		p.frozen = append(p.frozen, f)
		p.taken += len(f.Shares)
	} else if content == OnTime {
		partShares{shares: f.Shares}.release()
	}
	if oldest == nothingHeld {
		return nothingHeld
	}
	return max(number+1, s.firstWindowOf(oldest))
}

func (s *specState) sort() {
	if s.sorted {
		return
	}
	slices.SortFunc(s.groups, func(a, b *group) int { return a.key.Compare(b.key) })
	s.sorted = true
}

// changedIn says whether a record has come for the slices [from, to) of a
// window since the on-time share of the window was taken.
func (l *lane) changedIn(number, from, to int64) bool {
	if l.changed < number {
		return false
	}
	held := l.between(from, to)
	for i := range held.len() {
		if held.slice(i).changed >= number {
			return true
		}
	}
	return false
}

// takeShare appends the share of one lane, if it holds records of the window
// whose first slice is from.
func (s *specState) takeShare(f *Frozen, key Key, series int, l *lane, from int64) {
	to := from + int64(s.Size/s.width)
	held := l.between(from, to)
	if held.len() == 0 {
		return
	}
	if l.tree == nil && s.Size/s.Hop >= minOverlap && held.len() >= minShared {
		l.tree, l.folded = &tree{}, noWindow
	}
	var all slice
	if f.Content == Provisional {
		(*tree)(nil).fold(held, from, to, &all) // nothing is kept of what changes
	} else {
		l.fold(held, from, to, &all)
	}
	all.share()
	share := Share{Key: key, Series: series, Aggregate: all.Aggregate, FirstOffset: all.firstOffset, LastOffset: all.lastOffset}
	if s.Step > 0 && f.Content == OnTime {
		share.Steps = s.stepsOf(l.tree, held, from, to)
	}
	f.Shares = append(f.Shares, share)
}
