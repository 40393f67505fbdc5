package window

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// idleStep is one row of a sequence: what is done to a partition (one by one
// of caughtUp, observe and tell) and what must hold afterwards.
type idleStep struct {
	caughtUp, observe, tell *Time

	idle      bool
	watermark Time
}

func TestIdleness(t *testing.T) {
	cfg := PartitionConfig{
		Specs:          []Spec{{Size: 10_000, Hop: 10_000}},
		OutOfOrderness: 2000, IdleTimeout: 30_000,
	}
	short := cfg
	short.IdleTimeout = 1000
	tests := map[string]struct {
		cfg   PartitionConfig
		steps []idleStep
	}{
		// A record without a readable time is not observed: it is silence.
		"silent from the start: 5 s at most": {cfg, []idleStep{
			{caughtUp: new(Time(1000)), watermark: MinTime},
			{caughtUp: new(Time(5999)), watermark: MinTime},
			{caughtUp: new(Time(6000)), idle: true, watermark: MinTime},
		}},
		"silent from the start with a shorter timeout": {short, []idleStep{
			{caughtUp: new(Time(1000)), watermark: MinTime},
			{caughtUp: new(Time(1999)), watermark: MinTime},
			{caughtUp: new(Time(2000)), idle: true, watermark: MinTime},
		}},
		"idle after the timeout, counted from the first empty response": {cfg, []idleStep{
			{observe: new(Time(50_000)), watermark: 48_000},
			{caughtUp: new(Time(100_000)), watermark: 48_000},
			{caughtUp: new(Time(129_999)), watermark: 48_000},
			{caughtUp: new(Time(130_000)), idle: true, watermark: 48_000},
			{caughtUp: new(Time(130_001)), idle: true, watermark: 48_000},
		}},
		"silence without an empty response is not idleness": {cfg, []idleStep{
			{observe: new(Time(50_000)), watermark: 48_000},
			{caughtUp: new(Time(900_000)), watermark: 48_000},
		}},
		"a record starts the clock anew": {cfg, []idleStep{
			{caughtUp: new(Time(0)), watermark: MinTime},
			{observe: new(Time(50_000)), watermark: 48_000},
			{caughtUp: new(Time(29_000)), watermark: 48_000},
			{observe: new(Time(49_000)), watermark: 48_000},
			{caughtUp: new(Time(58_999)), watermark: 48_000},
			{caughtUp: new(Time(88_998)), watermark: 48_000},
			{caughtUp: new(Time(88_999)), idle: true, watermark: 48_000},
		}},
		"a record ends idleness, even an old one": {cfg, []idleStep{
			{observe: new(Time(50_000)), watermark: 48_000},
			{caughtUp: new(Time(0)), watermark: 48_000},
			{caughtUp: new(Time(30_000)), idle: true, watermark: 48_000},
			{observe: new(Time(1)), watermark: 48_000},
			{caughtUp: new(Time(30_001)), watermark: 48_000},
		}},
		"told while idle": {cfg, []idleStep{
			{caughtUp: new(Time(0)), watermark: MinTime},
			{caughtUp: new(Time(5000)), idle: true, watermark: MinTime},
			{tell: new(Time(70_000)), idle: true, watermark: 70_000},
			{tell: new(Time(60_000)), idle: true, watermark: 70_000},
			{tell: new(Time(90_000)), idle: true, watermark: 90_000},
		}},
		"told while not idle: ignored": {cfg, []idleStep{
			{observe: new(Time(50_000)), watermark: 48_000},
			{tell: new(Time(70_000)), watermark: 48_000},
			{caughtUp: new(Time(0)), watermark: 48_000},
			{tell: new(Time(70_000)), watermark: 48_000},
		}},
		"told before the first record, as a partition that appears later is": {cfg, []idleStep{
			{tell: new(Time(70_000)), watermark: 70_000},
			{observe: new(Time(50_000)), watermark: 70_000},
			{tell: new(Time(80_000)), watermark: 70_000},
			{observe: new(Time(73_000)), watermark: 71_000},
		}},
		"returning does not pull the watermark back": {cfg, []idleStep{
			{observe: new(Time(50_000)), watermark: 48_000},
			{caughtUp: new(Time(0)), watermark: 48_000},
			{caughtUp: new(Time(30_000)), idle: true, watermark: 48_000},
			{tell: new(Time(70_000)), idle: true, watermark: 70_000},
			{observe: new(Time(60_000)), watermark: 70_000},
			{observe: new(Time(71_999)), watermark: 70_000},
			{observe: new(Time(72_001)), watermark: 70_001},
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := NewPartition(test.cfg)
			for i, s := range test.steps {
				switch {
				case s.caughtUp != nil:
					if got := p.CaughtUp(*s.caughtUp); got != s.idle {
						t.Errorf("step %d: CaughtUp says %v", i, got)
					}
				case s.observe != nil:
					p.Speak()
					p.Observe(*s.observe)
				case s.tell != nil:
					p.Tell(*s.tell)
				}
				r := p.Report()
				if r.Idle != s.idle || p.Watermark() != s.watermark || r.Mark != s.watermark {
					t.Errorf("step %d: idle %v, watermark %v, mark %v; want %v, %v", i, r.Idle, p.Watermark(), r.Mark, s.idle, s.watermark)
				}
			}
		})
	}
}

func TestToldWatermarkFreezes(t *testing.T) {
	p := NewPartition(PartitionConfig{Specs: []Spec{{Size: 10, Hop: 5}}, IdleTimeout: 1})
	add := func(at Time) Verdict {
		p.Speak()
		p.Observe(at)
		return p.Add(nil, at, &Place{Offset: int64(at)}, nil)
	}
	add(12) // in [5, 15) and [10, 20)
	p.CaughtUp(0)
	p.CaughtUp(1)
	p.Tell(17)
	frozen := p.Report().Frozen
	if len(frozen) != 1 || p.specs[0].Span(frozen[0].Number) != (Span{5, 15}) {
		t.Fatalf("frozen %+v, want [5, 15) alone", frozen)
	}
	if v := add(16); v != (Verdict{Of: 2}) {
		t.Errorf("a record ahead of what was told: %+v", v)
	}
	if v := add(14); v != (Verdict{Lost: 1, Of: 2}) {
		t.Errorf("a record of the frozen window: %+v, want one window lost", v)
	}
}

// A record is late after idle if its partition's own records would have lost
// it fewer windows.
func TestLateAfterIdle(t *testing.T) {
	p := NewPartition(PartitionConfig{Specs: []Spec{{Size: 10, Hop: 5}}, OutOfOrderness: 3, IdleTimeout: 1})
	p.Observe(12)
	p.CaughtUp(0)
	p.CaughtUp(1)
	p.Tell(30)
	for _, s := range []struct {
		at   Time
		want Verdict
	}{
		{12, Verdict{Lost: 2, Of: 2, AfterIdle: true}}, // own watermark 9: both were open
		{4, Verdict{Lost: 2, Of: 2, AfterIdle: true}},  // [-5, 5) was not, [0, 10) was
		{3, Verdict{Lost: 2, Of: 2, AfterIdle: true}},
		{-1, Verdict{Lost: 2, Of: 2}}, // [-10, 0) and [-5, 5): late either way
		{26, Verdict{Lost: 1, Of: 2, AfterIdle: true}},
		{31, Verdict{Of: 2}},
		{24, Verdict{Lost: 2, Of: 2, AfterIdle: true}}, // own watermark 28: [15, 25) only
		{36, Verdict{Of: 2}},
		{24, Verdict{Lost: 2, Of: 2}}, // own watermark 33 has overtaken what was told
	} {
		p.Observe(s.at)
		if got := p.Add(nil, s.at, &Place{}, nil); got != s.want {
			t.Errorf("at %v: %+v, want %+v", s.at, got, s.want)
		}
	}
}

// band is a set of partitions read by hand, with an assembler.
type band struct {
	asm   *Assembler
	parts []*Partition
}

func newBand(cfg PartitionConfig, n int) *band {
	b := &band{asm: NewAssembler(cfg)}
	for i := range n {
		b.parts = append(b.parts, NewPartition(cfg))
		b.asm.Assign(PartitionID{Topic: "t", Partition: int32(i)}, true, false)
	}
	return b
}

// report delivers every report, tells idle partitions the watermark, delivers
// what they froze by it, and returns the panes.
func (b *band) report() []*Pane {
	for range 2 {
		for i, p := range b.parts {
			b.asm.Report(i, p.Report())
		}
		b.asm.Chase(b.tell)
	}
	return b.asm.Advance(nil)
}

func (b *band) tell(part int, w Time) { b.parts[part].Tell(w) }

// tick lets the wall clock move the watermark of a silent band; it says whether
// the clock runs, and returns the panes.
func (b *band) tick(now Time) (bool, []*Pane) {
	runs := b.asm.Tick(now, b.tell)
	return runs, b.report()
}

func (b *band) observe(part int, t Time) {
	b.parts[part].Speak()
	b.parts[part].Observe(t)
}

func (b *band) goIdle(part int, now Time) {
	b.parts[part].CaughtUp(now)
	b.parts[part].CaughtUp(now + 30_000)
}

func TestWatermarkAcrossIdlePartitions(t *testing.T) {
	cfg := PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10}}, IdleTimeout: 30_000}
	b := newBand(cfg, 2)
	steps := []struct {
		name      string
		do        func()
		watermark Time
	}{
		{"nobody has spoken", func() {}, MinTime},
		{"one has", func() { b.observe(0, 50) }, MinTime},
		{"the other is idle", func() { b.goIdle(1, 0) }, 50},
		{"the first goes on", func() { b.observe(0, 70) }, 70},
		{"the idle one returns behind", func() { b.observe(1, 20) }, 70},
		{"the first goes on alone", func() { b.observe(0, 90) }, 70},
		{"the second overtakes what it was told", func() { b.observe(1, 80) }, 80},
		{"both are idle: it stands", func() { b.goIdle(0, 0); b.goIdle(1, 0) }, 80},
		{"the ahead one is back with an old record", func() { b.observe(0, 1) }, 90},
		{"the first ends", func() { b.parts[0].Finish() }, 90},
		{"and the second", func() { b.parts[1].Finish() }, MaxTime},
	}
	for _, s := range steps {
		s.do()
		b.report()
		if got := b.asm.Watermark(); got != s.watermark {
			t.Errorf("%s: watermark %v, want %v", s.name, int64(got), int64(s.watermark))
		}
	}
}

// An idle partition must have handed in its share before a window is
// assembled, however late it hears of the watermark.
func TestIdlePartitionHandsInItsShare(t *testing.T) {
	cfg := PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10}}, IdleTimeout: 30_000}
	b := newBand(cfg, 2)
	for _, p := range b.parts {
		p.Observe(5)
		p.Add(nil, 5, &Place{}, nil)
	}
	b.goIdle(1, 0)
	b.observe(0, 10)
	for i, p := range b.parts {
		b.asm.Report(i, p.Report())
	}
	if panes := b.asm.Advance(nil); len(panes) > 0 {
		t.Fatalf("%d panes before the idle partition was told", len(panes))
	}
	b.asm.Chase(func(part int, w Time) { b.parts[part].Tell(w) })
	b.asm.Report(1, b.parts[1].Report())
	panes := b.asm.Advance(nil)
	if len(panes) != 1 || panes[0].Count != 2 || len(panes[0].Offsets) != 2 || panes[0].ClosedBy != ByWatermark {
		t.Fatalf("panes %+v, want one of 2 records closed by the watermark", panes)
	}
}

// A partition that appears when others have been read is told the watermark
// before its first record: what came out does not come again.
func TestPartitionAppearsLater(t *testing.T) {
	cfg := PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10}}, IdleTimeout: 30_000}
	b := newBand(cfg, 1)
	b.observe(0, 100)
	b.report()
	late := NewPartition(cfg)
	part := b.asm.Assign(PartitionID{Topic: "t", Partition: 1}, true, false)
	late.Tell(b.asm.Watermark())
	b.asm.Report(part, late.Report())
	b.asm.Advance(nil)
	if w := b.asm.Watermark(); w != 100 {
		t.Errorf("watermark %v, want it to stand at 100", int64(w))
	}
	for _, s := range []struct {
		at   Time
		want Verdict
	}{{95, Verdict{Lost: 1, Of: 1, AfterIdle: true}}, {105, Verdict{Of: 1}}} {
		late.Observe(s.at)
		if got := late.Add(nil, s.at, &Place{}, nil); got != s.want {
			t.Errorf("at %v: %+v, want %+v", s.at, got, s.want)
		}
	}
	late.Finish()
	b.parts[0].Finish()
	b.asm.Report(part, late.Report())
	b.asm.Report(0, b.parts[0].Report())
	panes := b.asm.Advance(nil)
	if len(panes) != 1 || panes[0].Start != 100 || panes[0].Count != 1 {
		t.Errorf("panes %+v, want [100, 110) alone", panes)
	}
}

// FuzzIdle lets partitions go idle, hear the watermark and return at random.
// What each was told is noted, and the oracle judges by it.
func FuzzIdle(f *testing.F) {
	for seed := range uint64(60) {
		f.Add(seed, uint8(seed), uint8(seed*7), uint8(seed*37))
	}
	f.Fuzz(func(t *testing.T, seed uint64, partitions, records, disorder uint8) {
		rng := rand.New(rand.NewPCG(seed, 5))
		cfg, logs := randomRun(rng, 1+int(partitions%4), int(records%64), int(disorder))
		cfg.IdleTimeout, cfg.Empty = 10, false
		r := newRig(t, cfg, logs)
		told, highest := make([][]Time, len(logs)), slices.Repeat([]Time{MinTime}, len(logs))
		tell := func(part int, w Time) {
			if p := r.parts[part]; p.idle && w > p.Watermark() {
				highest[part] = w
			}
			r.parts[part].Tell(w)
		}
		for _, part := range shuffled(logs, rng) {
			if rng.IntN(5) == 0 {
				r.parts[part].CaughtUp(0)
				r.parts[part].CaughtUp(5000)
			}
			if rng.IntN(3) > 0 {
				r.report(part)
				r.asm.Chase(tell)
			}
			if rng.IntN(3) == 0 {
				r.asm.Tick(r.parts[part].Newest().Add(below(rng, cfg.OutOfOrderness+100)), tell)
			}
			if r.next(part) {
				r.report(part)
				continue
			}
			told[part] = append(told[part], highest[part])
		}
		cells, verdicts := oracle(cfg, logs, told)
		for part := range logs {
			if !slices.Equal(r.verdicts[part], verdicts[part]) {
				t.Fatalf("partition %d: verdicts %+v, want %+v", part, r.verdicts[part], verdicts[part])
			}
		}
		checkFirings(t, cfg, r.panes, cells)
		r.checkDone()
	})
}

// While nobody asks for records there is no silence: a broker that was away for
// an hour does not make its partitions idle.
func TestRestartIdle(t *testing.T) {
	p := NewPartition(PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10}}, IdleTimeout: 30_000})
	p.Observe(50)
	p.CaughtUp(0)
	p.RestartIdle()
	for _, s := range []struct {
		now  Time
		idle bool
	}{{3_600_000, false}, {3_629_999, false}, {3_630_000, true}} {
		if got := p.CaughtUp(s.now); got != s.idle {
			t.Errorf("at %d: idle %v, want %v", int64(s.now), got, s.idle)
		}
	}
	if p.RestartIdle(); !p.CaughtUp(3_630_001) {
		t.Error("what is idle is no longer")
	}
}

// TestQuiet: how long a partition has been silent is what responses say, not what
// the clock says while there are none.
func TestQuiet(t *testing.T) {
	p := NewPartition(PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10}}, IdleTimeout: 30_000})
	p.Observe(50)
	if got := p.Progress(); got.QuietSince != MinTime {
		t.Errorf("before a response: silent since %d", int64(got.QuietSince))
	}
	for _, now := range []Time{1000, 1500, 9000} {
		p.CaughtUp(now)
		if got := p.Progress(); got.QuietSince != 1000 || got.QuietUntil != now {
			t.Errorf("at %d: silent from %d to %d", int64(now), int64(got.QuietSince), int64(got.QuietUntil))
		}
	}
	p.Speak()
	if got := p.Progress(); got.QuietSince != MinTime {
		t.Errorf("after a record: silent since %d", int64(got.QuietSince))
	}
}
