package tui

import (
	"fmt"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/muesli/termenv"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

var sizes = [][2]int{{40, 12}, {80, 24}, {120, 40}, {200, 60}}

// state is a picture of the screen worth keeping.
type state struct {
	name  string
	snap  func() *stream.Snapshot
	setup func(*screen)
}

func nothingYet() *stream.Snapshot {
	return &stream.Snapshot{
		At: storyNow, State: stream.Running, Topics: []string{"sensors"}, Cluster: "127.0.0.1:9092",
		Specs: []window.Spec{{Size: 10 * sec, Hop: sec, Step: sec}}, Watermark: window.MinTime,
		Partitions: []stream.PartitionView{{
			ID: window.PartitionID{Topic: "sensors"}, Next: -1, LogEnd: -1, Newest: window.MinTime, Watermark: window.MinTime,
		}},
		Hold: stream.Hold{Kind: stream.HoldUnknown, ID: window.PartitionID{Topic: "sensors"}},
	}
}

func disconnected() *stream.Snapshot {
	return &stream.Snapshot{
		At: storyNow, State: stream.Connecting, Topics: []string{"sensors"}, Watermark: window.MinTime,
		Trouble: "no broker at localhost:9092: connection refused; trying again in 2s",
	}
}

func wentIdle() *stream.Snapshot {
	s := story()
	s.Hold = stream.Hold{}
	s.Watermark = storyNow - 2300
	s.Focus.Open = s.Focus.Open[7:]
	s.Partitions[3].Idle, s.Partitions[3].QuietFor = true, 31*sec
	return s
}

func pause(s *screen) {
	s.press(" ")
	s.at = s.at.Add(12 * time.Second)
	later := story()
	later.At += 12 * sec
	later.Totals.Windows += 34
	s.Update(picture{later})
}

func states() []state {
	none := func(*screen) {}
	keys := func(k ...string) func(*screen) { return func(s *screen) { s.press(k...) } }
	return []state{
		{"normal", story, none},
		{"paused", story, pause},
		{"filtered", story, keys("/", "0", "0")},
		{"bad-filter", story, keys("/", "(")},
		{"empty", nothingYet, none},
		{"disconnected", disconnected, none},
		{"idle", wentIdle, none},
		{"help", story, keys("?")},
		{"windows", story, keys("3", "down", "down")},
		{"keys", story, keys("4", "down")},
		{"partitions", story, keys("5", "G", "e")},
		{"ledger", story, keys("6", "j", "e")},
	}
}

// TestGolden keeps the screen in its states, without colours.
func TestGolden(t *testing.T) {
	for _, st := range states() {
		for _, size := range sizes {
			t.Run(st.name+"-"+sizeName(size), func(t *testing.T) {
				s := newScreen(t, termenv.Ascii, size[0], size[1], st.snap())
				st.setup(s)
				golden.RequireEqual(t, []byte(s.View()+"\n"))
			})
		}
	}
}

// TestGoldenColour keeps one screen with its colours.
func TestGoldenColour(t *testing.T) {
	s := newScreen(t, termenv.ANSI256, 120, 40, story())
	golden.RequireEqual(t, []byte(s.View()+"\n"))
}

// TestGoldenASCII keeps one screen without Unicode.
func TestGoldenASCII(t *testing.T) {
	s := newScreen(t, termenv.Ascii, 80, 24, story())
	s.cfg.ASCII = true
	s.press("3")
	golden.RequireEqual(t, []byte(s.View()+"\n"))
}

func sizeName(size [2]int) string { return fmt.Sprintf("%dx%d", size[0], size[1]) }
