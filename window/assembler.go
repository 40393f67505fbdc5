package window

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"
)

// Assembler joins the partitions: it holds the watermark, the minimum over
// the partitions, and merges the shares of a window when the watermark
// reaches the window's end. It belongs to one goroutine.
//
// The watermark is the minimum over all partitions of the mark up to which
// each has frozen its windows. A partition that is not idle moves its mark by
// its own records; an idle one is chased: it is told the minimum over those
// that are not, and its mark follows. So the minimum is over the partitions
// that are not idle in effect, yet no window is ever assembled before every
// partition, idle or not, has handed in its share.
type Assembler struct {
	specs  []Spec
	series []string
	// outOfOrderness is how far behind its newest event time a partition's
	// own watermark is.
	outOfOrderness Duration

	parts     []assembled
	watermark Time
	pending   map[paneID]*pending
	due       dueHeap
}

// assembled is what the assembler knows of one partition.
type assembled struct {
	id            PartitionID
	fromBeginning bool
	Report
}

// paneID names one window of one spec.
type paneID struct {
	spec   int
	number int64
}

// pending holds the shares of one window that wait for the watermark.
type pending struct {
	paneID
	Span
	hop    Duration
	shares []partShares
}

// partShares are the shares of one partition, by its index in parts.
type partShares struct {
	part   int
	shares []Share
}

// NewAssembler returns an assembler without partitions.
func NewAssembler(cfg PartitionConfig) *Assembler {
	return &Assembler{
		specs: cfg.Specs, series: cfg.Series, outOfOrderness: cfg.OutOfOrderness,
		watermark: MinTime, pending: make(map[paneID]*pending),
	}
}

// Assign adds a partition and returns its index. fromBeginning says that no
// record lies before the range that is read, short that records lie behind it
// that will not be read. A partition that comes when others have been read must
// be told the Watermark of this moment before its first record: what has come
// out would come out again.
func (a *Assembler) Assign(id PartitionID, fromBeginning, short bool) int {
	a.parts = append(a.parts, assembled{
		id: id, fromBeginning: fromBeginning,
		Report: Report{Mark: MinTime, Own: MinTime, First: MinTime, Short: short},
	})
	return len(a.parts) - 1
}

// Report takes what a partition has frozen.
func (a *Assembler) Report(part int, r Report) {
	p := &a.parts[part]
	r.Short = r.Short || p.Short
	for _, f := range r.Frozen {
		a.hold(part, f)
	}
	r.Frozen = nil
	p.Report = r
}

func (a *Assembler) hold(part int, f Frozen) {
	id := paneID{spec: f.Spec, number: f.Number}
	w := a.pending[id]
	if w == nil {
		w = &pending{paneID: id, Span: a.specs[f.Spec].Span(f.Number), hop: a.specs[f.Spec].Hop}
		a.pending[id] = w
		heap.Push(&a.due, w)
	}
	w.shares = append(w.shares, partShares{part: part, shares: f.Shares})
}

// Watermark is the event time below which no more events are expected; MinTime
// while it is unknown. It never goes back.
func (a *Assembler) Watermark() Time { return a.watermark }

// Holder returns the index of a partition that holds the watermark where it
// is, -1 if there is none.
func (a *Assembler) Holder() int {
	holder := -1
	for i := range a.parts {
		if a.parts[i].Finished {
			continue
		}
		if holder < 0 || a.parts[i].Mark < a.parts[holder].Mark {
			holder = i
		}
	}
	return holder
}

// Chase calls tell for every idle partition whose mark is behind the minimum
// over the partitions that are neither idle nor finished. While there is no
// such partition nothing moves.
func (a *Assembler) Chase(tell func(part int, watermark Time)) {
	target, active := MaxTime, false
	for i := range a.parts {
		if p := &a.parts[i]; !p.Idle && !p.Finished {
			target, active = min(target, p.Mark), true
		}
	}
	for i := range a.parts {
		if p := &a.parts[i]; active && p.Idle && !p.Finished && p.Mark < target {
			tell(i, target)
		}
	}
}

// Advance moves the watermark and appends to panes those of every window that
// it has now reached, in the order of lines: (end, start, hop, topic, key,
// series).
func (a *Assembler) Advance(panes []*Pane) []*Pane {
	mark := MaxTime
	for i := range a.parts {
		mark = min(mark, a.parts[i].Mark)
	}
	if len(a.parts) == 0 || mark <= a.watermark {
		return panes
	}
	a.watermark = mark
	for len(a.due) > 0 && a.due[0].End <= mark {
		w := heap.Pop(&a.due).(*pending)
		delete(a.pending, w.paneID)
		panes = a.assemble(panes, w)
	}
	return panes
}

// Pending counts the windows that have shares and wait for the watermark.
func (a *Assembler) Pending() int { return len(a.due) }

// located is a share with where it comes from.
type located struct {
	*Share
	id *PartitionID
}

func (x located) group(y located) int {
	if c := strings.Compare(x.id.Topic, y.id.Topic); c != 0 {
		return c
	}
	switch {
	case x.Key == y.Key:
		return 0
	case x.Key.Less(y.Key):
		return -1
	default:
		return 1
	}
}

// assemble merges the shares of one window and appends its panes.
func (a *Assembler) assemble(panes []*Pane, w *pending) []*Pane {
	n := 0
	for _, s := range w.shares {
		n += len(s.shares)
	}
	all := make([]located, 0, n)
	for _, s := range w.shares {
		for i := range s.shares {
			all = append(all, located{Share: &s.shares[i], id: &a.parts[s.part].id})
		}
	}
	slices.SortFunc(all, func(x, y located) int {
		if c := x.group(y); c != 0 {
			return c
		}
		if x.Series != y.Series {
			return cmp.Or(strings.Compare(a.series[x.Series], a.series[y.Series]), x.Series-y.Series)
		}
		return int(x.id.Partition) - int(y.id.Partition)
	})
	made := make([]Pane, 0, n)
	offsets := make([]OffsetRange, 0, n)
	closedBy, incomplete := a.closing(w.Span)
	for i := 0; i < len(all); {
		j := i + 1
		for j < len(all) && all[j].Series == all[i].Series && all[j].group(all[i]) == 0 {
			j++
		}
		made = append(made, a.pane(w, all[i:j], &offsets))
		p := &made[len(made)-1]
		p.ClosedBy, p.Incomplete = closedBy, incomplete
		panes = append(panes, p)
		i = j
	}
	return panes
}

// pane merges the shares of one key and series in the order of partitions.
func (a *Assembler) pane(w *pending, shares []located, offsets *[]OffsetRange) Pane {
	spec, first := a.specs[w.spec], shares[0]
	p := Pane{
		Topic: first.id.Topic, Key: first.Key, Counted: len(a.series) == 0,
		Span: w.Span, Size: spec.Size, Hop: spec.Hop, Final: true,
		Aggregate: first.Aggregate, Step: spec.Step, Steps: first.Steps,
	}
	if !p.Counted {
		p.Series = a.series[first.Series]
	}
	from := len(*offsets)
	for i, s := range shares {
		*offsets = append(*offsets, OffsetRange{Partition: s.id.Partition, First: s.FirstOffset, Last: s.LastOffset})
		if i == 0 {
			continue
		}
		p.Merge(&s.Aggregate)
		if i == 1 {
			p.Steps = slices.Clone(first.Steps)
		}
		for k := range s.Steps {
			p.Steps[k].Merge(&s.Steps[k])
		}
	}
	p.Offsets = (*offsets)[from:len(*offsets):len(*offsets)]
	return p
}

// closing says what closed a window and on which side it may lack records.
func (a *Assembler) closing(w Span) (ClosedBy, Incomplete) {
	by, incomplete := ByEndOfInput, Complete
	for i := range a.parts {
		p := &a.parts[i]
		reached := p.Own >= w.End
		if reached {
			by = ByWatermark
		}
		if p.Short && !reached {
			incomplete |= IncompleteEnd
		}
		if !p.fromBeginning && p.First != MinTime && w.Start <= p.First.Add(a.outOfOrderness) {
			incomplete |= IncompleteStart
		}
	}
	if by == ByEndOfInput {
		incomplete |= IncompleteEnd
	}
	return by, incomplete
}

// dueHeap orders pending windows by (end, start, hop).
type dueHeap []*pending

func (h dueHeap) Len() int { return len(h) }
func (h dueHeap) Less(i, j int) bool {
	x, y := h[i], h[j]
	if x.End != y.End {
		return x.End < y.End
	}
	if x.Start != y.Start {
		return x.Start < y.Start
	}
	return x.hop < y.hop
}
func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)   { *h = append(*h, x.(*pending)) }
func (h *dueHeap) Pop() any {
	old := *h
	n := len(old) - 1
	w := old[n]
	old[n] = nil
	*h = old[:n]
	return w
}
