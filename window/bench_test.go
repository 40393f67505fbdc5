package window

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"
)

// benchKeys are n keys.
func benchKeys(n int) [][]byte {
	keys := make([][]byte, n)
	for i := range keys {
		keys[i] = []byte("sensor-" + strconv.Itoa(i))
	}
	return keys
}

// BenchmarkAdd is what a record costs: Observe and Add in front of a minute
// full of slices, one record in eight 2 s out of order. Event time stands, so
// nothing is frozen: see BenchmarkStream. A steady state does not allocate, and
// overlap (size/hop) hardly matters.
func BenchmarkAdd(b *testing.B) {
	const minute = 60_000
	for _, keys := range []int{1, 200, 10_000} {
		names := benchKeys(keys)
		for _, overlap := range []Duration{1, 10, 100, 600} {
			b.Run(fmt.Sprintf("keys=%d/overlap=%d", keys, overlap), func(b *testing.B) {
				hop := minute / overlap
				p := NewPartition(PartitionConfig{
					Specs:          []Spec{{Size: minute, Hop: hop, Step: DefaultStep(minute, hop)}},
					Series:         []string{"v"},
					OutOfOrderness: 2 * minute,
				})
				values := []float64{0}
				add := func(n int, at Time) {
					values[0] = float64(n & 1023)
					p.Observe(at)
					p.Add(names[n%keys], at, &Place{Offset: int64(n), Lag: 5, HasLag: true, Clock: ClockAppend}, values)
				}
				recent := func(n int) Time {
					if n%8 == 0 {
						return minute - 2000
					}
					return minute - 100 + Time(n%100)
				}
				for n := range 2 * minute {
					add(n, Time(n%minute))
				}
				for n := range 8 * keys { // every slice that will be needed is there
					add(n/8, recent(n%8*100))
					add(n/8, minute-1)
				}
				b.ReportAllocs()
				n := 0
				for b.Loop() {
					add(n, recent(n))
					n++
				}
			})
		}
	}
}

// BenchmarkAddSketched is what a record costs if more is asked of it.
func BenchmarkAddSketched(b *testing.B) {
	const keys = 200
	names, values := benchKeys(keys), benchKeys(5000)
	for _, c := range []struct {
		name  string
		asked AggregateSpec
	}{
		{"plain", AggregateSpec{}},
		{"quantiles", AggregateSpec{Quantiles: []float64{0.5, 0.99}}},
		{"distinct", AggregateSpec{Distinct: 1}},
		{"both", AggregateSpec{Quantiles: []float64{0.5, 0.99}, Distinct: 1}},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := NewPartition(PartitionConfig{
				Specs: []Spec{{Size: 10_000, Hop: 1000}}, Series: []string{"v"}, OutOfOrderness: 20_000, Aggregates: c.asked,
			})
			number, distinct := []float64{0}, make([][]byte, c.asked.Distinct)
			add := func(n int) {
				at := Time(n % 10_000)
				number[0] = float64(n & 1023)
				for i := range distinct {
					distinct[i] = values[n%len(values)]
				}
				p.Observe(at)
				p.Add(names[n%keys], at, &Place{Offset: int64(n), Distinct: distinct}, number)
			}
			for n := range 1_000_000 { // every bin and value that will be needed is there
				add(n)
			}
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				add(n)
				n++
			}
		})
	}
}

// BenchmarkYardstick is the least that a record can cost: one map look-up and
// one update of an accumulator.
func BenchmarkYardstick(b *testing.B) {
	for _, keys := range []int{1, 200, 10_000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			names := benchKeys(keys)
			groups := make(map[string]*Aggregate)
			for _, k := range names {
				groups[string(k)] = new(Aggregate)
			}
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				groups[string(names[n%keys])].Add(Sample{Time: Time(n), Offset: int64(n), Value: float64(n & 1023)})
				n++
			}
		})
	}
}

// BenchmarkStream is a record's share of everything, freezing, reporting and
// assembling included: 1 ms of event time a record, 2 s out of order.
func BenchmarkStream(b *testing.B) {
	for _, keys := range []int{1, 200, 10_000} {
		names := benchKeys(keys)
		for _, overlap := range []Duration{1, 10, 100, 600} {
			b.Run(fmt.Sprintf("keys=%d/overlap=%d", keys, overlap), func(b *testing.B) {
				const size = 60_000
				cfg := PartitionConfig{Specs: []Spec{{Size: size, Hop: size / overlap}}, Series: []string{"v"}, OutOfOrderness: 2000}
				p, asm := NewPartition(cfg), NewAssembler(cfg)
				asm.Assign(PartitionID{Topic: "t"}, true, false)
				values := []float64{0}
				var panes []*Pane
				fired := 0
				b.ReportAllocs()
				n := 0
				for b.Loop() {
					values[0] = float64(n & 1023)
					p.Observe(Time(n))
					p.Add(names[n%keys], Time(n), &Place{Offset: int64(n)}, values)
					if n%1000 == 999 {
						asm.Report(0, p.Report())
						panes = asm.Advance(panes[:0])
						fired += len(panes)
					}
					n++
				}
				b.ReportMetric(float64(fired)/float64(n), "panes/op")
			})
		}
	}
}

// BenchmarkFreeze is what one share costs to take: the time for a window that is
// frozen, by the 100 keys of it. The slices are filled beforehand; each window
// then begins a hop later than the one before, as they do in a stream.
func BenchmarkFreeze(b *testing.B) {
	const size, keys, windows = 60_000, 100, 2000
	names := benchKeys(keys)
	for _, overlap := range []Duration{1, 10, 100, 600} {
		for _, steps := range []Duration{0, 10} {
			b.Run(fmt.Sprintf("overlap=%d/steps=%d", overlap, steps), func(b *testing.B) {
				hop := size / overlap
				spec := Spec{Size: size, Hop: hop}
				if steps > 0 {
					spec.Step = size / steps
				}
				span := size + Time(hop)*windows
				cfg := PartitionConfig{Specs: []Spec{spec}, Series: []string{"v"}, OutOfOrderness: Duration(span)}
				fill := func() *Partition {
					p := NewPartition(cfg)
					for at := Time(0); at < span; at += Time(gcd(hop, size)) {
						p.Observe(at)
						for _, k := range names {
							p.Add(k, at, &Place{Offset: int64(at)}, []float64{1})
						}
					}
					return p
				}
				var p *Partition
				end := Time(0)
				shares := 0
				b.ReportAllocs()
				for b.Loop() {
					if p == nil || end+Time(hop) > span {
						b.StopTimer()
						p = fill()
						p.Observe(span + size - 1) // the windows that begin before 0
						p.Report()
						end = size
						b.StartTimer()
					}
					p.Observe(span + end)
					for _, f := range p.Report().Frozen {
						shares += len(f.Shares)
						partShares{shares: f.Shares}.release()
					}
					end += Time(hop)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(shares), "ns/share")
			})
		}
	}
}

// BenchmarkOpen is the memory that open windows take: of a partition with so
// many keys, each with a record in every slice, by open window and key.
func BenchmarkOpen(b *testing.B) {
	const size, keys = 60_000, 1000
	names := benchKeys(keys)
	for _, overlap := range []Duration{1, 10, 100, 600} {
		b.Run(fmt.Sprintf("overlap=%d", overlap), func(b *testing.B) {
			hop := size / overlap
			cfg := PartitionConfig{Specs: []Spec{{Size: size, Hop: hop}}, Series: []string{"v"}, OutOfOrderness: 2000}
			var bytes, held, open float64
			for b.Loop() {
				before := heapInUse()
				p := NewPartition(cfg)
				for at := Time(0); at < 3*size; at += Time(hop) {
					p.Observe(at)
					for _, k := range names {
						p.Add(k, at, &Place{Offset: int64(at)}, []float64{1})
					}
					for _, f := range p.Report().Frozen {
						partShares{shares: f.Shares}.release()
					}
				}
				bytes = heapInUse() - before
				_, n := p.Open()
				held, open = float64(n), float64(keys*(int(overlap)+2000/int(hop)))
			}
			b.ReportMetric(bytes/open, "B/(key,window)")
			b.ReportMetric(bytes/held, "B/slice")
		})
	}
}

// heapInUse is what is in use after a collection.
func heapInUse() float64 {
	runtime.GC()
	runtime.GC() // what was in pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// Keys that come and go without end, and late records among them, take no more
// memory after a long time than after a short one.
func TestMemoryIsFlat(t *testing.T) {
	cfg := PartitionConfig{
		Specs: []Spec{{Size: 600, Hop: 10, Step: 60}}, Series: []string{"v"}, OutOfOrderness: 20, AllowedLateness: 100,
	}
	p, asm := NewPartition(cfg), NewAssembler(cfg)
	asm.Assign(PartitionID{Topic: "t"}, true, false)
	n := 0
	run := func(records int) float64 {
		for range records {
			at := Time(n)
			if n%10 == 3 {
				at -= 70 // late, and accepted
			}
			p.Observe(at)
			p.Add(fmt.Appendf(nil, "key-%d", n/50), at, &Place{Offset: int64(n)}, []float64{float64(n)})
			if n++; n%100 == 0 {
				asm.Report(0, p.Report())
				Release(asm.Advance(nil))
			}
		}
		return heapInUse()
	}
	short := run(20_000)
	if long := run(100_000); long > short+1<<20 {
		t.Errorf("%.0f bytes are in use after 20,000 records and %.0f after 120,000", short, long)
	}
	runtime.KeepAlive(p)
	runtime.KeepAlive(asm)
}

// BenchmarkSparse freezes windows that few of the open keys have records in:
// many windows are open at once because the bound is wide.
func BenchmarkSparse(b *testing.B) {
	const keys = 10_000
	names := benchKeys(keys)
	cfg := PartitionConfig{Specs: []Spec{{Size: 1000, Hop: 1000}}, OutOfOrderness: 100_000}
	p := NewPartition(cfg)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		at := Time(n) * 10 // 100 records a window, every key once in 100 s
		p.Observe(at)
		p.Add(names[n%keys], at, &Place{Offset: int64(n)}, nil)
		if n%1000 == 999 {
			p.Report()
		}
		n++
	}
}
