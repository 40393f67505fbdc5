package tui

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

func TestWindowsOfEach(t *testing.T) {
	for _, c := range []struct {
		size, hop window.Duration
		want      string
	}{
		{0, 0, ""},
		{10 * sec, 10 * sec, "a record is in 1 window"},
		{10 * sec, sec, "a record is in 10 windows"},
		{10 * sec, 3 * sec, "a record is in 3 or 4 windows"},
		{600 * sec, 100, "a record is in 6,000 windows"},
	} {
		if got := windowsOfEach(window.Spec{Size: c.size, Hop: c.hop}); got != c.want {
			t.Errorf("%v/%v: %q, want %q", c.size, c.hop, got, c.want)
		}
	}
}

// TestRoundUp: at most a third more than was asked for.
func TestRoundUp(t *testing.T) {
	for n := int64(1); n < maxStep; n += 1 + n/7 {
		got := roundUp(n)
		if got < n || float64(got) > 1.34*float64(n)+1 || roundUp(got) != got {
			t.Fatalf("%d: %d", n, got)
		}
	}
}

// overlapping is the story with windows of the given size and hop: closed ones
// behind the watermark, open ones to beyond the newest record, or as many as
// pictures have.
func overlapping(size, hop window.Duration, closed int) *stream.Snapshot {
	s := story()
	s.Specs = []window.Spec{{Size: size, Hop: hop, Step: hop}}
	last := window.Time(floorDiv(int64(watermarkAt), int64(hop))) * window.Time(hop)
	s.Focus.Closed, s.Focus.Open = nil, nil
	for i := range closed {
		end := last.Sub(window.Duration(closed-1-i) * hop)
		s.Focus.Closed = append(s.Focus.Closed, stream.ClosedWindow{Span: window.Span{Start: end.Sub(size), End: end}, Count: int64(i)})
	}
	for end := last.Add(hop); end.Sub(size) <= storyNow && len(s.Focus.Open) < 64; end = end.Add(hop) {
		s.Focus.Open = append(s.Focus.Open, stream.OpenWindow{Span: window.Span{Start: end.Sub(size), End: end}, Count: 7})
	}
	return s
}

// TestLattice holds for random windows and sizes that every bar stands where its
// span is, that those are evenly spread windows, the newest of all at the bottom,
// and that some closed ones are among them.
func TestLattice(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		hop := window.Duration(1 + random.IntN(5000))
		size := hop * window.Duration(1+random.IntN(40))
		f := newScreen(t, termenv.Ascii, 80, 24, overlapping(size, hop, 120)).frame()
		w, h := minChartWidth+random.IntN(150), minLatticeHeight+random.IntN(40)
		l := newLattice(f, windowRows{f.snap.Focus}, w, h)
		l.draw()
		if len(l.windows) == 0 || len(l.windows) > l.bars() {
			t.Fatalf("%v/%v on %dx%d: %d windows for %d bars", size, hop, w, h, len(l.windows), l.bars())
		}
		if l.bars() > 1 && l.windows[0].closed == nil {
			t.Fatalf("%v/%v on %dx%d: all of %d windows are open", size, hop, w, h, len(l.windows))
		}
		for i, r := range l.windows {
			if i > 0 && r.span().End.Sub(hop*window.Duration(l.every)) != l.windows[i-1].span().End {
				t.Fatalf("%v/%v on %dx%d: 1 of %d: %v behind %v", size, hop, w, h, l.every, r.span(), l.windows[i-1].span())
			}
			checkBar(t, l, i)
		}
	}
}

func checkBar(t *testing.T, l *lattice, i int) {
	t.Helper()
	r := l.windows[i]
	start, end := l.times.column(r.span().Start), l.times.column(r.span().End)
	if start < 0 || end >= l.times.columns || start > end {
		t.Fatalf("the bar of %v is in the columns %d to %d of %d", r.span(), start, end, l.times.columns)
	}
	if glyph := l.at(l.left+end, i); (r.open != nil) != (glyph == '○') || (r.closed != nil) != (glyph == '●') {
		t.Fatalf("the bar of %v ends with %q", r.span(), glyph)
	}
	for at := start; at < end; at++ {
		if glyph := l.at(l.left+at, i); !strings.ContainsRune("├─┄║┊", glyph) {
			t.Fatalf("the bar of %v has %q in the column %d", r.span(), glyph, at)
		}
	}
	for at := range start {
		if glyph := l.at(l.left+at, i); glyph != 0 && glyph != '║' && glyph != '┊' {
			t.Fatalf("%q stands in the column %d before the bar of %v", glyph, at, r.span())
		}
	}
}

// TestLatticeOwnMarks: the partition that holds the watermark stands below it,
// and partitions that share a column are a dot.
func TestLatticeOwnMarks(t *testing.T) {
	s := newScreen(t, termenv.Ascii, 120, 40, story())
	s.press("8", "e")
	var own, axis string
	for line := range strings.SplitSeq(s.View(), "\n") {
		switch {
		case strings.Contains(line, "own W"):
			own = line
		case strings.Contains(line, "└"):
			axis = line
		}
	}
	before, _, marked := strings.Cut(own, "3")
	upTo, _, _ := strings.Cut(axis, "W")
	if !marked || width(before) != width(upTo) {
		t.Errorf("own marks and axis:\n%s\n%s", own, axis)
	}
	if strings.Count(own, "•") != 1 || strings.ContainsAny(strings.TrimPrefix(own, "│"), "012") {
		t.Errorf("the three others: %s", own)
	}
}

// TestLatticeWithoutRoom: what cannot be drawn is said.
func TestLatticeWithoutRoom(t *testing.T) {
	s := newScreen(t, termenv.Ascii, 30, 5, story())
	s.press("8")
	has(t, s, "no room for the lattice")
}
