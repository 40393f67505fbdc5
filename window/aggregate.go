package window

import "math"

// Aggregate is a mergeable summary of records: of one slice, of a partition's
// share of a window, or of a whole window. The zero value is empty.
//
// Every product that is added is written float64(a*b): without the conversion
// a compiler may fuse the two operations and print other digits on another
// processor.
type Aggregate struct {
	Count int64

	// sum and comp are the running sum and its compensation (Neumaier 1974);
	// the value is their total.
	sum, comp float64
	// mean and m2 are the running mean and sum of squared deviations, updated and
	// merged pairwise (Chan, Golub, LeVeque 1979). low is what the mean has lost to
	// rounding: a deviation that is small beside the mean keeps its digits.
	mean, low, m2 float64

	Min, Max float64
	// Last and First are the samples with the highest and lowest (event time,
	// partition, offset). A sample does not know its partition: those of several
	// are merged in their order.
	Last Sample
	Lag  Lag
	// What stands from here on is not touched by a sample that is the last.
	First Sample

	// sketches are nil if none were asked for.
	sketches *Sketches
}

// Sample is one value with its place in the order of (event time, offset) of its
// partition.
type Sample struct {
	Time   Time
	Offset int64
	Value  float64
}

func (s Sample) before(o Sample) bool {
	if s.Time != o.Time {
		return s.Time < o.Time
	}
	return s.Offset < o.Offset
}

// Add adds one sample.
func (a *Aggregate) Add(s Sample) {
	v := s.Value
	a.Count++
	if a.Count == 1 {
		a.sum, a.mean = v, v
		a.Min, a.Max = v, v
		a.First, a.Last = s, s
		return
	}
	a.addSum(v)
	d := v - a.mean - a.low
	if n := float64(a.Count); math.IsInf(d, 0) {
		a.mean += v/n - a.mean/n
		a.m2 = math.Inf(1)
	} else {
		a.moveMean(d / n)
		a.m2 += float64(float64(d*d) * ((n - 1) / n))
	}
	if v < a.Min {
		a.Min = v
	}
	if v > a.Max {
		a.Max = v
	}
	if !s.before(a.Last) {
		a.Last = s
	} else if s.before(a.First) {
		a.First = s
	}
}

// moveMean adds to the mean and keeps what that rounds away (Møller's two-sum).
func (a *Aggregate) moveMean(by float64) {
	by += a.low
	mean := a.mean + by
	part := mean - a.mean
	a.low = (a.mean - (mean - part)) + (by - part)
	a.mean = mean
}

func (a *Aggregate) addSum(v float64) {
	t := a.sum + v
	if math.Abs(a.sum) >= math.Abs(v) {
		a.comp += (a.sum - t) + v
	} else {
		a.comp += (v - t) + a.sum
	}
	a.sum = t
}

// Merge adds the records of b, which stand after those of a where order matters
// to rounding, and where event times are the same: they are of the same
// partition and another slice, or of a later partition.
func (a *Aggregate) Merge(b *Aggregate) {
	switch {
	case b.Count == 0:
		return
	case a.Count == 0:
		b.share()
		*a = *b
		return
	}
	na, nb := float64(a.Count), float64(b.Count)
	n := na + nb
	d := b.mean - a.mean + (b.low - a.low)
	a.m2 += b.m2 + float64(float64(d*d)*(na*nb/n))
	if math.IsInf(d, 0) {
		a.mean += float64(b.mean*(nb/n)) - float64(a.mean*(nb/n))
	} else {
		a.moveMean(float64(d * (nb / n)))
	}
	a.Count += b.Count
	a.addSum(b.sum)
	a.comp += b.comp
	if b.Min < a.Min {
		a.Min = b.Min
	}
	if b.Max > a.Max {
		a.Max = b.Max
	}
	if b.First.Time < a.First.Time {
		a.First = b.First
	}
	if b.Last.Time >= a.Last.Time {
		a.Last = b.Last
	}
	a.Lag.merge(b.Lag)
	a.mergeSketches(b)
}

// Sum is the compensated sum; infinite if it left the range of float64 on the
// way, NaN if parts that left it at opposite ends were merged.
func (a *Aggregate) Sum() float64 {
	if math.IsInf(a.sum, 0) || math.IsNaN(a.comp) {
		return a.sum
	}
	return a.sum + a.comp
}

// Mean is the arithmetic mean; NaN if empty. Where the sum left the range of
// float64 it is the running mean, which did not.
func (a *Aggregate) Mean() float64 {
	sum := a.Sum()
	if math.IsInf(sum, 0) || math.IsNaN(sum) {
		return a.mean
	}
	return sum / float64(a.Count)
}

// Stddev is the sample standard deviation (n-1); NaN for fewer than two.
func (a *Aggregate) Stddev() float64 {
	if a.Count < 2 {
		return math.NaN()
	}
	return math.Sqrt(a.m2 / float64(a.Count-1))
}

// Clock says which clock processing time was read from; clocks combine by or.
type Clock uint8

// The clocks.
const (
	// ClockArrival is the wall clock when the record arrived here.
	ClockArrival Clock = 1 << iota
	// ClockAppend is the broker's clock (LogAppendTime).
	ClockAppend
	// ClockCreate is the producer's clock (CreateTime).
	ClockCreate
)

func (c Clock) String() string {
	switch c {
	case ClockArrival:
		return "arrival"
	case ClockAppend:
		return "append"
	case ClockCreate:
		return "create"
	case 0:
		return ""
	default:
		return "mixed"
	}
}

// Lag summarises processing time minus event time, in milliseconds. It is
// exact: all sums are integers, so the order of merging cannot matter.
type Lag struct {
	Count    int64 // records with a processing time that is not their event time
	Min, Max Duration
	Sum      Duration
	Clock    Clock
}

// Add counts one record.
func (l *Lag) Add(d Duration) {
	if l.Count == 0 || d < l.Min {
		l.Min = d
	}
	if l.Count == 0 || d > l.Max {
		l.Max = d
	}
	l.Count++
	l.Sum += d
}

func (l *Lag) merge(o Lag) {
	l.Clock |= o.Clock
	if o.Count == 0 {
		return
	}
	if l.Count == 0 || o.Min < l.Min {
		l.Min = o.Min
	}
	if l.Count == 0 || o.Max > l.Max {
		l.Max = o.Max
	}
	l.Count += o.Count
	l.Sum += o.Sum
}

// Mean is the mean lag in milliseconds.
func (l Lag) Mean() float64 { return float64(l.Sum) / float64(l.Count) }

// StepValue is what one step of a window holds, mergeable across partitions:
// a smaller Aggregate, because a window has up to sixty of them.
type StepValue struct {
	Count     int64
	sum, comp float64
	Max       float64
	Last      Sample
}

// add takes the part of a slice's aggregate that a step keeps.
func (s *StepValue) add(a *Aggregate) {
	if a.Count == 0 {
		return
	}
	s.Merge(&StepValue{Count: a.Count, sum: a.sum, comp: a.comp, Max: a.Max, Last: a.Last})
}

// Merge adds the records of o, which stand after those of s.
func (s *StepValue) Merge(o *StepValue) {
	switch {
	case o.Count == 0:
		return
	case s.Count == 0:
		*s = *o
		return
	}
	sum := Aggregate{sum: s.sum, comp: s.comp}
	sum.addSum(o.sum)
	s.sum, s.comp = sum.sum, sum.comp+o.comp
	s.Count += o.Count
	if o.Max > s.Max {
		s.Max = o.Max
	}
	if o.Last.Time >= s.Last.Time {
		s.Last = o.Last
	}
}

// Sum is the compensated sum of the step's values.
func (s *StepValue) Sum() float64 {
	a := Aggregate{sum: s.sum, comp: s.comp}
	return a.Sum()
}

// Mean is the mean of the step's values; NaN if the step is empty.
func (s *StepValue) Mean() float64 { return s.Sum() / float64(s.Count) }
