package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// betweenBase is when the feeds of these tests begin, in ms.
const betweenBase = 1_795_327_200_000

// A betweenTrial is a random feed of about an hour, with the flags of a replay.
type betweenTrial struct {
	topic      string
	partitions int32
	feed       []message
	flags      []string
	// until is the newest event time that is not wrong.
	until int64
}

func randomBetween(seed uint64) betweenTrial {
	rng := rand.New(rand.NewPCG(seed, 7))
	pick := func(from ...int64) int64 { return from[rng.IntN(len(from))] }
	tr := betweenTrial{topic: fmt.Sprintf("t%d", seed), until: betweenBase}
	size := pick(10_000, 60_000, 300_000)
	hop := size / pick(1, 1, 2, 10)
	inPayload := seed%3 > 0
	maxFuture := pick(0, 5_000, 60_000)
	tr.partitions = 1 + rng.Int32N(4)
	if !inPayload {
		hop, maxFuture, tr.partitions = size, pick(0, 60_000), 1+rng.Int32N(2)
	}
	tr.flags = []string{
		"-m", "none", "--value", "v", "--quiet",
		"-w", fmt.Sprintf("%dms/%dms", size, hop), "-w", "7s/3s", "--origin", fmt.Sprintf("%dms", pick(0, 1234)),
		"--out-of-orderness", fmt.Sprintf("%dms", pick(0, 2_000, 45_000)),
		"--max-future", fmt.Sprintf("%dms", maxFuture),
	}
	if rng.IntN(4) == 0 {
		tr.flags = append(tr.flags, "--agg", "p50,distinct:v,rate")
	}
	switch rng.IntN(6) {
	case 0:
		tr.flags = append(tr.flags, "--time-domain", "processing")
	case 1:
		tr.flags = append(tr.flags, "--empty", "--history", strconv.FormatInt(pick(1, 5), 10))
		fallthrough
	case 2, 3:
		tr.flags = append(tr.flags, "--allowed-lateness", fmt.Sprintf("%dms", pick(3_000, 90_000)))
	case 4:
		tr.flags = append(tr.flags, "--allowed-lateness", "1m", "--emit", "final")
	}
	if inPayload {
		tr.flags = append(tr.flags, "--time", "t", "--time-unit", "ms")
		tr.feedPayloadTimes(rng, maxFuture)
	} else {
		tr.feedCreateTimes(rng)
	}
	return tr
}

// feedPayloadTimes makes event times that are before and behind their Kafka
// timestamps, by max-future, and by more, and Kafka timestamps out of order.
func (tr *betweenTrial) feedPayloadTimes(rng *rand.Rand, maxFuture int64) {
	pick := func(from ...int64) int64 { return from[rng.IntN(len(from))] }
	disorder, stride := pick(1, 3_000, 100_000), pick(2_000, 20_000)
	for p := range tr.partitions {
		now := betweenBase + rng.Int64N(30_000)
		for range rng.IntN(300) {
			now += rng.Int64N(stride)
			created := now - rng.Int64N(disorder)
			t := created + pick(0, -rng.Int64N(disorder), rng.Int64N(maxFuture+1), maxFuture, maxFuture+1+rng.Int64N(600_000))
			tr.add(rng, p, created, t)
			tr.until = max(tr.until, t)
		}
	}
}

// feedCreateTimes makes create times with some disorder, up to one in twelve up to
// an hour late, and some that leap ahead by a day.
func (tr *betweenTrial) feedCreateTimes(rng *rand.Rand) {
	stride := []int64{2_000, 6_000}[rng.IntN(2)]
	leaps, late := rng.IntN(3) == 0, []int{3, 12, 24}[rng.IntN(3)]
	for p := range tr.partitions {
		now := betweenBase + rng.Int64N(30_000)
		for range 1 + rng.IntN(2500) {
			now += rng.Int64N(stride)
			t := now - rng.Int64N(3_000)
			switch n := rng.IntN(300); {
			case n < late:
				t -= rng.Int64N(3_600_000)
			case n == 299 && leaps:
				t += 86_400_000
			}
			tr.add(rng, p, t, t)
		}
		tr.until = max(tr.until, now)
	}
}

// add appends a record to the feed.
func (tr *betweenTrial) add(rng *rand.Rand, partition int32, created, t int64) {
	m := message{partition: partition, timestamp: created}
	if k := rng.IntN(4); k > 0 {
		m.key = fmt.Appendf(nil, "k%d", k)
	}
	value := strconv.FormatFloat(rng.NormFloat64(), 'g', -1, 64)
	if rng.IntN(20) == 0 {
		value = `"broken"`
	}
	m.payload = fmt.Appendf(nil, `{"t":%d,"v":%s}`, t, value)
	tr.feed = append(tr.feed, m)
}

// ranges are some to ask for: random ones, one before the feed, one that ends
// behind it, one of all, and one where nothing can be.
func (tr *betweenTrial) ranges(rng *rand.Rand) [][2]int64 {
	length := tr.until - betweenBase + 1
	a := betweenBase + rng.Int64N(max(1, length))
	out := [][2]int64{
		{betweenBase - 3_600_000, betweenBase + length/4},
		{a, tr.until + 3_600_000},
		{0, tr.until + 1_000_000},
		{tr.until + 1_000_000, tr.until + 2_000_000},
	}
	for range 4 {
		a := betweenBase + rng.Int64N(max(1, length))
		out = append(out, [2]int64{a, a + 10_000 + rng.Int64N(600_000)})
	}
	return out
}

// spanOf is where the window of a line starts and ends.
func spanOf(t *testing.T, line string) (start, end int64) {
	t.Helper()
	var w struct {
		Start int64 `json:"start_ms"`
		End   int64 `json:"end_ms"`
	}
	if err := json.Unmarshal([]byte(line), &w); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return w.Start, w.End
}

// inside are the lines of the windows inside a range.
func inside(t *testing.T, lines []string, a, b int64) []string {
	t.Helper()
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		start, end := spanOf(t, line)
		return start < a || end > b
	})
}

// replayedLines runs replay and returns its lines and how many records it read.
func replayedLines(t *testing.T, codes []int, args ...string) ([]string, int64) {
	t.Helper()
	summary := filepath.Join(t.TempDir(), "summary.json")
	got := oriel(t, append([]string{"replay", "--summary", summary}, args...)...)
	if !slices.Contains(codes, got.code) {
		t.Fatalf("%v: exit code %d: %s", args, got.code, got.stderr)
	}
	return got.lines(), readSummary(t, summary).Records
}

// sameLines fails unless both are the same bytes.
func sameLines(t *testing.T, what any, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("%v: %d lines, want %d; line %d is\n%q\nwant\n%q", what, len(got), len(want), i, got[i:min(i+1, len(got))], want[i:min(i+1, len(want))])
		}
	}
}

// TestBetween compares --between with the windows of a whole replay inside the
// range, byte for byte: event times from Kafka and from the payload, disorder
// within the bounds and far beyond them, several partitions, starts of the log
// that retention has removed.
func TestBetween(t *testing.T) {
	const trials = 24
	addr := newBroker(t).ListenAddrs()[0]
	c := newClient(t, addr, kgo.ProducerBatchMaxBytes(2000))
	var lines, empty int
	saved := map[bool]int{} // by whether event times are create times
	for seed := range uint64(trials) {
		rng := rand.New(rand.NewPCG(seed, 8))
		tr := randomBetween(seed)
		c.createTopic(tr.topic, tr.partitions)
		c.produce(tr.topic, tr.feed...)
		codes := []int{exitDone, exitFailed} // no usable value in any record
		if rng.IntN(3) == 0 {
			c.deleteRecords(tr.topic, min(100, countOf(tr.feed, 0)/2))
			codes = append(codes, exitIncomplete)
		}
		args := append([]string{tr.topic, "-b", addr}, tr.flags...)
		all, records := replayedLines(t, []int{exitDone, exitFailed}, args...)
		for i, r := range tr.ranges(rng) {
			asked := fmt.Sprintf("%d,%d", r[0], r[1])
			if r[0] == 0 {
				asked = fmt.Sprintf("1970-01-01,@%d", r[1])
			}
			between := slices.Concat(args, []string{"--between", asked})
			got, read := replayedLines(t, codes, between...)
			sameLines(t, between, got, inside(t, all, r[0], r[1]))
			if i%3 == 0 {
				_, again := replayedLines(t, codes, slices.Concat(between, []string{"-X", "max.partition.fetch.bytes=1"})...)
				if again != read || read > records {
					t.Fatalf("%v: read %d records, then %d, of %d", between, read, again, records)
				}
			}
			lines += len(got)
			if len(got) == 0 {
				empty++
			}
			if read < records/2 && len(got) > 0 {
				saved[seed%3 == 0]++
			}
		}
	}
	if lines < 10_000 || saved[false] < trials || saved[true] < 8 || empty < trials/2 {
		t.Errorf("%d lines, %v ranges with half the records or fewer, %d without lines: the trials show too little", lines, saved, empty)
	}
}

func countOf(feed []message, partition int32) (n int64) {
	for _, m := range feed {
		if m.partition == partition {
			n++
		}
	}
	return n
}

// TestBetweenOfInput filters an input, which is read whole.
func TestBetweenOfInput(t *testing.T) {
	feed := func() *strings.Reader {
		var b strings.Builder
		for i := range 100 {
			fmt.Fprintf(&b, `{"topic":"t","partition":0,"offset":%d,"tstype":"create","ts":%d,"key":"k","payload":"%d"}`+"\n", i, i*1000, i)
		}
		return strings.NewReader(b.String())
	}
	args := []string{"replay", "--input", "-", "-m", "none", "-w", "10s"}
	all := orielWith(t, feed(), args...)
	got := orielWith(t, feed(), append(args, "--between", "25,@61")...)
	if got.code != exitDone || len(got.lines()) != 3 || !strings.Contains(got.stderr, "100 records") {
		t.Errorf("exit code %d, %d lines: %s", got.code, len(got.lines()), got.stderr)
	}
	sameLines(t, "--between 25,@61", got.lines(), inside(t, all.lines(), 25_000, 61_000))
}

// TestBetweenWithoutTimestamps: the event time is in the payload, and records
// without a Kafka timestamp are not where their event time says.
func TestBetweenWithoutTimestamps(t *testing.T) {
	var feed []message
	for i := range int64(200) {
		m := message{timestamp: -1, payload: fmt.Appendf(nil, `{"t":%d,"v":%d}`, betweenBase+i*1000, i)}
		if i >= 100 {
			m.timestamp = betweenBase + 3_600_000 + i
		}
		feed = append(feed, m)
	}
	addr := brokerWith(t, 1, feed...)
	args := []string{"t", "-b", addr, "-m", "none", "--value", "v", "--time", "t", "-w", "10s", "--quiet"}
	all, _ := replayedLines(t, []int{exitDone}, args...)
	got, _ := replayedLines(t, []int{exitDone}, append(args, "--between", "2026-11-22T06:01:00Z,2026-11-22T06:02:00Z")...)
	if len(got) != 6 {
		t.Errorf("%d lines, want 6", len(got))
	}
	sameLines(t, "--between", got, inside(t, all, betweenBase+60_000, betweenBase+120_000))
}

// TestBetweenTellsRetention: what the log has lost of the range is told.
func TestBetweenTellsRetention(t *testing.T) {
	addr := newBroker(t).ListenAddrs()[0]
	c := newClient(t, addr)
	c.createTopic("t", 1)
	for i := range int64(200) {
		c.produce("t", number(betweenBase+i*1000, "k", strconv.FormatInt(i, 10)))
	}
	c.deleteRecords("t", 50)
	args := []string{"replay", "t", "-b", addr, "-m", "none", "-w", "10s", "--max-future", "10s"}
	got := oriel(t, append(args, "--between", "2026-11-22T06:00:40Z,2026-11-22T06:02:00Z")...)
	if got.code != exitIncomplete || !strings.Contains(got.stderr, "from 2026-11-22T06:00:40.000Z on (--between)") ||
		!strings.Contains(got.stdout, `"incomplete":"start"`) {
		t.Errorf("exit code %d: %s\n%s", got.code, got.stderr, got.stdout)
	}
	got = oriel(t, append(args, "--between", "2026-11-22T06:01:10Z,2026-11-22T06:02:00Z")...)
	if got.code != exitDone || strings.Contains(got.stdout, "incomplete") || len(got.lines()) != 5 {
		t.Errorf("exit code %d: %s\n%s", got.code, got.stderr, got.stdout)
	}
}

func TestBetweenUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []complaint{
		{"replay t --between 2026-11-22", exitUsage, []string{`--between "2026-11-22" is one time`, "give two"}},
		{"replay t --between 2026-11-22,noon", exitUsage, []string{`--between time "noon"`, "RFC 3339 (2026-11-22T06:00:00Z)", "@-15m"}},
		{"replay t --between ,2026-11-22", exitUsage, []string{`--between time ""`}},
		{"replay t --between 2026-11-22,2026-11-21", exitUsage, []string{"ends at 2026-11-21T00:00:00.000Z", "exchange the two"}},
		{"replay t --between -15x,-1m", exitUsage, []string{`time "-15x"`, "duration"}},
		{"replay t --between 1,100000000000001", exitUsage, []string{`"100000000000001"`, "below 100000000000000"}},
		{"replay t --between 2026-11-22T06:00:00.0001Z,2026-11-23", exitUsage, []string{"finer than 1ms"}},
		{"replay t -w 1m --between 30,120", exitDone, nil},
		{"replay t -w 1m --between 30,119", exitUsage, []string{"--between 30,119 has no room for a window of 1m", "widen it"}},
		{"replay t --between 1,100 --from 5", exitUsage, []string{"--from does not go with --between 1,100", "leave one out"}},
		{"replay t --between 1,100 --to end", exitUsage, []string{"--to does not go with --between"}},
		{"tail t --between 1,100", exitUsage, []string{"unknown flag: --between"}},
	} {
		if c.code != exitDone {
			c.check(t)
			continue
		}
		// Nothing listens there: the flags were right.
		if got := oriel(t, append(strings.Fields(c.args), "-b", "127.0.0.1:1")...); got.code != exitConnection {
			t.Errorf("%s: exit code %d: %s", c.args, got.code, got.stderr)
		}
	}
}
