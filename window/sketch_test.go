package window

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// manyQuantiles are quantiles at and between the ranks of few values.
var manyQuantiles = []float64{0, 0.001, 0.05, 0.25, 0.29, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999, 1}

// sketched adds values one by one, with quantiles asked for.
func sketched(values []float64) (a Aggregate) {
	spec := AggregateSpec{Quantiles: manyQuantiles}
	for i, v := range values {
		a.Add(Sample{Time: Time(i), Offset: int64(i), Value: v})
		a.sketch(&spec, v, nil)
	}
	return a
}

// numbers reads what is asked of an Aggregate, off a copy of its sketches.
func numbers(spec AggregateSpec, a Aggregate) ([]float64, []int64) {
	if a.sketches != nil {
		a.sketches = a.sketches.copy()
	}
	return spec.read(&a)
}

// checkQuantiles compares quantiles with the order statistics of the values:
// each is near a value that lies at its rank or between the two beside it.
func checkQuantiles(t testing.TB, values, quantiles []float64) {
	t.Helper()
	sorted := slices.Sorted(slices.Values(values))
	// The range in which relative error can be promised.
	const least, most = 2.3e-308, 1.2e308
	slack := func(x float64) float64 {
		switch size := math.Abs(x); {
		case size < least:
			return least
		case size > most:
			return size - most + most*QuantileError
		default:
			return size * QuantileError
		}
	}
	for i, q := range manyQuantiles {
		got := quantiles[i]
		rank := q * float64(len(sorted)-1)
		low, high := sorted[int(math.Floor(rank))], sorted[int(math.Ceil(rank))]
		switch {
		case math.IsNaN(got) || got < sorted[0] || got > sorted[len(sorted)-1]:
			t.Errorf("p%v of %d values is %v, outside of [%v, %v]", q*100, len(sorted), got, sorted[0], sorted[len(sorted)-1])
		case got < low-slack(low) || got > high+slack(high):
			t.Errorf("p%v of %d values is %v, want one of %v to %v", q*100, len(sorted), got, low, high)
		case q == 0 && got != sorted[0] || q == 1 && got != sorted[len(sorted)-1]:
			t.Errorf("p%v is %v, want exactly the end of %v to %v", q*100, got, sorted[0], sorted[len(sorted)-1])
		case i > 0 && got < quantiles[i-1]:
			t.Errorf("p%v is %v, less than p%v, %v", q*100, got, manyQuantiles[i-1]*100, quantiles[i-1])
		}
	}
}

func TestQuantilesAreNearTheOrderStatistics(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	spec := AggregateSpec{Quantiles: manyQuantiles}
	for _, n := range []int{1, 2, 3, 10, 101, 2000} {
		data := hardData(rng, n)
		for i := range n {
			data["any bits"] = append(data["any bits"], finite(rng.Uint64()))
			data["ends"] = append(data["ends"], pick(rng, 0, math.Copysign(0, -1), 5e-324, -5e-324, 1e-308, -1e-308,
				2.3e-308, 1, -1, 1e308, 1.25e308, -1.25e308, math.MaxFloat64, -math.MaxFloat64))
			data["around 0"] = append(data["around 0"], float64(i%7-3)*1e-3)
		}
		for name, values := range data {
			t.Run(fmt.Sprintf("%s/%d", name, n), func(t *testing.T) {
				quantiles, distinct := numbers(spec, sketched(values))
				if distinct != nil {
					t.Errorf("distinct counts %v that nobody asked for", distinct)
				}
				checkQuantiles(t, values, quantiles)
			})
		}
	}
}

// finite is the number with those bits, or one near if they are none.
func finite(bits uint64) float64 {
	x := math.Float64frombits(bits)
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return math.Float64frombits(bits &^ (1 << 62))
	}
	return x
}

func TestQuantilesOfFewValues(t *testing.T) {
	spec := AggregateSpec{Quantiles: []float64{0, 0.5, 0.99, 1}}
	for _, c := range []struct{ values, want []float64 }{
		{nil, []float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}},
		{[]float64{21.54321}, []float64{21.54321, 21.54321, 21.54321, 21.54321}},
		{[]float64{2, 1}, []float64{1, 1, 2, 2}},
		{[]float64{3, 3, 3}, []float64{3, 3, 3, 3}},
		{[]float64{-1e-308, 1e-308, 0}, []float64{-1e-308, 0, 1e-308, 1e-308}},
		{[]float64{math.MaxFloat64, math.MaxFloat64, math.MaxFloat64}, slices.Repeat([]float64{math.MaxFloat64}, 4)},
	} {
		if got, _ := numbers(spec, sketched(c.values)); !cmp.Equal(got, c.want, cmpopts.EquateNaNs()) {
			t.Errorf("quantiles %v of %v are %v, want %v", spec.Quantiles, c.values, got, c.want)
		}
	}
}

// counting is an Aggregate with the distinct values of one field.
func counting(values [][]byte) (a Aggregate) {
	spec := AggregateSpec{Distinct: 1}
	for _, v := range values {
		a.Add(Sample{})
		a.sketch(&spec, 0, [][]byte{v})
	}
	return a
}

// ids are n different values.
func ids(seed, n int) [][]byte {
	values := make([][]byte, n)
	for i := range values {
		values[i] = fmt.Appendf(nil, "s%d-%d", seed, i)
	}
	return values
}

func TestDistinctCounts(t *testing.T) {
	for seed := range 5 {
		for _, n := range []int{0, 1, 2, 10, 99, 1000, 6000, 12_000, 100_000} {
			values := ids(seed, n)
			values = append(values, values[:n/2]...)
			values = append(values, nil) // missing, and not counted
			_, got := numbers(AggregateSpec{Distinct: 1}, counting(values))
			within := 3 * DistinctError * float64(n)
			if n < 100 {
				within = 0
			}
			if math.Abs(float64(got[0])-float64(n)) > within {
				t.Errorf("%d distinct values are counted as %d", n, got[0])
			}
		}
	}
}

// However the records are cut into parts and these are merged, the numbers are
// the same: the form of the sketches changes with their size on the way.
func TestMergeTreesGiveTheSameNumbers(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 15))
	spec := AggregateSpec{Quantiles: manyQuantiles, Distinct: 2}
	for _, n := range []int{1, 10, 70, 400, 5000, 20_000} {
		records := make([]contribution, n)
		for i := range records {
			x := rng.NormFloat64() * math.Pow(10, float64(rng.IntN(6)))
			id := rng.IntN(n)
			records[i] = contribution{value: x, rec: &logged{time: Time(i), at: Place{Offset: int64(i), Distinct: [][]byte{
				strconv.AppendInt(nil, int64(id), 10), strconv.AppendInt(nil, int64(id%50), 10),
			}}}}
		}
		one := merged(&spec, records, rng, n)
		quantiles, distinct := numbers(spec, one)
		for range 5 {
			parts := 1 + rng.IntN(min(n, 40))
			tree := merged(&spec, records, rng, parts)
			gotQuantiles, gotDistinct := numbers(spec, tree)
			if !slices.Equal(gotQuantiles, quantiles) || !slices.Equal(gotDistinct, distinct) {
				t.Fatalf("%d records in %d parts: %v %v, want %v %v", n, parts, gotQuantiles, gotDistinct, quantiles, distinct)
			}
		}
	}
}

// merged deals the records to as many parts and merges these in a random tree.
// None of the parts is changed by it.
func merged(spec *AggregateSpec, records []contribution, rng *rand.Rand, parts int) Aggregate {
	forest := make([]Aggregate, parts)
	for _, i := range rng.Perm(len(records)) {
		c, a := records[i], &forest[rng.IntN(parts)]
		a.Add(Sample{Time: c.rec.time, Offset: c.rec.at.Offset, Value: c.value})
		a.sketch(spec, c.value, c.rec.at.Distinct)
	}
	for len(forest) > 1 {
		i := rng.IntN(len(forest) - 1)
		forest[i].Merge(&forest[i+1])
		forest = slices.Delete(forest, i+1, i+2)
	}
	return forest[0]
}

// A copy of an Aggregate that was shared does not change with the original, nor
// the other way round.
func TestSharedSketchesAreNotWritten(t *testing.T) {
	spec := AggregateSpec{Quantiles: manyQuantiles, Distinct: 1}
	fill := func(a *Aggregate, from, to int) {
		for i := from; i < to; i++ {
			a.Add(Sample{Time: Time(i), Offset: int64(i), Value: float64(i*i%977) - 100})
			a.sketch(&spec, float64(i*i%977)-100, [][]byte{strconv.AppendInt(nil, int64(i), 10)})
		}
	}
	for _, n := range []int{1, 5, 100, 2000, 12_000} {
		var original, other Aggregate
		fill(&original, 0, n)
		fill(&other, n, 3*n)
		wantQuantiles, wantDistinct := numbers(spec, original)
		unchanged := func(what string, a Aggregate) {
			t.Helper()
			quantiles, distinct := numbers(spec, a)
			if !slices.Equal(quantiles, wantQuantiles) || !slices.Equal(distinct, wantDistinct) {
				t.Errorf("%d records, %s: %v %v, want %v %v", n, what, quantiles, distinct, wantQuantiles, wantDistinct)
			}
		}
		original.share()
		copied := original
		held := copied.sketches
		fill(&original, n, 2*n)
		unchanged("after the original has grown", copied)
		grown := copied
		fill(&grown, n, 2*n)
		unchanged("after another copy has grown", copied)
		grown = copied
		grown.Merge(&other)
		unchanged("after another copy was merged into", copied)
		var empty Aggregate
		empty.Merge(&copied)
		empty.Merge(&other)
		unchanged("after an empty one took it over", copied)
		other.Merge(&copied)
		unchanged("after it was merged", copied)
		if copied.sketches != held {
			t.Errorf("%d records: the copy was given other sketches", n)
		}
		var alone, taken Aggregate
		fill(&alone, 0, n)
		taken.Merge(&alone)
		taken.Merge(&other)
		unchanged("unshared, after an empty one took it over", alone)
	}
}

// What an Assembler makes of shares leaves them as they are: they are merged
// again for another revision.
func TestAssemblingLeavesShares(t *testing.T) {
	cfg := aggregateConfig()
	logs := aggregateLogs(rand.New(rand.NewPCG(2, 7)), false)
	asm := NewAssembler(cfg)
	var shares []Aggregate
	var before [][]float64
	for i, l := range logs {
		asm.Assign(l.id, true, false)
		p := NewPartition(cfg)
		for _, rec := range l.records {
			p.Observe(rec.time)
			p.Add(rec.key, rec.time, &rec.at, rec.values)
		}
		p.Finish()
		r := p.Report()
		for _, f := range r.Frozen {
			quantiles, _ := numbers(cfg.Aggregates, f.Shares[0].Aggregate)
			shares, before = append(shares, f.Shares[0].Aggregate), append(before, quantiles)
		}
		asm.Report(i, r)
	}
	if panes := asm.Advance(nil); len(panes) == 0 {
		t.Fatal("no panes")
	}
	for i, share := range shares {
		if quantiles, _ := numbers(cfg.Aggregates, share); !slices.Equal(quantiles, before[i]) {
			t.Errorf("share %d is %v, was %v", i, quantiles, before[i])
		}
	}
}

// aggregateConfig asks for everything.
func aggregateConfig() PartitionConfig {
	return PartitionConfig{
		Specs: []Spec{{Size: 100, Hop: 20}}, Series: []string{"v"}, OutOfOrderness: 30,
		Aggregates: AggregateSpec{Quantiles: manyQuantiles, Distinct: 1},
	}
}

// A record that comes late for one window and in time for the next, into a
// slice that both hold, does not change the share of the first.
func TestSharesDoNotChange(t *testing.T) {
	cfg := aggregateConfig()
	p := NewPartition(cfg)
	add := func(at Time, offset int, x float64) {
		p.Observe(at)
		p.Add(nil, at, &Place{Offset: int64(offset), Distinct: [][]byte{strconv.AppendInt(nil, int64(offset), 10)}}, []float64{x})
	}
	// Window [0, 100) has a single slice with records, so its share is that
	// slice's aggregate.
	for i := range 70 {
		add(85, i, float64(i))
	}
	add(131, 70, 1)
	r := p.Report()
	share := func() Aggregate {
		last := r.Frozen[len(r.Frozen)-1]
		if last.Number != 0 || len(last.Shares) != 1 {
			t.Fatalf("the last window frozen is %+v", last)
		}
		return last.Shares[0].Aggregate
	}
	quantiles, distinct := numbers(cfg.Aggregates, share())
	for i := range 100 {
		add(86, 1000+i, 1e6)
	}
	if live := p.null.first.slice(0); live.Count != 170 {
		t.Fatalf("the slice has %d records: the late ones did not come into it", live.Count)
	}
	gotQuantiles, gotDistinct := numbers(cfg.Aggregates, share())
	if !slices.Equal(gotQuantiles, quantiles) || !slices.Equal(gotDistinct, distinct) {
		t.Errorf("the share is %v %v after a late record, was %v %v", gotQuantiles, gotDistinct, quantiles, distinct)
	}
	if distinct[0] != 70 || quantiles[len(quantiles)-1] != 69 {
		t.Errorf("the share has %d distinct values up to %v", distinct[0], quantiles[len(quantiles)-1])
	}
	// The next window has them.
	p.Finish()
	for _, f := range p.Report().Frozen {
		if _, distinct := numbers(cfg.Aggregates, f.Shares[0].Aggregate); f.Number == 1 && distinct[0] != 170 {
			t.Errorf("the next window has %d distinct values", distinct[0])
		}
	}
}

// A tree over slices with sketches gives what the slices give, whatever was
// folded, changed or evicted before: where reading began does not matter.
func TestTreeChangesNoSketch(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 3))
	spec := AggregateSpec{Quantiles: manyQuantiles, Distinct: 1}
	const size = 4 * minShared
	l := lane{tree: &tree{long: true}}
	held := map[int64][]float64{}
	for from := range int64(300) {
		for range 1 + rng.IntN(3) {
			number := from + size - 1
			if rng.IntN(4) == 0 {
				number = from + rng.Int64N(size)
			}
			x := math.Trunc(rng.ExpFloat64() * 50)
			l.forget(number)
			c := l.at(number)
			c.reach(from)
			c.Add(Sample{Time: Time(number), Offset: from, Value: x})
			c.sketch(&spec, x, [][]byte{strconv.AppendFloat(nil, x, 'g', -1, 64)})
			held[number] = append(held[number], x)
		}
		var got, want slice
		within := l.between(from, from+size)
		l.fold(within, from, from+size, &got)
		(*tree)(nil).fold(within, from, from+size, &want)
		quantiles, distinct := numbers(spec, got.Aggregate)
		wantQuantiles, wantDistinct := numbers(spec, want.Aggregate)
		if !slices.Equal(quantiles, wantQuantiles) || !slices.Equal(distinct, wantDistinct) {
			t.Fatalf("[%d, %d): %v %v, without a tree %v %v", from, from+size, quantiles, distinct, wantQuantiles, wantDistinct)
		}
		var values []float64
		different := map[float64]bool{}
		for n := from; n < from+size; n++ {
			values = append(values, held[n]...)
			for _, x := range held[n] {
				different[x] = true
			}
		}
		checkQuantiles(t, values, quantiles)
		if distinct[0] != int64(len(different)) {
			t.Fatalf("[%d, %d): %d distinct values, want %d", from, from+size, distinct[0], len(different))
		}
		l.evict(from + 1)
	}
}

// Panes have the numbers of their records, in whatever order partitions are
// read; all they have of records that are merely counted is what is distinct.
func TestPanesHaveAggregates(t *testing.T) {
	for _, counted := range []bool{false, true} {
		rng := rand.New(rand.NewPCG(6, 28))
		cfg := aggregateConfig()
		if counted {
			cfg.Series = nil
		}
		logs := aggregateLogs(rng, counted)
		var want []*Pane
		for _, order := range []schedule{sequential(logs), reversed(logs), roundRobin(logs), shuffled(logs, rng), shuffled(logs, rng)} {
			got := replay(t, cfg, logs, order, rng, 0.3).panes
			if want == nil {
				want = got
				continue
			}
			for i := range want {
				diff := cmp.Diff([]any{want[i].Quantiles, want[i].Distinct}, []any{got[i].Quantiles, got[i].Distinct}, cmpopts.EquateNaNs())
				if diff != "" {
					t.Fatalf("window %v: %s", want[i].Span, diff)
				}
			}
		}
		for _, p := range want {
			checkPane(t, p, logs)
		}
	}
}

// A late record is in the final pane of its window and not in the on-time one,
// and a window without records has no quantile, and nothing distinct.
func TestEveryFiringHasAggregates(t *testing.T) {
	cfg := PartitionConfig{
		Specs: []Spec{{Size: 100, Hop: 100}}, Series: []string{"v"}, AllowedLateness: 100, Empty: true, History: 5,
		Aggregates: AggregateSpec{Quantiles: []float64{0, 0.5, 1}, Distinct: 1},
	}
	p, asm := NewPartition(cfg), NewAssembler(cfg)
	asm.Assign(PartitionID{Topic: "t"}, true, false)
	var got []string
	for i, rec := range []struct {
		at Time
		x  float64
	}{{10, 3}, {20, 1}, {100, 9}, {30, 5}, {40, 5}, {200, math.NaN()}, {300, math.NaN()}, {350, 2}, {400, 2}} {
		p.Observe(rec.at)
		p.Add(nil, rec.at, &Place{Offset: int64(i), Distinct: [][]byte{strconv.AppendFloat(nil, rec.x, 'g', -1, 64)}}, []float64{rec.x})
		asm.Report(0, p.Report())
		for _, pane := range asm.Advance(nil) {
			got = append(got, fmt.Sprintf("%d.%d %.2g %d", pane.Start, pane.Revision, pane.Quantiles, pane.Distinct))
		}
	}
	want := []string{
		"0.0 [1 1 3] [2]",
		"0.1 [1 3 5] [3]",
		"100.0 [9 9 9] [1]",
		"200.0 [NaN NaN NaN] [0]",
		"300.0 [2 2 2] [1]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// aggregateLogs are partitions of one key, all of whose records are in time.
func aggregateLogs(rng *rand.Rand, counted bool) []partitionLog {
	logs := make([]partitionLog, 3)
	for i := range logs {
		logs[i] = partitionLog{id: PartitionID{Topic: "t", Partition: int32(i)}, fromBeginning: true}
		for n := range 200 {
			rec := logged{part: int32(i), time: Time(n*3) + Time(rng.Int64N(20)), at: Place{
				Offset: int64(n), Distinct: [][]byte{strconv.AppendInt(nil, rng.Int64N(40), 10)},
			}}
			if rng.IntN(5) == 0 {
				rec.at.Distinct[0] = nil
			}
			if !counted {
				rec.values = []float64{rng.NormFloat64() * 30}
			}
			logs[i].records = append(logs[i].records, rec)
		}
	}
	return logs
}

func checkPane(t *testing.T, p *Pane, logs []partitionLog) {
	t.Helper()
	var values []float64
	different := map[string]bool{}
	for _, l := range logs {
		for _, r := range l.records {
			if r.time < p.Start || r.time >= p.End {
				continue
			}
			values = append(values, r.values...)
			if r.at.Distinct[0] != nil {
				different[string(r.at.Distinct[0])] = true
			}
		}
	}
	if len(p.Distinct) != 1 || p.Distinct[0] != int64(len(different)) {
		t.Errorf("window %v has %v distinct values, want %d", p.Span, p.Distinct, len(different))
	}
	if got, want := p.Rate(), float64(p.Count)*10; got != want {
		t.Errorf("window %v has %d records in 100 ms and a rate of %v, want %v", p.Span, p.Count, got, want)
	}
	if !p.Counted {
		checkQuantiles(t, values, p.Quantiles)
		return
	}
	if len(p.Quantiles) != len(manyQuantiles) || !math.IsNaN(p.Quantiles[0]) {
		t.Errorf("window %v of counted records has quantiles %v", p.Span, p.Quantiles)
	}
}

// What is known already costs no memory.
func TestSketchesDoNotAllocateInSteadyState(t *testing.T) {
	spec := AggregateSpec{Quantiles: manyQuantiles, Distinct: 1}
	var c slice
	values := ids(1, 100)
	distinct := make([][]byte, 1)
	n := 0
	add := func() {
		distinct[0] = values[n%len(values)]
		c.Add(Sample{Value: float64(n%100) / 100})
		c.sketch(&spec, float64(n%100)/100, distinct)
		n++
	}
	for range 10_000 {
		add()
	}
	if allocated := testing.AllocsPerRun(1000, add); allocated != 0 {
		t.Errorf("%v allocations a record", allocated)
	}
}

// The estimate of the memory of a slice is near what slices take.
func TestBytes(t *testing.T) {
	if n := (AggregateSpec{}).Bytes(); n != 0 {
		t.Errorf("nothing takes %d bytes", n)
	}
	for _, spec := range []AggregateSpec{
		{Quantiles: []float64{0.5}}, {Distinct: 1}, {Quantiles: manyQuantiles, Distinct: 3},
	} {
		const held = 1000
		sketches := make([]slice, held)
		values := ids(0, 50)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range sketches {
			for n, v := range values {
				x := 20 + float64(n)/50
				sketches[i].Add(Sample{Value: x})
				sketches[i].sketch(&spec, x, slices.Repeat([][]byte{v}, spec.Distinct))
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		taken := int(after.HeapAlloc-before.HeapAlloc) / held
		if estimate := spec.Bytes(); taken > 2*estimate || taken < estimate/2 {
			t.Errorf("%+v: %d bytes a slice, estimated %d", spec, taken, estimate)
		}
		runtime.KeepAlive(sketches)
	}
}

// Sketches count as memory, in slices and in shares that wait, and are foreseen
// for a key; counted records have none for quantiles.
func TestSketchesCountAsMemory(t *testing.T) {
	spec := AggregateSpec{Quantiles: []float64{0.5}, Distinct: 2}
	for _, c := range []struct {
		series []string
		more   AggregateSpec
	}{{[]string{"v"}, spec}, {nil, AggregateSpec{Distinct: 2}}} {
		bytes := func(asked AggregateSpec) (held, waiting, key int64) {
			cfg := PartitionConfig{Specs: []Spec{{Size: 100, Hop: 100}}, Series: c.series, Aggregates: asked}
			p, asm := NewPartition(cfg), NewAssembler(cfg)
			asm.Assign(PartitionID{Topic: "t"}, true, false)
			asm.Assign(PartitionID{Topic: "t", Partition: 1}, true, false)
			values := make([]float64, len(c.series))
			p.Observe(10)
			p.Add(nil, 10, &Place{Distinct: make([][]byte, asked.Distinct)}, values)
			held = p.Bytes()
			p.Finish()
			asm.Report(0, p.Report())
			return held, asm.Bytes(), cfg.KeyBytes()
		}
		held, waiting, key := bytes(AggregateSpec{})
		moreHeld, moreWaiting, moreKey := bytes(spec)
		each := int64(c.more.Bytes())
		if moreHeld-held != each || moreWaiting-waiting != each || moreKey-key != 2*each {
			t.Errorf("series %v: %d, %d and %d bytes more, want %d, for a key twice that",
				c.series, moreHeld-held, moreWaiting-waiting, moreKey-key, each)
		}
	}
}

// FuzzSketches takes values from bytes, and where to cut them, and holds the
// numbers against naive ones, and those of parts against those of the whole.
func FuzzSketches(f *testing.F) {
	f.Add([]byte{1, 2, 3}, uint64(1))
	f.Add(binary.LittleEndian.AppendUint64(nil, math.Float64bits(1e308)), uint64(2))
	f.Add(slices.Repeat([]byte{0xff, 0xef, 7}, 300), uint64(3))
	f.Add(make([]byte, 500), uint64(4))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 1))
		spec := AggregateSpec{Quantiles: manyQuantiles, Distinct: 1}
		var records []contribution
		var values []float64
		different := map[string]bool{}
		for len(data) > 0 && len(records) < 2000 {
			var bits [8]byte
			n := copy(bits[:], data[:min(len(data), 1+rng.IntN(8))])
			data = data[n:]
			x := finite(binary.BigEndian.Uint64(bits[:]))
			records = append(records, contribution{value: x, rec: &logged{at: Place{Distinct: [][]byte{bits[:n:n]}}}})
			values = append(values, x)
			different[string(bits[:n])] = true
		}
		if len(records) == 0 {
			return
		}
		whole := merged(&spec, records, rng, 1)
		quantiles, distinct := numbers(spec, whole)
		checkQuantiles(t, values, quantiles)
		if off := math.Abs(float64(distinct[0]) - float64(len(different))); off > 1+3*DistinctError*float64(len(different)) {
			t.Errorf("%d distinct values are counted as %d", len(different), distinct[0])
		}
		gotQuantiles, gotDistinct := numbers(spec, merged(&spec, records, rng, 1+rng.IntN(len(records))))
		if !slices.Equal(gotQuantiles, quantiles) || !slices.Equal(gotDistinct, distinct) {
			t.Errorf("in parts %v %v, whole %v %v", gotQuantiles, gotDistinct, quantiles, distinct)
		}
	})
}
