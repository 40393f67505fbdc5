package stream

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// disordered is a log of records of which some are late, and some no numbers.
func disordered(records int) [][]Record {
	rng := rand.New(rand.NewPCG(3, 4))
	partitions := make([][]Record, 3)
	for i := range partitions {
		for n := range records {
			payload := "1"
			if n%7 == 0 {
				payload = "x"
			}
			partitions[i] = append(partitions[i], record(n, int64(n/3)+rng.Int64N(30), strconv.Itoa(n%5), payload))
		}
	}
	return partitions
}

// TestPictureOfAnEndedRun: when a run is over its picture counts what its summary
// does, also if no picture was asked for before, and nothing is open any more.
func TestPictureOfAnEndedRun(t *testing.T) {
	t.Parallel()
	naive, err := model.Parse("naive", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, totalsOnly := range []bool{false, true} {
		for _, lateness := range []window.Duration{0, 5} {
			cfg := testConfig()
			cfg.Window.AllowedLateness = lateness
			cfg.Window.Specs = []window.Spec{{Size: 10, Hop: 5, Step: 5}}
			cfg.Forecasts = &Forecasts{Model: naive, Horizon: 2, Levels: []float64{95}}
			cfg.Board = NewBoard(BoardConfig{Topics: []string{"t"}, Window: cfg.Window, Now: cfg.Now, TotalsOnly: totalsOnly})
			sum, err := Run(t.Context(), cfg, &logs{chunk: 10, partitions: disordered(300)})
			if err != nil {
				t.Fatal(err)
			}
			s := cfg.Board.Snapshot()
			if diff := cmp.Diff(sum, &s.Totals, cmpopts.IgnoreFields(Summary{}, "Ranges", "Reproducible")); diff != "" {
				t.Errorf("totals only %v (-summary +picture):\n%s", totalsOnly, diff)
			}
			if s.State != Ended || sum.PartlyLate == 0 || sum.Rejects[Late] == 0 || sum.Rejects[NotANumber] == 0 || sum.ForecastsMade == 0 {
				t.Errorf("state %v, summary %+v: the log is too orderly to show anything", s.State, sum)
			}
			if shown := len(s.Keys) + len(s.Ledger); (shown == 0) != totalsOnly {
				t.Errorf("totals only %v: %d keys, %d rejects are shown", totalsOnly, len(s.Keys), len(s.Ledger))
			}
			for _, p := range s.Partitions {
				if !p.Finished || p.Keys != 0 || p.OpenWindows != 0 || p.Next != 300 || p.Records != 300 {
					t.Errorf("%+v", p)
				}
			}
		}
	}
}

// TestPictureCountsWhatIsOpen of a live run.
func TestPictureCountsWhatIsOpen(t *testing.T) {
	t.Parallel()
	cfg := testConfig()
	cfg.Live = true
	cfg.Window.Specs = []window.Spec{{Size: 10, Hop: 5}, {Size: 100, Hop: 100}}
	cfg.Board = NewBoard(BoardConfig{Topics: []string{"t"}, Window: cfg.Window, Now: cfg.Now, TotalsOnly: true})
	src := &logs{chunk: 1, live: true, quiet: []int{0}, hold: make(chan struct{}), partitions: [][]Record{
		{record(0, 1, "a", "1"), record(1, 31, "b", "2"), record(2, 32, "a", "x"), record(3, 38, "c", "4")},
	}}
	done := make(chan error, 1)
	go func() {
		_, err := Run(t.Context(), cfg, src)
		done <- err
	}()
	// The watermark is 36: the windows from 30 and 35 on are open, and that of 100.
	// Records are counted before the lines of what they close are written.
	s := until(t, cfg.Board, "four records and what they close", func(s *Snapshot) bool { return s.Totals.Records == 4 && s.Totals.Windows >= 3 })
	if p := s.Partitions[0]; p.Keys != 3 || p.OpenWindows != 3 {
		t.Errorf("%d keys, %d windows; want 3 and 3", p.Keys, p.OpenWindows)
	}
	if s.Totals.Windows != 3 { // a in [-5,5) and [0,10), b in [25,35)
		t.Errorf("%d windows have closed", s.Totals.Windows)
	}
	close(src.hold)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
