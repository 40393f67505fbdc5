package window

import (
	"cmp"
	"container/heap"
	"slices"
)

// paneID names one window of one spec.
type paneID struct {
	spec   int
	number int64
}

// pending is one window that waits for the watermark: to fire on time, or to
// be final.
type pending struct {
	paneID
	Span
	hop Duration
	// due is the window's end and, once it has fired on time, its end plus the
	// allowed lateness.
	due   Time
	fired bool
	// onTime are the shares of the on-time content; later those of contents
	// that came behind it, which stand in for the same key's on-time ones. Each
	// has one entry for a partition.
	onTime, later []partShares
	// empty are the groups without on-time records that had some lately.
	empty []groupID
	// printed has what has come out of the groups, where that is more than
	// their on-time panes.
	printed map[groupID]printed
}

// printed is what has come out of a group of one window.
type printed struct {
	revisions int
	count     int64 // of the last of them
}

// partShares are shares of one partition, by its index in parts.
type partShares struct {
	part   int
	shares []Share
}

// groupID names a key and series of a topic.
type groupID struct {
	topic  string
	key    Key
	series int
}

// hold takes shares of one window.
func (a *Assembler) hold(part int, f Frozen) {
	id := paneID{spec: f.Spec, number: f.Number}
	w := a.window(id, a.cfg.Specs[f.Spec].Span(f.Number).End <= a.watermark)
	if f.Content == OnTime {
		shares := partShares{part: part, shares: f.Shares}
		w.onTime = append(w.onTime, shares)
		a.bytes += shares.bytes()
		return
	}
	a.supersede(w, partShares{part: part, shares: f.Shares})
	if f.Content == Provisional {
		a.updated = append(a.updated, w)
	}
}

// supersede puts shares of a later content in the place of those that the
// partition has handed in for the same groups before.
func (a *Assembler) supersede(w *pending, shares partShares) {
	i := slices.IndexFunc(w.later, func(s partShares) bool { return s.part == shares.part })
	if i < 0 {
		i = len(w.later)
		w.later = append(w.later, partShares{part: shares.part})
	}
	old := w.later[i]
	w.later[i].shares = a.merge(old.shares, shares.shares)
	a.bytes += w.later[i].bytes() - old.bytes()
}

// merge merges two ordered lists of one partition's shares; of two of the same
// group the newer one stays.
func (a *Assembler) merge(old, newer []Share) []Share {
	if len(old) == 0 {
		return newer
	}
	merged := make([]Share, 0, len(old)+len(newer))
	for i := range newer {
		n := 0
		for n < len(old) && a.compareShares(&old[n], &newer[i]) < 0 {
			n++
		}
		merged = append(append(merged, old[:n]...), newer[i])
		if old = old[n:]; len(old) > 0 && a.compareShares(&old[0], &newer[i]) == 0 {
			old = old[1:]
		}
	}
	return append(merged, old...)
}

// compareShares orders the shares of one partition by (key, series name).
func (a *Assembler) compareShares(x, y *Share) int {
	return cmp.Or(x.Key.Compare(y.Key), a.ranks[x.Series]-a.ranks[y.Series])
}

// window returns the window that waits, made if it is new. fired says that it
// then fires no more on time.
func (a *Assembler) window(id paneID, fired bool) *pending {
	w := a.pending[id]
	if w == nil {
		spec := a.cfg.Specs[id.spec]
		w = &pending{paneID: id, Span: spec.Span(id.number), hop: spec.Hop, fired: fired}
		w.due = w.End
		if fired {
			w.due = w.End.Add(a.cfg.AllowedLateness)
		}
		a.pending[id] = w
		heap.Push(&a.due, w)
	}
	return w
}

// forget drops a window that is final.
func (a *Assembler) forget(w *pending) {
	for _, s := range slices.Concat(w.onTime, w.later) {
		a.bytes -= s.bytes()
		s.release()
	}
	delete(a.pending, w.paneID)
}

// dueHeap orders windows by (due, end, start, hop).
type dueHeap []*pending

func (h dueHeap) Len() int { return len(h) }
func (h dueHeap) Less(i, j int) bool {
	x, y := h[i], h[j]
	switch {
	case x.due != y.due:
		return x.due < y.due
	case x.End != y.End:
		return x.End < y.End
	case x.Start != y.Start:
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
