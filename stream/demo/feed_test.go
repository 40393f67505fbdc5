package demo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/oriel-stream/oriel/window"
)

func all(n int64) func(read, end int64) bool {
	return func(read, end int64) bool { return read >= n && read >= end }
}

// load starts a broker, loads n records and reads them back.
func load(t *testing.T, n int64) map[int32][]*kgo.Record {
	t.Helper()
	b := start(t, func(c *Config) { c.Records = n })
	if err := b.Load(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	b.cluster.ApplyRetention() // nothing may be removed
	return consume(t.Context(), t, b, all(n))
}

func digestLog(log map[int32][]*kgo.Record) string {
	h := sha256.New()
	for p := range int32(len(log)) {
		for _, r := range log[p] {
			digest(h, int(p), r.Timestamp.UnixMilli(), r.Key, r.Value)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func TestLoadIsReproducible(t *testing.T) {
	const n = 50_000
	log := load(t, n)
	if len(log) != 4 {
		t.Errorf("records in %d partitions, want 4", len(log))
	}
	total := 0
	for p, records := range log {
		total += len(records)
		for i, r := range records {
			if r.Offset != int64(i) {
				t.Fatalf("partition %d: offset %d at place %d", p, r.Offset, i)
			}
		}
	}
	if total != n {
		t.Errorf("%d records, want %d", total, n)
	}
	if a, b := digestLog(log), digestLog(load(t, n)); a != b {
		t.Errorf("two loads differ: %s, %s", a, b)
	}
	// What lies in the topic is what the generator made, partition by
	// partition.
	made := generate(DefaultConfig(), loadStart, n)
	slices.SortStableFunc(made, func(a, b record) int { return a.partition - b.partition })
	if digestLog(log) != digestAll(made) {
		t.Error("the log differs from what the generator made")
	}
}

// TestLoadTellsTheStory looks for every element of the story in the topic, as
// a consumer that knows nothing of the generator.
func TestLoadTellsTheStory(t *testing.T) {
	const n = 60_000 // 300 s
	seen := map[string]int{}
	first, last := window.MaxTime, window.MinTime
	for p, records := range load(t, n) {
		newest, previous := int64(0), records[0].Timestamp
		for _, r := range records {
			if r.Timestamp.Sub(previous) > 19*time.Second {
				seen["silence"]++
				if p != 3 {
					t.Errorf("partition %d is silent before offset %d", p, r.Offset)
				}
			}
			previous = r.Timestamp
			ts, what := classify(r)
			seen[what]++
			if r.Key == nil {
				seen["null key"]++
			}
			if what != "whole" && what != "hot" {
				continue
			}
			if ts <= newest-2000 {
				seen["late"]++
			}
			newest = max(newest, ts)
			first, last = min(first, window.Time(ts)), max(last, window.Time(ts))
		}
	}
	t.Logf("seen: %v", seen)
	for what, least := range map[string]int{
		"silence": 3, "late": 60, "future": 150, "null key": 10, "hot": 100,
		"malformed": 5, "empty": 5, "null": 5, "text": 5, "NaN": 5,
	} {
		if seen[what] < least {
			t.Errorf("%s: seen %d times, want at least %d", what, seen[what], least)
		}
	}
	if span := last - first; first.String() != "2026-11-22T06:00:00.000Z" || span != 300_000-5 {
		t.Errorf("event times span %d ms from %v on", span, first)
	}
}

// classify returns the event time of a record and says what it is.
func classify(r *kgo.Record) (ts int64, what string) {
	var p struct {
		Temp   any
		Status string
		TS     int64
	}
	switch {
	case r.Value == nil:
		return 0, "null"
	case len(r.Value) == 0:
		return 0, "empty"
	case json.Unmarshal(r.Value, &p) != nil:
		return 0, "malformed"
	case p.TS > r.Timestamp.UnixMilli():
		return p.TS, "future"
	case p.Temp == "n/a":
		return p.TS, "text"
	case p.Temp == "NaN":
		return p.TS, "NaN"
	case p.Status == "hot":
		return p.TS, "hot"
	}
	return p.TS, "whole"
}

func TestLoadProgress(t *testing.T) {
	var told []int64
	b := start(t, func(c *Config) {
		c.Records = 40_000
		c.Progress = func(done int64) { told = append(told, done) }
	})
	if err := b.Load(t.Context(), 40_000); err != nil {
		t.Fatal(err)
	}
	if len(told) < 2 || !slices.IsSorted(told) || told[len(told)-1] != 40_000 {
		t.Errorf("told %v, want a rising row that ends at 40000", told)
	}
}

func TestLoadErrors(t *testing.T) {
	live := start(t, nil)
	kept := start(t, func(c *Config) { c.Records = 10 })
	tests := []struct {
		name   string
		broker *Broker
		n      int64
		want   string
	}{
		{"a live topic", live, 10, "--records"},
		{"nothing", kept, 0, "0 records: not between 1 and 20000000"},
		{"too much", kept, maxRecords + 1, "20000001 records: not between 1 and 20000000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.broker.Load(t.Context(), tt.n)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v does not say %q", err, tt.want)
			}
		})
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	cancel(cause)
	if err := kept.Load(ctx, 10); !errors.Is(err, cause) {
		t.Errorf("error %v, want %v", err, cause)
	}
}

// TestAdvance drives the live feed by hand: the backfill at once, then what
// has come since, and no more than the backfill after a long sleep.
func TestAdvance(t *testing.T) {
	b := start(t, nil)
	now := loadStart
	f := b.newFeed(now.Sub(backfill), 0)
	defer f.producer.close()
	steps := []struct {
		name      string
		pass      window.Duration
		low, high float64
	}{
		{"backfill of two minutes", 0, 23_900, 24_000},
		{"the same moment", 0, 0, 0},
		{"a tenth of a second", 100, 10, 30},
		{"a second", 1000, 185, 215},
		// Those that were on their way, and two minutes. The last partition
		// may be silent for 20 s of 50 records.
		{"an hour's sleep", 3600_000, 22_900, 24_200},
	}
	for _, s := range steps {
		now = now.Add(s.pass)
		before := f.done
		if err := f.advance(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		within(t, s.name, float64(f.done-before), s.low, s.high)
	}
	for p, records := range consume(t.Context(), t, b, all(f.done)) {
		if last := records[len(records)-1].Timestamp.UnixMilli(); last > int64(now) {
			t.Errorf("partition %d: a record of the future, %d after %v", p, last, now)
		}
	}
}

// TestRun runs the live feed against the clock until a record of the present
// is there, and the backfill of every partition. Which of them a consumer gets
// first is not said: a partition is read to its end, the present with it,
// before the broker has the backfill of another.
func TestRun(t *testing.T) {
	const least, most = 20_000, 24_000
	began := time.Now()
	b := start(t, nil)
	deadline, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	ctx, cancel := context.WithCancelCause(deadline)
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()

	client := newConsumer(t, b)
	oldest, backfilled := began, 0
	for live := false; !live || backfilled < least; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("after %d records before the start, a record of the present: %t: %v", backfilled, live, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if r.Timestamp.After(began) {
				live = true
				return
			}
			backfilled++
			if r.Timestamp.Before(oldest) {
				oldest = r.Timestamp
			}
		})
	}
	within(t, "age of the oldest record in seconds", began.Sub(oldest).Seconds(), 110, 120)
	within(t, "records before the start", float64(backfilled), least, most)

	cause := errors.New("the user has seen enough")
	cancel(cause)
	if err := <-ended; !errors.Is(err, cause) {
		t.Errorf("Run returned %v, want %v", err, cause)
	}
}

func TestRunOnClosedBroker(t *testing.T) {
	b := start(t, nil)
	b.Close()
	err := b.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "produce to sensors, partition ") {
		t.Errorf("error %v does not name what failed", err)
	}
}
