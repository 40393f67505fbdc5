package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// patienceOfTests bounds every wait of a test: reached only by a failure.
const patienceOfTests = 30 * time.Second

// read is a record as a test compares it.
type read struct {
	Offset, Timestamp int64
	Append            bool
	Key, Value        string
	Headers           string
}

// shownBytes keeps null and empty apart.
func shownBytes(b []byte) string {
	if b == nil {
		return "<null>"
	}
	return string(b)
}

func readOf(r *stream.Record) read {
	out := read{
		Offset: r.Offset, Timestamp: r.Timestamp, Append: r.Clock == window.ClockAppend,
		Key: shownBytes(r.Key), Value: shownBytes(r.Value),
	}
	for _, h := range r.Headers {
		out.Headers += fmt.Sprintf("%s=%s;", h.Key, shownBytes(h.Value))
	}
	return out
}

// partitionLog is what a recorder saw of a partition.
type partitionLog struct {
	assignment stream.Assignment
	records    []read
	gaps       []stream.Delivery
	caughtUp   int
	unstable   int64 // as the last delivery told it
	finished   bool
	revoked    bool
	next       int64
	at         window.Time
}

// recorder runs a source, plays its workers and keeps what they get.
type recorder struct {
	t       testing.TB
	mu      sync.Mutex
	changed *sync.Cond
	logs    map[window.PartitionID]*partitionLog
	// earlier are the logs of partitions that were assigned again since.
	earlier map[window.PartitionID][]*partitionLog
	ins     []chan stream.Delivery
	// hold makes the workers of some partitions wait.
	hold map[int32]chan struct{}
	// before is called with what is assigned, and after with what was delivered;
	// nil for nothing.
	before func(a stream.Assignment)
	after  func(l *partitionLog, d *stream.Delivery)
}

func newRecorder(t testing.TB) *recorder {
	r := &recorder{t: t, logs: map[window.PartitionID]*partitionLog{}, earlier: map[window.PartitionID][]*partitionLog{}, hold: map[int32]chan struct{}{}}
	r.changed = sync.NewCond(&r.mu)
	return r
}

// run reads src until it returns, and the workers have handled everything.
func (r *recorder) run(ctx context.Context, src stream.Source) error {
	var workers sync.WaitGroup
	err := src.Run(ctx, func(a stream.Assignment) (chan<- stream.Delivery, error) {
		if r.before != nil {
			r.before(a)
		}
		in := make(chan stream.Delivery, 1)
		l := &partitionLog{assignment: a, next: a.Start, at: window.MinTime}
		r.mu.Lock()
		if old := r.logs[a.ID]; old != nil {
			r.earlier[a.ID] = append(r.earlier[a.ID], old)
		}
		r.logs[a.ID] = l
		r.ins = append(r.ins, in)
		r.mu.Unlock()
		workers.Go(func() {
			for d := range in {
				if gate := r.hold[a.ID.Partition]; gate != nil {
					<-gate
				}
				r.deliver(l, &d)
				if r.after != nil {
					r.after(l, &d)
				}
			}
		})
		return in, nil
	})
	r.mu.Lock()
	for _, in := range r.ins {
		close(in)
	}
	r.mu.Unlock()
	workers.Wait()
	return err
}

func (r *recorder) deliver(l *partitionLog, d *stream.Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.changed.Broadcast()
	if l.finished {
		r.t.Errorf("%v: delivery %v after Finished", l.assignment.ID, d.Kind)
	}
	if d.At < l.at {
		r.t.Errorf("%v: arrival went back from %v to %v", l.assignment.ID, l.at, d.At)
	}
	l.at, l.unstable = d.At, d.Unstable
	switch d.Kind {
	case stream.Data:
		var rec stream.Record
		for d.Batch.Next(&rec) {
			l.records = append(l.records, readOf(&rec))
		}
		if err := d.Batch.Err(); err != nil {
			r.t.Errorf("%v: %v", l.assignment.ID, err)
		}
		d.Batch.Release()
		l.next = d.Next
	case stream.Gap:
		l.gaps = append(l.gaps, *d)
	case stream.CaughtUp:
		l.caughtUp++
	case stream.Finished:
		l.finished, l.next = true, d.Next
	case stream.Revoked:
		l.finished, l.revoked = true, true
	}
}

// wait returns when ok does, which is asked after every delivery.
func (r *recorder) wait(what string, ok func() bool) {
	r.t.Helper()
	stop := time.AfterFunc(patienceOfTests, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.changed.Broadcast()
	})
	defer stop.Stop()
	deadline := time.Now().Add(patienceOfTests)
	r.mu.Lock()
	defer r.mu.Unlock()
	for !ok() {
		if time.Now().After(deadline) {
			r.t.Fatalf("waited %s for %s: %s", patienceOfTests, what, r.state())
		}
		r.changed.Wait()
	}
}

func (r *recorder) state() string {
	var out []string
	for id, l := range r.logs {
		out = append(out, fmt.Sprintf("%s/%d: %d records, next %d, %d gaps, caught up %d, finished %v",
			id.Topic, id.Partition, len(l.records), l.next, len(l.gaps), l.caughtUp, l.finished))
	}
	slices.Sort(out)
	return fmt.Sprint(out)
}

// total is the number of records of all partitions. The lock is held.
func (r *recorder) total() int {
	n := 0
	for _, l := range r.logs {
		n += len(l.records)
	}
	for _, logs := range r.earlier {
		for _, l := range logs {
			n += len(l.records)
		}
	}
	return n
}

// values are the values read of one partition.
func (l *partitionLog) values() []string {
	var out []string
	for _, r := range l.records {
		out = append(out, r.Value)
	}
	return out
}

// background runs src until the test ends or stop is called, which returns
// what Run did.
func (r *recorder) background(src stream.Source) (stop func() error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.run(ctx, src) }()
	stopped := errors.New("stopped by the test")
	var once sync.Once
	var result error
	stop = func() error {
		once.Do(func() {
			cancel(stopped)
			if err := <-done; !errors.Is(err, stopped) {
				result = err
			}
		})
		return result
	}
	r.t.Cleanup(func() {
		if err := stop(); err != nil {
			r.t.Errorf("Run: %v", err)
		}
	})
	return stop
}

// refuse refuses every partition.
func refuse(err error) stream.AssignFunc {
	return func(stream.Assignment) (chan<- stream.Delivery, error) { return nil, err }
}
