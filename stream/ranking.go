package stream

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/oriel-stream/oriel/window"
)

// Rankings are what a backtest finds: rankings of each key, in the order of
// specs, series, topics and keys, and of all keys together.
type Rankings struct{ Keys, Totals []Ranking }

// Ranking is how all models did on one series and window spec: on one
// key, or on all together.
type Ranking struct {
	Spec window.Spec
	// Series is the name of the numeric series; Counted says that records are
	// counted and there is none.
	Series  string
	Counted bool
	// All says that it is of all keys, and Keys of how many. Else Topic and Key
	// say of which.
	All   bool
	Keys  int
	Topic string
	Key   window.Key
	// Windows counts those that were forecast from, or had too few steps for it.
	Windows int64
	// Models are in the order of their MASE, the best first.
	Models []RankedModel
}

// RankedModel is how one model did. What there is no number for is NaN.
type RankedModel struct {
	Model string
	// Forecasts counts the windows that it forecast from, TooFew those that had
	// too few steps for it, and Failed those that gave none for another reason.
	Forecasts, TooFew, Failed int64
	// Lost counts, by their errors, those of Failed that no window is to blame
	// for: an external model failed. Nil for none.
	Lost map[string]int64
	// Resolved counts the forecasts of steps of which the truth came. MAE is
	// their mean absolute error, in the unit of the series; MASE is that divided
	// by the mean absolute error of the naive forecasts made at the same moments
	// for the same steps, NaN where those made none; SMAPE is the mean of
	// 200|y-f|/(|y|+|f|), NaN where a truth was negative.
	Resolved         int64
	MAE, MASE, SMAPE float64
	// Intervals has an entry for each level.
	Intervals []RankedInterval
	// Best is on how many keys it was the best; 0 in a ranking of one key.
	Best int
	// Cost is the mean time that a forecast took. It is the one number that is
	// another one each time.
	Cost time.Duration

	relative float64
}

// RankedInterval is how the prediction intervals of one level did.
type RankedInterval struct {
	Level float64 // percent
	// Coverage is the share of truths inside, and Width the mean width of the
	// intervals that have one; Unbounded counts the others.
	Coverage, Width float64
	Unbounded       int64
}

// rankings ranks the models. The workers have ended.
func (b *backtesting) rankings() *Rankings {
	r := &Rankings{}
	tried := slices.Clone(b.tried)
	slices.SortFunc(tried, func(x, y *triedKey) int { return cmp.Or(b.group(x)-b.group(y), x.compare(y.keyID)) })
	for len(tried) > 0 {
		n := 1
		for n < len(tried) && b.group(tried[n]) == b.group(tried[0]) {
			n++
		}
		keys, total := b.rankGroup(tried[:n])
		r.Keys, r.Totals = append(r.Keys, keys...), append(r.Totals, total)
		tried = tried[n:]
	}
	return r
}

// group is a number for the spec and series of a key.
func (b *backtesting) group(k *triedKey) int {
	return k.spec(b.cfg.Window.Specs)*max(1, len(b.cfg.Window.Series)) + max(0, slices.Index(b.cfg.Window.Series, k.series))
}

// rankGroup ranks keys of one spec and series, each alone and all together.
func (b *backtesting) rankGroup(tried []*triedKey) (keys []Ranking, total Ranking) {
	all := triedKey{runID: runID{size: tried[0].size, hop: tried[0].hop}, counted: tried[0].counted, trials: b.newTrials()}
	all.series = tried[0].series
	best := make(map[string]int)
	for _, k := range tried {
		all.windows += k.windows
		for i := range k.trials {
			all.trials[i].add(&k.trials[i])
		}
		r := b.rank(k)
		r.Topic, r.Key = k.topic, k.key
		if winner := r.Winner(); winner != nil {
			best[winner.Model]++
		}
		keys = append(keys, r)
	}
	total = b.rank(&all)
	total.All, total.Keys = true, len(tried)
	for i := range total.Models {
		total.Models[i].Best = best[total.Models[i].Model]
	}
	return keys, total
}

// addLost adds to a summary what external models have lost. Forecasts it counts
// none: they are on no line.
func (r *Rankings) addLost(sum *Summary) {
	all := losses{reasons: sum.ForecastsLost}
	for i := range r.Totals {
		for _, m := range r.Totals[i].Models {
			all.add(&losses{reasons: m.Lost})
		}
	}
	sum.ForecastsLost = all.reasons
	sum.Reproducible = sum.Reproducible && len(all.reasons) == 0
}

// Winner is the best model; nil if no forecast of any could be checked.
func (r *Ranking) Winner() *RankedModel {
	if len(r.Models) == 0 || r.Models[0].Resolved == 0 {
		return nil
	}
	return &r.Models[0]
}

func (b *backtesting) rank(k *triedKey) Ranking {
	specs := b.cfg.Window.Specs
	r := Ranking{Spec: specs[k.spec(specs)], Series: k.series, Counted: k.counted, Windows: k.windows}
	for i := range k.trials {
		result := k.trials[i].result(b.cfg.Forecasts.Levels)
		result.Model = b.names[i]
		r.Models = append(r.Models, result)
	}
	// Models are as they were given where they are equal.
	slices.SortStableFunc(r.Models, func(x, y RankedModel) int {
		return cmp.Or(cmp.Compare(min(y.Resolved, 1), min(x.Resolved, 1)), cmp.Compare(x.relative, y.relative), cmp.Compare(x.MAE, y.MAE))
	})
	return r
}

func (t *trial) result(levels []float64) RankedModel {
	n := float64(t.resolved)
	r := RankedModel{
		Forecasts: t.forecasts, TooFew: t.tooFew, Failed: t.failed, Lost: maps.Clone(t.lost.reasons), Resolved: t.resolved,
		MAE: t.missed / n, MASE: t.missed / t.naive, SMAPE: 100 * (t.relative / n), relative: t.missed / t.naive,
	}
	switch {
	case t.missed == 0:
		r.relative = 0
	case t.naive == 0:
		r.MASE, r.relative = math.NaN(), math.Inf(1)
	}
	if t.negative {
		r.SMAPE = math.NaN()
	}
	if tries := t.forecasts + t.failed; tries > 0 {
		r.Cost = t.took / time.Duration(tries)
	}
	for i, v := range t.intervals {
		r.Intervals = append(r.Intervals, RankedInterval{
			Level: levels[i], Coverage: float64(v.inside) / float64(v.judged), Width: v.width / float64(v.judged-v.unbounded), Unbounded: v.unbounded,
		})
	}
	return r
}
