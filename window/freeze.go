package window

import (
	"math"
	"slices"
)

// Frozen holds a partition's shares of one window, ordered by (key, series
// name). It is immutable.
type Frozen struct {
	Spec   int   // index in PartitionConfig.Specs
	Number int64 // of the window
	Shares []Share
}

// Share is a partition's part of one window of one key and series: a function
// of the partition's prefix alone.
type Share struct {
	Key    Key
	Series int // index in PartitionConfig.Series
	Aggregate
	FirstOffset, LastOffset int64
	// Steps has an entry for every step of the window; nil without a step.
	Steps []StepValue
}

// freezeTo takes the shares of every window that ends at or before the
// watermark out of the slices, in the order of the windows. Windows without
// records are not visited, however far the watermark has leapt.
func (p *Partition) freezeTo(watermark Time) {
	p.nextEnd = MaxTime
	for i := range p.specs {
		s := &p.specs[i]
		target := int64(math.MaxInt64)
		if watermark < MaxTime {
			target = s.lastEnded(watermark)
		}
		for len(s.groups) > 0 {
			number := max(s.frozen+1, s.firstHeld(len(p.order), i))
			if number > target {
				break
			}
			p.freeze(i, number)
			s.frozen = number
		}
		s.frozen = max(s.frozen, target)
		if watermark < MaxTime {
			p.nextEnd = min(p.nextEnd, s.Span(s.frozen+1).End)
		}
	}
	p.sweep()
}

// firstHeld returns the number of the first window that contains a slice.
func (s *specState) firstHeld(series, spec int) int64 {
	oldest := int64(math.MaxInt64)
	for _, g := range s.groups {
		for i := range series {
			if live := g.lanes[spec*series+i].live(); len(live) > 0 {
				oldest = min(oldest, live[0].number)
			}
		}
	}
	return s.firstWindowOf(oldest)
}

// freeze takes one window's shares and evicts the slices that only it and
// earlier windows needed.
func (p *Partition) freeze(spec int, number int64) {
	s := &p.specs[spec]
	if !s.sorted {
		slices.SortFunc(s.groups, func(a, b *group) int {
			if a.key.Less(b.key) {
				return -1
			}
			return 1
		})
		s.sorted = true
	}
	from := s.firstSliceOf(number)
	f := Frozen{Spec: spec, Number: number, Shares: make([]Share, 0, min(s.shares, len(s.groups)*len(p.order)))}
	keep := s.groups[:0]
	for _, g := range s.groups {
		held := false
		for _, series := range p.order {
			l := &g.lanes[spec*len(p.order)+series]
			s.takeShare(&f, g.key, series, l, from)
			l.evict(from + int64(s.Hop/s.width))
			held = held || len(l.live()) > 0
		}
		if held {
			keep = append(keep, g)
			continue
		}
		g.listed[spec] = false
		p.listed--
	}
	clear(s.groups[len(keep):])
	s.groups = keep
	s.shares = len(f.Shares)
	if len(f.Shares) > 0 {
		p.frozen = append(p.frozen, f)
	}
}

// takeShare appends the share of one lane, if it holds records of the window
// whose first slice is from.
func (s *specState) takeShare(f *Frozen, key Key, series int, l *lane, from int64) {
	to := from + int64(s.Size/s.width)
	held := l.between(from, to)
	if len(held) == 0 {
		return
	}
	if l.tree == nil && s.Size/s.Hop >= minOverlap && len(held) >= minShared {
		l.tree = newTree()
	}
	var all slice
	l.tree.fold(held, from, to, &all)
	share := Share{Key: key, Series: series, Aggregate: all.Aggregate, FirstOffset: all.firstOffset, LastOffset: all.lastOffset}
	if s.Step > 0 {
		share.Steps = make([]StepValue, s.Size/s.Step)
		perStep := int64(s.Step / s.width)
		for i := range held {
			share.Steps[(held[i].number-from)/perStep].add(&held[i].Aggregate)
		}
	}
	f.Shares = append(f.Shares, share)
}
