package stream

import (
	"context"
	"errors"
	"sync"

	"github.com/oriel-stream/oriel/window"
)

// Each reads src to its end and hands every record to take: one at a time, and
// those of a partition in the order of their offsets. The record is valid
// during the call. The first error of take ends the reading and is returned,
// like the cause of ctx and the errors of src. The gaps are what was lost of
// the ranges, whatever the error.
func Each(ctx context.Context, src Source, take func(window.PartitionID, *Record) error) ([]GapRead, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	e := each{take: take, cancel: cancel}
	var (
		readers sync.WaitGroup
		opened  []chan Delivery
	)
	err := src.Run(ctx, func(a Assignment) (chan<- Delivery, error) {
		in := make(chan Delivery, deliveries)
		opened = append(opened, in)
		readers.Go(func() {
			for d := range in {
				e.deliver(ctx, a.ID, &d)
			}
		})
		return in, nil
	})
	for _, in := range opened {
		close(in)
	}
	readers.Wait()
	if err == nil {
		err = context.Cause(ctx) // of a take that failed after the last delivery
	}
	return e.gaps, err
}

// each is a reading by Each.
type each struct {
	take   func(window.PartitionID, *Record) error
	cancel context.CancelCauseFunc

	mu   sync.Mutex
	rec  Record
	gaps []GapRead
}

func (e *each) deliver(ctx context.Context, id window.PartitionID, d *Delivery) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch d.Kind {
	case Data:
		defer d.Batch.Release()
		e.batch(ctx, id, d.Batch)
	case Gap:
		e.gaps = append(e.gaps, GapRead{ID: id, From: d.From, To: d.To, Reason: d.Reason})
	case CaughtUp, Finished, Revoked:
	}
}

func (e *each) batch(ctx context.Context, id window.PartitionID, b Batch) {
	if ctx.Err() != nil {
		return
	}
	for b.Next(&e.rec) {
		e.rec.ID = id
		if err := e.take(id, &e.rec); err != nil {
			e.cancel(err)
			return
		}
	}
	if corrupt, ok := errors.AsType[*CorruptError](b.Err()); ok {
		e.gaps = append(e.gaps, GapRead{ID: id, From: corrupt.From, To: corrupt.To, Reason: corrupt.Error()})
	}
}
