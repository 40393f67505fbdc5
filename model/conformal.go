package model

import (
	"math"
	"slices"
	"unsafe"
)

// How a Conformal learns.
const (
	// conformalRate is how far one error moves the miss rate that is aimed at:
	// gamma of Gibbs & Candès.
	conformalRate = 0.005
	// conformalWindow is how many errors of a lead are remembered, and
	// conformalPool how many of all leads there is room for at least: the
	// smallest p-value of n errors is 1/(n+1), so a surprise of 3 needs 999.
	conformalWindow = 500
	conformalPool   = 1000
	// conformalLeast is how many errors of a lead make an interval.
	conformalLeast = 30
	// conformalPace is the weight of the newest error in their spread: it
	// follows what changes within some 50 steps.
	conformalPace = 0.02
)

// Conformal makes prediction intervals of the errors that forecasts of one
// series turned out to have, by adaptive conformal inference (Gibbs & Candès,
// Adaptive conformal inference under distribution shift, 2021). For each lead
// it keeps the newest errors, and for each lead and level the miss rate at
// which their quantile is taken: a truth outside its interval lowers it by
// 0.005 times the level, one inside raises it by 0.005 times the rest. So in
// the long run as many truths are inside as the level says, whatever the series
// does. Leads count from 0.
//
// The quantile is that of scores, the errors in units of how large errors were
// when they came. So a series that gets calmer or wilder has other widths and
// the same scores, and the miss rate, which moves slowly, has little to do.
//
// It holds at most 24 bytes an error, for 500 errors a lead, 1,000 where there
// is one lead, and allocates only until it is full. It is not safe for
// concurrent use.
type Conformal struct {
	levels []float64
	window int
	leads  []leadErrors
	// rates are the miss rates, lead after lead.
	rates []float64
	// ready says that there are errors enough of some lead.
	ready bool
}

// NewConformal returns a Conformal that knows no errors yet, for forecasts of
// horizon steps and intervals of the levels, in percent.
func NewConformal(horizon int, levels []float64) *Conformal {
	c := &Conformal{
		levels: levels,
		window: max(conformalWindow, (conformalPool+horizon-1)/horizon),
		leads:  make([]leadErrors, horizon),
		rates:  make([]float64, 0, horizon*len(levels)),
	}
	for range horizon {
		for _, level := range levels {
			c.rates = append(c.rates, (100-level)/100)
		}
	}
	return c
}

// Ready says that the intervals of some lead are known: 30 errors make them.
func (c *Conformal) Ready() bool { return c.ready }

// Knows says that 30 errors of a lead are known. Before, its intervals should be
// made in another way.
func (c *Conformal) Knows(lead int) bool { return len(c.leads[lead].scores.sorted) > 0 }

// Width returns how far the bounds of the interval are from a forecast so many
// steps ahead, at the level of that index: no farther than the largest error
// that is remembered, or infinitely far where none is rare enough.
func (c *Conformal) Width(lead, level int) float64 {
	l, rate := &c.leads[lead], c.rates[lead*len(c.levels)+level]
	switch {
	case !c.Knows(lead) || rate <= 1/float64(c.window+1):
		return math.Inf(1)
	case rate >= 1:
		return 0
	}
	n := len(l.scores.sorted)
	rank := int(math.Ceil((1 - rate) * float64(n+1)))
	return min(float64(l.scores.sorted[min(rank, n)-1])*l.spread, l.errors.sorted[n-1])
}

// Adapt says whether the truth was inside an interval that Width gave, at the
// level of that index.
func (c *Conformal) Adapt(lead, level int, inside bool) {
	rate, aim := &c.rates[lead*len(c.levels)+level], (100-c.levels[level])/100
	if inside {
		*rate += float64(conformalRate * aim)
	} else {
		*rate += float64(conformalRate * (aim - 1))
	}
}

// Learn adds the absolute error of a forecast, which is no NaN.
func (c *Conformal) Learn(lead int, missed float64) {
	c.leads[lead].learn(missed, c.window)
	c.ready = c.ready || c.Knows(lead)
}

// Surprise returns minus the decimal logarithm of the p-value of an absolute
// error, rounded to four digits: the share of the errors before, itself among
// them, that were not smaller. Errors of all leads are compared, each in units
// of what nine tenths of its lead do not exceed. NaN while fewer than 30 errors
// of the lead are known.
func (c *Conformal) Surprise(lead int, missed float64) float64 {
	if !c.Knows(lead) {
		return math.NaN()
	}
	size := missed / c.leads[lead].errors.scale()
	larger, all := 1, 1
	for i := range c.leads {
		if !c.Knows(i) {
			continue
		}
		l := &c.leads[i].errors
		least := missed
		if i != lead {
			least = size * l.scale()
		}
		smaller := countBelow(l.sorted, least)
		larger += len(l.sorted) - smaller
		all += len(l.sorted)
	}
	const digits = 1e4 // the last ones of a logarithm differ between processors
	return math.Round(math.Log10(float64(all)/float64(larger))*digits) / digits
}

// Bytes is about how much memory the Conformal takes.
func (c *Conformal) Bytes() int64 {
	n := 8 * len(c.rates)
	for i := range c.leads {
		l := &c.leads[i]
		n += int(unsafe.Sizeof(*l)) + 16*len(l.errors.sorted) + 8*len(l.scores.sorted)
	}
	return int64(n)
}

// leadErrors are what is known of the errors of one lead.
type leadErrors struct {
	errors errorWindow[float64]
	// scores are the errors in units of the spread before them, from when 30
	// are known on: those in units of their own.
	scores errorWindow[float32]
	// spread is the mean of the errors, the newer the more. One counts as no
	// more than what nine tenths of those remembered do not exceed, so that a
	// single outlier does not widen what comes after it.
	spread float64
}

// learn takes an error; beyond limit it takes the place of the oldest.
func (l *leadErrors) learn(missed float64, limit int) {
	l.errors.add(missed, limit)
	most := l.errors.scale()
	switch n := len(l.errors.recent); {
	case n < conformalLeast:
	case n > conformalLeast:
		l.scores.add(l.scoreOf(missed), limit)
		l.spread += float64(conformalPace * (min(missed, most) - l.spread))
	default:
		for _, e := range l.errors.recent {
			l.spread += min(e, most) / conformalLeast
		}
		for _, e := range l.errors.recent {
			l.scores.add(l.scoreOf(e), limit)
		}
	}
}

// scoreOf is an error in units of the spread, rounded up: errors of one size have
// a width of that size, and are inside.
func (l *leadErrors) scoreOf(missed float64) float32 {
	if missed == 0 {
		return 0
	}
	score := float32(min(missed/l.spread, math.MaxFloat32))
	return min(math.Nextafter32(score, math.MaxFloat32), math.MaxFloat32)
}

// errorWindow holds the newest errors, or scores, of one lead.
type errorWindow[T float32 | float64] struct {
	// recent are the errors as they came: from oldest on, around the end.
	recent []T
	oldest int
	sorted []T
}

// add takes an error; beyond limit it takes the place of the oldest.
func (w *errorWindow[T]) add(missed T, limit int) {
	to := countBelow(w.sorted, missed)
	if len(w.recent) < limit {
		w.recent = append(w.recent, missed)
		w.sorted = slices.Insert(w.sorted, to, missed)
		return
	}
	from := countBelow(w.sorted, w.recent[w.oldest])
	w.recent[w.oldest] = missed
	w.oldest = (w.oldest + 1) % limit
	if to > from {
		to--
		copy(w.sorted[from:to], w.sorted[from+1:to+1])
	} else {
		copy(w.sorted[to+1:from+1], w.sorted[to:from])
	}
	w.sorted[to] = missed
}

// scale is what nine tenths of the errors do not exceed; positive and finite.
func (w *errorWindow[T]) scale() float64 {
	n := len(w.sorted)
	for _, s := range [...]T{w.sorted[(9*n+9)/10-1], w.sorted[n-1]} {
		if s > 0 {
			return min(float64(s), math.MaxFloat64)
		}
	}
	return 1
}

// countBelow returns how many of the sorted numbers are below x. Where x lies is
// a coin toss to a processor, so nothing is skipped on the way: that makes it
// twice as fast as slices.BinarySearch.
func countBelow[T float32 | float64](sorted []T, x T) int {
	below := 0
	for n := len(sorted); n > 0; {
		half := (n + 1) / 2
		step := 0
		if sorted[below+half-1] < x {
			step = half
		}
		below += step
		n -= half
	}
	return below
}
