package stream

import (
	"math"
	"time"

	"github.com/oriel-stream/oriel/model"
)

// trying is a worker of a backtest. It has every workers-th trial, counted over
// the keys and the models.
type trying struct {
	place, workers int
	models         []triedModel
	of             *backtesting
	held           int64
}

// triedModel is a model as a run with it alone would have it.
type triedModel struct {
	point    forecasting
	scores   *scoring
	mean     model.Forecast
	forecast Forecast
	score    Score
}

func newTrying(b *backtesting, place, workers int) *trying {
	w := &trying{place: place, workers: workers, of: b}
	for _, m := range b.models {
		cfg, forecasts := b.cfg, *b.cfg.Forecasts
		forecasts.Model, cfg.Forecasts = m, &forecasts
		w.models = append(w.models, triedModel{point: forecasting{cfg: &forecasts, measure: cfg.Measure}, scores: newScoring(cfg)})
	}
	return w
}

func (w *trying) run(in <-chan []triedWindow) {
	for batch := range in {
		for i := range batch {
			t := &batch[i]
			first := (w.place - t.place%w.workers + w.workers) % w.workers
			for m := first; m < len(w.models); m += w.workers {
				w.models[m].try(t, &t.trials[m])
			}
		}
		bytes := int64(0)
		for i := range w.models {
			bytes += w.models[i].scores.bytes
		}
		w.of.budget.set(&w.held, bytes)
	}
}

// try lets a model forecast from a window, and scores what it forecast before.
func (m *triedModel) try(t *triedWindow, into *trial) {
	began := time.Now()
	m.point.from(t.pane, t.modelInput, &m.mean, &m.forecast)
	into.took += time.Since(began)
	into.count(&m.forecast)
	m.scores.tell(into)
	m.scores.settle(t.pane, &m.forecast, &m.mean, &m.score)
}

// trial is how one model did on one key.
type trial struct {
	// forecasts, tooFew and failed count the windows that it forecast from, that
	// had too few steps for it and that it had no forecast of for another reason.
	forecasts, tooFew, failed int64
	// lost says why an external model failed.
	lost losses
	took time.Duration
	// resolved counts the steps of which the truth came. missed and naive sum up
	// the absolute errors of the model and of the naive forecasts made at the
	// same moments, and relative those relative to the size of truth and forecast.
	resolved                int64
	missed, naive, relative float64
	// negative says that a truth was below 0.
	negative  bool
	intervals []triedInterval
}

// triedInterval is how the intervals of one level did.
type triedInterval struct {
	// judged counts the steps that had an interval, inside those in it, and
	// unbounded those whose interval was infinite; width sums up the others'.
	judged, inside, unbounded int64
	width                     float64
}

// count counts what became of a window.
func (t *trial) count(f *Forecast) {
	switch f.Error {
	case "":
		t.forecasts++
	case model.ErrTooFew.Error():
		t.tooFew++
	default:
		t.failed++
		t.lost.failed(f)
	}
}

// resolve adds a step of which the truth came.
func (t *trial) resolve(o *openForecast, truth float64) {
	missed := math.Abs(truth - o.mean)
	t.resolved++
	t.missed += missed
	t.naive += math.Abs(truth - o.naive)
	if size := math.Abs(truth) + math.Abs(o.mean); size > 0 {
		t.relative += 2 * (missed / size)
	}
	t.negative = t.negative || truth < 0
	for i := range len(o.bounds) / 2 {
		t.intervals[i].judge(truth, o.bounds[2*i], o.bounds[2*i+1])
	}
}

func (v *triedInterval) judge(truth, lower, upper float64) {
	v.judged++
	if lower <= truth && truth <= upper {
		v.inside++
	}
	if width := upper - lower; width <= math.MaxFloat64 {
		v.width += width
	} else {
		v.unbounded++
	}
}

// add adds how the same model did on another key.
func (t *trial) add(o *trial) {
	t.forecasts += o.forecasts
	t.tooFew += o.tooFew
	t.failed += o.failed
	t.lost.add(&o.lost)
	t.took += o.took
	t.resolved += o.resolved
	t.missed += o.missed
	t.naive += o.naive
	t.relative += o.relative
	t.negative = t.negative || o.negative
	for i, v := range o.intervals {
		mine := &t.intervals[i]
		mine.judged += v.judged
		mine.inside += v.inside
		mine.unbounded += v.unbounded
		mine.width += v.width
	}
}
