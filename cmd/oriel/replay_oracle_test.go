package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// A trial is a random feed with a random command line.
type trial struct {
	rule
	feed []fed
	// payloadTime puts the event time into the payload, where it may be
	// negative and may be in the future of the Kafka timestamp.
	payloadTime bool
	starts      []int64
	logEnds     []int64
}

func randomTrial(seed uint64) trial {
	rng := rand.New(rand.NewPCG(seed, 1))
	pick := func(from ...int64) int64 { return from[rng.IntN(len(from))] }
	tr := trial{payloadTime: rng.IntN(2) == 0}
	tr.size = pick(1, 7, 10, 60, 100, 1000)
	tr.hop = 1 + rng.Int64N(tr.size)
	if rng.IntN(2) == 0 {
		tr.hop = tr.size / pick(1, 1, 2, 5, 10)
		tr.hop = max(tr.hop, 1)
	}
	tr.hop = max(tr.hop, tr.size/20) // a window every millisecond of a second shows no more
	tr.origin = pick(0, 0, 3, -2, 1000)
	tr.outOfOrderness = pick(0, 1, 5, 50)
	tr.partitions = 1 + rng.IntN(4)
	base := int64(1_000_000)
	if tr.payloadTime {
		base = pick(0, -500, -1_000_000, 1_000_000)
	}
	disorder := pick(0, 3, 60, 300)
	keys := []string{"", "a", "b", "zürich", "\x00\xff"}
	for p := range tr.partitions {
		start := pick(0, 0, 0, 17)
		offset := start
		tr.starts = append(tr.starts, start)
		tr.fromBeginning = append(tr.fromBeginning, start == 0)
		now := base + rng.Int64N(50)
		for range rng.IntN(60) {
			now += rng.Int64N(12)
			x := fed{partition: p, offset: offset, time: now - rng.Int64N(disorder+1)}
			if n := rng.IntN(len(keys) + 1); n > 0 {
				x.key = &keys[n-1]
			}
			x.value = math.Round(rng.NormFloat64()*1000) / 8
			x.broken = rng.IntN(20) == 0
			if tr.payloadTime && rng.IntN(25) == 0 {
				x.future, x.time = true, x.time+86_400_000
			}
			tr.feed = append(tr.feed, x)
			offset += pick(1, 1, 1, 3) // compacted offsets are no gap
		}
		tr.logEnds = append(tr.logEnds, offset)
		tr.short = append(tr.short, rng.IntN(6) == 0)
	}
	return tr
}

// envelope is the feed as oriel reads it, partition after partition or mixed.
func (tr trial) envelope(rng *rand.Rand) string {
	type bounds map[string]int64
	header := map[string]bounds{}
	queues := make([][]string, tr.partitions)
	for p := range tr.partitions {
		b := bounds{"start": tr.starts[p], "end": tr.logEnds[p]}
		if tr.short[p] {
			b["log_end"] = tr.logEnds[p] + 10
		}
		header[strconv.Itoa(p)] = b
	}
	for _, x := range tr.feed {
		queues[x.partition] = append(queues[x.partition], tr.line(x))
	}
	first, _ := json.Marshal(map[string]any{"oriel": 1, "partitions": map[string]any{"t": header}})
	out := []string{string(first)}
	for left := len(tr.feed); left > 0; left-- {
		p := rng.IntN(tr.partitions)
		for len(queues[p]) == 0 {
			p = (p + 1) % tr.partitions
		}
		out = append(out, queues[p][0])
		queues[p] = queues[p][1:]
	}
	return strings.Join(out, "\n") + "\n"
}

func (tr trial) line(x fed) string {
	value := strconv.FormatFloat(x.value, 'g', -1, 64)
	if x.broken {
		value = `"broken"`
	}
	e := map[string]any{"topic": "t", "partition": x.partition, "offset": x.offset, "tstype": "create", "ts": x.time}
	payload := fmt.Sprintf(`{"v":%s}`, value)
	if tr.payloadTime {
		payload = fmt.Sprintf(`{"t":%d,"v":%s}`, x.time, value)
		e["ts"] = max(0, x.time)
		if x.future {
			e["ts"] = max(0, x.time-86_400_000)
		}
	}
	e["payload"] = payload
	switch {
	case x.key == nil:
		e["key"] = nil
	case *x.key == "\x00\xff":
		e["key_base64"] = "AP8="
	default:
		e["key"] = *x.key
	}
	text, _ := json.Marshal(e)
	return string(text)
}

func (tr trial) args() []string {
	args := []string{
		"replay", "--input", "-", "-m", "none", "--quiet", "--value", "v", "--format", "json",
		"-w", fmt.Sprintf("%dms/%dms", tr.size, tr.hop), "--origin", fmt.Sprintf("%dms", tr.origin),
		"--out-of-orderness", fmt.Sprintf("%dms", tr.outOfOrderness),
	}
	if tr.payloadTime {
		args = append(args, "--time", "t", "--time-unit", "ms")
	}
	return args
}

// core is what is compared of a printed line.
type core struct {
	Key        *string   `json:"key"`
	KeyBase64  string    `json:"key_base64"`
	Start      int64     `json:"start_ms"`
	End        int64     `json:"end_ms"`
	ClosedBy   string    `json:"closed_by"`
	Incomplete string    `json:"incomplete"`
	Count      int64     `json:"count"`
	Sum        float64   `json:"sum"`
	Mean       float64   `json:"mean"`
	Min        float64   `json:"min"`
	Max        float64   `json:"max"`
	Stddev     *float64  `json:"stddev"`
	First      float64   `json:"first"`
	Last       float64   `json:"last"`
	Offsets    []offsets `json:"offsets"`
}

type offsets struct {
	Partition int64 `json:"partition"`
	First     int64 `json:"first"`
	Last      int64 `json:"last"`
}

// compare says how a printed line differs from what the oracle expects, ""
// for not at all. Values are multiples of 1/8, so sums are exact; the mean and
// the deviation may differ in the last digits.
func compare(text string, want expected) string {
	var got core
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		return err.Error()
	}
	if got.KeyBase64 == "AP8=" {
		key := "\x00\xff"
		got.Key = &key
	}
	show := func(key *string) string {
		if key == nil {
			return "null"
		}
		return strconv.Quote(*key)
	}
	stddev := math.NaN()
	if got.Stddev != nil {
		stddev = *got.Stddev
	}
	var ranges [][3]int64
	for _, o := range got.Offsets {
		ranges = append(ranges, [3]int64{o.Partition, o.First, o.Last})
	}
	exact := func(key *string, start, end, count int64, by, incomplete string, offsets [][3]int64, numbers ...float64) string {
		return fmt.Sprint(show(key), start, end, count, by, incomplete, offsets, numbers)
	}
	g := exact(got.Key, got.Start, got.End, got.Count, got.ClosedBy, got.Incomplete, ranges, got.Sum, got.Min, got.Max, got.First, got.Last)
	w := exact(want.key, want.start, want.end, want.count, want.closedBy, want.incomplete, want.offsets, want.sum, want.min, want.max, want.first, want.last)
	if g != w || !near(got.Mean, want.mean) || !near(stddev, want.stddev) {
		return fmt.Sprintf("got  %s mean %v stddev %v\nwant %s mean %v stddev %v", g, got.Mean, stddev, w, want.mean, want.stddev)
	}
	return ""
}

func near(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-12*math.Max(1, math.Abs(b))
}

// TestReplayAgainstOracle compares replay with windows by definition, over
// random partitions, disorder, sizes, hops, origins and negative times.
func TestReplayAgainstOracle(t *testing.T) {
	const trials = 400
	var lines, late, partly int
	for seed := range uint64(trials) {
		tr := randomTrial(seed)
		want, wantLate, wantPartly := oracle(tr.rule, tr.feed)
		if usable(tr.feed) == 0 {
			continue // exit code 1, which another test is about
		}
		summary := t.TempDir() + "/summary.json"
		input := tr.envelope(rand.New(rand.NewPCG(seed, 2)))
		got := orielWith(t, strings.NewReader(input), append(tr.args(), "--summary", summary)...)
		if got.code != exitDone {
			t.Fatalf("seed %d: exit code %d: %s", seed, got.code, got.stderr)
		}
		if len(got.lines()) != len(want) {
			t.Fatalf("seed %d: %d lines, want %d (%v)", seed, len(got.lines()), len(want), tr.args())
		}
		for i, text := range got.lines() {
			if diff := compare(text, want[i]); diff != "" {
				t.Fatalf("seed %d, line %d, %v:\n%s", seed, i, tr.args(), diff)
			}
		}
		if s := readSummary(t, summary); s.Late != wantLate || s.PartlyLate != wantPartly {
			t.Fatalf("seed %d: %d late and %d partly, want %d and %d", seed, s.Late, s.PartlyLate, wantLate, wantPartly)
		}
		lines, late, partly = lines+len(want), late+wantLate, partly+wantPartly
	}
	if lines < 10_000 || late < 100 || partly < 100 {
		t.Errorf("%d lines, %d late, %d partly late: the trials show too little", lines, late, partly)
	}
}

func usable(feed []fed) (n int) {
	for _, x := range feed {
		if !x.broken {
			n++
		}
	}
	return n
}
