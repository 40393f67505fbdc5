package stream

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/window"
)

// threeLogs has 40, 0 and 25 records, whose payloads are their offsets.
func threeLogs() *logs {
	l := &logs{chunk: 7, partitions: make([][]Record, 3)}
	for p, n := range []int64{40, 0, 25} {
		for offset := range n {
			l.partitions[p] = append(l.partitions[p], Record{Offset: offset, Value: fmt.Append(nil, offset)})
		}
	}
	return l
}

// TestEach: every record once, one at a time, those of a partition in order.
func TestEach(t *testing.T) {
	src := threeLogs()
	got := make([][]Record, 3)
	gaps, err := Each(t.Context(), src, func(id window.PartitionID, r *Record) error {
		if r.ID != id {
			t.Errorf("a record of %v says that it is of %v", id, r.ID)
		}
		plain := *r
		plain.ID = window.PartitionID{}
		got[id.Partition] = append(got[id.Partition], plain)
		return nil
	})
	if err != nil || len(gaps) != 0 {
		t.Errorf("%v, %v", gaps, err)
	}
	if diff := cmp.Diff(src.partitions, got); diff != "" {
		t.Error(diff)
	}
	if src.released.Load() != src.delivered.Load() {
		t.Errorf("%d batches of %d were released", src.released.Load(), src.delivered.Load())
	}
}

// TestEachEnds: by take, at any record, also the last, or by the context.
func TestEachEnds(t *testing.T) {
	enough := errors.New("enough")
	for _, after := range []int{1, 7, 8, 65} {
		src := threeLogs()
		n := 0
		_, err := Each(t.Context(), src, func(window.PartitionID, *Record) error {
			if n++; n == after {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) || n != after {
			t.Errorf("%d records of %d, %v", n, after, err)
		}
		if src.released.Load() != src.delivered.Load() {
			t.Errorf("%d batches of %d were released", src.released.Load(), src.delivered.Load())
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	src := threeLogs()
	src.hold = make(chan struct{})
	_, err := Each(ctx, src, func(_ window.PartitionID, r *Record) error {
		if r.Offset == 24 {
			cancel(enough)
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Errorf("%v, want the cause of the context", err)
	}
}

// lossy delivers a gap, and a batch that ends in corruption.
type lossy struct{}

func (lossy) Run(_ context.Context, assign AssignFunc) error {
	in, err := assign(Assignment{ID: window.PartitionID{Topic: "t"}, End: 30})
	if err != nil {
		return err
	}
	in <- Delivery{Kind: Gap, From: 0, To: 10, Reason: "retention"}
	in <- Delivery{Kind: Data, Batch: corrupt{}, Next: 30}
	in <- Delivery{Kind: Finished, Next: 30}
	return nil
}

type corrupt struct{}

func (corrupt) Next(*Record) bool { return false }
func (corrupt) Err() error        { return &CorruptError{From: 10, To: 30, Reason: "crc"} }
func (corrupt) Release()          {}

func TestEachTellsGaps(t *testing.T) {
	gaps, err := Each(t.Context(), lossy{}, func(window.PartitionID, *Record) error { return nil })
	id := window.PartitionID{Topic: "t"}
	want := []GapRead{
		{ID: id, From: 0, To: 10, Reason: "retention"},
		{ID: id, From: 10, To: 30, Reason: "corrupt batch: crc"},
	}
	if diff := cmp.Diff(want, gaps); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}
