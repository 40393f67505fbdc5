package model

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

func parse(t testing.TB, spec string) Forecaster {
	t.Helper()
	m, err := Parse(spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func forecast(t testing.TB, spec string, y []float64, horizon int) *Forecast {
	t.Helper()
	f := new(Forecast)
	if err := parse(t, spec).Forecast(y, horizon, f); err != nil {
		t.Fatalf("%s of %v: %v", spec, y, err)
	}
	return f
}

// every lists one specification of each kind: all models, and some with fixed
// parameters.
func every() []string {
	specs := []string{
		"ses:alpha=0.3", "holt:alpha=0.5,beta=0.1", "holt:beta=0.1", "damped:phi=0.9", "hw:gamma=0.2,season=3",
		"theta:season=2", "comb:season=2", "ar:p=0", "ar:p=2", "decomp:p=1,season=3",
	}
	for _, info := range Models() {
		specs = append(specs, named(info))
	}
	return specs
}

// named is the shortest specification of a model.
func named(info Info) string {
	if info.MinSeasons > 0 {
		return info.Name + ":season=2"
	}
	return info.Name
}

// likeR lists the models that can estimate as R does.
func likeR() []string {
	return []string{
		"ses:mode=r", "ses:alpha=0.2,mode=r9", "holt:mode=r", "damped:mode=r9", "hw:season=2,mode=r", "theta:mode=r", "comb:mode=r",
	}
}

// sample returns a series of one of the kinds that windows show: noise, a
// random walk, a trend, a wave, a trend that wanders, and noise with a spike.
func sample(r *rand.Rand, n int) []float64 {
	y := make([]float64, n)
	level, growth, period := 0.0, r.NormFloat64(), 3+20*r.Float64()
	kind := r.IntN(6)
	for i := range y {
		noise := r.NormFloat64()
		switch kind {
		case 0:
			y[i] = noise
		case 1:
			level += noise
			y[i] = level
		case 2:
			y[i] = growth*float64(i) + noise
		case 3:
			y[i] = math.Sin(2*math.Pi*float64(i)/period) + 0.2*noise
		case 4:
			growth += 0.2 * noise
			level += growth
			y[i] = level + 0.5*r.NormFloat64()
		case 5:
			y[i] = r.ExpFloat64()
		}
	}
	if kind == 5 {
		y[r.IntN(n)] += 10
	}
	return y
}

func TestConstant(t *testing.T) {
	for _, spec := range slices.Concat(every(), likeR()) {
		for _, c := range []float64{0, 1, -0.1, 1.0 / 3, 1e308, -math.MaxFloat64, 5e-324, 1e-200} {
			for _, n := range []int{12, 13, 20, 60} {
				f := forecast(t, spec, slices.Repeat([]float64{c}, n), 3)
				for i := range f.Mean {
					if f.Mean[i] != c || f.SE[i] != 0 {
						t.Errorf("%s of %d times %v: step %d is %v with standard error %v", spec, n, c, i+1, f.Mean[i], f.SE[i])
					}
				}
			}
		}
	}
}

// A line continues where a model has a trend, and nothing is uncertain.
func TestLine(t *testing.T) {
	y := make([]float64, 12)
	for i := range y {
		y[i] = 5 - 0.25*float64(i)
	}
	for _, spec := range []string{"drift", "ols", "holt", "holt:alpha=0.5,beta=0.1", "hw:season=2"} {
		f := forecast(t, spec, y, 4)
		for i := range f.Mean {
			near(t, spec, f.Mean[i], 5-0.25*float64(12+i), 1e-12)
			near(t, spec+" standard error", f.SE[i], 0, 1e-12)
		}
	}
}

// A forecast of a*y+b is a times the forecast of y, plus b. Scaling by a power
// of two is exact for all models, at any magnitude. Where weights are searched
// for, other factors may tip the choice between two equally good ones, so only
// models without a search are held to those.
func TestEquivariance(t *testing.T) {
	const horizon = 4
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		y := sample(r, 12+r.IntN(40))
		moved := make([]float64, len(y))
		for _, spec := range []string{
			"naive", "snaive:season=5", "mean", "drift", "ols", "ses:alpha=0.3", "holt:alpha=0.5,beta=0.1",
			"damped:alpha=0.5,beta=0.1,phi=0.9", "hw:alpha=0.5,beta=0.1,gamma=0.2,season=3", "theta:alpha=0.3", "ar:p=2",
		} {
			want := forecast(t, spec, y, horizon)
			for i, v := range y {
				moved[i] = 37.7*v - 1234.5
			}
			got := forecast(t, spec, moved, horizon)
			for i := range want.Mean {
				near(t, spec+" mean", got.Mean[i], 37.7*want.Mean[i]-1234.5, 1e-9*math.Abs(got.Mean[i]))
				near(t, spec+" standard error", got.SE[i], 37.7*want.SE[i], 1e-9*got.SE[i])
			}
		}
		for _, spec := range every() {
			want := forecast(t, spec, y, horizon)
			for _, exponent := range []int{-900, -500, -300, 300, 500, 900} {
				scale(moved, y, exponent)
				got := forecast(t, spec, moved, horizon)
				scale(got.Mean, got.Mean, -exponent)
				scale(got.SE, got.SE, -exponent)
				if !slices.Equal(got.Mean, want.Mean) || !slices.Equal(got.SE, want.SE) {
					t.Fatalf("%s of y*2^%d: %v and %v, want %v and %v", spec, exponent, got.Mean, got.SE, want.Mean, want.SE)
				}
			}
		}
	}
}

func TestForecastErrors(t *testing.T) {
	nan, infinite := append(slices.Clone(airTravel), math.NaN()), append(slices.Clone(airTravel), math.Inf(-1))
	for _, tc := range []struct {
		name    string
		y       []float64
		horizon int
		want    error
	}{
		{"empty", nil, 1, ErrTooFew},
		{"one", []float64{1}, 1, ErrTooFew},
		{"nan", nan, 2, ErrNotFinite},
		{"infinite", infinite, 2, ErrNotFinite},
	} {
		for _, spec := range every() {
			f := Forecast{Mean: []float64{1}, SE: []float64{1}, Members: []string{"x"}}
			if err := parse(t, spec).Forecast(tc.y, tc.horizon, &f); !errors.Is(err, tc.want) {
				t.Errorf("%s: %s gives %v, want %v", tc.name, spec, err, tc.want)
			}
			if len(f.Mean)+len(f.SE)+len(f.Members) > 0 {
				t.Errorf("%s: %s left %v", tc.name, spec, f)
			}
		}
	}
}

// The differences of these values do not fit a float64.
func TestOverflow(t *testing.T) {
	const big = math.MaxFloat64
	y := []float64{-big, big, -big, -big, big, -big, big, big, -big, big, big, big}
	for _, spec := range []string{"naive", "drift", "ses", "holt", "damped", "hw:season=2", "comb"} {
		var f Forecast
		if err := parse(t, spec).Forecast(y, 2, &f); !errors.Is(err, ErrOverflow) {
			t.Errorf("%s gives %v (%v), want %v", spec, err, f.Mean, ErrOverflow)
		}
		if len(f.Mean)+len(f.SE)+len(f.Members) > 0 {
			t.Errorf("%s left %v", spec, f.Mean)
		}
	}
}

func TestHorizonBelowOne(t *testing.T) {
	for _, spec := range every() {
		for _, horizon := range []int{0, -1, math.MinInt} {
			if err := parse(t, spec).Forecast(airTravel, horizon, new(Forecast)); err == nil {
				t.Errorf("%s: no error for horizon %d", spec, horizon)
			}
		}
	}
}

func TestMinLength(t *testing.T) {
	for _, spec := range every() {
		m := parse(t, spec)
		if err := m.Forecast(airTravel[:m.MinLength()], 1, new(Forecast)); err != nil {
			t.Errorf("%s of %d values: %v", spec, m.MinLength(), err)
		}
		if err := m.Forecast(airTravel[:m.MinLength()-1], 1, new(Forecast)); !errors.Is(err, ErrTooFew) {
			t.Errorf("%s of %d values: %v, want %v", spec, m.MinLength()-1, err, ErrTooFew)
		}
	}
}

// One Forecaster serves many goroutines; with -race this proves it.
func TestForecasterIsShared(t *testing.T) {
	for _, spec := range slices.Concat(every(), likeR()) {
		m := parse(t, spec)
		want := forecast(t, spec, airPassengers, 5)
		var workers sync.WaitGroup
		for range 4 {
			workers.Go(func() {
				var f Forecast
				for range 5 {
					if err := m.Forecast(airPassengers, 5, &f); err != nil || !slices.Equal(f.Mean, want.Mean) {
						t.Errorf("%s: %v (%v), want %v", spec, f.Mean, err, want.Mean)
					}
				}
			})
		}
		workers.Wait()
	}
}

func TestForecastDoesNotAllocate(t *testing.T) {
	for _, spec := range slices.Concat(every(), likeR()) {
		for _, n := range []int{12, 60} {
			m, f := parse(t, spec), new(Forecast)
			allocs := testing.AllocsPerRun(100, func() {
				if err := m.Forecast(airPassengers[:n], 5, f); err != nil {
					t.Fatal(err)
				}
			})
			if allocs != 0 {
				t.Errorf("%s of %d values: %v allocations", spec, n, allocs)
			}
		}
	}
}

// FuzzForecast reads the input as float64s: no finite series makes a model
// panic, change its input, or answer with a number that is not finite.
func FuzzForecast(f *testing.F) {
	encode := func(y ...float64) (b []byte) {
		for _, v := range y {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		return b
	}
	big, tiny := math.MaxFloat64, math.SmallestNonzeroFloat64
	f.Add(encode(), 1)
	f.Add(encode(airTravel...), 5)
	f.Add(encode(airTravel...), 4)
	f.Add(encode(big, -big, big, -big, big, -big, big), 2)
	f.Add(encode(tiny, 0, tiny, -tiny, 0, 0, tiny), 3)
	f.Add(encode(1e308, 1e-308, 1, 1e308, 1e308, 0, 0, 1e-160), 1)
	f.Add(encode(0, 0, 0, 0, 0, 0, 0, 0, 0, 1), 3)
	f.Add(encode(slices.Concat(airTravel, airTravel)...), 2)
	f.Add(encode(1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3), 3)
	specs := slices.Concat(every(), likeR())
	f.Fuzz(func(t *testing.T, b []byte, horizon int) {
		if horizon < 1 || horizon > 1000 {
			return
		}
		var y []float64
		for ; len(b) >= 8; b = b[8:] {
			if v := math.Float64frombits(binary.LittleEndian.Uint64(b)); finite([]float64{v}) {
				y = append(y, v)
			}
		}
		before := slices.Clone(y)
		for _, spec := range specs {
			for _, seasons := range [][]int{nil, {2, 3}} {
				m, err := Parse(spec, seasons)
				if err != nil {
					t.Fatal(err)
				}
				var out Forecast
				err = m.Forecast(y, horizon, &out)
				switch {
				case !slices.Equal(y, before):
					t.Fatalf("%s changed %v to %v", spec, before, y)
				case err != nil:
					if !errors.Is(err, ErrTooFew) && !errors.Is(err, ErrOverflow) {
						t.Fatalf("%s of %v: %v", spec, y, err)
					}
				case len(out.Mean) != horizon || len(out.SE) != horizon || !finite(out.Mean) || !finite(out.SE):
					t.Fatalf("%s of %v: %v, %v", spec, y, out.Mean, out.SE)
				case slices.Min(out.SE) < 0:
					t.Fatalf("%s of %v: standard errors %v", spec, y, out.SE)
				}
			}
		}
	})
}
