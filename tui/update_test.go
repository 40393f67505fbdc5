package tui

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

func large(t testing.TB) *screen { return newScreen(t, termenv.Ascii, 120, 40, story()) }

func has(t *testing.T, s *screen, want string) {
	t.Helper()
	if !strings.Contains(s.View(), want) {
		t.Errorf("the screen does not say %q:\n%s", want, s.View())
	}
}

func hasNot(t *testing.T, s *screen, unwanted string) {
	t.Helper()
	if strings.Contains(s.View(), unwanted) {
		t.Errorf("the screen says %q:\n%s", unwanted, s.View())
	}
}

// TestCursor holds that j is down and k is up, and that the cursor stays on
// its row while rows arrive.
func TestCursor(t *testing.T) {
	for _, tc := range []struct {
		keys string
		want string
	}{
		{"4 j", "▸  s-005"},
		{"4 down", "▸  s-005"},
		{"4 j k", "▸•▲s-004"},
		{"4 j j up", "▸  s-005"},
		{"4 G", "▸  s-024"},
		{"4 G g", "▸  s-001"},
		{"4 g k", "▸  s-001"},
		{"4 G pgup", "▸  s-007"},
		{"4 s G", "▸  s-001"},
		{"3 j", "▸● closed     12:00:25"},
		{"3 j j", "▸● closed     12:00:24"},
		{"3 k k", "▸○ open 89%   12:00:26"},
		{"3 g", "▸○ open"},
		{"5 G", "▸sensors/3"},
		{"6 G", "▸malformed"},
	} {
		t.Run(tc.keys, func(t *testing.T) {
			s := large(t)
			s.press(strings.Fields(tc.keys)...)
			has(t, s, tc.want)
		})
	}
	s := large(t)
	s.press("3", "j", "j")
	later := story()
	w := closedAt(watermarkAt+sec, 21)
	later.Focus.Closed, later.Focus.Open = append(later.Focus.Closed, w), later.Focus.Open[1:]
	later.Totals.Windows++
	s.Update(picture{later})
	has(t, s, "▸● closed     12:00:24")
	s.press("esc")
	hasNot(t, s, "▸●")
}

func TestChoosingKeys(t *testing.T) {
	want := func(s *screen, key string, spec int) {
		t.Helper()
		got := s.run.asked(t)
		if got.Key.Bytes != key || got.Spec != spec || got.Topic != "sensors" || got.Series != "temp" || !got.Chosen {
			t.Errorf("asked for %+v, want %s on spec %d", got, key, spec)
		}
	}
	s := large(t)
	s.press("4", "j", "j", "enter")
	want(s, "s-006", 0)
	s = large(t)
	s.press("]", "right", "]", "[")
	want(s, "s-006", 0)
	s.press("w")
	want(s, "s-006", 1)
	s.press("left")
	want(s, "s-005", 1)
	s.press("w")
	want(s, "s-005", 0)
	s = large(t)
	s.press("j") // on the chart: the next key
	want(s, "s-005", 0)
	s = large(t)
	s.press("/", "0", "1", "enter", "left") // s-010 to s-019, and s-001: the charted one is none of them
	want(s, "s-019", 0)
	s = large(t)
	s.press("/", "0", "1", "enter", "right")
	want(s, "s-001", 0)
	s.press("left") // around the ends
	want(s, "s-019", 0)
	s = large(t)
	s.press("2", "G")
	want(s, "s-024", 0)
	s.press("G")
	want(s, "s-024", 0)
	s.press("g")
	want(s, "s-001", 0)
	s.press("pgup")
	want(s, "s-001", 0)
}

// TestSortShowsTheTop: another order begins with what it has on top, until a key is
// chosen.
func TestSortShowsTheTop(t *testing.T) {
	s := newScreen(t, termenv.Ascii, 120, 24, story())
	s.press("4", "s") // by key, the last first
	has(t, s, "▸  s-024")
	s.press("j", "j")
	has(t, s, "▸  s-022")
	s.press("s")
	hasNot(t, s, "▸  s-022")
	s.press("enter")
	if got := s.run.asked(t); got.Key.Bytes != "s-001" {
		t.Errorf("charted %+v, want the one on top", got)
	}
}

// TestKeysOfAChartThatIsNotSeen: what would be seen on the chart alone is not
// offered without it.
func TestKeysOfAChartThatIsNotSeen(t *testing.T) {
	s := newScreen(t, termenv.Ascii, 200, 60, story())
	has(t, s, "zoom out")
	s.press("4", "e")
	hasNot(t, s, "zoom out")
	s.press("+", "l", "e")
	hasNot(t, s, "zoom +1")
	if s.log {
		t.Error("the scale has changed")
	}
	s.press("2", "+")
	has(t, s, "zoom +1")
}

func TestFilter(t *testing.T) {
	s := large(t)
	s.press("/", "S", "-", "0", "2")
	has(t, s, "5 of 24 keys")
	s.press("(")
	has(t, s, "✗ not a regular expression")
	has(t, s, "Keys 5 of 24")
	s.press("backspace", "enter")
	has(t, s, "Keys 5 of 24")
	s.press("esc")
	has(t, s, "Keys 24")
	s.press("/", "q", "?", " ")
	if s.helping || s.paused {
		t.Error("keys typed into the filter did something else")
	}
	s.press("ctrl+u", "^", "s", "-", "0", "0", "[", "1", "2", "]", "enter")
	has(t, s, "Keys 2 of 24")
	s.press("/", "ctrl+u", "z", "z")
	has(t, s, "no key matches")
	s.press("esc")
	has(t, s, "Keys 24")
	s.press("/", "(", "enter")
	has(t, s, "Keys 24")
	s.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("q"), Paste: true})
	has(t, s, "oriel demo")
}

// TestRecordsAreAskedFor: records are copied while they are on the screen, and
// only then.
func TestRecordsAreAskedFor(t *testing.T) {
	s := newScreen(t, termenv.Ascii, 120, 40, inspected())
	s.press("9")
	has(t, s, "sensors/2@10103")
	s.press("j", "8", "3", "9")
	has(t, s, "sensors/2@10103, create time")
	s.press("1")
	if want := []bool{true, false, true, false}; !slices.Equal(s.run.inspected, want) {
		t.Errorf("it was said %v, want %v", s.run.inspected, want)
	}
	has(t, s, "Lag")
	s.press("9", "j", "j", "]")
	if s.rowChosen() {
		t.Error("the cursor is on a record of another key")
	}
	s = newScreen(t, termenv.Ascii, 200, 60, inspected())
	s.press("9", "j")
	has(t, s, "▸12:00:33.000")
	s.press("2")
	hasNot(t, s, "▸12:00:33.000")
	s = large(t)
	s.press("9", " ")
	has(t, s, "paused: records come when it goes on")
	ended := story()
	ended.State = stream.Ended
	has(t, newScreen(t, termenv.Ascii, 80, 24, ended), "ended")
}

func TestPause(t *testing.T) {
	s := large(t)
	pause(s)
	has(t, s, "PAUSED 12s, 34 windows unseen")
	has(t, s, "now 12:00:34")
	next := story()
	next.At += 15 * sec
	next.Focus.Key = window.Key{Bytes: "s-005"}
	s.press("]")
	s.Update(picture{next})
	has(t, s, "▸2 s-005")
	has(t, s, "PAUSED 0s, 0 windows unseen")
	s.press(" ")
	hasNot(t, s, "PAUSED")
	has(t, s, "now 12:00:49")
}

func TestPanels(t *testing.T) {
	s := newScreen(t, termenv.Ascii, 80, 24, story())
	for i, want := range []string{"▸1 Lag", "▸2 s-004", "▸3 Windows", "▸4 Keys", "▸5 Partitions", "▸6 Refused", "▸7 Models", "▸8 Lattice", "▸9 Records of s-004"} {
		s.press(strconv.Itoa(i + 1))
		has(t, s, want)
	}
	s.press("tab")
	has(t, s, "▸1 Lag")
	s.press("shift+tab", "e")
	has(t, s, "▸9 Records")
	hasNot(t, s, "Lag")
	s.press("esc")
	has(t, s, "2 s-004")
	s.press("?")
	has(t, s, "Words")
	s.press("q")
	has(t, s, "▸9 Records")
}

func TestChartKeys(t *testing.T) {
	s := large(t)
	s.press("+", "+", "-")
	has(t, s, "zoom +1")
	s.press("=")
	hasNot(t, s, "zoom +")
	for range 30 {
		s.press("+")
	}
	has(t, s, fmt.Sprintf("zoom +%d", maxZoom))
	s.press("l")
	has(t, s, "log scale")
	s.press("u")
	has(t, s, "now 13:00:34.1 CET")
	s.press("u")
	has(t, s, "watermark 9.1s ago")
	s.press("u")
	has(t, s, "now 12:00:34.1 UTC")
}

func TestSortOrders(t *testing.T) {
	s := large(t)
	first := func() string {
		keys := s.shown.Keys
		s.keys.arrange(s.frame())
		return keys[s.keys.rows[0]].Key.Bytes
	}
	for _, want := range []string{"s-024", "s-001", "s-007", "s-024", "s-001", "s-005", "s-011", "s-001"} {
		s.press("s")
		if got := first(); got != want {
			t.Errorf("%s: %s is first, want %s", keyOrderNames[s.keys.order], got, want)
		}
	}
}

// TestSortPartitions: those that the watermark waits for come first, those that
// were read last.
func TestSortPartitions(t *testing.T) {
	snap := story()
	snap.Partitions[0].Idle, snap.Partitions[0].Watermark = true, watermarkAt-sec
	s := newScreen(t, termenv.Ascii, 120, 40, snap)
	first := func() int32 {
		s.partitions.arrange(s.frame())
		return s.partitions.view(s.frame(), 0).ID.Partition
	}
	s.press("5")
	if keys := s.keys.order; first() != 0 || keys != byKey {
		t.Errorf("partition %d is first, keys are %s", first(), keyOrderNames[keys])
	}
	for _, want := range []struct {
		partition int32
		note      string
	}{{3, "by watermark"}, {2, "by unread"}, {3, "by refused"}, {0, "Partitions 4 ─"}} {
		s.press("s")
		if got := first(); got != want.partition {
			t.Errorf("%q: partition %d is first, want %d", want.note, got, want.partition)
		}
		has(t, s, want.note)
	}
	s.press("s", "down", "4", "s")
	if c := s.partitions.cursor; s.partitions.order != byWatermark || s.keys.order != byKeyReversed || !c.chosen || c.id != snap.Partitions[3].ID {
		t.Errorf("%+v, keys %s", s.partitions, keyOrderNames[s.keys.order])
	}
}

// TestCopy holds that a copied key is cleaned and bounded by OSC 52.
func TestCopy(t *testing.T) {
	snap := story()
	snap.Keys[0].Key.Bytes = "a\nrm -rf\x1b]52;c;eA==\a"
	s := newScreen(t, termenv.Ascii, 120, 40, snap)
	s.press("4", "g")
	_, cmd := s.Update(keyMsg("y"))
	has(t, s, "copied a␊rm")
	cmd()
	got := s.out.String()
	data, ok := strings.CutPrefix(got, "\x1b]52;c;")
	text, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(data, "\a"))
	if !ok || err != nil || string(text) != "a␊rm -rf␛]52;c;eA==␇" {
		t.Errorf("wrote %q: %q, %v", got, text, err)
	}
	s.at = s.at.Add(time.Minute)
	s.Update(picture{snap})
	hasNot(t, s, "copied")
}

// TestFooterNamesWhatCanBeDone holds that a key without effect is not named.
func TestFooterNamesWhatCanBeDone(t *testing.T) {
	s := newScreen(t, termenv.Ascii, 200, 60, story())
	has(t, s, "w next window")
	hasNot(t, s, "enter chart")
	hasNot(t, s, "y copy")
	s.press("4")
	has(t, s, "enter chart")
	has(t, s, "y copy")
	one := story()
	one.Specs, one.Keys = one.Specs[:1], one.Keys[:1]
	one.Totals.Records++
	s.Update(picture{one})
	hasNot(t, s, "w next window")
	hasNot(t, s, "filter keys")
}

// TestCommands holds that no key is bound twice and all are explained.
func TestCommands(t *testing.T) {
	seen := map[string]string{}
	for _, c := range commands() {
		h := c.Help()
		if h.Key == "" || h.Desc == "" || len(h.Desc) > 15 {
			t.Errorf("%v: help %+v", c.Keys(), h)
		}
		for _, k := range c.Keys() {
			if other, ok := seen[k]; ok {
				t.Errorf("%q is both %q and %q", k, other, h.Desc)
			}
			seen[k] = h.Desc
		}
	}
}

// TestFollowsWithoutTheKeys: where no cursor is seen the newest windows and
// refused records are, and the cursor is where it was when the panel has the keys
// again.
func TestFollowsWithoutTheKeys(t *testing.T) {
	s := newScreen(t, termenv.Ascii, 200, 60, story())
	s.press("3", "G")
	has(t, s, "▸◆ final")
	hasNot(t, s, "○ open 89%")
	s.press("6", "G")
	has(t, s, "○ open 89%")
	has(t, s, "▸malformed")
	s.press("3")
	has(t, s, "▸◆ final")
	hasNot(t, s, "○ open 89%")
	hasNot(t, s, "▸malformed")
	has(t, s, "sensors/1@5123: its event time is further ahead")
}

// TestFilterIsNamed: a filter that is kept is seen, and where it leaves no key
// none is offered to be charted.
func TestFilterIsNamed(t *testing.T) {
	s := large(t)
	s.press("/", "0", "2", "enter")
	has(t, s, "6 of 24 /02 ")
	s.press("4")
	has(t, s, "enter chart this key")
	s.press("/", "x", "enter")
	has(t, s, "0 of 24 /02x ")
	has(t, s, "no key matches")
	hasNot(t, s, "enter chart this key")
}

// TestHelpKnowsTheChart: where the chart has no room for a legend the help has it,
// in the glyphs that the chart is drawn with.
func TestHelpKnowsTheChart(t *testing.T) {
	for ascii, want := range map[bool]string{false: "◆ one outside its interval; ╍ forecast", true: "X one outside its interval; ~ forecast"} {
		s := newScreen(t, termenv.Ascii, 120, 40, story())
		s.cfg.ASCII = ascii
		s.press("?")
		has(t, s, want)
	}
}

// TestHelpEnds: g and G go to the ends of the help, as of any list.
func TestHelpEnds(t *testing.T) {
	s := newScreen(t, termenv.Ascii, 80, 24, story())
	s.press("?", "G")
	has(t, s, "✗ refused")
	hasNot(t, s, " Keys")
	s.press("g")
	has(t, s, " Keys")
}

// TestDrawsOnChange holds that a picture that shows nothing new draws nothing.
func TestDrawsOnChange(t *testing.T) {
	s := large(t)
	same := func(change func(*stream.Snapshot)) bool {
		before := s.live
		next := *before
		change(&next)
		return !changed(before, &next)
	}
	if !same(func(n *stream.Snapshot) { n.At += 100 }) {
		t.Error("a tenth of a second alone draws")
	}
	for i, change := range []func(*stream.Snapshot){
		func(n *stream.Snapshot) { n.At += sec },
		func(n *stream.Snapshot) { n.Watermark++ },
		func(n *stream.Snapshot) { n.Troubles = told(storyNow, "x") },
		func(n *stream.Snapshot) { n.Notes = told(storyNow, "x") },
		func(n *stream.Snapshot) { n.OtherTroubles++ },
		func(n *stream.Snapshot) { n.State = stream.Ended },
		func(n *stream.Snapshot) { n.Totals.Records++ },
		func(n *stream.Snapshot) { n.Hold.Kind = stream.HoldIdle },
		func(n *stream.Snapshot) { n.Focus = nil },
	} {
		if same(change) {
			t.Errorf("change %d draws nothing", i)
		}
	}
}

func TestPace(t *testing.T) {
	s := large(t)
	s.Update(tea.BlurMsg{})
	if !s.blurred {
		t.Error("not blurred")
	}
	s.Update(tea.FocusMsg{})
	if s.blurred {
		t.Error("still blurred")
	}
}

func TestWhyOpen(t *testing.T) {
	quiet := story().Hold
	for _, tc := range []struct {
		name      string
		hold      stream.Hold
		watermark window.Time
		want      string
	}{
		{"quiet", quiet, watermarkAt, "waits for sensors/3, idle in 22s"},
		{"slow", stream.Hold{Kind: stream.HoldSlow, ID: quiet.ID, Behind: 12 * sec}, watermarkAt, "waits for sensors/3, 12s behind"},
		{"not due anyway", stream.Hold{Kind: stream.HoldSlow, ID: quiet.ID, Behind: 500}, watermarkAt, "1s to go"},
		{"unread", stream.Hold{Kind: stream.HoldBehind, ID: quiet.ID, Behind: sec}, watermarkAt, "waits for sensors/3, still reading"},
		{"no time", stream.Hold{Kind: stream.HoldUnknown, ID: quiet.ID}, window.MinTime, "waits for sensors/3, no time yet"},
		{"unknown", stream.Hold{}, window.MinTime, "no watermark yet"},
		{"idle", stream.Hold{Kind: stream.HoldIdle}, watermarkAt, "all idle, closes in 1s"},
		{"idle and due", stream.Hold{Kind: stream.HoldIdle}, watermarkAt + sec, "closing"},
		{"leap", stream.Hold{Kind: stream.HoldLeap, ID: quiet.ID, Behind: sec, Leap: stream.LeapView{Records: 3}}, watermarkAt, "waits for sensors/3, leap"},
		{"untimed", stream.Hold{Kind: stream.HoldUntimed, ID: quiet.ID, Untimed: 3}, window.MinTime, "waits for sensors/3, no readable time"},
		{"transaction", stream.Hold{Kind: stream.HoldTransaction, ID: quiet.ID, Behind: sec, Unstable: 12}, watermarkAt, "waits for sensors/3, open transaction"},
		{"free", stream.Hold{}, watermarkAt, "1s to go"},
		{"due", stream.Hold{}, watermarkAt + sec, "closing"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := story()
			s.Hold, s.Watermark = tc.hold, tc.watermark
			f := &frame{snap: s}
			if got, attention := f.whyOpen(watermarkAt+sec, 60); got != tc.want || attention != strings.HasPrefix(tc.want, "waits") {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			// In a group the windows of another partition wait for nobody.
			focus := *s.Focus
			focus.Alone, focus.Watermark = true, watermarkAt-sec
			s.Focus = &focus
			want := "2s to go"
			if tc.hold.Kind == stream.HoldIdle {
				want = "all idle, closes in 2s"
			}
			if got, attention := f.whyOpen(watermarkAt+sec, 60); got != want || attention {
				t.Errorf("of another partition: got %q, want %q", got, want)
			}
		})
	}
}

// TestKeysInOneRead: a key held down, or a slow line, brings several runes in
// one message; each is a key.
func TestKeysInOneRead(t *testing.T) {
	s := large(t)
	s.press("4")
	s.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("jjk")})
	has(t, s, "▸  s-005")
}
