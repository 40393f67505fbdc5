package window

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A record whose key and slice are known allocates nothing, in every spec it
// belongs to, in time or late.
func TestAddDoesNotAllocate(t *testing.T) {
	p := NewPartition(PartitionConfig{
		Specs:          []Spec{{Size: 60_000, Hop: 100}, {Size: 10_000, Hop: 10_000, Step: 1000}},
		Series:         []string{"a", "b"},
		OutOfOrderness: 30_000,
	})
	keys := benchKeys(50)
	values := []float64{1, 2}
	n := 0
	add := func() {
		at := Time(50_000 + n%10_000)
		p.Observe(at)
		p.Add(keys[n/7%len(keys)], at, &Place{Offset: int64(n), HasLag: true, Lag: 0}, values)
		p.Add(nil, at-40_000, &Place{Offset: int64(n)}, values) // late or partly late
		n += 37
	}
	for range 300_000 {
		add()
	}
	if got := testing.AllocsPerRun(10_000, add); got != 0 {
		t.Errorf("%v allocations a record", got)
	}
}

func TestIsFuture(t *testing.T) {
	p := NewPartition(PartitionConfig{MaxFuture: 300_000})
	for _, test := range []struct {
		event Time
		kafka int64
		want  bool
	}{
		{1_300_000, 1_000_000, false},
		{1_300_001, 1_000_000, true},
		{300_001, 0, true},
		{MaxEventTime, -1, false}, // no Kafka timestamp: nothing can be said
		{MinEventTime, 1_000_000, false},
		{MaxEventTime, int64(MaxTime), false},
	} {
		if got := IsFuture(test.event, test.kafka, p.cfg.MaxFuture); got != test.want {
			t.Errorf("event time %d beside %d: %v", test.event, test.kafka, got)
		}
	}
}

// A watermark that is exactly an end closes the window; one millisecond less
// does not.
func TestWindowClosesAtItsEnd(t *testing.T) {
	p := NewPartition(PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10}}, OutOfOrderness: 3})
	for _, s := range []struct {
		at     Time
		frozen int
		want   Verdict
	}{
		{0, 0, Verdict{Of: 1}},
		{12, 0, Verdict{Of: 1}}, // W = 9
		{9, 0, Verdict{Of: 1}},
		{13, 1, Verdict{Of: 1}}, // W = 10
		{9, 0, Verdict{Lost: 1, Of: 1}},
		{10, 0, Verdict{Of: 1}},
	} {
		p.Observe(s.at)
		frozen := p.Report().Frozen
		if got := p.Add(nil, s.at, &Place{}, nil); got != s.want || len(frozen) != s.frozen {
			t.Errorf("at %d: %+v and %d frozen, want %+v and %d", s.at, got, len(frozen), s.want, s.frozen)
		}
	}
}

// The two examples of the package comment.
func TestPackageComment(t *testing.T) {
	p := NewPartition(PartitionConfig{Specs: []Spec{{Size: 8, Hop: 4}}, OutOfOrderness: 3})
	for _, s := range []struct {
		at, watermark Time
		frozen        []Span
		count         int64
		want          Verdict
	}{
		{2, -1, nil, 0, Verdict{Of: 2}},
		{5, 2, nil, 0, Verdict{Of: 2}},
		{4, 2, nil, 0, Verdict{Of: 2}},
		{9, 6, []Span{{-4, 4}}, 1, Verdict{Of: 2}},
		{11, 8, []Span{{0, 8}}, 3, Verdict{Of: 2}},
		{3, 8, nil, 0, Verdict{Lost: 2, Of: 2}},
		{6, 8, nil, 0, Verdict{Lost: 1, Of: 2}},
	} {
		p.Observe(s.at)
		var frozen []Span
		var count int64
		for _, f := range p.Report().Frozen {
			frozen = append(frozen, p.specs[0].Span(f.Number))
			count += f.Shares[0].Count
		}
		v := p.Add(nil, s.at, &Place{}, nil)
		if p.Watermark() != s.watermark || !slices.Equal(frozen, s.frozen) || count != s.count || v != s.want {
			t.Errorf("event %d: watermark %d, frozen %v with %d records, verdict %+v; want %+v", s.at, int64(p.Watermark()), frozen, count, v, s)
		}
	}

	logs := []partitionLog{{fromBeginning: true}, {id: PartitionID{Partition: 1}, fromBeginning: true}}
	for part, times := range [][]Time{{1, 12, 3}, {2, 4, 15}} {
		for offset, at := range times {
			place := Place{Offset: int64(offset)}
			logs[part].records = append(logs[part].records, logged{part: int32(part), time: at, at: place, values: []float64{float64(at)}})
		}
	}
	cfg := PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10}}, Series: []string{"v"}}
	rng := rand.New(rand.NewPCG(1, 12))
	for range 20 {
		r := replay(t, cfg, logs, shuffled(logs, rng), rng, 0.5)
		if p := r.panes[0]; p.Count != 3 || p.Sum() != 1+2+4 {
			t.Errorf("[0, 10) has %d records with the sum %v", p.Count, p.Sum())
		}
	}
}
