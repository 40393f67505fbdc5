package model

import (
	"math"
	"testing"
)

// How good the models are where it was measured before. Each bound is a little
// above what was found; docs/forecasting.md sets it beside what others reach.
func TestAccuracyOnM4(t *testing.T) {
	needReference(t)
	for _, tc := range []struct {
		name, spec string
		seasons    []int
		owa        float64
	}{
		{"auto, two seasons", "auto", []int{24, 168}, 0.41},
		{"auto, a season", "auto", []int{24}, 0.55},
		{"auto, no season", "auto", nil, 0.80},
		{"decomp, two seasons", "decomp", []int{24, 168}, 0.41},
		{"decomp, a season", "decomp", []int{24}, 0.48},
		{"ar", "ar", nil, 0.67},
		{"theta", "theta", []int{24}, 1.006},
		{"comb", "comb", []int{24}, 1.49},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			smape, mase := score(t, m4Hourly(t, tc.seasons...), plain(tc.spec))
			owa := (smape/18.383 + mase/2.395) / 2
			t.Logf("sMAPE %.3f, MASE %.3f, OWA %.3f", smape, mase, owa)
			if !(owa <= tc.owa) {
				t.Errorf("OWA %.4f is above %v", owa, tc.owa)
			}
		})
	}
}

// Published sMAPE and MASE over all 3,003 series of M3 are those of the
// competition's own programs; ours come near or do better.
func TestAccuracyOnM3(t *testing.T) {
	needReference(t)
	challenges := m3(t)
	for _, tc := range []struct {
		name        string
		build       func(testing.TB, []int) Forecaster
		smape, mase float64
	}{
		{"Naive2", adjusting("naive"), 14.74, 1.67},
		{"Single", adjusting("ses:mode=r"), 13.91, 1.63},
		{"Holt", adjusting("holt:mode=r"), 14.84, 1.54},
		{"Dampen", adjusting("damped:mode=r"), 13.28, 1.48},
		{"Theta in mode r", plain("theta:mode=r"), 12.76, 1.39},
		{"Comb in mode r", plain("comb:mode=r"), 13.13, 1.44},
		{"Theta", plain("theta"), 12.76, 1.39},
		{"Comb", plain("comb"), 13.13, 1.44},
		{"auto", plain("auto"), 13.13, 1.44},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			smape, mase := score(t, challenges, tc.build)
			t.Logf("sMAPE %.3f, MASE %.3f; published %v, %v", smape, mase, tc.smape, tc.mase)
			if !(smape <= tc.smape+0.1 && mase <= tc.mase+0.05) {
				t.Errorf("sMAPE %.3f, MASE %.3f are worse than %v, %v", smape, mase, tc.smape, tc.mase)
			}
		})
	}
}

// Two long series with two seasons each: half-hourly demand for electricity and
// calls in five minutes. The bound is a share of the errors of seasonal naive.
func TestAccuracyOnTwoSeasons(t *testing.T) {
	needReference(t)
	for _, tc := range []struct {
		name, spec string
		challenges []challenge
		share      float64
	}{
		{"taylor, decomp", "decomp", rolling(t, "taylor.csv", 1344, 48, 61, 48, 336), 0.17},
		{"taylor, auto", "auto", rolling(t, "taylor.csv", 1344, 48, 61, 48, 336), 0.27},
		{"calls, decomp", "decomp", rolling(t, "calls.csv", 3380, 169, 1200, 169, 845), 0.70},
		{"calls, auto", "auto", rolling(t, "calls.csv", 3380, 169, 1200, 169, 845), 0.73},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			smape, mase := score(t, tc.challenges, plain(tc.spec))
			naiveSmape, naiveMase := score(t, tc.challenges, plain("snaive"))
			t.Logf("%d windows: sMAPE %.3f, MASE %.3f; snaive %.3f, %.3f", len(tc.challenges), smape, mase, naiveSmape, naiveMase)
			if share := math.Max(smape/naiveSmape, mase/naiveMase); !(share <= tc.share) {
				t.Errorf("%.3f of the errors of snaive, above %v", share, tc.share)
			}
		})
	}
}
