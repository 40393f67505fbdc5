package external

import (
	"context"
	"errors"
	"os/exec"
	"sync"
	"time"

	"github.com/oriel-stream/oriel/model"
)

// program is a model that runs as up to Workers processes, each with up to
// Outstanding open questions. With one process that has one of them at a time the
// questions of a key come one after another.
//
// A question needs a slot of a place. Who holds the slot gives it back, once:
//
//	room --take--> call -- answered, or the process ended ------------> room
//	                 \
//	                  given up --> await -- answered, overtaken, ended -> room
type program struct {
	words   []string
	options Options
	notices *notices
	breaker *breaker

	// room has a token for each slot that is free.
	room   chan struct{}
	places []*place
	mu     sync.Mutex
	// uses counts the slots that were given back.
	uses int64
	// running are the processes, to be ended by close; waiting are the
	// goroutines that wait for answers nobody else waits for.
	running map[*process]bool
	waiting sync.WaitGroup
	over    chan struct{}
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
	o.Outstanding = max(1, o.Outstanding)
	m := newModel(name, o)
	slots := o.Workers * o.Outstanding
	p := &program{
		words: words, options: o, notices: &m.notices, breaker: &m.breaker,
		room: make(chan struct{}, slots), running: make(map[*process]bool), over: make(chan struct{}),
	}
	for range o.Workers {
		p.places = append(p.places, &place{})
	}
	for range slots {
		p.room <- struct{}{}
	}
	m.backend = p
	return m, nil
}

// ready implements backend: only a question can tell.
func (p *program) ready(context.Context) error { return nil }

// warm implements backend. A program that cannot be started will say so when it
// is asked.
func (p *program) warm(ctx context.Context) {
	for _, l := range p.places {
		_, _ = p.revive(ctx, l)
	}
}

// take waits for a free slot, and takes it where the fewest questions are open.
// Of several such places it is the one that was used last, so that no more
// processes are started than are needed.
func (p *program) take(ctx context.Context) (*place, *failure) {
	select {
	case <-p.room:
	case <-ctx.Done():
		return nil, unsent(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	best := p.places[0]
	for _, l := range p.places[1:] {
		if l.open < best.open || l.open == best.open && l.used > best.used {
			best = l
		}
	}
	best.open++
	return best, nil
}

// release gives a slot back.
func (p *program) release(l *place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.uses++
	l.open, l.used = l.open-1, p.uses
	p.room <- struct{}{}
}

// call implements backend.
func (p *program) call(ctx context.Context, q *query) (*answer, error) {
	line, err := encodeInference(q)
	if err != nil {
		return nil, err
	}
	line = append(line, '\n')
	for first := true; ; first = false {
		l, late := p.take(ctx)
		if late != nil {
			return nil, late
		}
		r, f := p.revive(ctx, l)
		if f != nil {
			p.release(l)
			return nil, f
		}
		a, err := p.converse(ctx, l, r, q, line)
		switch f, _ := errors.AsType[*failure](err); {
		case f == nil || f.Lost != Crashed:
			return a, err
		case first && r.open.hasAnswered():
			// It may have ended since its last answer without having seen this
			// question: then another is asked.
		case r.mourned.Swap(true):
			return nil, f.repeated()
		default:
			return nil, f
		}
	}
}

// converse asks a process and gives the slot at its place back.
func (p *program) converse(ctx context.Context, l *place, r *process, q *query, line []byte) (*answer, error) {
	allowed, patience := p.options.Timeout, 3*p.options.Timeout
	starting := !r.open.hasAnswered()
	if starting {
		allowed += p.options.Starting
		patience = allowed
	}
	silence, hadTime := time.NewTimer(patience), hasTime(ctx, p.options.Now(), p.options.Timeout)
	calling, cancel := context.WithTimeout(ctx, allowed)
	defer cancel()
	asked := r.ask(calling, q.id, line, q.most())
	select {
	case a := <-asked.result:
		silence.Stop()
		p.release(l)
		return a.answer, a.err
	case <-r.ended:
		defer p.release(l)
		silence.Stop()
		return r.lastWords(asked)
	case <-calling.Done():
		p.waiting.Go(func() { p.await(l, r, asked, silence) })
		if starting && ctx.Err() == nil && !r.open.hasAnswered() {
			return nil, neverAnswered(allowed)
		}
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

// await keeps the slot of a question that was given up until its process has
// answered it, or must have lost it: then it has answered others. One that stays
// silent is killed.
func (p *program) await(l *place, r *process, asked *openQuestion, silence *time.Timer) {
	defer p.release(l)
	defer silence.Stop()
	select {
	case <-asked.result:
		p.breaker.hint(p.options.Now())
	case <-r.ended:
	case <-silence.C:
		p.giveUp(r, asked)
	case <-p.over:
		r.kill()
	}
}

// giveUp ends the wait for an answer: for this one, if the process has answered
// others, else for the process.
func (p *program) giveUp(r *process, asked *openQuestion) {
	switch r.open.lose(asked) {
	case settled:
	case overtaken:
		p.notices.once("lost", "leaves a question open while it answers others: it is not waited for any longer")
	case unheard:
		p.notices.once("killed", "is silent: its program is ended and started again")
		r.kill()
		<-r.ended
	}
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
