package window

import (
	"math"
	"slices"
	"strconv"
	"testing"
	"time"
)

// differing says, for the cases that expect what ours does not do, and for
// those whose fields an engine could satisfy by accident, what ours does.
var differing = map[string]func(*testing.T, *windowsCase){
	// Hop need not divide size, and size may be the hop; no limit ties lateness to the size.
	"B066": func(t *testing.T, c *windowsCase) {
		accepted(t, c)
		if w := c.Spec.window().sliceWidth(); w != 1000 {
			t.Errorf("slices of %v, want 1s", w)
		}
	},
	"B077": func(t *testing.T, c *windowsCase) {
		accepted(t, c)
		same(t, "windows", panesOf(t, c.Spec.window(), 25), [][2]Time{{20, 30}})
	},
	"B082": accepted,
	// Windows before the epoch are windows.
	"B090": assigns([2]Time{-5, 5}, [2]Time{0, 10}),
	"B091": assigns([2]Time{-10, 0}),
	"B258": func(t *testing.T, c *windowsCase) {
		c.Expect.Emitted = append(c.Expect.Emitted, caseWindow{After: 2, Key: "A", Start: -5, End: 5, Value: 1})
		c.aggregated(t)
	},
	// An origin beyond the hop is its remainder.
	"B106": func(t *testing.T, c *windowsCase) {
		c.acceptsOrigin(t)
		c.assigned(t, c.Expect.Windows)
	},
	// Windows are half-open: an instant on an edge belongs to the later one.
	"B153": oldest("2006-01-02T15:00:00Z", "2006-01-02T16:00:00Z"),
	"B154": oldest("2006-01-02T14:10:00Z", "2006-01-02T15:10:00Z"),
	"B155": oldest("2006-01-02T14:30:00Z", "2006-01-02T15:30:00Z"),
	"B156": oldest("2006-01-02T14:05:00Z", "2006-01-02T15:05:00Z"),
	"B163": assigns([2]Time{1603122420000, 1603122480000}),
	"B273": func(t *testing.T, c *windowsCase) {
		same(t, "windows", panesOf(t, c.Spec.window(), 10500), [][2]Time{{10000, 11000}, {10500, 11500}})
	},
	// A hop longer than the size would hide records.
	"B112": func(t *testing.T, c *windowsCase) { c.refused(t) },
	// Days and hours are those of UTC: no hour comes twice.
	"B179": sliceEnds("2021-03-14T09:00:00Z"),
	"B181": sliceEnds("2021-03-14T11:00:00Z"),
	"B182": sliceEnds("2021-11-07T09:00:00Z"),
	"B184": sliceEnds("2021-11-07T11:00:00Z"),
	// When all are idle the watermark stands where it was until time passes.
	"B211": func(t *testing.T, c *windowsCase) {
		c.Expect.Trace[5] = 2000
		c.watermarks(t)
	},
	// In silence the watermark goes on, but never beyond what a record of this
	// moment would make it.
	"B214": notAhead(1704067202000),
	"B218": notAhead(1704067203000),
	// The watermark is not per key: the third key closes the windows of the others.
	"B228": func(t *testing.T, c *windowsCase) {
		c.Expect.Emitted = []caseWindow{
			{After: 6, Key: "key1", Start: 100, End: 110, Value: 3},
			{After: 6, Key: "key2", Start: 100, End: 110, Value: 3},
		}
		c.aggregated(t)
	},
	"B165": neverStale,
	"B256": lateByWindow,
	"B268": slidingLate,
	"B270": saturates,
	"B272": func(t *testing.T, c *windowsCase) {
		c.Expect.WMBefore = []byte("[null, 5000, 5000]") // unknown, where Spark has 0
		c.aggregated(t)
	},
	"B274": nothingPurged,
	"B286": guarded,
}

func assigns(want ...[2]Time) func(*testing.T, *windowsCase) {
	return func(t *testing.T, c *windowsCase) { c.assigned(t, want) }
}

// instant reads RFC 3339 to the millisecond, cutting what is finer.
func instant(t *testing.T, s string) Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return Time(at.UnixMilli())
}

// oldest checks the first of the windows that hold the case's instant.
func oldest(start, end string) func(*testing.T, *windowsCase) {
	return func(t *testing.T, c *windowsCase) {
		windows := panesOf(t, c.Spec.window(), instant(t, c.Events[0].Now.(string)))
		same(t, "oldest window", windows[:1], [][2]Time{{instant(t, start), instant(t, end)}})
	}
}

// sliceEnds checks the end of the slice that the case's event falls in.
func sliceEnds(end string) func(*testing.T, *windowsCase) {
	return func(t *testing.T, c *windowsCase) {
		want := instant(t, end)
		c.Expect.PaneEnd = &want
		c.sliced(t)
	}
}

// neverStale: Faust judges by the wall clock, so that a replay is stale at
// once. Ours reads no clock: records of any age count if they come in order,
// and the newest event time alone makes one late.
func neverStale(t *testing.T, c *windowsCase) {
	cfg := PartitionConfig{Specs: []Spec{{Size: *c.Spec.Size, Hop: *c.Spec.Advance}}}
	p := NewPartition(cfg)
	for _, at := range slices.Concat(c.Expect.StaleMS, c.Expect.NotStaleMS) {
		p.Observe(at)
		if v := p.Add(nil, at, &Place{}, nil); v != (Verdict{Of: 2}) {
			t.Errorf("at %d: %+v, want in time", at, v)
		}
	}
	// The newest is 59000: [35000, 45000) and [40000, 50000) are closed.
	if v := p.Judge(41000); v != (Verdict{Lost: 2, Of: 2}) {
		t.Errorf("a record at 41000 behind one at 59000: %+v, want late", v)
	}
}

// lateByWindow adds to the case what its fields leave open: the records at 5
// and 6 lost one window of two, those before lost both, the others none.
func lateByWindow(t *testing.T, c *windowsCase) {
	c.aggregated(t)
	p := newPipe(t, c)
	for i := range c.Events {
		p.do(c, i)
	}
	all, half, none := Verdict{Lost: 2, Of: 2}, Verdict{Lost: 1, Of: 2}, Verdict{Of: 2}
	same(t, "verdicts", p.verdicts, []Verdict{none, all, all, all, all, all, half, half, none, none})
	same(t, "windows", p.lines(c, true), []string{`[5, 15) "k" after 8: [5 6]`})
}

// notAhead: the case's event times are ahead of its wall clock and the silence
// is counted from the newest event time. With a wall clock that is not behind
// it ours is the same; with the case's, the watermark waits for it at want.
func notAhead(want Time) func(*testing.T, *windowsCase) {
	return func(t *testing.T, c *windowsCase) {
		held := *c
		held.Expect.WM = strconv.AppendInt(nil, int64(want), 10)
		held.watermarks(t)
		*c.Spec.StartNow += 20_000
		c.watermarks(t)
	}
}

// slidingLate adds to the case its verdicts: 2400 lost [0, 3000) alone when
// the watermark was 3001, and 3001 everything at 6001.
func slidingLate(t *testing.T, c *windowsCase) {
	c.aggregated(t)
	p := newPipe(t, c)
	for i := range c.Events {
		p.do(c, i)
	}
	in, wm := Verdict{Of: 3}, Verdict{}
	same(t, "verdicts", p.verdicts, []Verdict{
		in, wm, in, wm, in, {Lost: 1, Of: 3}, {Lost: 1, Of: 3}, in, in, wm, {Lost: 3, Of: 3}, wm,
	})
}

// saturates: the case's event time is 292 million years ahead, which is no
// event time here. What it guards against holds all the same: neither the end
// nor the time up to which late records count wraps around.
func saturates(t *testing.T, c *windowsCase) {
	at, want := *c.Events[0].TS, c.Expect.Emitted[0]
	if at.IsEventTime() {
		t.Errorf("%d is accepted", at)
	}
	cfg := c.Spec.config(true)
	cfg.OutOfOrderness = 0
	b := newBand(cfg, 1)
	b.observe(0, at)
	b.parts[0].Add([]byte(want.Key), at, &Place{}, nil)
	for _, e := range c.Events[1:] {
		if panes := b.report(); len(panes) > 0 {
			t.Errorf("panes %+v before the watermark %d", panes, *e.WM)
		}
		b.observe(0, *e.WM+1)
	}
	panes := b.report()
	if len(panes) != 1 || panes[0].Span != (Span{want.Start, want.End}) || panes[0].Count != 1 {
		t.Errorf("panes %+v, want %+v", panes, want)
	}
	if v := b.parts[0].Judge(at); v != (Verdict{Late: 1, Of: 1}) {
		t.Errorf("a record behind the close: %+v, want one that counts in the final content", v)
	}
	b.parts[0].Finish()
	if panes := b.report(); len(panes) > 0 {
		t.Errorf("panes %+v at the end, want none", panes)
	}
}

// nothingPurged: the case acknowledges and loses what is older than two
// windows of wall clock. Ours keeps all eight records: they came in order.
func nothingPurged(t *testing.T, c *windowsCase) {
	var at []Time
	for _, e := range c.Events {
		if e.TSNS != 0 {
			at = append(at, Time(e.TSNS/1_000_000))
		}
		for _, s := range e.Write {
			at = append(at, Time(math.Round(s*1000)))
		}
	}
	p := NewPartition(PartitionConfig{Specs: []Spec{c.Spec.window()}})
	for _, x := range at {
		p.Observe(x)
		if v := p.Add(nil, x, &Place{}, nil); v.Lost != 0 {
			t.Errorf("at %d: %+v", x, v)
		}
	}
	p.Finish()
	counts := make(map[Time]int64)
	for _, f := range p.Report().Frozen {
		counts[c.Spec.window().Span(f.Number).Start] = f.Shares[0].Count
	}
	want := map[Time]int64{7000: 1, 8000: 1, 9000: 1, 10000: 5}
	for start, n := range want {
		if counts[start] != n || len(counts) != len(want) {
			t.Errorf("windows %v, want %v", counts, want)
		}
	}
}

// guarded: one event time of the payload is a day ahead of its record. It is
// refused before it moves the watermark, and no other record is lost.
func guarded(t *testing.T, c *windowsCase) {
	cfg := c.Spec.config(false)
	cfg.MaxFuture = 300_000
	p := NewPartition(cfg)
	kafka := *c.Events[0].TS
	var refused []int
	for i, e := range c.Events {
		if kafka += 60_000; IsFuture(*e.TS, int64(kafka), p.cfg.MaxFuture) {
			refused = append(refused, i)
			continue
		}
		p.Observe(*e.TS)
		if v := p.Add(nil, *e.TS, &Place{}, nil); v.Lost != 0 {
			t.Errorf("event %d: %+v", i, v)
		}
	}
	same(t, "refused", refused, []int{2})
}
