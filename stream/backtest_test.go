package stream

import (
	"context"
	"errors"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// TestABacktestAsksSideBySide: five seconds a call on eight workers are 1.6
// windows a second of one key, also of two models at once, and cost five seconds.
func TestABacktestAsksSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const windows, workers = 80, 8
		one, two, began := always(5*time.Second), always(5*time.Second), time.Now()
		cfg := askingConfig(nil, &forecastPrinted{})
		cfg.Workers = workers
		src := &logs{chunk: 1000, partitions: [][]Record{twoEach(windows, "a")}}
		r, sum, err := Backtest(t.Context(), cfg, nil, []model.External{one, two}, src)
		if err != nil || !sum.Reproducible {
			t.Fatalf("err %v, summary %+v", err, sum)
		}
		if took := time.Since(began); took != 50*time.Second {
			t.Errorf("%d windows took %v; 1.6 a second would be 50s", windows, took)
		}
		if one.most.Load() != workers || two.most.Load() != workers {
			t.Errorf("%d and %d calls at a time", one.most.Load(), two.most.Load())
		}
		for _, m := range r.Totals[0].Models {
			if m.Model != "stub" || m.Forecasts != windows || m.Resolved != windows-1 || m.Failed != 0 || m.Cost != 5*time.Second {
				t.Errorf("%+v", m)
			}
		}
	})
}

// TestWhatAModelLosesIsItsOwn: what one external model loses by a deadline of its
// own is counted by what happened, on its key and on all, and costs no other model
// anything.
func TestWhatAModelLosesIsItsOwn(t *testing.T) {
	const windows = 20
	naive, err := model.Parse("naive", nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg := askingConfig(nil, &forecastPrinted{})
	src := &logs{chunk: 1000, partitions: [][]Record{twoEach(windows, "a", "b")}}
	r, sum, err := Backtest(t.Context(), cfg, []model.Forecaster{naive}, []model.External{losing("b")}, src)
	if err != nil {
		t.Fatal(err)
	}
	lost := map[string]int64{"timeout": windows}
	if !maps.Equal(sum.ForecastsLost, lost) || sum.Reproducible {
		t.Errorf("summary %+v", sum)
	}
	for i, want := range []struct {
		failed, forecasts int64
		lost              map[string]int64
	}{{0, windows, nil}, {windows, 0, lost}, {windows, windows, lost}} {
		ranking := append(r.Keys, r.Totals...)[i]
		for _, m := range ranking.Models {
			switch {
			case m.Model == "naive":
				if m.Failed != 0 || m.Lost != nil || m.Forecasts != ranking.Windows || m.Resolved == 0 {
					t.Errorf("%+v", m)
				}
			case m.Failed != want.failed || m.Forecasts != want.forecasts || !maps.Equal(m.Lost, want.lost):
				t.Errorf("%+v, want %+v", m, want)
			}
		}
	}
}

// losing is an external model that loses the forecasts of the key of its name.
type losing string

func (losing) Name() string { return "losing" }

func (m losing) Ask(_ context.Context, q *model.Question, replies []model.Reply) {
	for i := range replies {
		if q.Rows[i].Key == string(m) {
			replies[i].Err = model.LostTimeout
			continue
		}
		replies[i].Mean = q.Rows[i].Values[:q.Horizon]
	}
}

// TestAnEndedBacktestWaitsForNoModel.
func TestAnEndedBacktestWaitsForNoModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		time.AfterFunc(time.Minute, cancel)
		cfg := askingConfig(nil, &forecastPrinted{})
		src := &logs{chunk: 2, partitions: [][]Record{twoEach(100, "a")}}
		r, _, err := Backtest(ctx, cfg, nil, []model.External{always(time.Hour)}, src)
		if !errors.Is(err, context.Canceled) || time.Since(began) != time.Minute {
			t.Errorf("ended after %v with %v", time.Since(began), err)
		}
		if m := r.Totals[0].Models[0]; m.Forecasts != 0 || m.Lost["interrupted"] != m.Failed || m.Failed == 0 {
			t.Errorf("%+v", m)
		}
	})
}

// TestABacktestAccountsForThePast: the values of past windows count in the memory
// of the run, those that are kept for external models too.
func TestABacktestAccountsForThePast(t *testing.T) {
	naive, err := model.Parse("naive", nil)
	if err != nil {
		t.Fatal(err)
	}
	used := map[bool]int64{}
	for _, external := range []bool{false, true} {
		cfg := askingConfig(nil, &forecastPrinted{})
		cfg.Forecasts.Input, cfg.Forecasts.Windows = InputAggregates, 16
		var asked []model.External
		if external {
			asked = append(asked, always(0))
		}
		b := newBacktesting(t.Context(), cfg, []model.Forecaster{naive}, asked)
		b.account(&budget{})
		p := &window.Pane{Key: window.Key{Bytes: "a"}, Firing: window.FiredOnTime}
		p.Span, p.Size, p.Hop = window.Span{End: 10}, 10, 10
		if err := b.Write(&Line{Pane: p}); err != nil {
			t.Fatal(err)
		}
		used[external] = b.pastHeld
		b.close()
	}
	if used[false] == 0 || used[true] <= used[false] {
		t.Errorf("bytes without and with an external model: %v", used)
	}
}
