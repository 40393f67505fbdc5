package stream

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/window"
)

// told are the commits that a group was told of.
type told []Commit

func (t *told) Flushed(c Commit, _ bool) { *t = append(*t, c) }

// TestBusyRunsAreFlushed: lines that are to be committed wait a second at most,
// and not at all if somebody waits for the commit.
func TestBusyRunsAreFlushed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		group := &told{}
		c := newCommitting(&Group{Commits: group})
		for i := range int64(10) {
			c.wrote(&passed{id: partitionID(0), checkpoint: Checkpoint{Offset: i}})
			if c.mustFlush() {
				t.Errorf("flushed after %d of 10 tenths of a second", i)
			}
			time.Sleep(100 * time.Millisecond) // on the bubble's clock
		}
		if !c.mustFlush() {
			t.Error("not flushed after a second")
		}
		c.flushed()
		c.wrote(nil)
		if len(*group) != 1 || (*group)[0].Offset != 9 || c.mustFlush() {
			t.Errorf("told of %+v", *group)
		}
		if c.wrote(&passed{last: true}); !c.mustFlush() {
			t.Error("the last commit of a partition waits")
		}
	})
}

// TestNothingIsCommittedBehindALostJob: what has been taken of a run that is
// cancelled is settled, and nothing behind it.
func TestNothingIsCommittedBehindALostJob(t *testing.T) {
	t.Parallel()
	cfg := testConfig()
	from := newFront(cfg)
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		f := newForecasting(ctx, cfg)
		var settled []int64
		for i := range int64(20) {
			if i == 3 {
				cancel()
			}
			f.submit(ctx, fired{from: from, panes: []*window.Pane{{}}, behind: &passed{checkpoint: Checkpoint{Offset: i}}})
			for len(f.plain) > 0 {
				settled = append(settled, (<-f.plain).behind.checkpoint.Offset)
			}
		}
		if !slices.Equal(settled, []int64{0, 1, 2}) {
			t.Errorf("settled %v", settled)
		}
		cancel()
	}
}

// TestNothingIsCommittedThatWasNotRead: a run that ends in the middle of a batch
// commits at most what lies before the record, or the gap, at which it ended.
func TestNothingIsCommittedThatWasNotRead(t *testing.T) {
	t.Parallel()
	records := []Record{record(0, 1, "k", "no"), record(1, 2, "k", "no"), record(2, 3, "k", "no"), record(3, 4, "k", "1"), record(4, 5, "k", "1")}
	for name, c := range map[string]struct {
		end func(cfg *Config, cancel context.CancelFunc)
		// gap is what is read in place of the last two records.
		gap error
	}{
		"a log of refused records fails": {end: func(cfg *Config, _ context.CancelFunc) { cfg.Rejects = failingRejects{at: 2} }},
		"interrupted while a schema is waited for": {end: func(cfg *Config, cancel context.CancelFunc) {
			cfg.NewDecoder = func() Decoder { return lackingSchema{from: 2, cancel: cancel} }
		}},
		"a gap fails": {
			end: func(cfg *Config, _ context.CancelFunc) { cfg.StopAtGap = true },
			gap: &CorruptError{From: 3, To: 5},
		},
	} {
		for range 50 {
			var commits told
			ctx, cancel := context.WithCancel(t.Context())
			cfg := testConfig()
			cfg.Live, cfg.Group = true, &Group{Commits: &commits, Spec: SpecOf("x")}
			c.end(&cfg, cancel)
			in := data(records...)
			if c.gap != nil {
				in.Batch = &memory{records: records[:3], err: c.gap, released: new(atomic.Int64)}
			}
			_, _ = Run(ctx, cfg, script(func(ctx context.Context, assign AssignFunc) error {
				to, err := assign(Assignment{ID: partitionID(0), End: -1, FromBeginning: true})
				if err != nil {
					return err
				}
				to <- in
				<-ctx.Done()
				return context.Cause(ctx)
			}))
			cancel()
			for _, commit := range commits {
				if commit.Offset > 3 {
					t.Fatalf("%s: offset %d is committed", name, commit.Offset)
				}
			}
		}
	}
}

// failingRejects is a log of refused records that cannot be written from an offset
// on.
type failingRejects struct{ at int64 }

func (f failingRejects) Reject(r *Reject) error {
	if r.Offset >= f.at {
		return errors.New("no space left on device")
	}
	return nil
}

// lackingSchema knows no schema from an offset on, and its run is cancelled while
// it waits for that.
type lackingSchema struct {
	plain
	from   int64
	cancel context.CancelFunc
}

func (d lackingSchema) Decode(r *Record, e *Event) {
	d.plain.Decode(r, e)
	if r.Offset >= d.from {
		d.cancel()
		e.TimeReason, e.Reason = NoSchema, NoSchema
	}
}

// ticking is a wall clock that goes on with every look.
func ticking(cfg *Config) {
	var clock atomic.Int64
	cfg.Now = func() window.Time { return window.Time(clock.Add(100)) }
	cfg.Window.IdleTimeout = 3000
}

// fallSilent makes a partition idle.
func (m *member) fallSilent(part int) {
	for _, at := range []window.Time{0, 3000} {
		m.ins[part] <- Delivery{Kind: CaughtUp, At: at, LogEnd: m.next[part]}
	}
}

// awaitLines waits until so many lines are printed.
func (g *groupLogs) awaitLines(n int) {
	for deadline := time.Now().Add(10 * time.Second); len(g.sorted()) < n && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond) // polls for the clock to have carried the watermark on
	}
}

// TestSilentPartitionsOfAGroup hold nobody up, and their last windows close by the
// clock. What is committed then is the position.
func TestSilentPartitionsOfAGroup(t *testing.T) {
	t.Parallel()
	g := newGroupLogs(t, [][]Record{
		{record(0, 1, "a", "1"), record(1, 5, "a", "2"), record(2, 12, "a", "4"), record(3, 13, "a", "8")},
		{record(0, 2, "b", "16")},
	}, ticking)
	m := g.start(1)
	m.take(0)
	m.take(1)
	m.deliver(0, 4)
	m.fallSilent(0)
	m.deliver(1, 1)
	g.awaitLines(2)
	m.giveUp(0)
	m.giveUp(1)
	m.stop()
	var got []string
	for _, line := range g.sorted() {
		head, _, _ := strings.Cut(line, " inc=")
		got = append(got, head)
	}
	want := []string{`t "a"/false v 0-10 10 10 rev=0 final=true by=0`, `t "a"/false v 10-20 10 10 rev=0 final=true by=2`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if c := g.committed[partitionID(0)]; c.Offset != 4 {
		t.Errorf("the idle partition has committed %+v", c)
	}
	if c := g.committed[partitionID(1)]; c.Offset != 0 {
		t.Errorf("the one with an open window has committed %+v", c)
	}
}

// TestWhatCameBehindTheClockIsNotLost: a window that the clock has closed is given
// a late record, and the member dies before the final line. Read again the record
// is in time: what it adds is printed all the same.
func TestWhatCameBehindTheClockIsNotLost(t *testing.T) {
	t.Parallel()
	g := newGroupLogs(t, [][]Record{
		{record(0, 1, "a", "1"), record(1, 5, "a", "2"), record(2, 500_000, "a", "4")},
	}, func(cfg *Config) {
		ticking(cfg)
		cfg.Window.AllowedLateness = 400_000
	})
	g.clock = true
	m := g.start(1)
	m.take(0)
	m.deliver(0, 1)
	m.fallSilent(0)
	g.awaitLines(1)
	m.deliver(0, 1)
	m.giveUp(0)
	m.take(0)
	for m.deliver(0, 1) {
	}
	m.giveUp(0)
	m.stop()
	if lines := strings.Join(g.sorted(), "\n"); !strings.Contains(lines, " n=1 ") || !strings.Contains(lines, " n=2 ") {
		t.Errorf("printed\n%s", lines)
	}
}
