package model

import "math"

var meanEntry = entry{
	Info: Info{
		Name:    "mean",
		Cost:    "n",
		Source:  "Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.2 and 5.5",
		Summary: "the mean of all values",
	},
	build: func(name string, _ settings, _ []int) (Forecaster, error) { return guarded{mean{name}}, nil },
}

// mean forecasts noise around a level that does not move.
type mean struct{ name string }

func (m mean) Name() string { return m.name }

func (mean) MinLength() int { return 2 }

// project: the standard error is s*sqrt(1+1/n) at every step, where s is the
// sample's standard deviation; Student t with n-1 degrees of freedom.
func (mean) project(y []float64, f *Forecast) {
	n := float64(len(y))
	centre := meanOf(y)
	squares := 0.0
	for _, v := range y {
		squares += float64((v - centre) * (v - centre))
	}
	se := math.Sqrt(squares / (n - 1) * (1 + 1/n))
	for i := range f.Mean {
		f.Mean[i], f.SE[i] = centre, se
	}
	f.Freedom = len(y) - 1
}

// meanOf returns the mean of y. That of equal values is that value.
func meanOf(y []float64) float64 {
	sum := 0.0
	for _, v := range y {
		sum += v - y[0]
	}
	return y[0] + sum/float64(len(y))
}
