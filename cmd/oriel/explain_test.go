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

// counted are the records that the window has.
func (x *explained) counted() (n int64) {
	for _, r := range x.Records {
		if r.Counted == "on_time" || r.Counted == "late" {
			n++
		}
	}
	return n
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
	const trials, each = 24, 8
	addr := newBroker(t).ListenAddrs()[0]
	c := newClient(t, addr, kgo.ProducerBatchMaxBytes(2000))
	var lines, late, partly, closed int
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
			var w core
			if err := json.Unmarshal([]byte(line), &w); err != nil {
				t.Fatal(err)
			}
			if len(x.Differ) > 0 || x.Differ == nil || len(x.Lines) != 1 || x.counted() != w.Count {
				t.Fatalf("%v: %s\ndiffers in %v, %d records:\n%s", args, line, x.Differ, x.counted(), x.Lines)
			}
			checkByTime(t, args, line, w)
			lines++
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
	if lines < 100 || late < 20 || partly < 20 || closed < 100 {
		t.Errorf("%d lines, %d late and %d partly late records, %d closings: the trials show too little", lines, late, partly, closed)
	}
}

// checkByTime asks for the window of a line by its key and its time.
func checkByTime(t *testing.T, args []string, line string, w core) {
	t.Helper()
	key := "null"
	if w.Key != nil {
		key = fmt.Sprintf("%q", *w.Key)
	}
	query := fmt.Sprintf("key=%s start=%d end=%d", key, w.Start, w.End)
	x := explainJSON(t, "", append(args, query)...)
	if len(x.Lines) != 1 || string(x.Lines[0]) != line || x.counted() != w.Count {
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
	if len(few.Records) != 2 || few.Unlisted != 2 || few.counted() != 2 {
		t.Errorf("--limit 2: %+v", few)
	}
}
