package model

import (
	"math"
	"testing"
)

// The benchmarks of the M4 competition with their published sMAPE and MASE on
// its 414 hourly series. All but the first two are given series without their
// season.
func TestM4Benchmarks(t *testing.T) {
	needReference(t)
	challenges := m4Hourly(t, 24)
	for _, tc := range []struct {
		name        string
		build       func(testing.TB, []int) Forecaster
		smape, mase float64
	}{
		{"Naive", plain("naive"), 43.003, 11.608},
		{"sNaive", plain("snaive"), 13.912, 1.193},
		{"Naive2", adjusting("naive"), 18.383, 2.395},
		{"SES", adjusting("ses:mode=r"), 18.094, 2.385},
		{"Holt", adjusting("holt:mode=r"), 29.249, 9.356},
		{"Damped", adjusting("damped:mode=r"), 19.265, 2.956},
		{"Theta", neverNegative("theta:mode=r"), 18.138, 2.455},
		{"Comb", plain("comb:mode=r"), 22.053, 4.582},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			smape, mase := score(t, challenges, tc.build)
			near(t, "sMAPE", smape, tc.smape, 0.0005)
			near(t, "MASE", mase, tc.mase, 0.0005)
		})
	}
}

// The search for alpha since version 8.3 of R's forecast package starts
// elsewhere, and a run of the benchmark with it was published as well.
func TestM4HoltSinceR83(t *testing.T) {
	needReference(t)
	smape, mase := score(t, m4Hourly(t, 24), adjusting("holt:mode=r9"))
	near(t, "sMAPE", smape, 29.4737, 0.00005)
	near(t, "MASE", mase, 9.3799, 0.00005)
}

// The competition's own forecasts of Naive2 and SES, series by series, which
// its file has to six digits.
func TestM4PublishedForecasts(t *testing.T) {
	needReference(t)
	challenges := map[string]challenge{}
	for _, s := range m4Hourly(t, 24) {
		challenges[s.name] = s
	}
	models := map[string]Forecaster{
		"Naive2": adjusting("naive")(t, []int{24}),
		"SES":    adjusting("ses:mode=r")(t, []int{24}),
	}
	rows := 0
	f := new(Forecast)
	for _, row := range referenceRows(t, "m4_hourly_published_forecasts.csv") {
		s := challenges[row[1]]
		if err := models[row[0]].Forecast(s.train, len(s.future), f); err != nil {
			t.Fatal(err)
		}
		for i, want := range numbers(t, row[2:]) {
			near(t, row[0]+" of "+s.name, f.Mean[i], want, halfSixthDigit(want)+5e-10*want)
		}
		rows++
	}
	if want := 2 * len(challenges); rows != want {
		t.Errorf("%d rows, want %d", rows, want)
	}
}

// halfSixthDigit is how far rounding to six digits moves a number at most.
func halfSixthDigit(v float64) float64 {
	return math.Pow10(int(math.Floor(math.Log10(v)))-5) / 2
}
