package stream

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// forecasting is the stage of point forecasts: stateless, so any worker may
// take any job in any order; the pool gives the jobs back in the order of
// lines.
type forecasting struct {
	cfg     *Forecasts
	measure Measure
	// atATime is how many jobs are done at a time.
	atATime int
	pool    *model.Pool[*job]
	// patience is how long after its close a window waits for its forecast; 0
	// for as long as that takes.
	patience time.Duration
	// plain takes the place of the pool where nothing is forecast.
	plain chan *job
	// free keeps the memory of jobs that were written.
	free *sync.Pool
	// broken says that a job was lost, because the run was cancelled: nothing may be
	// settled behind it.
	broken bool
}

// job is a run of consecutive lines.
type job struct {
	panes []*window.Pane
	// deadline is when its lines are due with or without forecasts; zero for
	// never.
	deadline  time.Time
	forecasts []Forecast
	// past are the values of the windows up to each pane, of InputAggregates.
	past [][]float64
	// raw are the records of each pane, of InputRaw.
	raw [][]rawValue
	// points are the models' answers and y their input, kept for their memory.
	points []model.Forecast
	y      []float64
	// remarks are what settle says of each pane, where something is forecast.
	remarks []remark
	// took is how long an external model took.
	took time.Duration
	// of is the partition that the panes are of, where each has windows of its own.
	of window.PartitionID
	// behind is what may be committed when its lines are in all sinks; nil for
	// nothing.
	behind *passed
}

// maxJob bounds the panes of a job: enough to outweigh the hand-over, few
// enough to spread one close over what is done at a time.
const maxJob = 64

// newForecasting returns the stage of a run that ctx ends.
func newForecasting(ctx context.Context, cfg Config) *forecasting {
	f := &forecasting{
		cfg: cfg.Forecasts, measure: cfg.Measure, atATime: cfg.Forecasts.atATime(cfg.Workers),
		free: &sync.Pool{New: func() any { return &job{} }},
	}
	if f.cfg == nil {
		f.plain = make(chan *job, 4*cfg.Workers)
		return f
	}
	if cfg.Live {
		f.patience = f.cfg.Timeout
	}
	do := f.forecast
	if f.cfg.External != nil {
		do = f.ask
	}
	// The run's context and not the pool's: nobody waits for models that may take
	// minutes once the run has been ended.
	f.pool = model.NewPool(f.atATime, 4*f.atATime, func(_ context.Context, j *job) { do(ctx, j) })
	return f
}

// run works until close was called and every job is done. A cancellation
// stops new jobs, not those of windows that have closed: their lines are due.
func (f *forecasting) run(ctx context.Context) {
	if f.cfg == nil {
		return
	}
	_ = f.pool.Run(context.WithoutCancel(ctx)) // its only error is the context's
}

// submit cuts panes into jobs; those that closed together share a deadline. It
// blocks while too many are in flight.
func (f *forecasting) submit(ctx context.Context, x fired) {
	deadline, most := time.Time{}, f.most(len(x.panes))
	if f.patience > 0 {
		deadline = x.closed.Add(f.patience)
	}
	for panes := x.panes; (len(panes) > 0 || x.behind != nil) && !f.broken; {
		n := min(len(panes), most)
		if f.isExternal() && n > 0 {
			n = together(panes, most)
		}
		j := f.free.Get().(*job)
		j.panes, j.deadline = append(j.panes[:0], panes[:n]...), deadline
		j.of = x.id()
		if past := x.from.past; past != nil {
			j.past = past.append(j.past[:0], j.panes)
		}
		if raw := x.from.raw; raw != nil {
			j.raw = raw.append(j.raw[:0], j.panes)
		}
		if panes = panes[n:]; len(panes) == 0 {
			j.behind, x.behind = x.behind, nil
		}
		f.broken = !f.hand(ctx, j)
	}
}

// most is how many of some panes that close together a job may have.
func (f *forecasting) most(panes int) int {
	if !f.isExternal() {
		return maxJob
	}
	most := max(f.cfg.Batch, 1)
	if f.patience > 0 {
		// Live, a close is spread over the calls before one gets two windows of it.
		// In a bounded run the number of calls must not matter to a model that
		// looks at all rows.
		most = min(most, (panes+f.atATime-1)/f.atATime)
	}
	return most
}

func (f *forecasting) isExternal() bool { return f.cfg != nil && f.cfg.External != nil }

// hand passes a job on and reports whether it could. Once the run is cancelled it
// cannot, whether there is room or not: a worker that was stopped in a batch has
// not read what it reports to have read.
func (f *forecasting) hand(ctx context.Context, j *job) bool {
	if f.cfg != nil {
		return f.pool.Submit(ctx, j) == nil
	}
	if ctx.Err() != nil {
		return false
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

// recycle takes the memory of a written job and its panes back.
func (f *forecasting) recycle(j *job) {
	window.Release(j.panes)
	clear(j.panes)
	clear(j.past)
	clear(j.raw)
	j.behind = nil
	f.free.Put(j)
}

// begin makes room for a forecast of each pane.
func (j *job) begin() {
	for len(j.forecasts) < len(j.panes) {
		j.forecasts = append(j.forecasts, Forecast{})
		j.points = append(j.points, model.Forecast{})
	}
}

// overdue says that the deadline of the job has passed.
func (j *job) overdue() bool {
	return !j.deadline.IsZero() && !time.Now().Before(j.deadline)
}

// lose says why the forecast of a pane was lost.
func (j *job) lose(i int, why error) {
	f := &j.forecasts[i]
	f.Filled, f.Error, f.Lost = 0, why.Error(), true
}

// blank makes out the forecast from a pane, yet to be made.
func (f *forecasting) blank(p *window.Pane, out *Forecast) {
	*out = Forecast{Model: f.cfg.name(), Origin: p.End, Step: f.cfg.stepOf(p), Intervals: out.Intervals[:0]}
}

// forecast makes the point forecasts of a job. What has not been started by the
// deadline is shed; one is never abandoned, for a model of ours takes microseconds,
// or milliseconds where windows have thousands of steps. So many of those may be in
// flight that where there is no deadline none is started once the run has ended.
func (f *forecasting) forecast(ctx context.Context, j *job) {
	j.begin()
	for i, p := range j.panes {
		switch {
		case p.Firing != window.FiredOnTime:
			// What was forecast when the window fired on time stands.
		case j.overdue():
			f.blank(p, &j.forecasts[i])
			j.lose(i, model.LostShed)
		case j.deadline.IsZero() && ctx.Err() != nil:
			f.blank(p, &j.forecasts[i])
			j.lose(i, model.LostInterrupted)
		default:
			in := f.input(j, i)
			j.y = in.y
			f.from(p, in, &j.points[i], &j.forecasts[i])
		}
	}
}

// input is what is forecast from for one pane of a job, in the memory of j.y.
func (f *forecasting) input(j *job, i int) modelInput {
	p := j.panes[i]
	if f.cfg.Input != InputAggregates {
		return f.measure.steps(j.y, p)
	}
	return f.measure.of(p).complete(append(j.y[:0], j.past[i]...))
}

// from forecasts from one pane.
func (f *forecasting) from(p *window.Pane, in modelInput, point *model.Forecast, out *Forecast) {
	f.blank(p, out)
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
