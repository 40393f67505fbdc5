package ndjson

import (
	"math"

	"github.com/oriel-stream/oriel/stream"
)

// AppendRankings appends a line for each model of each ranking, as
// docs/backtest.schema.json describes: those of the keys, and those of all keys.
// use is the command that forecasts with the winner of a ranking of all keys.
func AppendRankings(dst []byte, r *stream.Rankings, use func(*stream.Ranking) string) []byte {
	for i := range r.Keys {
		dst = appendRanking(dst, &r.Keys[i], "")
	}
	for i := range r.Totals {
		dst = appendRanking(dst, &r.Totals[i], use(&r.Totals[i]))
	}
	return dst
}

func appendRanking(dst []byte, r *stream.Ranking, use string) []byte {
	for i := range r.Models {
		m := &r.Models[i]
		dst = append(dst, `{"v":1,"type":"backtest"`...)
		if r.All {
			dst = appendInt(append(dst, `,"of":"all"`...), "keys", int64(r.Keys))
		} else {
			dst = appendString(append(dst, `,"of":"key","topic":`...), r.Topic)
			dst = appendKey(dst, r.Key)
		}
		dst = appendSeries(dst, r.Series, r.Counted)
		dst = appendInt(dst, "size_ms", int64(r.Spec.Size))
		dst = appendInt(dst, "hop_ms", int64(r.Spec.Hop))
		dst = appendInt(dst, "rank", int64(i+1))
		dst = appendString(appendName(dst, "model"), m.Model)
		dst = appendRanked(dst, m)
		if r.All {
			dst = appendInt(dst, "best_of", int64(m.Best))
		}
		if use != "" && i == 0 {
			dst = appendString(appendName(dst, "use"), use)
		}
		dst = append(appendCost(dst, m), '}', '\n')
	}
	return dst
}

// appendRanked appends how a model did.
func appendRanked(dst []byte, m *stream.RankedModel) []byte {
	dst = appendFloat(appendName(dst, "mase"), m.MASE)
	dst = appendFloat(appendName(dst, "mae"), m.MAE)
	dst = appendFloat(appendName(dst, "smape"), m.SMAPE)
	dst = appendList(appendName(dst, "intervals"), m.Intervals, appendRankedInterval)
	dst = appendInt(dst, "checked", m.Resolved)
	dst = appendInt(dst, "forecasts", m.Forecasts)
	dst = appendInt(dst, "too_few", m.TooFew)
	dst = appendInt(dst, "failed", m.Failed)
	return appendLost(dst, m.Lost)
}

func appendRankedInterval(dst []byte, v *stream.RankedInterval) []byte {
	dst = appendFloat(append(dst, `{"level":`...), v.Level)
	dst = appendFloat(appendName(dst, "coverage"), v.Coverage)
	dst = appendFloat(appendName(dst, "width"), v.Width)
	return append(appendInt(dst, "unbounded", v.Unbounded), '}')
}

// appendCost appends what a forecast cost, which is another number each time; so
// it stands last.
func appendCost(dst []byte, m *stream.RankedModel) []byte {
	cost := math.NaN()
	if m.Forecasts+m.Failed > 0 {
		cost = float64(m.Cost.Nanoseconds()) / 1000
	}
	return appendFloat(appendName(dst, "cost_us"), cost)
}
