package window

import (
	"slices"
	"testing"
)

// A leap of the watermark visits the windows that hold records, not those it
// passes: ten thousand years of 1 ms windows are a handful of steps. Walking
// through all of them would take hours.
func TestLeapsCostNothing(t *testing.T) {
	const year Time = 365 * 24 * 60 * 60 * 1000
	p := NewPartition(PartitionConfig{Specs: []Spec{{Size: 1, Hop: 1}, {Size: 1000, Hop: 7}}})
	var records int64
	for at := MinEventTime; at <= MaxEventTime; at += 100 * year {
		p.Observe(at)
		p.Add(nil, at, &Place{}, nil)
		records++
	}
	p.Finish()
	var counted int64
	for _, f := range p.Report().Frozen {
		if f.Spec == 0 {
			counted += f.Shares[0].Count
		}
	}
	if counted != records {
		t.Errorf("%d records in windows of 1 ms, want %d", counted, records)
	}
}

// Windows as long as all event times, at both ends of them.
func TestHugeWindows(t *testing.T) {
	ages := Duration(MaxEventTime - MinEventTime + 1)
	for _, s := range []Spec{{Size: ages, Hop: ages}, {Size: ages, Hop: ages / 2}, {Size: ages, Hop: ages, Origin: Duration(MinEventTime)}, {Size: ages, Hop: ages - 1, Origin: -ages}} {
		logs := []partitionLog{{fromBeginning: true}}
		for i, at := range []Time{MinEventTime, -1, 0, MaxEventTime, MinEventTime} {
			logs[0].records = append(logs[0].records, logged{time: at, at: Place{Offset: int64(i)}})
		}
		cfg := PartitionConfig{Specs: []Spec{s}}
		cells, verdicts := oracle(cfg, logs, nil)
		r := newRig(t, cfg, logs)
		for range sequential(logs) {
			r.next(0)
		}
		r.report(0)
		checkPanes(t, cfg, logs, r.panes, cells)
		same(t, "verdicts", r.verdicts, verdicts)
	}
}

// What a partition hands out is immutable: records that come later, late ones
// too, change nothing in it.
func TestSharesAreImmutable(t *testing.T) {
	p := NewPartition(PartitionConfig{Specs: []Spec{{Size: 20, Hop: 5, Step: 5}}, Series: []string{"v"}})
	add := func(at Time, v float64) {
		p.Observe(at)
		p.Add([]byte("k"), at, &Place{Offset: int64(at)}, []float64{v})
	}
	for at := range Time(20) {
		add(at, float64(at))
	}
	add(20, 100)
	frozen := p.Report().Frozen
	share := frozen[len(frozen)-1].Shares[0]
	before, steps := share, append([]StepValue(nil), share.Steps...)
	for at := Time(19); at >= 5; at-- {
		add(at, 1000)
	}
	add(60, 1)
	p.Finish()
	after := frozen[len(frozen)-1].Shares[0]
	if after.Aggregate != before.Aggregate || after.Count != 20 || after.Sum() != 190 {
		t.Errorf("the share was %+v and is %+v", before, after)
	}
	for i := range steps {
		if after.Steps[i] != steps[i] {
			t.Errorf("step %d was %+v and is %+v", i, steps[i], after.Steps[i])
		}
	}
}

// Merging the shares of two partitions changes the steps of neither: a
// partition goes on using them.
func TestAssemblingLeavesStepsAlone(t *testing.T) {
	cfg := PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10, Step: 5}}, Series: []string{"v"}}
	asm := NewAssembler(cfg)
	var steps [][]StepValue
	for part := range 2 {
		asm.Assign(PartitionID{Partition: int32(part)}, true, false)
		p := NewPartition(cfg)
		p.Observe(1)
		p.Add(nil, 1, &Place{Offset: int64(part)}, []float64{1})
		p.Finish()
		r := p.Report()
		steps = append(steps, r.Frozen[0].Shares[0].Steps)
		asm.Report(part, r)
	}
	if panes := asm.Advance(nil); len(panes) != 1 || panes[0].Steps[0].Count != 2 {
		t.Errorf("panes %+v", panes)
	}
	for part, s := range steps {
		if len(s) != 2 || s[0].Count != 1 || s[0].Last.Offset != int64(part) || s[1].Count != 0 {
			t.Errorf("the steps of partition %d are %+v", part, s)
		}
	}
}

// Slices that no open window needs are gone once a window has closed, also
// where the hop is several slices long.
func TestSlicesAreEvicted(t *testing.T) {
	p := NewPartition(PartitionConfig{Specs: []Spec{{Size: 10, Hop: 4}}}) // slices of 2
	for at := range Time(1000) {
		p.Observe(at)
		p.Add(nil, at, &Place{}, nil)
		p.Report()
		// The oldest open window starts at most a hop after W - size.
		if _, held := p.Open(); held > 5+2 {
			t.Fatalf("at %d: %d slices are held", at, held)
		}
		oldest := 2 * p.null.first.slice(0).number
		if start := int64(p.specs[0].Span(p.specs[0].frozen + 1).Start); oldest < start {
			t.Fatalf("at %d: a slice from %d is held, the oldest open window starts at %d", at, oldest, start)
		}
	}
}

// A record that makes very many windows due at once takes no more memory than
// another: the partition stops at a burst, and goes on when that was reported.
func TestBursts(t *testing.T) {
	const burst = 100
	cfg := PartitionConfig{Specs: []Spec{{Size: 86_400_000, Hop: 1000}}, Burst: burst}
	p, asm := NewPartition(cfg), NewAssembler(cfg)
	asm.Assign(PartitionID{}, true, false)
	p.Observe(0)
	p.Add(nil, 0, &Place{}, nil)
	p.Finish()
	var ends []Time
	for more := true; more; {
		r := p.Report()
		more = p.More()
		if n := len(r.Frozen); n > burst || r.Finished == more {
			t.Fatalf("%d shares in a report, finished %v with more to come: %v", n, r.Finished, more)
		}
		asm.Report(0, r)
		for _, pane := range asm.Advance(nil) {
			ends = append(ends, pane.End)
		}
	}
	if len(ends) != 86_400 || !slices.IsSorted(ends) || asm.Watermark() != MaxTime || len(asm.pending) != 0 {
		t.Errorf("%d windows, watermark %v, %d left", len(ends), asm.Watermark(), len(asm.pending))
	}
}
