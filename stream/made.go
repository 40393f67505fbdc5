package stream

import (
	"slices"
	"unsafe"

	"github.com/oriel-stream/oriel/window"
)

// madeForecasts keeps what was forecast when windows fired on time until they
// are final: a later line of the window repeats it.
type madeForecasts struct {
	cfg      *Forecasts
	lateness window.Duration
	made     map[paneKey]*madeForecast
	// due lists what is kept in the order in which the windows become final.
	due []keptForecast
	// bytes is about how much memory it takes.
	bytes int64
}

// madeForecast is what was said of a window when it fired on time.
type madeForecast struct {
	Forecast
	score Score
}

// paneKey names a window of a key and series.
type paneKey struct {
	topic, series string
	key           window.Key
	window.Span
	hop window.Duration
}

type keptForecast struct {
	paneKey
	due   window.Time
	bytes int64
}

// newMadeForecasts returns nil, which keeps nothing, where no line comes later.
func newMadeForecasts(cfg Config) *madeForecasts {
	if cfg.Forecasts == nil || cfg.Window.AllowedLateness == 0 {
		return nil
	}
	return &madeForecasts{
		cfg: cfg.Forecasts, lateness: cfg.Window.AllowedLateness, made: make(map[paneKey]*madeForecast),
	}
}

func keyOf(p *window.Pane) paneKey {
	return paneKey{topic: p.Topic, series: p.Series, key: p.Key, Span: p.Span, hop: p.Hop}
}

// remember copies the forecast and the score of a window that fires on time.
func (m *madeForecasts) remember(p *window.Pane, f *Forecast, score *Score) {
	if m == nil {
		return
	}
	m.forget(p.End)
	c := madeForecast{Forecast: *f, score: *score}
	c.Mean, c.Members = slices.Clone(f.Mean), slices.Clone(f.Members)
	c.Intervals = slices.Clone(f.Intervals)
	for i := range c.Intervals {
		c.Intervals[i].Lower = slices.Clone(c.Intervals[i].Lower)
		c.Intervals[i].Upper = slices.Clone(c.Intervals[i].Upper)
	}
	k := keyOf(p)
	m.made[k] = &c
	kept := keptForecast{paneKey: k, due: p.End.Add(m.lateness), bytes: c.size()}
	m.bytes += kept.bytes
	m.due = append(m.due, kept)
}

// size is about how many bytes the forecast takes, with its places in the map and
// the list.
func (f *madeForecast) size() int64 {
	n := unsafe.Sizeof(*f) + 2*unsafe.Sizeof(keptForecast{}) + 8*uintptr(len(f.Mean)) + 16*uintptr(len(f.Members))
	for i := range f.Intervals {
		n += unsafe.Sizeof(f.Intervals[i]) + 16*uintptr(len(f.Intervals[i].Lower))
	}
	return int64(n)
}

// held is about how many bytes are kept.
func (m *madeForecasts) held() int64 {
	if m == nil {
		return 0
	}
	return m.bytes
}

// forget drops the forecasts of windows that are final: no line of a window
// comes after one that was due later.
func (m *madeForecasts) forget(due window.Time) {
	n := 0
	for n < len(m.due) && m.due[n].due < due {
		delete(m.made, m.due[n].paneKey)
		m.bytes -= m.due[n].bytes
		n++
	}
	m.due = m.due[n:] // append moves what is left when it grows
}

// of returns what was said of a window when it fired on time. One that held
// nothing then has no forecast.
func (m *madeForecasts) of(p *window.Pane) *madeForecast {
	if f := m.made[keyOf(p)]; f != nil {
		return f
	}
	name := m.cfg.name()
	return &madeForecast{
		Forecast: Forecast{Model: name, Origin: p.End, Step: m.cfg.stepOf(p), Error: "too few"}, score: unscored(name),
	}
}
