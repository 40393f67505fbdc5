package stream

import (
	"context"
	"errors"
	"slices"

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
	var sampled []Sampled
	_, err := Each(ctx, src, func(id window.PartitionID, r *Record) error {
		payload := r.Value[:min(len(r.Value), maxSampled)]
		sampled = append(sampled, Sampled{ID: id, Offset: r.Offset, Payload: slices.Clone(payload)})
		if len(sampled) == n {
			return errSampled
		}
		return nil
	})
	if errors.Is(err, errSampled) {
		err = nil
	}
	return sampled, err
}
