package stream

import (
	"context"
	"time"

	"github.com/oriel-stream/oriel/window"
)

// engine joins the partitions: it owns the fronts and with them the watermark.
type engine struct {
	p        *pipeline
	forecast *forecasting
	// all is the front of a run without a group, alone has that of each partition
	// of one with it, by the partition's number.
	all   *front
	alone map[int]*front
	split *splitKeys
	// board is what a screen sees; nil for none. shown is the number of the
	// picture that was published last.
	board  *Board
	shown  int64
	series []string
}

func newEngine(p *pipeline, f *forecasting) *engine {
	e := &engine{p: p, forecast: f, board: p.cfg.Board, series: p.cfg.Window.Series}
	if p.cfg.Group == nil {
		e.all = newFront(p.cfg)
	} else {
		notice := p.notice
		if e.board != nil && !e.board.cfg.TotalsOnly {
			notice = func(string) {} // a screen has room for what is wrong now, and this stays so
		}
		e.alone, e.split = make(map[int]*front), newSplitKeys(notice)
	}
	return e
}

// tickEvery is how often the wall clock is looked at while nothing comes.
const tickEvery = 100 * time.Millisecond

// run takes the workers' messages until the inbox is closed.
func (e *engine) run(ctx context.Context, inbox <-chan message) {
	defer e.forecast.close()
	var tick <-chan time.Time
	if e.p.cfg.Live && e.p.cfg.Domain == EventTime {
		t := time.NewTicker(tickEvery)
		defer t.Stop()
		tick = t.C
	}
	for {
		select {
		case m, ok := <-inbox:
			if !ok {
				return
			}
			e.take(ctx, &m)
		case <-tick:
			now := e.p.cfg.Now()
			for f := range e.fronts {
				f.asm.Tick(now, f.tell)
			}
		}
	}
}

// fronts are all there are.
func (e *engine) fronts(yield func(*front) bool) {
	if e.all != nil {
		yield(e.all)
		return
	}
	for _, f := range e.alone {
		if !yield(f) {
			return
		}
	}
}

// frontOf returns the front of a partition and its place there.
func (e *engine) frontOf(part int) (*front, int) {
	if e.all != nil {
		return e.all, part
	}
	return e.alone[part], 0
}

// take deals with one message.
func (e *engine) take(ctx context.Context, m *message) {
	if m.assigned != nil {
		e.assign(m)
		return
	}
	f, place := e.frontOf(m.part)
	if f == nil {
		return // it has finished, and was only reminded
	}
	e.fire(ctx, m, f, f.advance(place, m, e.p.cfg.Window.AllowedLateness))
	e.setPace()
	e.publish()
}

// fire hands on what a report has made due on a front, and forgets what was kept
// for it; a front of which this was the last altogether.
func (e *engine) fire(ctx context.Context, m *message, f *front, panes []*window.Pane) {
	x := fired{panes: panes, from: f, closed: m.at}
	if e.alone != nil {
		id := f.workers[0].a.ID
		e.split.look(panes, id.Partition)
		if m.checkpoint != nil {
			x.behind = &passed{id: id, checkpoint: *m.checkpoint, last: m.last}
		}
	}
	e.forecast.submit(ctx, x)
	f.raw.forget(f.asm.Watermark())
	held := f.held()
	if e.alone != nil && (m.last || m.report.Finished) {
		held = 0
		delete(e.alone, m.part)
	}
	e.p.budget.set(&f.bytes, held)
}

// assign makes a partition part of its front.
func (e *engine) assign(m *message) {
	w := m.assigned
	if e.all != nil {
		e.all.assign(w)
		return
	}
	f := newFront(e.p.cfg)
	f.assign(w)
	e.alone[m.part] = f
}

// publish shows the shares that wait for the watermark, if a picture was asked
// for since the last time.
func (e *engine) publish() {
	if e.board == nil || e.board.asked.Load() == e.shown {
		return
	}
	e.shown = e.board.asked.Load()
	i := *e.board.interest.Load()
	w := &waitingShares{interest: i}
	if n := seriesIndex(e.series, i.Series); n >= 0 {
		for f := range e.fronts {
			for _, s := range f.asm.Look(i.Topic, i.Key, n, i.Spec, maxLook) {
				s.Part = f.workers[s.Part].part
				w.shares = append(w.shares, s)
			}
		}
	}
	e.board.waiting.Store(w)
}
