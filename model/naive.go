package model

import "math"

var naiveEntry = entry{
	Info: Info{
		Name:    "naive",
		Cost:    "n",
		Source:  "Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.2 and 5.5",
		Summary: "the last value goes on",
	},
	build: func(name string, _ settings, _ []int) (Forecaster, error) { return guarded{naive{name}}, nil },
}

// naive repeats the last value: the best forecast of a random walk.
type naive struct{ name string }

func (m naive) Name() string { return m.name }

func (naive) MinLength() int { return 2 }

// project: h steps ahead the standard error is sigma*sqrt(h), where sigma^2 is
// the mean squared first difference.
func (naive) project(y []float64, f *Forecast) {
	squares := 0.0
	for i := 1; i < len(y); i++ {
		d := y[i] - y[i-1]
		squares += float64(d * d)
	}
	sigma := math.Sqrt(squares / float64(len(y)-1))
	for i := range f.Mean {
		f.Mean[i] = y[len(y)-1]
		f.SE[i] = sigma * math.Sqrt(float64(i+1))
	}
}
