package model

import (
	"cmp"
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

// The oracle ranks and weighs the models by hand.
func TestAutoWeighsByHoldOut(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	used := map[string]int{}
	for range 200 {
		horizon := 1 + r.IntN(6)
		y := sample(r, 3*horizon+20+r.IntN(30))
		wantMean, wantSE := make([]float64, horizon), make([]float64, horizon)
		names, missed := ranked(t, y, horizon)
		total := 0.0
		for i, name := range names {
			weight := 1 / (missed[i] * missed[i])
			total += weight
			f := forecast(t, name, y, horizon)
			for h := range horizon {
				wantMean[h] += weight * f.Mean[h]
				wantSE[h] += weight * f.SE[h]
			}
			used[name]++
		}
		got := forecast(t, "auto", y, horizon)
		if !slices.Equal(got.Members, names) {
			t.Fatalf("chose %v, want %v", got.Members, names)
		}
		for h := range horizon {
			near(t, "mean", got.Mean[h], wantMean[h]/total, 1e-9*(1+math.Abs(got.Mean[h])))
			near(t, "standard error", got.SE[h], wantSE[h]/total, 1e-9*(1+got.SE[h]))
		}
	}
	if len(used) < 7 {
		t.Errorf("the series let auto use only %v", used)
	}
}

// ranked returns the three models that miss least on the last steps of y, and by
// how much.
func ranked(t *testing.T, y []float64, horizon int) (names []string, missed []float64) {
	names = []string{"naive", "drift", "ses", "holt", "damped", "theta", "ar"}
	by := map[string]float64{}
	for _, name := range names {
		for _, back := range []int{0, 1, 2} {
			cut := len(y) - horizon - back*max(1, horizon/2)
			if back > 0 && float64(cut) < float64(len(y))/2 {
				continue
			}
			f := forecast(t, name, y[:cut], horizon)
			for h := range horizon {
				by[name] += math.Abs(y[cut+h] - f.Mean[h])
			}
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(by[a], by[b]) })
	for _, name := range names[:3] {
		missed = append(missed, by[name])
	}
	return names[:3], missed
}

// Seasonal models take part where seasons are known and seen.
func TestAutoWithSeasons(t *testing.T) {
	m, err := Parse("auto", []int{4, 8})
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float64, 60)
	for i := range y {
		y[i] = 10 + []float64{3, -1, 0, -2}[i%4] + []float64{0, 5, 0, -5, 2, 0, -2, 0}[i%8]
	}
	var f Forecast
	if err := m.Forecast(y, 8, &f); err != nil {
		t.Fatal(err)
	}
	for h, got := range f.Mean {
		near(t, "mean", got, y[(60+h)%8], 1e-9)
	}
	var names []string
	for _, c := range f.Candidates {
		names = append(names, c.Name)
	}
	want := []string{
		"naive", "drift", "ses", "holt", "damped", "theta", "ar", "snaive:season=4", "snaive:season=8", "decomp",
	}
	if !slices.Equal(names, want) {
		t.Errorf("candidates %v, want %v", names, want)
	}
	if !slices.Equal(f.Members, []string{"snaive:season=8"}) {
		t.Errorf("members %v, want the one that misses nothing", f.Members)
	}
	if err := m.Forecast(y[:7], 2, &f); err != nil || slices.Contains(f.Members, "decomp") {
		t.Errorf("of seven values: members %v (%v)", f.Members, err)
	}
}
