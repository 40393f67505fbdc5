package external

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oriel-stream/oriel/model"
)

// Options are what all kinds of models need.
type Options struct {
	// Timeout bounds a call from the moment it is sent.
	Timeout time.Duration
	// Workers is how many copies of a program run at most, and Outstanding how
	// many questions each may have open at a time; 0 for one. As many as both
	// together make connections to a server are kept.
	Workers, Outstanding int
	// Starting is how much longer the first answer of a program may take than
	// Timeout; 0 for DefaultStarting.
	Starting time.Duration
	// Env is the whole environment of a program, as NAME=VALUE.
	Env []string
	// Notice is told in a sentence what a person should know, each kind once.
	Notice func(string)
	// Failing is told in a sentence that the model is left alone because it fails,
	// and when that is over: it answers again or, in no words, was closed. Nil for
	// none.
	Failing func(text string, over bool)
	// Log is given what a program writes to its standard error, line by line;
	// nil drops it.
	Log func(string)
	// Now is the clock.
	Now func() time.Time
}

// DefaultStarting is how long a program may take to start unless Options say
// otherwise.
const DefaultStarting = 30 * time.Second

// Model is an external model. It implements model.External.
type Model struct {
	name    string
	backend backend
	breaker breaker
	notices notices
	failing func(text string, over bool)
	calls   atomic.Int64
	now     func() time.Time
	closing sync.Once
}

var _ model.External = (*Model)(nil)

// backend is a way to ask.
type backend interface {
	// call asks one question. The answer has been matched with it by its id and
	// is not otherwise checked. An error is a *failure.
	call(ctx context.Context, q *query) (*answer, error)
	// ready says whether it is worth asking again, after failures.
	ready(ctx context.Context) error
	// warm gets ready for calls that will come.
	warm(ctx context.Context)
	// close gives back what the backend holds. No call is under way.
	close()
}

// query is a question under its own id.
type query struct {
	*model.Question
	id string
	// deadline is when the answer is of no more use; zero for never.
	deadline time.Time
}

// most bounds the length of an answer: far beyond any forecast of the horizon,
// however it is laid out.
func (q *query) most() int { return 1<<16 + 256*len(q.Rows)*q.Horizon }

func newModel(name string, o Options) *Model {
	m := &Model{name: name, notices: notices{name: name, tell: o.Notice}, failing: o.Failing, now: o.Now}
	if m.failing == nil {
		m.failing = func(string, bool) {}
	}
	return m
}

// Name implements model.External.
func (m *Model) Name() string { return m.name }

// Warm starts what takes time to start, so that the first question of a live run
// does not wait for it.
func (m *Model) Warm(ctx context.Context) { m.backend.warm(ctx) }

// Close ends programs and connections. No Ask may be under way. It may be called
// again.
func (m *Model) Close() {
	m.closing.Do(func() {
		m.backend.close()
		m.failing("", true)
	})
}

// Ask implements model.External.
func (m *Model) Ask(ctx context.Context, q *model.Question, replies []model.Reply) {
	a, err := m.ask(ctx, q)
	if err == nil {
		err = fill(replies, a, q)
	}
	if err != nil {
		why := m.explain(err)
		for i := range replies {
			replies[i] = model.Reply{Err: why}
		}
		return
	}
	for i := range replies {
		if replies[i].Err != nil {
			replies[i].Err = m.explain(replies[i].Err)
		}
	}
}

// explain tells a failure in full and returns the short word for it.
func (m *Model) explain(err error) model.Lost {
	f, ok := errors.AsType[*failure](err)
	if !ok {
		f = failed(Malformed, "%v", err)
	}
	switch f.Lost {
	case model.LostShed, model.LostInterrupted, Unavailable:
		// The first two are no failure of the model, the third has been told.
	default:
		m.notices.once(string(f.Lost), "gave no forecast: "+f.Error()+"; this is told once, the summary counts")
	}
	return f.Lost
}

// ask calls the model unless the breaker is open.
func (m *Model) ask(ctx context.Context, question *model.Question) (*answer, error) {
	allowed, trial := m.breaker.enter(m.now())
	if !allowed {
		return nil, failed(Unavailable, "it is not asked while it fails")
	}
	q := &query{Question: question, id: strconv.FormatInt(m.calls.Add(1), 10)}
	q.deadline, _ = ctx.Deadline()
	a, err := m.attempt(ctx, q, trial)
	f, _ := errors.AsType[*failure](err)
	switch m.breaker.leave(outcomeOf(f), trial, m.now()) {
	case opened:
		how := fmt.Sprintf("failed %d times in a row, last with", breakAfter)
		if f.mute {
			how = "failed by"
		}
		what := how + " " + f.Error() + ": it is left alone for a while and then tried again"
		m.notices.once("opened", what)
		m.failing(m.name+" "+what, false)
	case closed:
		m.notices.once("closed", "answers again")
		m.failing(m.name+" answers again", true)
	case unchanged:
	}
	return a, err
}

// attempt is one call; a trial first asks whether the model is ready.
func (m *Model) attempt(ctx context.Context, q *query, trial bool) (*answer, error) {
	if trial {
		if err := m.backend.ready(ctx); err != nil {
			return nil, err
		}
	}
	return m.backend.call(ctx, q)
}

// outcomeOf says what a call tells about the model.
func outcomeOf(f *failure) outcome {
	switch {
	case f == nil:
		return worked
	case f.mute:
		return mute
	case f.down:
		return down
	case f.Lost == model.LostShed, f.Lost == model.LostInterrupted, f.Lost == model.LostTimeout, f.Lost == Crashed:
		return unknown
	default:
		return worked
	}
}

// notices tells each kind of news once, in a sentence that the model begins.
type notices struct {
	name string // of the model
	tell func(string)
	mu   sync.Mutex
	told map[string]bool
}

func (n *notices) once(kind, predicate string) {
	if n.tell == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.told[kind] {
		return
	}
	if n.told == nil {
		n.told = make(map[string]bool)
	}
	n.told[kind] = true
	n.tell(n.name + " " + predicate)
}

// fill takes the forecasts out of an answer. An error is of all rows; one of a
// row alone stands in its reply.
func fill(replies []model.Reply, a *answer, q *model.Question) error {
	mean, err := a.output(outputMean, q, true)
	if err != nil {
		return err
	}
	se, err := a.output(outputSE, q, false)
	if err != nil {
		return err
	}
	for i := range replies {
		from, to := i*q.Horizon, (i+1)*q.Horizon
		r := &replies[i]
		*r = model.Reply{Mean: mean[from:to:to]}
		if se != nil {
			r.SE = se[from:to:to]
		}
		for step, v := range r.Mean {
			if !finite(v) || se != nil && !(r.SE[step] >= 0 && finite(r.SE[step])) {
				*r = model.Reply{Err: failed(NotFinite, "step %d of the forecast for key %q is no finite number, or its standard error is none", step+1, excerpt([]byte(q.Rows[i].Key)))}
				break
			}
		}
	}
	return nil
}

func finite(v float64) bool { return math.Abs(v) <= math.MaxFloat64 }
