package stream

import (
	"context"
	"time"

	"github.com/oriel-stream/oriel/window"
)

// engine joins the partitions: it owns the Assembler and with it the
// watermark.
type engine struct {
	p        *pipeline
	asm      *window.Assembler
	workers  []*worker
	forecast *forecasting
	panes    []*window.Pane
	// board is what a screen sees; nil for none. shown is the number of the
	// picture that was published last.
	board  *Board
	shown  int64
	series []string
	bytes  int64 // held, as it was told last
	warmUp warmUp
}

func newEngine(p *pipeline, f *forecasting) *engine {
	return &engine{p: p, asm: window.NewAssembler(p.cfg.Window), forecast: f, board: p.cfg.Board, series: p.cfg.Window.Series}
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
			e.take(ctx, m)
		case <-tick:
			e.asm.Tick(e.p.cfg.Now(), e.tell)
		}
	}
}

// take deals with one message.
func (e *engine) take(ctx context.Context, m message) {
	if w := m.assigned; w != nil {
		e.asm.Assign(w.a.ID, w.a.FromBeginning, w.a.Short)
		e.warmUp.assign(w.a.PrintFrom > w.a.Start)
		e.workers = append(e.workers, w)
		w.begin <- e.asm.Watermark()
		return
	}
	e.asm.Report(m.part, m.report)
	e.asm.Chase(e.tell)
	e.forecast.raw.hold(m.raw)
	e.panes = e.asm.Advance(e.panes[:0])
	e.warmUp.reported(m.part, m.warming, m.warmed)
	e.warmUp.hide(e.panes, e.p.cfg.Window.AllowedLateness)
	e.forecast.submit(ctx, e.panes, m.at)
	e.forecast.raw.forget(e.asm.Watermark())
	e.p.budget.set(&e.bytes, e.asm.Bytes()+e.forecast.past.held()+e.forecast.raw.bytes())
	e.setPace()
	e.publish()
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
		w.shares = e.asm.Look(i.Topic, i.Key, n, i.Spec, maxLook)
	}
	e.board.waiting.Store(w)
}

// tell gives an idle partition the watermark without waiting for its worker.
func (e *engine) tell(part int, watermark window.Time) {
	w := e.workers[part]
	w.told.Store(int64(watermark))
	w.remind()
}
