package tui

import (
	"strings"
	"testing"

	"github.com/oriel-stream/oriel/stream"
)

// TestPoolLine: what an external model has failed stands where there is room.
func TestPoolLine(t *testing.T) {
	s := &stream.Snapshot{Workers: 2, Totals: stream.Summary{
		ForecastsMade: 12, ForecastsFail: 7, ForecastsShed: 3,
		ForecastsLost: map[string]int64{"crashed": 1, "timeout": 4, "refused": 1},
	}}
	f := &frame{snap: s}
	for width, want := range map[int]string{
		120: "pool of 2 workers: 12 made, 1 not made, 6 failed (4 timeout, 1 crashed, 1 refused), 3 shed",
		60:  "pool of 2 workers: 12 made, 1 not made, 6 failed, 3 shed",
		24:  "12 made, 1 not made",
	} {
		if got := strings.TrimSpace(f.poolLine(width)); got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
}
