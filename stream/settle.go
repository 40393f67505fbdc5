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
	score  Score // of the present line
	budget *budget
	// all is what is learnt of a run without a group, alone what is learnt of each
	// partition of one with it. A partition that comes back finds it again. Nothing
	// where nothing is forecast.
	all   *learnt
	alone map[window.PartitionID]*learnt
	// committing is nil without a group.
	committing *committing

	windows, lines, forecasts, failed int64
	lost                              losses
}

func newSettling(cfg Config, cancel context.CancelCauseFunc, memory *budget) *settling {
	s := &settling{cfg: cfg, cancel: cancel, budget: memory, committing: newCommitting(cfg.Group)}
	switch {
	case cfg.Forecasts == nil:
	case cfg.Group == nil:
		s.all = newLearnt(cfg)
	default:
		s.alone = make(map[window.PartitionID]*learnt)
	}
	return s
}

// learnt is what runs from line to line where windows close together: forecasts
// that later lines repeat, and how well earlier ones did.
type learnt struct {
	made   *madeForecasts
	scores *scoring
	held   int64 // bytes, as was told last
}

func newLearnt(cfg Config) *learnt {
	return &learnt{made: newMadeForecasts(cfg), scores: newScoring(cfg)}
}

// learntOf is what is learnt of the windows of a job; nil where nothing is
// forecast.
func (s *settling) learntOf(j *job) *learnt {
	if s.alone == nil {
		return s.all
	}
	l := s.alone[j.of]
	if l == nil {
		l = newLearnt(s.cfg)
		s.alone[j.of] = l
	}
	return l
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
		if s.committing.settle(j.behind); s.committing.mustFlush() {
			s.flush()
		}
		f.recycle(j)
	}
}

func (s *settling) settle(j *job) {
	known := s.learntOf(j)
	for i, p := range j.panes {
		if s.err != nil {
			return
		}
		s.line = Line{Pane: p, EmittedAt: window.MinTime}
		if known != nil {
			s.forecast(j, i, known)
		}
		switch {
		case !p.Hidden:
			s.write()
		case s.cfg.Board != nil:
			s.cfg.Board.show(&s.line)
		}
	}
	if known != nil {
		s.budget.set(&known.held, known.scores.bytes+known.made.held())
	}
}

// forecast sets the forecast and the score of the line of one pane of a job.
// They are made when the window fires on time, and stand for what comes out of
// the window later.
func (s *settling) forecast(j *job, i int, known *learnt) {
	p := j.panes[i]
	if p.Firing != window.FiredOnTime {
		said := known.made.of(p)
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
	s.line.ranking = known.scores.settle(p, f, &j.points[i], &s.score)
	known.made.remember(p, f, &s.score)
	s.line.Forecast, s.line.Score = f, &s.score
}

func (s *settling) write() {
	if s.cfg.Live && s.cfg.Group == nil { // or a line that comes again would differ
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
	s.committing.flushed()
}

func (s *settling) fail(err error) {
	s.err = fmt.Errorf("writing output: %w", err)
	s.cancel(s.err)
}
