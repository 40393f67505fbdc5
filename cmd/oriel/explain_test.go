package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// explained is what tests read of an explanation.
type explained struct {
	Lines      []json.RawMessage `json:"lines"`
	Differ     []string          `json:"differ"`
	Partitions []struct {
		Partition int32 `json:"partition"`
		OnTime    *struct {
			Offset int64 `json:"offset"`
		} `json:"on_time"`
	} `json:"partitions"`
	Records []struct {
		Partition int32    `json:"partition"`
		Offset    int64    `json:"offset"`
		Value     *float64 `json:"value"`
		Reason    string   `json:"reason"`
		Counted   string   `json:"counted"`
		Windows   int      `json:"windows"`
		Of        int      `json:"of"`
	} `json:"records"`
	Unlisted int64 `json:"unlisted"`
}

// counted are the records in the on-time content of the window, or in the final.
func (x *explained) counted(final bool) (n int64) {
	for _, r := range x.Records {
		if r.Counted == "on_time" || final && r.Counted == "late" {
			n++
		}
	}
	return n
}

// has says whether a line is among those that came out.
func (x *explained) has(line string) bool {
	return slices.ContainsFunc(x.Lines, func(l json.RawMessage) bool { return string(l) == line })
}

func explainJSON(t *testing.T, stdin string, args ...string) explained {
	t.Helper()
	got := orielWith(t, strings.NewReader(stdin), append([]string{"explain", "-o", "json"}, args...)...)
	if got.code != exitDone {
		t.Fatalf("%v: exit code %d: %s\n%s", args, got.code, got.stderr, got.stdout)
	}
	var x explained
	if err := json.Unmarshal([]byte(got.stdout), &x); err != nil {
		t.Fatalf("%v: %s", err, got.stdout)
	}
	return x
}

// TestExplainLines explains random lines of replays by their offsets, and then by
// their time: both must give the line.
func TestExplainLines(t *testing.T) {
	const trials, each = 24, 12
	addr := newBroker(t).ListenAddrs()[0]
	c := newClient(t, addr, kgo.ProducerBatchMaxBytes(2000))
	var lines, late, partly, closed, revised int
	for seed := range uint64(trials) {
		rng := rand.New(rand.NewPCG(seed, 9))
		tr := randomBetween(seed)
		c.createTopic(tr.topic, tr.partitions)
		c.produce(tr.topic, tr.feed...)
		all, _ := replayedLines(t, []int{exitDone, exitFailed}, append([]string{tr.topic, "-b", addr}, tr.flags...)...)
		if len(all) == 0 {
			continue
		}
		args := append([]string{tr.topic, "-b", addr}, tr.flags...)
		for range each {
			line := all[rng.IntN(len(all))]
			x := explainJSON(t, line, append(args, "--line", "-")...)
			var w explainedLine
			if err := json.Unmarshal([]byte(line), &w); err != nil {
				t.Fatal(err)
			}
			if len(x.Differ) > 0 || x.Differ == nil || x.counted(w.Final) != w.Count {
				t.Fatalf("%v: %s\ndiffers in %v, %d records:\n%s\n%+v", args, line, x.Differ, x.counted(w.Final), x.Lines, x.Records)
			}
			checkByTime(t, args, line, w)
			lines++
			if w.Late > 0 {
				revised++
			}
			for _, r := range x.Records {
				switch {
				case r.Reason == "late" && r.Windows < r.Of:
					partly++
				case r.Reason == "late":
					late++
				}
			}
			for _, p := range x.Partitions {
				if p.OnTime != nil {
					closed++
				}
			}
		}
	}
	if lines < 100 || late < 5 || partly < 5 || closed < 100 || revised < 5 {
		t.Errorf("%d lines, %d late and %d partly late records, %d closings, %d lines with late records: the trials show too little",
			lines, late, partly, closed, revised)
	}
}

// TestExplainLinesOfRanges: a line of a range that cuts windows anywhere, beside
// another topic that closes windows too, is what its offsets give, or it is said
// that it alone cannot tell. With --empty many have no offsets.
func TestExplainLinesOfRanges(t *testing.T) {
	const trials, each = 60, 10
	addr := newBroker(t).ListenAddrs()[0]
	c := newClient(t, addr, kgo.ProducerBatchMaxBytes(2000))
	var lines, empty, cut, open int
	for seed := range uint64(trials) {
		rng := rand.New(rand.NewPCG(seed, 10))
		tr := randomBetween(seed)
		if rng.IntN(2) == 0 && !slices.Contains(tr.flags, "--empty") {
			tr.flags = append(tr.flags, "--empty", "--history", "3")
		}
		c.createTopic(tr.topic, tr.partitions)
		c.produce(tr.topic, tr.feed...)
		replayed := slices.Concat([]string{tr.topic, "-b", addr}, tr.flags, tr.cut(rng))
		if rng.IntN(2) == 0 {
			other := tr.topic + "-other"
			c.createTopic(other, 1)
			c.produce(other, slices.DeleteFunc(slices.Clone(tr.feed), func(m message) bool { return m.partition > 0 || rng.IntN(2) == 0 })...)
			replayed = append([]string{other}, replayed...)
		}
		all, _ := replayedLines(t, []int{exitDone, exitFailed}, replayed...)
		all = slices.DeleteFunc(all, func(line string) bool { return strings.Contains(line, "-other") })
		for range min(each, len(all)) {
			line := all[rng.IntN(len(all))]
			args := slices.Concat([]string{"explain", "-o", "json", tr.topic, "-b", addr}, tr.flags, []string{"--line", "-"})
			switch got := orielWith(t, strings.NewReader(line), args...); {
			case got.code == exitIncomplete && strings.Contains(got.stderr, "may have been right") &&
				(strings.Contains(line, `"count":0,`) || strings.Contains(line, `"incomplete":`) || slices.Contains(tr.flags, "processing")):
				open++
			case got.code != exitDone:
				t.Errorf("%v: %s\nexit code %d: %s\n%s", replayed, line, got.code, got.stderr, got.stdout)
			}
			lines++
			if strings.Contains(line, `"count":0,`) {
				empty++
			}
			if strings.Contains(line, `"incomplete":`) {
				cut++
			}
		}
	}
	// With one beginning or one end less it would be more that are left open.
	const mostOpen = 26
	if lines < 200 || empty < 25 || cut < 150 || open > mostOpen {
		t.Errorf("%d lines, %d of them empty, %d cut, %d left open", lines, empty, cut, open)
	}
}

// cut is the flags of a random range of each partition.
func (tr *betweenTrial) cut(rng *rand.Rand) []string {
	var from, to []string
	for p := range tr.partitions {
		n := 0
		for _, m := range tr.feed {
			if m.partition == p {
				n++
			}
		}
		a := rng.IntN(n/2 + 1)
		from = append(from, fmt.Sprintf("%d=%d", p, a))
		to = append(to, fmt.Sprintf("%d=%d", p, a+rng.IntN(n-a+1)))
	}
	return []string{"--from", strings.Join(from, ","), "--to", strings.Join(to, ",")}
}

// explainedLine is what tests read of a line to be explained.
type explainedLine struct {
	Key   *string `json:"key"`
	Start int64   `json:"start_ms"`
	End   int64   `json:"end_ms"`
	Count int64   `json:"count"`
	Final bool    `json:"final"`
	Late  int64   `json:"late"`
}

// checkByTime asks for the window of a line by its key and its time.
func checkByTime(t *testing.T, args []string, line string, w explainedLine) {
	t.Helper()
	key := "null"
	if w.Key != nil {
		key = fmt.Sprintf("%q", *w.Key)
	}
	query := fmt.Sprintf("key=%s start=%d end=%d", key, w.Start, w.End)
	x := explainJSON(t, "", append(args, query)...)
	if !x.has(line) || x.counted(w.Final) != w.Count {
		t.Fatalf("%v %s:\n%s\nwant\n%s", args, query, x.Lines, line)
	}
}

// lateFeed has a window of ten seconds, its disorder, and what came too late.
func lateFeed() []message {
	at := func(seconds float64, payload string) message {
		return number(betweenBase+int64(seconds*1000), "s-001", payload)
	}
	other := number(betweenBase+34_000, "s-002", "7")
	other.partition = 1
	return []message{
		at(19, "1"), at(21, "2"), at(24, "3"), at(22, "4"), at(27, `"broken"`),
		at(32, "5"), // which closes [20, 30)
		at(29, "6"), at(33, "7"), at(25, "8"), other,
	}
}

// TestExplainLate: a record that came too late is there with the reason.
func TestExplainLate(t *testing.T) {
	addr := brokerWith(t, 2, lateFeed()...)
	args := []string{"t", "-b", addr, "-w", "10s", "--quiet", "key=s-001", "start=2026-11-22T06:00:20Z"}
	x := explainJSON(t, "", args...)
	var got []string
	for _, r := range x.Records {
		got = append(got, fmt.Sprintf("%d %s %s %d/%d", r.Offset, r.Reason, r.Counted, r.Windows, r.Of))
	}
	want := []string{"1 ok on_time 0/1", "3 ok on_time 0/1", "2 ok on_time 0/1", "8 late no 1/1", "4 not_a_number no 1/1", "6 late no 1/1"}
	if !slices.Equal(got, want) || x.Partitions[0].OnTime.Offset != 5 {
		t.Errorf("%q, closed by %+v; want %q", got, x.Partitions, want)
	}
	few := explainJSON(t, "", append(args, "--limit", "2", "--beyond", "0s")...)
	if len(few.Records) != 2 || few.Unlisted != 4 || few.counted(true) != 2 {
		t.Errorf("--limit 2: %+v", few)
	}
}

// TestExplainOldLine: a line of the time when the log ended is what its offsets
// give, and the records that came since are told apart.
func TestExplainOldLine(t *testing.T) {
	addr := newBroker(t).ListenAddrs()[0]
	c := newClient(t, addr)
	c.createTopic("t", 1)
	feed := lateFeed()
	c.produce("t", feed[:4]...)
	flags := []string{"t", "-b", addr, "-w", "10s", "--quiet"}
	all, _ := replayedLines(t, []int{exitDone}, flags...)
	old := all[len(all)-1]
	if !strings.Contains(old, `"closed_by":"end_of_input","incomplete":"end"`) {
		t.Fatal(old)
	}
	c.produce("t", number(betweenBase+28_000, "s-001", "9"), number(betweenBase+60_000, "s-001", "1"))
	x := explainJSON(t, "\ufeff"+old, append(flags, "--line", "-")...)
	if len(x.Records) != 4 || x.Records[3].Counted != "behind" || x.counted(true) != 3 ||
		len(x.Lines) != 1 || !strings.Contains(string(x.Lines[0]), `"closed_by":"end_of_input"`) {
		t.Errorf("%+v\n%s", x, x.Lines)
	}
	x = explainJSON(t, "", append(flags, "key=s-001 start=2026-11-22T06:00:20Z offsets=0:1-3")...)
	if x.Differ != nil || x.counted(true) != 3 || !strings.Contains(string(x.Lines[0]), `"closed_by":"watermark"`) {
		t.Errorf("%+v\n%s", x, x.Lines)
	}
	x = explainJSON(t, "", append(flags, "key=s-001 start=2026-11-22T06:00:20Z")...)
	if x.counted(true) != 4 {
		t.Errorf("%+v", x)
	}
}

// TestExplainCutLine: a line of a range that began or stopped inside of the
// window is what its offsets give, though the log has more of it.
func TestExplainCutLine(t *testing.T) {
	addr := brokerWith(t, 2, lateFeed()...)
	for _, flags := range []struct{ ranges, common string }{
		{"--from 0=2", ""},
		{"--to 0=3", ""},
		{"--from 0=2 --to 0=4", ""},
		{"--from 0=2", "--empty"},
		{"--to 0=3", "--empty"},
		{"--from 0=2", "--allowed-lateness 10s"},
	} {
		common := append([]string{"t", "-b", addr, "-w", "10s", "-m", "none", "--quiet"}, strings.Fields(flags.common)...)
		all, _ := replayedLines(t, []int{exitDone}, append(common, strings.Fields(flags.ranges)...)...)
		cut := 0
		for _, line := range all {
			if x := explainJSON(t, line, append(common, "--line", "-")...); len(x.Differ) > 0 {
				t.Errorf("%v: %s\ndiffers in %v: %s", flags, line, x.Differ, x.Lines)
			}
			if strings.Contains(line, `"incomplete":`) {
				cut++
			}
		}
		if cut == 0 {
			t.Errorf("%v: no line is incomplete", flags)
		}
	}
}

// TestExplainSeveralWindows: the steps of a line are those of its own window, not
// of others that the command had.
func TestExplainSeveralWindows(t *testing.T) {
	addr := brokerWith(t, 2, lateFeed()...)
	flags := []string{"t", "-b", addr, "-w", "7s/3s", "-w", "20s", "-m", "naive", "--quiet"}
	forecast := 0
	all, _ := replayedLines(t, []int{exitDone}, flags...)
	for _, line := range all {
		if x := explainJSON(t, line, append(flags, "--line", "-")...); len(x.Differ) > 0 {
			t.Errorf("%s\ndiffers in %v: %s", line, x.Differ, x.Lines)
		}
		if strings.Contains(line, `"step_ms":700,`) {
			forecast++
		}
	}
	if forecast == 0 {
		t.Errorf("no line has steps of the first window: %q", all)
	}
}

// TestExplainKeys: keys that are null, no text, or several words.
func TestExplainKeys(t *testing.T) {
	feed := []message{number(betweenBase, "two words", "1"), number(betweenBase, "null", "2"), number(betweenBase, "\xff", "3"), {timestamp: betweenBase, payload: []byte("4")}}
	addr := brokerWith(t, 1, feed...)
	flags := []string{"t", "-b", addr, "-w", "10s", "--quiet"}
	all, _ := replayedLines(t, []int{exitDone}, flags...)
	for _, line := range all {
		if x := explainJSON(t, "", append(flags, line)...); len(x.Differ) > 0 || x.counted(true) != 1 {
			t.Errorf("%s: %+v", line, x)
		}
	}
	for query, want := range map[string]float64{
		`key="two words" start=1795327200000`:         1,
		`start=1795327200 key="null"`:                 2,
		`key="\xff" start=1795327200 size=10s`:        3,
		`key=null start=1795327200 end=1795327210000`: 4,
	} {
		x := explainJSON(t, "", append(flags, query)...)
		if len(x.Records) != 1 || x.Records[0].Value == nil || *x.Records[0].Value != want {
			t.Errorf("%s: %+v", query, x)
		}
	}
	one := explainJSON(t, "", append(flags, "--key", "none", "start=1795327200")...)
	if one.counted(true) != 4 {
		t.Errorf("--key none: %+v", one)
	}
}

// TestExplainLostOffsets: what is gone cannot be explained.
func TestExplainLostOffsets(t *testing.T) {
	addr := newBroker(t).ListenAddrs()[0]
	c := newClient(t, addr)
	c.createTopic("t", 1)
	for _, m := range lateFeed()[:6] {
		c.produce("t", m)
	}
	flags := []string{"explain", "t", "-b", addr, "-w", "10s", "--quiet"}
	c.deleteRecords("t", 2)
	for query, says := range map[string]string{
		"key=s-001 start=1795327220 offsets=0:1-3":  "t/0 has the offsets 2 to 5, not all of 1 to 3",
		"key=s-001 start=1795327220 offsets=0:4-99": "not all of 4 to 99",
		"key=s-001 start=1795327220":                "retention may have removed records",
	} {
		if got := oriel(t, append(flags, query)...); got.code != exitIncomplete || !strings.Contains(got.stderr, says) {
			t.Errorf("%s: exit code %d: %s", query, got.code, got.stderr)
		}
	}
	if got := oriel(t, append(flags, "key=s-001 start=1795327220 offsets=3:1-3")...); got.code != exitUsage || !strings.Contains(got.stderr, "topic t has no partition 3") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	none := oriel(t, append(flags, "key=nobody start=1795327230")...)
	if none.code != exitDone || !strings.Contains(none.stdout, "no record of the key is in the window") {
		t.Errorf("exit code %d: %s", none.code, none.stdout)
	}
}

// TestExplainSeries: of several series one is asked for.
func TestExplainSeries(t *testing.T) {
	addr := brokerWith(t, 1,
		number(betweenBase, "k", `{"a":1,"b":2}`), number(betweenBase+1, "k", `{"a":"x","b":3}`), number(betweenBase+20_000, "k", `{"a":1,"b":2}`))
	flags := []string{"t", "-b", addr, "-w", "10s", "--quiet", "--value", "a", "--value", "b"}
	all, _ := replayedLines(t, []int{exitDone}, flags...)
	for _, line := range all {
		if x := explainJSON(t, line, append(flags, "--line", "-")...); len(x.Differ) > 0 {
			t.Errorf("%s: %+v", line, x)
		}
	}
	x := explainJSON(t, "", append(flags, "key=k start=1795327200 series=a")...)
	if len(x.Records) != 2 || x.counted(true) != 1 || x.Records[1].Reason != "not_a_number" || x.Records[1].Counted != "no" {
		t.Errorf("%+v", x)
	}
	for _, c := range []struct{ args, says string }{
		{"key=k start=1795327200", "the series are a, b: say which, as in series=a"},
		{"key=k start=1795327200 series=c", `the series "c" is not read, but a, b`},
		{strings.Replace(all[0], `"series":"a"`, `"series":null`, 1), "add --value none"},
		{strings.Replace(all[0], `"topic":"t"`, `"topic":"u"`, 1), "the line is of topic u, not of t"},
	} {
		got := oriel(t, slices.Concat([]string{"explain"}, flags, []string{c.args})...)
		if got.code != exitUsage || !strings.Contains(got.stderr, c.says) {
			t.Errorf("%s: exit code %d: %s", c.args, got.code, got.stderr)
		}
	}
}

func TestExplainUsage(t *testing.T) {
	t.Parallel()
	line := `{"type":"window","start_ms":0,"size_ms":10000,"hop_ms":1000}`
	for _, c := range []struct {
		args []string
		says []string
	}{
		{nil, []string{"name a topic and a window", "for example 'key=s-001 start="}},
		{[]string{"t"}, []string{"say which window", "for example 'key="}},
		{[]string{"t", "key=a"}, []string{"say which window"}},
		{[]string{"t", "start=0"}, []string{"say which key", "key=null"}},
		{[]string{"t", "key=a start=noon"}, []string{"start=noon", "RFC 3339"}},
		{[]string{"t", "key=a start=0 start=1"}, []string{"start= is there twice"}},
		{[]string{"t", "key=a start=0 colour=red"}, []string{"colour=red", "unknown: use key, start"}},
		{[]string{"t", "key=a 0"}, []string{`"0" is not of the form name=value`}},
		{[]string{"t", `key="a start=0`}, []string{"has no closing quote"}},
		{[]string{"t", "key=a start=10 end=5"}, []string{"does not fit start="}},
		{[]string{"t", "key=a start=10 size=-1s"}, []string{"size=-1s", "positive"}},
		{[]string{"t", "key=a start=0 offsets=5-7"}, []string{"offsets=5-7", "PARTITION:FIRST-LAST", "0:120-151"}},
		{[]string{"t", "key=a start=0 offsets=0:7-5"}, []string{"0:7-5"}},
		{[]string{"t", "key=a start=0 offsets=0:1-5,0:6-7"}, []string{"partition 0 is there twice"}},
		{[]string{"t", "-w", "10s", "key=a start=3"}, []string{"no window of --window 10s starts at 1970-01-01T00:00:03.000Z", "nearest start at 1970-01-01T00:00:00.000Z and 1970-01-01T00:00:10.000Z", "--origin"}},
		{[]string{"t", "key=a start=0", "--limit", "0"}, []string{"--limit 0", "1 to 1000000"}},
		{[]string{"t", "key=a start=0", "--beyond", "-1s"}, []string{"--beyond -1s is negative"}},
		{[]string{"t", "key=a start=0", "--timeout", "-1s"}, []string{"--timeout -1s is negative"}},
		{[]string{"t", "key=a start=0", "--step", "-1s"}, []string{`--step: "-1s" is not positive`}},
		{[]string{"t", "key=a start=0", "-m", "hotl"}, []string{"hotl", "did you mean holt?"}},
		{[]string{"t", "key=a start=0", "-o", "csv"}, []string{`"csv" is unknown: use table or json`}},
		{[]string{"t", "key=a start=0", "--line", "-"}, []string{"--line - does not go with the query key=a start=0"}},
		{[]string{"t", "--line", "no-such-file"}, []string{"--line: ", "no-such-file"}},
		{[]string{"t", "{"}, []string{"the line cannot be read"}},
		{[]string{"t", `{"type":"reject"}`}, []string{"not that of a window"}},
		{[]string{"t", strings.Replace(line, `"size`, `"offsets":[{"partition":0,"first":5,"last":4}],"size`, 1)}, []string{"the line cannot be right"}},
		{[]string{"t", strings.Replace(line, `"start_ms":0`, `"start_ms":1`, 1)}, []string{"starts at 1970-01-01T00:00:00.001Z", "--origin"}},
	} {
		got := oriel(t, append([]string{"explain"}, c.args...)...)
		if got.code != exitUsage || got.stdout != "" {
			t.Errorf("%q: exit code %d: %s%s", c.args, got.code, got.stdout, got.stderr)
		}
		for _, want := range c.says {
			if !strings.Contains(got.stderr, want) {
				t.Errorf("%q: %q is not in: %s", c.args, want, got.stderr)
			}
		}
	}
}
