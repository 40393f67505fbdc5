package stream

import (
	"math"
	"sync/atomic"
)

// budget adds up what the windows of a run hold: the slices of its partitions
// and the shares that wait. It is an account of what was stored, not of the
// heap.
type budget struct {
	limit int64 // bytes, 0 for none
	used  atomic.Int64
	// keys are those that partitions have held records of at a time, at most, and
	// holders the partitions that have held any.
	keys, holders atomic.Int64
	// offsets are those behind which used is what is held: fewer than have been
	// read, where a worker has not reported yet.
	offsets atomic.Int64
	// refused says that keys were refused for want of memory.
	refused atomic.Bool
}

// accounted is a Sink that holds memory of the run.
type accounted interface {
	// account is called once, before the first line.
	account(to *budget)
}

// MemoryError says that the state of a bounded run outgrew Config.MaxMemory.
type MemoryError struct {
	Limit int64 // bytes
	// Enough is about what the whole range would need, as far as what has been
	// read of it tells.
	Enough int64
}

func (e *MemoryError) Error() string {
	return "the open windows outgrew the memory they may take"
}

// set notes what a worker or the engine, which remembers held, holds now.
func (b *budget) set(held *int64, bytes int64) {
	b.used.Add(bytes - *held)
	*held = bytes
}

// count notes how many keys a worker, of which it has counted some at a time
// before, holds now.
func (b *budget) count(counted *int, keys int) {
	if keys <= *counted {
		return
	}
	if *counted == 0 {
		b.holders.Add(1)
	}
	b.keys.Add(int64(keys - *counted))
	*counted = keys
}

// short says that partitions ahead of the slowest must wait: four fifths of the
// limit are in use.
func (b *budget) short() bool { return b.limit > 0 && b.used.Load() > b.limit/5*4 }

// spent says that nothing more can be held.
func (b *budget) spent() bool { return b.limit > 0 && b.used.Load() > b.limit }

// view is the account for a screen.
func (b *budget) view() MemoryView {
	return MemoryView{Used: b.used.Load(), Limit: b.limit, Short: b.short(), Spent: b.spent()}
}

// economise does what there is to do when nothing more can be held: a live run
// takes no new keys until there is room again, a bounded one cannot be finished.
func (w *worker) economise() {
	spent := w.p.budget.spent()
	switch {
	case w.p.cfg.Live:
		w.state.Refuse(spent)
		if spent {
			w.p.budget.refused.Store(true)
		}
	case spent:
		w.p.cancel(&MemoryError{Limit: w.p.budget.limit, Enough: w.p.enough()})
	}
}

// enough projects what is held onto the whole range, and a quarter more, for in
// another run partitions may come to hold their most at the same time. At its end
// they hand over all windows that are open, and these wait for the slowest. Those
// that have not held a key yet will hold as many as the others, and all some more.
func (p *pipeline) enough() int64 {
	whole := float64(p.cfg.Progress.Total.Load()) / float64(max(1, p.budget.offsets.Load()))
	p.mu.Lock()
	partitions := float64(len(p.ids))
	p.mu.Unlock()
	keys := float64(p.budget.keys.Load()) / float64(max(1, p.budget.holders.Load())) * partitions
	atEnd := 1.5 * keys * p.cfg.Window.ShareBytes()
	return int64(min(1.25*float64(p.budget.used.Load())*max(1, whole)+atEnd, math.MaxInt64/2))
}
