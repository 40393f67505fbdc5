package window

// Report is what a partition tells the Assembler.
type Report struct {
	// Mark is the watermark up to which every window is frozen and was
	// reported; MaxTime when finished, MinTime when unknown.
	Mark Time
	// Own is the partition's own watermark, MinTime before the first event time.
	Own Time
	// Begin is the time that records before the range, if there are any, are not
	// past by more than the out-of-orderness: the first event time, and before
	// there is one what BoundBefore was told. MaxTime if nothing is known.
	Begin    Time
	Idle     bool
	Finished bool
	// LostStart says that the first records of the range are lost, so that one
	// from the beginning is none. Short says that the range stopped before the end
	// of the log, or lost its last records.
	LostStart, Short bool
	// Frozen are the windows frozen since the last report, in the order of
	// their ends within a spec and content.
	Frozen []Frozen
}

// Report freezes the windows that are due and hands them over: as many as a
// burst has if More says so afterwards.
func (p *Partition) Report() Report {
	p.freeze(p.burst())
	if !p.more {
		p.freezeProvisional()
	}
	r := Report{
		Mark: p.mark(), Own: p.Own(), Begin: p.beginning(),
		Idle: p.idle, Finished: p.finished && !p.more, Frozen: p.frozen,
	}
	p.frozen, p.taken = nil, 0
	return r
}

// mark is the time by which every window that is due has been frozen.
func (p *Partition) mark() Time {
	mark := p.Watermark()
	if p.finished {
		mark = MaxTime
	}
	if p.more {
		mark = min(mark, p.unfrozen-1)
	}
	return mark
}

// Open counts the keys that hold slices of windows that are not reported yet,
// and the slices.
func (p *Partition) Open() (keys, sliceCount int) { return p.holding, p.held }

// OpenWindows counts the windows whose on-time share has not been taken, of all
// specs, from the first that may hold records to the last that does.
func (p *Partition) OpenWindows() int64 {
	var n int64
	for i := range p.specs {
		if s := &p.specs[i]; s.next <= s.newest { // not so where nothing is held
			n += s.newest - s.next + 1
		}
	}
	return n
}
