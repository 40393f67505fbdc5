package external

import (
	"context"
	"errors"
	"os/exec"
	"sync"
	"time"

	"github.com/oriel-stream/oriel/model"
)

// program is a model that runs as up to Workers processes, each with one
// question at a time: so a key never has two questions at the same process, and
// with one process the questions of a key come one after another.
type program struct {
	words   []string
	options Options
	notices *notices
	breaker *breaker

	// room has a token for each place that is free, and places has those. The
	// one that became free last is taken first, so that no more processes are
	// started than are needed.
	room   chan struct{}
	mu     sync.Mutex
	places []*place
	// running are the processes, to be ended by close; waiting are the
	// goroutines that wait for answers nobody else waits for.
	running map[*process]bool
	waiting sync.WaitGroup
	over    chan struct{}
}

// place is where one process runs at a time.
type place struct {
	process *process // nil before the first
	// deaths counts the processes that ended without an answer, in a row.
	deaths int
	// notBefore is when the next may be started.
	notBefore time.Time
}

// NewProgram returns a model that is a program, words[0] with its arguments. An
// error says that there is no such program.
func NewProgram(name string, words []string, o Options) (*Model, error) {
	if _, err := exec.LookPath(words[0]); err != nil {
		return nil, err
	}
	if o.Starting == 0 {
		o.Starting = DefaultStarting
	}
	m := newModel(name, o)
	p := &program{
		words: words, options: o, notices: &m.notices, breaker: &m.breaker,
		room: make(chan struct{}, o.Workers), running: make(map[*process]bool), over: make(chan struct{}),
	}
	for range o.Workers {
		p.release(&place{})
	}
	m.backend = p
	return m, nil
}

// ready implements backend: only a question can tell.
func (p *program) ready(context.Context) error { return nil }

// warm implements backend. A program that cannot be started will say so when it
// is asked.
func (p *program) warm(ctx context.Context) {
	var all []*place
	for range p.options.Workers {
		l, late := p.take(ctx)
		if late != nil {
			break
		}
		_ = p.revive(ctx, l)
		all = append(all, l)
	}
	for _, l := range all {
		p.release(l)
	}
}

// take waits for a free place.
func (p *program) take(ctx context.Context) (*place, *failure) {
	select {
	case <-p.room:
	case <-ctx.Done():
		return nil, unsent(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.places) - 1
	l := p.places[last]
	p.places = p.places[:last]
	return l, nil
}

func (p *program) release(l *place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.places = append(p.places, l)
	p.room <- struct{}{}
}

// call implements backend.
func (p *program) call(ctx context.Context, q *query) (*answer, error) {
	line, err := encodeInference(q)
	if err != nil {
		return nil, err
	}
	l, late := p.take(ctx)
	if late != nil {
		return nil, late
	}
	for first := true; ; first = false {
		if f := p.revive(ctx, l); f != nil {
			p.release(l)
			return nil, f
		}
		// It may have ended since its last answer without having seen this
		// question: then another is asked.
		again := first && l.process.answered.Load()
		a, err := p.converse(ctx, l, q, append(line, '\n'))
		if f, _ := errors.AsType[*failure](err); f == nil || f.Lost != Crashed || !again {
			return a, err
		}
		if l, late = p.take(ctx); late != nil {
			return nil, late
		}
	}
}

// converse asks the process of a place and gives the place back.
func (p *program) converse(ctx context.Context, l *place, q *query, line []byte) (*answer, error) {
	allowed, patience := p.options.Timeout, 3*p.options.Timeout
	if !l.process.answered.Load() {
		allowed += p.options.Starting
		patience = allowed
	}
	silence, hadTime := time.NewTimer(patience), hasTime(ctx, p.options.Now(), p.options.Timeout)
	calling, cancel := context.WithTimeout(ctx, allowed)
	defer cancel()
	results := l.process.ask(calling, q.id, line, q.most())
	select {
	case r := <-results:
		silence.Stop()
		p.release(l)
		return r.answer, r.err
	case <-l.process.ended:
		defer p.release(l)
		silence.Stop()
		return l.lastWords(results)
	case <-calling.Done():
		p.waiting.Go(func() { p.await(l, results, silence) })
		return nil, ended(calling, hadTime)
	}
}

// unsent is the failure of a question for which there was no process in time.
func unsent(ctx context.Context) *failure {
	if f := ended(ctx, false); f.Lost == model.LostInterrupted {
		return f
	}
	return failed(model.LostShed, "no process was free before the deadline (--workers, --model-timeout)")
}

// lastWords is the result of a process that has ended: it may have answered
// before.
func (l *place) lastWords(results <-chan result) (*answer, error) {
	select {
	case r := <-results:
		return r.answer, r.err
	default:
		return nil, l.process.crash()
	}
}

// await keeps a place until its process has answered a question that was given
// up. One that stays silent is killed.
func (p *program) await(l *place, results <-chan result, silence *time.Timer) {
	defer p.release(l)
	defer silence.Stop()
	select {
	case <-results:
		p.breaker.hint(p.options.Now())
	case <-l.process.ended:
	case <-silence.C:
		p.notices.once("killed", "is silent: its program is ended and started again")
		l.process.kill()
		<-l.process.ended
	case <-p.over:
		l.process.kill()
	}
}

const (
	minRestart = 100 * time.Millisecond
	maxRestart = 10 * time.Second
)

// revive sees to it that a place has a process. One that keeps dying is started
// at longer and longer intervals.
func (p *program) revive(ctx context.Context, l *place) *failure {
	if l.process != nil {
		if !l.process.hasEnded() {
			return nil
		}
		p.bury(l)
	}
	if wait := l.notBefore.Sub(p.options.Now()); wait > 0 {
		pause := time.NewTimer(wait)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-ctx.Done():
			return unsent(ctx)
		}
	}
	if ctx.Err() != nil {
		return unsent(ctx)
	}
	started, err := startProcess(ctx, p.words, p.options.Env, p.notices, p.options.Log)
	if err != nil {
		l.died(p.options.Now(), false)
		return broken(Crashed, "%v", err)
	}
	l.process = started
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running[started] = true
	return nil
}

// bury forgets a process that has ended.
func (p *program) bury(l *place) {
	p.notices.once("ended", "is started again: "+l.process.crash().detail)
	l.died(p.options.Now(), l.process.answered.Load())
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.running, l.process)
	l.process = nil
}

// died says when the next process may be started.
func (l *place) died(now time.Time, answered bool) {
	if l.deaths++; answered {
		l.deaths = 1
	}
	l.notBefore = now.Add(min(minRestart<<min(l.deaths-1, 16), maxRestart))
}

// farewell is how long programs may take to end when there is nothing more to
// ask, and to say their last when they have been killed.
const farewell = time.Second

// close implements backend. A program that reads to the end of its input ends by
// itself; others are killed.
func (p *program) close() {
	close(p.over)
	p.waiting.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	for r := range p.running {
		_ = r.stdin.Close()
	}
	patience := time.NewTimer(farewell)
	defer patience.Stop()
	expired := false
	for r := range p.running {
		if !expired {
			select {
			case <-r.ended:
				continue
			case <-patience.C:
				expired = true
			}
		}
		r.kill()
		<-r.ended
	}
}
