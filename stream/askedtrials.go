package stream

import (
	"context"
	"time"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// askedTrials are the trials of an external model in a backtest. It is asked as
// a bounded run with it alone asks it, as many questions at a time, whatever the
// other models do meanwhile; what it answered is scored in the order of
// lines.
type askedTrials struct {
	of     *backtesting
	point  *forecasting
	from   *front // of which the past alone is used
	submit func([]*window.Pane)
	// panes are the windows of the next question, as far as they have come.
	panes []*window.Pane

	// The rest belongs to the goroutine that scores.
	scores *scoring
	score  Score
	trials map[runID]*trial
	held   int64
}

// newAskedTrials starts the trials of m; close ends them.
func newAskedTrials(ctx context.Context, b *backtesting, m model.External) *askedTrials {
	cfg, forecasts := b.cfg, *b.cfg.Forecasts
	forecasts.Model, forecasts.External = nil, m
	cfg.Forecasts, cfg.Workers = &forecasts, max(1, cfg.Workers)
	a := &askedTrials{of: b, point: newForecasting(ctx, cfg), from: newFront(cfg), scores: newScoring(cfg), trials: make(map[runID]*trial)}
	a.submit = func(panes []*window.Pane) { a.point.submit(ctx, fired{panes: panes, from: a.from}) }
	b.done.Go(func() { a.point.run(ctx) })
	b.done.Go(a.run)
	return a
}

// add adds a window. A question is asked as soon as it is known which windows
// are its rows: so they do not depend on how many windows close together.
func (a *askedTrials) add(p *window.Pane) {
	a.panes = append(a.panes, p)
	most := max(1, a.of.cfg.Forecasts.Batch)
	if n := together(a.panes, most); n < len(a.panes) || n == most {
		a.submit(a.panes[:n])
		a.panes = append(a.panes[:0], a.panes[n:]...)
	}
}

// close asks about the last windows. The trials are complete when the backtest
// is done.
func (a *askedTrials) close() {
	a.submit(a.panes)
	a.point.close()
}

// run scores the windows in the order in which they were added.
func (a *askedTrials) run() {
	for j := range a.point.results() {
		for i, p := range j.panes {
			a.settle(j, i, p)
		}
		a.of.budget.set(&a.held, a.scores.bytes)
	}
}

func (a *askedTrials) settle(j *job, i int, p *window.Pane) {
	id := runOf(p)
	t := a.trials[id]
	if t == nil {
		fresh := a.of.newTrial()
		t = &fresh
		a.trials[id] = t
	}
	t.took += j.took / time.Duration(len(j.panes))
	t.count(&j.forecasts[i])
	a.scores.tell(t)
	a.scores.settle(p, &j.forecasts[i], &j.points[i], &a.score)
}
