package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// plainConformal is what Conformal does, by definition: lists that are sorted
// anew.
type plainConformal struct {
	levels []float64
	errors [][]float64
	scores [][]float64
	spread []float64
	rates  [][]float64
	window int
}

func newPlainConformal(horizon int, levels []float64) *plainConformal {
	p := &plainConformal{levels: levels, errors: make([][]float64, horizon), window: 500}
	p.scores, p.spread = make([][]float64, horizon), make([]float64, horizon)
	if horizon == 1 {
		p.window = 1000
	}
	for range horizon {
		rates := make([]float64, len(levels))
		for i, l := range levels {
			rates[i] = (100 - l) / 100
		}
		p.rates = append(p.rates, rates)
	}
	return p
}

func (p *plainConformal) learn(lead int, missed float64) {
	p.errors[lead] = newest(append(p.errors[lead], missed), p.window)
	unscored := p.errors[lead][len(p.errors[lead])-1:]
	switch n := len(p.errors[lead]); {
	case n < 30:
		return
	case n == 30: // their own mean is the unit of the first
		unscored = p.errors[lead]
		for _, e := range unscored {
			p.spread[lead] += math.Min(e, p.unit(lead)) / 30
		}
	}
	for _, e := range unscored {
		score := 0.0
		if e > 0 {
			score = float64(math.Nextafter32(float32(math.Min(e/p.spread[lead], math.MaxFloat32)), math.MaxFloat32)) // up
		}
		p.scores[lead] = newest(append(p.scores[lead], score), p.window)
	}
	if len(unscored) == 1 {
		p.spread[lead] += 0.02 * (math.Min(missed, p.unit(lead)) - p.spread[lead])
	}
}

func newest(y []float64, n int) []float64 { return y[max(0, len(y)-n):] }

func (p *plainConformal) width(lead, level int) float64 {
	sorted := slices.Sorted(slices.Values(p.scores[lead]))
	rate := p.rates[lead][level]
	switch rank := math.Ceil((1 - rate) * float64(len(sorted)+1)); {
	case len(sorted) == 0 || rate <= 1/float64(p.window+1):
		return math.Inf(1)
	case rank <= 0:
		return 0
	default:
		return math.Min(p.spread[lead]*sorted[min(len(sorted), int(rank))-1], slices.Max(p.errors[lead]))
	}
}

func (p *plainConformal) unit(lead int) float64 {
	sorted := slices.Sorted(slices.Values(p.errors[lead]))
	if u := sorted[int(math.Ceil(0.9*float64(len(sorted))-1e-9))-1]; u > 0 {
		return u
	}
	if u := sorted[len(sorted)-1]; u > 0 {
		return u
	}
	return 1
}

func (p *plainConformal) surprise(lead int, missed float64) float64 {
	if len(p.errors[lead]) < 30 {
		return math.NaN()
	}
	n, atLeast := 1.0, 1.0
	for other, errors := range p.errors {
		if len(errors) < 30 {
			continue
		}
		least := missed
		if other != lead {
			least = missed / p.unit(lead) * p.unit(other)
		}
		for _, e := range errors {
			n++
			if e >= least {
				atLeast++
			}
		}
	}
	return -math.Log10(atLeast / n)
}

func TestConformalIsWhatItSays(t *testing.T) {
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 7))
		horizon, levels := 1+rng.IntN(4), []float64{95, 80, 50}
		c, p := NewConformal(horizon, levels), newPlainConformal(horizon, levels)
		for i := range 2100 {
			lead := rng.IntN(horizon)
			missed := math.Abs(rng.NormFloat64()) * float64(1+lead)
			if seed%2 == 0 {
				missed = math.Round(missed) // many are equal
			}
			if i == 1000 {
				missed = math.Inf(1)
			}
			if i%13 == 0 {
				sameNumber(t, "surprise", c.Surprise(lead, missed), p.surprise(lead, missed), 5e-5)
			}
			for level := range levels {
				width := c.Width(lead, level)
				if i%7 == 0 {
					sameNumber(t, "width", width, p.width(lead, level), 0)
				}
				inside := missed <= width
				c.Adapt(lead, level, inside)
				err := 1.0
				if inside {
					err = 0
				}
				p.rates[lead][level] += 0.005 * ((100-levels[level])/100 - err)
			}
			c.Learn(lead, missed)
			p.learn(lead, missed)
		}
	}
}

func sameNumber(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if got != want && !(math.Abs(got-want) <= tolerance) && !(math.IsNaN(got) && math.IsNaN(want)) {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
}

func TestConformalKnowsALeadWith30ErrorsOfIt(t *testing.T) {
	c := NewConformal(3, []float64{95})
	for i := range 30 {
		if c.Ready() || c.Knows(1) {
			t.Fatalf("ready with %d errors", i)
		}
		c.Learn(1, 1)
	}
	if !c.Ready() || !c.Knows(1) || c.Knows(0) || c.Knows(2) {
		t.Error("30 errors of a lead are not enough for it, or are for another")
	}
}

// A level so high that no remembered error is rare enough has an infinite
// interval; one below has not.
func TestConformalIsInfiniteOnlyBelowOneInTheWindow(t *testing.T) {
	c := NewConformal(2, []float64{99.9, 99.7})
	for i := range 600 {
		c.Learn(0, float64(i))
	}
	if w := c.Width(0, 0); !math.IsInf(w, 1) {
		t.Errorf("the width at 99.9 is %v", w)
	}
	if w := c.Width(0, 1); w != 599 {
		t.Errorf("the width at 99.7 is %v, want that of the largest error", w)
	}
}

// A glitch says little of the errors after it, however large it is.
func TestConformalForgivesAGlitch(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	c := NewConformal(2, []float64{90})
	for range 500 {
		c.Learn(0, math.Abs(rng.NormFloat64()))
	}
	before := c.Width(0, 0)
	c.Learn(0, 1e9)
	if w := c.Width(0, 0); w > 1.05*before {
		t.Errorf("the width was %v before a glitch, and is %v", before, w)
	}
}

// The width follows the size of the errors long before all the errors that are
// remembered are of that size; it is that of a unit of any size.
func TestConformalFollowsTheScale(t *testing.T) {
	const steps = 250 // half of what is remembered
	for _, unit := range []float64{1, 0x1p-300, 0x1p300} {
		rng := rand.New(rand.NewPCG(4, 4))
		c := NewConformal(2, []float64{90})
		learn := func(n int, scale float64) float64 {
			for range n {
				c.Learn(0, scale*unit*math.Abs(rng.NormFloat64()))
			}
			return c.Width(0, 0) / unit
		}
		near(t, "width", learn(500, 1), 1.645, 0.3)
		near(t, "width of errors a fifth as large", learn(steps, 0.2), 0.329, 0.08)
		near(t, "width of errors that are ten times as large", learn(steps, 2), 3.29, 0.8)
	}
}

// Errors of one size, as of a counter that grows steadily, have intervals of that
// size and are inside: a width that is narrower by a rounding would miss them all.
func TestConformalOfErrorsOfOneSize(t *testing.T) {
	for i := range 200 {
		size := math.Sqrt(float64(i+1)) / 10
		c := NewConformal(2, []float64{90})
		for n := range 600 {
			if w := c.Width(0, 0); c.Knows(0) && w != size {
				t.Fatalf("after %d errors of %v the width is %v", n, size, w)
			}
			c.Learn(0, size)
		}
	}
}

// Errors of 0 have intervals of no width, whatever came before.
func TestConformalOfAConstant(t *testing.T) {
	c := NewConformal(2, []float64{90})
	for range 40_000 {
		c.Learn(0, 0)
	}
	if w := c.Width(0, 0); w != 0 {
		t.Errorf("the width is %v", w)
	}
	c.Learn(0, 3)
	if w := c.Width(0, 0); w != 0 {
		t.Errorf("the width is %v after one error", w)
	}
	for range 100 {
		c.Learn(0, 3)
	}
	if w := c.Width(0, 0); w != 3 {
		t.Errorf("the width is %v, want that of the errors that came", w)
	}
}

// The default --anomaly must be in reach of every horizon, and no more frequent
// than it says.
func TestSurpriseOfThreeIsRareAndWithinReach(t *testing.T) {
	for _, horizon := range []int{1, 2, 5} {
		rng := rand.New(rand.NewPCG(uint64(horizon), 3))
		c := NewConformal(horizon, []float64{95})
		flagged, steps := 0, 60_000
		for range steps {
			for lead := range horizon {
				missed := math.Abs(rng.NormFloat64()) * math.Sqrt(float64(1+lead))
				if lead == 0 && c.Surprise(0, missed) >= 3 {
					flagged++
				}
				c.Learn(lead, missed)
			}
		}
		if s := c.Surprise(0, 1e9); s < 3 {
			t.Errorf("horizon %d: an error beyond all others has a surprise of %v", horizon, s)
		}
		if share := float64(flagged) / float64(steps); share > 0.0013 || share < 0.0004 {
			t.Errorf("horizon %d: %v of the steps are flagged, want about 0.001", horizon, share)
		}
	}
}

func TestLearningDoesNotAllocateOnceFull(t *testing.T) {
	c, s, r := NewConformal(2, []float64{80, 95}), Score{}, Ranking{}
	rng := rand.New(rand.NewPCG(1, 1))
	place := r.Index("naive")
	step := func() {
		missed := rng.Float64()
		for lead := range 2 {
			c.Surprise(lead, missed)
			c.Adapt(lead, 1, missed <= c.Width(lead, 1))
			c.Learn(lead, missed)
		}
		s.Add(missed, 1, Inside)
		r.Add(place, missed, 1)
	}
	for range 600 {
		step()
	}
	if n := testing.AllocsPerRun(200, step); n != 0 {
		t.Errorf("%v allocations a step", n)
	}
}

// BenchmarkConformal is what a window of a series costs: a surprise, and an
// interval and an error of each lead. With many series each finds its memory cold.
func BenchmarkConformal(b *testing.B) {
	const horizon = 5
	for _, series := range []int{1, 200, 2000} {
		b.Run(fmt.Sprintf("series=%d", series), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 1))
			all := make([]*Conformal, series)
			step := func(c *Conformal) {
				for lead := range horizon {
					missed := rng.ExpFloat64()
					if lead == 0 {
						c.Surprise(lead, missed)
					}
					c.Adapt(lead, 0, missed <= c.Width(lead, 0))
					c.Learn(lead, missed)
				}
			}
			for i := range all {
				all[i] = NewConformal(horizon, []float64{95})
				for range conformalWindow {
					step(all[i])
				}
			}
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				step(all[n%series])
				n++
			}
		})
	}
}
