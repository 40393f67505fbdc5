package stream

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/oriel-stream/oriel/window"
)

// Sampled is a record copied out of its batch.
type Sampled struct {
	ID      window.PartitionID
	Offset  int64
	Payload []byte // nil for null
}

// maxSampled bounds the bytes that Sample copies of one payload.
const maxSampled = 1 << 20

var errSampled = errors.New("enough was sampled")

// Sample reads the first n records of src, of which there may be fewer, and
// stops it. It is for a source of one partition: with several, which records
// come first is a matter of chance.
func Sample(ctx context.Context, src Source, n int) ([]Sampled, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		mu      sync.Mutex
		sampled []Sampled
		readers sync.WaitGroup
		opened  []chan Delivery
	)
	take := func(id window.PartitionID, d Delivery) {
		defer d.Batch.Release()
		mu.Lock()
		defer mu.Unlock()
		var r Record
		for len(sampled) < n && d.Batch.Next(&r) {
			payload := r.Value[:min(len(r.Value), maxSampled)]
			sampled = append(sampled, Sampled{ID: id, Offset: r.Offset, Payload: slices.Clone(payload)})
		}
		if len(sampled) == n {
			cancel(errSampled)
		}
	}
	err := src.Run(ctx, func(a Assignment) (chan<- Delivery, error) {
		in := make(chan Delivery, deliveries)
		opened = append(opened, in)
		readers.Go(func() {
			for d := range in {
				if d.Kind == Data {
					take(a.ID, d)
				}
			}
		})
		return in, nil
	})
	for _, in := range opened {
		close(in)
	}
	readers.Wait()
	if err != nil && errors.Is(context.Cause(ctx), errSampled) {
		err = nil
	}
	return sampled, err
}
