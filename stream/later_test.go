package stream

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/window"
)

// script is a Source that plays what a function tells it to.
type script func(ctx context.Context, assign AssignFunc) error

func (s script) Run(ctx context.Context, assign AssignFunc) error { return s(ctx, assign) }

// data is a delivery of records that follow each other.
func data(records ...Record) Delivery {
	return Delivery{
		Kind: Data, At: 1000, Next: records[len(records)-1].Offset + 1,
		Batch: &memory{records: records, released: new(atomic.Int64)},
	}
}

// TestPartitionThatComesLater: it starts with the watermark as it is then. A
// window that has been printed is not printed again, and what the partition
// has for it is late as after an idle spell.
func TestPartitionThatComesLater(t *testing.T) {
	out := &printed{}
	cfg := testConfig(out)
	cfg.Live, cfg.Limit = true, 3
	cfg.Progress = &Progress{}
	src := script(func(ctx context.Context, assign AssignFunc) error {
		ins := make([]chan<- Delivery, 2)
		appear := func(n int32) {
			ins[n], _ = assign(Assignment{ID: window.PartitionID{Topic: "t", Partition: n}, End: -1, FromBeginning: true})
		}
		appear(0)
		ins[0] <- data(record(0, 1, "a", "1"), record(1, 5, "a", "2"), record(2, 13, "a", "4"))
		for cfg.Progress.Lines.Load() == 0 && ctx.Err() == nil {
			time.Sleep(time.Millisecond) // polls for the first window to be printed
		}
		appear(1)
		ins[1] <- data(record(0, 3, "a", "8"), record(1, 12, "a", "16"), record(2, 35, "a", "32"))
		ins[0] <- data(record(3, 22, "a", "64"), record(4, 33, "a", "128"))
		<-ctx.Done()
		return context.Cause(ctx)
	})
	sum, err := Run(t.Context(), cfg, src)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a 0-10 n=2 sum=3 watermark",
		"a 10-20 n=2 sum=20 watermark",
		"a 20-30 n=1 sum=64 watermark",
	}
	if diff := cmp.Diff(want, out.lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if sum.Rejects[LateAfterIdle] != 1 || sum.Records != 8 {
		t.Errorf("%d of %d records were late after idle, want 1 of 8", sum.Rejects[LateAfterIdle], sum.Records)
	}
}
