package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// stub is an external model that takes a while for every call.
type stub struct {
	takes   func(q *model.Question) time.Duration
	calls   atomic.Int64
	running atomic.Int64
	most    atomic.Int64

	mu   sync.Mutex
	rows []int // of each call
}

func (*stub) Name() string { return "stub" }

func (s *stub) Ask(ctx context.Context, q *model.Question, replies []model.Reply) {
	s.calls.Add(1)
	n := s.running.Add(1)
	defer s.running.Add(-1)
	for most := s.most.Load(); n > most && !s.most.CompareAndSwap(most, n); most = s.most.Load() {
	}
	s.mu.Lock()
	s.rows = append(s.rows, len(q.Rows))
	s.mu.Unlock()
	select {
	case <-time.After(s.takes(q)):
		for i := range replies {
			replies[i].Mean = []float64{q.Rows[i].Values[0]}
		}
	case <-ctx.Done():
		why := model.LostTimeout
		if !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			why = model.LostInterrupted
		}
		for i := range replies {
			replies[i].Err = why
		}
	}
}

// always is a model that takes as long for any question.
func always(d time.Duration) *stub {
	return &stub{takes: func(*model.Question) time.Duration { return d }}
}

// forecastPrinted prints what became of the forecast of each line, and when.
type forecastPrinted struct {
	began time.Time
	lines []string
	at    []time.Duration
}

func (p *forecastPrinted) Write(l *Line) error {
	text := l.Forecast.Error
	if text == "" {
		text = fmt.Sprint(l.Forecast.Mean)
	}
	p.lines = append(p.lines, fmt.Sprintf("%s %d %s", l.Key.Bytes, l.Start, text))
	p.at = append(p.at, time.Since(p.began))
	return nil
}
func (*forecastPrinted) Flush() error { return nil }
func (*forecastPrinted) Close() error { return nil }

// askingConfig is a run of windows of two steps that asks m.
func askingConfig(m model.External, out *forecastPrinted) Config {
	cfg := testConfig(out)
	cfg.Window.Specs = []window.Spec{{Size: 10, Hop: 10, Step: 5}}
	cfg.Forecasts = &Forecasts{External: m, Horizon: 1, Timeout: time.Second}
	out.began = time.Now()
	return cfg
}

// twoEach has records in both steps of n windows for each key.
func twoEach(n int, keys ...string) []Record {
	var records []Record
	for w := range n {
		for _, key := range keys {
			for _, at := range []int64{1, 6} {
				records = append(records, record(len(records), int64(10*w)+at, key, "7"))
			}
		}
	}
	return records
}

// TestAModelThatIsSlowRunsInParallel: five seconds a call on eight workers are
// 1.6 windows a second of one key, and the lines keep their order. So it is on
// fewer that have as many questions open together.
func TestAModelThatIsSlowRunsInParallel(t *testing.T) {
	for _, c := range []struct{ workers, outstanding int }{{8, 0}, {8, 1}, {2, 4}, {1, 8}} {
		t.Run(fmt.Sprint(c.workers, "x", c.outstanding), func(t *testing.T) { eightAtATime(t, c.workers, c.outstanding) })
	}
}

func eightAtATime(t *testing.T, workers, outstanding int) {
	synctest.Test(t, func(t *testing.T) {
		const windows = 80
		m, out := always(5*time.Second), &forecastPrinted{}
		cfg := askingConfig(m, out)
		cfg.Workers, cfg.Forecasts.Outstanding = workers, outstanding
		cfg.Board = NewBoard(BoardConfig{Window: cfg.Window, Now: cfg.Now})
		sum, err := Run(t.Context(), cfg, &logs{chunk: 1000, partitions: [][]Record{twoEach(windows, "a")}})
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(out.began); took != 50*time.Second {
			t.Errorf("%d windows took %v; 1.6 a second would be 50s", windows, took)
		}
		var want []string
		for w := range windows {
			want = append(want, fmt.Sprintf("a %d [7]", 10*w))
		}
		if diff := cmp.Diff(want, out.lines); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
		if n := cfg.Board.Snapshot().Workers; n != 8 {
			t.Errorf("the board shows a pool of %d", n)
		}
		if m.most.Load() != 8 || !sum.Reproducible || sum.ForecastsMade != windows {
			t.Errorf("%d calls at a time, summary %+v", m.most.Load(), sum)
		}
	})
}

// TestNoLineWaitsLongerThanItsDeadline: of a model that hangs every worker loses
// one call by the deadline of a close, the other windows are shed, and their
// lines come as soon as it has passed.
func TestNoLineWaitsLongerThanItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &forecastPrinted{}
		cfg := askingConfig(always(time.Hour), out)
		cfg.Live, cfg.Limit = true, 10
		cfg.Board = NewBoard(BoardConfig{Window: cfg.Window, Now: cfg.Now})
		keys := strings.Split("abcdefghij", "")
		records := append(twoEach(1, keys...), record(100, 30, "z", "1"))
		sum, err := Run(t.Context(), cfg, &logs{chunk: 1000, live: true, quiet: []int{0}, hold: make(chan struct{}), partitions: [][]Record{records}})
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for i, key := range keys {
			want = append(want, key+" 0 "+[]string{"timeout", "shed"}[min(i/cfg.Workers, 1)])
		}
		if diff := cmp.Diff(want, out.lines); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
		for i, at := range out.at {
			if at != time.Second {
				t.Errorf("line %d came after %v, want 1s", i, at)
			}
		}
		if sum.ForecastsShed != 8 || sum.ForecastsFail != 2 || sum.ForecastsLost["timeout"] != 2 || sum.ForecastsMade != 0 {
			t.Errorf("summary %+v", sum)
		}
		if shown := cfg.Board.Snapshot().Totals; shown.ForecastsShed != 8 || shown.ForecastsLost["timeout"] != 2 {
			t.Errorf("the board shows %+v", shown)
		}
	})
}

// TestADeadlineCountsFromTheClose and not from when there is room: what closes
// while the pool is full does not wait longer for that.
func TestADeadlineCountsFromTheClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &forecastPrinted{}
		cfg := askingConfig(always(time.Hour), out)
		cfg.Live, cfg.Limit, cfg.Workers = true, 30, 1
		records := append(twoEach(30, "a"), record(100, 1000, "z", "1"))
		// A delivery for each window; four calls fit into the pool.
		src := &logs{chunk: 2, live: true, quiet: []int{0}, hold: make(chan struct{}), partitions: [][]Record{records}}
		if _, err := Run(t.Context(), cfg, src); err != nil {
			t.Fatal(err)
		}
		if last := out.at[len(out.at)-1]; last > time.Second {
			t.Errorf("the last line came after %v", last)
		}
	})
}

// TestABoundedRunShedsNothing and waits for as long as it takes.
func TestABoundedRunShedsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &forecastPrinted{}
		cfg := askingConfig(always(time.Hour), out)
		sum, err := Run(t.Context(), cfg, &logs{chunk: 1000, partitions: [][]Record{twoEach(20, "a", "b")}})
		if err != nil || sum.ForecastsMade != 40 || !sum.Reproducible {
			t.Errorf("err %v, summary %+v", err, sum)
		}
	})
}

// TestAnEndedRunWaitsForNoModel, whose lines say so.
func TestAnEndedRunWaitsForNoModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		m, out := always(time.Hour), &forecastPrinted{}
		go func() {
			time.Sleep(time.Minute) // of the bubble: the model is being waited for
			cancel()
		}()
		sum, err := Run(ctx, askingConfig(m, out), &logs{chunk: 1000, partitions: [][]Record{twoEach(2, "a")}})
		if err == nil || time.Since(out.began) != time.Minute {
			t.Errorf("ended after %v with %v", time.Since(out.began), err)
		}
		if diff := cmp.Diff([]string{"a 0 interrupted", "a 10 interrupted"}, out.lines); diff != "" || sum.Reproducible {
			t.Errorf("lines (-want +got):\n%s\n%+v", diff, sum)
		}
	})
}

// TestBatches: with Batch a call has windows of several keys that closed together,
// never two of one; also of a backtest.
func TestBatches(t *testing.T) {
	for name, c := range map[string]struct {
		batch, workers int
		partitions     [][]Record
		specs          []window.Spec
		want           []int // rows of the calls of the first close
	}{
		"off":             {1, 2, [][]Record{twoEach(1, "a", "b", "c")}, nil, []int{1, 1, 1}},
		"many workers":    {8, 2, [][]Record{twoEach(1, "a", "b", "c", "d")}, nil, []int{4}},
		"one worker":      {3, 1, [][]Record{twoEach(1, "a", "b", "c", "d")}, nil, []int{3, 1}},
		"one key":         {8, 1, [][]Record{twoEach(3, "a")}, nil, []int{1, 1, 1}},
		"closes together": {8, 1, [][]Record{twoEach(2, "a", "b")}, nil, []int{2, 2}},
		"other keys": {
			8, 1,
			[][]Record{slices.Concat(twoEach(1, "a", "b"), []Record{record(4, 11, "c", "7"), record(5, 16, "c", "7"), record(6, 25, "d", "7")})},
			nil,
			[]int{2, 1},
		},
		"other steps": {
			8, 1,
			[][]Record{twoEach(1, "a", "b")},
			[]window.Spec{{Size: 10, Hop: 10, Step: 5}, {Size: 20, Hop: 20, Step: 5}},
			[]int{2, 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, out := always(0), &forecastPrinted{}
			cfg := askingConfig(m, out)
			cfg.Workers, cfg.Forecasts.Batch = c.workers, c.batch
			if c.specs != nil {
				cfg.Window.Specs = c.specs
			}
			if _, err := Run(t.Context(), cfg, &logs{chunk: 1000, partitions: c.partitions}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, m.rows); diff != "" {
				t.Errorf("rows of the calls (-want +got):\n%s", diff)
			}
			m.rows = nil
			if _, _, err := Backtest(t.Context(), cfg, nil, []model.External{m}, &logs{chunk: 1000, partitions: c.partitions}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, m.rows); diff != "" {
				t.Errorf("rows of the calls of a backtest (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLiveBatchesAreSpread: not before every call that may be under way has a
// window of a close has one two of it.
func TestLiveBatchesAreSpread(t *testing.T) {
	for _, workers := range []int{1, 2} {
		t.Run(strconv.Itoa(workers), func(t *testing.T) { spreadOverTwo(t, workers, 2/workers) })
	}
}

func spreadOverTwo(t *testing.T, workers, outstanding int) {
	synctest.Test(t, func(t *testing.T) {
		m, out := always(time.Millisecond), &forecastPrinted{}
		cfg := askingConfig(m, out)
		cfg.Live, cfg.Limit, cfg.Workers, cfg.Forecasts.Batch, cfg.Forecasts.Outstanding = true, 4, workers, 8, outstanding
		records := append(twoEach(1, "a", "b", "c", "d"), record(100, 30, "z", "1"))
		src := &logs{chunk: 1000, live: true, quiet: []int{0}, hold: make(chan struct{}), partitions: [][]Record{records}}
		if _, err := Run(t.Context(), cfg, src); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int{2, 2}, m.rows); diff != "" {
			t.Errorf("rows of the calls (-want +got):\n%s", diff)
		}
	})
}

// rowsSeen answers with a number made of all the rows of the question.
type rowsSeen struct{}

func (rowsSeen) Name() string { return "rows" }

func (rowsSeen) Ask(_ context.Context, q *model.Question, replies []model.Reply) {
	for i := range replies {
		replies[i].Mean = []float64{float64(len(q.Rows))}
		for r := range q.Rows {
			replies[i].Mean[0] = 10*replies[i].Mean[0] + q.Rows[r].Values[0]
		}
	}
}

// TestQuestionsDoNotDependOnScheduling: a model that looks at all rows of a
// question says the same whatever the workers, the open questions and the runs
// of records.
func TestQuestionsDoNotDependOnScheduling(t *testing.T) {
	var first, second []Record
	for w := range 30 {
		for k, key := range strings.Split("abcdefg", "") {
			if (w*w+k)%4 == 0 {
				continue // not every key in every window
			}
			for _, at := range []int64{1, 6} {
				first = append(first, record(len(first), int64(10*w)+at, key, strconv.Itoa(k)))
				second = append(second, record(len(second), int64(10*w)+at, key+key, strconv.Itoa(k)))
			}
		}
	}
	for _, lateness := range []window.Duration{0, 15} {
		var want []string
		for _, workers := range []int{1, 2, 7} {
			for _, c := range []struct{ chunk, outstanding int }{{1, 1}, {13, 4}, {1000, 3}} {
				out := &forecastPrinted{}
				cfg := askingConfig(rowsSeen{}, out)
				cfg.Workers, cfg.Forecasts.Batch, cfg.Window.AllowedLateness = workers, 4, lateness
				cfg.Forecasts.Outstanding = c.outstanding
				if _, err := Run(t.Context(), cfg, &logs{chunk: c.chunk, partitions: [][]Record{first, second}}); err != nil {
					t.Fatal(err)
				}
				if want == nil {
					want = out.lines
				}
				if diff := cmp.Diff(want, out.lines); diff != "" {
					t.Errorf("lateness %d, %d workers, %+v (-want +got):\n%s", lateness, workers, c, diff)
				}
			}
		}
	}
}

// TestOpenQuestionsAreOfExternalModels: forecasts of ours are made by workers.
func TestOpenQuestionsAreOfExternalModels(t *testing.T) {
	var none *Forecasts
	for f, want := range map[*Forecasts]int{
		none: 0, {Outstanding: 4}: 3, {External: rowsSeen{}, Outstanding: 4}: 12, {External: rowsSeen{}}: 3,
	} {
		if got := f.atATime(3); got != want {
			t.Errorf("%+v: %d at a time, want %d", f, got, want)
		}
	}
}
