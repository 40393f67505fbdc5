package window

// BoundBefore says that no record that lies before the range, and will not be read,
// has an event time after t; MinTime if none lies there at all. Of several such
// times the earliest holds. It counts until there is a first event time, which
// tells more: of a partition without one nothing else says which windows lack
// its records.
func (p *Partition) BoundBefore(t Time) { p.before = min(p.before, t) }

// UnboundBefore forgets what BoundBefore has said: records were lost before the
// first that was read, and of when they were nobody knows.
func (p *Partition) UnboundBefore() { p.before = MaxTime }

// beginning is Report.Begin.
func (p *Partition) beginning() Time {
	if p.first != MinTime {
		return p.first
	}
	return p.before
}
