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
}

func newEngine(cfg Config, f *forecasting) *engine {
	return &engine{asm: window.NewAssembler(cfg.Window), forecast: f}
}

// run takes the workers' messages until the inbox is closed.
func (e *engine) run(ctx context.Context, inbox <-chan message) {
	defer e.forecast.close()
	for m := range inbox {
		if w := m.assigned; w != nil {
			e.asm.Assign(w.a.ID, w.a.FromBeginning, w.a.Short)
			e.workers = append(e.workers, w)
			continue
		}
		e.asm.Report(m.part, m.report)
		e.asm.Chase(e.tell)
		e.panes = e.asm.Advance(e.panes[:0])
		e.forecast.submit(ctx, e.panes)
	}
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
