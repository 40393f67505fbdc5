package stream

import (
	"context"
	"slices"
	"sync"
	"unsafe"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// Backtest runs src by cfg and lets each of several models, ours and external
// ones, forecast from every window, and scores each as a run with that model
// alone would: the Model and External of cfg.Forecasts are not looked at, the
// rest of them holds for all, and Input is not InputRaw. cfg needs no sinks, and
// has no allowed lateness. What is found, but for the cost and for what external
// models lose, does not depend on cfg.Workers. Where the run ends early the
// rankings are of what was read, and the error says why.
func Backtest(ctx context.Context, cfg Config, ours []model.Forecaster, external []model.External, src Source) (*Rankings, *Summary, error) {
	b := newBacktesting(ctx, cfg, ours, external)
	cfg.Window.Ahead = cfg.Forecasts.Horizon
	cfg.Forecasts, cfg.Sinks = nil, []Sink{b}
	sum, err := Run(ctx, cfg, src)
	sum.Lines = 0 // none is printed
	r := b.close()
	r.addLost(sum)
	return r, sum, err
}

// backtesting is the sink of a backtest.
//
//	        ┌─▶ worker
//	Write ──┼─▶ worker     each worker gets every window,
//	        └─▶ worker     and has some of our models of each key
//
// External models get every window on ways of their own.
type backtesting struct {
	cfg    Config
	models []model.Forecaster
	asked  []*askedTrials
	// names are those of our models and then of the external ones.
	names []string
	past  *pastWindows
	// tried are the keys in the order in which they came; byID finds them.
	tried []*triedKey
	byID  map[runID]*triedKey
	batch []triedWindow
	ins   []chan []triedWindow
	done  sync.WaitGroup
	// budget is that of the run, held what the keys take of it, and pastHeld what
	// past windows do.
	budget         *budget
	held, pastHeld int64
}

// account implements accounted.
func (b *backtesting) account(to *budget) { b.budget = to }

// triedKey is one spec of a key and series, with a trial of each model.
type triedKey struct {
	runID
	counted bool
	// place is the number of those that came before it.
	place   int
	windows int64
	trials  []trial
}

// triedWindow is what models are given of a window.
type triedWindow struct {
	*triedKey
	pane *window.Pane // a copy of what scores look at
	modelInput
}

// How windows are handed to the workers: in batches, of which a few may wait.
const (
	triedBatch   = 128
	triedBatches = 4
)

// newBacktesting starts the workers; close ends them.
func newBacktesting(ctx context.Context, cfg Config, ours []model.Forecaster, external []model.External) *backtesting {
	b := &backtesting{cfg: cfg, models: ours, past: newPastWindows(cfg), byID: make(map[runID]*triedKey)}
	for _, m := range ours {
		b.names = append(b.names, m.Name())
	}
	for _, m := range external {
		b.names = append(b.names, m.Name())
		b.asked = append(b.asked, newAskedTrials(ctx, b, m))
	}
	workers := max(1, cfg.Workers)
	for w := range workers {
		in := make(chan []triedWindow, triedBatches)
		b.ins = append(b.ins, in)
		b.done.Go(func() { newTrying(b, w, workers).run(in) })
	}
	return b
}

// Write implements Sink.
func (b *backtesting) Write(l *Line) error {
	if l.Firing != window.FiredOnTime {
		return nil
	}
	k := b.key(l.Pane)
	k.windows++
	t := triedWindow{triedKey: k, pane: scoredPane(l.Pane)}
	if b.past == nil {
		t.modelInput = b.cfg.Measure.steps(nil, l.Pane)
	} else {
		t.modelInput = b.cfg.Measure.of(l.Pane).complete(slices.Clone(b.past.add(l.Pane)))
	}
	if b.batch = append(b.batch, t); len(b.batch) == triedBatch {
		b.hand()
	}
	for _, a := range b.asked {
		a.add(t.pane)
	}
	if b.past != nil {
		b.budget.set(&b.pastHeld, b.pastBytes())
	}
	return nil
}

// pastBytes is about how much memory the values of past windows take.
func (b *backtesting) pastBytes() int64 {
	bytes := b.past.held()
	for _, a := range b.asked {
		bytes += a.from.past.held()
	}
	return bytes
}

// key returns what is known of a pane's key.
func (b *backtesting) key(p *window.Pane) *triedKey {
	id := runOf(p)
	k := b.byID[id]
	if k == nil {
		k = &triedKey{runID: id, counted: p.Counted, place: len(b.tried), trials: b.newTrials()}
		b.byID[id] = k
		b.tried = append(b.tried, k)
		b.budget.set(&b.held, b.held+b.keyBytes())
	}
	return k
}

// newTrials returns one for each model.
func (b *backtesting) newTrials() []trial {
	trials := make([]trial, len(b.names))
	for i := range trials {
		trials[i] = b.newTrial()
	}
	return trials
}

func (b *backtesting) newTrial() trial {
	return trial{intervals: make([]triedInterval, len(b.cfg.Forecasts.Levels))}
}

// keyBytes is about how much memory a key takes, beside what models learn of it.
func (b *backtesting) keyBytes() int64 {
	each := int64(unsafe.Sizeof(trial{})) + int64(len(b.cfg.Forecasts.Levels))*int64(unsafe.Sizeof(triedInterval{}))
	return int64(unsafe.Sizeof(triedKey{}))*2 + int64(len(b.names))*each
}

// scoredPane is a copy of what scores look at.
func scoredPane(p *window.Pane) *window.Pane {
	c := *p
	c.Steps, c.Ended, c.Offsets = slices.Clone(p.Steps), slices.Clone(p.Ended), nil
	return &c
}

// hand gives the batch to every worker.
func (b *backtesting) hand() {
	for _, in := range b.ins {
		in <- b.batch
	}
	b.batch = make([]triedWindow, 0, triedBatch)
}

// Flush implements Sink.
func (b *backtesting) Flush() error { return nil }

// Close implements Sink.
func (b *backtesting) Close() error { return nil }

// close waits until every window has been tried, and ranks the models.
func (b *backtesting) close() *Rankings {
	b.hand()
	for _, in := range b.ins {
		close(in)
	}
	for _, a := range b.asked {
		a.close()
	}
	b.done.Wait()
	for i, a := range b.asked {
		for id, t := range a.trials {
			b.byID[id].trials[len(b.models)+i] = *t
		}
	}
	return b.rankings()
}
