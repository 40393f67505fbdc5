package model

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestAutoMembers(t *testing.T) {
	line := make([]float64, 30)
	for i := range line {
		line[i] = float64(i)
	}
	for _, tc := range []struct {
		name    string
		y       []float64
		horizon int
		want    []string
	}{
		{"below three horizons", airTravel[:14], 5, []string{"naive", "ses", "damped"}},
		{"too short for damped", airTravel[:5], 5, []string{"naive", "ses"}},
		{"too short for ses", airTravel[:2], 5, []string{"naive"}},
		{"a line", line, 5, []string{"drift"}},
		{"a constant", slices.Repeat([]float64{3}, 15), 5, []string{"naive"}},
		{"at three horizons only naive fits two values", []float64{1, 5, 2}, 1, []string{"naive"}},
	} {
		if got := forecast(t, "auto", tc.y, tc.horizon).Members; !slices.Equal(got, tc.want) {
			t.Errorf("%s: members %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestAutoAverages(t *testing.T) {
	const horizon = 5
	y := airTravel[:14]
	got := forecast(t, "auto", y, horizon)
	naive, ses, damped := forecast(t, "naive", y, horizon), forecast(t, "ses", y, horizon), forecast(t, "damped", y, horizon)
	for i := range got.Mean {
		near(t, "mean", got.Mean[i], (naive.Mean[i]+ses.Mean[i]+damped.Mean[i])/3, 1e-12)
		near(t, "standard error", got.SE[i], (naive.SE[i]+ses.SE[i]+damped.SE[i])/3, 1e-12)
	}
}

// The oracle ranks the models by hand.
func TestAutoChoosesByHoldout(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	chosen := map[string]int{}
	for range 200 {
		horizon := 1 + r.IntN(6)
		y := sample(r, 3*horizon+6+r.IntN(30))
		best, least := "", math.Inf(1)
		for _, name := range []string{"naive", "drift", "ses", "holt", "damped"} {
			f := forecast(t, name, y[:len(y)-horizon], horizon)
			mae := 0.0
			for i, v := range y[len(y)-horizon:] {
				mae += math.Abs(v-f.Mean[i]) / float64(horizon)
			}
			if mae < least {
				best, least = name, mae
			}
		}
		want, got := forecast(t, best, y, horizon), forecast(t, "auto", y, horizon)
		if !slices.Equal(got.Members, []string{best}) || !slices.Equal(got.Mean, want.Mean) || !slices.Equal(got.SE, want.SE) {
			t.Fatalf("chose %v, want %s", got.Members, best)
		}
		chosen[best]++
	}
	if len(chosen) < 5 {
		t.Errorf("the series let auto choose only among %v", chosen)
	}
}
