package stream

import (
	"math"

	"github.com/oriel-stream/oriel/window"
)

// noPace is the pace that holds nobody back.
const noPace = math.MaxInt64

// setPace holds back the partitions that are further ahead of the slowest than
// Config.MaxDrift, or that are ahead of it at all while memory is short: their
// shares must wait for it.
//
// The pace is an event time: a worker whose own watermark is beyond it takes
// nothing more until it has moved. The slowest partition is never beyond it, so
// something always moves.
//
// Where every partition has windows of its own nothing waits, and so nobody.
func (e *engine) setPace() {
	if e.all == nil {
		return
	}
	p := e.p
	slowest := e.all.asm.Slowest()
	limit := int64(noPace)
	switch {
	case slowest == window.MaxTime: // nobody would ever move it
	case p.budget.short():
		limit = int64(slowest)
	case p.cfg.MaxDrift > 0:
		limit = int64(slowest.Add(p.cfg.MaxDrift))
	}
	if p.pace.Swap(limit) == limit {
		return
	}
	for _, w := range e.all.workers {
		if w.waiting.Load() {
			w.remind()
		}
	}
}

// mustWait says that the worker must not take its next delivery yet. When the
// Source has returned there is nobody left to wait for.
func (w *worker) mustWait() bool {
	ahead := func() bool {
		return int64(w.state.Own()) > w.p.pace.Load() && !w.finished && !w.p.read.Load()
	}
	if !w.p.cfg.Paced || !ahead() {
		w.waiting.Store(false)
		return false
	}
	w.waiting.Store(true)
	return ahead() // it may have moved before the engine could see that the worker waits
}
