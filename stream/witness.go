package stream

import "github.com/oriel-stream/oriel/window"

// Witness sees what becomes of every record of a run, and every share that is
// taken. It is called by the partitions' workers: concurrently for different
// partitions, one call at a time within one.
type Witness interface {
	// Record is called when the verdict on a record is known. What it is given
	// is only valid during the call.
	Record(*Witnessed)
	// Shares is called with the shares that a partition hands over, which are
	// valid during the call.
	Shares(id window.PartitionID, frozen []window.Frozen)
}

// Witnessed is a record with what became of it.
type Witnessed struct {
	ID     window.PartitionID
	Record *Record
	Event  *Event
	// Time is the time by which the record is put into windows, if it has one.
	Time    window.Time
	HasTime bool
	// Reason says why the record is in no window, or with a Verdict that lost
	// only some of them, in fewer than it belongs to. OK if it is in all.
	Reason Reason
	window.Verdict
	// Watermark is that of the partition, and Own the one by its own records
	// alone, with this record seen.
	Watermark, Own window.Time
}

// isOf says whether a record is of a key, or may be: one that could not be read
// has its Kafka key alone.
func isOf(key window.Key, r *Record, e *Event, timed bool) bool {
	unreadable := !timed || e.Reason != OK
	return !e.Filtered && (isKey(key, e.Key) || unreadable && isKey(key, r.Key))
}

func isKey(key window.Key, bytes []byte) bool {
	return (bytes == nil) == key.Null && string(bytes) == key.Bytes
}

// witness tells whoever looks on what became of the worker's record.
func (w *worker) witness(reason Reason, v window.Verdict, timed bool) {
	if w.inspector != nil || w.p.cfg.Witness != nil {
		w.bearWitness(reason, v, timed)
	}
}

func (w *worker) bearWitness(reason Reason, v window.Verdict, timed bool) {
	if w.inspector != nil {
		w.inspector.see(w, reason, v, timed)
	}
	if w.p.cfg.Witness == nil {
		return
	}
	w.p.cfg.Witness.Record(&Witnessed{
		ID: w.a.ID, Record: &w.rec, Event: &w.ev, Time: w.at, HasTime: timed, Reason: reason, Verdict: v,
		Watermark: w.state.Watermark(), Own: w.state.Own(),
	})
}
