package window

import "sort"

// slice is one span between two window or step edges that holds records of
// one key and series. Overlapping windows share it: a record is stored once.
type slice struct {
	number      int64 // floor((event time - origin) / slice width)
	firstOffset int64
	lastOffset  int64
	Aggregate
}

// lane holds the non-empty slices of one key, series and spec in order of
// their numbers.
type lane struct {
	slices []slice
	// head is the number of evicted slices at the front, kept so that eviction
	// does not move the rest each time.
	head int
}

func (l *lane) live() []slice { return l.slices[l.head:] }

// at returns the slice with the given number, made if it is missing. Records
// mostly come for the newest slice, so that is looked at first.
func (l *lane) at(number int64) *slice {
	n := len(l.slices)
	if n > l.head {
		if last := &l.slices[n-1]; last.number == number {
			return last
		} else if last.number > number {
			return l.insert(number)
		}
	}
	l.slices = append(l.slices, slice{number: number})
	return &l.slices[n]
}

func (l *lane) insert(number int64) *slice {
	live := l.live()
	i := l.head + sort.Search(len(live), func(i int) bool { return live[i].number >= number })
	if l.slices[i].number == number {
		return &l.slices[i]
	}
	l.slices = append(l.slices, slice{})
	copy(l.slices[i+1:], l.slices[i:])
	l.slices[i] = slice{number: number}
	return &l.slices[i]
}

// evict forgets the slices below number.
func (l *lane) evict(number int64) {
	for l.head < len(l.slices) && l.slices[l.head].number < number {
		l.head++
	}
	if l.head*2 > len(l.slices) {
		l.slices = append(l.slices[:0], l.slices[l.head:]...)
		l.head = 0
	}
}

// between returns the slices with from <= number < to.
func (l *lane) between(from, to int64) []slice {
	live := l.live()
	i := sort.Search(len(live), func(i int) bool { return live[i].number >= from })
	j := i
	for j < len(live) && live[j].number < to {
		j++
	}
	return live[i:j]
}

// fold merges slices that all lie in [from, to) into out. The result is a
// function of the slices alone: the range is cut into the nodes of a binary
// tree over the absolute slice numbers, which are merged left to right. A
// running sum would depend on where the windows before had begun.
func fold(slices []slice, from, to int64, out *Aggregate) {
	for from < to && len(slices) > 0 {
		width := int64(1)
		for from%(width*2) == 0 && from+width*2 <= to {
			width *= 2
		}
		n := sort.Search(len(slices), func(i int) bool { return slices[i].number >= from+width })
		if n > 0 {
			var node Aggregate
			foldNode(slices[:n], from, width, &node)
			out.Merge(&node)
			slices = slices[n:]
		}
		from += width
	}
}

// foldNode merges the node [from, from+width), width a power of two, into the
// empty aggregate out.
func foldNode(slices []slice, from, width int64, out *Aggregate) {
	if len(slices) == 1 {
		*out = slices[0].Aggregate
		return
	}
	half := width / 2
	n := sort.Search(len(slices), func(i int) bool { return slices[i].number >= from+half })
	if n > 0 {
		foldNode(slices[:n], from, half, out)
	}
	if n < len(slices) {
		var right Aggregate
		foldNode(slices[n:], from+half, half, &right)
		out.Merge(&right)
	}
}
