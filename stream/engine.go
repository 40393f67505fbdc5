package stream

import (
	"context"

	"github.com/oriel-stream/oriel/window"
)

// engine joins the partitions: it owns the Assembler and with it the
// watermark.
type engine struct {
	asm      *window.Assembler
	workers  []*worker
	forecast *forecasting
	panes    []*window.Pane
	// board is what a screen sees; nil for none. shown is the number of the
	// picture that was published last.
	board  *Board
	shown  int64
	series []string
}

func newEngine(cfg Config, f *forecasting) *engine {
	return &engine{asm: window.NewAssembler(cfg.Window), forecast: f, board: cfg.Board, series: cfg.Window.Series}
}

// run takes the workers' messages until the inbox is closed.
func (e *engine) run(ctx context.Context, inbox <-chan message) {
	defer e.forecast.close()
	for m := range inbox {
		if w := m.assigned; w != nil {
			e.asm.Assign(w.a.ID, w.a.FromBeginning, w.a.Short)
			e.workers = append(e.workers, w)
			w.begin <- e.asm.Watermark()
			continue
		}
		e.asm.Report(m.part, m.report)
		e.asm.Chase(e.tell)
		e.panes = e.asm.Advance(e.panes[:0])
		e.forecast.submit(ctx, e.panes)
		e.publish()
	}
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
		w.shares = e.asm.Look(i.Topic, i.Key, n, i.Spec)
	}
	e.board.waiting.Store(w)
}

// tell gives an idle partition the watermark without waiting for its worker.
func (e *engine) tell(part int, watermark window.Time) {
	w := e.workers[part]
	w.told.Store(int64(watermark))
	select {
	case w.wake <- struct{}{}:
	default: // a reminder is waiting already; it will see the newer time
	}
}
