package stream

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/oriel-stream/oriel/window"
)

// steered is a live source of which a test says when each delivery comes.
type steered struct {
	ins  []chan<- Delivery
	stop context.CancelFunc
	run  sync.WaitGroup
}

// steer starts a live run of n partitions. The test ends it with end.
func steer(t *testing.T, cfg Config, n int) *steered {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &steered{ins: make([]chan<- Delivery, n), stop: cancel}
	ready := make(chan struct{})
	src := script(func(ctx context.Context, assign AssignFunc) error {
		for i := range s.ins {
			s.ins[i], _ = assign(Assignment{ID: window.PartitionID{Topic: "t", Partition: int32(i)}, End: -1, FromBeginning: true})
		}
		close(ready)
		<-ctx.Done()
		return context.Cause(ctx)
	})
	cfg.Live = true
	s.run.Go(func() {
		if _, err := Run(ctx, cfg, src); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	<-ready
	return s
}

func (s *steered) end() {
	s.stop()
	s.run.Wait()
}

// send delivers records of value 1 to a partition, one a batch.
func (s *steered) send(part int, key string, times ...int64) {
	for i, at := range times {
		s.ins[part] <- data(record(i, at, key, "1"))
	}
}

func rowOf(s *Snapshot, end window.Time) ClosedWindow {
	if s.Focus != nil {
		for _, c := range s.Focus.Closed {
			if c.End == end {
				return c
			}
		}
	}
	return ClosedWindow{}
}

// TestBoardShowsLateRecords: a window that has closed and is not final shows
// what late records have changed in it, whatever is printed of it, until it is
// final.
func TestBoardShowsLateRecords(t *testing.T) {
	for name, c := range map[string]struct {
		emit     window.Emit
		pending  int64
		revision int
		final    int // revision of the final row
	}{
		"on time": {window.EmitOnTime, 1, 0, 1},
		"final":   {window.EmitFinal, 1, 0, 0},
		"updates": {window.EmitUpdates, 0, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig()
			cfg.Window.AllowedLateness, cfg.Window.Emit = 20, c.emit
			board := testBoard(&cfg)
			board.SetInterest(Interest{Topic: "t", Key: window.Key{Bytes: "a"}, Series: "v", Chosen: true})
			src := steer(t, cfg, 1)
			defer src.end()
			src.send(0, "a", 1, 5, 13)
			s := until(t, board, "the window that closed", func(s *Snapshot) bool { return rowOf(s, 10).Count == 2 })
			if row := rowOf(s, 10); row.Late != 0 || row.Pending != 0 || row.Final {
				t.Errorf("before the late record: %+v", row)
			}
			src.send(0, "a", 7)
			s = until(t, board, "the late record", func(s *Snapshot) bool { return rowOf(s, 10).Count == 3 && rowOf(s, 10).Revision == c.revision })
			if row := rowOf(s, 10); row.Late != 1 || row.Pending != c.pending || row.Final || row.Mean != 1 {
				t.Errorf("with the late record: %+v", row)
			}
			points := len(s.Focus.Points)
			src.send(0, "a", 33)
			s = until(t, board, "the final window", func(s *Snapshot) bool { r := rowOf(s, 10); return r.Final && r.Pending == 0 })
			if row := rowOf(s, 10); row.Count != 3 || row.Late != 1 || row.Revision != c.final {
				t.Errorf("when it is final: %+v", row)
			}
			// [10, 20) has closed too, and not changed.
			if len(s.Focus.Closed) != 2 || len(s.Focus.Points) > points+1 || rowOf(s, 20).Final {
				t.Errorf("rows %+v, %d points", s.Focus.Closed, len(s.Focus.Points))
			}
		})
	}
}

// TestBoardShowsWindowsOfLateRecordsAlone: they are closed, though nothing has
// come out of them; and a window is final though no line says so.
func TestBoardShowsWindowsOfLateRecordsAlone(t *testing.T) {
	cfg := testConfig()
	cfg.Window.AllowedLateness = 20
	board := testBoard(&cfg)
	board.SetInterest(Interest{Topic: "t", Key: window.Key{Bytes: "b"}, Series: "v", Chosen: true})
	src := steer(t, cfg, 1)
	defer src.end()
	src.send(0, "b", 1, 23)
	src.send(0, "b", 15)
	s := until(t, board, "the late record", func(s *Snapshot) bool { return rowOf(s, 20).Count == 1 })
	if row := rowOf(s, 20); row.Late != 1 || row.Pending != 1 || row.Final {
		t.Errorf("the row is %+v", row)
	}
	src.send(0, "b", 33)
	s = until(t, board, "the end of the lateness", func(s *Snapshot) bool { return rowOf(s, 10).Final })
	if row := rowOf(s, 20); row.Final || s.Totals.Lines != 2 {
		t.Errorf("%d lines, and the row is %+v", s.Totals.Lines, row)
	}
}

// TestBoardShowsLateRecordsOfOpenWindows: a window may be frozen by a partition
// that is ahead and still be open because of another.
func TestBoardShowsLateRecordsOfOpenWindows(t *testing.T) {
	cfg := testConfig()
	cfg.Window.AllowedLateness = 20
	board := testBoard(&cfg)
	board.SetInterest(Interest{Topic: "t", Key: window.Key{Bytes: "a"}, Series: "v", Chosen: true})
	src := steer(t, cfg, 2)
	defer src.end()
	src.send(1, "a", 2)
	src.send(0, "a", 1, 5, 13)
	src.send(0, "a", 7)
	open := func(s *Snapshot) OpenWindow {
		if s.Focus != nil && len(s.Focus.Open) > 0 {
			return s.Focus.Open[0]
		}
		return OpenWindow{}
	}
	// The key has a history from its first line on, so the screen waits for it.
	src.send(1, "a", 13)
	s := until(t, board, "the closed window", func(s *Snapshot) bool { return rowOf(s, 10).Count == 4 })
	if row := rowOf(s, 10); row.Late != 1 || row.Pending != 1 {
		t.Errorf("the row is %+v", row)
	}
	src.send(0, "a", 23)
	src.send(0, "a", 14)
	s = until(t, board, "a late record of an open window", func(s *Snapshot) bool { return open(s).Late == 1 })
	if w := open(s); w.End != 20 || w.Count != 2 {
		t.Errorf("the open window is %+v", w)
	}
}

// TestBoardShowsWhoWaits: a partition that is too far ahead waits for the
// slowest, for one of two reasons.
func TestBoardShowsWhoWaits(t *testing.T) {
	for name, c := range map[string]struct {
		drift  window.Duration
		memory int64
		want   Pause
	}{
		"drift":  {drift: 5, want: PausedForDrift},
		"memory": {memory: 1, want: PausedForMemory},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig()
			cfg.Paced, cfg.MaxDrift, cfg.MaxMemory = true, c.drift, c.memory
			board := testBoard(&cfg)
			src := steer(t, cfg, 2)
			defer src.end()
			src.send(1, "a", 2)
			src.send(0, "a", 40)
			s := until(t, board, "who waits", func(s *Snapshot) bool { return s.Partitions[0].Pause != NotPaused })
			if p := s.Partitions[0]; p.Pause != c.want || p.WaitsFor != s.Partitions[1].ID || p.Ahead != 38 {
				t.Errorf("the partition ahead: %+v", p)
			}
			if p := s.Partitions[1]; p.Pause != NotPaused {
				t.Errorf("the slowest: %+v", p)
			}
			if spent := c.memory > 0; s.Memory.Short != spent || s.Memory.Spent != spent || s.Memory.Limit != c.memory {
				t.Errorf("memory %+v", s.Memory)
			}
		})
	}
}

// TestBoardExplainsLateRecords: a late record's partition may be ahead of the
// watermark, so that the window it has lost is still open.
func TestBoardExplainsLateRecords(t *testing.T) {
	cfg := testConfig()
	board := testBoard(&cfg)
	src := steer(t, cfg, 2)
	defer src.end()
	src.send(1, "a", 2)
	src.send(0, "a", 1, 33)
	until(t, board, "what holds the watermark", func(s *Snapshot) bool { return s.Hold.Kind != HoldUnknown && s.Partitions[0].Newest == 33 })
	src.send(0, "a", 5)
	s := until(t, board, "the late record", func(s *Snapshot) bool { return len(s.Ledger) == 1 })
	if e := s.Ledger[0]; e.Reason != Late || e.Watermark != 31 || !e.Open || e.OpenFor.Partition != 1 {
		t.Errorf("late, though the window is open: %+v", e)
	}
	src.send(1, "a", 33)
	until(t, board, "the watermark", func(s *Snapshot) bool { return s.Watermark == 31 })
	src.send(0, "a", 6)
	s = until(t, board, "the other late record", func(s *Snapshot) bool { return len(s.Ledger) == 2 })
	if e := s.Ledger[1]; e.Reason != Late || e.Watermark != 31 || e.Open {
		t.Errorf("late, and the window is closed: %+v", e)
	}
}

// TestBoardShowsALeap: create times far ahead wait, and the ledger names those
// that were refuted.
func TestBoardShowsALeap(t *testing.T) {
	cfg := testConfig()
	cfg.Window.MaxFuture = 50
	board := testBoard(&cfg)
	src := steer(t, cfg, 1)
	defer src.end()
	src.send(0, "a", 100)
	s := until(t, board, "a first record that waits", func(s *Snapshot) bool { return s.Hold.Kind == HoldLeap })
	if l := s.Partitions[0].Leap; l != (LeapView{Records: 1}) {
		t.Errorf("at first: %+v", l)
	}
	src.send(0, "a", 150, 5000, 5001)
	s = until(t, board, "a leap", func(s *Snapshot) bool { return s.Partitions[0].Leap.Records == 2 })
	if s.Hold.Kind != HoldLeap || s.Hold.Leap != (LeapView{Records: 2, Ahead: 4850}) || s.Partitions[0].Newest != 150 {
		t.Errorf("hold %+v of %+v", s.Hold, s.Partitions[0])
	}
	src.send(0, "a", 151)
	s = until(t, board, "its end", func(s *Snapshot) bool { return len(s.Ledger) == 2 })
	if e := s.Ledger[0]; e.Reason != Future || !e.Leapt || e.EventTime != 5000 {
		t.Errorf("the ledger has %+v", e)
	}
}

// TestJoinInterests: while a partition still shows the key that was of interest
// before, the windows of the new one are made of what the engine shows.
func TestJoinInterests(t *testing.T) {
	now := Interest{Topic: "t", Key: window.Key{Bytes: "a"}, Chosen: true}
	view := func(content window.Content, count int64) window.OpenView {
		return window.OpenView{Span: window.Span{Start: 0, End: 10}, Content: content, Aggregate: window.Aggregate{Count: count}}
	}
	other := &published{Progress: window.Progress{Mark: 10}, open: []window.OpenView{view(window.Provisional, 99)}}
	b := NewBoard(BoardConfig{})
	b.waiting.Store(&waitingShares{interest: now, shares: []window.PendingView{
		{OpenView: view(window.OnTime, 2)}, {OpenView: view(window.Provisional, 3)},
	}})
	closed, open := b.join([]*published{other}, now).split([]ClosedWindow{{Span: window.Span{Start: 0, End: 10}, Count: 2}}, 12, 20)
	if len(open) != 0 || len(closed) != 1 || closed[0].Count != 3 || closed[0].Pending != 1 {
		t.Errorf("closed %+v, open %+v", closed, open)
	}
	// Once it shows the new one, that is newer than what the engine has.
	other.interest, other.open[0].Count = now, 5
	closed, _ = b.join([]*published{other}, now).split(closed[:1], 12, 20)
	if closed[0].Count != 5 || closed[0].Late != 3 {
		t.Errorf("closed %+v", closed)
	}
}
