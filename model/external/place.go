package external

import (
	"context"
	"sync"
	"time"
)

// place is where one process runs at a time.
type place struct {
	// open is how many slots are taken, and used is larger the later one was
	// given back. Both belong to program.mu.
	open int
	used int64

	mu      sync.Mutex
	process *process // nil before the first
	// birth is that of the next process while somebody sees to it; who does may
	// use what follows.
	birth *birth
	// deaths counts the processes that ended without an answer, in a row.
	deaths int
	// notBefore is when the next may be started.
	notBefore time.Time
}

// birth is the start of a process: one goroutine sees to it, the others that
// have questions for the place wait, and share what comes of it.
type birth struct {
	// done is closed when it is over. Then there is a process, or a failure; or
	// neither, if whose affair it was gave up: then somebody else begins anew.
	done    chan struct{}
	process *process
	failure *failure
}

// enter returns the process of the place if it lives, else the birth of the
// next, and whether that is the caller's affair, who must end it with born.
func (l *place) enter() (alive *process, b *birth, mine bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.birth != nil:
		return nil, l.birth, false
	case l.process != nil && !l.process.hasEnded():
		return l.process, nil, false
	}
	l.birth = &birth{done: make(chan struct{})}
	return nil, l.birth, true
}

// born ends a birth, with a process or with a failure of who saw to it.
func (l *place) born(started *process, f *failure) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.birth
	l.process, l.birth = started, nil
	b.process = started
	if f != nil && f.Lost == Crashed { // and is not the caller's deadline
		b.failure = f.repeated()
	}
	close(b.done)
}

// died says when the next process may be started.
func (l *place) died(now time.Time, answered bool) {
	if l.deaths++; answered {
		l.deaths = 1
	}
	l.notBefore = now.Add(min(minRestart<<min(l.deaths-1, 16), maxRestart))
}

const (
	minRestart = 100 * time.Millisecond
	maxRestart = 10 * time.Second
)

// revive returns the process of a place and sees to it that there is one.
func (p *program) revive(ctx context.Context, l *place) (*process, *failure) {
	for {
		alive, b, mine := l.enter()
		switch {
		case alive != nil:
			return alive, nil
		case mine:
			started, f := p.start(ctx, l)
			l.born(started, f)
			return started, f
		}
		select {
		case <-b.done:
		case <-ctx.Done():
			return nil, unsent(ctx)
		}
		if b.process != nil || b.failure != nil {
			return b.process, b.failure
		}
	}
}

// start starts the next process of a place. One that keeps dying is started at
// longer and longer intervals.
func (p *program) start(ctx context.Context, l *place) (*process, *failure) {
	if l.process != nil {
		p.bury(l)
	}
	if wait := l.notBefore.Sub(p.options.Now()); wait > 0 {
		pause := time.NewTimer(wait)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-ctx.Done():
			return nil, unsent(ctx)
		}
	}
	if ctx.Err() != nil {
		return nil, unsent(ctx)
	}
	started, err := startProcess(ctx, p.words, p.notices, &p.options)
	if err != nil {
		l.died(p.options.Now(), false)
		return nil, broken(Crashed, "%v", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running[started] = true
	return started, nil
}

// bury forgets a process that has ended.
func (p *program) bury(l *place) {
	p.notices.once("ended", "is started again: "+l.process.crash().detail)
	l.died(p.options.Now(), l.process.open.hasAnswered())
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.running, l.process)
}
