package stream

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// copied is a Sink that keeps what lines say of their windows and forecasts.
type copied struct{ lines []copiedLine }

type copiedLine struct {
	runID
	end      window.Time
	on       window.Firing
	content  window.Aggregate
	forecast Forecast
}

func (c *copied) Write(l *Line) error {
	x := copiedLine{
		runID: runID{keyID{topic: l.Topic, key: l.Key, series: l.Series}, l.Size, l.Hop}, end: l.End, on: l.Firing, content: l.Aggregate,
	}
	if l.Forecast != nil {
		x.forecast = *l.Forecast
		x.forecast.Mean, x.forecast.Intervals = slices.Clone(l.Forecast.Mean), nil
	}
	c.lines = append(c.lines, x)
	return nil
}
func (c *copied) Flush() error { return nil }
func (c *copied) Close() error { return nil }

// sparse are records of keys that fall silent for long and come again.
func sparse() [][]Record {
	rng := rand.New(rand.NewPCG(3, 5))
	var partitions [][]Record
	for range 3 {
		var records []Record
		for i := range 1500 {
			at := int64(i / 3)
			key := rng.IntN(6)
			if key > 2 && at/int64(11*key)%2 == 0 || key == 5 && at%97 != 0 {
				key = 0
			}
			records = append(records, record(i, at+rng.Int64N(3), string(rune('a'+key)), strconv.Itoa(rng.IntN(100)-20)))
		}
		partitions = append(partitions, records)
	}
	return partitions
}

// valueOf is a measure by its definition.
func valueOf(m Measure, a *window.Aggregate) (v float64, gap bool) {
	if a.Count == 0 {
		return 0, m != MeasureSum && m != MeasureCount
	}
	return [...]float64{a.Mean(), a.Sum(), float64(a.Count), a.Last.Value, a.Max}[m], false
}

// naiveHistory is what is forecast from the line at i, by the definition: the
// windows of the last n hops, back to the first one of the key and not beyond
// one before which there was nothing for more than n windows.
func naiveHistory(lines []copiedLine, i, n int, m Measure) (y []float64, held, filled int) {
	at := lines[i]
	byEnd := map[window.Time]*window.Aggregate{}
	for k := range lines[:i+1] {
		if lines[k].runID == at.runID && lines[k].on == window.FiredOnTime && lines[k].content.Count > 0 {
			byEnd[lines[k].end] = &lines[k].content
		}
	}
	oldest, silent := at.end, 0
	for end := at.end; silent <= n && end > 0; end = end.Sub(at.hop) {
		if silent++; silent <= n && byEnd[end] != nil {
			oldest, silent = end, 0
		}
	}
	for end := max(oldest, at.end.Sub(window.Duration(n-1)*at.hop)); end <= at.end; end = end.Add(at.hop) {
		a := byEnd[end]
		if a == nil {
			a = &window.Aggregate{}
		} else {
			held++
		}
		v, gap := valueOf(m, a)
		if gap {
			v = math.NaN()
		}
		y = append(y, v)
	}
	if held >= 2 {
		filled = model.Fill(y)
	}
	return y, held, filled
}

// TestAggregates forecasts from the windows before, and holds every forecast to
// what follows from the lines alone.
func TestAggregates(t *testing.T) {
	holt, err := model.Parse("holt", nil)
	if err != nil {
		t.Fatal(err)
	}
	partitions := sparse()
	for _, m := range []Measure{MeasureMean, MeasureSum, MeasureCount, MeasureLast, MeasureMax} {
		for _, empty := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v empty=%v", m, empty), func(t *testing.T) {
				const n = 8
				var first []copiedLine
				for _, workers := range []int{1, 7} {
					out := &copied{}
					cfg := testConfig(out)
					cfg.Window.Specs = []window.Spec{{Size: 10, Hop: 3}, {Size: 4, Hop: 4}}
					cfg.Window.Empty, cfg.Window.History = empty, n
					cfg.Workers, cfg.Measure = workers, m
					cfg.Forecasts = &Forecasts{Model: holt, Horizon: 3, Levels: []float64{95}, Input: InputAggregates, Windows: n}
					if _, err := Run(t.Context(), cfg, &logs{chunk: 13 * workers, partitions: partitions}); err != nil {
						t.Fatal(err)
					}
					if first == nil {
						first = out.lines
						checkAggregates(t, first, n, m, holt)
					} else if diff := cmp.Diff(fmt.Sprint(first), fmt.Sprint(out.lines)); diff != "" {
						t.Errorf("%d workers (-1 +%d):\n%s", workers, workers, diff)
					}
				}
			})
		}
	}
}

func checkAggregates(t *testing.T, lines []copiedLine, n int, m Measure, f model.Forecaster) {
	t.Helper()
	none, filling := 0, 0
	for i := range lines {
		l := &lines[i]
		y, held, filled := naiveHistory(lines, i, n, m)
		want := Forecast{Model: "holt", Origin: l.end, Step: l.hop, Filled: filled}
		var point model.Forecast
		if held < 2 || f.Forecast(y, 3, &point) != nil {
			none++
			want.Filled, want.Error = 0, "too few"
		} else {
			want.Mean = point.Mean
			filling += min(filled, 1)
		}
		if diff := cmp.Diff(want, l.forecast, cmpopts.IgnoreUnexported(Forecast{})); diff != "" {
			t.Fatalf("%s, the window of %v that ends at %d, from %v (-want +got):\n%s", l.key.Bytes, l.size, l.end, y, diff)
		}
	}
	if len(lines) < 500 || none < 10 || m != MeasureSum && m != MeasureCount && filling < 10 {
		t.Errorf("%d lines, %d without a forecast, %d with gaps: that shows too little", len(lines), none, filling)
	}
}

// TestIdleKeysAreForgotten: what is kept does not grow with keys that come once,
// and the account is that of what is kept.
func TestIdleKeysAreForgotten(t *testing.T) {
	const n = 4
	w := newPastWindows(Config{Forecasts: &Forecasts{Input: InputAggregates, Windows: n}})
	for i := range 20_000 {
		p := &window.Pane{Key: window.Key{Bytes: strconv.Itoa(i)}, Size: 10, Hop: 10, Span: window.Span{End: window.Time(10 * i)}}
		p.Add(window.Sample{Value: 1})
		w.add(p)
		p = &window.Pane{Key: window.Key{Bytes: "steady"}, Size: 10, Hop: 10, Span: p.Span}
		p.Add(window.Sample{Value: float64(i)})
		if got := w.add(p); got[len(got)-1] != float64(i) || len(got) != min(i+1, n) || got[0] != float64(max(0, i-n+1)) {
			t.Fatalf("window %d is forecast from %v", i, got)
		}
		if len(w.runs) > minSweep+1 {
			t.Fatalf("%d keys after %d windows", len(w.runs), i)
		}
	}
	var want int64
	for _, r := range w.runs {
		want += runBytes + 8*int64(cap(r.values))
	}
	if w.held() != want {
		t.Errorf("the account is %d, what is kept %d", w.held(), want)
	}
}
