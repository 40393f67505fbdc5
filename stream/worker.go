package stream

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"

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
	dec    Decoder
	series []string

	// told is the watermark that the engine tells this partition while it is
	// idle; wake has a place for one reminder to look at it.
	told atomic.Int64
	wake chan struct{}

	rec    Record
	ev     Event
	values []float64

	finished bool
	readTo   int64
	account

	// What a screen sees of the worker: seen is published when asked for, shown
	// is the number of the picture it was published for.
	seen   atomic.Pointer[published]
	shown  int64
	lags   lagRing
	logEnd int64
}

// account counts what became of a partition's records.
type account struct {
	records, inTime, partlyLate, partlyUsable int64
	rejects                                   [NumReasons]int64
	gaps                                      []GapRead
}

// message is what a worker tells the engine.
type message struct {
	part     int
	assigned *worker // set once, first
	report   window.Report
}

func newWorker(p *pipeline, part int, a Assignment) *worker {
	dec := p.cfg.NewDecoder()
	w := &worker{
		p: p, part: part, a: a, dec: dec, series: dec.Series(),
		in: make(chan Delivery, deliveries), begin: make(chan window.Time, 1), wake: make(chan struct{}, 1),
		state: window.NewPartition(p.cfg.Window), readTo: a.Start, logEnd: a.End,
	}
	w.told.Store(int64(window.MinTime))
	return w
}

// run handles deliveries until the channel is closed. After a cancellation it
// goes on taking them, to release their memory, and looks at none.
//
// A partition that comes when others have been read must not open windows again
// that have been printed: it is told the watermark before its first record.
func (w *worker) run(ctx context.Context) {
	w.state.Tell(<-w.begin)
	w.report(false)
	for {
		select {
		case d, ok := <-w.in:
			if !ok {
				w.end()
				return
			}
			w.deliver(ctx, &d)
		case <-w.wake:
			w.state.Tell(window.Time(w.told.Load()))
			w.report(false)
			w.publish()
		}
	}
}

// end closes the range of a partition that the time limit cut short.
func (w *worker) end() {
	if !w.finished && w.p.cut.Load() {
		w.finish(true)
	}
}

func (w *worker) deliver(ctx context.Context, d *Delivery) {
	if ctx.Err() != nil {
		if d.Batch != nil {
			d.Batch.Release()
		}
		return
	}
	defer w.publish()
	if d.LogEnd > 0 {
		w.logEnd = d.LogEnd
	}
	switch d.Kind {
	case Data:
		if err := w.batch(d); err != nil {
			w.p.cancel(err)
		}
		w.moveTo(d.Next)
		w.report(false)
	case CaughtUp:
		w.state.CaughtUp(d.At)
		w.report(false)
	case Gap:
		w.gap(GapRead{ID: w.a.ID, From: d.From, To: d.To, Reason: d.Reason})
		w.moveTo(d.To)
	case Finished:
		w.moveTo(d.Next)
		w.finish(false)
	}
}

func (w *worker) finish(short bool) {
	w.finished = true
	w.state.Finish()
	w.report(short)
}

// batch adds the records of one batch to the slices.
func (w *worker) batch(d *Delivery) error {
	defer d.Batch.Release()
	before, rejectedBefore := w.records, w.rejected()
	for d.Batch.Next(&w.rec) {
		w.records++
		if err := w.record(d.At); err != nil {
			return err
		}
	}
	w.p.cfg.Progress.Records.Add(w.records - before)
	w.p.cfg.Progress.Rejected.Add(w.rejected() - rejectedBefore)
	if corrupt, ok := errors.AsType[*CorruptError](d.Batch.Err()); ok {
		w.gap(GapRead{ID: w.a.ID, From: corrupt.From, To: corrupt.To, Reason: corrupt.Error()})
	}
	return nil
}

// record takes one record from its decoder's verdict to its slices. The event
// time moves the watermark before anything else is looked at.
func (w *worker) record(arrival window.Time) error {
	e := &w.ev
	w.dec.Decode(&w.rec, e)
	if e.TimeReason != OK {
		return w.reject(e.TimeReason, window.Verdict{}, false)
	}
	if e.FromPayload && w.state.IsFuture(e.Time, w.rec.Timestamp) {
		v := w.state.Judge(e.Time)
		return w.reject(Future, window.Verdict{Lost: v.Of, Of: v.Of}, true)
	}
	w.state.Speak()
	w.state.Observe(e.Time)
	if e.Reason != OK {
		v := w.state.Judge(e.Time)
		return w.reject(e.Reason, window.Verdict{Lost: v.Of, Of: v.Of}, true)
	}
	if err := w.numbers(); err != nil {
		return err
	}
	at := w.place(arrival)
	if at.HasLag && w.p.cfg.Board != nil {
		w.lags.add(window.Duration(at.Processing - e.Time))
	}
	return w.count(w.state.Add(e.Key, e.Time, at, w.values))
}

// place says where the record stands and what its processing time is.
func (w *worker) place(arrival window.Time) window.Place {
	at := window.Place{Partition: w.a.ID.Partition, Offset: w.rec.Offset}
	if w.p.cfg.Live {
		at.Processing, at.HasLag, at.Clock = arrival, true, window.ClockArrival
		return at
	}
	at.Processing, at.Clock = window.Time(w.rec.Timestamp), w.rec.Clock
	at.HasLag = w.ev.FromPayload && w.rec.Timestamp >= 0
	return at
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
	for _, v := range w.ev.Values {
		if v.Reason != OK {
			holes = true
			v.Number = math.NaN()
		}
		w.values = append(w.values, v.Number)
	}
	if !holes {
		return nil
	}
	w.partlyUsable++
	of := w.state.Judge(w.ev.Time).Of
	for i, v := range w.ev.Values {
		if v.Reason == OK {
			continue
		}
		if err := w.list(v.Reason, w.series[i], window.Verdict{Lost: of, Of: of}, true); err != nil {
			return err
		}
	}
	return nil
}

// count books a record by its verdict.
func (w *worker) count(v window.Verdict) error {
	reason := Late
	switch {
	case v.KeyLimit:
		reason = KeyLimit
	case v.AfterIdle:
		reason = LateAfterIdle
	}
	switch v.Lost {
	case 0:
		w.inTime++
		return nil
	case v.Of:
		return w.reject(reason, v, true)
	default:
		w.partlyLate++
		return w.list(reason, "", v, true)
	}
}

func (w *worker) reject(reason Reason, v window.Verdict, timed bool) error {
	w.rejects[reason]++
	return w.list(reason, "", v, timed)
}

// maxListed is how many bytes of a payload a reject shows.
const maxListed = 64

func (w *worker) list(reason Reason, series string, v window.Verdict, timed bool) error {
	if w.p.cfg.Rejects == nil {
		return nil
	}
	key := w.ev.Key
	if key == nil {
		key = w.rec.Key
	}
	payload := w.rec.Value
	if len(payload) > maxListed {
		payload = payload[:maxListed]
	}
	err := w.p.cfg.Rejects.Reject(&Reject{
		ID: w.a.ID, Offset: w.rec.Offset, Timestamp: w.rec.Timestamp, Reason: reason, Series: series,
		EventTime: w.ev.Time, HasEventTime: timed, Key: key, Payload: payload, Lost: v.Lost, Of: v.Of,
	})
	if err != nil {
		return fmt.Errorf("writing --rejects: %w", err)
	}
	return nil
}

func (w *worker) gap(g GapRead) {
	w.gaps = append(w.gaps, g)
	w.p.notice(fmt.Sprintf("%s/%d: lost offsets %d to %d: %s", g.ID.Topic, g.ID.Partition, g.From, g.To-1, g.Reason))
}

// moveTo notes the offset that is read next.
func (w *worker) moveTo(next int64) {
	if next > w.readTo {
		w.p.cfg.Progress.Offsets.Add(next - w.readTo)
		w.readTo = next
	}
}

func (a *account) rejected() int64 {
	var n int64
	for _, r := range a.rejects {
		n += r
	}
	return n
}

func (w *worker) report(short bool) {
	r := w.state.Report()
	r.Short = short
	w.p.inbox <- message{part: w.part, report: r}
}

func (w *worker) addTo(s *Summary) {
	s.Ranges = append(s.Ranges, RangeRead{ID: w.a.ID, Start: w.a.Start, End: w.a.End, ReadTo: w.readTo})
	w.account.addTo(s)
}

func (a *account) addTo(s *Summary) {
	s.Records += a.records
	s.InTime += a.inTime
	s.PartlyLate += a.partlyLate
	s.PartlyUsable += a.partlyUsable
	for i, n := range a.rejects {
		s.Rejects[i] += n
	}
	s.Gaps = append(s.Gaps, a.gaps...)
}
