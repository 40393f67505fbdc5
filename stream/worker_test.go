package stream

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/oriel-stream/oriel/window"
)

// TestAWordThatCameTooLateIsForgotten: a partition that woke up before it heard
// what it was told as an idle one does not follow that when it is idle again.
func TestAWordThatCameTooLateIsForgotten(t *testing.T) {
	cfg := testConfig()
	p := &pipeline{cfg: cfg, inbox: make(chan message, inboxSize), over: func() bool { return false }}
	e, w := newEngine(p, nil), newWorker(p, 0, Assignment{End: -1})
	e.all.workers = append(e.all.workers, w)
	idle := func() {
		w.state.CaughtUp(0)
		if !w.state.CaughtUp(window.Time(cfg.Window.IdleTimeout)) {
			t.Fatal("the partition is not idle")
		}
	}
	idle()
	e.all.tell(0, 100_000)
	w.state.Speak()
	w.state.Observe(11_000)
	own := w.state.Own()
	w.hear()
	idle()
	w.hear()
	if got := w.state.Watermark(); got != own {
		t.Errorf("the watermark is %d, want the partition's own, %d", got, own)
	}
	e.all.tell(0, 50_000)
	w.hear()
	if got := w.state.Watermark(); got != 50_000 {
		t.Errorf("the watermark is %d, want what an idle partition is told, 50000", got)
	}
}

// TestEveryBurstOfAShortRangeSaysSo: a window that comes out between two bursts
// lacks the records behind the cut as much as one behind the last.
func TestEveryBurstOfAShortRangeSaysSo(t *testing.T) {
	cfg := testConfig()
	cfg.Window.Burst, cfg.Progress = 1, &Progress{}
	p := &pipeline{cfg: cfg, inbox: make(chan message, inboxSize), over: func() bool { return false }}
	w := newWorker(p, 0, Assignment{End: 100})
	for i, at := range []window.Time{1, 2, 3, 11, 12} {
		w.state.Observe(at)
		w.state.Add([]byte("k"), at, &window.Place{Offset: int64(i)}, []float64{1})
	}
	w.finish(true)
	close(p.inbox)
	reports := 0
	for m := range p.inbox {
		reports++
		if !m.report.Short {
			t.Errorf("report %d, up to %v, is not of a short range", reports, m.report.Mark)
		}
	}
	if reports < 2 {
		t.Errorf("%d reports are no bursts", reports)
	}
}

// waiting is a decoder that waits, at a record, until the run is stopped.
type waiting struct {
	plain
	begin   func() // is called when it does
	onWait  func()
	stopped <-chan struct{}
}

func (d *waiting) OnWait(f func()) { d.onWait = f }

func (d *waiting) Decode(r *Record, e *Event) {
	if r.Offset == 2 {
		d.begin()
		d.onWait()
		<-d.stopped
	}
	d.plain.Decode(r, e)
}

// TestADecoderThatWaitsIsStopped: a run that ends early, for whatever reason,
// says so to a decoder that waits for something. The lines of what is due by then
// may be the reason.
func TestADecoderThatWaitsIsStopped(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limit     int64
		chunk     int
		timeout   time.Duration
		interrupt bool
		want      error
	}{
		"interrupted": {interrupt: true, want: context.Canceled},
		"by itself":   {limit: 1},
		"at once":     {limit: 1, chunk: 3},
		"cut":         {timeout: 20 * time.Millisecond, want: ErrTimeout},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		stopped := make(chan struct{})
		cfg := testConfig(&printed{})
		cfg.Limit, cfg.Timeout, cfg.Stopped = c.limit, c.timeout, sync.OnceFunc(func() { close(stopped) })
		cfg.NewDecoder = func() Decoder {
			return &waiting{stopped: stopped, begin: func() {
				if c.interrupt {
					cancel()
				}
			}}
		}
		src := &logs{chunk: max(1, c.chunk), hold: make(chan struct{}), partitions: [][]Record{{record(0, 1, "a", "1"), record(1, 15, "a", "1"), record(2, 16, "a", "1")}}}
		if _, err := Run(ctx, cfg, src); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		cancel()
	}
}
