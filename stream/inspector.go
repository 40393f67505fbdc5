package stream

import (
	"slices"

	"github.com/oriel-stream/oriel/window"
)

// RecordView is one record of the key of interest, copied, with what became of
// it.
type RecordView struct {
	ID     window.PartitionID
	Offset int64
	// Timestamp is the Kafka timestamp in ms, -1 for none, by the Clock.
	Timestamp int64
	Clock     window.Clock
	// EventTime is set if HasEventTime, Value, that of the series of interest, if
	// HasValue, and Lag, processing time minus event time, if HasLag.
	EventTime    window.Time
	HasEventTime bool
	Value        float64
	HasValue     bool
	Lag          window.Duration
	HasLag       bool
	// Reason says why it is in no window, or not in all: then Lost of the Of
	// windows had closed. Late is in how many it counts although they had fired.
	Reason         Reason
	Lost, Of, Late int
	// Payload is the beginning of its value, of Size bytes in all; Null says that
	// it has none. Headers are the first of its headers, their values cut.
	Payload string
	Size    int
	Null    bool
	Headers []HeaderView
}

// HeaderView is the beginning of a header.
type HeaderView struct{ Key, Value string }

// Bounds of what is copied for a screen.
const (
	maxInspected       = 32 // records of a partition between two pictures
	maxRecordsShown    = 200
	maxPayloadShown    = 2048
	maxHeadersShown    = 16
	maxHeaderPartShown = 128
)

// inspector copies records of the key of interest while a screen shows them: of
// each partition the first after every picture, which is most of them unless
// there are hundreds a second.
type inspector struct {
	interest Interest
	series   int
	// fresh are those that were copied since the worker showed itself last, and
	// before those of the time before: a picture that came too soon has not seen
	// them.
	fresh, before []inspected
}

// inspected is a copied record with its number among those that its worker could
// have copied.
type inspected struct {
	n int64
	RecordView
}

// inspect turns the inspector to what the screen shows now.
func (w *worker) inspect(interest *Interest, on bool) {
	series := seriesIndex(w.series, interest.Series)
	switch {
	case !on || interest.Topic != w.a.ID.Topic || series < 0:
		w.inspector = nil
	case w.inspector == nil || w.inspector.interest != *interest:
		w.inspector = &inspector{interest: *interest, series: series}
	}
}

// handOver is what a picture may show.
func (x *inspector) handOver() []inspected {
	if x == nil {
		return nil
	}
	all := slices.Concat(x.before, x.fresh)
	x.before, x.fresh = x.fresh, nil
	return all
}

// see copies the worker's record if it is of the key. One that could not be read
// is known by its Kafka key alone.
func (x *inspector) see(w *worker, reason Reason, v window.Verdict, timed bool) {
	key := w.ev.Key
	if key == nil && (reason != OK || w.ev.Reason != OK) {
		key = w.rec.Key
	}
	if (key == nil) != x.interest.Key.Null || string(key) != x.interest.Key.Bytes || w.ev.Filtered {
		return
	}
	w.inspected++
	if len(x.fresh) < maxInspected {
		x.fresh = append(x.fresh, inspected{w.inspected, w.view(x.series, reason, v, timed)})
	}
}

// view copies the worker's record.
func (w *worker) view(series int, reason Reason, v window.Verdict, timed bool) RecordView {
	r := RecordView{
		ID: w.a.ID, Offset: w.rec.Offset, Timestamp: w.rec.Timestamp, Clock: w.rec.Clock,
		EventTime: w.ev.Time, HasEventTime: timed && w.ev.TimeReason == OK,
		Reason: reason, Lost: v.Lost, Of: v.Of, Late: v.Late,
		Payload: string(w.rec.Value[:min(len(w.rec.Value), maxPayloadShown)]), Size: len(w.rec.Value), Null: w.rec.Value == nil,
	}
	if series < len(w.ev.Values) {
		value := w.ev.Values[series]
		r.Value, r.HasValue = value.Number, value.Reason == OK
		if r.Reason == OK {
			r.Reason = value.Reason // another series of the record could be read
		}
	}
	if timed && reason != Future {
		r.Lag, r.HasLag = w.place.Lag, w.place.HasLag
	}
	for _, h := range w.rec.Headers[:min(len(w.rec.Headers), maxHeadersShown)] {
		r.Headers = append(r.Headers, HeaderView{beginning(h.Key), beginning(h.Value)})
	}
	return r
}

func beginning(b []byte) string { return string(b[:min(len(b), maxHeaderPartShown)]) }

// recordLog holds the newest records of the key of interest that workers have
// copied: those of a partition in their order, picture by picture.
type recordLog struct {
	interest Interest
	records  []RecordView
	// passed counts those that were not copied.
	passed int64
	// taken is up to which number those of a worker are here.
	taken map[*worker]int64
}

// take adds what the workers have shown since the last picture.
func (l *recordLog) take(workers []*worker, views []*published, i Interest) {
	if l.interest != i {
		*l = recordLog{interest: i}
	}
	taken := make(map[*worker]int64, len(workers))
	for k, w := range workers {
		last, known := l.taken[w]
		for _, r := range views[k].copiesOf(i) {
			if r.n <= last {
				continue
			}
			if known {
				l.passed += r.n - last - 1
			}
			last, known = r.n, true
			l.records = append(l.records, r.RecordView)
		}
		if known {
			taken[w] = last
		}
	}
	l.taken = taken
	if n := len(l.records) - maxRecordsShown; n > 0 {
		l.records = slices.Clone(l.records[n:]) // pictures still show the old one
	}
}

// copiesOf are the records of an interest that were copied.
func (v *published) copiesOf(i Interest) []inspected {
	if v.interest != i {
		return nil // it has not heard of the new interest yet
	}
	return v.copies
}
