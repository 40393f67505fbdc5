package window

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// offered is a record of a log: its number and its time.
type offered struct {
	index int
	time  Time
}

// watched is a guard with what became of the records that it was offered.
type watched struct {
	t testing.TB
	*Guard[offered]
	fates []Decided[offered]
}

func newWatched(t testing.TB, maxFuture Duration) *watched {
	return &watched{t: t, Guard: NewGuard[offered](maxFuture)}
}

func (g *watched) offer(o offered) {
	g.t.Helper()
	held := 0
	decided, pass := g.Offer(o.time, func() offered { held++; return o })
	g.fates = append(g.fates, decided...)
	if pass {
		g.fates = append(g.fates, Decided[offered]{Record: o})
	}
	if pass && held > 0 || !pass && held != 1 {
		g.t.Fatalf("%+v: pass %v, held %d times", o, pass, held)
	}
	if n := g.Waiting(); n >= maxWaiting {
		g.t.Fatalf("%d records wait", n)
	}
	if (g.Leap() == MinTime) != (g.Waiting() == 0) {
		g.t.Fatalf("%d records wait, and the leap is %v", g.Waiting(), g.Leap())
	}
}

// offerAll offers records of these times.
func (g *watched) offerAll(times ...Time) {
	g.t.Helper()
	for _, at := range times {
		g.offer(offered{time: at})
	}
}

func (g *watched) settle() {
	g.t.Helper()
	g.fates = append(g.fates, g.Settle()...)
	if g.Waiting() != 0 {
		g.t.Fatalf("%d records wait for ever", g.Waiting())
	}
}

// said are the fates in a line: "+5" counts, "-5" is refuted.
func (g *watched) said() string {
	var words []string
	for _, d := range g.fates {
		sign := "+"
		if d.Refuted {
			sign = "-"
		}
		words = append(words, fmt.Sprintf("%s%d", sign, d.Record.time))
	}
	return strings.Join(words, " ")
}

// TestGuard walks through the table above stand, with a max-future of 10.
func TestGuard(t *testing.T) {
	for _, c := range []struct {
		name  string
		times []Time
		fates string // of those decided without Settle
		waits int
	}{
		{"the first record is a leap", []Time{100}, "", 1},
		{"not known before it is far enough", []Time{100, 105, 109}, "", 3},
		{"believed by max-future of event time", []Time{100, 105, 110}, "+100 +105 +110", 0},
		{"then everything near passes", []Time{100, 110, 120, 90, -500, 130}, "+100 +110 +120 +90 +-500 +130", 0},
		{"a leap waits", []Time{100, 110, 121}, "+100 +110", 1},
		{"a leap believes the first record", []Time{100, 105, 500}, "+100 +105", 1},
		{"and is refuted like any other", []Time{100, 105, 500, 106}, "+100 +105 -500 +106", 0},
		{"or believed", []Time{100, 105, 500, 505, 510, 106}, "+100 +105 +500 +505 +510 +106", 0},
		{"the edge is none", []Time{100, 110, 120}, "+100 +110 +120", 0},
		{"refuted", []Time{100, 110, 500, 111}, "+100 +110 -500 +111", 0},
		{"refuted with those behind it", []Time{100, 110, 500, 505, 111}, "+100 +110 -500 -505 +111", 0},
		{"refuted by what is older", []Time{100, 110, 500, 0}, "+100 +110 -500 +0", 0},
		{"believed", []Time{100, 110, 500, 501, 495, 510}, "+100 +110 +500 +501 +495 +510", 0},
		{"the first is refuted", []Time{500, 100}, "-500", 1},
		{"the first is refuted, and the next, and so on", []Time{500, 100, 80, 85, 90}, "-500 -100 +80 +85 +90", 0},
		{"a record that bridges", []Time{100, 110, 121, 115}, "+100 +110 +121 +115", 0},
		{"it must not be from before", []Time{100, 110, 121, 110}, "+100 +110 -121 +110", 0},
		{"it refutes a further leap", []Time{100, 110, 121, 900, 115}, "+100 +110 -900 +121 +115", 0},
		{"a refuter bridges to what is left", []Time{100, 110, 900, 121, 115}, "+100 +110 -900 +121 +115", 0},
		{"further leaps wait", []Time{100, 110, 500, 900, 1300}, "+100 +110", 3},
		{"and are refuted at once", []Time{100, 110, 500, 900, 1300, 505}, "+100 +110 -900 -1300", 2},
		{"or with the first", []Time{100, 110, 500, 900, 1300, 120}, "+100 +110 -500 -900 -1300 +120", 0},
		{"or they wait on", []Time{100, 110, 500, 511, 505, 510}, "+100 +110 +500 +511 +505 +510", 0},
		{"what the leap leads to is no further leap", []Time{100, 110, 500, 505, 491, 495, 510}, "+100 +110 +500 +505 +491 +495 +510", 0},
		{"a further leap does not speak of another", []Time{100, 110, 500, 900, 700}, "+100 +110", 3},
		{"but a consistent record does of both", []Time{100, 110, 500, 505, 507, 900, 700, 510}, "+100 +110 -900 -700 +500 +505 +507 +510", 0},
	} {
		g := newWatched(t, 10)
		g.offerAll(c.times...)
		if got := g.said(); got != c.fates || g.Waiting() != c.waits {
			t.Errorf("%s: %v: %s, %d wait; want %s, %d", c.name, c.times, got, g.Waiting(), c.fates, c.waits)
		}
	}
}

// TestGuardBelievesThirtyTwo: records that stand still believe a leap by their
// number, and of far leaps, each further than the last, one comes free a record.
func TestGuardBelievesThirtyTwo(t *testing.T) {
	g := newWatched(t, 10)
	for range maxWaiting - 1 {
		g.offerAll(500)
	}
	if len(g.fates) > 0 || g.Waiting() != maxWaiting-1 || g.Leap() != 500 {
		t.Errorf("%s, %d wait", g.said(), g.Waiting())
	}
	g.offerAll(500)
	if len(g.fates) != maxWaiting || g.Waiting() != 0 {
		t.Errorf("%s, %d wait", g.said(), g.Waiting())
	}
	g = newWatched(t, 10)
	for i := range Time(100) {
		g.offerAll(i * 1000)
	}
	if len(g.fates) != 100-(maxWaiting-1) || !strings.HasPrefix(g.said(), "+0 +1000 +2000 ") {
		t.Errorf("%d are decided: %s", len(g.fates), g.said())
	}
}

func TestGuardSettles(t *testing.T) {
	g := newWatched(t, 10)
	g.offerAll(500, 900, 505)
	g.settle()
	g.offerAll(515) // 505 was the newest but for 900
	g.offerAll(900)
	g.settle()
	g.settle()
	if got, want := g.said(), "+500 -900 +505 +515 +900"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	g = newWatched(t, 10)
	g.offerAll(500, 900, 1300)
	g.settle()
	if got, want := g.said(), "+500 +900 +1300"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	g = newWatched(t, 10)
	g.offerAll(100, 500, 900, 505) // 900 is ahead of 505, whatever is believed of 500
	g.settle()
	if got, want := g.said(), "+100 -900 +500 +505"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestGuardTellsFromWhere a leap was, waiting or not.
func TestGuardTellsFromWhere(t *testing.T) {
	g := newWatched(t, 10)
	g.offerAll(100, 105, 900, 107)
	if d := g.fates[2]; !d.Refuted || d.From != 105 {
		t.Errorf("%+v", d)
	}
	g.offerAll(110, 500, 111)
	if d := g.fates[len(g.fates)-2]; !d.Refuted || d.Record.time != 500 || d.From != 110 {
		t.Errorf("%+v", d)
	}
	if d := g.fates[0]; d.Refuted || d.From != MinTime {
		t.Errorf("%+v", d)
	}
}

// TestGuardSaturates: no max-future and no time makes a sum wrap.
func TestGuardSaturates(t *testing.T) {
	g := newWatched(t, Duration(MaxTime))
	g.offerAll(MaxEventTime, MinEventTime, MaxEventTime)
	g.settle()
	if got := len(g.fates); got != 3 || strings.Contains(g.said(), "-253402300799999") {
		t.Error(g.said())
	}
}

// TestGuardAllocatesNothing where nothing waits, and with a max-future of 0
// nothing ever does.
func TestGuardAllocatesNothing(t *testing.T) {
	for _, maxFuture := range []Duration{0, 10} {
		g, at := NewGuard[[]byte](maxFuture), Time(0)
		g.Offer(at, func() []byte { return nil })
		g.Settle()
		payload := []byte("x")
		if n := testing.AllocsPerRun(100, func() {
			at += 10
			if _, pass := g.Offer(at, func() []byte { return slices.Clone(payload) }); !pass {
				t.Errorf("max-future %v: %v waits", maxFuture, at)
			}
		}); n != 0 {
			t.Errorf("max-future %v: %v allocations a record", maxFuture, n)
		}
	}
}

// naiveGuard decides the whole of a log by the definition, with nothing kept
// but lists. What is offered again is put back in front of what is to come.
type naiveGuard struct {
	maxFuture Time
	newest    Time // MinTime for unknown
	waiting   []offered
	from      map[int]Time // of each record that has waited, by its index
	fates     []Decided[offered]
}

// run takes records to where the guard is settled.
func (n *naiveGuard) run(log []offered) {
	for len(log) > 0 {
		log = n.step(log[0], log[1:])
	}
	if w := n.waiting; len(w) > 0 { // the leap is believed, the others come again
		n.waiting = nil
		n.count(w[0])
		n.run(w[1:])
	}
}

// step handles one record and returns those that come next.
func (n *naiveGuard) step(o offered, rest []offered) []offered {
	w, from := n.waiting, n.newest
	if len(w) > 0 {
		from = n.top(w)
	}
	near := n.newest != MinTime && o.time <= n.newest+n.maxFuture
	switch {
	case len(w) == 0 && near:
		n.count(o)
		return rest
	case len(w) > 0 && w[0].time > o.time+n.maxFuture:
		n.waiting = nil
		return slices.Concat(n.refute(w, o.time), []offered{o}, rest)
	case len(w) > 0 && near:
		w = n.refute(w, n.top(w))
		n.waiting = nil
		n.count(w[0])
		return slices.Concat(w[1:], []offered{o}, rest)
	case len(w) > 0 && o.time <= n.top(w)+n.maxFuture:
		w = slices.Concat(w, []offered{o})
		n.waiting = n.refute(w, n.top(w))
	default:
		n.waiting = slices.Concat(w, []offered{o})
	}
	if n.maxFuture > 0 { // with 0 it need not wait to be believed
		n.from[o.index] = from
	}
	w = n.waiting
	first := n.newest == MinTime && o.time >= w[0].time+n.maxFuture
	if first || len(w) == maxWaiting || n.top(w) >= w[0].time+n.maxFuture {
		n.waiting = nil
		n.count(w[0])
		return slices.Concat(w[1:], rest)
	}
	return rest
}

// top is the newest time of a list that is reached without a further leap.
func (n *naiveGuard) top(w []offered) Time {
	top := w[0].time
	for _, o := range w {
		if o.time <= top+n.maxFuture {
			top = max(top, o.time)
		}
	}
	return top
}

// refute refutes what is a leap from t, and returns what is left.
func (n *naiveGuard) refute(w []offered, t Time) (left []offered) {
	for _, h := range w {
		if h.time > t+n.maxFuture {
			n.fates = append(n.fates, Decided[offered]{h, n.from[h.index], true})
		} else {
			left = append(left, h)
		}
	}
	return left
}

func (n *naiveGuard) count(o offered) {
	n.newest = max(n.newest, o.time)
	n.fates = append(n.fates, Decided[offered]{o, n.from[o.index], false})
}

// logOf makes times of a script: each byte is one of 16 clusters that are gap
// apart, and one of 16 places in it; the last cluster is idleness, which is nil.
func logOf(script []byte, gap Time) [][]offered {
	log := [][]offered{nil}
	for i, b := range script {
		if b >= 0xf0 {
			log = append(log, nil)
			continue
		}
		last := &log[len(log)-1]
		*last = append(*last, offered{i, Time(b>>4)*gap + Time(b&15)})
	}
	return log
}

// FuzzGuard compares the guard with the definition: every record is decided
// once, alike, and those that count stand in their order.
func FuzzGuard(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		script := make([]byte, rng.IntN(120))
		cluster, wild := byte(rng.IntN(16)), 1+rng.IntN(30)
		for i := range script {
			if rng.IntN(wild) == 0 {
				cluster = byte(rng.IntN(16))
			}
			at := cluster
			if rng.IntN(wild) == 0 {
				at = byte(rng.IntN(16))
			}
			script[i] = at<<4 | byte(rng.IntN(16))
		}
		f.Add(script, uint8(rng.IntN(25)), uint8(rng.IntN(60)))
	}
	f.Fuzz(func(t *testing.T, script []byte, maxFuture, gap uint8) {
		naive := naiveGuard{maxFuture: Time(maxFuture), newest: MinTime, from: map[int]Time{}}
		g := newWatched(t, Duration(maxFuture))
		for _, log := range logOf(script, Time(gap)) {
			for _, o := range log {
				g.offer(o)
			}
			g.settle()
			naive.run(log)
		}
		if !slices.Equal(g.fates, naive.fates) {
			t.Fatalf("%v\nwant\n%v", g.fates, naive.fates)
		}
		seen, last := map[int]bool{}, -1
		for _, d := range g.fates {
			if seen[d.Record.index] {
				t.Fatalf("record %d is decided twice: %v", d.Record.index, g.fates)
			}
			seen[d.Record.index] = true
			if !d.Refuted && d.Record.index <= last {
				t.Fatalf("record %d counts behind %d: %v", d.Record.index, last, g.fates)
			}
			if !d.Refuted {
				last = d.Record.index
			}
		}
		for _, log := range logOf(script, Time(gap)) {
			for _, o := range log {
				if !seen[o.index] {
					t.Fatalf("record %d is never decided: %v", o.index, g.fates)
				}
			}
		}
	})
}
