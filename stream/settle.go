package stream

import (
	"context"
	"fmt"

	"github.com/oriel-stream/oriel/window"
)

// settling is the last stage: one goroutine, in the order of lines. Whatever
// runs from line to line lives here, so the number of workers cannot matter.
type settling struct {
	cfg    Config
	cancel context.CancelCauseFunc
	err    error
	line   Line
	made   *madeForecasts
	// scores is nil where nothing is forecast. score is the present line's, held
	// what the scores were last said to take.
	scores *scoring
	score  Score
	budget *budget
	held   int64

	windows, lines, forecasts, failed int64
	lost                              losses
}

func newSettling(cfg Config, cancel context.CancelCauseFunc, memory *budget) *settling {
	return &settling{cfg: cfg, cancel: cancel, made: newMadeForecasts(cfg), scores: newScoring(cfg), budget: memory}
}

// run writes the lines of every job. After an error it goes on taking jobs,
// so that nobody waits for it, and writes nothing.
func (s *settling) run(f *forecasting) {
	results := f.results()
	for {
		var j *job
		var ok bool
		select {
		case j, ok = <-results:
		default:
			// Nothing is waiting: what is written may be read now.
			s.flush()
			j, ok = <-results
		}
		if !ok {
			s.flush()
			return
		}
		s.settle(j)
		f.recycle(j)
	}
}

func (s *settling) settle(j *job) {
	for i, p := range j.panes {
		if s.err != nil {
			return
		}
		s.line = Line{Pane: p, EmittedAt: window.MinTime}
		if s.scores != nil {
			s.forecast(j, i)
		}
		switch {
		case !p.Hidden:
			s.write()
		case s.cfg.Board != nil:
			s.cfg.Board.show(&s.line)
		}
	}
	if s.scores != nil {
		s.budget.set(&s.held, s.scores.bytes+s.made.held())
	}
}

// forecast sets the forecast and the score of the line of one pane of a job.
// They are made when the window fires on time, and stand for what comes out of
// the window later.
func (s *settling) forecast(j *job, i int) {
	p := j.panes[i]
	if p.Firing != window.FiredOnTime {
		said := s.made.of(p)
		s.line.Forecast, s.line.Score = &said.Forecast, &said.score
		return
	}
	f := &j.forecasts[i]
	switch {
	case f.Error == "":
		s.forecasts++
	case s.lost.failed(f):
		s.failed++
	}
	s.line.ranking = s.scores.settle(p, f, &j.points[i], &s.score)
	s.made.remember(p, f, &s.score)
	s.line.Forecast, s.line.Score = f, &s.score
}

func (s *settling) write() {
	if s.cfg.Live {
		s.line.EmittedAt = s.cfg.Now()
	}
	for _, sink := range s.cfg.Sinks {
		if err := sink.Write(&s.line); err != nil {
			s.fail(err)
			return
		}
	}
	s.lines++
	if s.line.Revision == 0 {
		s.windows++
	}
	s.cfg.Progress.Lines.Store(s.lines)
	if s.cfg.Limit > 0 && s.lines >= s.cfg.Limit {
		s.flush()
		s.err = errLimit
		s.cancel(errLimit)
	}
}

func (s *settling) flush() {
	if s.err != nil {
		return
	}
	for _, sink := range s.cfg.Sinks {
		if err := sink.Flush(); err != nil {
			s.fail(err)
			return
		}
	}
}

func (s *settling) fail(err error) {
	s.err = fmt.Errorf("writing output: %w", err)
	s.cancel(s.err)
}
