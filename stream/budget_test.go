package stream

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/oriel-stream/oriel/window"
)

// TestMemoryEndsABoundedRun with a limit that would do for the whole range.
func TestMemoryEndsABoundedRun(t *testing.T) {
	var partitions [][]Record
	for p := range 2 {
		var records []Record
		for i := range 2000 {
			records = append(records, record(i, int64(i), fmt.Sprint(p, "-", i), "1"))
		}
		partitions = append(partitions, records)
	}
	for _, chunk := range []int{1, 50} {
		for limit := int64(20_000); ; {
			out := &printed{}
			cfg := testConfig(out)
			cfg.Window.Specs = []window.Spec{{Size: 10_000, Hop: 10_000}}
			cfg.MaxMemory, cfg.Paced, cfg.MaxDrift = limit, true, 600_000
			_, err := Run(t.Context(), cfg, &logs{chunk: chunk, partitions: partitions})
			if limit > 20_000 {
				if err != nil || len(out.lines) != 4000 {
					t.Errorf("chunks of %d: %d bytes were said to suffice: %v, %d lines", chunk, limit, err, len(out.lines))
				}
				break
			}
			full := &MemoryError{}
			if !errors.As(err, &full) || full.Limit != limit || full.Enough <= limit {
				t.Fatalf("chunks of %d: %v: %+v", chunk, err, full)
			}
			limit = full.Enough
		}
	}
}

// TestMemoryAtTheEnd, where partitions hand over all windows that are open:
// they are in the number that would do.
func TestMemoryAtTheEnd(t *testing.T) {
	var partitions [][]Record
	for p := range 4 {
		var records []Record
		for i := range 1000 {
			records = append(records, record(i, int64(5*i), fmt.Sprint(p, "-", i%20), "1"))
		}
		partitions = append(partitions, records)
	}
	for range 5 { // who is how far is the scheduler's affair
		cfg := testConfig(&printed{})
		cfg.Window.Specs = []window.Spec{{Size: 10_000, Hop: 20}}
		// What is stored until the end alone is more.
		cfg.MaxMemory, cfg.Paced, cfg.MaxDrift = 512<<10, true, 600_000
		_, err := Run(t.Context(), cfg, &logs{chunk: 50, partitions: partitions})
		full := &MemoryError{}
		if !errors.As(err, &full) {
			t.Fatalf("%v", err)
		}
		cfg.MaxMemory = full.Enough
		if _, err := Run(t.Context(), cfg, &logs{chunk: 50, partitions: partitions}); err != nil {
			t.Errorf("%d bytes were said to suffice: %v", full.Enough, err)
		}
		if full.Enough > 200<<20 {
			t.Errorf("%d bytes are far too many", full.Enough)
		}
	}
}

// TestMemoryRefusesKeysLive, and takes them again when windows have closed.
func TestMemoryRefusesKeysLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, cause := &printed{}, errors.New("enough")
		cfg := testConfig(out)
		cfg.Live, cfg.MaxMemory, cfg.Progress = true, 20_000, &Progress{}
		log := &reasons{}
		cfg.Rejects = log
		var in chan<- Delivery
		ctx, cancel := context.WithCancelCause(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = Run(ctx, cfg, script(func(ctx context.Context, assign AssignFunc) error {
				in, _ = assign(Assignment{ID: window.PartitionID{Topic: "t"}, End: -1, FromBeginning: true})
				<-ctx.Done()
				return context.Cause(ctx)
			}))
		}()
		synctest.Wait()
		offset := 0
		say := func(at int64, key string) {
			in <- data(record(offset, at, key, "1"))
			offset++
			synctest.Wait()
		}
		for i := range 200 {
			say(int64(i%10), fmt.Sprint("first-", i))
		}
		refused := log.count(KeyLimit)
		held := 200 - refused
		if refused == 0 || refused > 190 {
			t.Errorf("%d of 200 keys were refused", refused)
		}
		say(5, "first-0")
		if n := log.count(KeyLimit); n != refused {
			t.Errorf("a key that is held was refused")
		}
		say(15, "second") // closes the window, and may be one too many itself
		refused = log.count(KeyLimit)
		for i := range 10 {
			say(16, fmt.Sprint("third-", i))
		}
		if n := log.count(KeyLimit); n != refused {
			t.Errorf("%d of 10 keys were refused when there was room", n-refused)
		}
		cancel(cause)
		<-done
		if len(out.lines) != held {
			t.Errorf("%d lines of the first window, want %d", len(out.lines), held)
		}
	})
}

// reasons counts rejects.
type reasons struct{ rejects []Reason }

func (r *reasons) Reject(x *Reject) error {
	r.rejects = append(r.rejects, x.Reason)
	return nil
}

func (r *reasons) count(reason Reason) (n int) {
	for _, x := range r.rejects {
		if x == reason {
			n++
		}
	}
	return n
}
