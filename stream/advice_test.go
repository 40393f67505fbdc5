package stream

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/window"
)

// stamped decodes a payload "5" as the event time 5, "?" as no value at the
// Kafka timestamp, "!" as malformed, and any other as the Kafka timestamp.
type stamped struct{}

func (stamped) Series() []string { return nil }

func (stamped) Decode(r *Record, e *Event) {
	*e = Event{Time: window.Time(r.Timestamp)}
	switch text := string(r.Value); text {
	case "?":
		e.Reason = NoField
	case "!":
		e.TimeReason, e.Reason = Malformed, Malformed
	default:
		if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
			e.Time, e.FromPayload = window.Time(ms), true
		}
	}
}

// logOf has a record of each timestamp.
func logOf(clock window.Clock, timestamps ...int64) []Record {
	records := make([]Record, len(timestamps))
	for i, ts := range timestamps {
		records[i] = Record{Offset: int64(i), Timestamp: ts, Clock: clock}
	}
	return records
}

// advise reads partitions with tumbling windows of 10 and a max-future of 100.
func advise(t *testing.T, partitions ...[]Record) *Advice {
	t.Helper()
	advice, err := Advise(t.Context(), AdviceConfig{
		Specs: []window.Spec{{Size: 10, Hop: 10}}, MaxFuture: 100,
		NewDecoder: func() Decoder { return stamped{} },
	}, &logs{chunk: 3, partitions: partitions})
	if err != nil {
		t.Fatal(err)
	}
	return advice
}

// TestAdvise: partitions have their own order, and the silent ones are there.
func TestAdvise(t *testing.T) {
	// 3 is behind 25 and needs more than 25 - 10; 24 loses nothing.
	first := logOf(window.ClockAppend, 1, 25, 3, 24)
	first = append(first, Record{Offset: 4, Timestamp: 30, Value: []byte("?")}, Record{Offset: 5, Value: []byte("!")},
		Record{Offset: 6, Timestamp: 29, Clock: window.ClockAppend}) // behind the unusable one, and late for its window
	got := advise(t, first, nil, logOf(window.ClockAppend, 15, 5))
	if len(got.Partitions) != 3 || got.Partitions[2].ID.Partition != 2 {
		t.Fatalf("%+v", got.Partitions)
	}
	type account struct {
		Read, Counted, OutOfOrder int64
		Lossless                  window.Duration
	}
	of := func(p *PartitionAdvice) account {
		return account{p.Records(), p.Disorder.Records(), p.Disorder.OutOfOrder(), p.Disorder.Lossless()}
	}
	want := []account{{7, 5, 3, 16}, {}, {2, 2, 1, 6}, {9, 7, 4, 16}}
	var accounts []account
	for _, p := range append(got.Partitions, got.All) {
		accounts = append(accounts, of(p))
	}
	if diff := cmp.Diff(want, accounts); diff != "" {
		t.Error(diff)
	}
	if r := got.All.Rejects; r[NoField] != 1 || r[Malformed] != 1 {
		t.Errorf("%v", r)
	}
	for bound, late := range map[window.Duration]int64{0: 3, 1: 2, 5: 2, 6: 1, 15: 1, 16: 0} {
		if loss := got.All.Disorder.Loss(bound); loss != (window.Loss{Late: late}) {
			t.Errorf("%v loses %+v, want %d late", bound, loss, late)
		}
	}
	if diff := cmp.Diff([]window.Duration{0, 1, 10, 16}, got.Ladder); diff != "" || got.All.Recommended() != 16 {
		t.Errorf("recommended %v, %s", got.All.Recommended(), diff)
	}
}

// TestAdviseNamesLeaps: create times are guarded by what comes behind them,
// payload times by the Kafka timestamp, append times by nothing.
func TestAdviseNamesLeaps(t *testing.T) {
	payload := func(offset, ts, event int64) Record {
		return Record{Offset: offset, Timestamp: ts, Clock: window.ClockCreate, Value: strconv.AppendInt(nil, event, 10)}
	}
	unknown := window.MinTime
	for name, c := range map[string]struct {
		log     []Record
		leaps   []Leap
		counted int64
	}{
		"a refuted create time":       {logOf(window.ClockCreate, 0, 100, 5000, 110), []Leap{{2, 100, 5000, false}}, 3},
		"a believed one":              {logOf(window.ClockCreate, 0, 100, 5000, 5100), []Leap{{2, 100, 5000, true}}, 4},
		"one that the end believes":   {logOf(window.ClockCreate, 0, 100, 5000), []Leap{{2, 100, 5000, true}}, 3},
		"the first":                   {logOf(window.ClockCreate, 5000, 0, 100), []Leap{{0, unknown, 5000, false}}, 2},
		"append time leaps":           {logOf(window.ClockAppend, 0, 5000, 0), []Leap{{1, 0, 5000, true}}, 3},
		"append time behind a create": {append(logOf(window.ClockCreate, 0), Record{Offset: 1, Timestamp: 5, Clock: window.ClockAppend}), nil, 2},
		"a payload time of the future": {
			[]Record{payload(0, 0, 0), payload(1, 10, 111), payload(2, 20, 120)},
			[]Leap{{1, 0, 111, false}, {2, 0, 120, true}},
			2,
		},
	} {
		got := advise(t, c.log)
		p := got.Partitions[0]
		if diff := cmp.Diff(c.leaps, p.Leaps); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		var believed, refuted int64
		for _, l := range c.leaps {
			if l.Believed {
				believed++
			} else {
				refuted++
			}
		}
		if p.Believed != believed || p.Refuted != refuted || p.Rejects[Future] != refuted || p.Disorder.Records() != c.counted ||
			got.All.Believed != believed || got.All.Refuted != refuted {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// TestAdviseListsSomeLeaps and counts the others.
func TestAdviseListsSomeLeaps(t *testing.T) {
	var times []int64
	for i := range int64(3 * maxLeaps) {
		times = append(times, i*1000)
	}
	got := advise(t, logOf(window.ClockAppend, times...))
	if p := got.Partitions[0]; len(p.Leaps) != maxLeaps || p.Leaps[1].Offset != 2 || got.All.Believed != 3*maxLeaps-1 || len(got.All.Leaps) != 0 {
		t.Errorf("%d are listed, %d counted", len(p.Leaps), got.All.Believed)
	}
}

// TestAdviseKeepsProgress: by offsets, which may be missing.
func TestAdviseKeepsProgress(t *testing.T) {
	records := logOf(window.ClockAppend, 1, 2, 3, 4)
	records[1].Offset, records[2].Offset, records[3].Offset = 5, 6, 9
	var p Progress
	cfg := AdviceConfig{NewDecoder: func() Decoder { return stamped{} }, Progress: &p}
	if _, err := Advise(t.Context(), cfg, &logs{chunk: 3, partitions: [][]Record{records}}); err != nil {
		t.Fatal(err)
	}
	if p.Offsets.Load() != 10 || p.Total.Load() != 4 {
		t.Errorf("%d of %d", p.Offsets.Load(), p.Total.Load())
	}
}

// TestAdviseCutShort: what was read is accounted for, what waited too, and what
// was lost is told.
func TestAdviseCutShort(t *testing.T) {
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	src := &logs{chunk: 2, partitions: [][]Record{logOf(window.ClockCreate, 1, 2, 3)}, hold: make(chan struct{})}
	decoder := cancelling{cancel: func() { cancel(enough) }}
	advice, err := Advise(ctx, AdviceConfig{MaxFuture: 100, NewDecoder: func() Decoder { return decoder }}, src)
	if !errors.Is(err, enough) || advice.All.Disorder.Records() != 3 {
		t.Errorf("%v, %d records", err, advice.All.Disorder.Records())
	}
	advice, err = Advise(t.Context(), AdviceConfig{NewDecoder: func() Decoder { return stamped{} }}, lossy{})
	if err != nil || len(advice.Gaps) != 2 {
		t.Errorf("%v, %v", err, advice.Gaps)
	}
}

// cancelling cancels at the third record.
type cancelling struct {
	stamped
	cancel func()
}

func (c cancelling) Decode(r *Record, e *Event) {
	c.stamped.Decode(r, e)
	if r.Offset == 2 {
		c.cancel()
	}
}
