package stream

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/window"
)

// TestAppendTimesBehindCreateTimes: a topic may be given the broker's clock. What
// waits by then counts before the first record of that clock moves the watermark.
func TestAppendTimesBehindCreateTimes(t *testing.T) {
	created, appended := record(0, 1, "a", "1"), []Record{record(1, 15, "a", "2"), record(2, 25, "a", "4")}
	for i := range appended {
		appended[i].Clock = window.ClockAppend
	}
	out := &printed{}
	cfg := testConfig(out)
	cfg.Window.MaxFuture = 10
	sum, err := Run(t.Context(), cfg, &logs{chunk: 2, partitions: [][]Record{append([]Record{created}, appended...)}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a 0-10 n=1 sum=1 watermark",
		"a 10-20 n=1 sum=2 watermark",
		"a 20-30 n=1 sum=4 end_of_input incomplete=end",
	}
	if diff := cmp.Diff(want, out.lines); diff != "" || sum.InTime != 3 {
		t.Errorf("%d records were in time; lines (-want +got):\n%s", sum.InTime, diff)
	}
}

// TestUndecided: a live run that ends while records wait to be believed says how
// many, so that each is in one of the counts.
func TestUndecided(t *testing.T) {
	cfg := testConfig()
	cfg.Live, cfg.Window.MaxFuture, cfg.Progress = true, 10, &Progress{}
	ctx, cancel := context.WithCancel(t.Context())
	src := script(func(ctx context.Context, assign AssignFunc) error {
		in, _ := assign(Assignment{ID: window.PartitionID{Topic: "t"}, End: -1})
		in <- data(record(0, 1, "a", "1"), record(1, 5, "a", "2"), record(2, 14, "a", "4"), record(3, 99, "a", "8"), record(4, 98, "a", "no"))
		for cfg.Progress.Offsets.Load() < 5 {
			time.Sleep(time.Millisecond) // polls until all are read
		}
		cancel()
		return context.Cause(ctx)
	})
	sum, err := Run(ctx, cfg, src)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if sum.Records != 5 || sum.InTime != 3 || sum.Undecided != 2 {
		t.Errorf("%d records: %d in time, %d undecided; want 5, 3 and 2", sum.Records, sum.InTime, sum.Undecided)
	}
}
