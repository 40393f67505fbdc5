package stream

import (
	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// settling is the stage behind the forecasts: one goroutine, in the order of
// lines. What is learnt from line to line lives here, so the number of workers
// cannot matter. What it says of a pane goes on with the job: making a line of
// that, and writing it, costs as much again, and is for the next goroutine.
type settling struct {
	cfg    Config
	budget *budget
	out    chan *job
	// all is what is learnt of a run without a group, alone what is learnt of each
	// partition of one with it. A partition that comes back finds it again.
	all   *learnt
	alone map[window.PartitionID]*learnt
}

// settledJobs bounds the jobs that wait to be written.
const settledJobs = 4

func newSettling(cfg Config, memory *budget) *settling {
	s := &settling{cfg: cfg, budget: memory, out: make(chan *job, settledJobs)}
	if cfg.Group == nil {
		s.all = newLearnt(cfg)
	} else {
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

// learntOf is what is learnt of the windows of a job.
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

// run settles every job and hands it on.
func (s *settling) run(jobs <-chan *job) {
	defer close(s.out)
	for j := range jobs {
		s.settle(j)
		s.out <- j
	}
}

func (s *settling) settle(j *job) {
	known := s.learntOf(j)
	for len(j.remarks) < len(j.panes) {
		j.remarks = append(j.remarks, remark{})
	}
	for i := range j.panes {
		s.say(j, i, known)
	}
	s.budget.set(&known.held, known.scores.bytes+known.made.held())
}

// remark is what a line says beside its pane.
type remark struct {
	forecast *Forecast
	score    *Score
	// own is the score of a window that fires on time.
	own Score
	// ranking is what auto chose by, if somebody looks; empty, not nil, for a key
	// of which nothing is known yet.
	ranking []model.Ranked
}

// say sets the forecast and the score of the line of one pane of a job. They
// are made when the window fires on time, and stand for what comes out of the
// window later.
func (s *settling) say(j *job, i int, known *learnt) {
	p, r := j.panes[i], &j.remarks[i]
	if p.Firing != window.FiredOnTime {
		said := known.made.of(p)
		r.forecast, r.score, r.ranking = &said.Forecast, &said.score, nil
		return
	}
	r.forecast, r.score = &j.forecasts[i], &r.own
	ranking := known.scores.settle(p, r.forecast, &j.points[i], r.score)
	known.made.remember(p, r.forecast, r.score)
	if r.ranking = nil; ranking != nil && s.cfg.Board != nil {
		r.ranking = append([]model.Ranked{}, ranking.Models...) // the next window of the key changes it
	}
}
