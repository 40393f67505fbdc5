package tui

import (
	"math"
	"regexp"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// TestEverySize draws every state at sampled sizes from 1×1 up: no panic, no
// line wider than the terminal, no more lines than it has.
func TestEverySize(t *testing.T) {
	for i, st := range states() {
		s := newScreen(t, termenv.Ascii, 120, 40, st.snap())
		st.setup(s)
		for w := 1; w <= 220; w += 1 + (w+i)%17 {
			for h := 1; h <= 70; h += 1 + (h+i)%11 {
				s.Update(tea.WindowSizeMsg{Width: w, Height: h})
				checkView(t, s, false)
				if n := strings.Count(s.View(), "\n") + 1; n != h {
					t.Fatalf("%s at %dx%d: %d lines", st.name, w, h, n)
				}
			}
		}
	}
}

// TestEmptyPanelsSayWhy: a panel that has nothing to show says what it is that it
// waits for.
func TestEmptyPanelsSayWhy(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*stream.Snapshot)
		want   []string
	}{
		{"nobody has answered", func(s *stream.Snapshot) { s.State = stream.Connecting }, []string{"◌ connecting", "connecting…"}},
		{"an empty topic", func(s *stream.Snapshot) { s.State = stream.Waiting }, []string{"◌ waiting", "waiting for the first record"}},
		{"the run has begun", func(*stream.Snapshot) {}, []string{"● running", "waiting for the first record"}},
		{"no member's partition", func(s *stream.Snapshot) { s.Group, s.Partitions = "g", nil }, []string{"no partition: other members of", "the group have them all"}},
		{"filtered", func(s *stream.Snapshot) { s.Totals.Records, s.Totals.Filtered = 12, 12 }, []string{"none of 12 records is in a window", "--where leaves out 12 "}},
		{"of no use", func(s *stream.Snapshot) {
			s.Totals.Records, s.Totals.Filtered, s.Totals.Rejects[stream.NoField] = 12, 2, 10
		}, []string{"none of 12 records is in a window", "--where leaves out 2 ", "10 refused: panel 6 says why"}},
		{"no window yet", func(s *stream.Snapshot) { s.Totals.Records, s.Totals.InTime = 1, 1 }, []string{"waiting for the first window"}},
		{"ended", func(s *stream.Snapshot) { s.State = stream.Ended }, []string{"■ ended", "nothing was read"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			snap := nothingYet()
			tc.change(snap)
			s := newScreen(t, termenv.Ascii, 80, 24, snap)
			for _, want := range tc.want {
				has(t, s, want)
			}
		})
	}
}

// TestClocksAreWhole: no clock of the header is cut in the middle, from the
// narrowest screen that shows three of them on.
func TestClocksAreWhole(t *testing.T) {
	snap := story()
	snap.Rate = 1_234_567
	for w := boxedColumns; w <= 90; w++ {
		s := newScreen(t, termenv.Ascii, w, 24, snap)
		if line := strings.Split(s.View(), "\n")[1]; !strings.Contains(line, " UTC") {
			t.Errorf("%d columns: %q", w, line)
		}
		has(t, s, " 1.23M records/s ")
	}
}

// TestReasonsAreWhole: of the reasons in the ledger's line as many are named as
// there is room for, and none is cut.
func TestReasonsAreWhole(t *testing.T) {
	snap := story()
	snap.Totals.Rejects[stream.NotANumber], snap.Totals.Rejects[stream.LateAfterIdle] = 7, 1204
	whole := regexp.MustCompile(`^ ✗ [a-z ]+ [\d,]+( · [a-z ]+ [\d,]+)*( …)? *( last: .*)?$`)
	for w := 30; w < twoColumns; w++ {
		lines := strings.Split(newScreen(t, termenv.Ascii, w, 24, snap).View(), "\n")
		if line := lines[len(lines)-2]; !whole.MatchString(line) {
			t.Errorf("%d columns: %q", w, line)
		}
	}
}

// TestBarsOfOddWidths: the header keeps a gap in front of the rate, the footer of a
// narrow screen says how to leave, and a ledger's line that has not all of the
// reasons says so.
func TestBarsOfOddWidths(t *testing.T) {
	snap := story()
	snap.Topics = []string{"orders-enriched-with-a-name-that-is-too-long-for-the-header-of-the-team"}
	s := newScreen(t, termenv.Ascii, 80, 24, snap)
	if first, _, _ := strings.Cut(s.View(), "\n"); !regexp.MustCompile(`…  [\d,]+ records/s`).MatchString(first) {
		t.Errorf("the header is %q", first)
	}
	for w := 16; w < 40; w++ {
		lines := strings.Split(newScreen(t, termenv.Ascii, w, 24, story()).View(), "\n")
		if footer := lines[len(lines)-1]; !strings.Contains(footer, "q quit") {
			t.Errorf("%d columns: the footer is %q", w, footer)
		}
		if losses := lines[len(lines)-2]; !strings.Contains(losses, "…") && strings.Count(losses, "·") < 2 {
			t.Errorf("%d columns: %q", w, losses)
		}
	}
}

// TestChartsOfOddSizes: wherever there is a frame for the chart, or for the lag,
// there is room in it.
func TestChartsOfOddSizes(t *testing.T) {
	for h := 15; h < 40; h++ {
		for _, w := range []int{60, 80, 109, 110, 111, 112, 140} {
			s := newScreen(t, termenv.Ascii, w, h, story())
			has(t, s, "┤")
			if w >= 80 && strings.Contains(s.View(), "1 Lag") {
				has(t, s, "█ p50")
			}
		}
	}
}

// TestLongNames: of a partition the number stays, of a key its end.
func TestLongNames(t *testing.T) {
	snap := inspected()
	long := strings.Repeat("a-topic-with-a-long-name-", 3)
	for i := range snap.Partitions {
		snap.Partitions[i].ID.Topic = long
	}
	for i := range snap.Focus.Records {
		snap.Focus.Records[i].ID.Topic = long
	}
	for i := range snap.Keys {
		snap.Keys[i].Key.Bytes = long + snap.Keys[i].Key.Bytes
	}
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		s := newScreen(t, termenv.Ascii, size[0], size[1], snap)
		s.press("5")
		has(t, s, "…/2 ")
		s.press("4")
		has(t, s, "e-s-001 ")
		s.press("9", "e")
		has(t, s, "/2@10103 ")
	}
}

// TestFutureRecordHasItsDate: of a record that is a day ahead the time of day says
// nothing.
func TestFutureRecordHasItsDate(t *testing.T) {
	snap := inspected()
	last := &snap.Focus.Records[len(snap.Focus.Records)-1]
	last.EventTime += 24 * 3600 * sec
	s := newScreen(t, termenv.Ascii, 120, 40, snap)
	s.press("9")
	has(t, s, " 03-02 12:00 ")
	last.EventTime -= 366 * 24 * 3600 * sec
	s = newScreen(t, termenv.Ascii, 120, 40, snap)
	s.press("9")
	has(t, s, " 2025-03-01 ")
}

// TestForecastOfTumblingWindows: a window that is longer than the horizon shows the
// last step that was forecast.
func TestForecastOfTumblingWindows(t *testing.T) {
	snap := story()
	w := window.Span{Start: storyNow - 40*sec, End: storyNow - 30*sec}
	f := &frame{snap: snap}
	snap.Specs[0].Hop = 10 * sec
	points := snap.Focus.Points
	var want stream.Point
	for i := range points {
		if points[i].At >= w.End.Sub(5*sec) {
			points[i].Forecast = math.NaN()
		} else if points[i].At >= w.Start {
			want = points[i]
		}
	}
	if got := f.forecastFor(w); math.IsNaN(want.Forecast) || got.At != want.At {
		t.Errorf("%+v, want %+v", got, want)
	}
	if snap.Specs[0].Hop = sec; !math.IsNaN(f.forecastFor(w).Forecast) {
		t.Error("a window that overlaps has the forecast of a step that others have, too")
	}
}

// TestHolderIsAlwaysNamed: who holds the watermark is on the screen, whichever
// panels are.
func TestHolderIsAlwaysNamed(t *testing.T) {
	for _, size := range [][2]int{{40, 12}, {60, 15}, {80, 24}, {100, 30}, {120, 40}} {
		for _, keys := range [][]string{{"2"}, {"2", "e"}, {"3", "e"}, {"7"}} {
			s := newScreen(t, termenv.Ascii, size[0], size[1], story())
			s.press(keys...)
			has(t, s, "sensors/3: ")
		}
	}
}

// TestSmallScreenHasAChart: where there is no room for frames around two panels
// there are none, and room for the axes.
func TestSmallScreenHasAChart(t *testing.T) {
	s := newScreen(t, termenv.Ascii, 60, 15, story())
	has(t, s, "┤")
	has(t, s, "3 Windows")
}

// TestLedgerShowsKeys: a key of usual length is whole where there is room for it.
func TestLedgerShowsKeys(t *testing.T) {
	snap := story()
	for i := range snap.Ledger {
		snap.Ledger[i].Key.Bytes = "checkout-1a2"
	}
	s := newScreen(t, termenv.Ascii, 120, 40, snap)
	s.press("6", "e")
	has(t, s, "checkout-1a2   ")
}

// TestBannersDoNotJump: a notice takes as many lines after a second as after an
// hour.
func TestBannersDoNotJump(t *testing.T) {
	snap := story()
	for n := range 200 {
		snap.Troubles = told(0, strings.Repeat("x ", n))
		lines := 0
		for _, past := range []window.Time{0, 9 * sec, 59 * sec, 61 * sec, 3599 * sec, 23 * 3600 * sec} {
			snap.At = past
			s := newScreen(t, termenv.Ascii, 80, 24, snap)
			got := len(s.banners(s.frame()))
			if lines == 0 {
				lines = got
			}
			if got != lines || got < 1 || got > 3 {
				t.Fatalf("%d characters: %d lines, after %v %d", 2*n, lines, past, got)
			}
		}
	}
}

// TestBannersAreReadable: what is wrong and what has happened is not cut where
// there is room for it.
func TestBannersAreReadable(t *testing.T) {
	const message = "sensors/0: an open transaction of producer 4001, begun at 2026-11-22T06:00:00.000Z, holds back the offsets 100 to 111: " +
		"they are read when it ends; -X isolation.level=read_uncommitted does not wait"
	snap := story()
	snap.Troubles, snap.Notes = told(storyNow, message), told(storyNow, "sensors/1: lost 30 offsets")
	for _, tc := range []struct {
		w, h      int
		has, lack string
	}{{120, 40, "does not wait", "…"}, {80, 24, "holds back", "does not wait"}, {40, 12, "an open transact", "holds back"}} {
		s := newScreen(t, termenv.Ascii, tc.w, tc.h, snap)
		banners := strings.Join(s.banners(s.frame()), "\n")
		if !strings.Contains(banners, tc.has) || strings.Contains(banners, tc.lack) || !strings.Contains(banners, "· sensors/1: lost 30 off") {
			t.Errorf("%dx%d:\n%s", tc.w, tc.h, banners)
		}
	}
}

// TestColoursChangeNoText holds that the colours add escape sequences and
// nothing else, and that without them there are none.
func TestColoursChangeNoText(t *testing.T) {
	for _, st := range states() {
		for _, size := range sizes {
			plain := newScreen(t, termenv.Ascii, size[0], size[1], st.snap())
			colour := newScreen(t, termenv.TrueColor, size[0], size[1], st.snap())
			st.setup(plain)
			st.setup(colour)
			if strings.Contains(plain.View(), "\x1b") {
				t.Errorf("%s: an escape sequence without colours", st.name)
			}
			if got := ansi.Strip(colour.View()); got != plain.View() {
				t.Errorf("%s at %v: the text differs with colours:\n%s\n%s", st.name, size, got, plain.View())
			}
		}
	}
}

// TestClusterColor holds that a cluster's colour marks the header, and nothing
// else where there are no colours.
func TestClusterColor(t *testing.T) {
	for color, escape := range map[string]string{"": "", "1": "\x1b[1;31m", "#ff0000": "\x1b[1;38;2;255;0;0m"} {
		s := newScreen(t, termenv.TrueColor, 80, 24, story())
		s.st = s.st.marked(color)
		header := s.frame().header("watch", false, 80, 2)[0]
		if marked := strings.Contains(header, escape+"oriel watch"); color != "" && !marked || ansi.Strip(header) == header {
			t.Errorf("%q: %q", color, header)
		}
		s.st = newStyles(termenv.Ascii).marked(color)
		if header := s.frame().header("watch", false, 80, 2)[0]; ansi.Strip(header) != header {
			t.Errorf("%q without colours: %q", color, header)
		}
	}
}

// TestASCII holds that nothing but ASCII is drawn if so wanted.
func TestASCII(t *testing.T) {
	for _, st := range states() {
		for _, size := range sizes {
			s := newScreen(t, termenv.Ascii, size[0], size[1], st.snap())
			s.cfg.ASCII = true
			st.setup(s)
			s.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			checkView(t, s, true)
			if strings.Contains(s.View(), "?") && st.name != "help" && !strings.Contains(s.View(), "? help") {
				t.Errorf("%s: a glyph without an ASCII form", st.name)
			}
		}
	}
}

// TestOddPictures holds that pictures with holes are drawn.
func TestOddPictures(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, change := range map[string]func(*stream.Snapshot){
		"zero":         func(s *stream.Snapshot) { *s = stream.Snapshot{} },
		"no focus":     func(s *stream.Snapshot) { s.Focus = nil },
		"empty focus":  func(s *stream.Snapshot) { s.Focus = &stream.Focus{} },
		"no specs":     func(s *stream.Snapshot) { s.Specs = nil },
		"spec unknown": func(s *stream.Snapshot) { s.Focus.Spec = 9 },
		"counted":      func(s *stream.Snapshot) { s.Series = nil },
		"sentinels": func(s *stream.Snapshot) {
			s.Watermark, s.At = window.MaxTime, window.MinTime
			s.Partitions[0].Newest = window.MaxTime
		},
		"not numbers": func(s *stream.Snapshot) {
			for i := range s.Focus.Points {
				s.Focus.Points[i] = stream.Point{At: s.Focus.Points[i].At, Actual: inf, Forecast: nan, Low: -inf, High: inf}
			}
			s.Keys[0].Recent, s.Keys[0].Last.Mean = []float64{nan, inf}, -inf
			s.Lag.P50, s.Lag.Max = math.MinInt64, math.MaxInt64
		},
		"odd bounds": func(s *stream.Snapshot) {
			s.AllowedLateness, s.Emit = math.MaxInt64, 99
			s.Memory = stream.MemoryView{Used: math.MaxInt64, Limit: -1, Short: true, Spent: true}
			s.Hold = stream.Hold{Kind: stream.HoldLeap, Behind: -1, Leap: stream.LeapView{Records: math.MaxInt64, Ahead: math.MinInt64}}
			s.Partitions[0].Pause, s.Partitions[0].Ahead = stream.PausedForMemory, math.MinInt64
			s.Partitions[1].Leap = stream.LeapView{Records: -1, Ahead: -1}
			s.Focus.Closed[59].Late, s.Focus.Closed[59].Pending, s.Focus.Closed[59].Revision = -1, math.MaxInt64, -7
			s.Ledger[0] = stream.LedgerEntry{Reason: stream.Late, Open: true}
		},
		"null key": func(s *stream.Snapshot) { s.Focus.Key = window.Key{Null: true} },
	} {
		t.Run(name, func(t *testing.T) {
			snap := story()
			change(snap)
			for _, size := range sizes {
				s := newScreen(t, termenv.Ascii, size[0], size[1], snap)
				for k := range strings.FieldsSeq("1 2 3 j y 4 j enter y 5 j y 6 j y w ] l + u u u s / x enter e") {
					s.press(k)
					checkView(t, s, false)
				}
			}
		})
	}
}

// TestStoryIsVisible holds that the demo can be understood from the screen.
func TestStoryIsVisible(t *testing.T) {
	held := newScreen(t, termenv.Ascii, 80, 24, story())
	has(t, held, "held by sensors/3: silent, idle in 22s")
	has(t, held, "waits for sensors/3, idle in 22s")
	has(t, held, "s-002 +23h59m ahead")
	has(t, held, "◆")
	idle := newScreen(t, termenv.Ascii, 80, 24, wentIdle())
	has(t, idle, "sensors/3 is idle: not waited for")
	why := newScreen(t, termenv.Ascii, 120, 40, explained())
	why.press("6", "e")
	has(t, why, "late by its own partition's watermark (12:00:31.8), though the window is open because of sensors/3")
	late := newScreen(t, termenv.Ascii, 200, 60, lateness())
	late.press("3", "e")
	has(t, late, "● closed  4%")
	has(t, late, "1 late not printed yet, late until 12:00:44, 19s to go")
	has(t, late, "+3 r1")
	held = newScreen(t, termenv.Ascii, 120, 40, apart())
	held.press("5", "e")
	has(t, held, "held by sensors/3: leap 23h59m ahead, 3 records wait")
	has(t, held, "‖ waits for sensors/3, 11m00s ahead")
	gone := nothingYet()
	gone.Totals.Gaps = []stream.GapRead{{From: 10, To: 40}}
	has(t, newScreen(t, termenv.Ascii, 120, 40, gone), "✗ 30 offsets lost")
	gone = story()
	gone.Totals.Gaps = []stream.GapRead{{From: 10, To: 40}}
	has(t, newScreen(t, termenv.Ascii, 120, 40, gone), "✗ 30 offsets lost ✗ refused  late 12 · ")
	held = newScreen(t, termenv.Ascii, 120, 40, inTransaction())
	held.press("5", "e")
	has(t, held, "held by sensors/3: open transaction")
	has(t, held, "▲ open transaction, 12 offsets")
	large := newScreen(t, termenv.Ascii, 120, 40, story())
	has(t, large, "▲ 28.49      ✱ anomaly")
	has(t, large, "▲ silent 8s")
}

func BenchmarkView(b *testing.B) {
	for _, size := range [][2]int{{120, 40}, {200, 60}} {
		b.Run(sizeName(size), func(b *testing.B) {
			s := newScreen(b, termenv.ANSI256, size[0], size[1], story())
			b.ReportAllocs()
			for b.Loop() {
				s.dirty = true
				s.Update(nil)
			}
		})
	}
}
