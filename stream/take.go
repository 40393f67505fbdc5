package stream

import (
	"errors"
	"math"

	"github.com/oriel-stream/oriel/window"
)

// batch adds the records of one batch to the slices.
func (w *worker) batch(d *Delivery) error {
	defer d.Batch.Release()
	before, rejectedBefore := w.records, w.rejected()
	w.timed = false
	for d.Batch.Next(&w.rec) {
		w.rec.ID = w.a.ID
		if w.standing != nil && w.records%footholdEvery == 0 {
			w.standing.at(w.rec.Offset)
			w.findFoothold()
		}
		if w.records++; w.records == 1 {
			w.seeFirst()
		}
		if err := w.record(d.At); err != nil {
			return err
		}
		if w.past() {
			break
		}
	}
	w.p.cfg.Progress.Records.Add(w.records - before)
	w.p.cfg.Progress.Rejected.Add(w.rejected() - rejectedBefore)
	w.lostEnd = w.lostEnd && w.records == before
	if corrupt, ok := errors.AsType[*CorruptError](d.Batch.Err()); ok {
		w.gap(GapRead{ID: w.a.ID, From: corrupt.From, To: corrupt.To, Reason: corrupt.Error()})
	}
	return nil
}

// record takes one record from its decoder's verdict to its slices. Its time
// moves the watermark before anything else is looked at.
func (w *worker) record(arrival window.Time) error {
	e := &w.ev
	w.dec.Decode(&w.rec, e)
	if (e.TimeReason == NoSchema || e.Reason == NoSchema) && w.p.over() {
		w.records-- // it was waiting for its schema, and as good as not read
		return nil
	}
	if w.p.cfg.Domain == ProcessingTime {
		return w.recordAtProcessingTime(arrival)
	}
	if e.TimeReason != OK {
		return w.reject(e.TimeReason, window.Verdict{}, false)
	}
	w.at = e.Time
	if e.FromPayload && window.IsFuture(e.Time, w.rec.Timestamp, w.p.cfg.Window.MaxFuture) {
		return w.reject(Future, w.lostEverywhere(), true)
	}
	w.timed = true
	w.state.Speak()
	if !e.FromPayload && w.rec.Clock == window.ClockCreate {
		return w.guarded(arrival)
	}
	if w.guard.Waiting() > 0 { // the broker's clock has taken over: nothing comes that could refute
		if err := w.decide(w.guard.Settle()); err != nil {
			return err
		}
	}
	return w.add(arrival)
}

// recordAtProcessingTime takes a record whose event time, which may be missing,
// counts for its lag alone.
func (w *worker) recordAtProcessingTime(arrival window.Time) error {
	t := w.processingTime(arrival)
	if t.IsEventTime() {
		w.processing = max(w.processing, t)
	}
	if w.processing == window.MinTime {
		reason := NoTime
		if t != window.MinTime {
			reason = BadTime
		}
		return w.reject(reason, window.Verdict{}, false)
	}
	w.at, w.timed = w.processing, true
	return w.add(arrival)
}

// isHere says that processing time is when a record arrived here: in live runs,
// but for those of a group, whose lines must be the same when they come again, and
// where a source has no clock.
func (w *worker) isHere(arrival window.Time) bool {
	return w.p.cfg.Live && w.p.cfg.Group == nil && arrival != window.MinTime
}

// processingTime is when a record arrived: here, or at the broker as far as anybody
// knows. MinTime if that is unknown.
func (w *worker) processingTime(arrival window.Time) window.Time {
	switch {
	case w.isHere(arrival):
		return arrival
	case w.rec.Timestamp == -1:
		return window.MinTime
	default:
		return window.Time(w.rec.Timestamp)
	}
}

// add moves the watermark by a record's time and puts the record into the
// slices, if it can be used.
func (w *worker) add(arrival window.Time) error {
	w.reach(w.rec.Offset)
	w.findPlace(arrival)
	w.state.Observe(w.at)
	w.drain()
	e := &w.ev
	if e.Reason != OK || e.Filtered {
		return w.reject(e.Reason, w.lostEverywhere(), true)
	}
	if err := w.numbers(); err != nil {
		return err
	}
	w.noteLag(arrival)
	verdict := w.state.Add(e.Key, w.at, &w.place, w.values)
	if w.standing != nil && !verdict.KeyLimit && verdict.Lost < verdict.Of {
		w.standing.counted = max(w.standing.counted, w.at)
	}
	if w.raw != nil && !verdict.KeyLimit {
		w.raw.add(e.Key, rawValue{at: w.at, partition: w.a.ID.Partition, offset: w.rec.Offset}, w.state.Watermark(), w.values)
	}
	return w.count(verdict)
}

// lostEverywhere is the verdict on a record that counts in no window.
func (w *worker) lostEverywhere() window.Verdict {
	of := w.state.Judge(w.at).Of
	return window.Verdict{Lost: of, Of: of}
}

// findPlace finds where the record stands and how far its event time is behind
// processing time. There is no lag where they are the same timestamp.
func (w *worker) findPlace(arrival window.Time) {
	at := &w.place
	at.Offset, at.Clock, at.Distinct = w.rec.Offset, w.rec.Clock, w.ev.Distinct
	now := w.processingTime(arrival)
	here := w.isHere(arrival)
	if here {
		at.Clock = window.ClockArrival
	}
	told := now.IsEventTime()
	if !told {
		at.Clock = 0 // nobody knows, or no clock that is right
	}
	at.HasLag, at.Lag = false, 0
	if w.ev.TimeReason == OK && told && (here || w.ev.FromPayload) {
		at.HasLag, at.Lag = true, window.Duration(now-w.ev.Time)
	}
}

// noteLag notes how far the record is behind, for a screen: in a live run behind
// its arrival, also where lines tell another lag.
func (w *worker) noteLag(arrival window.Time) {
	switch {
	case w.p.cfg.Board == nil:
	case w.p.cfg.Group != nil && w.ev.TimeReason == OK && arrival != window.MinTime:
		w.lags.add(window.Duration(arrival - w.ev.Time))
	case w.place.HasLag:
		w.lags.add(w.place.Lag)
	}
}

// numbers copies the event's values, NaN for those that cannot be used, and
// lists the latter: others of the same record are in the windows.
func (w *worker) numbers() error {
	if len(w.series) == 0 {
		w.values = nil
		return nil
	}
	w.values = w.values[:0]
	holes := false
	for i := range w.ev.Values {
		x := w.ev.Values[i].Number
		if w.ev.Values[i].Reason != OK {
			holes, x = true, math.NaN()
		}
		w.values = append(w.values, x)
	}
	if !holes {
		return nil
	}
	w.partlyUsable++
	lost := w.lostEverywhere()
	for i, v := range w.ev.Values {
		if v.Reason == OK {
			continue
		}
		if err := w.list(v.Reason, w.series[i], lost); err != nil {
			return err
		}
	}
	return nil
}
