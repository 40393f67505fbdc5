package model

import (
	"math"
	"testing"
)

// oilProduction is Saudi Arabia's, in million tonnes, 1996 to 2007, and
// airTravel is Australia's passengers in millions, 1990 to 2004: the examples
// of Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 1st ed.,
// 7.1 and 7.2. airPassengers is Box & Jenkins' series of monthly totals in
// thousands, 1949 to 1960.
var (
	oilProduction = []float64{
		446.6565229, 454.4733065, 455.6629740, 423.6322388, 456.2713279, 440.5880501,
		425.3325201, 485.1494479, 506.0481621, 526.7919833, 514.2688890, 494.2110193,
	}
	airTravel = []float64{
		17.55, 21.86, 23.89, 26.93, 26.89, 28.83, 30.08, 30.95, 30.19, 31.58, 32.58, 33.48, 39.02, 41.39, 41.60,
	}
	airPassengers = []float64{
		112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118,
		115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140,
		145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166,
		171, 180, 193, 181, 183, 218, 230, 242, 209, 191, 172, 194,
		196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201,
		204, 188, 235, 227, 234, 264, 302, 293, 259, 229, 203, 229,
		242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278,
		284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271, 306,
		315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336,
		340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337,
		360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405,
		417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432,
	}
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %v, want %v within %v", what, got, want, tolerance)
	}
}

// The textbook's start is a rule of thumb, the first value and, with growth, the
// first difference; only the start is not ours. It prints Holt's forecasts cut
// to two decimals.
func TestTextbookSES(t *testing.T) {
	for _, tc := range []struct{ alpha, want float64 }{{0.2, 484.8025}, {0.6, 501.8375}} {
		w := weights{alpha: tc.alpha, phi: 1}
		end, _ := w.run(oilProduction, state{next: oilProduction[0]})
		near(t, "forecast", end.next, tc.want, 5e-5)
	}
}

func TestTextbookHolt(t *testing.T) {
	growth := airTravel[1] - airTravel[0]
	w := weights{alpha: 0.8, beta: 0.8 * 0.2, phi: 1}
	end, _ := w.run(airTravel, state{next: airTravel[0] + growth, growth: growth})
	var f Forecast
	f.resize(5)
	w.project(end, 1, 1, &f)
	for i, want := range []float64{43.76, 45.59, 47.43, 49.27, 51.10} {
		near(t, "forecast", f.Mean[i], want, 0.01)
	}
}

// R's forecast::naive and forecast::rwf of AirPassengers.
func TestTextbookRandomWalks(t *testing.T) {
	for _, tc := range []struct {
		model       string
		h           int
		mean, lower float64
	}{
		{"naive", 1, 432, 388.7984},
		{"naive", 2, 432, 370.9037},
		{"naive", 12, 432, 282.3452},
		{"drift", 1, 434.2378, 390.8289},
	} {
		f := forecast(t, tc.model, airPassengers, tc.h)
		lower, _ := Bounds(f, 80, nil, nil)
		near(t, tc.model+" mean", f.Mean[tc.h-1], tc.mean, 5e-5)
		near(t, tc.model+" lower bound", lower[tc.h-1], tc.lower, 5e-5)
	}
}
