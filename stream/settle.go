package stream

import (
	"context"
	"fmt"
	"slices"

	"github.com/oriel-stream/oriel/model"
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

	windows, lines, forecasts, failed int64
}

func newSettling(cfg Config, cancel context.CancelCauseFunc) *settling {
	return &settling{cfg: cfg, cancel: cancel, made: newMadeForecasts(cfg)}
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
		if s.cfg.Forecasts != nil {
			s.line.Forecast = s.forecast(j, i)
		}
		switch {
		case !p.Hidden:
			s.write()
		case s.cfg.Board != nil:
			s.cfg.Board.show(&s.line)
		}
	}
}

// forecast returns the forecast of one pane of a job. It is made when the
// window fires on time, and stands for what comes out of the window later.
func (s *settling) forecast(j *job, i int) *Forecast {
	p := j.panes[i]
	if p.Firing != window.FiredOnTime {
		return s.made.of(p)
	}
	f := &j.forecasts[i]
	s.intervals(f, &j.points[i])
	s.made.remember(p, f)
	return f
}

// intervals sets the prediction intervals of a forecast and counts it.
func (s *settling) intervals(f *Forecast, point *model.Forecast) {
	if f.Error != "" {
		s.failed++
		return
	}
	s.forecasts++
	if point.SE == nil {
		return
	}
	f.Intervals = slices.Grow(f.Intervals, len(s.cfg.Forecasts.Levels))
	for _, level := range s.cfg.Forecasts.Levels {
		f.Intervals = f.Intervals[:len(f.Intervals)+1]
		v := &f.Intervals[len(f.Intervals)-1]
		v.Level, v.By = level, "analytic"
		v.Lower, v.Upper = model.Bounds(point, level, v.Lower[:0], v.Upper[:0])
	}
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
