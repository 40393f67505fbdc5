package stream

import (
	"testing"

	"github.com/oriel-stream/oriel/window"
)

// TestAWordThatCameTooLateIsForgotten: a partition that woke up before it heard
// what it was told as an idle one does not follow that when it is idle again.
func TestAWordThatCameTooLateIsForgotten(t *testing.T) {
	cfg := testConfig()
	p := &pipeline{cfg: cfg, inbox: make(chan message, inboxSize), over: func() bool { return false }}
	e, w := newEngine(p, nil), newWorker(p, 0, Assignment{End: -1})
	e.workers = append(e.workers, w)
	idle := func() {
		w.state.CaughtUp(0)
		if !w.state.CaughtUp(window.Time(cfg.Window.IdleTimeout)) {
			t.Fatal("the partition is not idle")
		}
	}
	idle()
	e.tell(0, 100_000)
	w.state.Speak()
	w.state.Observe(11_000)
	own := w.state.Own()
	w.hear()
	idle()
	w.hear()
	if got := w.state.Watermark(); got != own {
		t.Errorf("the watermark is %d, want the partition's own, %d", got, own)
	}
	e.tell(0, 50_000)
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
		w.state.Add([]byte("k"), at, window.Place{Offset: int64(i)}, []float64{1})
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
