package window

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A tree changes no bit of a fold, whatever was folded, changed or evicted
// before: windows slide over lanes that late records change behind them.
func TestTreeChangesNoResult(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 14))
	for range 40 {
		start := pick[int64](rng, 0, -300, 1<<40, -(1 << 40))
		size := int64(minShared + rng.IntN(200))
		density := 1 + rng.IntN(4)
		l := lane{tree: &tree{long: true}}
		add := func(number int64) {
			l.forget(number)
			c := l.at(number)
			s := Sample{Time: Time(number), Offset: rng.Int64N(1e6), Value: rng.NormFloat64() * 1e10}
			if c.Count == 0 {
				c.firstOffset, c.lastOffset = s.Offset, s.Offset
			}
			c.firstOffset, c.lastOffset = min(c.firstOffset, s.Offset), max(c.lastOffset, s.Offset)
			c.Add(s)
		}
		for from := start; from < start+400; from++ {
			if rng.IntN(density) == 0 {
				add(from + size - 1)
			}
			if rng.IntN(5) == 0 { // late for some windows, not for those to come
				add(from + rng.Int64N(size))
			}
			held := l.between(from, from+size)
			var got, want slice
			l.fold(held, from, from+size, &got)
			(*tree)(nil).fold(held, from, from+size, &want)
			got.number, want.number = 0, 0
			if got != want {
				t.Fatalf("[%d, %d): %+v, without a tree %+v", from, from+size, got, want)
			}
			l.evict(from + 1)
			if l.tree == nil {
				l.tree = &tree{long: true}
			}
		}
	}
}

// Nor of the steps, whether windows are long or short.
func TestTreeChangesNoStep(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 14))
	for range 60 {
		start := pick[int64](rng, 0, -300, 1<<40)
		per, hop := 1+rng.Int64N(4), 1+rng.Int64N(3)
		size := per * (1 + rng.Int64N(20))
		s := specState{Spec: Spec{Size: Duration(size), Hop: Duration(hop), Step: Duration(per)}, width: 1, slices: size}
		l := lane{tree: &tree{long: rng.IntN(2) == 0, folded: noWindow}}
		for from := start; from < start+200*hop; from += hop {
			for number := from; number < from+size; number++ {
				if rng.IntN(int(size)) < 2 { // mostly behind what was folded, at times before it
					l.forget(number)
					l.at(number).Add(Sample{Time: Time(number), Offset: number, Value: rng.NormFloat64() * 1e10})
				}
			}
			held := l.between(from, from+size)
			l.tree.folded = max(l.tree.folded, from+size)
			got := s.stepsOf(l.tree, held, from, from+size)
			if want := s.stepsOf(nil, held, from, from+size); !slices.Equal(got, want) {
				t.Fatalf("[%d, %d): %+v, without a tree %+v", from, from+size, got, want)
			}
		}
	}
}

// What a tree keeps does not grow with the stream.
func TestTreeIsEvicted(t *testing.T) {
	const size = 600
	p := NewPartition(PartitionConfig{Specs: []Spec{{Size: size, Hop: 1}}})
	for at := range Time(20 * size) {
		p.Observe(at)
		p.Add(nil, at, &Place{Offset: int64(at)}, nil)
		p.Report()
	}
	l := &p.null.first
	if l.tree == nil {
		t.Fatal("windows that overlap much share nothing")
	}
	nodes := 0
	for i := range l.tree.levels {
		nodes += chunkSize * (l.tree.levels[i].full.len() + 1)
	}
	if nodes > size {
		t.Errorf("room for %d nodes over %d slices", nodes, l.n)
	}
}
