package model

import (
	"math"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// challenge is a series to forecast and what came after it.
type challenge struct {
	name          string
	train, future []float64
	seasons       []int
	// lag is the season of the naive forecasts that MASE compares with.
	lag int
}

// m4Hourly are the hourly series of the M4 competition, with these seasons.
func m4Hourly(t testing.TB, seasons ...int) []challenge {
	train, test := reference(t, "Hourly-train.csv"), reference(t, "Hourly-test.csv")
	challenges := make([]challenge, len(train))
	for i := range train {
		challenges[i] = challenge{train[i][0], numbers(t, train[i][1:]), numbers(t, test[i][1:]), seasons, 24}
	}
	return challenges
}

// m3 are the series of the M3 competition.
func m3(t testing.TB) []challenge {
	var challenges []challenge
	for _, row := range referenceRows(t, "m3.csv") {
		lag, err := strconv.Atoi(row[2])
		if err != nil {
			t.Fatal(err)
		}
		var seasons []int
		if lag > 1 {
			seasons = []int{lag}
		}
		train, future := numbers(t, strings.Fields(row[4])), numbers(t, strings.Fields(row[5]))
		challenges = append(challenges, challenge{row[0], train, future, seasons, lag})
	}
	return challenges
}

// rolling are windows of one long series, hop apart.
func rolling(t testing.TB, name string, size, horizon, hop int, seasons ...int) []challenge {
	var y []float64
	for _, row := range reference(t, name) {
		y = append(y, numbers(t, row)...)
	}
	var challenges []challenge
	for end := size; end+horizon <= len(y); end += hop {
		challenges = append(challenges, challenge{name, y[end-size : end], y[end : end+horizon], seasons, seasons[0]})
	}
	return challenges
}

// errorsOf returns the sMAPE and the MASE of a forecast as the M4 competition
// defined them.
func (s challenge) errorsOf(mean []float64) (smape, mase float64) {
	scale := 0.0
	for j := s.lag; j < len(s.train); j++ {
		scale += math.Abs(s.train[j]-s.train[j-s.lag]) / float64(len(s.train)-s.lag)
	}
	for j, v := range s.future {
		missed := math.Abs(v - mean[j])
		smape += 200 * missed / (math.Abs(v) + math.Abs(mean[j])) / float64(len(s.future))
		mase += missed / scale / float64(len(s.future))
	}
	return smape, mase
}

// score returns the mean errors of a model over all challenges; build makes it of a
// challenge's seasons.
func score(t testing.TB, challenges []challenge, build func(testing.TB, []int) Forecaster) (smape, mase float64) {
	workers := runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	smapes, mases := make([]float64, len(challenges)), make([]float64, len(challenges))
	for w := range workers {
		wait.Go(func() {
			f := new(Forecast)
			for i := w; i < len(challenges); i += workers {
				s := challenges[i]
				if err := build(t, s.seasons).Forecast(s.train, len(s.future), f); err != nil {
					t.Errorf("%s: %v", s.name, err)
					continue
				}
				smapes[i], mases[i] = s.errorsOf(f.Mean)
			}
		})
	}
	wait.Wait()
	return meanOf(smapes), meanOf(mases)
}

// plain builds the model of a specification.
func plain(spec string) func(testing.TB, []int) Forecaster {
	return func(t testing.TB, seasons []int) Forecaster {
		m, err := Parse(spec, seasons)
		if err != nil {
			t.Error(err)
		}
		return m
	}
}

// adjusting builds it with the season taken out and put back.
func adjusting(spec string) func(testing.TB, []int) Forecaster {
	return func(t testing.TB, seasons []int) Forecaster {
		m := plain(spec)(t, seasons)
		if len(seasons) == 0 {
			return m
		}
		return guarded{adjusted{m.(guarded).method, seasons[0]}}
	}
}

// neverNegative builds it with a rule of the M4 competition's Theta: a forecast
// below 0 becomes 0.
func neverNegative(spec string) func(testing.TB, []int) Forecaster {
	return func(t testing.TB, seasons []int) Forecaster { return clamped{plain(spec)(t, seasons)} }
}

type clamped struct{ Forecaster }

func (c clamped) Forecast(y []float64, horizon int, out *Forecast) error {
	err := c.Forecaster.Forecast(y, horizon, out)
	for i, v := range out.Mean {
		out.Mean[i] = max(v, 0)
	}
	return err
}
