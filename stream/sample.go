package stream

import (
	"bytes"
	"context"
	"errors"

	"github.com/oriel-stream/oriel/window"
)

// Sampled is a record copied out of its batch.
type Sampled struct {
	ID        window.PartitionID
	Offset    int64
	Timestamp int64  // the Kafka timestamp in ms, -1 for none
	Key       []byte // nil for null
	Payload   []byte // nil for null
	Headers   []Header
}

// NewSampled copies what there is of a record, but no more than a MiB of its
// payload.
func NewSampled(id window.PartitionID, r *Record) Sampled {
	s := Sampled{
		ID: id, Offset: r.Offset, Timestamp: r.Timestamp, Key: bytes.Clone(r.Key),
		Payload: bytes.Clone(r.Value[:min(len(r.Value), maxSampled)]),
	}
	for _, h := range r.Headers {
		s.Headers = append(s.Headers, Header{Key: bytes.Clone(h.Key), Value: bytes.Clone(h.Value)})
	}
	return s
}

// maxSampled bounds the bytes that are copied of one payload.
const maxSampled = 1 << 20

var errSampled = errors.New("enough was sampled")

// Sample reads the first n records of src, of which there may be fewer, and
// stops it. It is for a source of one partition: with several, which records
// come first is a matter of chance.
func Sample(ctx context.Context, src Source, n int) ([]Sampled, error) {
	var sampled []Sampled
	_, err := Each(ctx, src, func(id window.PartitionID, r *Record) error {
		sampled = append(sampled, NewSampled(id, r))
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
