package model

import (
	"errors"
	"math"
)

var seasonParam = seasonParameter("length of the season in steps (the shortest of --season)")

func seasonParameter(summary string) Param {
	return Param{Name: "season", Min: 2, Max: 1_000_000, Whole: true, Summary: summary}
}

var snaiveEntry = entry{
	Info: Info{
		Name:       "snaive",
		Params:     []Param{seasonParam},
		MinSeasons: 1,
		Cost:       "n",
		Source:     "Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.2 and 5.5",
		Summary:    "the last season goes on",
	},
	build: func(name string, fixed settings, seasons []int) (Forecaster, error) {
		season, err := fixed.season(seasons)
		if err != nil {
			return nil, err
		}
		return guarded{snaive{name, season}}, nil
	},
}

// errNoSeason is what models that need a season answer without one.
var errNoSeason = errors.New("it needs a season: give its length in steps, as in --season 24")

// season returns the parameter of that name, or else the shortest of seasons.
func (s settings) season(seasons []int) (int, error) {
	if season, ok := s[seasonParam.Name]; ok {
		return int(season), nil
	}
	if len(seasons) == 0 {
		return 0, errNoSeason
	}
	return seasons[0], nil
}

// seasonOrNone is season, 0 without one.
func (s settings) seasonOrNone(seasons []int) int {
	season, err := s.season(seasons)
	if err != nil {
		return 0
	}
	return season
}

// snaive repeats the last season.
type snaive struct {
	name   string
	season int
}

func (m snaive) Name() string { return m.name }

func (m snaive) MinLength() int { return m.season + 1 }

// project: in the k-th season ahead the standard error is sigma*sqrt(k), where
// sigma^2 is the mean squared difference from the season before.
func (m snaive) project(y []float64, f *Forecast) {
	squares := 0.0
	for i := m.season; i < len(y); i++ {
		d := y[i] - y[i-m.season]
		squares += float64(d * d)
	}
	sigma := math.Sqrt(squares / float64(len(y)-m.season))
	for i := range f.Mean {
		f.Mean[i] = y[len(y)-m.season+i%m.season]
		f.SE[i] = sigma * math.Sqrt(float64(1+i/m.season))
	}
}
