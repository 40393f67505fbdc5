package stream

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

func testConfig(sinks ...Sink) Config {
	return Config{
		Window: window.PartitionConfig{
			Specs: []window.Spec{{Size: 10, Hop: 10}}, Series: []string{"v"}, OutOfOrderness: 2, IdleTimeout: 3000,
		},
		NewDecoder: func() Decoder { return plain{} },
		Workers:    2,
		Sinks:      sinks,
		Now:        func() window.Time { return 5000 },
	}
}

func TestRunPrintsEveryWindowInOrder(t *testing.T) {
	src := &logs{chunk: 2, partitions: [][]Record{
		{record(0, 1, "b", "1"), record(1, 5, "a", "2"), record(2, 25, "a", "4")},
		{record(0, 3, "a", "8"), record(1, 4, "c", "no"), record(2, 11, "b", "16")},
	}}
	out := &printed{}
	sum, err := Run(t.Context(), testConfig(out), src)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a 0-10 n=2 sum=10 watermark",
		"b 0-10 n=1 sum=1 watermark",
		"b 10-20 n=1 sum=16 watermark",
		"a 20-30 n=1 sum=4 end_of_input incomplete=end",
	}
	if diff := cmp.Diff(want, out.lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if out.flushed != len(want) {
		t.Errorf("%d of %d lines were flushed", out.flushed, len(want))
	}
	if sum.Records != 6 || sum.InTime != 5 || sum.Rejects[NotANumber] != 1 || sum.Lines != 4 || !sum.Reproducible {
		t.Errorf("summary: %+v", sum)
	}
	if src.released.Load() != src.delivered.Load() {
		t.Errorf("%d of %d batches were released", src.released.Load(), src.delivered.Load())
	}
}

// TestRunDoesNotDependOnScheduling runs one feed, disordered far beyond the
// bound, with many chunk sizes and numbers of workers.
func TestRunDoesNotDependOnScheduling(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	src := func(chunk int) *logs { return &logs{chunk: chunk} }
	var partitions [][]Record
	for range 3 {
		var records []Record
		for i := range 300 {
			records = append(records, record(i, int64(i/3)+rng.Int64N(20), string(rune('a'+rng.IntN(4))), "7"))
		}
		partitions = append(partitions, records)
	}
	holt, err := model.Parse("holt", nil)
	if err != nil {
		t.Fatal(err)
	}
	var first []string
	for _, chunk := range []int{1, 7, 300} {
		for _, workers := range []int{1, 7} {
			out := &printed{}
			cfg := testConfig(out)
			cfg.Window.Specs = []window.Spec{{Size: 10, Hop: 3, Step: 1}, {Size: 4, Hop: 4, Step: 1}}
			cfg.Workers = workers
			cfg.Forecasts = &Forecasts{Model: holt, Horizon: 2, Levels: []float64{80, 95}}
			s := src(chunk)
			s.partitions = partitions
			if _, err := Run(t.Context(), cfg, s); err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = out.lines
			}
			if diff := cmp.Diff(first, out.lines); diff != "" {
				t.Fatalf("chunk %d, %d workers (-first +now):\n%s", chunk, workers, diff)
			}
		}
	}
	if len(first) < 100 {
		t.Errorf("only %d lines: the feed is too thin to show anything", len(first))
	}
}

func TestLimitEndsTheRun(t *testing.T) {
	var records []Record
	for i := range 1000 {
		records = append(records, record(i, int64(i*10), "a", "1"))
	}
	out := &printed{}
	cfg := testConfig(out)
	cfg.Limit = 3
	sum, err := Run(t.Context(), cfg, &logs{chunk: 10, partitions: [][]Record{records}})
	if err != nil || sum.Lines != 3 || len(out.lines) != 3 || out.flushed != 3 {
		t.Errorf("err %v, %d lines, %d flushed; want 3", err, len(out.lines), out.flushed)
	}
}

// TestTimeoutCutsTheRange: reading stops where it stands, as if the log ended
// there, and what is open is printed as incomplete.
func TestTimeoutCutsTheRange(t *testing.T) {
	out := &printed{}
	cfg := testConfig(out)
	cfg.Timeout = 20 * time.Millisecond
	src := &logs{chunk: 2, hold: make(chan struct{}), partitions: [][]Record{
		{record(0, 1, "a", "1"), record(1, 15, "a", "2")},
		{record(0, 1, "a", "4"), record(1, 2, "a", "8")},
	}}
	sum, err := Run(t.Context(), cfg, src)
	if !errors.Is(err, ErrTimeout) {
		t.Fatalf("err %v, want %v", err, ErrTimeout)
	}
	if sum.Reproducible {
		t.Error("where a clock cut the range is said to be reproducible")
	}
	want := []string{
		"a 0-10 n=3 sum=13 watermark incomplete=end",
		"a 10-20 n=1 sum=2 end_of_input incomplete=end",
	}
	if diff := cmp.Diff(want, out.lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestInterruptPrintsNothingThatIsOpen(t *testing.T) {
	out := &printed{}
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	src := &logs{chunk: 1, hold: make(chan struct{}), partitions: [][]Record{{record(0, 1, "a", "1")}}}
	cfg := testConfig(out)
	cfg.Progress = &Progress{}
	go func() {
		for cfg.Progress.Records.Load() == 0 {
			time.Sleep(time.Millisecond) // polls for the record to have arrived
		}
		cancel(cause)
	}()
	if _, err := Run(ctx, cfg, src); !errors.Is(err, cause) {
		t.Errorf("err %v, want %v", err, cause)
	}
	if len(out.lines) > 0 {
		t.Errorf("printed %q", out.lines)
	}
}

// ending is a model that ends the run in which it is first asked.
type ending struct {
	cancel context.CancelFunc
	once   sync.Once
	asked  atomic.Int64
}

func (*ending) Name() string { return "ending" }

func (*ending) MinLength() int { return 1 }

func (m *ending) Forecast(_ []float64, _ int, out *model.Forecast) error {
	m.asked.Add(1)
	m.once.Do(m.cancel)
	out.Mean = append(out.Mean[:0], 1)
	return nil
}

// TestInterruptStartsNoForecast: windows of thousands of steps may have minutes of
// forecasting in flight.
func TestInterruptStartsNoForecast(t *testing.T) {
	var records []Record
	for i := range 100 * maxJob {
		records = append(records, record(i, int64(i), "a", "1"))
	}
	ctx, cancel := context.WithCancel(t.Context())
	m := &ending{cancel: cancel}
	out := &printed{}
	cfg := testConfig(out)
	cfg.Window.Specs = []window.Spec{{Size: 10, Hop: 1, Step: 1}}
	cfg.Forecasts = &Forecasts{Model: m, Horizon: 1}
	if _, err := Run(ctx, cfg, &logs{chunk: 1000, partitions: [][]Record{records}}); !errors.Is(err, context.Canceled) {
		t.Errorf("err %v, want %v", err, context.Canceled)
	}
	if n := m.asked.Load(); n > int64(cfg.Workers) {
		t.Errorf("%d forecasts were begun after the end, by %d workers", n, cfg.Workers)
	}
}

func TestASinkThatFailsEndsTheRun(t *testing.T) {
	var records []Record
	for i := range 10_000 {
		records = append(records, record(i, int64(i*10), "a", "1"))
	}
	broken := errors.New("broken")
	out := &printed{fail: broken, after: 2}
	src := &logs{chunk: 3, partitions: [][]Record{records, records}}
	if _, err := Run(t.Context(), testConfig(out), src); !errors.Is(err, broken) {
		t.Errorf("err %v, want %v", err, broken)
	}
	if src.released.Load() != src.delivered.Load() {
		t.Errorf("%d of %d batches were released", src.released.Load(), src.delivered.Load())
	}
}

// TestAnEmptyPartitionDoesNotHoldTheWatermark: in a live run a partition that
// has shown nothing and is caught up goes idle after at most five seconds of
// its own responses, and what the others closed is printed.
func TestAnEmptyPartitionDoesNotHoldTheWatermark(t *testing.T) {
	out := &printed{}
	cfg := testConfig(out)
	cfg.Live = true
	cfg.Limit = 1
	cfg.Window.IdleTimeout = 30_000
	src := &logs{chunk: 1, live: true, quiet: []int{0, 7}, hold: make(chan struct{}), partitions: [][]Record{
		{record(0, 1, "a", "1"), record(1, 15, "a", "2")},
		{},
	}}
	if _, err := Run(t.Context(), cfg, src); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(out.lines, "\n"); got != "a 0-10 n=1 sum=1 watermark" {
		t.Errorf("printed %q", got)
	}
}
