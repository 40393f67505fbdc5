package window

import (
	"math"
	"strconv"

	"github.com/DataDog/sketches-go/ddsketch/mapping"
	"github.com/DataDog/sketches-go/ddsketch/store"
)

// QuantileError is how far a quantile may be from the value of the record at
// its rank, as a part of that value.
const QuantileError = 0.01

const (
	// binError is what the bins leave of QuantileError to the rounding.
	binError = 0.0099
	// quantileDigits are the significant digits of a quantile: more would
	// pretend to know better, and the last ones would depend on the processor,
	// for the logarithms of the bins do.
	quantileDigits = 5
)

// bins cuts the positive numbers into bins that are binError around their
// middle: some 35 for a factor of two, however large or small.
var bins = newBins()

func newBins() *mapping.LogarithmicMapping {
	m, err := mapping.NewLogarithmicMapping(binError)
	if err != nil {
		panic(err) // binError is not between 0 and 1
	}
	return m
}

// quantileSketch counts values by bins (DDSketch: Masson, Rim, Lee 2019). It is
// the mapping and the stores of the library without its DDSketch, which keeps a
// store for negative values everywhere and computes ranks that a processor may
// round differently. The stores hold few values in a buffer, and many in pages.
//
// Values beyond the bins count as the nearest there is: above 1.2e308 as that,
// below 2.3e-308 as 0. A quantile is in [min, max] all the same.
type quantileSketch struct {
	// positive and negative count by size; nil while there is none.
	positive, negative *store.BufferedPaginatedStore
	zeros              int64
}

func (s *quantileSketch) add(x float64) {
	size := math.Abs(x)
	if size < bins.MinIndexableValue() {
		s.zeros++
		return
	}
	side := s.side(x < 0)
	if *side == nil {
		*side = store.NewBufferedPaginatedStore()
	}
	(*side).Add(bins.Index(min(size, bins.MaxIndexableValue())))
}

func (s *quantileSketch) side(negative bool) **store.BufferedPaginatedStore {
	if negative {
		return &s.negative
	}
	return &s.positive
}

func (s *quantileSketch) copy() quantileSketch {
	c := quantileSketch{zeros: s.zeros}
	c.merge(&quantileSketch{positive: s.positive, negative: s.negative})
	return c
}

// merge adds the values of o, which is not written.
func (s *quantileSketch) merge(o *quantileSketch) {
	s.zeros += o.zeros
	for _, negative := range []bool{false, true} {
		to, from := s.side(negative), *o.side(negative)
		switch {
		case from == nil:
		case *to == nil:
			*to = from.Copy().(*store.BufferedPaginatedStore)
		default:
			(*to).MergeWith(from)
		}
	}
}

// at estimates the quantile q of the values of a, which are those of s: the
// value at the rank q*(count-1), rounded to the nearest, the lower of two. NaN
// if there is none. It tidies up the stores: s must not be shared.
func (s *quantileSketch) at(q float64, a *Aggregate) float64 {
	negative, positive := total(s.negative), total(s.positive)
	count := negative + float64(s.zeros) + positive
	if count == 0 {
		return math.NaN()
	}
	rank := math.Ceil(float64(q*(count-1)) - 0.5)
	var x float64
	switch above := rank - negative - float64(s.zeros); {
	case rank <= 0:
		return a.Min
	case rank >= count-1:
		return a.Max
	case rank < negative:
		x = -bins.Value(s.negative.KeyAtRank(negative - 1 - rank))
	case above >= 0:
		x = bins.Value(s.positive.KeyAtRank(above))
	}
	return min(max(significant(x), a.Min), a.Max)
}

// total is the number of values in a store, which may be nil.
func total(s *store.BufferedPaginatedStore) float64 {
	if s == nil {
		return 0
	}
	return s.TotalCount()
}

// significant rounds x to quantileDigits.
func significant(x float64) float64 {
	var digits [32]byte
	// No bin is so high that rounding up could leave the range of float64.
	rounded, _ := strconv.ParseFloat(string(strconv.AppendFloat(digits[:0], x, 'e', quantileDigits-1, 64)), 64)
	return rounded
}
