package stream

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/window"
)

// TestAppendTimesBehindCreateTimes: a topic may be given the broker's clock. What
// waits by then counts before the first record of that clock moves the watermark.
func TestAppendTimesBehindCreateTimes(t *testing.T) {
	created, appended := record(0, 1, "a", "1"), []Record{record(1, 15, "a", "2"), record(2, 25, "a", "4")}
	for i := range appended {
		appended[i].Clock = window.ClockAppend
	}
	out := &printed{}
	cfg := testConfig(out)
	cfg.Window.MaxFuture = 10
	sum, err := Run(t.Context(), cfg, &logs{chunk: 2, partitions: [][]Record{append([]Record{created}, appended...)}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a 0-10 n=1 sum=1 watermark",
		"a 10-20 n=1 sum=2 watermark",
		"a 20-30 n=1 sum=4 end_of_input incomplete=end",
	}
	if diff := cmp.Diff(want, out.lines); diff != "" || sum.InTime != 3 {
		t.Errorf("%d records were in time; lines (-want +got):\n%s", sum.InTime, diff)
	}
}
