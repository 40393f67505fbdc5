package stream

import (
	"math"
	"slices"
	"unsafe"

	"github.com/oriel-stream/oriel/window"
)

// pastWindows remembers the values of each key's last windows, which are what is
// forecast from with InputAggregates. It belongs to the engine, which sees the
// windows in the order of lines; what it hands out is never written again, so
// point forecasts may be made of it in any order.
type pastWindows struct {
	measure Measure
	// windows is how many are forecast from, and after how many without records
	// a key begins anew.
	windows int
	runs    map[runID]*valueRun
	// sweepAt is the number of runs at which idle ones are looked for.
	sweepAt int
	// bytes is about how much memory the runs take.
	bytes int64
}

// runID names the windows of one spec of a key and series.
type runID struct {
	keyID
	size, hop window.Duration
}

func runOf(p *window.Pane) runID { return runID{keyID: keyIDOf(p), size: p.Size, hop: p.Hop} }

// spec is the index of the windows of a run among those of a run's config.
func (r runID) spec(specs []window.Spec) int {
	return slices.IndexFunc(specs, func(s window.Spec) bool { return s.Size == r.size && s.Hop == r.hop })
}

// valueRun has the values of windows that follow each other, NaN for those
// without records.
type valueRun struct {
	values []float64
	// end is that of the newest window, and heldEnd that of the newest one with
	// records.
	end, heldEnd window.Time
}

// minSweep is how many runs are worth looking through for idle ones.
const minSweep = 1024

// runBytes is about what a run takes beside its values.
const runBytes = int64(unsafe.Sizeof(runID{})+unsafe.Sizeof(valueRun{})) * 2

// newPastWindows returns nil where nothing is forecast from them.
func newPastWindows(cfg Config) *pastWindows {
	if cfg.Forecasts == nil || cfg.Forecasts.Input != InputAggregates {
		return nil
	}
	return &pastWindows{
		measure: cfg.Measure, windows: cfg.Forecasts.Windows, runs: make(map[runID]*valueRun), sweepAt: minSweep,
	}
}

// held is about how much memory is taken.
func (w *pastWindows) held() int64 {
	if w == nil {
		return 0
	}
	return w.bytes
}

// append appends, for each of some panes, the values of the last windows of its
// key, its own last; nothing for a pane that is not forecast from.
func (w *pastWindows) append(out [][]float64, panes []*window.Pane) [][]float64 {
	for _, p := range panes {
		var values []float64
		if p.Firing == window.FiredOnTime {
			values = w.add(p)
		}
		out = append(out, values)
	}
	return out
}

// add remembers a window and returns the last ones.
func (w *pastWindows) add(p *window.Pane) []float64 {
	r := w.run(p)
	before := cap(r.values)
	if p.Count > 0 && p.End > w.idleAfter(r, p.Hop) {
		r.values, r.end = nil, p.End
	}
	for r.end = r.end.Add(p.Hop); r.end < p.End; r.end = r.end.Add(p.Hop) {
		r.values = keepLast(r.values, math.NaN(), w.windows)
	}
	r.end = p.End
	if p.Count > 0 {
		r.heldEnd = p.End
	}
	r.values = keepLast(r.values, w.measure.of(p).ofWindow(&p.Aggregate), w.windows)
	w.bytes += int64(cap(r.values)-before) * int64(unsafe.Sizeof(float64(0)))
	return last(r.values, w.windows)
}

// idleAfter is the end of the last window for which the windows before it count.
func (w *pastWindows) idleAfter(r *valueRun, hop window.Duration) window.Time {
	return r.heldEnd.Add(window.Duration(w.windows) * hop)
}

// run returns the run that a pane goes on with.
func (w *pastWindows) run(p *window.Pane) *valueRun {
	id := runOf(p)
	r := w.runs[id]
	if r == nil {
		if len(w.runs) >= w.sweepAt {
			w.forget(p.End)
		}
		r = &valueRun{end: p.End.Sub(p.Hop), heldEnd: p.End}
		w.runs[id] = r
		w.bytes += runBytes
	}
	return r
}

// forget drops the runs that would begin anew with their next window. A pane of
// another spec with the same end may come later, so that end still counts.
func (w *pastWindows) forget(end window.Time) {
	for id, r := range w.runs {
		if end > w.idleAfter(r, id.hop) {
			delete(w.runs, id)
			w.bytes -= runBytes + int64(cap(r.values))*int64(unsafe.Sizeof(float64(0)))
		}
	}
	w.sweepAt = max(minSweep, 2*len(w.runs))
}
