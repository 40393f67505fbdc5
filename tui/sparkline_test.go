package tui

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestSparkline(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name   string
		values []float64
		width  int
		ascii  bool
		want   string
	}{
		{"none", nil, 3, false, "   "},
		{"no room", []float64{1}, 0, false, ""},
		{"all bars", []float64{0, 1, 2, 3, 4, 5, 6, 7}, 8, false, "▁▂▃▄▅▆▇█"},
		{"ascii", []float64{0, 1, 2, 3, 4}, 5, true, "_.-=^"},
		{"the newest are shown", []float64{9, 0, 7}, 2, false, "▁█"},
		{"the newest is at the right", []float64{0, 7}, 4, false, "  ▁█"},
		{"one value", []float64{5}, 1, false, "▄"},
		{"equal values", []float64{5, 5}, 2, false, "▄▄"},
		{"a gap", []float64{0, nan, 7}, 3, false, "▁ █"},
		{"only gaps", []float64{nan, nan}, 2, false, "  "},
		{"infinities", []float64{-inf, 0, 3, 7, inf}, 5, false, "▁▁▄██"},
		{"only infinities", []float64{-inf, inf}, 2, false, "▁█"},
		{"the whole range", []float64{-math.MaxFloat64, 0, math.MaxFloat64}, 3, false, "▁▅█"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := sparkline(c.values, c.width, c.ascii); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestSparklineIsAsWideAsAskedFor(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		values := actuals(randomFocus(rng).Points)
		width := rng.IntN(40)
		if got := ansi.StringWidth(sparkline(values, width, rng.IntN(2) == 0)); got != width {
			t.Fatalf("%d cells, want %d, for %v", got, width, values)
		}
	}
}
