package stream

import (
	"cmp"
	"math"
	"slices"
	"unsafe"

	"github.com/oriel-stream/oriel/window"
)

// rawValue is a record as InputRaw hands it to an external model.
type rawValue struct {
	at        window.Time
	value     float64
	partition int32
	offset    int64
}

// rawRecords keeps the records of one partition that are in windows which have
// not fired on time. Windows themselves keep no records. It belongs to the
// worker.
type rawRecords struct {
	specs []window.Spec
	// longest is the size of the longest window.
	longest window.Duration
	lists   map[rawKey][]rawKept // in the order of offsets
	// sweptAt is the mark at which records that no window needs were dropped.
	sweptAt window.Time
	n       int64
}

// rawKey names a key and series of a partition.
type rawKey struct {
	key    window.Key
	series int
}

// rawKept is a record that may be in windows to come.
type rawKept struct {
	rawValue
	// seen is the watermark of the partition when it came: it is in the on-time
	// content of those of its windows that end later.
	seen window.Time
}

// rawShare is a partition's part of the records of one window.
type rawShare struct {
	paneKey
	values []rawValue
}

// newRawRecords returns nil, which keeps nothing, where no model is handed
// records.
func newRawRecords(cfg Config) *rawRecords {
	if cfg.Forecasts == nil || cfg.Forecasts.Input != InputRaw {
		return nil
	}
	r := &rawRecords{specs: cfg.Window.Specs, lists: make(map[rawKey][]rawKept), sweptAt: window.MinTime}
	for _, s := range r.specs {
		r.longest = max(r.longest, s.Size)
	}
	return r
}

// add keeps a record that came when the partition's watermark was seen. values
// are as for Partition.Add.
func (r *rawRecords) add(key []byte, v rawValue, seen window.Time, values []float64) {
	k := rawKey{key: window.Key{Bytes: string(key), Null: key == nil}}
	if len(values) == 0 {
		values = []float64{1} // records are counted
	}
	for i, x := range values {
		if !math.IsNaN(x) {
			k.series, v.value = i, x
			r.lists[k] = append(r.lists[k], rawKept{v, seen})
			r.n++
		}
	}
}

// shares returns the records of the windows that a report has the on-time
// content of.
func (r *rawRecords) shares(rep *window.Report, topic string, series []string) []rawShare {
	if r == nil {
		return nil
	}
	var out []rawShare
	for i := range rep.Frozen {
		f := &rep.Frozen[i]
		if f.Content != window.OnTime {
			continue
		}
		spec := r.specs[f.Spec]
		for j := range f.Shares {
			s := &f.Shares[j]
			share := rawShare{paneKey: paneKey{topic: topic, key: s.Key, Span: spec.Span(f.Number), hop: spec.Hop}}
			if len(series) > 0 {
				share.series = series[s.Series]
			}
			share.values = r.in(rawKey{s.Key, s.Series}, share.Span)
			out = append(out, share)
		}
	}
	r.sweep(rep.Mark)
	return out
}

// in returns the records of a window's on-time content.
func (r *rawRecords) in(k rawKey, w window.Span) []rawValue {
	var values []rawValue
	for i := range r.lists[k] {
		if v := &r.lists[k][i]; v.at >= w.Start && v.at < w.End && v.seen < w.End {
			values = append(values, v.rawValue)
		}
	}
	return values
}

// sweep drops the records all of whose windows have been reported, now and then.
func (r *rawRecords) sweep(mark window.Time) {
	if mark == window.MinTime || mark < r.sweptAt.Add(r.longest) {
		return
	}
	r.sweptAt, r.n = mark, 0
	for k, list := range r.lists {
		list = slices.DeleteFunc(list, func(v rawKept) bool { return v.at.Add(r.longest) <= mark })
		if r.n += int64(len(list)); len(list) == 0 {
			delete(r.lists, k)
		} else {
			r.lists[k] = list
		}
	}
}

// bytes is about how much memory the records take.
func (r *rawRecords) bytes() int64 {
	if r == nil {
		return 0
	}
	return r.n * int64(unsafe.Sizeof(rawKept{}))
}

// rawWindows holds the records of windows that wait for the watermark. It
// belongs to the engine.
type rawWindows struct {
	// ending are the windows by their ends.
	ending map[window.Time]map[paneKey][]rawValue
	n      int64
}

// newRawWindows returns nil, which holds nothing, where no model is handed
// records.
func newRawWindows(cfg Config) *rawWindows {
	if cfg.Forecasts == nil || cfg.Forecasts.Input != InputRaw {
		return nil
	}
	return &rawWindows{ending: make(map[window.Time]map[paneKey][]rawValue)}
}

// hold takes what a partition has reported.
func (w *rawWindows) hold(shares []rawShare) {
	for _, s := range shares {
		if w.ending[s.End] == nil {
			w.ending[s.End] = make(map[paneKey][]rawValue)
		}
		w.ending[s.End][s.paneKey] = append(w.ending[s.End][s.paneKey], s.values...)
		w.n += int64(len(s.values))
	}
}

// append appends the records of each of some panes, in the order of event time,
// partition and offset; nothing for a pane that is not forecast from.
func (w *rawWindows) append(out [][]rawValue, panes []*window.Pane) [][]rawValue {
	for _, p := range panes {
		var values []rawValue
		if p.Firing == window.FiredOnTime {
			values = w.ending[p.End][keyOf(p)]
			slices.SortFunc(values, func(a, b rawValue) int {
				return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.partition, b.partition), cmp.Compare(a.offset, b.offset))
			})
		}
		out = append(out, values)
	}
	return out
}

// forget drops the windows that the watermark has reached: they have fired, or
// were not wanted.
func (w *rawWindows) forget(watermark window.Time) {
	if w == nil {
		return
	}
	for end, windows := range w.ending {
		if end > watermark {
			continue
		}
		for _, values := range windows {
			w.n -= int64(len(values))
		}
		delete(w.ending, end)
	}
}

// bytes is about how much memory the records take.
func (w *rawWindows) bytes() int64 {
	if w == nil {
		return 0
	}
	return w.n * int64(unsafe.Sizeof(rawValue{}))
}
