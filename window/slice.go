package window

// slice is one span between two window or step edges that holds records of
// one key and series. Overlapping windows share it: a record is stored once.
type slice struct {
	number     int64 // floor((event time - origin) / slice width)
	lastOffset int64
	// Of the aggregate what most records touch stands first, and behind it what
	// few do.
	Aggregate
	firstOffset int64
	// changed is the number of the last window that had been frozen when a
	// record came: this one and those before it that contain the slice are no
	// longer what their on-time shares say. noWindow for none.
	changed int64
}

// reach widens the range of offsets by one, which mostly is the last so far.
func (c *slice) reach(offset int64) {
	if offset >= c.lastOffset {
		c.lastOffset = offset
	} else {
		c.firstOffset = min(c.firstOffset, offset)
	}
}

// merge adds the records of o, which stand after those of c.
func (c *slice) merge(o *slice) {
	switch {
	case o.Count == 0:
		return
	case c.Count == 0:
		c.firstOffset, c.lastOffset = o.firstOffset, o.lastOffset
	default:
		c.firstOffset = min(c.firstOffset, o.firstOffset)
		c.lastOffset = max(c.lastOffset, o.lastOffset)
	}
	c.Merge(&o.Aggregate)
}
