package stream

import (
	"cmp"
	"maps"
	"slices"

	"github.com/oriel-stream/oriel/window"
)

// departed is what is left of partitions that other members of a group have taken
// over: their counts. It does not grow with how often they come and go.
type departed struct {
	account
	ranges map[window.PartitionID]RangeRead
}

// depart forgets a worker whose partition was revoked. Its number is not used
// again.
func (p *pipeline) depart(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.workers = slices.DeleteFunc(p.workers, func(o *worker) bool { return o == w })
	if p.ids[w.a.ID]--; p.ids[w.a.ID] == 0 {
		delete(p.ids, w.a.ID)
	}
	p.departed.add(w)
	if p.cfg.Board != nil {
		p.cfg.Board.detach(w)
	}
}

// add adds what was counted of a partition. The range that was read of one goes
// from the first offset to the last, whoever else has read in between.
func (d *departed) add(w *worker) {
	a := w.counted()
	d.account.add(&a)
	r := RangeRead{ID: w.a.ID, Start: w.a.Start, End: w.a.End, ReadTo: w.readTo}
	if before, again := d.ranges[r.ID]; again {
		r.Start, r.ReadTo = min(r.Start, before.Start), max(r.ReadTo, before.ReadTo)
	}
	if d.ranges == nil {
		d.ranges = make(map[window.PartitionID]RangeRead)
	}
	d.ranges[r.ID] = r
}

func (d *departed) addTo(s *Summary) {
	s.Ranges = slices.AppendSeq(s.Ranges, maps.Values(d.ranges))
	slices.SortFunc(s.Ranges, func(a, b RangeRead) int {
		return cmp.Or(cmp.Compare(a.ID.Topic, b.ID.Topic), cmp.Compare(a.ID.Partition, b.ID.Partition))
	})
	d.account.addTo(s)
}
