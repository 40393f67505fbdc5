package window

import "sort"

// slice is one span between two window or step edges that holds records of
// one key and series. Overlapping windows share it: a record is stored once.
type slice struct {
	number      int64 // floor((event time - origin) / slice width)
	firstOffset int64
	lastOffset  int64
	// changed is the number of the last window that had been frozen when a
	// record came: this one and those before it that contain the slice are no
	// longer what their on-time shares say. noWindow for none.
	changed int64
	Aggregate
}

// merge adds the records of o, which stand after those of c. Nobody uses o
// afterwards.
func (c *slice) merge(o *slice) {
	switch {
	case o.Count == 0:
		return
	case c.Count == 0:
		*c = *o
		return
	}
	c.firstOffset = min(c.firstOffset, o.firstOffset)
	c.lastOffset = max(c.lastOffset, o.lastOffset)
	c.Merge(&o.Aggregate)
}

// lane holds the non-empty slices of one key, series and spec in order of
// their numbers.
type lane struct {
	slices []slice
	// head is the number of evicted slices at the front, kept so that eviction
	// does not move the rest each time.
	head int
	// changed is the highest changed of its slices, also of evicted ones.
	changed int64
	// tree keeps what windows that overlap much have in common; nil for none.
	tree *tree
}

func (l *lane) live() []slice { return l.slices[l.head:] }

// at returns the slice with the given number, made if it is missing. Records
// mostly come for the newest slice, so that is looked at first.
func (l *lane) at(number int64) *slice {
	if l.tree != nil {
		l.tree.forget(number)
	}
	n := len(l.slices)
	if n > l.head {
		if last := &l.slices[n-1]; last.number == number {
			return last
		} else if last.number > number {
			return l.insert(number)
		}
	}
	l.slices = append(l.slices, slice{number: number, changed: noWindow})
	return &l.slices[n]
}

func (l *lane) insert(number int64) *slice {
	i := l.head + search(l.live(), number)
	if l.slices[i].number == number {
		return &l.slices[i]
	}
	l.slices = append(l.slices, slice{})
	copy(l.slices[i+1:], l.slices[i:])
	l.slices[i] = slice{number: number, changed: noWindow}
	return &l.slices[i]
}

// evict forgets the slices below number and returns how many these were.
func (l *lane) evict(number int64) int {
	before := len(l.live())
	for l.head < len(l.slices) && l.slices[l.head].number < number {
		l.head++
	}
	evicted := before - len(l.live())
	if l.head*2 > len(l.slices) {
		l.slices = append(l.slices[:0], l.slices[l.head:]...)
		l.head = 0
	}
	if len(l.live()) == 0 {
		l.tree = nil
	}
	if l.tree != nil {
		l.tree.evict(number)
	}
	return evicted
}

// between returns the slices with from <= number < to.
func (l *lane) between(from, to int64) []slice {
	live := l.live()
	live = live[search(live, from):]
	return live[:search(live, to)]
}

// search returns the index of the first slice at or behind number. Mostly there
// is a slice for every number, and it is where the first one says.
func search(held []slice, number int64) int {
	if len(held) == 0 {
		return 0
	}
	if guess := number - held[0].number; guess <= 0 {
		return 0
	} else if guess < int64(len(held)) && held[guess].number == number {
		return int(guess)
	} else if held[len(held)-1].number < number {
		return len(held)
	}
	return sort.Search(len(held), func(i int) bool { return held[i].number >= number })
}
