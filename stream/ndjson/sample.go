package ndjson

import (
	"context"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// Sample returns the first records, at most n, of the lowest partition in the
// order of (topic, partition) that has any; nothing if there is no record. Call it before Run, at most once: Run delivers these
// records as if they had not been looked at. After an error Run must not be
// called.
//
// A file is read as far as needed and rewound. A pipe is held in memory that
// far: without a header line to its end, as Run does. A live input is waited
// for until its first record is there, and what came with it is the sample.
func (s *Source) Sample(ctx context.Context, n int) ([]stream.Sampled, error) {
	smp := &sample{most: n}
	if err := s.prepare(ctx, smp); err != nil {
		return nil, err
	}
	return smp.records, nil
}

// sample collects the first records of the lowest partition while batches go
// by.
type sample struct {
	most int
	// lowest is the partition that no lower one can follow, nil if that is not
	// known before the end.
	lowest *partition
	// live says that the first batch is the sample.
	live bool

	id      window.PartitionID
	records []stream.Sampled
}

// settle tells the sample when it may end early, where the whole input need
// not be read anyway.
func (s *sample) settle(table *partitions, live bool) {
	s.live = live
	if live {
		return
	}
	for _, p := range table.sorted() {
		if p.start < p.end {
			s.lowest = p
			return
		}
	}
}

// observe takes what it needs of a batch and returns errEnough when the sample
// is complete. A nil sample needs nothing.
func (s *sample) observe(p *partition, b *batch) error {
	if s == nil {
		return nil
	}
	if len(s.records) == 0 || comparePartitions(p.id, s.id) < 0 {
		s.id, s.records = p.id, s.records[:0]
	}
	if p.id == s.id {
		s.take(b)
	}
	if s.live || p == s.lowest && len(s.records) >= s.most {
		return errEnough
	}
	return nil
}

// take copies records without walking the batch, which Run may still deliver.
func (s *sample) take(b *batch) {
	var r stream.Record
	for i := range b.entries {
		if len(s.records) >= s.most {
			return
		}
		b.record(i, &r)
		s.records = append(s.records, stream.NewSampled(s.id, &r))
	}
}
