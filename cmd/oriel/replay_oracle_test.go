package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A trial is a random feed with a random command line.
type trial struct {
	rule
	feed    []fed
	starts  []int64
	logEnds []int64
}

// units are what trials count time in: milliseconds, and so much that windows
// are as long as days.
var units = []int64{1, 1, 1, 3_600_000}

func randomTrial(seed uint64) trial {
	rng := rand.New(rand.NewPCG(seed, 1))
	pick := func(from ...int64) int64 { return from[rng.IntN(len(from))] }
	one := func(in int) bool { return rng.IntN(in) == 0 }
	unit := units[rng.IntN(len(units))]
	tr := trial{rule: rule{
		origin: unit * pick(0, 0, 3, -2, 1000), outOfOrderness: unit * pick(0, 1, 5, 50), lateness: unit * pick(0, 0, 1, 10, 60, 500),
		maxFuture: unit * pick(40, 200, 300_000), series: []string{"v"}, emit: "on-time", history: pick(1, 3, 30),
		payloadTime: one(2), appended: one(4), processing: one(8), empty: one(4),
	}}
	if one(3) {
		tr.emit = "final"
	}
	if one(3) {
		tr.series = []string{"v", "u"}
	}
	if one(4) {
		tr.maxKeys = int(pick(1, 2, 5, 9))
	}
	for len(tr.specs) == 0 || one(3) {
		if s := randomSpec(rng, unit); !slices.Contains(tr.specs, s) {
			tr.specs = append(tr.specs, s)
		}
	}
	topics := pick(1, 1, 2, 3)
	parts := 1 + rng.IntN(4)
	for p := range parts {
		tr.parts = append(tr.parts, place{topic: string("tab"[rng.Int64N(topics)]), short: one(6), fromBeginning: true})
		for _, q := range tr.parts[:p] {
			if q.topic == tr.parts[p].topic {
				tr.parts[p].partition++
			}
		}
	}
	tr.feedAll(rng, unit)
	return tr
}

func randomSpec(rng *rand.Rand, unit int64) hopping {
	pick := func(from ...int64) int64 { return from[rng.IntN(len(from))] }
	s := hopping{size: unit * pick(1, 7, 10, 24, 60, 100, 1000)}
	s.hop = unit * (1 + rng.Int64N(s.size/unit))
	if rng.IntN(2) == 0 {
		s.hop = max(unit, s.size/pick(1, 1, 2, 5, 10))
	}
	s.hop = max(s.hop, s.size/20) // a window every millisecond of a second shows no more
	return s
}

// feedAll fills the partitions.
func (tr *trial) feedAll(rng *rand.Rand, unit int64) {
	pick := func(from ...int64) int64 { return from[rng.IntN(len(from))] }
	base := unit * 1_000_000
	if tr.payloadTime && !tr.processing {
		base = unit * pick(0, -500, -1_000_000, 1_000_000)
	}
	disorder := unit * pick(0, 3, 60, 300)
	// What disorder of more than that does to leaps is for the guard's own tests.
	tr.maxFuture = max(tr.maxFuture, 2*disorder+40*unit)
	leap := 2*tr.maxFuture + 86_400_000
	keys := []string{"", "a", "b", "zürich", "\x00\xff"}
	for p := range tr.parts {
		offset := pick(0, 0, 0, 17)
		tr.parts[p].fromBeginning = offset == 0
		tr.starts = append(tr.starts, offset)
		now := base + unit*rng.Int64N(50)
		ahead, leaps := int64(0), pick(0, 0, 20)
		tr.parts[p].before = pick(lowest, highest, highest, base-20*unit, base+unit*rng.Int64N(400))
		for range rng.IntN(80) * int(pick(1, 1, 1, 1, 1, 1, 1, 0)) {
			now += rng.Int64N(12 * unit)
			if leaps > 0 && rng.Int64N(2*leaps) == 0 {
				ahead = pick(0, leap) // from here on
			}
			x := fed{part: p, offset: offset, time: now + ahead - rng.Int64N(disorder+1)}
			x.stamp = max(0, x.time+rng.Int64N(20*unit)-10*unit)
			if n := rng.IntN(len(keys) + 1); n > 0 {
				x.key = &keys[n-1]
			}
			for range tr.series {
				value := math.Round(rng.NormFloat64()*1000) / 8
				if rng.IntN(20) == 0 {
					value = math.NaN()
				}
				x.values = append(x.values, value)
			}
			if leaps > 0 && rng.Int64N(leaps) == 0 {
				x.time += leap * pick(1, 2) // alone
			}
			if !tr.payloadTime {
				x.stamp = x.time
			}
			tr.feed = append(tr.feed, x)
			offset += pick(1, 1, 1, 3) // compacted offsets are no gap
		}
		tr.logEnds = append(tr.logEnds, offset)
	}
}

// ofOneTopic makes all partitions those of one topic.
func (tr trial) ofOneTopic() trial {
	for p := range tr.parts {
		tr.parts[p].topic, tr.parts[p].partition = "t", p
	}
	return tr
}

// envelope is the feed as oriel reads it, partition after partition or mixed.
func (tr trial) envelope(rng *rand.Rand) string {
	type bounds map[string]int64
	header := map[string]map[string]bounds{}
	queues := make([][]string, len(tr.parts))
	for i, p := range tr.parts {
		b := bounds{"start": tr.starts[i], "end": tr.logEnds[i]}
		switch p.before {
		case lowest:
			b["log_start"] = tr.starts[i]
		case highest:
		default:
			b["before_ms"] = p.before
		}
		if p.short {
			b["log_end"] = tr.logEnds[i] + 10
		}
		if header[p.topic] == nil {
			header[p.topic] = map[string]bounds{}
		}
		header[p.topic][strconv.Itoa(p.partition)] = b
	}
	for _, x := range tr.feed {
		queues[x.part] = append(queues[x.part], tr.line(x))
	}
	first, _ := json.Marshal(map[string]any{"oriel": 1, "partitions": header})
	out := []string{string(first)}
	for left := len(tr.feed); left > 0; left-- {
		p := rng.IntN(len(tr.parts))
		for len(queues[p]) == 0 {
			p = (p + 1) % len(tr.parts)
		}
		out = append(out, queues[p][0])
		queues[p] = queues[p][1:]
	}
	return strings.Join(out, "\n") + "\n"
}

func (tr trial) line(x fed) string {
	p := tr.parts[x.part]
	payload := map[string]any{}
	if tr.payloadTime {
		payload["t"] = x.time
	}
	for i, v := range x.values {
		payload[tr.series[i]] = v
		if math.IsNaN(v) {
			payload[tr.series[i]] = "broken"
		}
	}
	text, _ := json.Marshal(payload)
	e := map[string]any{
		"topic": p.topic, "partition": p.partition, "offset": x.offset, "tstype": "create", "ts": x.stamp, "payload": string(text),
	}
	if tr.appended {
		e["tstype"] = "logappend"
	}
	switch {
	case x.key == nil:
		e["key"] = nil
	case *x.key == "\x00\xff":
		e["key_base64"] = "AP8="
	default:
		e["key"] = *x.key
	}
	text, _ = json.Marshal(e)
	return string(text)
}

// readArgs are the flags that say how to read and which windows there are.
func (tr trial) readArgs() []string {
	args := []string{
		"--input", "-", "--quiet", "--format", "json", "--origin", ms(tr.origin), "--max-future", ms(tr.maxFuture),
	}
	for _, s := range tr.specs {
		args = append(args, "-w", ms(s.size)+"/"+ms(s.hop))
	}
	for _, name := range tr.series {
		args = append(args, "--value", name)
	}
	if tr.payloadTime {
		args = append(args, "--time", "t", "--time-unit", "ms")
	}
	return args
}

func (tr trial) args() []string {
	args := append([]string{"replay", "-m", "none"}, tr.readArgs()...)
	args = append(args, "--out-of-orderness", ms(tr.outOfOrderness), "--allowed-lateness", ms(tr.lateness),
		"--emit", tr.emit, "--history", strconv.FormatInt(tr.history, 10))
	if tr.empty {
		args = append(args, "--empty")
	}
	if tr.maxKeys > 0 {
		args = append(args, "--max-keys", strconv.Itoa(tr.maxKeys))
	}
	if tr.processing {
		args = append(args, "--time-domain", "processing")
	}
	return args
}

func ms(n int64) string { return strconv.FormatInt(n, 10) + "ms" }

// core is what is compared of a printed line.
type core struct {
	Topic      string    `json:"topic"`
	Key        *string   `json:"key"`
	KeyBase64  string    `json:"key_base64"`
	Series     string    `json:"series"`
	Start      int64     `json:"start_ms"`
	End        int64     `json:"end_ms"`
	Size       int64     `json:"size_ms"`
	Hop        int64     `json:"hop_ms"`
	Revision   int       `json:"revision"`
	Final      bool      `json:"final"`
	ClosedBy   string    `json:"closed_by"`
	Incomplete string    `json:"incomplete"`
	Count      int64     `json:"count"`
	Late       int64     `json:"late"`
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
	stddev := math.NaN()
	if got.Stddev != nil {
		stddev = *got.Stddev
	}
	wantStddev := want.stddev
	if want.count == 0 {
		wantStddev = math.NaN()
	}
	is := expected{
		identity: identity{
			spec: hopping{got.Size, got.Hop}, start: got.Start, topic: got.Topic, series: got.Series, null: got.Key == nil,
		},
		content: content{
			count: got.Count, sum: got.Sum, mean: want.mean, min: got.Min, max: got.Max, stddev: want.stddev, first: got.First, last: got.Last,
		},
		due: want.due, late: got.Late, revision: got.Revision, final: got.Final, closedBy: got.ClosedBy, incomplete: got.Incomplete,
	}
	if got.Key != nil {
		is.key = *got.Key
	}
	for _, o := range got.Offsets {
		is.offsets = append(is.offsets, [3]int64{o.Partition, o.First, o.Last})
	}
	g, w := fmt.Sprintf("%+v end %d", is, got.End), fmt.Sprintf("%+v end %d", want, want.end())
	if g != w || !near(got.Mean, want.mean) || !near(stddev, wantStddev) {
		return fmt.Sprintf("got  %s mean %v stddev %v\nwant %s mean %v stddev %v", g, got.Mean, stddev, w, want.mean, wantStddev)
	}
	return ""
}

func near(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-12*math.Max(1, math.Abs(b))
}

// shown counts what the trials showed.
type shown struct{ lines, late, partly, allowed, future, keyLimit, empty, revised, replaced int }

func (s *shown) add(tr trial, o told) {
	s.lines, s.partly, s.allowed = s.lines+len(o.lines), s.partly+o.partly, s.allowed+o.allowed
	s.late, s.keyLimit = s.late+o.rejects["late"], s.keyLimit+o.rejects["key_limit"]
	if !tr.payloadTime {
		s.future += o.rejects["future"]
	}
	for _, l := range o.lines {
		if l.count == 0 {
			s.empty++
		}
		if l.revision > 0 {
			s.revised++
		}
		if l.late > 0 && tr.emit == "final" {
			s.replaced++
		}
	}
}

// TestReplayAgainstOracle compares replay with windows by definition, over
// random topics, partitions, disorder, leaps, sizes, hops, origins, negative
// times, lateness, ways to emit and bounds.
func TestReplayAgainstOracle(t *testing.T) {
	t.Parallel()
	const trials = 250
	var s shown
	for seed := range uint64(trials) {
		tr := randomTrial(seed)
		if usable(tr.feed) == 0 {
			continue // exit code 1, which another test is about
		}
		want := oracle(tr.rule, tr.feed)
		checkTrial(t, seed, tr, want)
		s.add(tr, want)
	}
	if s.lines < 20_000 || min(s.late, s.partly, s.allowed, s.future, s.keyLimit, s.empty, s.revised, s.replaced) < 100 {
		t.Errorf("%+v: the trials show too little", s)
	}
}

func checkTrial(t *testing.T, seed uint64, tr trial, want told) {
	t.Helper()
	summary, rejects := t.TempDir()+"/summary.json", t.TempDir()+"/rejects"
	input := tr.envelope(rand.New(rand.NewPCG(seed, 2)))
	got := orielWith(t, strings.NewReader(input), append(tr.args(), "--summary", summary, "--rejects", rejects)...)
	if got.code != exitDone {
		t.Fatalf("seed %d: exit code %d: %s", seed, got.code, got.stderr)
	}
	for i, text := range got.lines() {
		if i == len(want.lines) {
			t.Fatalf("seed %d, %v: %d lines, want %d; there is\n%s", seed, tr.args(), len(got.lines()), i, text)
		}
		if diff := compare(text, want.lines[i]); diff != "" {
			t.Fatalf("seed %d, line %d, %v:\n%s", seed, i, tr.args(), diff)
		}
	}
	if n := len(got.lines()); n < len(want.lines) {
		t.Fatalf("seed %d, %v: %d lines, want %d; there is no\n%+v", seed, tr.args(), n, len(want.lines), want.lines[n])
	}
	checkLosses(t, seed, tr, parseRejects(t, rejects), want.losses)
	checkTotals(t, seed, tr, readSummary(t, summary), want)
}

// checkLosses compares the rejects, whose order is another where records waited
// until a leap was believed.
func checkLosses(t *testing.T, seed uint64, tr trial, rejects []rejected, want []loss) {
	t.Helper()
	show := func(l loss) string { return fmt.Sprintf("%+v", l) }
	var g, w []string
	for _, r := range rejects {
		g = append(g, show(loss{r.Topic, r.Partition, r.Offset, r.Reason, r.Series, r.Windows, r.Of}))
	}
	for _, l := range want {
		w = append(w, show(l))
	}
	slices.Sort(g)
	slices.Sort(w)
	if diff := cmp.Diff(w, g); diff != "" {
		t.Fatalf("seed %d, %v: rejects (-want +got):\n%s", seed, tr.args(), diff)
	}
}

func checkTotals(t *testing.T, seed uint64, tr trial, got totals, want told) {
	t.Helper()
	is := map[string]int{"late": got.Late, "late_after_idle": got.LateAfterIdle}
	maps.Copy(is, got.Rejects)
	all := int(got.InTime) + got.PartlyLate + got.Filtered
	for reason, n := range is {
		if all += n; n != want.rejects[reason] {
			t.Errorf("seed %d, %v: %d times %s, want %d", seed, tr.args(), n, reason, want.rejects[reason])
		}
	}
	if all != len(tr.feed) || int(got.Records) != all {
		t.Errorf("seed %d, %v: the reasons add up to %d of %d records", seed, tr.args(), all, len(tr.feed))
	}
	if int(got.InTime) != want.inTime || got.PartlyLate != want.partly || got.AllowedLate != want.allowed ||
		got.PartlyUsable != want.partlyUsable || got.Lines != len(want.lines) {
		t.Fatalf("seed %d, %v: %+v, want %d in time, %d partly late, %d allowed late, %d partly usable, %d lines",
			seed, tr.args(), got, want.inTime, want.partly, want.allowed, want.partlyUsable, len(want.lines))
	}
	windows := 0
	for _, l := range want.lines {
		if l.revision == 0 {
			windows++
		}
	}
	if got.Windows != windows {
		t.Errorf("seed %d, %v: %d windows, want %d", seed, tr.args(), got.Windows, windows)
	}
}

func usable(feed []fed) (n int) {
	for _, x := range feed {
		if slices.ContainsFunc(x.values, func(v float64) bool { return !math.IsNaN(v) }) {
			n++
		}
	}
	return n
}
