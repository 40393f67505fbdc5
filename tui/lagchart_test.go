package tui

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/muesli/termenv"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// lagHistory has a median that creeps up and a tail that flares.
func lagHistory(seconds int) []stream.LagPoint {
	points := make([]stream.LagPoint, seconds)
	for i := range points {
		p50 := window.Duration(300 + 20*(i%40))
		p99 := p50 + window.Duration(400+150*(i%9))
		points[i] = stream.LagPoint{At: chartStart.Add(window.Duration(i) * 1000), P50: p50, P99: p99, Max: 2 * p99}
	}
	return points
}

func TestLagChart(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		for _, height := range []int{1, 2, 3, 6} {
			name := strconv.Itoa(height)
			if ascii {
				name += "-ascii"
			}
			t.Run(name, func(t *testing.T) {
				got := lagChart(lagHistory(70), 60, height, newStyles(termenv.Ascii), chartOptions{ASCII: ascii})
				checkFrame(t, got, 60, height)
				golden.RequireEqual(t, []byte(got))
			})
		}
	}
}

func TestLagChartScale(t *testing.T) {
	st := newStyles(termenv.Ascii)
	bars := func(p50, p99 window.Duration) string {
		lines := strings.Split(lagChart([]stream.LagPoint{{P50: p50, P99: p99}}, 1, 3, st, chartOptions{}), "\n")
		return lines[1] + lines[2]
	}
	for _, c := range []struct {
		p50, p99 window.Duration
		want     string
	}{
		{1000, 1000, "██"},
		{500, 1000, "░█"},
		{250, 1000, "░▄"},
		{0, 1000, "░░"},
		{0, 0, "░"},
		{-500, -100, "░"}, // event times ahead of the clock are no lag
	} {
		if got := bars(c.p50, c.p99); got != c.want {
			t.Errorf("%v and %v are drawn as %q, want %q", c.p50, c.p99, got, c.want)
		}
	}
}

func TestLagChartFits(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	odd := [...]window.Duration{0, -1, math.MinInt64, math.MaxInt64, 86_400_000}
	lag := func() window.Duration {
		if rng.IntN(5) == 0 {
			return odd[rng.IntN(len(odd))]
		}
		return window.Duration(rng.IntN(100_000))
	}
	for range 2000 {
		points := make([]stream.LagPoint, rng.IntN(90))
		for i := range points {
			points[i] = stream.LagPoint{P50: lag(), P99: lag()}
		}
		width, height := rng.IntN(90), rng.IntN(8)
		got := lagChart(points, width, height, newStyles(termenv.TrueColor), chartOptions{ASCII: rng.IntN(2) == 0})
		checkFrame(t, got, width, height)
	}
}
