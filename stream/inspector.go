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
	// it has none. Headers are the first of its headers, and OtherHeaders how many
	// more it has.
	Payload      string
	Size         int
	Null         bool
	Headers      []HeaderView
	OtherHeaders int
}

// HeaderView is a header, or the beginnings of its parts with an ellipsis.
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
	interest Interest // of any spec
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
	case w.inspector == nil || w.inspector.interest != interest.ofAnySpec():
		w.inspector = &inspector{interest: interest.ofAnySpec(), series: series}
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

// see copies the worker's record if it is of the key.
func (x *inspector) see(w *worker, reason Reason, v window.Verdict, timed bool) {
	if !isOf(x.interest.Key, &w.rec, &w.ev, timed) {
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
		Payload: string(w.rec.Value[:min(len(w.rec.Value), maxPayloadShown)]), Size: max(w.size, len(w.rec.Value)), Null: w.rec.Value == nil,
		OtherHeaders: max(0, len(w.rec.Headers)-maxHeadersShown),
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

func beginning(b []byte) string {
	if len(b) > maxHeaderPartShown {
		return string(b[:maxHeaderPartShown]) + "…"
	}
	return string(b)
}

// recordLog holds the newest records of the key of interest that workers have
// copied: those of a partition in their order, picture by picture.
type recordLog struct {
	interest Interest // of any spec
	records  []RecordView
	// passed counts those that were not copied, or had no room.
	passed int64
	// taken is up to which number those of a worker are here.
	taken map[*worker]int64
}

// take adds what the workers have shown since the last picture, in turns: of many
// partitions each has its share.
func (l *recordLog) take(workers []*worker, views []*published, i Interest) {
	if i = i.ofAnySpec(); l.interest != i {
		*l = recordLog{interest: i}
	}
	fresh, longest := make([][]RecordView, len(workers)), 0
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
			if !l.has(&r.RecordView) {
				fresh[k] = append(fresh[k], r.RecordView)
			}
		}
		if known {
			taken[w] = last
		}
		longest = max(longest, len(fresh[k]))
	}
	l.taken = taken
	before := len(l.records)
	for n := range longest {
		for _, records := range fresh {
			if n < len(records) {
				l.records = append(l.records, records[n])
			}
		}
	}
	if n := len(l.records) - maxRecordsShown; n > 0 {
		l.passed += int64(max(0, n-before))
		l.records = slices.Clone(l.records[n:]) // pictures still show the old one
	}
}

// has says whether a record is there already: a partition that comes back to a
// member is read again from where the group stands.
func (l *recordLog) has(r *RecordView) bool {
	return slices.ContainsFunc(l.records, func(o RecordView) bool { return o.ID == r.ID && o.Offset == r.Offset })
}

// copiesOf are the records of an interest that were copied.
func (v *published) copiesOf(i Interest) []inspected {
	if v.interest.ofAnySpec() != i {
		return nil // it has not heard of the new interest yet
	}
	return v.copies
}

// ofAnySpec is the key and series of an interest alone.
func (i Interest) ofAnySpec() Interest {
	i.Spec, i.Chosen = 0, true
	return i
}
