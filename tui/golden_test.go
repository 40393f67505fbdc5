package tui

import (
	"fmt"
	"math"
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
		Troubles: told(storyNow-12_300, "no broker at localhost:9092 (-b): connection refused; trying again"),
	}
}

// told are notices that came at a moment.
func told(at window.Time, texts ...string) []stream.NoticeView {
	var ns []stream.NoticeView
	for _, text := range texts {
		ns = append(ns, stream.NoticeView{Text: text, At: at})
	}
	return ns
}

// troubled has several troubles, of which one has just ended.
func troubled() *stream.Snapshot {
	s := story()
	s.Troubles = append(told(storyNow-95_000, "lost 10.0.0.7:9092: connection refused; trying again"),
		told(storyNow-34_000, `schema 8 cannot be used, its records are no_schema: Get "http://registry:8081/schemas/ids/8": dial tcp 10.0.0.9:8081: connect: connection refused`)...)
	s.Notes = told(storyNow-4000, "10.0.0.8:9092 is back")
	return s
}

// beset has more troubles than there is room for.
func beset() *stream.Snapshot {
	s := troubled()
	for i := range 9 {
		s.Troubles = append(s.Troubles, told(storyNow-12_000, fmt.Sprintf("sensors/%d: an open transaction of producer 4001, begun at 2026-11-22T12:00:12.000Z, holds back the offsets 100 to 111: "+
			"they are read when it ends; -X isolation.level=read_uncommitted does not wait", i))...)
	}
	s.OtherTroubles = 3
	s.Notes = append(s.Notes, told(storyNow-31_000, "new partition sensors/4: it is read from its beginning")...)
	return s
}

func wentIdle() *stream.Snapshot {
	s := story()
	s.Hold = stream.Hold{}
	s.Watermark = storyNow - 2300
	s.Focus.Open = s.Focus.Open[7:]
	s.Partitions[3].Idle, s.Partitions[3].QuietFor = true, 31*sec
	return s
}

// lateness is the story with windows that accept late records: the newest have
// closed, one came out again, one has changed since, one was empty.
func lateness() *stream.Snapshot {
	s := wentIdle()
	s.AllowedLateness, s.Emit = 20*sec, window.EmitUpdates
	s.Watermark = watermarkAt
	n := len(s.Focus.Closed)
	for i := range s.Focus.Closed {
		c := &s.Focus.Closed[i]
		c.Final = c.End.Add(s.AllowedLateness) <= s.Watermark
		c.Late = 0
	}
	s.Focus.Closed[n-2].Late, s.Focus.Closed[n-2].Pending = 2, 1
	s.Focus.Closed[n-3].Late, s.Focus.Closed[n-3].Revision = 3, 1
	s.Focus.Closed[n-4].Late, s.Focus.Closed[n-4].Pending, s.Focus.Closed[n-4].Revision = 14, 2, 12
	s.Focus.Open[0].Late = 1
	return s
}

// cutShort is a quiet topic of which all partitions are idle: the clock closes
// windows, some of them empty; the first was incomplete.
func cutShort() *stream.Snapshot {
	s := story()
	s.Hold, s.Watermark = stream.Hold{Kind: stream.HoldIdle}, watermarkAt
	for i := range s.Partitions {
		s.Partitions[i].Idle, s.Partitions[i].QuietFor, s.Partitions[i].LogEnd = true, 34*sec, s.Partitions[i].Next
	}
	nan := math.NaN()
	n := len(s.Focus.Closed)
	for i := range s.Focus.Closed[n-3:] {
		c, p := &s.Focus.Closed[n-3+i], &s.Focus.Points[n-3+i]
		c.Count, c.Mean, c.Min, c.Max, c.Lag, c.ClosedBy = 0, nan, nan, nan, window.Lag{}, window.ByIdleClock
		*p = stream.NoPoint()
		p.At = c.End - sec
	}
	s.Focus.Closed[n-4].Incomplete = window.IncompleteStart
	s.Focus.Ahead = nil
	return s
}

// apart has a partition that waits for others, one with a leap, and one whose
// records have no readable time.
func apart() *stream.Snapshot {
	s := story()
	leap := stream.LeapView{Records: 3, Ahead: 24*3600*sec - 200}
	s.Hold = stream.Hold{Kind: stream.HoldLeap, ID: s.Partitions[3].ID, Behind: 6700, Leap: leap}
	s.Partitions[3].Leap = leap
	s.Partitions[0].Pause, s.Partitions[0].WaitsFor, s.Partitions[0].Ahead = stream.PausedForDrift, s.Partitions[3].ID, 660*sec
	s.Partitions[2].Finished = true
	return s
}

// inTransaction has an open transaction at the end of the partition that holds
// the watermark.
func inTransaction() *stream.Snapshot {
	s := story()
	s.Hold.Kind, s.Hold.Unstable = stream.HoldTransaction, 12
	s.Partitions[3].Unstable = 12
	return s
}

func untimed() *stream.Snapshot {
	s := nothingYet()
	s.Totals.Records, s.Totals.Rejects[stream.BadTime] = 412, 412
	s.Partitions[0].Next, s.Partitions[0].LogEnd, s.Partitions[0].Records, s.Partitions[0].Rejected = 412, 412, 412, 412
	s.Hold.Kind, s.Hold.Untimed, s.Hold.IdleIn = stream.HoldUntimed, 412, 3*sec
	s.Partitions[0].Untimed = 412
	return s
}

// crowded is short of memory.
func crowded() *stream.Snapshot {
	s := story()
	s.Memory = stream.MemoryView{Used: 451 << 20, Limit: 512 << 20, Short: true}
	for i := range s.Partitions[:3] {
		p := &s.Partitions[i]
		p.Pause, p.WaitsFor, p.Ahead = stream.PausedForMemory, s.Partitions[3].ID, 6700
	}
	s.Totals.Rejects[stream.KeyLimit] = 204
	s.Ledger = append(s.Ledger, stream.LedgerEntry{
		At: storyNow, ID: s.Partitions[1].ID, Offset: 5124, Reason: stream.KeyLimit, EventTime: storyNow - 100, HasEventTime: true,
		Key: window.Key{Bytes: "s-025"}, Payload: `{"sensor":"s-025","temp":18.2}`, Lost: 10, Of: 10,
	})
	return s
}

func processing() *stream.Snapshot {
	s := story()
	s.Domain, s.OutOfOrderness, s.Hold = stream.ProcessingTime, 0, stream.Hold{}
	s.Watermark = storyNow - 100
	s.Focus.Open = nil
	for i := range s.Partitions {
		p := &s.Partitions[i]
		p.Newest, p.Watermark, p.QuietFor = storyNow-100, storyNow-100, 0
	}
	return s
}

// unforecast has neither forecasts nor scores.
func unforecast() *stream.Snapshot {
	s := story()
	s.Workers, s.Totals.ForecastsMade, s.Totals.ForecastsFail = 0, 0, 0
	s.Focus.Score, s.Focus.Models, s.Focus.Ahead = stream.Score{}, nil, nil
	return s
}

// explained has rejects that the ledger explains: late though the window is
// open, late after idle, and a leap that was refuted.
func explained() *stream.Snapshot {
	s := story()
	late := &s.Ledger[1]
	late.Watermark, late.Open, late.OpenFor = storyNow-2300, true, s.Partitions[3].ID
	s.Ledger[2].Leapt = true
	idle := *late
	idle.Reason, idle.ID, idle.Offset, idle.Open = stream.LateAfterIdle, s.Partitions[3].ID, 9810, false
	s.Ledger = []stream.LedgerEntry{s.Ledger[0], s.Ledger[2], idle, *late}
	return s
}

// dense has windows that overlap sixty times, and partitions with the same
// watermark.
func dense() *stream.Snapshot {
	s := story()
	s.Specs[0] = window.Spec{Size: 60 * sec, Hop: sec, Step: sec}
	s.Focus.Open = nil
	last := watermarkAt - watermarkAt%sec
	for i := range 59 {
		end := last + window.Time(i+1)*sec
		s.Focus.Open = append(s.Focus.Open, stream.OpenWindow{Span: window.Span{Start: end - 60*sec, End: end}, Count: int64(500 - 8*i), Mean: 21.4})
	}
	for i := range s.Focus.Closed {
		s.Focus.Closed[i].Start = s.Focus.Closed[i].End - 60*sec
	}
	return s
}

// inspected shows records: one that came late, one of a bad value, one whose
// payload is no text, one that is long, one with headers.
func inspected() *stream.Snapshot {
	s := story()
	at := storyNow - 2300
	id := window.PartitionID{Topic: "sensors", Partition: 2}
	add := func(r stream.RecordView) {
		n := len(s.Focus.Records)
		r.ID, r.Offset, r.Clock, r.Of, r.Size = id, 10_090+int64(n), window.ClockCreate, 10, max(r.Size, len(r.Payload))
		if r.HasEventTime {
			r.Timestamp, r.Lag, r.HasLag = int64(r.EventTime)+210, 210, true
		}
		s.Focus.Records = append(s.Focus.Records, r)
	}
	for i := range 9 {
		v := 21 + float64(i)/10
		add(stream.RecordView{EventTime: at + window.Time(120*i), HasEventTime: true, Value: v, HasValue: true, Payload: fmt.Sprintf(`{"sensor":"s-004","temp":%.1f,"ts":%d}`, v, at+window.Time(120*i))})
	}
	add(stream.RecordView{EventTime: at - 7000, HasEventTime: true, Reason: stream.Late, Lost: 4, Value: 20.4, HasValue: true, Payload: `{"sensor":"s-004","temp":20.4}`})
	add(stream.RecordView{EventTime: at, HasEventTime: true, Late: 3, Value: 20.5, HasValue: true, Payload: `{"sensor":"s-004","temp":20.5}`})
	add(stream.RecordView{EventTime: at + 1000, HasEventTime: true, Reason: stream.NotANumber, Lost: 10, Payload: `{"sensor":"s-004","temp":"n/a"}`})
	add(stream.RecordView{Reason: stream.Malformed, Timestamp: int64(at) + 1300, Payload: "\x00\x00\x00\x1b[2J broken", Size: 4711})
	add(stream.RecordView{
		EventTime: at + 1200, HasEventTime: true, Value: 22.1, HasValue: true, Payload: `{"sensor":"s-004","temp":22.1,"site":{"name":"hall 7","lines":[1,2]}}`,
		Headers: []stream.HeaderView{{Key: "trace", Value: "4bf92f3577b34da6"}, {Key: "source", Value: "plc-7\x1b[2J"}},
	})
	s.Focus.Passed = 1207
	return s
}

// member shares the partitions with other members of a group.
func member() *stream.Snapshot {
	s := story()
	s.Group, s.Partitions, s.Hold = "sensors-dashboard", s.Partitions[:2], stream.Hold{}
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
		{"command", story, keys(":")},
		{"command-typed", story, keys(":", "p", "a")},
		{"command-key", story, keys(":", "k", "e", "y", " ", "2")},
		{"bad-command", story, keys(":", "(")},
		{"empty", nothingYet, none},
		{"disconnected", disconnected, none},
		{"troubled", troubled, none},
		{"beset", beset, none},
		{"idle", wentIdle, none},
		{"help", story, keys("?")},
		{"windows", story, keys("3", "down", "down")},
		{"keys", story, keys("4", "down")},
		{"partitions", story, keys("5", "G", "e")},
		{"ledger", story, keys("6", "j", "e")},
		{"lateness", lateness, keys("3")},
		{"lateness-windows", lateness, keys("3", "e")},
		{"all-idle", cutShort, keys("3")},
		{"apart", apart, keys("5")},
		{"untimed", untimed, keys("5")},
		{"memory", crowded, keys("5")},
		{"processing", processing, none},
		{"explained", explained, keys("6")},
		{"member", member, keys("5")},
		{"models", story, keys("7")},
		{"models-alone", story, keys("7", "e")},
		{"models-none", unforecast, keys("7")},
		{"lattice", story, keys("8")},
		{"lattice-alone", lateness, keys("8", "e")},
		{"lattice-dense", dense, keys("8", "e")},
		{"records", inspected, keys("9")},
		{"records-alone", inspected, keys("9", "e")},
		{"records-malformed", inspected, keys("9", "e", "j", "j")},
		{"records-none", story, keys("9")},
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
