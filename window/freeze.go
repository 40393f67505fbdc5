package window

import (
	"iter"
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
	// Steps has an entry for every step of the window, and behind them for those
	// of Pane.Ended; nil without a step, and in contents that are not on time:
	// forecasts are made from what is.
	Steps []StepValue
}

// fallDue notes that the watermark has reached windows. Their shares are taken
// when they are reported, or just before a late record changes what they are
// taken of. Nobody can tell the difference but the processor: the shares of
// many windows of one key are taken in a row, while the key is in its cache.
func (p *Partition) fallDue(watermark Time) {
	late := p.cfg.AllowedLateness
	p.nextDue = MaxTime
	shares := int64(0)
	for i := range p.specs {
		s := &p.specs[i]
		s.frozen = max(s.frozen, s.dueBy(watermark, 0))
		p.expect(s, s.frozen, 0, watermark)
		shares += s.waiting(s.next, s.frozen)
		if late > 0 {
			s.final = max(s.final, s.dueBy(watermark, late))
			p.expect(s, s.final, late, watermark)
			shares += s.waiting(s.nextFinal, s.final)
		} else {
			s.final = s.frozen
		}
	}
	p.more = shares*int64(len(p.order)) > int64(p.burst()-p.taken)
}

// dueBy is the number of the last window that ended at least late before w.
func (s *specState) dueBy(w Time, late Duration) int64 {
	if w == MaxTime {
		return math.MaxInt64
	}
	return s.lastEnded(w.Sub(late))
}

// expect notes when the window behind the last one that is due will be.
func (p *Partition) expect(s *specState, last int64, late Duration, watermark Time) {
	if watermark < MaxTime && last > noWindow {
		p.nextDue = min(p.nextDue, s.Span(last+1).End.Add(late))
	}
}

// waiting is how many shares of a series may have to be taken, at most, of the
// windows next to last.
func (s *specState) waiting(next, last int64) int64 {
	last = min(last, s.newest)
	if next > last {
		return 0
	}
	windows := last - next + 1
	if windows > math.MaxInt32 {
		return math.MaxInt32
	}
	return windows * int64(len(s.groups))
}

// More says that shares are due in such number that they are to be reported
// before anything else is done with the partition: a record that makes very many
// windows due at once must not make very many shares at once.
func (p *Partition) More() bool { return p.more }

// freeze takes the shares of the windows that are due, in the order of the
// windows, until limit have been taken since the last report. Windows without
// records are not visited, however far the watermark has leapt.
func (p *Partition) freeze(limit int) {
	late := p.cfg.AllowedLateness
	p.more, p.unfrozen = false, MaxTime
	for i := range p.specs {
		s := &p.specs[i]
		p.freezeContent(i, OnTime, limit, &s.next, s.frozen, 0)
		if late > 0 {
			p.freezeContent(i, Final, limit, &s.nextFinal, s.final, late)
		}
	}
	p.sweep()
}

// burst is how many shares are taken before they are reported.
func (p *Partition) burst() int {
	if p.cfg.Burst > 0 {
		return p.cfg.Burst
	}
	return math.MaxInt
}

// nothingHeld is above the number of every window and slice.
const nothingHeld = math.MaxInt64

// atOnce is how many windows are frozen in one pass over the keys, at most.
const atOnce = 64

// freezeContent takes the shares of one content of the windows from *next, the
// first that may hold any, to last.
func (p *Partition) freezeContent(spec int, content Content, limit int, next *int64, last int64, late Duration) {
	s := &p.specs[spec]
	for *next <= last && *next != nothingHeld {
		if p.taken >= limit {
			p.more = true
			p.unfrozen = min(p.unfrozen, s.Span(*next).End.Add(late))
			return
		}
		windows := max(1, min(atOnce, int64(p.burst()/(1+len(s.groups)*len(p.order)))))
		*next = p.freezePass(spec, content, *next, min(last, s.newest, *next+windows-1))
	}
}

// freezePass takes the shares of the windows first to last, key by key, and
// returns the number of the next window that holds slices, nothingHeld if there
// is none.
func (p *Partition) freezePass(spec int, content Content, first, last int64) (next int64) {
	s := &p.specs[spec]
	s.sort()
	pass := p.begin(spec, content, first, last)
	for _, g := range s.groups {
		for _, series := range p.order {
			l := p.lane(g, spec, series)
			if l.lastEarly(content) >= first {
				s.placeEarly(pass, content, l, last)
			}
			for number, held := range s.windowsIn(l, max(first, l.lastEarly(content)+1), last) {
				if content == OnTime || l.changedIn(number, held) {
					s.takeShare(pass.of(number), g.key, series, l, held)
				}
			}
		}
	}
	p.end(pass)
	behind := s.firstSliceOf(last) + int64(s.Hop/s.width)
	if content == Final || p.cfg.AllowedLateness == 0 {
		p.evict(spec, behind)
	}
	if oldest := p.oldest(spec, behind); oldest != nothingHeld {
		return max(last+1, s.firstWindowOf(oldest))
	}
	return nothingHeld
}

// windowsIn gives the windows first to last that hold slices of a lane.
func (s *specState) windowsIn(l *lane, first, last int64) iter.Seq2[int64, run] {
	return func(yield func(int64, run) bool) {
		live := l.live()
		for number := first; number <= last; number++ {
			from := s.firstSliceOf(number)
			live = live.from(live.search(from))
			if live.len() == 0 {
				return
			}
			if oldest := live.slice(0).number; oldest >= from+s.slices {
				number = max(number, s.firstWindowOf(oldest)-1)
				continue
			}
			if !yield(number, live.to(live.search(from+s.slices))) {
				return
			}
		}
	}
}

func (s *specState) sort() {
	if s.sorted {
		return
	}
	slices.SortFunc(s.groups, func(a, b *group) int { return a.key.Compare(b.key) })
	s.sorted = true
}

// changedIn says whether a record has come for the held slices of a window since
// the on-time share of the window was taken.
func (l *lane) changedIn(number int64, held run) bool {
	if l.lastChanged() < number {
		return false
	}
	for i := range held.len() {
		if held.slice(i).changed >= number {
			return true
		}
	}
	return false
}

// plant gives a lane a tree once its windows, of one of which held are the
// slices, have enough in common for what it keeps.
func (s *specState) plant(l *lane, held run) {
	long := held.len() >= minShared
	switch {
	case s.Size/s.Hop < minOverlap, !long && s.Step == 0:
	case l.tree == nil:
		l.tree = &tree{long: long, folded: noWindow}
	case long:
		l.tree.long = true
	}
}

// takeShare appends the share of one lane, of which held are the slices in the
// window.
func (s *specState) takeShare(f *Frozen, key Key, series int, l *lane, held run) {
	s.plant(l, held)
	from := s.firstSliceOf(f.Number)
	to := from + s.slices
	var all slice
	if f.Content == Provisional {
		(*tree)(nil).fold(held, from, to, &all) // nothing is kept of what changes
	} else {
		l.fold(held, from, to, &all)
	}
	all.share()
	share := Share{Key: key, Series: series, Aggregate: all.Aggregate, FirstOffset: all.firstOffset, LastOffset: all.lastOffset}
	if s.Step > 0 && f.Content == OnTime {
		share.Steps = s.withEnded(s.stepsOf(l.tree, held, from, to), l.tree, held, from, to)
	}
	f.Shares = append(f.Shares, share)
}
