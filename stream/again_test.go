package stream

import (
	"context"
	"sync"
	"testing"

	"github.com/oriel-stream/oriel/window"
)

// again is a Source of one partition whose log is replaced by another. It goes on
// until more is closed.
type again struct {
	old, fresh []Record
	more       chan struct{}
	logs
}

func (s *again) Run(ctx context.Context, assign AssignFunc) error {
	log := Assignment{ID: window.PartitionID{Topic: "t"}, End: -1, FromBeginning: true}
	deliver := func(to chan<- Delivery, records []Record) {
		n := int64(len(records))
		to <- Delivery{Kind: Data, At: 100, Next: n, Batch: &memory{records: records, released: &s.released}}
	}
	first, err := assign(log)
	if err != nil {
		return err
	}
	deliver(first, s.old)
	first <- Delivery{Kind: Gap, From: int64(len(s.old)), To: int64(len(s.old))}
	second, err := assign(log)
	if err != nil {
		return err
	}
	first <- Delivery{Kind: Finished, Next: int64(len(s.old))}
	deliver(second, s.fresh)
	<-s.more
	return context.Cause(ctx)
}

// TestCreatedAgainTakesThePlace: the new log of a partition stands where the old
// one stood. It has the keys of one partition, and what was counted of both is
// counted.
func TestCreatedAgainTakesThePlace(t *testing.T) {
	t.Parallel()
	cfg := testConfig()
	cfg.Live, cfg.MaxKeys = true, 2
	board := testBoard(&cfg)
	src := &again{
		old:   []Record{record(0, 1, "a", "1"), record(1, 2, "a", "1"), record(2, 3, "b", "1")},
		fresh: []Record{record(0, 11, "a", "1"), record(1, 12, "b", "1")},
		more:  make(chan struct{}),
	}
	var sum *Summary
	var run sync.WaitGroup
	run.Go(func() {
		var err error
		if sum, err = Run(t.Context(), cfg, src); err != nil {
			t.Error(err)
		}
	})
	s := until(t, board, "both logs", func(s *Snapshot) bool { return s.Totals.Records == 5 })
	if len(s.Partitions) != 1 || s.Partitions[0].Next != 2 || s.Partitions[0].Records != 2 || s.Partitions[0].Finished {
		t.Errorf("partitions %+v", s.Partitions)
	}
	close(src.more)
	run.Wait()
	if sum.Records != 5 || sum.Rejects[KeyLimit] != 0 || len(sum.Ranges) != 2 || sum.Partitions() != 1 {
		t.Errorf("%d partitions: %+v", sum.Partitions(), sum)
	}
}

// TestLagsAreMeasuredOnce: also where two logs of a partition are in the picture.
func TestLagsAreMeasuredOnce(t *testing.T) {
	t.Parallel()
	views := []*published{{lags: []window.Duration{1000}}, {lags: []window.Duration{1}}}
	var m lagMeter
	m.measure(0, views)
	for now := window.Time(second); now < 5*window.Time(second); now += window.Time(second) {
		if l := m.measure(now, views); len(l.History) != 1 || l.Max != 1000 || l.P50 != 1 {
			t.Fatalf("at %d: %+v", now, l)
		}
	}
	views[0], views[1] = &published{}, &published{lags: []window.Duration{2}}
	if l := m.measure(5*window.Time(second), views); len(l.History) != 2 || l.Max != 2 {
		t.Errorf("%+v", l)
	}
}
