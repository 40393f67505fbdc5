package ndjson

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// goldenRankingBytes has rankings of keys of every kind, one of which nothing is
// known, and of all.
func goldenRankingBytes() []byte {
	nan := math.NaN()
	good := stream.RankedModel{
		Model: "holt:beta=0.1", Forecasts: 120, TooFew: 3, Resolved: 590, MAE: 0.25, MASE: 0.5, SMAPE: 1.25,
		Intervals: []stream.RankedInterval{{Level: 80, Coverage: 0.81, Width: 1.5}, {Level: 99.9, Coverage: 1, Width: nan, Unbounded: 590}},
		Cost:      1234 * time.Nanosecond,
	}
	none := stream.RankedModel{
		Model: "hw", TooFew: 120, Failed: 0, MAE: nan, MASE: nan, SMAPE: nan,
		Intervals: []stream.RankedInterval{{Level: 80, Coverage: nan, Width: nan}, {Level: 99.9, Coverage: nan, Width: nan}},
	}
	failed := none
	failed.Failed, failed.Lost, failed.Cost = 7, map[string]int64{"timeout": 4, "crashed": 2}, time.Millisecond
	ranking := func(k window.Key, models ...stream.RankedModel) stream.Ranking {
		return stream.Ranking{Spec: window.Spec{Size: 10_000, Hop: 1000}, Series: "te\"mp", Topic: "sensors", Key: k, Windows: 123, Models: models}
	}
	r := &stream.Rankings{Keys: []stream.Ranking{
		ranking(window.Key{Null: true}, good, none),
		ranking(window.Key{Bytes: "\xff"}, none, failed),
		ranking(window.Key{Bytes: "zürich"}, good),
	}}
	all := ranking(window.Key{}, good, none)
	all.All, all.Keys, all.Models[0].Best = true, 3, 2
	counted := all
	counted.Counted, counted.Series = true, ""
	counted.Models = []stream.RankedModel{none}
	r.Totals = []stream.Ranking{all, counted}
	return AppendRankings(nil, r, func(r *stream.Ranking) string {
		if r.Counted {
			return ""
		}
		return "oriel tail sensors -w 10s/1s -m holt:beta=0.1 --key 'a b'"
	})
}

func TestRankingGolden(t *testing.T) { golden(t, "rankings.ndjson", goldenRankingBytes()) }

// TestCostStandsLast: what is the same twice can be cut off before it.
func TestCostStandsLast(t *testing.T) {
	for line := range strings.Lines(string(goldenRankingBytes())) {
		before, after, found := strings.Cut(line, `,"cost_us":`)
		if !found || strings.Contains(after, ",") || !strings.HasPrefix(before, `{"v":1,"type":"backtest","of":`) {
			t.Errorf("%s", line)
		}
	}
}
