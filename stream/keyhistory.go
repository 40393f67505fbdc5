package stream

import (
	"math"
	"slices"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// keyHistory is what a board remembers of one key and series. Its slices grow,
// and are copied when they are cut or an older element changes, so a picture may
// share them.
type keyHistory struct {
	id      keyID
	measure Measure
	windows int64
	// end is the end of its newest window, partition the first that has records of
	// that.
	end       window.Time
	partition int32
	recent    []float64
	specs     []specHistory
}

// specHistory is what a board remembers of one key, series and spec.
type specHistory struct {
	closed []ClosedWindow // in the order of their ends
	// lent says that a picture shows the closed windows.
	lent   bool
	step   window.Duration
	points []Point
	ahead  []Point
	level  float64
	by     string
	newest Point
	// score is that of the newest window; anomalies and lastAnomaly are of all.
	score       Score
	anomalies   int64
	lastAnomaly window.Time
	ranking     []model.Ranked
}

// How much is remembered of a key: pictures show at most so much.
const (
	maxRecent = 32
	maxClosed = 128
	maxPoints = 512
)

func newKeyHistory(id keyID, measure Measure, specs int) *keyHistory {
	h := &keyHistory{id: id, measure: measure, specs: make([]specHistory, max(1, specs))}
	for i := range h.specs {
		h.specs[i].newest, h.specs[i].score, h.specs[i].lastAnomaly = NoPoint(), unscored(""), window.MinTime
	}
	return h
}

// add remembers a line. One of a window that came out before takes the place of
// that; so does one of an older window that held nothing when it fired on time.
func (h *keyHistory) add(l *Line, spec int) {
	s := &h.specs[spec]
	if h.end = max(h.end, l.End); h.end == l.End && len(l.Offsets) > 0 {
		h.partition = l.Offsets[0].Partition
	}
	c := closedWindow(l, spec)
	if n := len(s.closed); n > 0 && l.End <= s.closed[n-1].End {
		if s.revise(c) && spec == 0 {
			h.windows++
		}
		return
	}
	s.closed = keepLast(s.closed, c, maxClosed)
	if spec == 0 {
		h.windows++
		value := c.Mean
		if l.Counted {
			value = float64(c.Count)
		}
		h.recent = keepLast(h.recent, value, maxRecent)
	}
	added := s.addPoints(l, h.measure.of(l.Pane))
	if l.Score != nil {
		s.addScore(l, last(s.points, added))
	}
	s.setAhead(l)
}

// addScore remembers the score of a window, and marks the step of an anomaly
// among the points that are new.
func (s *specHistory) addScore(l *Line, added []Point) {
	s.score = *l.Score
	if l.ranking != nil {
		s.ranking = append(s.ranking[:0], l.ranking...)
	}
	if !l.Score.Anomaly {
		return
	}
	s.anomalies++
	s.lastAnomaly = l.End
	worst, most := -1, -1.0
	for i, p := range added {
		if missed := math.Abs(p.Actual - p.Forecast); missed > most {
			worst, most = i, missed
		}
	}
	if worst >= 0 {
		added[worst].Anomaly = true
		if s.newest.At == added[worst].At {
			s.newest.Anomaly = true
		}
	}
}

// revise puts a window among those that have closed, and reports whether it is
// new there.
func (s *specHistory) revise(c ClosedWindow) bool {
	i, known := findWindow(s.closed, c.Span)
	if oldest := len(s.closed) - maxClosed; i < oldest || i == oldest && !known {
		return false // older than what is shown
	}
	if s.lent {
		s.closed, s.lent = append(make([]ClosedWindow, 0, 2*maxClosed), last(s.closed, maxClosed)...), false
		i, known = findWindow(s.closed, c.Span)
	}
	if known {
		s.closed[i] = c
		return false
	}
	if len(s.closed) == 2*maxClosed { // its first half is shown no more
		s.closed, i = slices.Delete(s.closed, 0, maxClosed), i-maxClosed
	}
	s.closed = slices.Insert(s.closed, i, c)
	return true
}

// keepLast appends x to a slice of which at least the last n are kept. The
// memory of earlier pictures is never written again.
func keepLast[T any](s []T, x T, n int) []T {
	if len(s) == 2*n {
		s = append(make([]T, 0, 2*n), s[n:]...)
	}
	return append(s, x)
}

func last[T any](s []T, n int) []T { return s[max(0, len(s)-n):len(s):len(s)] }

func closedWindow(l *Line, spec int) ClosedWindow {
	c := ClosedWindow{
		Span: l.Span, Spec: spec, Count: l.Count, Mean: math.NaN(), Min: l.Min, Max: l.Max, Lag: l.Lag, Late: l.Late,
		Revision: l.Revision, Final: l.Final, ClosedBy: l.ClosedBy, Incomplete: l.Incomplete,
		Surprise: math.NaN(), Next: math.NaN(), NextLow: math.NaN(), NextHigh: math.NaN(),
	}
	if !l.Counted {
		c.Mean = l.Mean()
	}
	if l.Count == 0 {
		c.Min, c.Max = math.NaN(), math.NaN()
	}
	if l.Score != nil {
		c.Surprise, c.Anomaly = l.Score.Surprise, l.Score.Anomaly
	}
	if f := l.Forecast; f != nil {
		c.Model, c.Error = f.Model, f.Error
		if len(f.Mean) > 0 {
			c.Next = f.Mean[0]
		}
		if len(f.Intervals) > 0 {
			c.NextLow, c.NextHigh = f.Intervals[0].Lower[0], f.Intervals[0].Upper[0]
		}
	}
	return c
}

// addPoints adds the steps that ended in this window and in none before, each
// with what the window before had forecast for it. Without steps a window is
// one point. It returns how many there are.
func (s *specHistory) addPoints(l *Line, m Measure) (added int) {
	s.step = l.Step
	if l.Step == 0 || l.Hop%l.Step != 0 {
		s.step = l.Hop
		s.addPoint(l.End.Sub(l.Hop), m.orNothing(m.ofWindow(&l.Aggregate)))
		return 1
	}
	begin := l.Start
	if len(s.points) > 0 {
		begin = max(l.End.Sub(l.Hop), s.points[len(s.points)-1].At.Add(l.Step))
	}
	for i := range int64(l.Size / l.Step) {
		if at := l.Start.Add(window.Duration(i) * l.Step); at >= begin {
			s.addPoint(at, stepValue(l, i, m))
			added++
		}
	}
	return added
}

// stepValue is the value of a step; a window without records has no steps.
func stepValue(l *Line, i int64, m Measure) float64 {
	var step window.StepValue
	if i < int64(len(l.Steps)) {
		step = l.Steps[i]
	}
	return m.orNothing(m.ofStep(&step))
}

func (s *specHistory) addPoint(at window.Time, actual float64) {
	p := NoPoint()
	p.At, p.Actual = at, actual
	for _, f := range s.ahead {
		if f.At == at {
			p.Forecast, p.Low, p.High = f.Forecast, f.Low, f.High
		}
	}
	s.points = keepLast(s.points, p, maxPoints)
	if !math.IsNaN(actual) {
		s.newest = p
	}
}

// setAhead remembers the newest forecast.
func (s *specHistory) setAhead(l *Line) {
	f := l.Forecast
	if f == nil || f.Error != "" {
		s.ahead = nil
		return
	}
	s.ahead = make([]Point, len(f.Mean))
	for i, mean := range f.Mean {
		p := NoPoint()
		p.At, p.Forecast = f.Origin.Add(window.Duration(i)*f.Step), mean
		if len(f.Intervals) > 0 {
			p.Low, p.High = f.Intervals[0].Lower[i], f.Intervals[0].Upper[i]
			s.level, s.by = f.Intervals[0].Level, f.Intervals[0].By
		}
		s.ahead[i] = p
	}
}

// view is the summary row.
func (h *keyHistory) view() KeyView {
	v := KeyView{Topic: h.id.topic, Key: h.id.key, Series: h.id.series, Windows: h.windows, Recent: last(h.recent, maxRecent), Newest: NoPoint(), MASE: math.NaN(), Coverage: math.NaN(), LastAnomaly: window.MinTime}
	for i := range h.specs {
		if s := &h.specs[i]; len(s.closed) > 0 {
			v.Last, v.Newest = s.closed[len(s.closed)-1], s.newest
			v.MASE, v.Coverage, v.Anomalies, v.LastAnomaly = s.score.MASE, s.score.Coverage, s.anomalies, s.lastAnomaly
			break
		}
	}
	return v
}

// focus is the detail of one spec.
func (h *keyHistory) focus(spec int) *Focus {
	s := &h.specs[spec]
	s.lent = true
	return &Focus{
		Topic: h.id.topic, Key: h.id.key, Series: h.id.series, Spec: spec,
		Closed: last(s.closed, maxClosed), Step: s.step, Points: last(s.points, maxPoints), Ahead: s.ahead, Level: s.level,
		By: s.by, Score: s.score, Models: s.models(),
	}
}

// models is how well the models did that auto chooses among.
func (s *specHistory) models() []ModelView {
	var views []ModelView
	for i := range s.ranking {
		r := &s.ranking[i]
		views = append(views, ModelView{Name: r.Name, MASE: r.MASE(), Resolved: r.Resolved, Used: r.Used})
	}
	return views
}
