package model

import (
	"math"
	"sync"
	"testing"
)

// m4 is the hourly part of the M4 competition: its horizon, its season, and the
// values to forecast from and to meet.
const (
	m4Horizon = 48
	m4Season  = 24
)

type m4Series struct {
	name          string
	train, future []float64
}

func readM4(t testing.TB) []m4Series {
	train, test := reference(t, "Hourly-train.csv"), reference(t, "Hourly-test.csv")
	series := make([]m4Series, len(train))
	for i := range train {
		series[i] = m4Series{train[i][0], numbers(t, train[i][1:]), numbers(t, test[i][1:])}
	}
	return series
}

// errorsOf returns the sMAPE and the MASE of a forecast as the M4 competition
// defined them.
func errorsOf(train, future, mean []float64, season int) (smape, mase float64) {
	scale := 0.0
	for j := season; j < len(train); j++ {
		scale += math.Abs(train[j]-train[j-season]) / float64(len(train)-season)
	}
	for j, v := range future {
		missed := math.Abs(v - mean[j])
		smape += 200 * missed / (math.Abs(v) + math.Abs(mean[j])) / float64(len(future))
		mase += missed / scale / float64(len(future))
	}
	return smape, mase
}

// score returns the mean errors over all series of what forecast makes of each.
func score(series []m4Series, forecast func(y []float64, f *Forecast) []float64) (smape, mase float64) {
	const workers = 2
	var wait sync.WaitGroup
	var smapes, mases [workers]float64
	for w := range workers {
		wait.Go(func() {
			f := new(Forecast)
			for i := w; i < len(series); i += workers {
				s := series[i]
				a, b := errorsOf(s.train, s.future, forecast(s.train, f), m4Season)
				smapes[w] += a
				mases[w] += b
			}
		})
	}
	wait.Wait()
	for w := range workers {
		smape += smapes[w] / float64(len(series))
		mase += mases[w] / float64(len(series))
	}
	return smape, mase
}

// m4Benchmarks are the competition's own, with their published sMAPE and MASE.
// It adjusts the series of all but the first two for the season.
var m4Benchmarks = []struct {
	name, spec  string
	adjust      bool
	smape, mase float64
}{
	{"Naive", "naive", false, 43.003, 11.608},
	{"sNaive", "snaive", false, 13.912, 1.193},
	{"Naive2", "naive", true, 18.383, 2.395},
	{"SES", "ses:mode=r", true, 18.094, 2.385},
	{"Holt", "holt:mode=r", true, 29.249, 9.356},
	{"Damped", "damped:mode=r", true, 19.265, 2.956},
	{"Theta", "theta:mode=r", false, 18.138, 2.455},
	{"Comb", "comb:mode=r", false, 22.053, 4.582},
}

func TestM4Benchmarks(t *testing.T) {
	needReference(t)
	series := readM4(t)
	for _, tc := range m4Benchmarks {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			m := benchmarkModel(t, tc.spec, tc.adjust)
			smape, mase := score(series, func(y []float64, f *Forecast) []float64 {
				if err := m.Forecast(y, m4Horizon, f); err != nil {
					t.Error(err)
				}
				if tc.name == "Theta" {
					for i, v := range f.Mean {
						f.Mean[i] = max(v, 0) // a rule of the competition's own
					}
				}
				return f.Mean
			})
			near(t, "sMAPE", smape, tc.smape, 0.0005)
			near(t, "MASE", mase, tc.mase, 0.0005)
		})
	}
}

// benchmarkModel is the model of a specification, which the competition gives
// adjusted series.
func benchmarkModel(t testing.TB, spec string, adjust bool) Forecaster {
	m, err := Parse(spec, []int{m4Season})
	if err != nil {
		t.Fatal(err)
	}
	if adjust {
		return guarded{adjusted{m.(guarded).method, m4Season}}
	}
	return m
}

// The competition's own forecasts of Naive2 and SES, series by series.
func TestM4PublishedForecasts(t *testing.T) {
	needReference(t)
	series := map[string][]float64{}
	for _, s := range readM4(t) {
		series[s.name] = s.train
	}
	models := map[string]Forecaster{
		"Naive2": benchmarkModel(t, "naive", true),
		"SES":    benchmarkModel(t, "ses:mode=r", true),
	}
	rows := 0
	f := new(Forecast)
	for _, row := range referenceRows(t, "m4_hourly_published_forecasts.csv") {
		if err := models[row[0]].Forecast(series[row[1]], m4Horizon, f); err != nil {
			t.Fatal(err)
		}
		for i, want := range numbers(t, row[2:]) {
			near(t, row[0]+" of "+row[1], f.Mean[i], want, halfSixthDigit(want)+5e-10*want)
		}
		rows++
	}
	if rows != 2*414 {
		t.Errorf("%d rows, want 2 for each of 414 series", rows)
	}
}

// halfSixthDigit is how far rounding to six digits, as in the competition's
// file, moves a number at most.
func halfSixthDigit(v float64) float64 {
	return math.Pow10(int(math.Floor(math.Log10(v)))-5) / 2
}
