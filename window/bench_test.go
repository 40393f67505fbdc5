package window

import (
	"fmt"
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
					p.Add(names[n%keys], at, Place{Offset: int64(n), Lag: 5, HasLag: true, Clock: ClockAppend}, values)
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
				p.Add(names[n%keys], at, Place{Offset: int64(n), Distinct: distinct}, number)
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
					p.Add(names[n%keys], Time(n), Place{Offset: int64(n)}, values)
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

// BenchmarkFreeze is what one share costs to take out of its slices, by the
// number of slices in a window.
func BenchmarkFreeze(b *testing.B) {
	for _, overlap := range []Duration{1, 10, 100, 600} {
		for _, steps := range []Duration{0, 10} {
			b.Run(fmt.Sprintf("overlap=%d/steps=%d", overlap, steps), func(b *testing.B) {
				const size = 60_000
				spec := Spec{Size: size, Hop: size / overlap}
				if steps > 0 {
					spec.Step = size / steps
				}
				s := specState{Spec: spec, width: spec.sliceWidth()}
				var l lane
				for at := Time(0); at < size; at += Time(s.width) {
					l.at(int64(at) / int64(s.width)).Aggregate.Add(Sample{Time: at, Value: 1})
				}
				f := Frozen{Shares: make([]Share, 0, 1)}
				b.ReportAllocs()
				for b.Loop() {
					f.Shares = f.Shares[:0]
					s.takeShare(&f, Key{}, 0, &l, 0)
				}
			})
		}
	}
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
		p.Add(names[n%keys], at, Place{Offset: int64(n)}, nil)
		if n%1000 == 999 {
			p.Report()
		}
		n++
	}
}
