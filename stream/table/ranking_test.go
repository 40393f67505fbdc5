package table

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// rankings are of two specs: one of two keys with a name that must be cleaned and
// numbers of every size, one of counted records of which nothing could be checked.
func rankings() *stream.Rankings {
	nan := math.NaN()
	model := func(name string, mase, mae, smape, coverage, width float64, checked int64, cost time.Duration) stream.RankedModel {
		return stream.RankedModel{
			Model: name, MASE: mase, MAE: mae, SMAPE: smape, Forecasts: checked / 4, Resolved: checked, Cost: cost,
			Intervals: []stream.RankedInterval{{Level: 99.5, Coverage: coverage, Width: width}},
		}
	}
	holt := model("holt:alpha=0.5,beta=0.1", 0.71234, 0.123456789, 1.5, 0.95, 0.5, 48_000, 1900*time.Nanosecond)
	naive := model("naive", 1, 12345.678, nan, 0.9, 1e12, 48_000, 80*time.Nanosecond)
	auto := model("auto", 123456.789, 1e-9, 200, 1, nan, 400, 12*time.Millisecond)
	none := model("hw", nan, nan, nan, nan, nan, 0, 0)
	none.TooFew, naive.Failed, holt.TooFew = 12_345, 3, 12
	holt.Failed, holt.Lost = 9, map[string]int64{"timeout": 7, "crashed": 2}
	ranking := func(topic, key string, windows int64, models ...stream.RankedModel) stream.Ranking {
		return stream.Ranking{
			Spec: window.Spec{Size: 10_000, Hop: 1000}, Series: "te\x1b[2Jmp", Topic: topic, Key: window.Key{Bytes: key, Null: key == ""},
			Windows: windows, Models: models,
		}
	}
	all := ranking("", "", 12_345, holt, naive, auto, none)
	all.All, all.Keys, all.Models[0].Best, all.Models[1].Best = true, 3, 2, 1
	counted := ranking("", "", 7, none)
	counted.All, counted.Keys, counted.Counted, counted.Series, counted.Spec = true, 1, true, "", window.Spec{Size: 60_000, Hop: 60_000}
	idle := counted
	idle.All, idle.Topic = false, "b"
	return &stream.Rankings{
		Keys: []stream.Ranking{
			ranking("a", "", 4, none), ranking("a", "s-001\n", 12_000, holt, naive, auto, none), ranking("b", "another-key-with-a-long-name", 341, naive, holt), idle,
		},
		Totals: []stream.Ranking{all, counted},
	}
}

func useOf(r *stream.Ranking) string {
	if r.Winner() == nil {
		return ""
	}
	return "oriel tail sensors -w 10s/1s -m holt:alpha=0.5,beta=0.1 --time ts --value temp --out-of-orderness 5s"
}

func TestRankingsGolden(t *testing.T) {
	all := rankings()
	all.Keys = nil
	var out bytes.Buffer
	for _, c := range []struct {
		name  string
		width int
		r     *stream.Rankings
	}{
		{"all keys", 0, all},
		{"80 cells", 80, all},
		{"40 cells", 40, all},
		{"by key", 0, rankings()},
		{"by key, 80 cells", 80, rankings()},
	} {
		fmt.Fprintf(&out, "== %s\n", c.name)
		if err := Rankings(&out, c.width, c.r, useOf); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "rankings.txt", out.Bytes())
}

// TestRankingsTellErrors of every one of their writes.
func TestRankingsTellErrors(t *testing.T) {
	full := errors.New("full")
	writes := 0
	for ; ; writes++ {
		err := Rankings(&failing{left: writes, err: full}, 0, rankings(), useOf)
		if err == nil {
			break
		}
		if !errors.Is(err, full) {
			t.Errorf("after %d writes: %v", writes, err)
		}
	}
	if writes < 8 {
		t.Errorf("no error after %d writes", writes)
	}
}
