package stream

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// telling answers with what it was handed: number, sum, first and last value.
type telling struct{}

func (telling) Name() string { return "telling" }

func (telling) Ask(_ context.Context, q *model.Question, replies []model.Reply) {
	for i := range q.Rows {
		r := &q.Rows[i]
		sum := 0.0
		for _, v := range r.Values {
			sum += v
		}
		replies[i].Mean = []float64{float64(len(r.Values)), sum, r.Values[0], r.Values[len(r.Values)-1]}
		if !slices.IsSorted(r.Times) || len(r.Times) != len(r.Values) {
			replies[i] = model.Reply{Err: model.Lost("out of order")}
		}
	}
}

// comparing is a Sink that compares what a model was handed with the window.
type comparing struct {
	compared int
	wrong    []string
}

func (c *comparing) Write(l *Line) error {
	if l.Forecast.Error == "too few" || l.Firing != window.FiredOnTime {
		return nil
	}
	c.compared++
	want := []float64{float64(l.Count), l.Sum(), l.First.Value, l.Last.Value}
	if diff := gocmp.Diff(want, l.Forecast.Mean); diff != "" {
		c.wrong = append(c.wrong, fmt.Sprintf("%s %d-%d %s %s", l.Key.Bytes, l.Start, l.End, l.Forecast.Error, diff))
	}
	return nil
}
func (*comparing) Flush() error { return nil }
func (*comparing) Close() error { return nil }

// TestRawRecordsAreThoseOfTheWindow: number, sum, first and last of the records
// that a model is handed are those of the on-time content, of records disordered
// far beyond the bound in several partitions.
func TestRawRecordsAreThoseOfTheWindow(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var partitions [][]Record
	for range 3 {
		var records []Record
		for i := range 400 {
			records = append(records, record(i, int64(i/3)+rng.Int64N(20), string(rune('a'+rng.IntN(4))), strconv.Itoa(rng.IntN(100))))
		}
		partitions = append(partitions, records)
	}
	for _, lateness := range []window.Duration{0, 15} {
		for _, batch := range []int{1, 9} {
			out := &comparing{}
			cfg := testConfig(out)
			cfg.Window.Specs = []window.Spec{{Size: 10, Hop: 3, Step: 1}, {Size: 40, Hop: 40, Step: 4}}
			cfg.Window.AllowedLateness = lateness
			cfg.Forecasts = &Forecasts{External: telling{}, Horizon: 4, Input: InputRaw, Batch: batch}
			sum, err := Run(t.Context(), cfg, &logs{chunk: 7, partitions: partitions})
			if err != nil || sum.Rejects[Late]+sum.PartlyLate == 0 {
				t.Fatalf("err %v, %+v", err, sum)
			}
			if out.compared < 100 || len(out.wrong) > 0 {
				t.Errorf("lateness %d, batch %d: %d of %d windows differ, as %v", lateness, batch, len(out.wrong), out.compared, out.wrong[:min(3, len(out.wrong))])
			}
		}
	}
}

// TestNoRecordsAreNotAskedAbout: a model is never handed a row without values.
func TestNoRecordsAreNotAskedAbout(t *testing.T) {
	cfg := testConfig()
	cfg.Forecasts = &Forecasts{External: telling{}, Horizon: 4, Input: InputRaw}
	f := newForecasting(t.Context(), cfg)
	pane := &window.Pane{Step: 5, Steps: []window.StepValue{{Count: 1}, {Count: 1}}}
	j := &job{panes: []*window.Pane{pane, pane}, raw: [][]rawValue{nil, {{value: 7}}}}
	f.ask(t.Context(), j)
	got := []string{j.forecasts[0].Error, fmt.Sprint(j.forecasts[1].Mean)}
	if diff := gocmp.Diff([]string{"too few", "[1 7 7 7]"}, got); diff != "" {
		t.Errorf("forecasts (-want +got):\n%s", diff)
	}
}

// TestRawRecordsAreForgotten when no window needs them any more.
func TestRawRecordsAreForgotten(t *testing.T) {
	cfg := testConfig()
	cfg.Forecasts = &Forecasts{External: telling{}, Input: InputRaw}
	kept, waiting := newRawRecords(cfg), newRawWindows(cfg)
	key := window.Key{Bytes: "a"}
	most := int64(0)
	for i := range int64(1000) {
		kept.add([]byte("a"), rawValue{at: window.Time(i), offset: i}, window.Time(i), []float64{1})
		if i%10 != 9 {
			continue
		}
		end := window.Time(i + 1)
		waiting.hold(kept.shares(&window.Report{
			Mark:   end,
			Frozen: []window.Frozen{{Number: i / 10, Shares: []window.Share{{Key: key}}}},
		}, "t", []string{"v"}))
		got := waiting.append(nil, []*window.Pane{{Topic: "t", Key: key, Series: "v", Span: window.Span{Start: end - 10, End: end}, Hop: 10}})
		times := slices.IsSortedFunc(got[0], func(a, b rawValue) int { return cmp.Compare(a.at, b.at) })
		if len(got[0]) != 10 || !times {
			t.Fatalf("window to %d: %v", end, got[0])
		}
		waiting.forget(end)
		most = max(most, kept.n, waiting.n)
	}
	if most > 20 || waiting.n != 0 || len(waiting.ending) != 0 {
		t.Errorf("%d records were held at a time, %d at the end", most, waiting.n)
	}
}

// TestOtherModelsKeepNoRecords.
func TestOtherModelsKeepNoRecords(t *testing.T) {
	cfg := testConfig()
	cfg.Forecasts = &Forecasts{External: telling{}}
	if newRawRecords(cfg) != nil || newRawWindows(cfg) != nil {
		t.Error("records are kept that nobody wants")
	}
}
