package model

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

type task struct{ id, squared int }

// start runs p and returns what Run will have returned.
func start[J any](ctx context.Context, p *Pool[J]) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	return ended
}

// Jobs that take any time at all come back in order, each done once.
func TestPoolKeepsOrder(t *testing.T) {
	for _, workers := range []int{0, 1, 2, 7, 64} {
		for _, inFlight := range []int{0, 1, 3, 100} {
			t.Run(fmt.Sprintf("workers=%d/inFlight=%d", workers, inFlight), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { keepsOrder(t, workers, inFlight) })
			})
		}
	}
}

// keepsOrder runs in a bubble, whose clock stands still while anyone works: the
// sleeps cost nothing and shuffle the order in which jobs get done.
func keepsOrder(t *testing.T, workers, inFlight int) {
	const jobs = 300
	var running, submitted, read atomic.Int64
	p := NewPool(workers, inFlight, func(_ context.Context, j *task) {
		if n := running.Add(1); n > int64(max(workers, 1)) {
			t.Errorf("%d workers at a time, want at most %d", n, workers)
		}
		time.Sleep(rand.N(time.Second)) // of the bubble: it shuffles the order in which jobs get done
		j.squared = j.id * j.id
		running.Add(-1)
	})
	var group sync.WaitGroup
	group.Go(func() {
		if err := p.Run(t.Context()); err != nil {
			t.Error(err)
		}
	})
	group.Go(func() {
		for id := range jobs {
			if err := p.Submit(t.Context(), &task{id: id}); err != nil {
				t.Error(err)
			}
			// One more may be read and not counted yet.
			if n := submitted.Add(1) - read.Load(); n > int64(max(inFlight, 1))+1 {
				t.Errorf("%d jobs in flight, want at most %d", n, inFlight)
			}
		}
		p.Close()
	})
	for j := range p.Results() {
		if id := int(read.Add(1)) - 1; j.id != id || j.squared != id*id {
			t.Errorf("job %d is %+v", id, *j)
		}
	}
	group.Wait()
	if read.Load() != jobs {
		t.Errorf("%d jobs read, want %d", read.Load(), jobs)
	}
}

// Workers really work at the same time: each job waits for all of them.
func TestPoolIsParallel(t *testing.T) {
	const workers = 4
	var together sync.WaitGroup
	together.Add(workers)
	p := NewPool(workers, workers, func(_ context.Context, _ int) {
		together.Done()
		together.Wait()
	})
	for id := range workers {
		if err := p.Submit(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	p.Close()
	ended := start(t.Context(), p)
	for id := range workers {
		if got := <-p.Results(); got != id {
			t.Errorf("job %d is %d", id, got)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if j, open := <-p.Results(); open {
		t.Errorf("one result too many: %d", j)
	}
}

// With inFlight jobs done and none read, Submit waits.
func TestPoolSubmitWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPool(2, 3, func(context.Context, int) {})
		ended := start(t.Context(), p)
		for id := range 3 {
			if err := p.Submit(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		full, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.Submit(full, 3); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Submit of a fourth job: %v, want %v", err, context.DeadlineExceeded)
		}
		<-p.Results()
		if err := p.Submit(t.Context(), 3); err != nil {
			t.Errorf("Submit after a read: %v", err)
		}
		p.Close()
		for want := 1; want <= 3; want++ {
			if got := <-p.Results(); got != want {
				t.Errorf("read %d, want %d", got, want)
			}
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestPoolWithoutJobs(t *testing.T) {
	p := NewPool(3, 3, func(context.Context, int) {})
	p.Close()
	if err := p.Run(t.Context()); err != nil {
		t.Error(err)
	}
	if j, open := <-p.Results(); open {
		t.Errorf("read %d", j)
	}
}

// Whatever the pool waits for when its context ends, nothing is left behind:
// goleak looks after every test of the package, and the bubble after these.
func TestPoolCancel(t *testing.T) {
	forever := func(ctx context.Context, _ int) { <-ctx.Done() }
	atOnce := func(context.Context, int) {}
	for _, tc := range []struct {
		name string
		do   func(context.Context, int)
		jobs int
	}{
		{"waiting for a job", atOnce, 0},
		{"waiting for a worker", forever, 1},
		{"waiting for a reader", atOnce, 1},
		{"full of work", forever, 5},
		{"full of results", atOnce, 5},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				p := NewPool(2, 5, tc.do)
				ended := start(ctx, p)
				for id := range tc.jobs {
					if err := p.Submit(t.Context(), id); err != nil {
						t.Fatal(err)
					}
				}
				synctest.Wait()
				cancel()
				if err := <-ended; !errors.Is(err, context.Canceled) {
					t.Errorf("Run: %v, want %v", err, context.Canceled)
				}
				for range p.Results() { // closed, so this ends
				}
				if err := p.Submit(t.Context(), 9); !errors.Is(err, ErrStopped) {
					t.Errorf("Submit after Run: %v, want %v", err, ErrStopped)
				}
				p.Close()
			})
		})
	}
}

// A submitter that waits for room when the pool stops is told.
func TestPoolStopsSubmitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := NewPool(1, 1, func(context.Context, int) {})
		ended := start(ctx, p)
		if err := p.Submit(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		waiting := make(chan error, 1)
		go func() { waiting <- p.Submit(t.Context(), 1) }()
		synctest.Wait()
		cancel()
		if err := <-waiting; !errors.Is(err, ErrStopped) {
			t.Errorf("Submit: %v, want %v", err, ErrStopped)
		}
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run: %v, want %v", err, context.Canceled)
		}
	})
}

func BenchmarkPool(b *testing.B) {
	for _, workers := range []int{1, 2, 8} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			p := NewPool(workers, 64, func(context.Context, *task) {})
			ended := start(b.Context(), p)
			go func() {
				j := new(task)
				for range b.N {
					if p.Submit(b.Context(), j) != nil {
						return
					}
				}
				p.Close()
			}()
			b.ReportAllocs()
			for range p.Results() {
			}
			if err := <-ended; err != nil {
				b.Fatal(err)
			}
		})
	}
}
