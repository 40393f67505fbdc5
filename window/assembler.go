package window

// Assembler joins the partitions: it holds the watermark, the minimum over
// the partitions, and merges the shares of a window when the watermark
// reaches the window's end, and once more when the window is final. It belongs
// to one goroutine.
//
// The watermark is the minimum over all partitions of the mark up to which
// each has frozen its windows. A partition that is not idle moves its mark by
// its own records; an idle one is chased: it is told the minimum over those
// that are not, and its mark follows. So the minimum is over the partitions
// that are not idle in effect, yet no window is ever assembled before every
// partition, idle or not, has handed in its share.
type Assembler struct {
	cfg PartitionConfig
	// ranks has the place of each series in the order of names.
	ranks []int

	parts     []assembled
	watermark Time
	pending   map[paneID]*pending
	due       dueHeap
	// bytes is about how much memory the shares take that wait.
	bytes int64

	// updated are windows that provisional shares have come for.
	updated []*pending

	// gathered and spare are the memory of the last firing, free that of panes.
	gathered, spare []located
	free            []*Pane

	clock idleClock
	// recent has, for each spec, the groups that had records lately and the
	// last window in which they did; nil unless empty windows come out.
	recent []map[groupID]int64
}

// assembled is what the assembler knows of one partition.
type assembled struct {
	id            PartitionID
	fromBeginning bool
	Report
}

// NewAssembler returns an assembler without partitions.
func NewAssembler(cfg PartitionConfig) *Assembler {
	a := &Assembler{
		cfg: cfg, ranks: make([]int, max(1, len(cfg.Series))), watermark: MinTime,
		pending: make(map[paneID]*pending), clock: idleClock{from: MinTime, reached: MinTime},
	}
	for rank, series := range cfg.seriesOrder() {
		a.ranks[series] = rank
	}
	if cfg.Empty {
		a.recent = make([]map[groupID]int64, len(cfg.Specs))
		for i := range a.recent {
			a.recent[i] = make(map[groupID]int64)
		}
	}
	return a
}

// Assign adds a partition and returns its index. fromBeginning says that no
// record lies before the range that is read, short that records lie behind it
// that will not be read. A partition that comes when others have been read must
// be told the Watermark of this moment before its first record: what has come
// out would come out again.
func (a *Assembler) Assign(id PartitionID, fromBeginning, short bool) int {
	a.parts = append(a.parts, assembled{
		id: id, fromBeginning: fromBeginning,
		Report: Report{Mark: MinTime, Own: MinTime, Begin: MaxTime, Short: short},
	})
	return len(a.parts) - 1
}

// Report takes what a partition has frozen.
func (a *Assembler) Report(part int, r Report) {
	p := &a.parts[part]
	r.Short = r.Short || p.Short
	p.fromBeginning = p.fromBeginning && !r.LostStart
	for _, f := range r.Frozen {
		a.hold(part, f)
	}
	r.Frozen = nil
	p.Report = r
}

// Watermark is the event time below which no more events are expected; MinTime
// while it is unknown. It never goes back.
func (a *Assembler) Watermark() Time { return a.watermark }

// Slowest is the least watermark that a partition has by its own records, of
// those that are neither idle nor finished and have one; MaxTime if there is no
// such partition. Those far ahead of it may be read more slowly.
func (a *Assembler) Slowest() Time {
	slowest := MaxTime
	for i := range a.parts {
		if p := &a.parts[i]; !p.Idle && !p.Finished && p.Own != MinTime {
			slowest = min(slowest, p.Own)
		}
	}
	return slowest
}

// Chase calls tell for every idle partition whose mark is behind the minimum
// over the partitions that are neither idle nor finished. While there is no
// such partition only the wall clock moves the watermark: see Tick.
func (a *Assembler) Chase(tell func(part int, watermark Time)) {
	if target, active := a.active(); active {
		a.clock.stop()
		a.tellIdle(target, tell)
	}
}

// active is the minimum over the partitions that are neither idle nor
// finished, and whether there are any.
func (a *Assembler) active() (mark Time, active bool) {
	mark = MaxTime
	for i := range a.parts {
		if p := &a.parts[i]; !p.Idle && !p.Finished {
			mark, active = min(mark, p.Mark), true
		}
	}
	return mark, active
}

func (a *Assembler) tellIdle(watermark Time, tell func(part int, watermark Time)) {
	for i := range a.parts {
		if p := &a.parts[i]; p.Idle && !p.Finished && p.Mark < watermark {
			tell(i, watermark)
		}
	}
}

// Advance moves the watermark and appends to panes those of every window that
// it has now made due, in the order of lines: (due, end, start, hop, topic,
// key, series). Provisional panes of windows that have fired come first.
func (a *Assembler) Advance(panes []*Pane) []*Pane {
	mark := MaxTime
	for i := range a.parts {
		mark = min(mark, a.parts[i].Mark)
	}
	made := len(panes)
	panes = a.update(panes)
	if len(a.parts) == 0 || mark <= a.watermark {
		return a.wanted(panes, made)
	}
	a.watermark = mark
	for len(a.due) > 0 && a.due[0].due <= mark {
		panes = a.fire(panes, a.due[0])
	}
	return a.wanted(panes, made)
}

// closing says what closed a window and on which side it may lack records.
func (a *Assembler) closing(w Span) (ClosedBy, Incomplete) {
	by, incomplete := ByEndOfInput, Complete
	if a.clock.reached >= w.End {
		by = ByIdleClock
	}
	for i := range a.parts {
		p := &a.parts[i]
		reached := p.Own >= w.End
		if reached {
			by = ByWatermark
		}
		if p.Short && !reached {
			incomplete |= IncompleteEnd
		}
		if !p.fromBeginning && w.Start <= p.Begin.Add(a.cfg.OutOfOrderness) {
			incomplete |= IncompleteStart
		}
	}
	if by != ByWatermark {
		incomplete |= IncompleteEnd
	}
	return by, incomplete
}
