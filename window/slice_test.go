package window

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The fold of a range depends on the slices in it alone: not on slices around
// it, nor on what was evicted or folded before.
func TestFoldIsAFunctionOfTheSlices(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 10))
	for range 2000 {
		base := pick(rng, -70, -1, 0, 5, 1<<40, -(1 << 40))
		var alone, among lane
		from, to := int64(base), int64(base)+1+rng.Int64N(70)
		for number := from - 20; number < to+20; number++ {
			if rng.IntN(3) == 0 {
				continue
			}
			s := Sample{Time: Time(number), Value: rng.NormFloat64() * 1e10}
			among.at(number).Aggregate.Add(s)
			if number >= from && number < to {
				alone.at(number).Aggregate.Add(s)
			}
		}
		var want, got, before slice
		alone.tree.fold(alone.live(), from, to, &want)
		among.tree.fold(among.between(from-1, to), from-1, to, &before)
		among.evict(from - rng.Int64N(21))
		held := among.between(from, to)
		among.tree.fold(held, from, to, &got)
		if got != want {
			t.Fatalf("[%d, %d): %+v among others, %+v alone", from, to, got, want)
		}
		var count int64
		for i := range held {
			count += held[i].Count
		}
		if got.Count != count {
			t.Fatalf("[%d, %d): %d of %d records", from, to, got.Count, count)
		}
	}
}

// The nodes of the tree stand at absolute numbers: [5, 16) is 5, [6, 8) and
// [8, 16), and [8, 16) is the same node in every range that holds it.
func TestFoldIsAlignedToAbsoluteNumbers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 13))
	for range 200 {
		shift := pick[int64](rng, 0, 16, -16, -4096, 1<<40)
		var l lane
		for number := shift; number < shift+24; number++ {
			if rng.IntN(5) > 0 {
				l.at(number).Aggregate.Add(Sample{Time: Time(number), Value: rng.NormFloat64() * 1e10})
			}
		}
		node := func(from, to int64) (a slice) {
			l.tree.fold(l.between(shift+from, shift+to), shift+from, shift+to, &a)
			return a
		}
		for _, cuts := range [][]int64{{5, 6, 8, 16}, {8, 16, 20, 22, 23}, {3, 4, 8, 12}, {7, 8, 16}, {15, 16, 18}} {
			var want slice
			for i := range cuts[1:] {
				part := node(cuts[i], cuts[i+1])
				want.merge(&part)
			}
			if got := node(cuts[0], cuts[len(cuts)-1]); got != want {
				t.Fatalf("%v from %d: %+v, want %+v", cuts, shift, got, want)
			}
		}
	}
}

// A lane keeps its slices in order, each once, whatever the order they come in
// and however many were evicted.
func TestLane(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 11))
	for range 300 {
		var l lane
		var want []int64
		low := int64(math.MinInt32)
		for range 200 {
			number := int64(rng.IntN(60)) - 30
			if rng.IntN(10) == 0 {
				low = max(low, number)
				l.evict(low)
				want = slices.DeleteFunc(want, func(n int64) bool { return n < low })
			} else if number >= low {
				l.at(number).Count++
				if i, found := slices.BinarySearch(want, number); !found {
					want = slices.Insert(want, i, number)
				}
			}
			var got []int64
			for _, s := range l.live() {
				got = append(got, s.number)
				if s.Count == 0 {
					t.Fatalf("slice %d is empty", s.number)
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("slices %v, want %v", got, want)
			}
		}
	}
}
