package stream

import (
	"bytes"
	"slices"

	"github.com/oriel-stream/oriel/window"
)

// heldRecord is a record with a create time far ahead, copied out of its batch:
// it waits until those behind it have said whether that is believed.
type heldRecord struct {
	rec     Record
	ev      Event
	size    int // of the whole payload
	arrival window.Time
}

func (w *worker) hold(arrival window.Time) heldRecord {
	h := heldRecord{rec: w.rec, ev: w.ev, size: len(w.rec.Value), arrival: arrival}
	h.rec.Headers = nil
	kept := maxListed
	if w.inspector != nil { // somebody may look at it
		kept = maxPayloadShown
		for _, header := range w.rec.Headers {
			h.rec.Headers = append(h.rec.Headers, Header{bytes.Clone(header.Key), bytes.Clone(header.Value)})
		}
	}
	h.rec.Key = bytes.Clone(w.rec.Key)
	h.rec.Value = bytes.Clone(w.rec.Value[:min(len(w.rec.Value), kept)])
	h.ev.Key = bytes.Clone(w.ev.Key)
	h.ev.Values = slices.Clone(w.ev.Values)
	h.ev.Distinct = slices.Clone(w.ev.Distinct)
	for i, value := range h.ev.Distinct {
		h.ev.Distinct[i] = bytes.Clone(value)
	}
	return h
}

// guarded takes a record whose event time is its create time. It counts at once
// unless it leaps.
func (w *worker) guarded(arrival window.Time) error {
	decided, pass := w.guard.Offer(w.ev.Time, func() heldRecord { return w.hold(arrival) })
	if err := w.decide(decided); err != nil || !pass {
		return err
	}
	return w.add(arrival)
}

// decide takes records that have waited: those that are believed count now, in
// their order, and the others are from the future.
func (w *worker) decide(decided []window.Decided[heldRecord]) error {
	if len(decided) == 0 {
		return nil
	}
	rec, ev, at := w.rec, w.ev, w.at
	defer func() { w.rec, w.ev, w.at, w.size = rec, ev, at, 0 }()
	for i := range decided {
		d := &decided[i]
		w.rec, w.ev, w.at, w.size = d.Record.rec, d.Record.ev, d.Record.ev.Time, d.Record.size
		var err error
		if d.Refuted {
			err = w.reject(Future, w.lostEverywhere(), true)
		} else {
			err = w.add(d.Record.arrival)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
