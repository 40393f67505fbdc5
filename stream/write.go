package stream

import (
	"context"
	"fmt"

	"github.com/oriel-stream/oriel/window"
)

// writing is the last stage: one goroutine that makes a line of every pane and
// hands it to the sinks, in the order of lines.
type writing struct {
	cfg    Config
	cancel context.CancelCauseFunc
	err    error
	line   Line
	// committing is nil without a group.
	committing *committing

	windows, lines, forecasts, failed int64
	lost                              losses
}

func newWriting(cfg Config, cancel context.CancelCauseFunc) *writing {
	return &writing{cfg: cfg, cancel: cancel, committing: newCommitting(cfg.Group)}
}

// run writes the lines of every job, and gives it back. After an error it goes on
// taking jobs, so that nobody waits for it, and writes nothing.
func (w *writing) run(jobs <-chan *job, giveBack func(*job)) {
	for {
		var j *job
		var ok bool
		select {
		case j, ok = <-jobs:
		default:
			// Nothing is waiting: what is written may be read now.
			w.flush()
			j, ok = <-jobs
		}
		if !ok {
			w.flush()
			return
		}
		w.job(j)
		if w.committing.wrote(j.behind); w.committing.mustFlush() {
			w.flush()
		}
		giveBack(j)
	}
}

func (w *writing) job(j *job) {
	for i, p := range j.panes {
		if w.err != nil {
			return
		}
		w.line = Line{Pane: p, EmittedAt: window.MinTime}
		if w.cfg.Forecasts != nil {
			r := &j.remarks[i]
			w.line.Forecast, w.line.Score, w.line.ranking = r.forecast, r.score, r.ranking
			w.count(r.forecast)
		}
		switch {
		case !p.Hidden:
			w.write()
		case w.cfg.Board != nil:
			w.cfg.Board.show(&w.line)
		}
	}
}

// count counts the forecast of a window that fires on time.
func (w *writing) count(f *Forecast) {
	switch {
	case w.line.Firing != window.FiredOnTime:
	case f.Error == "":
		w.forecasts++
	case w.lost.failed(f):
		w.failed++
	}
}

func (w *writing) write() {
	if w.cfg.Live && w.cfg.Group == nil { // or a line that comes again would differ
		w.line.EmittedAt = w.cfg.Now()
	}
	for _, sink := range w.cfg.Sinks {
		if err := sink.Write(&w.line); err != nil {
			w.fail(err)
			return
		}
	}
	w.lines++
	if w.line.Revision == 0 {
		w.windows++
	}
	w.cfg.Progress.Lines.Store(w.lines)
	if w.cfg.Limit > 0 && w.lines >= w.cfg.Limit {
		w.flush()
		w.err = errLimit
		w.cancel(errLimit)
	}
}

func (w *writing) flush() {
	if w.err != nil {
		return
	}
	for _, sink := range w.cfg.Sinks {
		if err := sink.Flush(); err != nil {
			w.fail(err)
			return
		}
	}
	w.committing.flushed()
}

func (w *writing) fail(err error) {
	w.err = fmt.Errorf("writing output: %w", err)
	w.cancel(w.err)
}
