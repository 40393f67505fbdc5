package stream

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/window"
)

// In the tests below one partition is ahead: it has a record for every second,
// and gives as many as are taken. The other says what it is told to.
const (
	drift      = window.Duration(10_000)
	aheadCount = 100
	// heldAt is how many records are taken of the partition ahead when the other
	// stands at 0: up to the drift, and the one that shows that it is beyond.
	heldAt = int64(drift/1000) + 2
)

// paced is a run of the two partitions.
type paced struct {
	t        *testing.T
	progress Progress
	ahead    chan<- Delivery
	slow     chan<- Delivery
	begin    chan struct{}
	// leave makes the source return.
	leave  chan error
	cancel context.CancelCauseFunc
	done   chan struct{}
	out    printed
	err    error
}

// startPaced brings a run to where the partition ahead waits. It must be called
// in a synctest bubble.
func startPaced(t *testing.T, change func(*Config)) *paced {
	t.Helper()
	p := &paced{t: t, begin: make(chan struct{}), leave: make(chan error, 1), done: make(chan struct{})}
	cfg := testConfig(&p.out)
	cfg.Window.Specs = []window.Spec{{Size: 50_000, Hop: 50_000}}
	cfg.Paced, cfg.MaxDrift, cfg.Progress = true, drift, &p.progress
	change(&cfg)
	ctx, cancel := context.WithCancelCause(t.Context())
	p.cancel = cancel
	go func() {
		defer close(p.done)
		_, p.err = Run(ctx, cfg, script(func(ctx context.Context, assign AssignFunc) error { return p.source(ctx, cfg.Live, assign) }))
	}()
	synctest.Wait()
	p.say(0, 0)
	synctest.Wait() // a partition that has no time holds nobody back
	close(p.begin)
	p.taken(1 + heldAt)
	return p
}

// source feeds the partition that is ahead.
func (p *paced) source(ctx context.Context, live bool, assign AssignFunc) error {
	end := int64(aheadCount)
	if live {
		end = -1
	}
	for n, in := range []*chan<- Delivery{&p.ahead, &p.slow} {
		var err error
		if *in, err = assign(Assignment{ID: window.PartitionID{Topic: "t", Partition: int32(n)}, End: end, FromBeginning: true}); err != nil {
			return err
		}
	}
	<-p.begin
	for i := 0; i <= aheadCount; i++ {
		d := Delivery{Kind: Finished, Next: aheadCount}
		if i < aheadCount {
			d = data(record(i, int64(i)*1000, "ahead", "1"))
		} else if live {
			d = Delivery{Kind: CaughtUp, At: 2000}
		}
		select {
		case p.ahead <- d:
		case err := <-p.leave:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	select {
	case err := <-p.leave:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// say sends a record of the slow partition.
func (p *paced) say(offset int, at int64) {
	p.slow <- data(record(offset, at, "slow", "1"))
}

// taken checks, when nothing moves any more, how many records were taken.
func (p *paced) taken(want int64) {
	p.t.Helper()
	synctest.Wait()
	if got := p.progress.Records.Load(); got != want {
		p.t.Errorf("%d records were taken, want %d", got, want)
	}
}

// ends checks how the run ended, and that it did.
func (p *paced) ends(want error, lines ...string) {
	p.t.Helper()
	<-p.done
	if !errors.Is(p.err, want) || want == nil && p.err != nil {
		p.t.Errorf("the run ended with %v, want %v", p.err, want)
	}
	if diff := cmp.Diff(lines, p.out.lines); diff != "" {
		p.t.Errorf("lines (-want +got):\n%s", diff)
	}
}

// allAhead are the lines of the partition that is ahead, and of one slow record.
var allAhead = []string{
	"ahead 0-50000 n=50 sum=50 watermark",
	"slow 0-50000 n=1 sum=1 watermark",
	"ahead 50000-100000 n=50 sum=50 end_of_input incomplete=end",
}

// TestMaxDrift: a partition that is too far ahead of the slowest waits for it,
// and for nobody when that has ended, in whatever way.
func TestMaxDrift(t *testing.T) {
	cause := errors.New("enough")
	for _, c := range []struct {
		name   string
		change func(*Config)
		then   func(p *paced)
	}{
		{"until it has caught up", nil, func(p *paced) {
			p.say(1, 20_000)
			p.taken(2 + heldAt + 20)
			p.say(2, 20_001) // a millisecond more lets nobody pass
			p.taken(3 + heldAt + 20)
			p.say(3, 200_000)
			p.taken(4 + aheadCount)
			p.slow <- Delivery{Kind: Finished, Next: 4}
			p.leave <- nil
			p.ends(nil,
				"ahead 0-50000 n=50 sum=50 watermark",
				"slow 0-50000 n=3 sum=3 watermark",
				"ahead 50000-100000 n=50 sum=50 watermark",
				"slow 200000-250000 n=1 sum=1 end_of_input incomplete=end")
		}},
		{"until it has finished", nil, func(p *paced) {
			p.slow <- Delivery{Kind: Finished, Next: 1}
			p.taken(1 + aheadCount)
			p.leave <- nil
			p.ends(nil, allAhead...)
		}},
		{"until it is idle", func(c *Config) { c.Live = true }, func(p *paced) {
			p.slow <- Delivery{Kind: CaughtUp, At: 2000}
			p.slow <- Delivery{Kind: CaughtUp, At: 4999}
			p.taken(1 + heldAt)
			p.slow <- Delivery{Kind: CaughtUp, At: 5000}
			p.taken(1 + aheadCount)
			p.cancel(cause)
			p.ends(cause, allAhead[:2]...)
		}},
		{"until the run is cancelled", nil, func(p *paced) {
			p.cancel(cause)
			p.ends(cause)
		}},
		{"until the time limit", func(c *Config) { c.Timeout = time.Minute }, func(p *paced) {
			// What it had been given already is read to the end.
			p.ends(ErrTimeout,
				"ahead 0-50000 n=14 sum=14 end_of_input incomplete=end",
				"slow 0-50000 n=1 sum=1 end_of_input incomplete=end")
		}},
		{"until the source fails", nil, func(p *paced) {
			p.leave <- cause
			p.ends(cause)
		}},
		{"until the line limit", func(c *Config) { c.Limit = 1 }, func(p *paced) {
			p.say(1, 60_000)
			p.ends(nil, allAhead[0])
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				change := c.change
				if change == nil {
					change = func(*Config) {}
				}
				c.then(startPaced(t, change))
			})
		})
	}
}

// TestMaxDriftChangesNoLine, nor does a Source that cannot be paced.
func TestMaxDriftChangesNoLine(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var partitions [][]Record
	for p := range 4 {
		var records []Record
		for i := range 400 {
			at := int64(i) * int64(p*p+1) / 4
			records = append(records, record(i, at+rng.Int64N(12), string(rune('a'+rng.IntN(4))), "7"))
		}
		partitions = append(partitions, records)
	}
	var first []string
	for _, drift := range []window.Duration{0, 1, 5, 1000} {
		for _, paced := range []bool{true, false} {
			out := &printed{}
			cfg := testConfig(out)
			cfg.Window.AllowedLateness = 4
			cfg.MaxDrift, cfg.Paced = drift, paced
			if _, err := Run(t.Context(), cfg, &logs{chunk: 3, partitions: partitions}); err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = out.lines
			}
			if diff := cmp.Diff(first, out.lines); diff != "" {
				t.Fatalf("drift %v, paced %v (-first +now):\n%s", drift, paced, diff)
			}
		}
	}
	if len(first) < 300 {
		t.Errorf("%d lines show too little", len(first))
	}
}
