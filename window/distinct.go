package window

import "github.com/axiomhq/hyperloglog"

// DistinctError is the standard error of a distinct count as a part of it, for
// 2^14 registers. Counts up to some thousands are nearly always exact.
const DistinctError = 0.0081

// distinctSketch counts distinct values (HyperLogLog: Flajolet et al. 2007,
// with the sparse form of Heule et al. 2013). Few values are kept as a sorted
// list of their hashes; once that takes more than the registers it becomes
// them. Whether it does is a function of the set of values: neither the order
// of adding nor that of merging matters.
type distinctSketch struct{ *hyperloglog.Sketch }

func newDistinct(n int) []distinctSketch {
	if n == 0 {
		return nil
	}
	sketches := make([]distinctSketch, n)
	for i := range sketches {
		sketches[i] = distinctSketch{hyperloglog.New14()}
	}
	return sketches
}

func (s distinctSketch) add(value []byte) { s.Insert(value) }

func (s distinctSketch) copy() distinctSketch { return distinctSketch{s.Clone()} }

// merge adds the values of o, which is not written.
func (s distinctSketch) merge(o distinctSketch) {
	if err := s.Merge(o.Sketch); err != nil {
		panic(err) // all have the same precision
	}
}

// estimate tidies up the sketch: s must not be shared.
func (s distinctSketch) estimate() int64 { return int64(s.Estimate()) }
