package tui

import (
	"math/rand/v2"
	"testing"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// TestBoundFor judges late records again with the bound that would have helped:
// with it they are in all windows, with a tenth of a second less they are not.
func TestBoundFor(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		size := window.Duration(1+rng.IntN(20)) * 500
		spec := window.Spec{Size: size, Hop: max(1, size/window.Duration(1+rng.IntN(9))), Origin: window.Duration(rng.IntN(1000))}
		cfg := window.PartitionConfig{
			Specs: []window.Spec{spec}, OutOfOrderness: window.Duration(rng.IntN(3000)), AllowedLateness: window.Duration(rng.IntN(2) * 1700), IdleTimeout: 1,
		}
		newest := window.Time(1_000_000 + rng.IntN(100_000))
		e := stream.LedgerEntry{
			Reason: stream.Late, EventTime: newest - window.Time(rng.IntN(60_000)), HasEventTime: true, Watermark: newest.Sub(cfg.OutOfOrderness),
		}
		lost := func(bound window.Duration) int {
			c := cfg
			c.OutOfOrderness = bound
			p := window.NewPartition(c)
			p.Observe(newest)
			return p.Judge(e.EventTime).Lost
		}
		f := &frame{snap: &stream.Snapshot{Specs: cfg.Specs, OutOfOrderness: cfg.OutOfOrderness, AllowedLateness: cfg.AllowedLateness}}
		bound := f.boundFor(&e)
		if lost(cfg.OutOfOrderness) > 0 && (lost(bound) > 0 || lost(bound-100) == 0) {
			t.Fatalf("%+v, %d ms old: with %v it loses %d windows, with a tenth less %d", cfg, newest-e.EventTime, bound, lost(bound), lost(bound-100))
		}
	}
}

// TestAdvice: late records say which bound they ask for, those of an idle
// partition and of processing time none.
func TestAdvice(t *testing.T) {
	late := func(age window.Time, reason stream.Reason) stream.LedgerEntry {
		return stream.LedgerEntry{Reason: reason, EventTime: 100_000 - age, HasEventTime: true, Watermark: 98_000}
	}
	for name, c := range map[string]struct {
		domain stream.Domain
		ledger []stream.LedgerEntry
		w      int
		want   string
	}{
		"none":            {stream.EventTime, []stream.LedgerEntry{late(30_000, stream.LateAfterIdle), {Reason: stream.Malformed}}, 200, ""},
		"processing time": {stream.ProcessingTime, []stream.LedgerEntry{late(30_000, stream.Late)}, 200, ""},
		"one": {
			stream.EventTime,
			[]stream.LedgerEntry{late(20_000, stream.Late)},
			200,
			"--out-of-orderness 10.1s would have taken in the late record; it is 2s, and oriel advise tells what it costs",
		},
		"three": {
			stream.EventTime,
			[]stream.LedgerEntry{late(20_000, stream.Late), late(50_000, stream.Late), late(30_000, stream.Late)},
			100,
			"--out-of-orderness 20.1s would have taken in half of the newest 3 late records, 40.1s all",
		},
		"minutes": {
			stream.EventTime,
			[]stream.LedgerEntry{late(200_000, stream.Late), late(90_000_000, stream.Late)},
			100,
			"--out-of-orderness 3m10.1s would have taken in half of the newest 2 late records, 24h59m50.1s all",
		},
		"narrow": {
			stream.EventTime,
			[]stream.LedgerEntry{late(20_000, stream.Late), late(50_000, stream.Late)},
			55,
			"--out-of-orderness 40.1s would have taken in the late ones",
		},
	} {
		f := &frame{snap: &stream.Snapshot{Domain: c.domain, Specs: []window.Spec{{Size: 10_000, Hop: 10_000}}, OutOfOrderness: 2000, Ledger: c.ledger}}
		if got := f.advice(c.w); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
