package kafka

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// tenures are the partitions that a member of a group has, and what is to be
// committed of them. It is safe for concurrent use.
type tenures struct {
	// ended has a token when a partition may have been given up, and due when one
	// waits for its last commit to be.
	ended, due signal

	mu sync.Mutex
	by map[window.PartitionID]*tenure
}

// tenure is one assignment of a partition to this member, from when it takes the
// partition until everything that was read of it is flushed and committed.
type tenure struct {
	// newest is what may be committed, and waiting says that it is not yet.
	newest  stream.Commit
	waiting bool
	// cuts is how often the log was truncated. A commit that knows of fewer may be
	// of records that it does not have any more.
	cuts int
	// leaving is when the partition was revoked, zero before. last says that no
	// commit follows.
	leaving time.Time
	last    bool
	// replaced says that the log is another one by now: nothing is committed of
	// the old one.
	replaced bool
	// lost says that others may have the partition. Nothing is committed of it,
	// and it is not claimed any more.
	lost bool
}

func newTenures() *tenures {
	return &tenures{ended: newSignal(), due: newSignal(), by: map[window.PartitionID]*tenure{}}
}

// signal wakes one goroutine, once for however many reasons.
type signal chan struct{}

func newSignal() signal { return make(signal, 1) }

func (s signal) set() {
	select {
	case s <- struct{}{}:
	default:
	}
}

func (s signal) clear() {
	select {
	case <-s:
	default:
	}
}

// begin is the beginning of a tenure whose commits begin at c. first says that
// nothing was committed before: then c is, so that whoever comes next begins there
// too.
func (t *tenures) begin(c stream.Commit, first bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.by[c.ID] = &tenure{newest: c, waiting: first}
}

// flushed implements stream.Commits.
func (t *tenures) flushed(c stream.Commit, last bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.by[c.ID]
	if p == nil || p.last {
		return
	}
	if p.commits() && c.Cuts >= p.cuts && c.Offset >= p.newest.Offset && c != p.newest {
		p.newest, p.waiting = c, true
	}
	if !last {
		return
	}
	p.last = true
	if p.waiting && p.commits() {
		t.due.set()
	} else {
		t.ended.set()
	}
}

// commits says that something of the tenure may be committed.
func (p *tenure) commits() bool { return !p.lost && !p.replaced }

// over says that nothing more is to be done for the tenure.
func (p *tenure) over() bool { return p.last && (!p.waiting || !p.commits()) }

// waiting are the commits that are to be made, in order.
func (t *tenures) waiting() []stream.Commit {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []stream.Commit
	for _, p := range t.by {
		if p.waiting && p.commits() {
			out = append(out, p.newest)
		}
	}
	slices.SortFunc(out, func(a, b stream.Commit) int { return comparePartitions(a.ID, b.ID) })
	return out
}

// committed takes note of a commit that was made, or that nobody can make any
// more because the partition is gone.
func (t *tenures) committed(c stream.Commit) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.by[c.ID]
	if p == nil || p.newest != c {
		return // there is a newer one
	}
	p.waiting = false
	if p.last {
		t.ended.set()
	}
}

// has says that the partition is somebody's tenure here, be it one that ends.
func (t *tenures) has(id window.PartitionID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.by[id] != nil
}

// claimed are the partitions that nobody else may read yet, in order.
func (t *tenures) claimed() []window.PartitionID {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []window.PartitionID
	for id, p := range t.by {
		if !p.lost {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, comparePartitions)
	return out
}

// leave begins the end of every tenure but those of kept, and returns which those
// are.
func (t *tenures) leave(kept []window.PartitionID) []window.PartitionID {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []window.PartitionID
	for _, id := range slices.SortedFunc(maps.Keys(t.by), comparePartitions) {
		if p := t.by[id]; p.leaving.IsZero() && !slices.Contains(kept, id) {
			p.leaving = time.Now()
			out = append(out, id)
		}
	}
	return out
}

// lose is the end of a membership: others may have every partition.
func (t *tenures) lose() []window.PartitionID {
	left := t.leave(nil)
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.by {
		p.lost = true
	}
	t.ended.set()
	return left
}

// ending says what becomes of the tenures that end: which of them are over, and
// are forgotten; which have taken longer than patience, and are lost; how many
// are left that claim their partitions, and how long one of them still has.
type ending struct {
	over, late []window.PartitionID
	// replaced are those of over whose logs are other ones now.
	replaced []window.PartitionID
	left     int
	next     time.Duration
}

func (t *tenures) end(patience time.Duration) ending {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := ending{next: patience}
	for _, id := range slices.SortedFunc(maps.Keys(t.by), comparePartitions) {
		p := t.by[id]
		switch left := patience - time.Since(p.leaving); {
		case p.over():
			e.over = append(e.over, id)
			if p.replaced {
				e.replaced = append(e.replaced, id)
			}
			delete(t.by, id)
		case p.leaving.IsZero() || p.lost:
		case left <= 0:
			p.lost = true
			e.late = append(e.late, id)
		default:
			e.left++
			e.next = min(e.next, left)
		}
	}
	return e
}

// replaced implements keeper.
func (t *tenures) replaced(id window.PartitionID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.by[id]; p != nil {
		p.replaced = true
		if p.leaving.IsZero() {
			p.leaving = time.Now()
		}
	}
}

// cut implements keeper: commits go back to the end of the log.
func (t *tenures) cut(id window.PartitionID, end int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.by[id]; p != nil {
		p.cuts++
		if p.newest.Offset > end { // and who reads next must not begin behind it
			p.newest.Offset, p.waiting = end, true
		}
	}
}
