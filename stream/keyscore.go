package stream

import (
	"math"
	"unsafe"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// keyScore is what is learnt of the forecasts of one key, series and spec.
type keyScore struct {
	cfg *Forecasts
	*scoredHorizon
	// first and end are the ends of its first and its newest window.
	first, end window.Time
	// open has a ring for each lead: what was forecast for that lead by the
	// windows whose step has not ended yet.
	open      [][]openForecast
	conformal *model.Conformal
	score     model.Score
	ranking   model.Ranking
	bytes     int64
}

// openForecast is what was forecast of one step that has not ended.
type openForecast struct {
	origin      window.Time
	mean, naive float64
	// bounds are the lower and the upper bound of each level, as they were
	// printed; empty without. learnt says that the errors made them.
	bounds []float64
	learnt bool
	// rivals are the means of the models that auto chose among, by their places
	// in the ranking; NaN for one that had none.
	rivals []float64
}

func newKeyScore(cfg *Forecasts, h *scoredHorizon, p *window.Pane) *keyScore {
	return &keyScore{
		cfg: cfg, scoredHorizon: h, first: p.End, end: p.End,
		open: make([][]openForecast, cfg.Horizon), conformal: model.NewConformal(cfg.Horizon, cfg.Levels),
	}
}

// numberOf counts the windows of the key's hop from its first to p.
func (k *keyScore) numberOf(p *window.Pane) uint64 {
	return uint64(p.End-k.first) / uint64(p.Hop)
}

// slot is the place in the ring of a lead of the window of a number, and of the
// window whose step of that lead ends in it.
func (k *keyScore) slot(lead int, number uint64) int {
	return int(number % uint64(k.truths[lead].Windows))
}

// resolve compares what was forecast of the steps that end in a window with
// what came, learns from it, and sets what the score says of the window.
func (k *keyScore) resolve(p *window.Pane, out *Score) {
	k.round++
	missed, number := 0.0, k.numberOf(p)
	for lead, truth := range k.truths {
		o := k.due(lead, truth, p, number)
		v, ok := k.truth(p, truth.Step)
		if o == nil || !ok {
			continue
		}
		e := math.Abs(v - o.mean)
		if k.told[truth.Step] != k.round { // the newest forecast of a step comes first
			k.told[truth.Step] = k.round
			out.surprised(k.conformal.Surprise(lead, e))
		}
		if k.trial != nil {
			k.trial.resolve(o, v)
		}
		verdict := k.learn(lead, o, v)
		out.count(verdict)
		missed += e
	}
	if out.Resolved > 0 {
		out.MAE = missed / float64(out.Resolved)
	}
	out.N, out.Coverage, out.MASE = k.score.N(), k.score.Coverage(), k.score.MASE()
	out.Anomaly = out.Surprise >= k.cfg.Anomaly
}

// count counts a forecast that was resolved.
func (s *Score) count(v model.Verdict) {
	s.Resolved++
	if v != model.Unjudged {
		s.Judged++
	}
	if v == model.Inside {
		s.Covered++
	}
}

// surprised notes the surprise of a step: the largest is told.
func (s *Score) surprised(by float64) {
	if math.IsNaN(s.Surprise) || by > s.Surprise {
		s.Surprise = by
	}
}

// due is the forecast of a lead whose step ends in a window; nil if there was
// none.
func (k *keyScore) due(lead int, t window.Truth, p *window.Pane, number uint64) *openForecast {
	ring, i := k.open[lead], k.slot(lead, number)
	if i >= len(ring) || ring[i].origin != p.End.Sub(window.Duration(t.Windows)*p.Hop) {
		return nil
	}
	return &ring[i]
}

// truth is the value of a step, as Truth.Step counts them; not ok where there is
// no record, or no number.
func (k *keyScore) truth(p *window.Pane, step int) (v float64, ok bool) {
	var s *window.StepValue
	m := k.forecastOf.of(p)
	switch n := len(p.Steps); {
	case k.cfg.Input == InputAggregates:
		v = m.ofWindow(&p.Aggregate)
		return v, math.Abs(v) <= math.MaxFloat64
	case step < n:
		s = &p.Steps[step]
	case step-n < len(p.Ended):
		s = &p.Ended[step-n]
	default:
		return 0, false // a window without records has no steps
	}
	v = m.ofStep(s)
	return v, math.Abs(v) <= math.MaxFloat64
}

// learn learns from a forecast whose step turned out to be v.
func (k *keyScore) learn(lead int, o *openForecast, v float64) model.Verdict {
	verdict := model.Unjudged
	for level := range len(o.bounds) / 2 {
		inside := o.bounds[2*level] <= v && v <= o.bounds[2*level+1]
		if o.learnt {
			k.conformal.Adapt(lead, level, inside)
		}
		if level > 0 {
			continue
		}
		verdict = model.Outside
		if inside {
			verdict = model.Inside
		}
	}
	naive := math.Abs(v - o.naive)
	for place, mean := range o.rivals {
		if !math.IsNaN(mean) {
			k.ranking.Add(place, math.Abs(v-mean), naive)
		}
	}
	k.conformal.Learn(lead, math.Abs(v-o.mean))
	k.score.Add(math.Abs(v-o.mean), naive, verdict)
	return verdict
}

// choose lets auto choose by what is known of its models: f then is the
// forecast of the best. The model's own choice stands while too little is known.
func (k *keyScore) choose(f *model.Forecast) {
	if len(f.Candidates) == 0 {
		return
	}
	if best := k.ranking.Best(f.Candidates); best >= 0 {
		c := &f.Candidates[best]
		f.Mean, f.SE = append(f.Mean[:0], c.Mean...), append(f.SE[:0], c.SE...)
		f.Freedom = c.Freedom
		f.Members = append(f.Members[:0], c.Name)
	}
	for _, name := range f.Members {
		k.ranking.Models[k.ranking.Index(name)].Used++
	}
}

// bounds sets the prediction intervals: of the leads of which enough errors are
// known by those, of others by the model's own standard errors, if it has any.
func (k *keyScore) bounds(point *model.Forecast, intervals []Interval) []Interval {
	learnt := k.conformal.Ready()
	if !learnt && len(point.SE) == 0 {
		return intervals[:0]
	}
	for i, level := range k.cfg.Levels {
		if i == cap(intervals) {
			intervals = append(intervals[:i], Interval{})
		}
		intervals = intervals[:i+1]
		v := &intervals[i]
		v.Level, v.By = level, "analytic"
		v.Lower, v.Upper = model.Bounds(point, level, v.Lower, v.Upper)
		if learnt {
			v.By = "aci"
			k.calibrate(point.Mean, i, v)
		}
	}
	return intervals
}

// calibrate sets the bounds of the leads of which enough errors are known.
func (k *keyScore) calibrate(mean []float64, level int, v *Interval) {
	for lead := len(v.Lower); lead < len(mean); lead++ { // without standard errors
		v.Lower, v.Upper = append(v.Lower, math.Inf(-1)), append(v.Upper, math.Inf(1))
	}
	for lead, m := range mean {
		if k.conformal.Knows(lead) {
			width := k.conformal.Width(lead, level)
			v.Lower[lead], v.Upper[lead] = m-width, m+width
		}
	}
}

// remember keeps a forecast until its steps have ended.
func (k *keyScore) remember(p *window.Pane, f *Forecast, rivals []model.Candidate) {
	number := k.numberOf(p)
	for lead := range f.Mean {
		o := k.place(lead, number)
		o.origin, o.mean, o.naive = p.End, f.Mean[lead], f.naive
		o.learnt = k.conformal.Knows(lead)
		o.bounds = o.bounds[:0]
		for i := range f.Intervals {
			o.bounds = append(o.bounds, f.Intervals[i].Lower[lead], f.Intervals[i].Upper[lead])
		}
		for i := range o.rivals {
			o.rivals[i] = math.NaN()
		}
		for i := range rivals {
			place := k.ranking.Index(rivals[i].Name)
			for place >= len(o.rivals) {
				o.rivals = append(o.rivals, math.NaN())
			}
			o.rivals[place] = rivals[i].Mean[lead]
		}
	}
}

// place is where the forecast of the window of a number for a lead is kept. It
// overwrites the one whose step ends in the window. Rings grow as they are
// needed.
func (k *keyScore) place(lead int, number uint64) *openForecast {
	i := k.slot(lead, number)
	for i >= len(k.open[lead]) {
		k.open[lead] = append(k.open[lead], openForecast{origin: window.MinTime})
	}
	return &k.open[lead][i]
}

// measure is about how many bytes the key takes.
func (k *keyScore) measure() int64 {
	forecasts := 0
	for _, ring := range k.open {
		forecasts += len(ring)
	}
	each := int64(unsafe.Sizeof(openForecast{})) + int64(8*(2*len(k.cfg.Levels)+len(k.ranking.Models)))
	return int64(unsafe.Sizeof(keyScore{})) + int64(forecasts)*each + k.conformal.Bytes() + k.score.Bytes()
}
