package model

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

// smoothed is the oracle of the moving average: the definition.
func smoothed(y []float64, i, season int) float64 {
	if season%2 == 1 {
		return sumOf(y[i-season/2:i+season/2+1]) / float64(season)
	}
	first, second := y[i-season/2:i+season/2], y[i-season/2+1:i+season/2+1]
	return (sumOf(first) + sumOf(second)) / float64(2*season)
}

func sumOf(y []float64) (sum float64) {
	for _, v := range y {
		sum += v
	}
	return sum
}

func TestIndices(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for range 300 {
		season := 2 + r.IntN(9)
		y := make([]float64, 2*season+r.IntN(40))
		for i := range y {
			y[i] = 1 + r.ExpFloat64()
		}
		distances, ratios, counts := make([]float64, season), make([]float64, season), make([]float64, season)
		for i := season / 2; i < len(y)-season/2; i++ {
			distances[i%season] += y[i] - smoothed(y, i, season)
			ratios[i%season] += y[i] / smoothed(y, i, season)
			counts[i%season]++
		}
		for k := range season {
			distances[k] /= counts[k]
			ratios[k] /= counts[k]
		}
		additive := additiveIndices(nil, y, season, new(Forecast))
		multiplicative := ratioIndices(nil, y, season, new(Forecast))
		for k := range season {
			near(t, "additive index", additive[k], distances[k]-sumOf(distances)/float64(season), 1e-12)
			near(t, "ratio", multiplicative[k], ratios[k]/sumOf(ratios)*float64(season), 1e-12)
		}
	}
}

func TestHasSeason(t *testing.T) {
	wave := func(n, period int) []float64 {
		y := make([]float64, n)
		for i := range y {
			y[i] = math.Sin(2 * math.Pi * float64(i) / float64(period))
		}
		return y
	}
	r := rand.New(rand.NewPCG(13, 14))
	noise := make([]float64, 60)
	for i := range noise {
		noise[i] = r.NormFloat64()
	}
	for _, tc := range []struct {
		name   string
		y      []float64
		season int
		want   bool
	}{
		{"a wave", wave(60, 6), 6, true},
		{"half a wave", wave(60, 6), 3, true}, // the test looks at the magnitude
		{"a quarter of a wave", wave(60, 8), 6, false},
		{"below three seasons", wave(17, 6), 6, false},
		{"five seasons", wave(30, 6), 6, true},
		{"a constant", make([]float64, 60), 6, false},
		{"noise", noise, 6, false},
	} {
		if got := hasSeason(tc.y, tc.season); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// A series with a season and a trend, above 0 or not, is forecast as the series
// without it, times or plus the season.
func TestAdjusted(t *testing.T) {
	ratios, distances := []float64{1.2, 0.7, 1.1, 1}, []float64{3, -5, 1, 1}
	product, sum := make([]float64, 40), make([]float64, 40)
	for i := range product {
		product[i] = 100 * ratios[i%4]
		sum[i] = -20 + distances[i%4]
	}
	m := guarded{adjusted{mean{"mean"}, 4}}
	var f Forecast
	for _, tc := range []struct {
		y    []float64
		want func(i int) float64
	}{
		{product, func(i int) float64 { return 100 * ratios[i%4] }},
		{sum, func(i int) float64 { return -20 + distances[i%4] }},
	} {
		if err := m.Forecast(tc.y, 6, &f); err != nil {
			t.Fatal(err)
		}
		for h, got := range f.Mean {
			near(t, "mean", got, tc.want(40+h), 1e-9)
			near(t, "standard error", f.SE[h], 0, 1e-9)
		}
	}
}

// Two seasons at once, times each other: decomp takes logarithms and gets both
// back.
func TestDecompOfTwoSeasons(t *testing.T) {
	short, long := []float64{1, 2, 4}, []float64{1, 3, 1, 2, 5}
	at := func(i int) float64 { return 7 * short[i%3] * long[i%5] }
	m, err := Parse("decomp", []int{3, 5})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(15, 16))
	y := make([]float64, 300)
	for i := range y {
		y[i] = at(i) * math.Exp(0.01*r.NormFloat64())
	}
	var f Forecast
	if err := m.Forecast(y, 15, &f); err != nil {
		t.Fatal(err)
	}
	for h, got := range f.Mean {
		near(t, "mean", got, at(300+h), 0.02*at(300+h))
		near(t, "standard error", f.SE[h], 0.01*at(300+h), 0.004*at(300+h))
	}
}

// The smoothing of the fast mode and that of mode r are the same filter.
func TestHoltWintersFilters(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	for range 200 {
		season := 2 + r.IntN(6)
		m := parse(t, "hw:season="+strconv.Itoa(season)).(guarded).method.(*holtWinters)
		y := sample(r, m.MinLength()+r.IntN(30))
		f := new(Forecast)
		w := m.fit(y, f)
		_, squares := m.run(y, w, f)
		space := rspace{region: &m.region, growth: true, season: season}
		near(t, "mean square", space.meanSquare(y, w, f), squares/float64(len(y)), 1e-9*squares)
		end, s := f.states, f.season
		for k := range season { // the newest of the season comes first in a state
			near(t, "season", end[2+k], s[(len(y)-1-k+season*len(y))%season], 1e-9)
		}
	}
}

// Polynomials with known roots.
func TestWithinUnitCircle(t *testing.T) {
	for _, tc := range []struct {
		roots []float64
		want  bool
	}{
		{[]float64{0.5}, true},
		{[]float64{0.99, -0.99, 0.3}, true},
		{[]float64{1.01, 0.2}, false},
		{[]float64{0.1, 0.2, 0.3, -1.5}, false},
		{[]float64{0.9, 0.9, 0.9, 0.9}, true},
	} {
		p := []float64{1}
		for _, root := range tc.roots {
			p = append(p, 0)
			for i := len(p) - 1; i > 0; i-- {
				p[i] -= root * p[i-1]
			}
		}
		if got := withinUnitCircle(p); got != tc.want {
			t.Errorf("roots %v: %v, want %v", tc.roots, got, tc.want)
		}
	}
}

// The simplex finds the bottom of a curved valley.
func TestSimplex(t *testing.T) {
	p := []float64{-1.2, 1}
	new(simplex).minimise(p, func(p []float64) float64 {
		a, b := 1-p[0], p[1]-p[0]*p[0]
		return a*a + 100*b*b
	})
	near(t, "first", p[0], 1, 1e-3)
	near(t, "second", p[1], 1, 1e-3)
}
