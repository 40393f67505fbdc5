package window

import "slices"

// lane holds the non-empty slices of one key, series and spec in order of
// their numbers: a queue of chunks, so that slices neither move when it grows
// nor when the oldest go, and the newest slice beside them.
//
// What every record looks at stands first and together, behind that of its
// group: a processor that has to fetch it from afar does so at once, and need
// not learn first where the slice is. What most lanes never need is elsewhere,
// for with many keys each page of memory counts.
type lane struct {
	// n is how many slices there are, without those that were evicted.
	n int
	// oldest is the number of the first one.
	oldest int64
	// tail, the chunk that is being filled, has the last slices before the newest:
	// records that come late are for them. Where it is the only chunk it grows as
	// it must: most lanes of tumbling windows hold a slice or two.
	tail []slice
	// newest is the last slice, if there are any.
	newest slice
	// full are the chunks before the tail; nil before there were any.
	full *chunks
	// tree keeps what windows that overlap much have in common; nil for none.
	tree *tree
	// late is what records of frozen windows leave behind; nil before the first.
	late *lateMarks
}

// chunks are those of a lane that were filled, with chunkSize slices each.
type chunks struct {
	queue [][]slice
	// spare is a chunk that was evicted, for the next one.
	spare []slice
}

// len is how many there are.
func (c *chunks) len() int {
	if c == nil {
		return 0
	}
	return len(c.queue)
}

// lateMarks say what records that came for frozen windows have done to a lane.
type lateMarks struct {
	// changed is the highest changed of its slices, also of evicted ones.
	changed int64
	// early are, for the on-time and the final content, the last windows whose
	// shares were taken before their turn.
	early [2]int64
}

const (
	chunkBits = 5
	chunkSize = 1 << chunkBits
)

// slice returns the i-th slice.
func (l *lane) slice(i int) *slice {
	back := l.n - 1 - i
	if back == 0 {
		return &l.newest
	}
	if back <= len(l.tail) {
		return &l.tail[len(l.tail)-back]
	}
	i = len(l.full.queue)<<chunkBits - (back - len(l.tail))
	return &l.full.queue[i>>chunkBits][i&(chunkSize-1)]
}

// at returns the slice with the given number, made if it is missing. Records
// mostly come for the newest slice, so that is looked at first. It is valid
// until another is made. Before a slice of a frozen window is changed, forget is
// called.
func (l *lane) at(number int64) *slice {
	switch {
	case l.n == 0 || l.newest.number < number:
		return l.push(number)
	case l.newest.number == number:
		return &l.newest
	}
	// Where there is a slice for every number, it is as far back as its number.
	if back := apart(number, l.newest.number); back < uint64(min(l.n, len(l.tail)+1)) {
		if c := &l.tail[len(l.tail)-int(back)]; c.number == number {
			return c
		}
	}
	return l.insert(number)
}

// push makes a slice the newest.
func (l *lane) push(number int64) *slice {
	if l.n > 0 {
		*l.place() = l.newest
	} else {
		l.oldest = number
	}
	l.n++
	l.newest = slice{number: number, changed: noWindow}
	return &l.newest
}

// place appends a place to the tail.
func (l *lane) place() *slice {
	if len(l.tail) == chunkSize {
		if l.full == nil {
			l.full = new(chunks)
		}
		l.full.queue = append(l.full.queue, l.tail)
		l.tail, l.full.spare = l.full.spare[:0], nil
		if l.tail == nil {
			l.tail = make([]slice, 0, chunkSize)
		}
	}
	l.tail = append(l.tail, slice{})
	return &l.tail[len(l.tail)-1]
}

// insert makes room for a slice before the newest, unless it is there.
func (l *lane) insert(number int64) *slice {
	i := l.find(number)
	if c := l.slice(i); c.number == number {
		return c
	}
	l.place()
	l.n++
	for k := l.n - 2; k > i; k-- {
		*l.slice(k) = *l.slice(k - 1)
	}
	l.oldest = min(l.oldest, number)
	c := l.slice(i)
	*c = slice{number: number, changed: noWindow}
	return c
}

// find returns the index of the first slice at or behind a number below the
// newest. Every look at a slice fetches memory from afar, so it first looks where
// that would be if slices were spread evenly: where there is one for every number
// they are.
func (l *lane) find(number int64) int {
	if number <= l.oldest {
		return 0
	}
	last := l.n - 1
	share := float64(apart(number, l.newest.number)) / float64(apart(l.oldest, l.newest.number))
	guess := last - max(1, int(float64(share*float64(last))+0.5))
	switch at := l.slice(guess).number; {
	case at == number:
		return guess
	case at < number:
		return l.live().halve(number, guess+1, last)
	default:
		return l.live().halve(number, 0, guess)
	}
}

// apart is how far behind low high is, which may be more than an int64 holds.
func apart(low, high int64) uint64 { return uint64(high) - uint64(low) }

// evict forgets the slices below number and returns how many these were.
func (l *lane) evict(number int64) int {
	before := l.n
	for l.n > 1 && l.slice(0).number < number {
		l.n--
		l.letGo()
	}
	if l.n == 1 && l.newest.number < number {
		l.n = 0
	}
	l.compact()
	if l.n == 0 {
		l.tree = nil
		return before
	}
	l.oldest = l.slice(0).number
	if l.tree != nil {
		l.tree.evict(number)
	}
	return before - l.n
}

// letGo takes the first chunk out of the queue if nothing is left of it.
func (l *lane) letGo() {
	n := l.full.len()
	if n == 0 {
		return
	}
	if live := l.n - 1 - len(l.tail); live <= (n-1)<<chunkBits {
		l.full.spare = l.full.queue[0]
		l.full.queue = slices.Delete(l.full.queue, 0, 1)
	}
}

// compact moves what is left of the only chunk to its front once that is the
// smaller part, so that it stays small.
func (l *lane) compact() {
	live := max(l.n-1, 0)
	evicted := len(l.tail) - live
	if evicted > l.n && l.full.len() == 0 {
		l.tail = l.tail[:copy(l.tail, l.tail[evicted:])]
	}
}

// fold merges slices that will not change as a rule, as those of a window that
// is frozen: what they have in common with other windows' is kept in the tree.
func (l *lane) fold(held run, from, to int64, out *slice) {
	if l.tree != nil {
		l.tree.folded = max(l.tree.folded, to)
	}
	l.tree.fold(held, from, to, out)
}

// forget lets go of what the tree keeps of a slice that is about to change, if
// anything.
func (l *lane) forget(number int64) {
	if l.tree != nil && number < l.tree.folded {
		l.tree.forget(number)
	}
}

// lastChanged is the last window that was frozen when a record came for it, also
// for a slice that has been evicted; noWindow for none.
func (l *lane) lastChanged() int64 {
	if l.late == nil {
		return noWindow
	}
	return l.late.changed
}

// lastEarly is the last window whose share of a content was taken before its
// turn; noWindow for none.
func (l *lane) lastEarly(content Content) int64 {
	if l.late == nil {
		return noWindow
	}
	return l.late.early[content]
}

// tookEarly notes that the shares of a content of the windows up to last have
// been taken, as they are before a late record is stored.
func (l *lane) tookEarly(content Content, last int64) {
	if l.late == nil {
		l.late = &lateMarks{changed: noWindow, early: [...]int64{OnTime: noWindow, Final: noWindow}}
	}
	l.late.early[content] = last
}

// noteChange notes that a late record has changed the current slice. Every window
// up to the last frozen one, but not final, has changed since its on-time share
// was taken.
func (l *lane) noteChange(s *specState) {
	l.at(s.number).changed, l.late.changed = s.frozen, s.frozen
}

// live are all slices of a lane.
func (l *lane) live() run { return run{l, 0, l.n} }

// between are the slices with from <= number < to.
func (l *lane) between(from, to int64) run {
	r := l.live()
	r = r.from(r.search(from))
	return r.to(r.search(to))
}

// run is some slices of a lane that follow each other. It is valid until the
// lane changes.
type run struct {
	lane       *lane
	begin, end int
}

func (r run) len() int           { return r.end - r.begin }
func (r run) slice(i int) *slice { return r.lane.slice(r.begin + i) }
func (r run) from(i int) run     { return run{r.lane, r.begin + i, r.end} }
func (r run) to(i int) run       { return run{r.lane, r.begin, r.begin + i} }

// search returns the index of the first slice at or behind number. Mostly there
// is a slice for nearly every number: between it and the first one, or the last,
// there are no more slices than numbers, which leaves few places to look at.
func (r run) search(number int64) int {
	n := r.len()
	if n == 0 {
		return 0
	}
	first, last := r.slice(0).number, r.slice(n-1).number
	switch {
	case number <= first:
		return 0
	case number > last:
		return n
	}
	low, high := 1, n-1
	if d := last - number; d >= 0 && d < int64(n) {
		low = max(low, n-1-int(d))
	}
	if d := number - first; d >= 0 && d < int64(n) {
		high = int(d)
	}
	return r.halve(number, low, high)
}

// halve returns the index of the first slice at or behind number, which is from
// low to high.
func (r run) halve(number int64, low, high int) int {
	for low < high {
		middle := int(uint(low+high) >> 1)
		if r.slice(middle).number < number {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}
