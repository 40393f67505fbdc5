package stream

import (
	"context"
	"errors"
	"sync"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// forecasting is the stage of point forecasts: stateless, so any worker may
// take any job in any order; the pool gives the jobs back in the order of
// lines.
type forecasting struct {
	cfg     *Forecasts
	measure Measure
	// past is what is forecast from beside the windows themselves; nil for
	// nothing. It belongs to whoever submits.
	past *pastWindows
	pool *model.Pool[*job]
	// plain takes the place of the pool where nothing is forecast.
	plain chan *job
	// free keeps the memory of jobs that were settled.
	free *sync.Pool
}

// job is a run of consecutive lines.
type job struct {
	panes     []*window.Pane
	forecasts []Forecast
	// past are the values of the windows up to each pane, of InputAggregates.
	past [][]float64
	// points are the models' answers and y their input, kept for their memory.
	points []model.Forecast
	y      []float64
}

// maxJob bounds the panes of a job: enough to outweigh the hand-over, few
// enough to spread one close over the workers.
const maxJob = 64

func newForecasting(cfg Config) *forecasting {
	f := &forecasting{
		cfg: cfg.Forecasts, measure: cfg.Measure, past: newPastWindows(cfg),
		free: &sync.Pool{New: func() any { return &job{} }},
	}
	if f.cfg == nil {
		f.plain = make(chan *job, 4*cfg.Workers)
		return f
	}
	f.pool = model.NewPool(cfg.Workers, 4*cfg.Workers, f.forecast)
	return f
}

// run works until close was called and every job is settled. A cancellation
// stops new jobs, not those of windows that have closed: their lines are due.
func (f *forecasting) run(ctx context.Context) {
	if f.cfg == nil {
		return
	}
	_ = f.pool.Run(context.WithoutCancel(ctx)) // its only error is the context's
}

// submit cuts panes into jobs. It blocks while too many are in flight.
func (f *forecasting) submit(ctx context.Context, panes []*window.Pane) {
	for len(panes) > 0 {
		n := min(len(panes), maxJob)
		j := f.free.Get().(*job)
		j.panes = append(j.panes[:0], panes[:n]...)
		if f.past != nil {
			j.past = f.past.append(j.past[:0], j.panes)
		}
		if !f.hand(ctx, j) {
			return // cancelled: nothing more will be written
		}
		panes = panes[n:]
	}
}

// hand passes a job on and reports whether it could.
func (f *forecasting) hand(ctx context.Context, j *job) bool {
	if f.cfg != nil {
		return f.pool.Submit(ctx, j) == nil
	}
	select {
	case f.plain <- j:
		return true
	case <-ctx.Done():
		return false
	}
}

func (f *forecasting) close() {
	if f.cfg == nil {
		close(f.plain)
		return
	}
	f.pool.Close()
}

func (f *forecasting) results() <-chan *job {
	if f.cfg == nil {
		return f.plain
	}
	return f.pool.Results()
}

// recycle takes the memory of a settled job and its panes back.
func (f *forecasting) recycle(j *job) {
	for _, p := range j.panes {
		p.Release()
	}
	clear(j.panes)
	clear(j.past)
	f.free.Put(j)
}

// forecast makes the point forecasts of a job.
func (f *forecasting) forecast(_ context.Context, j *job) {
	for len(j.forecasts) < len(j.panes) {
		j.forecasts = append(j.forecasts, Forecast{})
		j.points = append(j.points, model.Forecast{})
	}
	for i, p := range j.panes {
		if p.Firing != window.FiredOnTime {
			continue // what was forecast when the window fired on time stands
		}
		in := f.input(j, i)
		j.y = in.y
		f.from(p, in, &j.points[i], &j.forecasts[i])
	}
}

// input is what is forecast from for one pane of a job, in the memory of j.y.
func (f *forecasting) input(j *job, i int) modelInput {
	p := j.panes[i]
	if f.past == nil {
		return f.measure.steps(j.y, p)
	}
	return f.measure.of(p).complete(append(j.y[:0], j.past[i]...))
}

// from forecasts from one pane.
func (f *forecasting) from(p *window.Pane, in modelInput, point *model.Forecast, out *Forecast) {
	*out = Forecast{Model: f.cfg.Model.Name(), Origin: p.End, Step: f.cfg.stepOf(p), Intervals: out.Intervals[:0]}
	err := model.ErrTooFew
	if in.held >= minSteps {
		err = f.cfg.Model.Forecast(in.y, f.cfg.Horizon, point)
	}
	switch {
	case errors.Is(err, model.ErrTooFew):
		out.Error = "too few"
	case err != nil:
		out.Error = err.Error()
	default:
		out.Filled, out.Mean, out.Members, out.naive = in.filled, point.Mean, point.Members, in.y[len(in.y)-1]
	}
}
