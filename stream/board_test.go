package stream

import (
	"math"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

func testBoard(cfg *Config) *Board {
	cfg.Board = NewBoard(BoardConfig{
		Topics: []string{"t"}, Group: "g", Window: cfg.Window, Domain: cfg.Domain, Now: cfg.Now,
	})
	return cfg.Board
}

// until polls for a picture that satisfies a condition: workers answer a
// request for a picture after it was taken.
func until(t *testing.T, b *Board, what string, ok func(*Snapshot) bool) *Snapshot {
	t.Helper()
	// The sleep is between two looks: nothing tells that a worker has answered.
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if s := b.Snapshot(); ok(s) {
			return s
		}
	}
	t.Fatalf("no picture shows %s; the last is %+v", what, b.Snapshot())
	return nil
}

func TestBoardShowsARun(t *testing.T) {
	naive, err := model.Parse("naive", nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg := testConfig()
	cfg.Live = true
	cfg.Window.Specs = []window.Spec{{Size: 10, Hop: 5, Step: 5}}
	cfg.Forecasts = &Forecasts{Model: naive, Horizon: 2, Levels: []float64{95}}
	board := testBoard(&cfg)
	src := &logs{chunk: 1, live: true, quiet: []int{0, 2}, hold: make(chan struct{}), partitions: [][]Record{
		{record(0, 1, "b", "1"), record(1, 6, "a", "2"), record(2, 8, "b", "x"), record(3, 11, "b", "3"), record(4, 29, "a", "4")},
		{record(0, 2, "a", "8"), record(1, 13, "a", "6")},
	}}
	var run sync.WaitGroup
	run.Go(func() {
		if _, err := Run(t.Context(), cfg, src); err != nil {
			t.Error(err)
		}
	})
	// Partition 1 stands at 13 - 2 and is quiet: it holds the watermark.
	s := until(t, board, "what holds the watermark", func(s *Snapshot) bool { return s.Hold.Kind == HoldQuiet && s.Totals.Records == 7 })
	if s.Watermark != 11 || s.Hold.ID.Partition != 1 || s.Hold.Behind != 16 {
		t.Errorf("watermark %d, hold %+v", s.Watermark, s.Hold)
	}
	if s.State != Running || len(s.Partitions) != 2 || s.Partitions[0].Newest != 29 || s.Partitions[0].Rejected != 1 {
		t.Errorf("state %v, partitions %+v", s.State, s.Partitions)
	}
	var keys []string
	for _, k := range s.Keys {
		keys = append(keys, k.Key.Bytes)
	}
	if diff := cmp.Diff([]string{"a", "b"}, keys); diff != "" {
		t.Errorf("keys:\n%s", diff)
	}
	if len(s.Ledger) != 1 || s.Ledger[0].Reason != NotANumber || s.Ledger[0].Offset != 2 {
		t.Errorf("ledger %+v", s.Ledger)
	}

	board.SetInterest(Interest{Topic: "t", Key: window.Key{Bytes: "a"}, Series: "v", Chosen: true})
	s = until(t, board, "the open windows of a", func(s *Snapshot) bool { return s.Focus != nil && len(s.Focus.Open) == 4 })
	checkFocus(t, s.Focus)
	close(src.hold)
	run.Wait()
	if s := board.Snapshot(); s.State != Ended {
		t.Errorf("state %v after the run", s.State)
	}
}

// checkFocus: of key a the windows [-5,5) and [0,10) have closed.
func checkFocus(t *testing.T, f *Focus) {
	t.Helper()
	if len(f.Closed) != 2 || f.Closed[1].Start != 0 || f.Closed[1].Count != 2 || f.Closed[1].Mean != 5 || f.Closed[1].Next != 2 {
		t.Errorf("closed %+v", f.Closed)
	}
	if w := f.Open[0]; w.Start != 5 || w.End != 15 || w.Count != 2 || w.Mean != 4 {
		t.Errorf("open %+v", f.Open)
	}
	// [-5,0) has no record, [0,5) has the 8, [5,10) the 2.
	want := []float64{math.NaN(), 8, 2}
	if len(f.Points) != len(want) || f.Step != 5 {
		t.Fatalf("points %+v", f.Points)
	}
	for i, p := range f.Points {
		if p.Actual != want[i] && !(math.IsNaN(p.Actual) && math.IsNaN(want[i])) {
			t.Errorf("point %d: %+v", i, p)
		}
	}
	if len(f.Ahead) != 2 || f.Ahead[0].At != 10 || f.Ahead[0].Forecast != 2 || f.Level != 95 {
		t.Errorf("ahead %+v, level %v", f.Ahead, f.Level)
	}
}

// TestPicturesDoNotChange takes pictures while a run goes on and checks that
// none of them changes afterwards.
func TestPicturesDoNotChange(t *testing.T) {
	var records []Record
	for i := range 4000 {
		records = append(records, record(i, int64(i*3), string(rune('a'+i%3)), []string{"1", "x", "3"}[i%3]))
	}
	cfg := testConfig()
	board := testBoard(&cfg)
	src := &logs{chunk: 7, partitions: [][]Record{records, records}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := Run(t.Context(), cfg, src); err != nil {
			t.Error(err)
		}
	}()
	type taken struct {
		s                        *Snapshot
		recent, points, rejected float64
	}
	sum := func(s *Snapshot) (recent, points, rejected float64) {
		for _, k := range s.Keys {
			for i, x := range k.Recent {
				recent += x * float64(i+1)
			}
		}
		if s.Focus != nil {
			for i, p := range s.Focus.Points {
				points += p.Actual * float64(i+1)
			}
		}
		for i, l := range s.Ledger {
			rejected += float64(l.Offset * int64(i+1))
		}
		return recent, points, rejected
	}
	var album []taken
	for going := true; going; {
		select {
		case <-done:
			going = false
		default:
		}
		p := taken{s: board.Snapshot()}
		p.recent, p.points, p.rejected = sum(p.s)
		album = append(album, p)
	}
	for i, p := range album {
		if recent, points, rejected := sum(p.s); recent != p.recent || points != p.points || rejected != p.rejected {
			t.Fatalf("picture %d of %d has changed", i, len(album))
		}
	}
	if s := album[len(album)-1].s; s.Totals.Lines == 0 || len(s.Ledger) != maxLedger {
		t.Errorf("the last picture shows %d lines and %d rejects", s.Totals.Lines, len(s.Ledger))
	}
}

// TestBoardTells: what has happened is shown for a while, and is no trouble; an
// empty topic that has answered is waited for.
func TestBoardTells(t *testing.T) {
	cfg := testConfig()
	now := window.Time(1_000_000)
	cfg.Now = func() window.Time { return now }
	board := testBoard(&cfg)
	if s := board.Snapshot(); s.State != Connecting || s.Notes != nil {
		t.Errorf("at first: state %d, note %q", s.State, s.Notes)
	}
	board.SetConnected()
	board.Tell(Notice{Text: "lost 30 offsets"})
	if s := board.Snapshot(); s.State != Waiting || len(s.Notes) != 1 || s.Notes[0].Text != "lost 30 offsets" || s.Troubles != nil {
		t.Errorf("state %d, notes %v, troubles %v", s.State, s.Notes, s.Troubles)
	}
	now += window.Time(noteTime)
	if s := board.Snapshot(); s.Notes != nil {
		t.Errorf("a minute later: %v", s.Notes)
	}
}

func TestBoardRemembersABound(t *testing.T) {
	h := newKeyHistory(keyID{}, MeasureMean, 1)
	for i := range 10_000 {
		p := &window.Pane{Span: window.Span{Start: window.Time(i * 10), End: window.Time(i*10 + 10)}, Size: 10, Hop: 10, Counted: true}
		h.add(&Line{Pane: p}, 0)
	}
	f := h.focus(0)
	if len(f.Closed) != maxClosed || len(f.Points) != maxPoints || len(h.view().Recent) != maxRecent {
		t.Errorf("%d windows, %d points, %d recent values", len(f.Closed), len(f.Points), len(h.view().Recent))
	}
	if c := cap(h.specs[0].points); c > 2*maxPoints {
		t.Errorf("room for %d points", c)
	}
	if f.Points[maxPoints-1].At != 99_990 {
		t.Errorf("the last point is at %d", f.Points[maxPoints-1].At)
	}
}

// TestBoardForgetsOldKeys: keys come and go without end; the newest stay, and
// the one of interest.
func TestBoardForgetsOldKeys(t *testing.T) {
	cfg := testConfig()
	board := testBoard(&cfg)
	board.SetInterest(Interest{Topic: "t", Key: window.Key{Bytes: "0"}, Series: "v", Chosen: true})
	const keys = 3 * maxKeys
	for i := range keys {
		p := &window.Pane{
			Topic: "t", Key: window.Key{Bytes: strconv.Itoa(i)}, Series: "v", Size: 10, Hop: 10,
			Span: window.Span{Start: window.Time(i), End: window.Time(i + 10)},
		}
		if err := board.Write(&Line{Pane: p}); err != nil {
			t.Fatal(err)
		}
	}
	s := board.Snapshot()
	if len(s.Keys) > maxKeys || len(s.Keys) < maxKeys/2 || len(board.byKey) != len(board.keys) {
		t.Errorf("%d keys are shown, %d known", len(s.Keys), len(board.byKey))
	}
	if s.Focus == nil || s.Focus.Key.Bytes != "0" {
		t.Errorf("the key of interest is forgotten: %+v", s.Focus)
	}
	if board.byKey[keyID{topic: "t", key: window.Key{Bytes: strconv.Itoa(keys - 1)}, series: "v"}] == nil {
		t.Error("the newest key is forgotten")
	}
}

// TestBoardForgetsTheRanking of a key that begins anew, as its score.
func TestBoardForgetsTheRanking(t *testing.T) {
	auto, err := model.Parse("auto", nil)
	if err != nil {
		t.Fatal(err)
	}
	ranked := func(after ...Record) *Focus {
		cfg := testConfig()
		cfg.Window.Specs = []window.Spec{{Size: 50, Hop: 10, Step: 10}}
		cfg.Window.History = 3
		cfg.Forecasts = &Forecasts{Model: auto, Horizon: 2, Levels: []float64{95}}
		cfg.Board = NewBoard(BoardConfig{Topics: []string{"t"}, Window: cfg.Window, Now: cfg.Now})
		var rs []Record
		for n := range 200 {
			rs = append(rs, record(n, int64(5*n), "a", strconv.Itoa(n%7)))
		}
		if _, err := Run(t.Context(), cfg, &logs{chunk: 10, partitions: [][]Record{append(rs, after...)}}); err != nil {
			t.Fatal(err)
		}
		return cfg.Board.Snapshot().Focus
	}
	if f := ranked(); len(f.Models) == 0 || f.Score.N == 0 {
		t.Errorf("%d resolved, the models are %+v", f.Score.N, f.Models)
	}
	if f := ranked(record(200, 5001, "a", "1"), record(201, 5003, "a", "2")); len(f.Models) > 0 || f.Score.N > 0 {
		t.Errorf("behind a pause: %d resolved, the models are %+v", f.Score.N, f.Models)
	}
}
