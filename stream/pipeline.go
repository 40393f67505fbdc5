package stream

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oriel-stream/oriel/window"
)

// Config is everything a run needs beside its Source.
type Config struct {
	Window window.PartitionConfig
	// NewDecoder makes a decoder for each partition.
	NewDecoder func() Decoder
	// Stopped is called when the run is cancelled, from outside or by itself, and
	// when Timeout cuts it: what a decoder waits for is not worth waiting for any
	// more. It may be called twice. Nil for none.
	Stopped func()
	// Live runs have no end: processing time is the arrival here, lines carry
	// the time they were emitted, and nothing open is printed when they stop.
	Live bool
	// Domain says by which time records are put into windows.
	Domain Domain
	// OwnTime says that event times are in the payload, and so may be ahead of
	// Kafka's by Window.MaxFuture.
	OwnTime bool
	// Measure is what a step is worth to a forecaster, and so on a chart.
	Measure Measure
	// Forecasts is nil for none.
	Forecasts *Forecasts
	// Workers is the number of goroutines that forecast, at least 1; of an
	// external model each stands for Forecasts.Outstanding of them.
	Workers int
	// UntilPast ends a bounded run as soon as no record can be in a window of
	// Window.Within any more: each partition ends at the record that says so.
	UntilPast bool
	// Beyond is how much further than that UntilPast reads, in event time.
	Beyond window.Duration
	// Limit ends the run after so many lines; 0 for no limit.
	Limit int64
	// Timeout ends the range of a bounded run where reading then stands, as if
	// the log ended there; 0 for no limit.
	Timeout time.Duration
	// Gaps are offsets that were asked for and are gone before the run begins.
	Gaps []GapRead
	// StopAtGap ends the run with a *GapError where offsets cannot be read.
	StopAtGap bool
	// MaxDrift is how far ahead of the slowest partition, in event time, another
	// is read; 0 for no limit. MaxMemory bounds the bytes that windows hold: near
	// it partitions ahead of the slowest wait, beyond it a bounded run ends with
	// a *MemoryError and a live one refuses new keys; 0 for no limit.
	MaxDrift  window.Duration
	MaxMemory int64
	// MaxKeys is how many keys may hold open windows at a time. Each partition
	// gets the same part of it, so that what is refused does not depend on how
	// they interleave. 0 for no limit.
	MaxKeys int
	// Paced says that the Source goes on with other partitions while a worker
	// takes nothing: without it nobody is ever held back.
	Paced bool
	Sinks []Sink
	// Group makes a live run resume where a consumer group stands, and tell it how
	// far it is. Nil for a run of its own.
	Group *Group
	// Rejects lists rejected records; nil for none.
	Rejects RejectLog
	// Witness sees every verdict; nil for none.
	Witness Witness
	// Board is what a screen shows of the run; nil for none. It sees every line
	// and every reject.
	Board *Board
	// Progress is kept up to date while Run runs; nil for none.
	Progress *Progress
	// Notice is told in a sentence of what a person should know at once. It
	// may be called from several goroutines. Nil for none.
	Notice func(string)
	// Now is the wall clock.
	Now func() window.Time
}

// Domain is the time by which records are put into windows.
type Domain uint8

// The domains.
const (
	// EventTime is when it happened, as the record says.
	EventTime Domain = iota
	// ProcessingTime is when the record arrived. It never goes back within a
	// partition, so nothing is out of order, late or in the future, and a quiet
	// partition goes on with the clock.
	ProcessingTime
)

// Progress counts what a run has done so far.
type Progress struct {
	// Offsets is how many offsets of the assigned ranges are behind.
	Offsets atomic.Int64
	// Total is how many offsets the bounded ranges have.
	Total atomic.Int64
	// Records, Lines and Rejected count records read, lines written and
	// records that are in no window.
	Records, Lines, Rejected atomic.Int64
}

var (
	// ErrTimeout is the cause of a bounded run that Config.Timeout cut short.
	ErrTimeout = errors.New("the time limit was reached")
	// errLimit ends a run that has written Config.Limit lines.
	errLimit = errors.New("the line limit was reached")
)

// inboxSize bounds the messages that wait for the engine, and deliveries those
// that wait for a worker: enough to keep both sides busy, few enough to hold
// little.
const (
	inboxSize  = 64
	deliveries = 2
)

// burst is how many shares a worker freezes before it reports them.
const burst = 2048

// pipeline is one run.
type pipeline struct {
	cfg    Config
	cancel context.CancelCauseFunc
	// over says that the run has been cancelled.
	over  func() bool
	inbox chan message

	mu       sync.Mutex // guards what follows while the Source assigns
	workers  []*worker
	ids      map[window.PartitionID]int // how many are theirs: one may have two logs
	assigned int                        // workers, in all
	departed departed
	running  sync.WaitGroup
	// cut says that partitions whose channel is closed before they finished
	// end there, as short ranges.
	cut atomic.Bool
	// read says that the Source has returned.
	read atomic.Bool
	// pace is the event time beyond which workers wait.
	pace   atomic.Int64
	budget budget
	// stop ends the reading, and unfinished counts the partitions that have not
	// finished.
	stop       context.CancelCauseFunc
	limit      *time.Timer // of Config.Timeout, nil for none
	unfinished atomic.Int64
}

// Run reads src to its end and writes the lines of every window that closes.
// It returns what it counted, and nil when the input or the line limit was
// reached; ErrTimeout when the time limit cut the range; the context's cause
// when it was cancelled; or what went wrong. The Sinks are flushed, not closed.
func Run(ctx context.Context, cfg Config, src Source) (*Summary, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if cfg.Progress == nil {
		cfg.Progress = &Progress{}
	}
	if cfg.Forecasts != nil {
		cfg.Window.Ahead = cfg.Forecasts.Horizon
	}
	if b := cfg.Board; b != nil {
		cfg.Sinks = append(slices.Clone(cfg.Sinks), b)
		if !b.cfg.TotalsOnly {
			cfg.Rejects = rejectLogs{cfg.Rejects, b}
		}
	}
	p := &pipeline{cfg: cfg, cancel: cancel, inbox: make(chan message, inboxSize), ids: make(map[window.PartitionID]int), budget: budget{limit: cfg.MaxMemory}}
	if b := cfg.Board; b != nil {
		b.begin(&cfg, &p.budget)
		defer b.end()
	}
	for _, sink := range cfg.Sinks {
		if s, ok := sink.(accounted); ok {
			s.account(&p.budget)
		}
	}
	p.cfg.Window.Burst = burst
	p.over = func() bool { return ctx.Err() != nil }
	defer context.AfterFunc(ctx, p.stopped)()
	p.pace.Store(noPace)
	forecasting := newForecasting(ctx, cfg)
	out := newWriting(cfg, cancel)
	e := newEngine(p, forecasting)

	for _, g := range cfg.Gaps {
		p.gap(g)
	}
	var stages sync.WaitGroup
	stages.Go(func() { forecasting.run(ctx) })
	jobs := p.settle(&stages, forecasting.results())
	stages.Go(func() { out.run(jobs, forecasting.recycle) })
	stages.Go(func() { e.run(ctx, p.inbox) })
	err := p.readAll(ctx, src)
	p.running.Wait()
	if p.limit != nil {
		p.limit.Stop()
	}
	close(p.inbox)
	stages.Wait()
	return p.summary(out, e), p.outcome(ctx, err)
}

// settle starts the stage that learns from what is forecast, if anything is, and
// returns the jobs that come out of it.
func (p *pipeline) settle(stages *sync.WaitGroup, jobs <-chan *job) <-chan *job {
	if p.cfg.Forecasts == nil {
		return jobs
	}
	s := newSettling(p.cfg, &p.budget)
	stages.Go(func() { s.run(jobs) })
	return s.out
}

// readAll runs the Source and closes the workers' channels when it has returned.
func (p *pipeline) readAll(ctx context.Context, src Source) error {
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	p.stop = stop
	if p.cfg.Timeout > 0 && !p.cfg.Live {
		// Not a deadline: a Source would take it for a broker that is mute.
		p.limit = time.AfterFunc(p.cfg.Timeout, func() {
			stop(ErrTimeout)
			p.stopped() // also when all has been read, and a decoder still waits
		})
	}
	err := src.Run(reading, func(a Assignment) (chan<- Delivery, error) { return p.assign(ctx, a) })
	switch cause := context.Cause(reading); {
	case err == nil:
	case errors.Is(cause, ErrTimeout):
		err = ErrTimeout
		p.cut.Store(true)
	case errors.Is(cause, errPast):
		err = nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read.Store(true)
	for _, w := range p.workers {
		close(w.in)
		w.remind() // it may be waiting for others
	}
	return err
}

// assign starts the worker of a partition. The engine hears of the partition
// before anything that the partition reports.
func (p *pipeline) assign(ctx context.Context, a Assignment) (chan<- Delivery, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := newWorker(p, p.assigned, a)
	p.assigned++
	p.workers = append(p.workers, w)
	p.ids[a.ID]++
	p.unfinished.Add(1)
	if p.cfg.Board != nil {
		p.cfg.Board.attach(w)
	}
	if a.End >= 0 {
		p.cfg.Progress.Total.Add(max(0, a.End-a.Start))
	}
	p.inbox <- message{part: w.part, assigned: w}
	p.running.Go(func() { w.run(ctx) })
	return w.in, nil
}

// outcome turns the Source's error and the reason of the cancellation into
// what Run returns.
func (p *pipeline) outcome(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errLimit):
		return nil
	case cause != nil:
		return cause
	default:
		return err
	}
}

func (p *pipeline) summary(out *writing, e *engine) *Summary {
	sum := &Summary{
		Windows: out.windows, Lines: out.lines, ForecastsMade: out.forecasts, ForecastsFail: out.failed,
		Reproducible: !p.cfg.Live && !p.cut.Load() && len(out.lost.reasons) == 0, MemorySpent: p.budget.refused.Load(),
		Gaps: slices.Clone(p.cfg.Gaps),
	}
	out.lost.addTo(sum)
	for _, w := range p.workers {
		if p.cfg.Group != nil {
			p.departed.add(w)
		} else {
			w.addTo(sum)
		}
	}
	if p.cfg.Group != nil {
		p.departed.addTo(sum)
		sum.SplitKeys = e.split.found
	}
	sum.Reproducible = sum.Reproducible && sum.Rejects[NoSchema] == 0
	return sum
}

// keysEach is how many keys a partition may hold. It is asked for when records
// come: the Source has assigned every partition that it knows by then.
func (p *pipeline) keysEach() int {
	if p.cfg.MaxKeys == 0 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(1, p.cfg.MaxKeys/len(p.ids))
}

// gap tells of offsets that cannot be read, or ends the run.
func (p *pipeline) gap(g GapRead) {
	if p.cfg.StopAtGap {
		p.cancel(&GapError{Gap: g})
		return
	}
	p.notice(g.String())
}

func (p *pipeline) stopped() {
	if p.cfg.Stopped != nil {
		p.cfg.Stopped()
	}
}

func (p *pipeline) notice(s string) {
	if p.cfg.Notice != nil {
		p.cfg.Notice(s)
	}
}
