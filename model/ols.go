package model

import "math"

var olsEntry = entry{
	Info: Info{
		Name:    "ols",
		Cost:    "2 n",
		Source:  "Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 7.1 and 7.9",
		Summary: "the line of least squares through all values goes on",
	},
	build: func(name string, _ settings, _ []int) (Forecaster, error) { return guarded{ols{name}}, nil },
}

// ols is a regression on time.
type ols struct{ name string }

func (m ols) Name() string { return m.name }

func (ols) MinLength() int { return 3 }

// project: with time centred on the middle of the series, at time t the
// standard error is s*sqrt(1 + 1/n + t^2/sum of all t^2), where s^2 is the
// squared deviation from the line divided by n-2; Student t with n-2 degrees of
// freedom.
func (ols) project(y []float64, f *Forecast) {
	n := float64(len(y))
	l := lineThrough(y)
	squares := 0.0
	for i, v := range y {
		e := v - l.at(i)
		squares += float64(e * e)
	}
	s := math.Sqrt(squares / (n - 2))
	for i := range f.Mean {
		t := float64(len(y)+i) - l.middle
		f.Mean[i] = l.at(len(y) + i)
		f.SE[i] = s * math.Sqrt(1+1/n+float64(t*t)/spread(n))
	}
	f.Freedom = len(y) - 2
}

// line is height + slope*(t-middle).
type line struct{ height, slope, middle float64 }

func (l line) at(t int) float64 { return l.height + float64(l.slope*(float64(t)-l.middle)) }

// lineThrough returns the line of least squares through y[0], y[1], ... at the
// times 0, 1, ...; y has two values or more.
func lineThrough(y []float64) line {
	n := float64(len(y))
	middle := float64((n - 1) / 2)
	sum, moment := 0.0, 0.0
	for i, v := range y {
		d := v - y[0]
		sum += d
		moment += float64(d * (float64(i) - middle))
	}
	return line{height: y[0] + sum/n, slope: moment / spread(n), middle: middle}
}

// spread is the sum of the squared distances of n equidistant times from their
// middle.
func spread(n float64) float64 { return n * (float64(n*n) - 1) / 12 }
