package stream

import "github.com/oriel-stream/oriel/window"

// foothold is a place in a partition's log from which its reading could go on:
// an offset, and what was known when it was next.
type foothold struct {
	offset int64
	// due is the watermark at which nothing comes out any more that a record
	// before the offset has a part in; window.MinTime where no such record counts
	// in a window.
	due   window.Time
	state window.PartitionState
	guard window.Time
	whole bool
}

// footholds are those of one partition, in the order of their offsets and so of
// when they are due. The first one always holds. They belong to the worker.
//
// No record is looked at for them but for its time, and nothing has to be looked
// up: which offsets the open windows need follows from the newest event time that
// counts before each foothold.
type footholds struct {
	list []foothold
	// Of so many that are due one after another one is kept, and skipped counts
	// those since the last that is: 1 unless there would be too many.
	each, skipped int
}

// maxFootholds bounds the list. There is one for each time at which windows are
// due, so there are seldom more than windows overlap.
const maxFootholds = 256

// add adds a foothold at or behind all others. It takes the place of the last
// where both are due at the same time, for then it is the better one.
func (f *footholds) add(h foothold) {
	n := len(f.list)
	same := n > 0 && f.list[n-1].due == h.due
	if !same {
		f.skipped++
	}
	if same || n > 1 && f.skipped < f.each {
		f.list[n-1] = h
		return
	}
	if n == maxFootholds {
		f.thin()
	}
	f.list, f.skipped = append(f.list, h), 0
}

// cut forgets the footholds behind an offset at which the log ends now.
func (f *footholds) cut(end int64) {
	for n := len(f.list); n > 0 && f.list[n-1].offset > end; n-- {
		if n == 1 {
			f.list[0].offset = end
			return
		}
		f.list = f.list[:n-1]
	}
}

// thin drops every second foothold, and keeps the first.
func (f *footholds) thin() {
	n := 0
	for i := 0; i < len(f.list); i += 2 {
		f.list[n] = f.list[i]
		n++
	}
	f.list, f.each = f.list[:n], 2*max(1, f.each)
}

// at returns the last foothold that holds when whatever was due up to the
// frontier has come out. The frontier never goes back, so those before it are
// forgotten.
func (f *footholds) at(frontier window.Time) foothold {
	n := 0
	for n+1 < len(f.list) && f.list[n+1].due <= frontier {
		n++
	}
	f.list = f.list[:copy(f.list, f.list[n:])]
	if len(f.list) < maxFootholds/4 {
		f.each /= 2
	}
	return f.list[0]
}
