package model

import (
	"errors"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// What was calibrated: at each step a window of the newest values was forecast
// from, and judged when the steps had come.
type calibrated struct {
	inside, resolved int
	// width and split are the mean widths of these intervals and of those of
	// split conformal prediction, where both are finite.
	width, split float64
	both         int
}

func (c *calibrated) coverage() float64 { return float64(c.inside) / float64(c.resolved) }

// calibrate forecasts every step of a series from the last steps before it, with
// 90 % intervals of each lead.
func calibrate(t *testing.T, f Forecaster, y []float64, history, horizon int) []calibrated {
	t.Helper()
	const level = 90
	leads := make([]calibrated, horizon)
	conformal := NewConformal(horizon, []float64{level})
	split := make([]errorWindow[float64], horizon)
	type made struct{ mean, width []float64 }
	var past []made
	var forecast Forecast
	for end := history; end < len(y); end++ {
		if err := f.Forecast(y[end-history:end], horizon, &forecast); err != nil {
			t.Fatal(err)
		}
		m := made{mean: slices.Clone(forecast.Mean)}
		for lead := range horizon {
			width := math.NaN()
			if conformal.Knows(lead) {
				width = conformal.Width(lead, 0)
				leads[lead].compare(width, splitWidth(split[lead].sorted, level))
			}
			m.width = append(m.width, width)
		}
		past = append(past, m)
		for lead := range min(horizon, len(past)) { // y[end] is the truth
			p := past[len(past)-1-lead]
			missed := math.Abs(y[end] - p.mean[lead])
			if width := p.width[lead]; !math.IsNaN(width) {
				leads[lead].resolved++
				if missed <= width {
					leads[lead].inside++
				}
				conformal.Adapt(lead, 0, missed <= width)
			}
			conformal.Learn(lead, missed)
			split[lead].add(missed, conformal.window)
		}
	}
	return leads
}

// compare adds the width of an interval and that of split conformal prediction.
func (c *calibrated) compare(width, split float64) {
	if !math.IsInf(width, 1) {
		c.width += width
		c.split += split
		c.both++
	}
}

// splitWidth is that of split conformal prediction: a quantile of the errors
// themselves, whose miss rate is fixed.
func splitWidth(sorted []float64, level float64) float64 {
	rank := int(math.Ceil(level / 100 * float64(len(sorted)+1)))
	return sorted[min(rank, len(sorted))-1]
}

// simulated are series of all kinds: noise, walks, seasons, trends, and what
// intervals that do not learn get wrong: a deviation that grows, one that falls
// to a fifth or to nothing, one that comes in bursts, steps and heavy tails.
func simulated() map[string][]float64 {
	const n = 4000
	series := map[string][]float64{}
	add := func(name string, next func(i int, rng *rand.Rand, before float64) float64) {
		rng := rand.New(rand.NewPCG(uint64(len(series)), 5))
		y := make([]float64, n)
		for i := 1; i < n; i++ {
			y[i] = next(i, rng, y[i-1])
		}
		series[name] = y
	}
	noise := func(_ int, rng *rand.Rand, _ float64) float64 { return rng.NormFloat64() }
	add("noise", noise)
	add("walk", func(_ int, rng *rand.Rand, before float64) float64 { return before + rng.NormFloat64() })
	add("season", func(i int, rng *rand.Rand, _ float64) float64 { return 10*math.Sin(float64(i)/20) + rng.NormFloat64() })
	add("trend", func(i int, rng *rand.Rand, _ float64) float64 { return 0.01*float64(i) + rng.NormFloat64() })
	add("autoregressive", func(_ int, rng *rand.Rand, before float64) float64 { return 0.8*before + rng.NormFloat64() })
	add("growing", func(i int, rng *rand.Rand, _ float64) float64 { return float64(i) * rng.NormFloat64() })
	add("shrinking", func(i int, rng *rand.Rand, _ float64) float64 { return (n - 0.8*float64(i)) * rng.NormFloat64() })
	add("bursts", func(i int, rng *rand.Rand, _ float64) float64 { return float64(1+9*(i/400%2)) * rng.NormFloat64() })
	add("levels", func(i int, rng *rand.Rand, _ float64) float64 { return 50*float64(i/700%3) + rng.NormFloat64() })
	add("heavy", func(_ int, rng *rand.Rand, _ float64) float64 {
		return rng.NormFloat64() / math.Sqrt(rng.ExpFloat64()+0.01)
	})
	add("counts", func(_ int, rng *rand.Rand, _ float64) float64 { return math.Floor(20 * rng.ExpFloat64()) })
	add("vanishing", func(i int, rng *rand.Rand, _ float64) float64 { return float64(n-i) * rng.NormFloat64() })
	return series
}

// column are the numbers of one column of a file.
func column(t *testing.T, name string, i int) (y []float64) {
	t.Helper()
	for _, row := range reference(t, name) {
		y = append(y, numbers(t, row[i:i+1])...)
	}
	return y
}

// TestCoverage: 90 % intervals hold 89 to 91 % of the values, of nearly every
// series, model and lead.
func TestCoverage(t *testing.T) {
	t.Parallel()
	all := simulated()
	if _, err := os.Stat(referenceData()); !errors.Is(err, fs.ErrNotExist) {
		all["calls"] = column(t, "calls.csv", 0)
		all["taylor"] = column(t, "taylor.csv", 0)
	}
	good, n := 0, 0
	for name, y := range all {
		for _, spec := range []string{"naive", "ses", "holt", "auto"} {
			for lead, c := range calibrate(t, parse(t, spec), y, 20, 3) {
				if c.resolved < 3000 {
					t.Fatalf("%s, %s: %d steps", name, spec, c.resolved)
				}
				n++
				if math.Abs(c.coverage()-0.9) <= 0.01 {
					good++
				} else {
					t.Logf("%s, %s, lead %d: coverage %.4f of %d", name, spec, lead, c.coverage(), c.resolved)
				}
			}
		}
	}
	t.Logf("%d of %d are within a point of 90 %%", good, n)
	if float64(good) < 0.95*float64(n) {
		t.Errorf("%d of %d are within a point of 90 %%", good, n)
	}
}

// referenceTails: the last steps of M4's hourly series, 700 to 1,000 values
// each, where intervals have had little to learn from.
func referenceTails(t *testing.T) {
	var coverages []float64
	var width, split float64
	test := reference(t, "Hourly-test.csv")
	for i, row := range reference(t, "Hourly-train.csv") {
		y := append(numbers(t, row[1:]), numbers(t, test[i][1:])...)
		c := calibrate(t, parse(t, "ses"), y, 24, 1)[0]
		coverages = append(coverages, c.coverage())
		width += c.width / c.split
		split++
	}
	mean, squares := 0.0, 0.0
	for _, c := range coverages {
		mean += c / float64(len(coverages))
	}
	for _, c := range coverages {
		squares += (c - mean) * (c - mean)
	}
	deviation := math.Sqrt(squares / float64(len(coverages)-1))
	t.Logf("coverage %.4f, deviation %.4f, width %.4f", mean, deviation, width/split)
	near(t, "mean coverage", mean, 0.9, 0.005)
	if deviation > 0.015 {
		t.Errorf("the coverage deviates by %v from series to series", deviation)
	}
	if w := width / split; w > 1.05 {
		t.Errorf("the intervals are %v times as wide as those of split conformal prediction", w)
	}
}
