package window

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestIdleClock: in a band where everything is idle the watermark goes on with
// the wall clock.
func TestIdleClock(t *testing.T) {
	cfg := PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10}}, OutOfOrderness: 5, IdleTimeout: 30_000}
	b := newBand(cfg, 3)
	steps := []struct {
		name      string
		do        func()
		now       Time
		runs      bool
		watermark Time
	}{
		{"nobody has spoken", func() {}, 90, false, MinTime},
		{"all are idle and nobody has spoken", func() { b.goIdle(0, 0); b.goIdle(1, 0); b.goIdle(2, 0) }, 100, false, MinTime},
		{"the first speaks", func() { b.observe(0, 105) }, 110, false, 100},
		{"it is idle, and the clock starts", func() { b.goIdle(0, 0) }, 1000, true, 100},
		{"the clock runs", func() {}, 1030, true, 130},
		{"the wall clock is set back", func() {}, 1010, true, 130},
		{"it has caught up", func() {}, 1100, true, 200},
		{"one is back behind the watermark", func() { b.observe(1, 150) }, 1300, false, 200},
		{"that one is finished: the others stay idle", func() { b.parts[1].Finish() }, 2000, true, 200},
		{"the clock has started anew", func() {}, 2001, true, 201},
		{"one is back ahead of the watermark", func() { b.observe(0, 305) }, 2100, false, 300},
		{"and another behind", func() { b.observe(2, 206) }, 2101, false, 300},
		{"and idle: the first goes on alone", func() { b.goIdle(2, 0); b.observe(0, 325) }, 2102, false, 320},
		{"idle too", func() { b.goIdle(0, 0) }, 3000, true, 320},
		{"long silence", func() {}, 1_003_000, true, 1_000_320},
		{"the end", func() { b.parts[0].Finish(); b.parts[2].Finish() }, 1_003_001, false, MaxTime},
	}
	for _, s := range steps {
		s.do()
		b.report()
		runs, _ := b.tick(s.now)
		if w := b.asm.Watermark(); w != s.watermark || runs != s.runs {
			t.Errorf("%s: watermark %d, the clock runs %v; want %d, %v", s.name, int64(w), runs, int64(s.watermark), s.runs)
		}
	}
}

// The clock never carries the watermark beyond what a record of this moment
// would make it. A partition that has shown nothing follows the others though
// the clock stands.
func TestIdleClockWaitsForTheWallClock(t *testing.T) {
	cfg := PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10}}, OutOfOrderness: 5, IdleTimeout: 30_000}
	b := newBand(cfg, 2)
	b.observe(0, 105)
	b.goIdle(0, 0)
	b.goIdle(1, 0)
	b.report()
	for _, s := range []struct{ now, watermark Time }{{50, 100}, {104, 100}, {105, 100}, {106, 101}, {200, 195}, {249, 244}} {
		if runs, _ := b.tick(s.now); !runs || b.asm.Watermark() != s.watermark {
			t.Errorf("at %d: the clock runs %v, watermark %d; want %d", s.now, runs, int64(b.asm.Watermark()), s.watermark)
		}
	}
}

// Whoever sees a partition at work, Chase or Tick, stops the clock: it starts
// anew when that partition is idle again.
func TestIdleClockStops(t *testing.T) {
	cfg := PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10}}, IdleTimeout: 30_000}
	for name, see := range map[string]func(*band){
		"Chase": func(b *band) { b.asm.Chase(b.tell) },
		"Tick":  func(b *band) { b.asm.Tick(1500, b.tell) },
	} {
		b := newBand(cfg, 1)
		hand := func() { b.asm.Report(0, b.parts[0].Report()) }
		b.observe(0, 100)
		b.goIdle(0, 0)
		hand()
		b.asm.Tick(1000, b.tell)
		b.observe(0, 101)
		hand()
		see(b)
		b.goIdle(0, 0)
		hand()
		b.asm.Tick(2000, b.tell)
		b.asm.Tick(2001, b.tell)
		if w := b.parts[0].Watermark(); w != 102 {
			t.Errorf("%s: watermark %d, want 102", name, int64(w))
		}
	}
}

// What the clock closed says so, unless a partition had got there by itself,
// and records behind it are late after idle.
func TestClosedByIdleClock(t *testing.T) {
	cfg := PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10}}, AllowedLateness: 10, IdleTimeout: 30_000}
	b := newBand(cfg, 2)
	add := func(part int, at Time) Verdict {
		b.observe(part, at)
		return b.parts[part].Add([]byte("k"), at, &Place{}, nil)
	}
	check := func(what string, panes []*Pane, want ...string) {
		t.Helper()
		var got []string
		for _, p := range panes {
			got = append(got, fmt.Sprintf("[%d, %d) %d records, %v, revision %d, incomplete %q", p.Start, p.End, p.Count, p.ClosedBy, p.Revision, p.Incomplete))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: panes %q, want %q", what, got, want)
		}
	}
	add(0, 5)
	add(0, 12)
	add(1, 7)
	add(1, 9)
	check("while one is behind", b.report())
	b.goIdle(0, 0)
	b.goIdle(1, 0)
	b.report()
	b.tick(1000)
	_, panes := b.tick(1001)
	check("at 10", panes, `[0, 10) 3 records, watermark, revision 0, incomplete ""`)
	_, panes = b.tick(1011)
	check("at 20", panes, `[10, 20) 1 records, idle_clock, revision 0, incomplete "end"`)
	for _, s := range []struct {
		at   Time
		want Verdict
	}{
		{9, Verdict{Lost: 1, Of: 1, AfterIdle: true}}, // its own watermark is 9
		{15, Verdict{Late: 1, Of: 1}},
		{25, Verdict{Of: 1}},
	} {
		if got := add(1, s.at); got != s.want {
			t.Errorf("at %d: %+v, want %+v", s.at, got, s.want)
		}
	}
	check("one is back", b.report())
	b.parts[0].Finish()
	check("one is finished", b.report())
	b.parts[1].Finish()
	check("the end", b.report(), `[10, 20) 2 records, watermark, revision 1, incomplete ""`,
		`[20, 30) 1 records, end_of_input, revision 0, incomplete "end"`)
}

// silent is the watermark of partitions that go idle, written down from the
// definition: it is the minimum over those that are not idle and goes on with
// the wall clock when all are.
type silent struct {
	cfg PartitionConfig
	// own is a partition's watermark by its records, base the watermark of the
	// whole when it was idle last.
	own, base      []Time
	idle, finished []bool
	watermark      Time
	// since is when the clock started, from the least mark of then.
	running     bool
	since, from Time
}

func (s *silent) settle(now Time) {
	active, marks, rest := MaxTime, MaxTime, 0
	for i := range s.own {
		mark := max(s.own[i], s.base[i])
		switch {
		case s.finished[i]:
			continue
		case !s.idle[i]:
			active = min(active, mark)
		case mark != MinTime:
			marks = min(marks, mark)
		}
		rest++
	}
	switch {
	case rest == 0:
		s.watermark = MaxTime
	case active != MaxTime:
		s.running = false
		s.watermark = max(s.watermark, active)
	case s.watermark == MinTime && marks == MaxTime: // nobody has spoken
	default:
		if !s.running {
			s.running, s.since, s.from = true, now, marks
		}
		s.watermark = max(s.watermark, marks, min(s.from+now-s.since, now-Time(s.cfg.OutOfOrderness)))
	}
	for i := range s.base {
		if s.idle[i] {
			s.base[i] = max(s.base[i], s.watermark)
		}
	}
}

// FuzzIdleClock compares the watermark of partitions that speak, fall silent
// and end at random with its definition.
func FuzzIdleClock(f *testing.F) {
	for seed := range uint64(100) {
		f.Add(seed, uint8(seed), uint8(seed*11))
	}
	f.Fuzz(func(t *testing.T, seed uint64, partitions, disorder uint8) {
		rng := rand.New(rand.NewPCG(seed, 6))
		n := 1 + int(partitions%4)
		cfg := PartitionConfig{Specs: []Spec{{Size: 10, Hop: 5}}, OutOfOrderness: Duration(disorder), AllowedLateness: Duration(rng.IntN(20)), IdleTimeout: 1}
		b := newBand(cfg, n)
		want := silent{cfg: cfg, watermark: MinTime, own: slices.Repeat([]Time{MinTime}, n), base: slices.Repeat([]Time{MinTime}, n), idle: make([]bool, n), finished: make([]bool, n)}
		now := Time(1000)
		for i := range 60 {
			part := rng.IntN(n)
			now += Time(rng.IntN(20))
			switch what := rng.IntN(8); {
			case want.finished[part]:
			case i > 50 && what == 0:
				b.parts[part].Finish()
				want.finished[part] = true
			case what < 3:
				at := now + Time(rng.IntN(200)-150)
				b.observe(part, at)
				want.own[part] = max(want.own[part], at-Time(cfg.OutOfOrderness))
				want.idle[part] = false
			default:
				b.goIdle(part, 0)
				want.idle[part] = true
			}
			b.report()
			b.tick(now)
			want.settle(now)
			if got := b.asm.Watermark(); got != want.watermark {
				t.Fatalf("step %d at %d: watermark %v, want %v", i, now, int64(got), int64(want.watermark))
			}
		}
	})
}
