package window

// MaxSilentStart bounds how long a partition that has shown no event time
// since the start may hold the watermark back.
const MaxSilentStart Duration = 5000

// Speak ends the partition's idleness and stops its idle clock: a record has
// come whose time can be read and is not refused as future. It may be a leap
// that nobody believes yet.
func (p *Partition) Speak() { p.idle, p.idleSince = false, MinTime }

// RestartIdle makes the idle clock of a partition that is not idle begin anew:
// nobody has asked for its records for a while.
func (p *Partition) RestartIdle() { p.idleSince = MinTime }

// CaughtUp tells the partition that a fetch at its end returned nothing at
// time now, and reports whether it is idle. Idleness is counted from the first
// such fetch after the last readable record, in the time of the responses, so
// a stalled pipeline or a paused partition is never idle.
func (p *Partition) CaughtUp(now Time) bool {
	if p.idleSince == MinTime {
		p.idleSince = now
	}
	p.emptyAt = now
	timeout := p.cfg.IdleTimeout
	if p.newest == MinTime {
		timeout = min(timeout, MaxSilentStart)
	}
	p.idle = p.idle || now >= p.idleSince.Add(timeout)
	return p.idle
}

// Tell gives an idle partition the watermark, or one that appears when others
// have been read already, before its first record. It freezes its windows up
// to it and judges later records by it. Any other partition ignores it.
func (p *Partition) Tell(watermark Time) {
	waiting := p.idle || p.newest == MinTime
	if !waiting || watermark <= p.Watermark() {
		return
	}
	p.told = watermark
	p.fallDue(watermark)
}
