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
	next, logEnd int64
	// lags are the newest lags, in no order, of which the newest is latest.
	lags []window.Duration
	// open are the open windows of the interest.
	interest Interest
	open     []window.OpenView
}

// maxLook is how many open windows of a key are shown.
const maxLook = 64

// publish shows the worker's state, if a picture was asked for since the last
// time.
func (w *worker) publish() {
	b := w.p.cfg.Board
	if b == nil {
		return
	}
	asked := b.asked.Load()
	if asked == w.shown {
		return
	}
	w.shown = asked
	interest := b.interest.Load()
	v := &published{
		Progress: w.state.Progress(), account: w.account, id: w.a.ID,
		next: w.readTo, logEnd: w.logEnd, lags: w.lags.newest(), interest: *interest,
	}
	v.gaps = slices.Clone(w.gaps)
	if interest.Topic == w.a.ID.Topic {
		if series := seriesIndex(w.series, interest.Series); series >= 0 {
			v.open = w.state.Look(interest.Key, series, interest.Spec, maxLook)
		}
	}
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
func (v *published) row(now window.Time, outOfOrder window.Duration) PartitionView {
	r := PartitionView{
		ID: v.id, Next: v.next, LogEnd: v.logEnd, Newest: v.Newest, Watermark: window.MinTime, Idle: v.Idle,
		Records: v.records, Rejected: v.rejected(),
	}
	if v.Newest != window.MinTime {
		r.Watermark = v.Newest.Sub(outOfOrder)
	}
	if v.QuietSince != window.MinTime && now > v.QuietSince {
		r.QuietFor = window.Duration(now - v.QuietSince)
	}
	return r
}

// quietAfter is how long a partition must have nothing new to be called quiet:
// between two batches of a busy topic there is nothing new for a moment, too.
const quietAfter = second

// slowAfter is how far behind the others a partition's watermark must be for it
// to be called slow: one is always the last.
const slowAfter = second

// hold finds the watermark and what holds it where it is.
func hold(views []*published, now window.Time, idleTimeout window.Duration) (window.Time, Hold) {
	var lowest *published
	second := window.MaxTime
	idle := 0
	for _, v := range views {
		if v.Finished {
			continue
		}
		if v.Idle {
			idle++
		}
		switch {
		case lowest == nil:
			lowest = v
		case v.Mark < lowest.Mark:
			lowest, second = v, lowest.Mark
		default:
			second = min(second, v.Mark)
		}
	}
	if lowest == nil {
		return window.MinTime, Hold{}
	}
	h := Hold{ID: lowest.id, Kind: HoldSlow}
	if second != window.MaxTime && lowest.Mark != window.MinTime {
		h.Behind = window.Duration(second - lowest.Mark)
	}
	switch {
	case idle == len(views):
		h.Kind = HoldIdle
	case lowest.Newest == window.MinTime && lowest.QuietSince == window.MinTime:
		h.Kind = HoldUnknown
	case lowest.QuietSince != window.MinTime && now >= lowest.QuietSince.Add(quietAfter):
		h.Kind = HoldQuiet
		if lowest.Newest == window.MinTime {
			idleTimeout = min(idleTimeout, window.MaxSilentStart)
		}
		h.IdleIn = max(0, idleTimeout-window.Duration(now-lowest.QuietSince))
	case lowest.logEnd > lowest.next:
		h.Kind = HoldBehind
	case h.Behind < slowAfter:
		h.Kind = HoldNothing
	}
	return lowest.Mark, h
}
