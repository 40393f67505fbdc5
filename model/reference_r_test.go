package model

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// estimate is what a fit in mode r9 found: weights, starting state (level,
// growth, season with the newest first), residual deviation and forecast.
type estimate struct {
	w     weights
	start []float64
	sigma float64
	mean  []float64
}

// estimated fits a smoothing as R does.
func estimated(t *testing.T, spec string, y []float64, horizon int) estimate {
	t.Helper()
	f := forecast(t, spec, y, horizon)
	e := estimate{mean: f.Mean, sigma: f.SE[0]}
	var space *rspace
	switch m := parse(t, spec).(guarded).method.(type) {
	case *smoothing:
		space = m.likeR
	case *holtWinters:
		space = m.likeR
	}
	room := new(Forecast)
	e.w = space.fit(y, room)
	e.start = room.states
	return e
}

// What Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 2nd ed.,
// chapter 7, print of R's ses, holt and hw, and an R session with
// AirPassengers. A weight that is printed as 1e-04 is at its bound.
func TestRPrints(t *testing.T) {
	needReference(t)
	ausair := years(t, "ausair.csv", "1990", "2016")
	for _, tc := range []struct {
		spec    string
		y       []float64
		weights weights
		start   []float64
		sigma   float64
		mean    []float64
	}{
		{"ses:mode=r9", years(t, "oil.csv", "1996", "2013"), weights{alpha: 0.8339}, []float64{446.5868}, 29.8282, []float64{542.6806}},
		{
			"holt:mode=r9", ausair,
			weights{alpha: 0.8302, beta: 0.0001},
			[]float64{15.5715, 2.1017},
			2.3645,
			[]float64{74.6013, 76.7030, 78.8048, 80.9065, 83.0083},
		},
		{
			"damped:mode=r9", years(t, "livestock.csv", "1961", "2007"),
			weights{alpha: 0.9999, beta: 0.0003, phi: 0.9798},
			[]float64{223.35, 6.9046},
			12.8435, nil,
		},
		{
			"hw:season=4,mode=r9", years(t, "austourists.csv", "2005", "2016"),
			weights{alpha: 0.3063, beta: 0.0001, gamma: 0.4263},
			[]float64{32.2597, 0.7014, 1.3106, -1.6935, -9.3132, 9.6962},
			1.9494, nil,
		},
		{"ses:mode=r9", airPassengers, weights{alpha: 0.9999}, []float64{111.9892}, 33.8299, []float64{431.9958}},
		{"holt:mode=r9", airPassengers, weights{alpha: 0.9999, beta: 0.0001}, []float64{119.7517, 1.5963}, 34.0125, nil},
	} {
		got := estimated(t, tc.spec, tc.y, 5)
		t.Logf("%s: %+v", tc.spec, got)
		near(t, tc.spec+" alpha", got.w.alpha, tc.weights.alpha, 5e-5)
		near(t, tc.spec+" beta", got.w.beta, tc.weights.beta, 5e-5)
		near(t, tc.spec+" gamma", got.w.gamma, tc.weights.gamma, 5e-5)
		if tc.weights.phi > 0 {
			near(t, tc.spec+" phi", got.w.phi, tc.weights.phi, 5e-5)
		}
		for i, want := range tc.start {
			near(t, tc.spec+" start", got.start[i], want, 5e-5)
		}
		near(t, tc.spec+" sigma", got.sigma, tc.sigma, 5e-5)
		for i, want := range tc.mean {
			near(t, tc.spec+" mean", got.mean[i], want, 5e-5)
		}
	}
}

// R's ets on the forms that mode r9 has. It minimises the likelihood instead of
// the squares, so it stops a little elsewhere.
func TestREts(t *testing.T) {
	needReference(t)
	oil, tourists := years(t, "oil.csv", "0", "9"), years(t, "austourists.csv", "0", "9")
	for _, tc := range []struct {
		file, damped, form, spec string
		y                        []float64
	}{
		{"nonseasonal", "FALSE", "ANN", "ses:mode=r9", oil},
		{"nonseasonal", "FALSE", "AAN", "holt:mode=r9", oil},
		{"nonseasonal", "TRUE", "AAN", "damped:mode=r9", oil},
		{"seasonal", "FALSE", "AAA", "hw:season=4,mode=r9", tourists},
	} {
		b, err := os.ReadFile(filepath.Join(referenceData(), "fit_ets_results_"+tc.file+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var results map[string]map[string]any
		if err := json.Unmarshal(b, &results); err != nil {
			t.Fatal(err)
		}
		want := results[tc.damped][tc.form].(map[string]any)
		sigma2, mean := want["sigma2"].([]any), want["forecast"].([]any)
		got := estimated(t, tc.spec, tc.y, len(mean))
		t.Logf("%s: %+v\n%v %v %v", tc.spec, got, want["alpha"], sigma2, mean)
		near(t, tc.spec+" sigma", got.sigma, math.Sqrt(sigma2[0].(float64)), 5e-4*got.sigma)
		for i, v := range mean {
			near(t, tc.spec+" mean", got.mean[i], v.(float64), 2e-4*v.(float64))
		}
	}
}

// lh is R's series of that name, luteinizing hormone in blood every ten minutes.
var lh = []float64{
	2.4, 2.4, 2.4, 2.2, 2.1, 1.5, 2.3, 2.3, 2.5, 2.0, 1.9, 1.7, 2.2, 1.8, 3.2, 3.2, 2.7, 2.2, 2.2, 1.9, 1.9, 1.8, 2.7, 3.0,
	2.3, 2.0, 2.0, 2.9, 2.9, 2.7, 2.7, 2.3, 2.6, 2.4, 1.8, 1.7, 1.5, 1.4, 2.1, 3.3, 3.5, 3.5, 3.1, 2.6, 2.1, 3.4, 3.0, 2.9,
}

// R's ar(lh, method = "burg") prints these.
func TestBurg(t *testing.T) {
	f := forecast(t, "ar", lh, 3)
	a := &f.autoregression
	if len(a.weights) != 3 {
		t.Fatalf("order %d, want 3", len(a.weights))
	}
	for i, want := range []float64{0.6588, -0.0608, -0.2234} {
		near(t, "weight", a.weights[i], want, 5e-5)
	}
	near(t, "variance", a.variance, 0.1786*48/44, 0.02)
	t.Logf("variance %v", a.variance)
}
