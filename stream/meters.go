package stream

import (
	"slices"

	"github.com/oriel-stream/oriel/window"
)

// lagRing keeps the newest lags of a partition: processing minus event time of
// its records.
type lagRing struct {
	lags [512]window.Duration
	n    int
}

func (r *lagRing) add(d window.Duration) {
	r.lags[r.n%len(r.lags)] = d
	r.n++
}

// newest copies what the ring holds and empties it, so that the next picture
// shows newer ones.
func (r *lagRing) newest() []window.Duration {
	held := slices.Clone(r.lags[:min(r.n, len(r.lags))])
	r.n = 0
	return held
}

const second = window.Duration(1000)

// lagMeter turns the lags of all partitions into percentiles, one point a
// second.
type lagMeter struct {
	last    LagView
	since   window.Time
	pending []window.Duration
	history []LagPoint
	used    map[*published]bool // views of the last picture
}

// maxLagHistory is how many seconds of lag are kept: ten minutes.
const maxLagHistory = 600

func (m *lagMeter) measure(now window.Time, views []*published) LagView {
	if m.used == nil {
		m.since = now
	}
	shown := make(map[*published]bool, len(views))
	for _, v := range views {
		if shown[v] = true; !m.used[v] {
			m.pending = append(m.pending, v.lags...)
		}
	}
	m.used = shown
	if now < m.since.Add(second) || len(m.pending) == 0 {
		return m.last
	}
	slices.Sort(m.pending)
	at := func(q float64) window.Duration { return m.pending[int(q*float64(len(m.pending)-1))] }
	p := LagPoint{At: now, P50: at(0.5), P99: at(0.99), Max: at(1)}
	if len(m.history) == 2*maxLagHistory {
		m.history = append(make([]LagPoint, 0, 2*maxLagHistory), m.history[maxLagHistory:]...)
	}
	m.history = append(m.history, p)
	m.last = LagView{Known: true, P50: p.P50, P99: p.P99, Max: p.Max, History: m.history[max(0, len(m.history)-maxLagHistory):]}
	m.pending, m.since = m.pending[:0], now
	return m.last
}

// rateMeter turns a count into a rate over the last seconds.
type rateMeter struct {
	points []ratePoint
}

type ratePoint struct {
	at window.Time
	n  int64
}

// rateSpan is the time over which a rate is taken.
const rateSpan = 3 * second

func (m *rateMeter) measure(now window.Time, n int64) float64 {
	m.points = append(m.points, ratePoint{at: now, n: n})
	for len(m.points) > 2 && m.points[1].at.Add(rateSpan) <= now {
		m.points = slices.Delete(m.points, 0, 1)
	}
	first := m.points[0]
	if now < first.at.Add(second) {
		return 0 // too short a time to tell: what was read at once is no rate
	}
	return float64(n-first.n) / float64(now-first.at) * float64(second)
}
