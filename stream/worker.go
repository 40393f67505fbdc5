package stream

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/oriel-stream/oriel/window"
)

// worker owns one partition: it walks its batches, decodes, and keeps its
// slices. Nobody else touches them.
type worker struct {
	p    *pipeline
	part int // index, as the engine counts
	a    Assignment
	in   chan Delivery
	// begin brings the watermark as it is when the engine learns of the
	// partition, once.
	begin  chan window.Time
	state  *window.Partition
	raw    *rawRecords // nil unless records are forecast from
	guard  *window.Guard[heldRecord]
	dec    Decoder
	series []string

	// told is the watermark that the engine tells this partition while it is
	// idle, MinTime once it has been heard; wake has a place for one reminder to
	// look at it, and at the pace.
	told atomic.Int64
	wake chan struct{}
	// waiting says that the worker takes nothing until others have caught up.
	waiting atomic.Bool

	rec    Record
	ev     Event
	values []float64
	place  window.Place
	// at is the time by which the record is put into windows.
	at window.Time
	// size is that of the payload of a record that was held, of which rec has the
	// beginning; 0 otherwise.
	size int
	// processing is the newest processing time, MinTime before the first.
	processing window.Time
	// timed says that a record of the present batch had a readable time; untimed
	// counts the records since the last batch with such.
	timed   bool
	untimed int64

	// warming says that it has not come to Assignment.PrintFrom yet, and warmed
	// is its watermark when it did; MinTime before, and where there was none.
	warming bool
	warmed  window.Time

	// whole says that no record lies before the first that is read. standing is how
	// far the partition is for its group, nil without one, and resumed what an
	// earlier reading has printed, nil for nothing.
	whole    bool
	standing *standing
	resumed  *resumed

	begun    bool // something was delivered
	finished bool
	readTo   int64
	// reportedTo is the readTo of the last report.
	reportedTo int64
	bytes      int64 // held, as it was told last
	keys       int   // held at a time, at most, likewise
	// lostStart says that offsets were lost before the first record was read, and
	// lostEnd that some were since the last.
	lostStart, lostEnd bool
	account

	// superseded says that another reading of the partition has begun since; the
	// board owns it.
	superseded bool
	// What a screen sees of the worker: seen is published when asked for, shown
	// is the number of the picture it was published for.
	seen   atomic.Pointer[published]
	shown  int64
	lags   lagRing
	logEnd int64
	// unstable is Delivery.Unstable as it was last.
	unstable int64
	// inspector copies records for the screen, nil while none are shown; inspected
	// counts those that one could have copied.
	inspector *inspector
	inspected int64
}

// message is what a worker tells the engine.
type message struct {
	part     int
	assigned *worker // set once, first
	report   window.Report
	// warming and warmed are the worker's, as of the report.
	warming bool
	warmed  window.Time
	// at is when the report was made, in live runs.
	at time.Time
	// checkpoint is what may be committed when what is due is in all sinks; nil for
	// nothing new. last says that it is the last of the partition.
	checkpoint *Checkpoint
	last       bool
	// raw are the records of its windows, of InputRaw.
	raw []rawShare
}

func newWorker(p *pipeline, part int, a Assignment) *worker {
	dec := p.cfg.NewDecoder()
	w := &worker{
		p: p, part: part, a: a, dec: dec, series: dec.Series(),
		in: make(chan Delivery, deliveries), begin: make(chan window.Time, 1), wake: make(chan struct{}, 1),
		state: window.NewPartition(p.cfg.Window), guard: window.NewGuard[heldRecord](p.cfg.Window.MaxFuture), raw: newRawRecords(p.cfg),
		readTo: a.Start, reportedTo: a.Start, logEnd: a.End, processing: window.MinTime,
		warming: a.PrintFrom > a.Start, warmed: window.MinTime,
		whole: a.FromBeginning,
	}
	w.boundBefore(a.Before)
	w.told.Store(int64(window.MinTime))
	if d, ok := dec.(Waiter); ok {
		// What is due by then must not wait as well: it may be all that is wanted.
		d.OnWait(func() { w.report(false) })
	}
	if p.cfg.Group != nil {
		w.resume()
	}
	return w
}

// run handles deliveries until the channel is closed. After a cancellation, or
// when it has finished early, it goes on taking them, to release their memory,
// and looks at none.
//
// A partition that comes when others have been read must not open windows again
// that have been printed: it is told the watermark before its first record.
func (w *worker) run(ctx context.Context) {
	w.state.Tell(<-w.begin)
	w.report(false)
	for {
		in := w.in
		if w.mustWait() {
			in = nil
		}
		select {
		case d, ok := <-in:
			if !ok {
				w.end()
				w.show() // for good: it cannot be asked any more
				return
			}
			if d.Kind == Revoked {
				w.leave()
				return
			}
			w.deliver(ctx, &d)
		case <-w.wake:
			w.hear()
		}
	}
}

// hear looks at what the engine has to say, and gives it the occasion to show
// what it holds. A word that comes when the partition has woken up is forgotten:
// by the time it is idle again the watermark may be behind it, because others
// have woken up as well. The engine then speaks anew.
func (w *worker) hear() {
	w.state.Tell(window.Time(w.told.Swap(int64(window.MinTime))))
	w.findFoothold()
	w.report(false)
	w.publish()
}

// remind wakes the worker without waiting for it.
func (w *worker) remind() {
	select {
	case w.wake <- struct{}{}:
	default: // a reminder is waiting already; it will see what is newest
	}
}

// end closes the range of a partition that the time limit cut short.
func (w *worker) end() {
	if !w.finished && w.p.cut.Load() {
		w.finish(true)
	}
}

func (w *worker) deliver(ctx context.Context, d *Delivery) {
	if ctx.Err() != nil || w.finished {
		if d.Batch != nil {
			d.Batch.Release()
		}
		return
	}
	defer w.publish()
	if !w.begun || w.p.cfg.Group != nil { // the partitions of a member come and go
		w.begun = true
		w.state.LimitKeys(w.p.keysEach())
	}
	if d.LogEnd > 0 {
		w.logEnd, w.unstable = d.LogEnd, d.Unstable
	}
	w.seeBefore(d)
	if d.Resumed {
		w.state.RestartIdle()
	}
	switch d.Kind {
	case Data:
		w.data(d)
	case CaughtUp:
		w.caughtUp(d.At)
		w.findFoothold()
		w.report(false)
	case Gap:
		w.gap(GapRead{ID: w.a.ID, From: d.From, To: d.To, Reason: d.Reason})
		w.standing.gap(d.From, d.To)
		w.moveTo(d.To)
		w.findFoothold()
	case Finished:
		w.moveTo(d.Next)
		w.finish(w.lostEnd)
	case Revoked: // its worker has left before
	}
}

// data adds the records of a batch and reports what they have made due.
func (w *worker) data(d *Delivery) {
	before := w.records
	w.check(w.batch(d))
	if w.past() {
		w.finishEarly()
		return
	}
	if w.untimed += w.records - before; w.timed {
		w.untimed = 0
	}
	w.moveTo(d.Next)
	w.standing.at(d.Next)
	if !w.timed && d.LogEnd > 0 && d.Next >= d.LogEnd {
		w.caughtUp(d.At) // what cannot be read is silence
	}
	w.findFoothold()
	w.report(false)
}

// caughtUp deals with a response that brought nothing at the end of a
// partition. In processing time that alone moves the watermark.
func (w *worker) caughtUp(at window.Time) {
	switch {
	case at == window.MinTime || w.a.End >= 0:
	case w.p.cfg.Domain == ProcessingTime:
		w.processing = max(w.processing, at)
		w.state.Observe(w.processing)
		w.drain()
	case w.state.CaughtUp(at):
		w.check(w.decide(w.guard.Settle()))
		w.reachAll(w.readTo)
	}
}

// check ends the run if err is not nil.
func (w *worker) check(err error) {
	if err != nil {
		w.p.cancel(err)
	}
}

func (w *worker) finish(short bool) {
	w.check(w.decide(w.guard.Settle()))
	w.finished = true
	w.state.Finish()
	w.report(short)
	w.p.finishedOne()
}

// drain reports what the watermark has made due, if that is very much.
func (w *worker) drain() {
	if w.state.More() {
		w.moveTo(w.rec.Offset)
		w.report(false)
	}
}

// report reports burst by burst, so that a leap over very many windows takes no
// more memory than another. short says that the range stops before the end of
// the log, or has lost it.
func (w *worker) report(short bool) {
	w.hand(short)
	for w.state.More() && !w.p.over() {
		w.hand(short)
	}
}

// hand hands one report to the engine.
func (w *worker) hand(short bool) {
	r := w.state.Report()
	r.LostStart, r.Short = w.lostStart, short
	if w.p.cfg.Witness != nil {
		w.p.cfg.Witness.Shares(w.a.ID, r.Frozen)
	}
	m := message{
		part: w.part, report: r, at: w.reportedAt(), warming: w.warming, warmed: w.warmed,
		raw: w.raw.shares(&r, w.a.ID.Topic, w.series), checkpoint: w.checkpoint(r.Mark),
	}
	keys, _ := w.state.Open()
	w.p.budget.count(&w.keys, keys) // first: who finds that too much is held counts keys
	w.p.budget.set(&w.bytes, w.state.Bytes()+w.raw.bytes())
	w.p.budget.offsets.Add(w.readTo - w.reportedTo)
	w.reportedTo = w.readTo
	w.p.inbox <- m
	w.economise()
}

// reportedAt is when a report is made, in live runs.
func (w *worker) reportedAt() time.Time {
	if !w.p.cfg.Live {
		return time.Time{}
	}
	return time.Now()
}
