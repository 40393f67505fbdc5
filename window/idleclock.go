package window

// idleClock carries the watermark on while every partition is idle, so that
// the last windows of a quiet topic close.
type idleClock struct {
	// from is the watermark when the last partition went idle and since the
	// time of that; from is MinTime while the clock stands.
	from, since Time
	// reached is the furthest that the clock has carried the watermark.
	reached Time
}

func (c *idleClock) stop() { c.from = MinTime }

// Tick carries the watermark on by the wall clock if every partition is idle or
// finished: by as much as has passed since the last one went idle, but never
// beyond now less the out-of-orderness. tell is called for each idle partition
// that has to follow. It reports whether the clock runs.
func (a *Assembler) Tick(now Time, tell func(part int, watermark Time)) bool {
	if _, active := a.active(); active {
		a.clock.stop()
		return false
	}
	from := a.idleFrom()
	if from == MinTime {
		return false
	}
	c := &a.clock
	if c.from == MinTime {
		c.from, c.since = from, now
	}
	target := min(c.from.Add(Duration(now-c.since)), now.Sub(a.cfg.OutOfOrderness))
	if target > c.from {
		c.reached = max(c.reached, target)
	}
	// One that has shown nothing follows the others also while the clock stands.
	a.tellIdle(max(c.from, target), tell)
	return true
}

// idleFrom is the minimum over the idle partitions that have a mark: one that
// has shown nothing holds nothing. MinTime if there is none.
func (a *Assembler) idleFrom() Time {
	from := MaxTime
	for i := range a.parts {
		if p := &a.parts[i]; p.Idle && !p.Finished && p.Mark != MinTime {
			from = min(from, p.Mark)
		}
	}
	if from == MaxTime {
		return MinTime
	}
	return from
}
