package stream

import (
	"math"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// scoring keeps what is learnt of the forecasts from line to line: for each
// window spec, key and series what was forecast and has not come true yet, and
// how well earlier forecasts did.
type scoring struct {
	cfg     *Forecasts
	measure Measure
	model   string
	history int64 // windows
	specs   []specScores
	bytes   int64
}

// specScores are the keys of one spec.
type specScores struct {
	window.Spec
	horizon *scoredHorizon
	// patience is how long a key may have no windows: then nothing is left of it.
	patience window.Duration
	keys     map[keyID]*keyScore
	// swept is the end of the window at which idle keys were dropped last.
	swept window.Time
}

// scoredHorizon is what the keys of one spec have in common.
type scoredHorizon struct {
	truths     []window.Truth
	forecastOf Measure
	// told has a number for each step of a window: that of the window of which
	// the step's surprise is known.
	told []int64
	// trial is told of every resolved step; nil but in a backtest.
	trial *trial
	round int64
}

// newScoring returns nil where nothing is forecast.
func newScoring(cfg Config) *scoring {
	if cfg.Forecasts == nil {
		return nil
	}
	s := &scoring{cfg: cfg.Forecasts, measure: cfg.Measure, model: cfg.Forecasts.name(), history: int64(max(1, cfg.Window.History))}
	for _, spec := range cfg.Window.Specs {
		s.specs = append(s.specs, s.spec(spec))
	}
	return s
}

func (s *scoring) spec(spec window.Spec) specScores {
	h := &scoredHorizon{truths: s.cfg.truths(spec), forecastOf: s.measure}
	steps := 0
	for _, t := range h.truths {
		steps = max(steps, t.Step+1)
	}
	h.told = make([]int64, steps)
	patience := window.Duration(math.MaxInt64)
	if s.history < math.MaxInt64/int64(spec.Hop) {
		patience = window.Duration(s.history) * spec.Hop
	}
	return specScores{Spec: spec, horizon: h, patience: patience, keys: make(map[keyID]*keyScore), swept: window.MinTime}
}

// of returns what is known of a pane's key; nil for a pane without records of a
// key that nothing is known of. A key that had no window for longer than the
// history begins anew.
func (s *scoring) of(p *window.Pane) *keyScore {
	at := s.specOf(p)
	at.sweep(s, p.End)
	id := keyIDOf(p)
	k := at.keys[id]
	if p.Count == 0 {
		return k
	}
	if k != nil && p.End > k.end.Add(at.patience) {
		s.bytes -= k.bytes
		k = nil
	}
	if k == nil {
		k = newKeyScore(s.cfg, at.horizon, p)
		at.keys[id] = k
	}
	k.end = p.End
	return k
}

// settle scores what was forecast of the steps that end in a window that fires
// on time, and finishes the forecast made of the window: lets auto choose, and
// sets the intervals. It returns how auto's models rank for the key, if that is known.
func (s *scoring) settle(p *window.Pane, f *Forecast, point *model.Forecast, score *Score) *model.Ranking {
	*score = unscored(s.model)
	k := s.of(p)
	if k == nil {
		return nil
	}
	k.resolve(p, score)
	if f.Error == "" {
		k.choose(point)
		f.Mean, f.Members = point.Mean, point.Members
		f.Intervals = k.bounds(point, f.Intervals)
		k.remember(p, f, point.Candidates)
	}
	s.bytes -= k.bytes
	k.bytes = k.measure()
	s.bytes += k.bytes
	return &k.ranking
}

// tell says which trial the steps are of that are resolved from now on.
func (s *scoring) tell(t *trial) {
	for i := range s.specs {
		s.specs[i].horizon.trial = t
	}
}

func (s *scoring) specOf(p *window.Pane) *specScores {
	for i := range s.specs {
		if at := &s.specs[i]; at.Size == p.Size && at.Hop == p.Hop {
			return at
		}
	}
	panic("a pane of windows that were not asked for")
}

// sweep drops the keys that would begin anew if they came again. Windows come
// in the order of their ends, so nothing depends on when that is done.
func (at *specScores) sweep(s *scoring, end window.Time) {
	if at.swept == window.MinTime {
		at.swept = end
	}
	if end <= at.swept.Add(at.patience) {
		return
	}
	at.swept = end
	for id, k := range at.keys {
		if end > k.end.Add(at.patience) {
			s.bytes -= k.bytes
			delete(at.keys, id)
		}
	}
}

// unscored is the score of a line for whose key nothing has been resolved.
func unscored(model string) Score {
	nan := math.NaN()
	return Score{Model: model, MAE: nan, Coverage: nan, MASE: nan, Surprise: nan}
}
