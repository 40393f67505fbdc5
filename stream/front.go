package stream

import (
	"time"

	"github.com/oriel-stream/oriel/window"
)

// front is what partitions have in common whose windows close together: all of a
// run, or with Config.Group each one alone. It belongs to the engine.
type front struct {
	asm     *window.Assembler
	workers []*worker // in the order of the assembler's partitions
	// past and raw are what is forecast from beside the windows themselves; nil
	// for nothing.
	past   *pastWindows
	raw    *rawWindows
	panes  []*window.Pane
	warmUp warmUp
	bytes  int64 // held, as it was told last
}

func newFront(cfg Config) *front {
	return &front{asm: window.NewAssembler(cfg.Window), past: newPastWindows(cfg), raw: newRawWindows(cfg)}
}

// assign adds a partition, and lets its worker begin.
func (f *front) assign(w *worker) {
	f.asm.Assign(w.a.ID, w.whole, w.a.Short)
	f.warmUp.assign(w.a.PrintFrom > w.a.Start)
	f.workers = append(f.workers, w)
	w.begin <- f.asm.Watermark()
}

// advance takes what a partition, by its place, has reported, and returns the
// panes of the windows that are due by then. They are valid until the next call.
func (f *front) advance(place int, m *message, lateness window.Duration) []*window.Pane {
	f.asm.Report(place, m.report)
	f.asm.Chase(f.tell)
	f.raw.hold(m.raw)
	f.panes = f.asm.Advance(f.panes[:0])
	f.warmUp.reported(place, m.warming, m.warmed)
	f.warmUp.hide(f.panes, lateness)
	if w := f.workers[place]; w.resumed != nil {
		f.panes = w.resumed.hide(f.panes, lateness)
	}
	return f.panes
}

// tell gives an idle partition the watermark without waiting for its worker.
func (f *front) tell(place int, watermark window.Time) {
	w := f.workers[place]
	w.told.Store(int64(watermark))
	w.remind()
}

// held is about how much memory is taken.
func (f *front) held() int64 { return f.asm.Bytes() + f.past.held() + f.raw.bytes() }

// fired is what the engine hands on at a time.
type fired struct {
	panes []*window.Pane // in the order of lines
	from  *front
	// closed is when the windows closed, in live runs.
	closed time.Time
	// behind is what may be committed when the panes are in all sinks; nil for
	// nothing.
	behind *passed
}

// id is the partition that the panes are of, where each has a front of its own.
func (x *fired) id() window.PartitionID {
	if len(x.from.workers) == 0 {
		return window.PartitionID{}
	}
	return x.from.workers[0].a.ID
}
