package window

// AggregateSpec says what is computed of the records of a window beyond what
// every Aggregate has. The zero value asks for nothing, and costs nothing.
type AggregateSpec struct {
	// Quantiles are from 0 (the minimum) to 1 (the maximum), in the order in
	// which a Pane has them.
	Quantiles []float64
	// Distinct is the number of fields whose distinct values are counted: the
	// length of every Place.Distinct.
	Distinct int
}

// asked says whether there is anything to compute.
func (s AggregateSpec) asked() bool { return len(s.Quantiles) > 0 || s.Distinct > 0 }

// Bytes estimates the memory that the sketches of one slice take, for values
// as they mostly come: some dozens a slice, of like size. With values over all
// magnitudes, or many thousands of distinct ones, it is more: up to some 600
// KiB for the quantiles and 16 KiB for each field.
func (s AggregateSpec) Bytes() int {
	if !s.asked() {
		return 0
	}
	n := sketchesBytes + s.Distinct*distinctBytes
	if len(s.Quantiles) > 0 {
		n += quantileBytes
	}
	return n
}

// bytes is Bytes, nothing for nil.
func (s *AggregateSpec) bytes() int64 {
	if s == nil {
		return 0
	}
	return int64(s.Bytes())
}

// bytes estimates the memory that sketches take, which may be nil.
func (s *Sketches) bytes() int64 {
	if s == nil {
		return 0
	}
	n := sketchesBytes + len(s.distinct)*distinctBytes
	if s.quantile != (quantileSketch{}) {
		n += quantileBytes
	}
	return int64(n)
}

// The estimates of Bytes, which a test holds against what is allocated.
const (
	sketchesBytes = 64
	quantileBytes = 700
	distinctBytes = 900
)

// Sketches summarise the values of an Aggregate where that takes memory that
// grows with them: in bins for quantiles, in registers for distinct counts.
//
// Aggregates are copied as they are, so a copy points to the same sketches.
// Whoever copies an Aggregate that goes on being used calls share first: shared
// sketches are never written again, by nobody, not even read in a way that
// tidies them up, and own replaces them by a copy before a write. So slices,
// the nodes of a tree and shares can be handed out, also to another goroutine,
// and do not change with a later record.
//
// Bins are whole counts and registers are maxima: the result of merging does
// not depend on the order, and what is read of it is a function of the records
// alone.
type Sketches struct {
	quantile quantileSketch
	distinct []distinctSketch
	shared   bool
}

// share declares that a's sketches are, or are about to be, another
// Aggregate's too. It writes to no sketches that are shared already: another
// goroutine may be reading them.
func (a *Aggregate) share() {
	if s := a.sketches; s != nil && !s.shared {
		s.shared = true
	}
}

// own returns a's sketches, to be written: a copy if they were shared.
func (a *Aggregate) own() *Sketches {
	if a.sketches.shared {
		a.sketches = a.sketches.copy()
	}
	return a.sketches
}

func (s *Sketches) copy() *Sketches {
	c := &Sketches{quantile: s.quantile.copy()}
	for _, d := range s.distinct {
		c.distinct = append(c.distinct, d.copy())
	}
	return c
}

// sketch adds a value, and the record's values of the fields whose distinct
// values are counted.
func (a *Aggregate) sketch(spec *AggregateSpec, x float64, distinct [][]byte) {
	if a.sketches == nil {
		a.sketches = &Sketches{distinct: newDistinct(spec.Distinct)}
	}
	s := a.own()
	if len(spec.Quantiles) > 0 {
		s.quantile.add(x)
	}
	for i, value := range distinct {
		if value != nil {
			s.distinct[i].add(value)
		}
	}
}

// mergeSketches adds the sketches of b, which are not written.
func (a *Aggregate) mergeSketches(b *Aggregate) {
	if b.sketches == nil {
		return
	}
	s := a.own()
	s.quantile.merge(&b.sketches.quantile)
	for i := range s.distinct {
		s.distinct[i].merge(b.sketches.distinct[i])
	}
}

// read returns what is asked of a: NaN for the quantiles of nothing. It takes
// the sketches from a, whose numbers are all that is wanted of them.
func (s AggregateSpec) read(a *Aggregate) (quantiles []float64, distinct []int64) {
	if !s.asked() {
		return nil, nil
	}
	held := &Sketches{distinct: newDistinct(s.Distinct)}
	if a.sketches != nil {
		held = a.own()
	}
	for _, q := range s.Quantiles {
		quantiles = append(quantiles, held.quantile.at(q, a))
	}
	for _, d := range held.distinct {
		distinct = append(distinct, d.estimate())
	}
	a.sketches = nil
	return quantiles, distinct
}
