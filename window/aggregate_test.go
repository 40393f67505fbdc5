package window

import (
	"math"
	"math/rand/v2"
	"testing"
)

// contributions are records with the given values, in order.
func contributions(values ...float64) []contribution {
	var list []contribution
	for i, v := range values {
		list = append(list, contribution{rec: &logged{time: Time(i), at: Place{Offset: int64(i)}}, value: v})
	}
	return list
}

// aggregate adds records one by one.
func aggregate(records []contribution) Aggregate {
	var a Aggregate
	for _, c := range records {
		a.Add(Sample{Time: c.rec.time, Offset: c.rec.at.Offset, Value: c.value})
	}
	return a
}

func TestSumIsCompensated(t *testing.T) {
	for _, values := range [][]float64{
		{1e16, 1, -1e16},
		{1, 1e16, -1e16},
		{1e16, -1e16, 1},
		{1e16, 1, 1, 1, 1, -1e16},
		{0.1, 0.2, 0.3, -0.6},
		{1e100, 1, -1e100},
		{5e-324, 5e-324},
	} {
		records := contributions(values...)
		want := exactly(records).sum
		whole := aggregate(records)
		if got := whole.Sum(); got != want {
			t.Errorf("the sum of %v is %v, want %v", values, got, want)
		}
		// The compensation is carried through a merge at any place.
		for cut := range values {
			left, right := aggregate(records[:cut]), aggregate(records[cut:])
			left.Merge(&right)
			if got := left.Sum(); got != want {
				t.Errorf("the sum of %v and %v is %v, want %v", values[:cut], values[cut:], got, want)
			}
			var step StepValue
			for _, part := range [][]contribution{records[:cut], records[cut:]} {
				a := aggregate(part)
				step.add(&a)
			}
			if got := step.Sum(); got != want {
				t.Errorf("the step sum of %v and %v is %v, want %v", values[:cut], values[cut:], got, want)
			}
		}
	}
}

// hardData are series that a sum of squares, or an uncompensated sum, gets
// wrong: a large offset with a small deviation, and wildly mixed magnitudes.
func hardData(rng *rand.Rand, n int) map[string][]float64 {
	data := make(map[string][]float64)
	add := func(name string, draw func(i int) float64) {
		for i := range n {
			data[name] = append(data[name], draw(i))
		}
	}
	add("offset 1e9", func(int) float64 { return 1e9 + rng.Float64() })
	add("offset 1e15", func(i int) float64 { return 1e15 + float64(i%3) })
	add("constant", func(int) float64 { return 0.1 })
	add("alternating", func(i int) float64 { return math.Copysign(1e12, float64(i%2)-0.5) + 1e-3 })
	add("mixed", func(int) float64 { return rng.NormFloat64() * math.Pow(10, float64(rng.IntN(30)-15)) })
	add("rising", func(i int) float64 { return float64(i) })
	add("tiny", func(int) float64 { return rng.Float64() * 1e-140 })
	return data
}

func TestAggregateAgainstTwoPasses(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 7))
	for name, values := range hardData(rng, 1000) {
		records := contributions(values...)
		e := exactly(records)
		for pieces := 1; pieces <= len(values); pieces = pieces*4 + 1 {
			var a Aggregate
			for i := range pieces {
				part := aggregate(records[i*len(records)/pieces : (i+1)*len(records)/pieces])
				a.Merge(&part)
			}
			if d := math.Abs(a.Sum() - e.sum); d > e.sumTolerance() {
				t.Errorf("%s in %d pieces: sum %v, want %v within %v", name, pieces, a.Sum(), e.sum, e.sumTolerance())
			}
			if d := math.Abs(a.Stddev() - e.stddev); !(d <= e.stddevTolerance()) {
				t.Errorf("%s in %d pieces: stddev %v, want %v within %v", name, pieces, a.Stddev(), e.stddev, e.stddevTolerance())
			}
			if a.Count != int64(e.n) || a.Min != e.min || a.Max != e.max || a.First != e.first.Sample || a.Last != e.last.Sample {
				t.Errorf("%s in %d pieces: %+v, want %+v", name, pieces, a, e)
			}
		}
	}
}

// Merging is associative up to the tolerances of one sum and one deviation.
func TestMergeIsAssociative(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 8))
	for name, values := range hardData(rng, 60) {
		records := contributions(values...)
		e := exactly(records)
		for range 50 {
			i := rng.IntN(len(records) + 1)
			j := i + rng.IntN(len(records)-i+1)
			a, b, c := aggregate(records[:i]), aggregate(records[i:j]), aggregate(records[j:])
			left := a
			left.Merge(&b)
			left.Merge(&c)
			right := b
			right.Merge(&c)
			a.Merge(&right)
			if d := math.Abs(left.Sum() - a.Sum()); d > 2*e.sumTolerance() {
				t.Fatalf("%s cut at %d and %d: sums %v and %v", name, i, j, left.Sum(), a.Sum())
			}
			if d := math.Abs(left.Stddev() - a.Stddev()); d > 2*e.stddevTolerance() {
				t.Fatalf("%s cut at %d and %d: stddevs %v and %v", name, i, j, left.Stddev(), a.Stddev())
			}
			if left.Count != a.Count || left.Min != a.Min || left.Max != a.Max || left.First != a.First || left.Last != a.Last {
				t.Fatalf("%s cut at %d and %d: %+v and %+v", name, i, j, left, a)
			}
		}
	}
}

// First and last go by (event time, partition, offset), whatever the order of
// arrival in a partition.
func TestFirstAndLast(t *testing.T) {
	partitions := [][]Sample{
		{{Time: 5, Offset: 9, Value: 1}, {Time: 5, Offset: 10, Value: 2}, {Time: 4, Offset: 11, Value: 3}},
		{{Time: 4, Offset: 2, Value: 4}, {Time: 5, Offset: 3, Value: 5}, {Time: 5, Offset: 4, Value: 6}},
	}
	rng := rand.New(rand.NewPCG(1, 9))
	for range 100 {
		var all Aggregate
		for _, samples := range partitions {
			rng.Shuffle(len(samples), func(i, j int) { samples[i], samples[j] = samples[j], samples[i] })
			var a Aggregate
			for _, s := range samples {
				a.Add(s)
			}
			all.Merge(&a)
		}
		if all.First.Value != 3 || all.Last.Value != 6 {
			t.Fatalf("%v: first %+v, last %+v", partitions, all.First, all.Last)
		}
	}
}

func TestEmptyAggregate(t *testing.T) {
	var a, b Aggregate
	a.Merge(&b)
	if a != (Aggregate{}) || !math.IsNaN(a.Mean()) || !math.IsNaN(a.Stddev()) || a.Sum() != 0 {
		t.Errorf("two empty ones are %+v, mean %v, stddev %v", a, a.Mean(), a.Stddev())
	}
	b.Add(Sample{Value: 3})
	a.Merge(&b)
	if a != b {
		t.Errorf("an empty one and %+v are %+v", b, a)
	}
	b.Merge(&Aggregate{})
	if a != b {
		t.Errorf("%+v and an empty one are %+v", a, b)
	}
	if a.Mean() != 3 || !math.IsNaN(a.Stddev()) {
		t.Errorf("one value: mean %v, stddev %v", a.Mean(), a.Stddev())
	}
}

// Where numbers leave the range of float64 the sum and the deviation are
// infinite; the mean, which cannot leave it, stays right.
func TestOverflow(t *testing.T) {
	const huge = math.MaxFloat64
	inf := math.Inf(1)
	for _, test := range []struct {
		name              string
		values            []float64
		sum, mean, stddev float64
	}{
		{"the same sign", []float64{huge, huge}, inf, huge, 0},
		{"the same sign, three", []float64{huge, huge / 2, huge}, inf, huge / 6 * 5, inf},
		{"negative", []float64{-huge, -huge}, -inf, -huge, 0},
		{"opposite signs", []float64{huge, -huge}, 0, 0, inf},
		{"opposite signs, four", []float64{huge, -huge, huge, -huge}, 0, 0, inf},
		{"beyond and back", []float64{huge, huge, -huge, -huge}, inf, 0, inf},
	} {
		records := contributions(test.values...)
		for cut := range test.values {
			a, right := aggregate(records[:cut]), aggregate(records[cut:])
			a.Merge(&right)
			if d := math.Abs(a.Mean()/huge - test.mean/huge); !(d < 1e-15) {
				t.Errorf("%s, cut at %d: mean %v, want %v", test.name, cut, a.Mean(), test.mean)
			}
			if a.Stddev() != test.stddev {
				t.Errorf("%s, cut at %d: stddev %v, want %v", test.name, cut, a.Stddev(), test.stddev)
			}
			if cut == 0 && a.Sum() != test.sum {
				t.Errorf("%s: sum %v, want %v", test.name, a.Sum(), test.sum)
			}
		}
	}
	// Parts that overflowed at opposite ends have no sum.
	up, down := aggregate(contributions(huge, huge)), aggregate(contributions(-huge, -huge))
	up.Merge(&down)
	if !math.IsNaN(up.Sum()) || up.Mean() != 0 {
		t.Errorf("sum %v, mean %v; want NaN and 0", up.Sum(), up.Mean())
	}
}

// A lag is exact in any order.
func TestLag(t *testing.T) {
	var whole, left, right Lag
	if !math.IsNaN(whole.Mean()) {
		t.Errorf("the mean of no lag is %v", whole.Mean())
	}
	for i, d := range []Duration{85, -3, 410, 12} {
		whole.Add(d)
		if part := &left; i%2 == 0 {
			part.Add(d)
		} else {
			right.Add(d)
		}
	}
	left.Clock, right.Clock, whole.Clock = ClockAppend, ClockCreate, ClockAppend|ClockCreate
	left.merge(right)
	left.merge(Lag{Clock: ClockAppend})
	if left != whole || whole != (Lag{Count: 4, Min: -3, Max: 410, Sum: 504, Clock: ClockAppend | ClockCreate}) || whole.Mean() != 126 {
		t.Errorf("%+v and %+v", left, whole)
	}
}
