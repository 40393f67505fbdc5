package tui

import (
	"cmp"
	"math"
	"regexp"
	"slices"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// keyOrder is how the keys are sorted.
type keyOrder uint8

// The orders, in which `s` goes through them.
const (
	byKey keyOrder = iota
	byKeyReversed
	byWindows
	byWindowsReversed
	byLag
	byLagReversed
	byError
	byAnomaly
	keyOrders
)

var keyOrderNames = [keyOrders]string{"by key ↑", "by key ↓", "by windows ↓", "by windows ↑", "by lag ↓", "by lag ↑", "by error ↓", "by anomaly"}

// keysPanel is the list of the keys.
type keysPanel struct {
	cursor[stream.Interest]
	order keyOrder
	// fromTop says that another order was chosen since: what it has on top is shown.
	fromTop bool
	filter  *regexp.Regexp // nil for none
	typed   string         // what the filter was made from

	// rows are indices into the keys of snap, filtered and sorted.
	rows []int
	snap *stream.Snapshot
}

// interestIn is the interest that a row stands for.
func interestIn(k *stream.KeyView) stream.Interest {
	return stream.Interest{Topic: k.Topic, Key: k.Key, Series: k.Series, Chosen: true}
}

// charted is the key that is shown in detail.
func charted(s *stream.Snapshot) stream.Interest {
	if s.Focus == nil {
		return stream.Interest{}
	}
	return stream.Interest{Topic: s.Focus.Topic, Key: s.Focus.Key, Series: s.Focus.Series, Chosen: true}
}

// arrange filters and sorts, if the picture or the order is another.
func (p *keysPanel) arrange(f *frame) {
	if p.snap == f.snap {
		return
	}
	p.snap = f.snap
	keys := f.snap.Keys
	p.rows = p.rows[:0]
	for i := range keys {
		if p.filter == nil || p.filter.MatchString(f.name(keys[i].Topic, keys[i].Key, keys[i].Series)) {
			p.rows = append(p.rows, i)
		}
	}
	if p.order == byKey { // as they come
		return
	}
	sign := 1
	if p.order == byKeyReversed || p.order == byWindows || p.order == byLag || p.order == byError || p.order == byAnomaly {
		sign = -1
	}
	slices.SortStableFunc(p.rows, func(a, b int) int {
		switch p.order {
		case byWindows, byWindowsReversed:
			return sign * cmp.Compare(keys[a].Windows, keys[b].Windows)
		case byLag, byLagReversed:
			return sign * cmp.Compare(lagOf(&keys[a]), lagOf(&keys[b]))
		case byError: // those without one come last
			return sign * cmp.Compare(keys[a].MASE, keys[b].MASE)
		case byAnomaly: // the newest comes first
			return sign * cmp.Compare(keys[a].LastAnomaly, keys[b].LastAnomaly)
		default:
			return sign * cmp.Compare(a, b)
		}
	})
}

func lagOf(k *stream.KeyView) float64 {
	if k.Last.Lag.Count == 0 {
		return math.Inf(-1)
	}
	return k.Last.Lag.Mean()
}

// find is the row of a key, missing if there is none.
func (p *keysPanel) find(f *frame, want stream.Interest, missing int) int {
	c := cursor[stream.Interest]{chosen: true, id: want}
	return c.at(len(p.rows), missing, p.interestAt(f))
}

func (p *keysPanel) interestAt(f *frame) func(int) stream.Interest {
	return func(i int) stream.Interest { return interestIn(&f.snap.Keys[p.rows[i]]) }
}

// at is the row under the cursor: that of the charted key until it was moved, or
// the first after another order was chosen.
func (p *keysPanel) at(f *frame) int {
	switch {
	case p.chosen:
		return p.cursor.at(len(p.rows), 0, p.interestAt(f))
	case p.fromTop:
		return 0
	}
	return p.find(f, charted(f.snap), 0)
}

// turnOrder sorts by the next order, and goes to the top of it.
func (p *keysPanel) turnOrder() {
	p.order, p.snap = (p.order+1)%keyOrders, nil
	p.chosen, p.fromTop = false, true
}

func (p *keysPanel) reset() bool {
	p.fromTop = false
	return p.cursor.reset()
}

func (p *keysPanel) move(f *frame, delta int) bool {
	p.arrange(f)
	at := p.at(f)
	p.chosen = true // the cursor is seen from the start
	return p.cursor.move(at, delta, len(p.rows), p.interestAt(f))
}

// selected is the key under the cursor.
func (p *keysPanel) selected(f *frame) (stream.Interest, bool) {
	p.arrange(f)
	if len(p.rows) == 0 {
		return stream.Interest{}, false
	}
	return interestIn(&f.snap.Keys[p.rows[p.at(f)]]), true
}

// next is the key delta rows from another: around the ends if it is a neighbour,
// else at most the first or the last. Beside a key that the filter leaves out are
// those two.
func (p *keysPanel) next(f *frame, from stream.Interest, delta int) (stream.Interest, bool) {
	p.arrange(f)
	n := len(p.rows)
	if n == 0 {
		return stream.Interest{}, false
	}
	at := p.find(f, from, -1)
	switch {
	case at < 0 && delta > 0:
		at = 0
	case at < 0:
		at = n - 1
	case delta == 1 || delta == -1:
		at = (at + delta + n) % n
	default:
		at = step(at, delta, n)
	}
	return interestIn(&f.snap.Keys[p.rows[at]]), true
}

func (p *keysPanel) copied(f *frame) string {
	k, ok := p.selected(f)
	if !ok {
		return ""
	}
	return f.name(k.Topic, k.Key, k.Series)
}

func (p *keysPanel) title(f *frame) (name, note string) {
	p.arrange(f)
	name = "Keys " + count(int64(len(f.snap.Keys)))
	if p.filter != nil {
		name = "Keys " + count(int64(len(p.rows))) + " of " + count(int64(len(f.snap.Keys))) + " /" + f.text(p.typed)
	}
	return name, keyOrderNames[p.order]
}

const (
	keyName = iota
	keyRecent
	keyMean
	keyCount
	keyWindows
	keyLag
	keyError
	keyAnomaly
)

func (p *keysPanel) columns(f *frame, w int) []column {
	mean := "mean"
	if len(f.snap.Series) == 0 {
		mean = ""
	}
	longest := 6
	for _, i := range p.rows[:min(len(p.rows), 200)] {
		k := &f.snap.Keys[i]
		longest = max(longest, width(f.name(k.Topic, k.Key, k.Series)))
	}
	columns := []column{
		{id: keyName, title: "   key", width: nameCells(longest, w) + 3},
		{id: keyRecent, title: "recent", width: 10, rank: 2, grows: true},
		{id: keyMean, title: mean, width: numberCells, right: true, rank: 1},
		{id: keyError, title: "error", width: 5, right: true, rank: 3},
		{id: keyAnomaly, title: "anomaly", width: 8, rank: 4},
		{id: keyCount, title: "count", width: 5, right: true, rank: 5},
		{id: keyLag, title: "lag", width: 6, right: true, rank: 6},
		{id: keyWindows, title: "windows", width: 7, right: true, rank: 7},
	}
	return fitColumns(slices.DeleteFunc(columns, func(c column) bool {
		// Counted records have no values, and not always is there a forecast.
		return mean == "" && c.id == keyMean || f.snap.Workers == 0 && (c.id == keyError || c.id == keyAnomaly)
	}), w)
}

func (p *keysPanel) draw(f *frame, w, h int) []string {
	p.arrange(f)
	if len(f.snap.Keys) == 0 {
		return f.waiting(w, h)
	}
	if len(p.rows) == 0 {
		return f.message(w, h, "no key matches", "esc shows all")
	}
	columns := p.columns(f, w)
	lines := []string{f.st.Dim.Render(titles(columns))}
	at, shown := p.at(f), charted(f.snap)
	from, to := p.visible(at, len(p.rows), h-1)
	for i := from; i < to; i++ {
		k := &f.snap.Keys[p.rows[i]]
		line := row(columns, func(c column) string { return p.cell(f, c, k, interestIn(k) == shown) })
		if i == at && f.active == keysID {
			line = f.selected(line, w)
		}
		lines = append(lines, line)
	}
	return lines
}

func (p *keysPanel) cell(f *frame, c column, k *stream.KeyView, shown bool) string {
	text := ""
	switch c.id {
	case keyName:
		return f.keyCell(c, k, shown)
	case keyRecent:
		return f.st.Actual.Render(fit(sparkline(k.Recent, min(c.width, 32), f.ascii), c.width, false))
	case keyMean:
		text = number(k.Last.Mean)
	case keyCount:
		text = countIn(k.Last.Count, c.width)
	case keyWindows:
		text = countIn(k.Windows, c.width)
	case keyLag:
		text = meanLag(k.Last.Lag)
	case keyError:
		text = ratio(k.MASE)
	case keyAnomaly:
		return f.anomalyCell(c, k)
	}
	return fit(text, c.width, c.right)
}

// anomalyCell says how long ago, in event time, a key's newest anomaly was.
func (f *frame) anomalyCell(c column, k *stream.KeyView) string {
	if k.LastAnomaly == window.MinTime {
		return fit("", c.width, false)
	}
	since := span(k.LastAnomaly, k.Last.End)
	if since == 0 {
		return f.st.Attention.Render(fit("✱ now", c.width, false))
	}
	return fit("✱ "+duration(since), c.width, false)
}

// keyCell is the key with a mark if its newest window is an anomaly, or its
// newest step lies outside its interval, and another if it is the charted one.
func (f *frame) keyCell(c column, k *stream.KeyView, shown bool) string {
	name := middle(f.name(k.Topic, k.Key, k.Series), c.width-3)
	mark := "  " // the first place is the cursor's
	if shown {
		mark = " •"
	}
	if k.LastAnomaly != window.MinTime && k.LastAnomaly == k.Last.End {
		return f.st.Attention.Render(fit(mark+"✱"+name, c.width, false))
	}
	switch k.Newest.Outside() {
	case 1:
		return f.st.Attention.Render(fit(mark+"▲"+name, c.width, false))
	case -1:
		return f.st.Attention.Render(fit(mark+"▼"+name, c.width, false))
	}
	if shown {
		return f.st.Bold.Render(fit(mark+" "+name, c.width, false))
	}
	return fit(mark+" "+name, c.width, false)
}
