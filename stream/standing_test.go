package stream

import (
	"testing"

	"github.com/oriel-stream/oriel/window"
)

// TestStandingOfACutLog: a log that was truncated is told from one that has lost
// what comes next, also where that was read before it was truncated; and what is to
// be committed says how often.
func TestStandingOfACutLog(t *testing.T) {
	cfg := testConfig()
	cfg.Group = &Group{}
	w := newWorker(&pipeline{cfg: cfg}, 0, Assignment{End: -1})
	for i, c := range []struct {
		next     int64 // if there is no gap
		gap      [2]int64
		position int64
		cuts     int
	}{
		{next: 100, position: 100},
		{gap: [2]int64{100, 120}, position: 120},
		{gap: [2]int64{50, 120}, position: 50, cuts: 1},
		{next: 60, position: 60, cuts: 1},
		{gap: [2]int64{60, 90}, position: 90, cuts: 1},
		{gap: [2]int64{40, 90}, position: 40, cuts: 2},
	} {
		if c.next > 0 {
			w.standing.at(c.next)
		} else {
			w.standing.gap(c.gap[0], c.gap[1])
		}
		w.state.Observe(window.Time(10_000 * i))
		w.findFoothold()
		cp := w.checkpoint(w.state.Watermark())
		if cp == nil || cp.Offset != c.position || cp.Cuts != c.cuts {
			t.Errorf("%d: %+v, want offset %d after %d cuts", i, cp, c.position, c.cuts)
		}
	}
}
