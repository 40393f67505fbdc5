package stream

import "github.com/oriel-stream/oriel/window"

// A partition whose first event time is known tells by it which windows may lack
// records that lie before the range. Of one that has none yet, or never has any,
// it is the Kafka times that tell: records come into a log in their order, or
// nearly so.

// boundBefore notes the Kafka time that no record before the first one is past. Event
// times of the payload may be ahead of it, and count nonetheless.
func (w *worker) boundBefore(t window.Time) {
	if w.p.cfg.OwnTime && w.p.cfg.Domain == EventTime {
		t = t.Add(w.p.cfg.Window.MaxFuture)
	}
	w.state.BoundBefore(t)
}

// seeBefore notes, in a live run, that what lies before the first record was there
// when a response came that did not have it.
func (w *worker) seeBefore(d *Delivery) {
	if w.records == 0 && w.p.cfg.Live && d.At != window.MinTime {
		w.boundBefore(d.At)
	}
}

// seeFirst notes that what lies before the first record came into the log before
// it, whatever its own event time is worth.
func (w *worker) seeFirst() {
	if w.rec.Timestamp >= 0 {
		w.boundBefore(window.Time(w.rec.Timestamp))
	}
}

// loseStart notes that offsets are lost, if nothing was read before them.
func (w *worker) loseStart() {
	if w.records == 0 {
		w.lostStart = true
		w.state.UnboundBefore()
	}
}
