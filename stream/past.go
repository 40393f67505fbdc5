package stream

import "errors"

// errPast ends the reading of a run in which every partition has got past the
// windows that are wanted.
var errPast = errors.New("every window that is wanted is closed")

// past says that what is left of the partition is of no interest.
func (w *worker) past() bool { return w.p.cfg.UntilPast && w.state.Past(w.p.cfg.Beyond) }

// finishEarly finishes a partition behind the record read last. Where that is
// depends on its records alone, not on how they came in batches.
func (w *worker) finishEarly() {
	w.moveTo(w.rec.Offset + 1)
	if left := w.a.End - w.readTo; left > 0 {
		w.p.cfg.Progress.Total.Add(-left)
	}
	w.finish(false)
}

// finishedOne ends the reading behind the last partition.
func (p *pipeline) finishedOne() {
	if p.unfinished.Add(-1) == 0 && p.cfg.UntilPast {
		p.stop(errPast)
	}
}
