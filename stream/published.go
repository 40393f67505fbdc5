package stream

import (
	"slices"

	"github.com/oriel-stream/oriel/window"
)

// published is what a worker shows of itself: immutable once it is stored.
type published struct {
	window.Progress
	account
	id           window.PartitionID
	part         int // its number, as the engine counts
	next, logEnd int64
	// unstable is how many offsets open transactions hold back.
	unstable int64
	// lags are the newest lags, in no order, of which the newest is latest.
	lags []window.Duration
	// waiting says that the worker takes nothing until others have caught up.
	waiting bool
	// unbelieved is how many records wait for others to confirm that they are
	// not from the future; leap is the time of the first of them.
	unbelieved int
	leap       window.Time
	// untimed is how many of the newest records have no readable time.
	untimed int64
	// keys counts the keys that hold slices, windows the windows that are open.
	keys    int
	windows int64
	// open are the windows of the interest that are not final.
	interest Interest
	open     []window.OpenView
	// copies are the newest records of the interest, as far as they were copied.
	copies []inspected
}

// maxLook is how many open windows of a key are shown, and in how many of those
// that have closed it is seen at once what late records change.
const maxLook = 64

// publish shows the worker's state, if a picture was asked for since the last
// time.
func (w *worker) publish() {
	b := w.p.cfg.Board
	if b == nil {
		return
	}
	if asked := b.asked.Load(); asked != w.shown {
		w.shown = asked
		w.show()
	}
}

// show shows the worker's state.
func (w *worker) show() {
	b := w.p.cfg.Board
	if b == nil {
		return
	}
	interest := b.interest.Load()
	v := &published{
		Progress: w.state.Progress(), account: w.counted(), id: w.a.ID, part: w.part,
		next: w.readTo, logEnd: w.logEnd, unstable: w.unstable, lags: w.lags.newest(), interest: *interest,
		waiting: w.waiting.Load(), unbelieved: w.guard.Waiting(), leap: w.guard.Leap(), untimed: w.untimed,
	}
	v.gaps = slices.Clone(w.gaps)
	v.keys, _ = w.state.Open()
	v.windows = w.state.OpenWindows()
	if interest.Topic == w.a.ID.Topic {
		if series := seriesIndex(w.series, interest.Series); series >= 0 {
			v.open = w.state.Look(interest.Key, series, interest.Spec, maxLook)
		}
	}
	w.inspect(interest, b.inspecting.Load())
	v.copies = w.inspector.handOver()
	w.seen.Store(v)
}

// seriesIndex is the index of a series, 0 where records are counted, -1 if
// there is no such series.
func seriesIndex(series []string, name string) int {
	if len(series) == 0 {
		return 0
	}
	return slices.Index(series, name)
}

// row is the summary of the partition for a screen.
func (v *published) row(outOfOrder window.Duration) PartitionView {
	return PartitionView{
		ID: v.id, Next: v.next, LogEnd: v.logEnd, Newest: v.Newest, Watermark: v.own(outOfOrder), Idle: v.Idle,
		QuietFor: v.quietFor(), Finished: v.Finished, Records: v.records, Rejected: v.rejected(),
		Leap: v.waits(), Untimed: v.untimed, Unstable: v.unstable,
		Keys: v.keys, OpenWindows: v.windows,
	}
}

// own is the watermark by the partition's own records, window.MinTime before
// the first.
func (v *published) own(outOfOrder window.Duration) window.Time {
	if v.Newest == window.MinTime {
		return window.MinTime
	}
	return v.Newest.Sub(outOfOrder)
}

// quietFor is how long there has been nothing new, as the broker said: while it
// does not answer, nobody knows.
func (v *published) quietFor() window.Duration {
	if v.QuietSince == window.MinTime {
		return 0
	}
	return max(0, window.Duration(v.QuietUntil-v.QuietSince))
}

// waits is what waits to be believed.
func (v *published) waits() LeapView {
	l := LeapView{Records: v.unbelieved}
	if v.unbelieved > 0 && v.Newest != window.MinTime {
		l.Ahead = window.Duration(v.leap - v.Newest)
	}
	return l
}
