package window

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"
)

// fire takes the window that is due first off the heap and appends what comes
// out of it.
//
//	                        without allowed lateness   with it
//	the watermark reaches
//	  end                   all groups, final          all groups (hidden with EmitFinal)
//	  end + lateness        -                          EmitFinal: all groups; else those that
//	                                                   late records changed since their last pane
func (a *Assembler) fire(panes []*Pane, w *pending) []*Pane {
	heap.Pop(&a.due)
	late := a.cfg.AllowedLateness
	if w.fired {
		panes = a.fireFinal(panes, w)
		a.forget(w)
		return panes
	}
	w.fired = true
	panes = a.fireOnTime(panes, w)
	if late == 0 {
		a.forget(w)
		return panes
	}
	if len(w.later) > 0 && a.cfg.Emit == EmitUpdates {
		panes = a.revise(panes, w, FiredUpdate)
	}
	for _, s := range w.onTime {
		a.bytes -= s.bytes()
		for i := range s.shares {
			s.shares[i].Steps = nil // what follows is not forecast from
		}
		a.bytes += s.bytes()
	}
	w.due = w.End.Add(late)
	heap.Push(&a.due, w)
	return panes
}

func (a *Assembler) fireOnTime(panes []*Pane, w *pending) []*Pane {
	final := a.cfg.AllowedLateness == 0
	hidden := !final && a.cfg.Emit == EmitFinal
	f := a.firing(w, FiredOnTime, a.gather(w, false))
	f.final, f.hidden = final, hidden
	panes = f.everyGroup(panes)
	if a.cfg.Empty {
		w.empty = a.missing(f)
	}
	if hidden {
		return panes
	}
	return f.withEmpty(panes)
}

func (a *Assembler) fireFinal(panes []*Pane, w *pending) []*Pane {
	if a.cfg.Emit != EmitFinal {
		return a.revise(panes, w, FiredFinal)
	}
	f := a.firing(w, FiredFinal, a.gather(w, true))
	f.final = true
	return f.withEmpty(f.everyGroup(panes))
}

// update appends the provisional panes of windows that have fired on time and
// that late records have changed since.
func (a *Assembler) update(panes []*Pane) []*Pane {
	for _, w := range a.updated {
		if w.fired && a.pending[w.paneID] == w {
			panes = a.revise(panes, w, FiredUpdate)
		}
	}
	a.updated = a.updated[:0]
	return panes
}

// revise appends a pane of every group whose content has changed since it came
// out last: it can only have grown.
func (a *Assembler) revise(panes []*Pane, w *pending, firing Firing) []*Pane {
	if len(w.later) == 0 {
		return panes
	}
	f := a.firing(w, firing, a.gather(w, true))
	f.final = firing == FiredFinal
	for f.next() {
		id, count := f.id(), f.count()
		last, ok := w.printed[id]
		if !ok && f.onTime > 0 {
			last = printed{revisions: 1, count: f.onTime}
		}
		if count == last.count {
			continue
		}
		panes = append(panes, f.pane(last.revisions))
		w.note(id, printed{revisions: last.revisions + 1, count: count})
	}
	return panes
}

func (w *pending) note(id groupID, p printed) {
	if w.printed == nil {
		w.printed = make(map[groupID]printed)
	}
	w.printed[id] = p
}

// located is a share with where it comes from.
type located struct {
	*Share
	id   *PartitionID
	rank int // of the series in the order of names
	// later says that it is of a content behind the on-time one, for which it
	// stands in.
	later bool
}

// group compares by what makes a line: (topic, key, series).
func (x located) group(y located) int {
	if c := strings.Compare(x.id.Topic, y.id.Topic); c != 0 {
		return c
	}
	return cmp.Or(x.Key.Compare(y.Key), x.rank-y.rank)
}

func (x located) compare(y located) int {
	c := cmp.Or(x.group(y), cmp.Compare(x.id.Partition, y.id.Partition))
	if c != 0 || x.later == y.later {
		return c
	}
	if y.later {
		return -1
	}
	return 1
}

// gather returns the shares of a window in the order of lines and, within a
// line, of partitions. They are valid until the next call.
func (a *Assembler) gather(w *pending, later bool) []located {
	lists := w.onTime
	if later {
		lists = slices.Concat(w.onTime, w.later)
	}
	all, ends := a.gathered[:0], make([]int, 0, len(lists))
	for k, s := range lists {
		for i := range s.shares {
			x := &s.shares[i]
			all = append(all, located{Share: x, id: &a.parts[s.part].id, rank: a.ranks[x.Series], later: k >= len(w.onTime)})
		}
		ends = append(ends, len(all))
	}
	a.gathered, a.spare = mergeRuns(all, a.spare, ends)
	return a.gathered
}

// mergeRuns sorts runs that are in order, of which ends has the ends. It returns
// the result and the memory that is not part of it.
func mergeRuns(runs, spare []located, ends []int) (sorted, unused []located) {
	for len(ends) > 1 {
		spare = spare[:0]
		begin, merged := 0, ends[:0]
		for len(ends) > 1 {
			spare = mergeTwo(spare, runs[begin:ends[0]], runs[ends[0]:ends[1]])
			begin = ends[1]
			merged, ends = append(merged, begin), ends[2:]
		}
		if len(ends) == 1 {
			spare = append(spare, runs[begin:ends[0]]...)
			merged = append(merged, ends[0])
		}
		runs, spare, ends = spare, runs, merged
	}
	return runs, spare
}

func mergeTwo(out, x, y []located) []located {
	for len(x) > 0 && len(y) > 0 {
		if x[0].compare(y[0]) <= 0 {
			out, x = append(out, x[0]), x[1:]
		} else {
			out, y = append(out, y[0]), y[1:]
		}
	}
	return append(append(out, x...), y...)
}

// firing makes the panes of one window, group by group.
type firing struct {
	a *Assembler
	w *pending
	// template has what the panes have in common.
	template Pane
	final    bool
	hidden   bool

	all   []located // not looked at yet
	group []located // the present group: a share of each partition
	// onTime is how many records the present group had when it fired on time.
	onTime int64

	made int // panes
	// present are the groups that panes were made of, if empty windows come out.
	present []groupID
}

func (a *Assembler) firing(w *pending, at Firing, all []located) *firing {
	spec := a.cfg.Specs[w.spec]
	f := &firing{a: a, w: w, all: all}
	f.template = Pane{
		Counted: len(a.cfg.Series) == 0, Span: w.Span, Size: spec.Size, Hop: spec.Hop, Firing: at, Step: spec.Step,
	}
	f.template.ClosedBy, f.template.Incomplete = a.closing(w.Span)
	return f
}

// next moves on to the next group and reports whether there was one.
func (f *firing) next() bool {
	if len(f.all) == 0 {
		return false
	}
	n := 1
	for n < len(f.all) && f.all[n].group(f.all[0]) == 0 {
		n++
	}
	f.group, f.onTime = f.all[:0:n], 0
	for i := range n {
		x := f.all[i]
		if !x.later {
			f.onTime += x.Count
		}
		if k := len(f.group); k > 0 && f.group[k-1].id == x.id {
			f.group[k-1] = x
			continue
		}
		f.group = append(f.group, x)
	}
	f.all = f.all[n:]
	return true
}

// everyGroup appends a pane of each group.
func (f *firing) everyGroup(panes []*Pane) []*Pane {
	for f.next() {
		panes = append(panes, f.pane(0))
		if f.a.cfg.Empty {
			f.present = append(f.present, f.id())
		}
	}
	return panes
}

func (f *firing) id() groupID {
	x := f.group[0]
	return groupID{topic: x.id.Topic, key: x.Key, series: x.Series}
}

func (f *firing) count() int64 {
	var n int64
	for _, x := range f.group {
		n += x.Count
	}
	return n
}

// pane merges the shares of the present group in the order of partitions.
func (f *firing) pane(revision int) *Pane {
	f.made++
	p, first := f.a.newPane(&f.template), f.group[0]
	p.Topic, p.Key = first.id.Topic, first.Key
	if !p.Counted {
		p.Series = f.a.cfg.Series[first.Series]
	}
	p.Revision, p.Final, p.Hidden = revision, f.final, f.hidden
	p.Aggregate = first.Aggregate
	for i, s := range f.group {
		p.Offsets = append(p.Offsets, OffsetRange{Partition: s.id.Partition, First: s.FirstOffset, Last: s.LastOffset})
		if i > 0 {
			p.Merge(&s.Aggregate)
		}
	}
	if p.Firing == FiredOnTime {
		if p.Steps = f.steps(); p.Steps != nil {
			n := int(p.Size / p.Step)
			p.Steps, p.Ended = p.Steps[:n:n], p.Steps[n:]
		}
	} else {
		p.Late = p.Count - f.onTime
	}
	p.Quantiles, p.Distinct = f.a.cfg.Aggregates.read(&p.Aggregate)
	return p
}

// steps merges the steps of the present group in the order of partitions.
func (f *firing) steps() []StepValue {
	steps := f.group[0].Steps
	for i, s := range f.group[1:] {
		if i == 0 {
			steps = slices.Clone(steps)
		}
		for k := range s.Steps {
			steps[k].Merge(&s.Steps[k])
		}
	}
	return steps
}
