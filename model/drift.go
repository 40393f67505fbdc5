package model

import "math"

var driftEntry = entry{
	Info: Info{
		Name:    "drift",
		Cost:    "n",
		Source:  "Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.2 and 5.5",
		Summary: "the line through the first and the last value goes on",
	},
	build: func(name string, _ settings, _ []int) (Forecaster, error) { return guarded{drift{name}}, nil },
}

// drift is a random walk whose steps have a mean.
type drift struct{ name string }

func (m drift) Name() string { return m.name }

func (drift) MinLength() int { return 3 }

// project: h steps ahead of n values the standard error is
// s*sqrt(h + h^2/(n-1)), where s^2 is the squared deviation of the first
// differences from their mean, divided by n-2. The second term is the
// uncertainty of the slope.
func (drift) project(y []float64, f *Forecast) {
	last, steps := y[len(y)-1], float64(len(y)-1)
	slope := (last - y[0]) / steps
	squares := 0.0
	for i := 1; i < len(y); i++ {
		d := y[i] - y[i-1] - slope
		squares += float64(d * d)
	}
	s := math.Sqrt(squares / (steps - 1))
	for i := range f.Mean {
		h := float64(i + 1)
		f.Mean[i] = last + float64(h*slope)
		f.SE[i] = s * math.Sqrt(h+float64(h*(h/steps)))
	}
}
