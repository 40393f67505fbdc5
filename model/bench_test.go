package model

import (
	"strconv"
	"testing"
	"time"
)

// benchmarked are the lengths of the series that benchmarks forecast, and five
// steps ahead is how far.
var benchmarked = []int{10, 30, 100, 300}

// benchmarkSeries returns n values: the airline passengers, over and over.
func benchmarkSeries(n int) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = airPassengers[i%len(airPassengers)]
	}
	return y
}

// benchmark times what forecasts cost together, also as a multiple of the naive
// forecast of the same series, timed in the same run.
func benchmark(b *testing.B, n int, specs ...string) {
	const horizon = 5
	y := benchmarkSeries(n)
	var models []Forecaster
	for _, spec := range specs {
		m := parse(b, spec)
		models = append(models, m)
	}
	f := new(Forecast)
	b.ReportAllocs()
	for b.Loop() {
		for _, m := range models {
			if err := m.Forecast(y, horizon, f); err != nil {
				b.Fatal(err)
			}
		}
	}
	each := b.Elapsed().Seconds() / float64(b.N)
	const rounds = 20_000
	naive, start := parse(b, "naive"), time.Now()
	for range rounds {
		if err := naive.Forecast(y, horizon, f); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(each*rounds/time.Since(start).Seconds(), "naives/op")
	b.ReportMetric(1/each, "op/s")
}

func BenchmarkForecast(b *testing.B) {
	for _, info := range Models() {
		for _, n := range benchmarked {
			if spec := named(info); n >= parse(b, spec).MinLength() {
				b.Run(spec+"/n="+strconv.Itoa(n), func(b *testing.B) { benchmark(b, n, spec) })
			}
		}
	}
}

// BenchmarkLikeR shows what estimating as R does costs.
func BenchmarkLikeR(b *testing.B) {
	for _, spec := range []string{"ses:mode=r", "holt:mode=r", "damped:mode=r", "theta:mode=r", "comb:mode=r"} {
		b.Run(spec+"/n=100", func(b *testing.B) { benchmark(b, 100, spec) })
	}
}

// BenchmarkPanel: the five cheapest models that differ, and with an
// autoregression.
func BenchmarkPanel(b *testing.B) {
	five := []string{"naive", "drift", "ols", "ses", "holt"}
	for _, n := range benchmarked {
		b.Run("five/n="+strconv.Itoa(n), func(b *testing.B) { benchmark(b, n, five...) })
	}
	b.Run("five-and-ar/n=100", func(b *testing.B) { benchmark(b, 100, append(five, "ar:p=10")...) })
}
