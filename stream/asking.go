package stream

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// together returns how many of the panes, from the first on, make one job for
// an external model: windows of one topic with the same end and the same steps,
// none twice of one key and series, and at most most. How many closes come at
// once is a matter of scheduling, so a job has windows of one.
func together(panes []*window.Pane, most int) int {
	first := panes[0]
	most = min(most, len(panes))
	for n, p := range panes[:most] {
		if !alike(p, first) {
			return n
		}
		for _, q := range panes[:n] {
			if p.Key == q.Key && p.Series == q.Series {
				return n
			}
		}
	}
	return most
}

// alike says that two panes may be rows of one question.
func alike(p, q *window.Pane) bool {
	return p.Topic == q.Topic && p.End == q.End && p.Firing == q.Firing &&
		p.Step == q.Step && p.Hop == q.Hop && len(p.Steps) == len(q.Steps)
}

// ask has an external model make the forecasts of a job.
func (f *forecasting) ask(ctx context.Context, j *job) {
	j.begin()
	j.took = 0
	if len(j.panes) == 0 {
		return // it carries a checkpoint alone
	}
	if !j.deadline.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, j.deadline)
		defer cancel()
	}
	first := j.panes[0]
	q := model.Question{Topic: first.Topic, Step: int64(f.cfg.stepOf(first)), Horizon: f.cfg.Horizon}
	var asked []int // indexes of the panes that are rows of q
	for i := range j.panes {
		in, ok := f.askable(j, i)
		if !ok {
			continue
		}
		row := f.row(j, i, in.y)
		if len(asked) > 0 && len(row.Values) != len(q.Rows[0].Values) {
			f.question(ctx, j, &q, asked) // rows must be of one length
			q.Rows, asked = nil, nil
		}
		q.Rows = append(q.Rows, row)
		asked = append(asked, i)
	}
	if len(asked) > 0 {
		f.question(ctx, j, &q, asked)
	}
}

// askable returns what a pane of a job is forecast from, in memory of its own.
// Where it is not to be asked about its forecast says why, or stands from when
// the window fired on time.
func (f *forecasting) askable(j *job, i int) (modelInput, bool) {
	if j.panes[i].Firing != window.FiredOnTime {
		return modelInput{}, false
	}
	out := &j.forecasts[i]
	f.blank(j.panes[i], out)
	in := f.input(j, i)
	j.y, in.y = in.y, slices.Clone(in.y)
	switch {
	case in.held < minSteps, f.cfg.Input == InputRaw && len(j.raw[i]) == 0:
		out.Error = model.ErrTooFew.Error()
	case slices.ContainsFunc(in.y, func(v float64) bool { return math.IsInf(v, 0) }):
		out.Error = model.ErrNotFinite.Error()
	case j.overdue():
		j.lose(i, model.LostShed)
	default:
		out.Filled, out.naive = in.filled, in.y[len(in.y)-1]
		return in, true
	}
	return in, false
}

// question asks about the panes of a job that are rows of q.
func (f *forecasting) question(ctx context.Context, j *job, q *model.Question, asked []int) {
	replies := make([]model.Reply, len(asked))
	began := time.Now()
	f.cfg.External.Ask(ctx, q, replies)
	j.took += time.Since(began)
	for r, i := range asked {
		j.take(i, &replies[r])
	}
}

// row is what is asked about a pane of a job: steps that end where its window
// ends, or its records.
func (f *forecasting) row(j *job, i int, y []float64) model.Row {
	p := j.panes[i]
	r := model.Row{Key: p.Key.Bytes, NullKey: p.Key.Null, Series: p.Series, Counted: p.Counted}
	if f.cfg.Input == InputRaw {
		for _, v := range j.raw[i] {
			r.Times, r.Values = append(r.Times, int64(v.at)), append(r.Values, v.value)
		}
		return r
	}
	r.Times, r.Values = make([]int64, len(y)), y
	for i := range r.Times {
		r.Times[i] = int64(p.End) - int64(len(y)-i)*int64(f.cfg.stepOf(p))
	}
	return r
}

// take sets the forecast of a pane from the model's reply.
func (j *job) take(i int, r *model.Reply) {
	if r.Err != nil {
		j.lose(i, r.Err)
		return
	}
	point := &j.points[i]
	point.Mean, point.SE = append(point.Mean[:0], r.Mean...), append(point.SE[:0], r.SE...)
	point.Members, point.Candidates = nil, nil
	j.forecasts[i].Mean = point.Mean
}
