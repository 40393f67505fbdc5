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
		alone.fold(alone.live(), from, to, &want)
		among.fold(among.between(from-1, to), from-1, to, &before)
		among.evict(from - rng.Int64N(21))
		held := among.between(from, to)
		among.fold(held, from, to, &got)
		if got != want {
			t.Fatalf("[%d, %d): %+v among others, %+v alone", from, to, got, want)
		}
		var count int64
		for i := range held.len() {
			count += held.slice(i).Count
		}
		if got.Count != count {
			t.Fatalf("[%d, %d): %d of %d records", from, to, got.Count, count)
		}
	}
}

// What is merged stands at absolute numbers: [5, 16) is the slices 5, 6 and 7,
// merged from the right, and the node [8, 16), which is the same in every range
// that holds it.
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
			l.fold(l.between(shift+from, shift+to), shift+from, shift+to, &a)
			return a
		}
		for _, c := range []struct{ left, right []int64 }{
			{[]int64{5, 6, 7, 8}, []int64{8, 16}},
			{[]int64{8, 16}, []int64{16, 17, 18, 19, 20, 21, 22, 23}},
			{[]int64{3, 4, 5, 6, 7, 8}, []int64{8, 9, 10, 11, 12}},
			{[]int64{7, 8}, []int64{8, 16}},
			{[]int64{15, 16}, []int64{16, 17}},
		} {
			var left, want slice
			for i := len(c.left) - 2; i >= 0; i-- {
				part := node(c.left[i], c.left[i+1])
				part.merge(&left)
				left = part
			}
			for i := range c.right[1:] {
				part := node(c.right[i], c.right[i+1])
				want.merge(&part)
			}
			left.merge(&want)
			if got := node(c.left[0], c.right[len(c.right)-1]); got != left {
				t.Fatalf("%v: %+v, want %+v", c, got, left)
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
		spread := pick(rng, 60, 300)
		for range 4 * spread {
			number := int64(rng.IntN(spread) - spread/2)
			if rng.IntN(spread/6) == 0 {
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
			for i := range l.n {
				s := l.slice(i)
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

// The distance of two numbers may be more than an int64 holds.
func TestLaneOfNumbersFarApart(t *testing.T) {
	var l lane
	for _, number := range []int64{1 << 62, -1 << 63, -1 << 62, 0} {
		l.at(number).Count++
	}
	for i, want := range []int64{-1 << 63, -1 << 62, 0, 1 << 62} {
		if got := l.slice(i).number; got != want {
			t.Errorf("slice %d has number %d, want %d", i, got, want)
		}
	}
}
