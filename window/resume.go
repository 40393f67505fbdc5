package window

// PartitionState is what a partition knows of time: what another one must know to
// judge the records that follow as this one would.
type PartitionState struct {
	// Newest and First are the newest and the first event time seen, Told the
	// highest watermark told while idle; MinTime for none.
	Newest, First, Told Time
}

// State returns what the partition knows of time.
func (p *Partition) State() PartitionState {
	return PartitionState{Newest: p.newest, First: p.first, Told: p.told}
}

// Restore makes a partition that has seen nothing know what another one knew at
// the same record. Windows that this one had frozen by then count as frozen: who
// needs them reads their records as well.
func (p *Partition) Restore(s PartitionState) {
	p.newest, p.first, p.told = s.Newest, s.First, s.Told
	if w := p.Watermark(); w > MinTime {
		p.fallDue(w)
	}
}

// Newest is the newest time that counts, MinTime before the first.
func (g *Guard[R]) Newest() Time { return g.newest }

// Restore makes a guard that has seen nothing go on from the newest time that
// counts; MinTime for none.
func (g *Guard[R]) Restore(newest Time) { g.accept(newest) }

// LastDue is the watermark at which nothing more comes out that a record at t has
// a part in, in whatever window: neither a window that contains t nor, where
// empty windows come out, one that is empty behind it.
func (c PartitionConfig) LastDue(t Time) Time {
	last := MinTime
	for _, s := range c.Specs {
		due := s.At(t).End
		if c.Empty {
			due = due.Add(Duration(c.History) * s.Hop)
		}
		last = max(last, due)
	}
	return last.Add(c.AllowedLateness)
}
