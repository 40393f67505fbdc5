package stream

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/oriel-stream/oriel/window"
)

// lineOf makes a line of the window [end-10, end) with hopping windows of 5 and
// steps of 5.
func lineOf(end window.Time, firing window.Firing, revision int, values ...float64) *Line {
	p := &window.Pane{
		Series: "v", Span: window.Span{Start: end - 10, End: end}, Size: 10, Hop: 5, Step: 5,
		Firing: firing, Revision: revision, Final: firing == window.FiredFinal,
	}
	for i, v := range values {
		p.Add(window.Sample{Time: end - 1, Offset: int64(i), Value: v})
	}
	if firing == window.FiredOnTime && len(values) > 0 {
		p.Steps = []window.StepValue{{}, {Count: int64(len(values))}} // of value 0
	}
	return &Line{Pane: p}
}

// TestRevisedWindows: a window that comes out again stays one row, and the chart
// gets no second point of it.
func TestRevisedWindows(t *testing.T) {
	h := newKeyHistory(keyID{}, MeasureMean, 1)
	for _, end := range []window.Time{10, 15, 20} {
		h.add(lineOf(end, window.FiredOnTime, 0, 1, 3), 0)
	}
	before := h.focus(0)
	h.add(lineOf(15, window.FiredUpdate, 1, 1, 3, 5), 0)
	h.add(lineOf(15, window.FiredFinal, 2, 1, 3, 5, 7), 0)
	after := h.focus(0)
	if len(after.Closed) != 3 || len(after.Points) != len(before.Points) || h.windows != 3 || len(h.recent) != 3 {
		t.Fatalf("%d rows, %d points, %d windows, %d recent", len(after.Closed), len(after.Points), h.windows, len(h.recent))
	}
	if c := after.Closed[1]; c.End != 15 || c.Count != 4 || c.Mean != 4 || c.Revision != 2 || !c.Final {
		t.Errorf("the row is %+v", c)
	}
	if c := before.Closed[1]; c.Count != 2 || c.Revision != 0 {
		t.Errorf("the picture taken before has changed: %+v", c)
	}
}

// TestWindowOfLateRecordsAlone: its first line comes when later windows have
// closed long since; it takes its place among them.
func TestWindowOfLateRecordsAlone(t *testing.T) {
	h := newKeyHistory(keyID{}, MeasureMean, 1)
	h.add(lineOf(10, window.FiredOnTime, 0, 1), 0)
	h.add(lineOf(20, window.FiredOnTime, 0, 1), 0)
	ahead, points := h.specs[0].ahead, len(h.specs[0].points)
	h.add(lineOf(15, window.FiredFinal, 0, 9), 0)
	var ends []window.Time
	for _, c := range h.focus(0).Closed {
		ends = append(ends, c.End)
	}
	if !slices.Equal(ends, []window.Time{10, 15, 20}) || h.windows != 3 {
		t.Errorf("rows end at %v, %d windows", ends, h.windows)
	}
	if len(h.specs[0].points) != points || len(h.specs[0].ahead) != len(ahead) {
		t.Error("it went into the chart")
	}
}

// TestRevisionsOfOldWindows: what is older than the rows that are shown is
// passed over, and the rows stay in order and bounded.
func TestRevisionsOfOldWindows(t *testing.T) {
	h := newKeyHistory(keyID{}, MeasureMean, 1)
	for i := range 500 {
		h.add(lineOf(window.Time(10*i), window.FiredOnTime, 0, 1), 0)
		h.focus(0)
		for _, back := range []int{1, 60, 127, 128, 200} {
			if i > back {
				h.add(lineOf(window.Time(10*(i-back)), window.FiredUpdate, 1, 1, 2), 0)
				h.add(lineOf(window.Time(10*(i-back)+5), window.FiredFinal, 0, 2), 0)
			}
		}
		closed := h.focus(0).Closed
		if len(closed) > maxClosed || len(h.specs[0].closed) > 2*maxClosed {
			t.Fatalf("%d rows of %d", len(closed), len(h.specs[0].closed))
		}
		for k := 1; k < len(closed); k++ {
			if closed[k-1].End >= closed[k].End {
				t.Fatalf("after %d windows row %d ends at %d, the next at %d", i, k-1, closed[k-1].End, closed[k].End)
			}
		}
		if newest := closed[len(closed)-1]; newest.End != window.Time(10*i) {
			t.Fatalf("the newest row ends at %d, want %d", newest.End, 10*i)
		}
	}
}

// TestEmptyWindows: they are gaps in the chart, and nothing in them is a number.
func TestEmptyWindows(t *testing.T) {
	h := newKeyHistory(keyID{}, MeasureMean, 1)
	h.add(lineOf(10, window.FiredOnTime, 0, 1), 0)
	h.add(lineOf(15, window.FiredOnTime, 0), 0)
	f := h.focus(0)
	if c := f.Closed[1]; c.Count != 0 || !math.IsNaN(c.Mean) || !math.IsNaN(c.Min) || !math.IsNaN(c.Max) {
		t.Errorf("the row is %+v", c)
	}
	if n := len(f.Points); n != 3 || f.Points[2].At != 10 || !math.IsNaN(f.Points[2].Actual) || f.Points[1].Actual != 0 {
		t.Errorf("points %+v", f.Points)
	}
	counted := newKeyHistory(keyID{}, MeasureMean, 1)
	l := lineOf(15, window.FiredOnTime, 0)
	l.Counted = true
	counted.add(l, 0)
	if p := counted.focus(0).Points; len(p) != 2 || p[1].Actual != 0 {
		t.Errorf("of counted records: %+v", p)
	}
}

// TestChartOfAggregates: a window is a point of the chart by the measure that is
// forecast, and stands where it was forecast to.
func TestChartOfAggregates(t *testing.T) {
	h := newKeyHistory(keyID{}, MeasureMax, 1)
	for i, values := range [][]float64{{1, 7}, {3, 2}, {5}} {
		l := lineOf(window.Time(10+5*i), window.FiredOnTime, 0, values...)
		l.Step, l.Steps = 0, nil
		l.Forecast = &Forecast{
			Origin: l.End, Step: l.Hop, Mean: []float64{10 * float64(i), 11}, Intervals: []Interval{{Level: 80, Lower: []float64{1, 2}, Upper: []float64{3, 4}}},
		}
		h.add(l, 0)
	}
	f := h.focus(0)
	none := math.NaN()
	want := []Point{
		{At: 5, Actual: 7, Forecast: none, Low: none, High: none},
		{At: 10, Actual: 3, Forecast: 0, Low: 1, High: 3},
		{At: 15, Actual: 5, Forecast: 10, Low: 1, High: 3},
	}
	if diff := cmp.Diff(want, f.Points, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("points (-want +got):\n%s", diff)
	}
	if f.Step != 5 || len(f.Ahead) != 2 || f.Ahead[0].At != 20 || f.Ahead[1].At != 25 || f.Level != 80 {
		t.Errorf("step %v, ahead %+v, level %v", f.Step, f.Ahead, f.Level)
	}
}
