package model

import (
	"context"
	"errors"
	"sync"
)

// ErrStopped is what Submit returns after Run has ended.
var ErrStopped = errors.New("pool has stopped")

// Pool does jobs in parallel and hands them on in the order in which they were
// submitted, whichever is done first. Nothing in it grows: what has been
// submitted and not yet been read is bounded, and Submit waits for room.
//
// The submitter closes: it calls Close after its last Submit. Run closes
// Results, as soon as the last job has been read or its context is done. Run
// owns every goroutine of the pool, and none outlives it.
//
//	submitter --Submit--> work --------> workers
//	          \---------> order -------> emitter --Results--> reader
//
// Each job travels in a ticket. There are inFlight tickets; one is free again
// when its job has been read. Both queues have room for all tickets, so who
// holds one never waits to queue it.
type Pool[J any] struct {
	workers int
	do      func(ctx context.Context, job J)

	free    chan *ticket[J]
	work    chan *ticket[J] // read by any worker
	order   chan *ticket[J] // read by the emitter
	results chan J
	stopped chan struct{}
}

// ticket carries a job. done holds a token once the job is done.
type ticket[J any] struct {
	job  J
	done chan struct{}
}

// NewPool returns a pool that runs do on each job, at most workers at a time,
// with at most inFlight jobs submitted and not yet read. Both are at least 1.
// do leaves its result in the job, so J is usually a pointer. It should return
// early when ctx is done.
func NewPool[J any](workers, inFlight int, do func(ctx context.Context, job J)) *Pool[J] {
	workers, inFlight = max(workers, 1), max(inFlight, 1)
	p := &Pool[J]{
		workers: workers,
		do:      do,
		free:    make(chan *ticket[J], inFlight),
		work:    make(chan *ticket[J], inFlight),
		order:   make(chan *ticket[J], inFlight),
		results: make(chan J),
		stopped: make(chan struct{}),
	}
	for range inFlight {
		p.free <- &ticket[J]{done: make(chan struct{}, 1)}
	}
	return p
}

// Submit queues a job. It waits while inFlight jobs are unfinished or unread.
// It returns ctx's error, or ErrStopped, if the job was not queued. One
// goroutine submits: the order of concurrent calls would mean nothing.
func (p *Pool[J]) Submit(ctx context.Context, job J) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-p.stopped: // even if there is room
		return ErrStopped
	default:
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-p.stopped:
		return ErrStopped
	case t := <-p.free:
		t.job = job
		p.order <- t
		p.work <- t
		return nil
	}
}

// Close says that no further job comes. The submitter calls it once, after its
// last Submit has returned.
func (p *Pool[J]) Close() {
	close(p.order)
	close(p.work)
}

// Results gives each job, done, in the order of submission. It is closed when
// Run ends; if that was by Run's context, the last jobs are missing.
func (p *Pool[J]) Results() <-chan J { return p.results }

// Run works until Close has been called and every job has been read, or until
// ctx is done, whose error it then returns. It is called once, and returns when
// all its goroutines have.
func (p *Pool[J]) Run(ctx context.Context) error {
	defer close(p.stopped)
	var workers sync.WaitGroup
	for range p.workers {
		workers.Go(func() { p.serve(ctx) })
	}
	err := p.emit(ctx)
	close(p.results)
	workers.Wait()
	return err
}

// serve does jobs until there are no more.
func (p *Pool[J]) serve(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case t, open := <-p.work:
			if !open {
				return
			}
			p.do(ctx, t.job)
			t.done <- struct{}{}
		}
	}
}

// emit hands on jobs in order as they get done.
func (p *Pool[J]) emit(ctx context.Context) error {
	for {
		t, open, err := p.next(ctx)
		if err != nil || !open {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case p.results <- t.job:
		}
		var none J
		t.job = none // the reader's now: do not keep it alive
		p.free <- t
	}
}

// next waits for the oldest job to be done. open is false after the last.
func (p *Pool[J]) next(ctx context.Context) (t *ticket[J], open bool, err error) {
	select {
	case <-ctx.Done():
		return nil, false, ctx.Err()
	case t, open = <-p.order:
	}
	if !open {
		return nil, false, nil
	}
	select {
	case <-ctx.Done():
		return nil, false, ctx.Err()
	case <-t.done:
		return t, true, nil
	}
}
