package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kfake"
)

// adviceLine is what tests read of a line of advice.
type adviceLine struct {
	Partition  *int  `json:"partition"`
	Records    int64 `json:"records"`
	InOrder    int64 `json:"in_order"`
	OutOfOrder int64 `json:"out_of_order"`
	Bounds     []struct {
		OutOfOrderness int64 `json:"out_of_orderness_ms"`
		InTime         int64 `json:"in_time"`
		PartlyLate     int   `json:"partly_late"`
		Late           int   `json:"late"`
	} `json:"bounds"`
	Rejects     map[string]int `json:"rejects"`
	Filtered    int            `json:"filtered"`
	Recommended *int64         `json:"recommended_ms"`
	Lossless    *int64         `json:"lossless_ms"`
}

func parseAdvice(t *testing.T, got outcome) []adviceLine {
	t.Helper()
	var lines []adviceLine
	for _, text := range got.lines() {
		var l adviceLine
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 || lines[len(lines)-1].Partition != nil {
		t.Fatalf("no line for all: %+v", got)
	}
	return lines
}

// TestAdviceIsKept: with each out-of-orderness that advise lists, replay loses
// exactly the records that were promised.
func TestAdviceIsKept(t *testing.T) {
	const trials = 140
	var bounds, late, partly, filtered int
	for seed := range uint64(trials) {
		tr := randomTrial(seed).ofOneTopic()
		if usable(tr.feed) == 0 {
			continue
		}
		input := tr.envelope(rand.New(rand.NewPCG(seed, 2)))
		flags := append(tr.readArgs(), "--max-memory", "1TB", "--allowed-lateness", ms(tr.lateness)) // a leap may need a large bound
		if seed%3 == 0 {
			flags = append(flags, "--where", []string{"@offset % 3 > 0", "v > 0 && @offset % 4 < 3"}[seed%2])
		}
		lines := parseAdvice(t, orielWith(t, strings.NewReader(input), append([]string{"advise", "-o", "json"}, flags...)...))
		all := lines[len(lines)-1]
		for i, b := range all.Bounds {
			summary := filepath.Join(t.TempDir(), "summary")
			got := orielWith(t, strings.NewReader(input), append([]string{
				"replay", "-m", "none", "-o", "none", "--summary", summary, "--out-of-orderness", fmt.Sprintf("%dms", b.OutOfOrderness),
			}, flags...)...)
			if got.code != exitDone {
				t.Fatalf("seed %d: %+v", seed, got)
			}
			s := readSummary(t, summary)
			if s.Records != all.Records || s.InTime != b.InTime || s.Late != b.Late || s.PartlyLate != b.PartlyLate || s.Filtered != all.Filtered {
				t.Fatalf("seed %d, %d ms: advised %+v of %d records, replay says %+v", seed, b.OutOfOrderness, b, all.Records, s)
			}
			if diff := cmp.Diff(all.Rejects, s.Rejects); diff != "" {
				t.Fatalf("seed %d: the rejects differ: %s", seed, diff)
			}
			checkParts(t, lines, i)
			bounds, late, partly = bounds+1, late+b.Late, partly+b.PartlyLate
		}
		filtered += all.Filtered
	}
	if filtered < 300 || bounds < 300 || late < 300 || partly < 300 {
		t.Errorf("%d bounds, %d late, %d partly late, %d filtered: the trials show too little", bounds, late, partly, filtered)
	}
}

// checkParts: what the partitions lose at a bound is what all lose.
func checkParts(t *testing.T, lines []adviceLine, bound int) {
	t.Helper()
	var late, partly int
	for _, l := range lines[:len(lines)-1] {
		late += l.Bounds[bound].Late
		partly += l.Bounds[bound].PartlyLate
	}
	if all := lines[len(lines)-1].Bounds[bound]; late != all.Late || partly != all.PartlyLate {
		t.Fatalf("the partitions lose %d and %d, all %+v", late, partly, all)
	}
}

// adviseBroker has a topic t of three partitions: one with disorder and leaps, a
// silent one and one in order.
func adviseBroker(t *testing.T) (*kfake.Cluster, client) {
	t.Helper()
	cluster := newBroker(t, kfake.SeedTopics(3, "t"))
	c := newClient(t, cluster.ListenAddrs()[0])
	for _, ms := range []int64{0, 25_000, 3_000, 24_000, 86_400_000, 26_000} {
		c.produce("t", number(epoch+ms, "k", "1"))
	}
	c.produce("t", message{2, epoch, nil, []byte("1")}, message{2, epoch + 9000, nil, []byte("1")}, message{2, epoch + 1_000_000, nil, []byte("1")})
	return cluster, c
}

// TestAdviseOfABroker: 3 s is in [0, 10 s), and 25 s had come: an
// out-of-orderness of more than 15 s keeps it.
func TestAdviseOfABroker(t *testing.T) {
	t.Parallel()
	cluster, _ := adviseBroker(t)
	args := []string{"advise", "t", "-b", cluster.ListenAddrs()[0], "-w", "10s"}
	got := oriel(t, args...)
	want := `part records out of order p50 p90 p99 p99.9 worst notes
   0       5       40.00%  0s 22s 22s   22s   22s future: 1
   1       0            -   -   -   -     -     -
   2       3           0%  0s  0s  0s    0s    0s
 all       8       25.00%  0s 22s 22s   22s   22s future: 1

out-of-orderness late      % partly late  % windows close notes
              0s    1 12.50%           0 0%       at once
         15.001s    0     0%           0 0% 15.001s later recommended, loses nothing

leap in offset from (UTC)              to (UTC)                   by verdict
t/0          4 2026-11-22 06:00:25.000 2026-11-23 06:00:00.000 24.0h refuted
t/2          2 2026-11-22 06:00:09.000 2026-11-22 06:16:40.000 16.5m believed

loses nothing: --out-of-orderness 15.001s
`
	if diff := cmp.Diff(want, got.stdout); diff != "" || got.code != exitDone ||
		got.stderr != "oriel: value: the payload (a number in t/0 offset 0)\n" {
		t.Errorf("%d %s\n%s", got.code, got.stderr, diff)
	}
	lines := parseAdvice(t, oriel(t, append(args, "-o", "json", "--quiet", "--to", "3", "--partitions", "0,2")...))
	if all := lines[2]; len(lines) != 3 || all.Records != 6 || all.OutOfOrder != 1 || *all.Lossless != 15_001 || *lines[1].Lossless != 0 {
		t.Errorf("%+v", lines)
	}
}

// TestAdviseOfNothing says that there is nothing, and nothing more.
func TestAdviseOfNothing(t *testing.T) {
	t.Parallel()
	addr := newBrokerWithTopics(t, "t")
	got := oriel(t, "advise", "t", "-b", addr, "--quiet")
	want := `part records out of order p50 p90 p99 p99.9 worst
   0       0            -   -   -   -     -     -
   1       0            -   -   -   -     -     -
 all       0            -   -   -   -     -     -
`
	if diff := cmp.Diff(outcome{stdout: want}, got, cmp.AllowUnexported(outcome{})); diff != "" {
		t.Error(diff)
	}
}

// TestAdviseSeveralTopics names them.
func TestAdviseSeveralTopics(t *testing.T) {
	t.Parallel()
	addr := newBrokerWithTopics(t, "ta", "tb")
	if got := oriel(t, "advise", "t?", "-b", addr); got.code != exitDone || len(got.lines()) != 1+4+1 || !strings.HasPrefix(got.lines()[3], "tb") {
		t.Errorf("%+v", got)
	}
}

// TestAdviseLost: what is gone is told, and advice given of the rest; also where
// lines are no envelopes.
func TestAdviseLost(t *testing.T) {
	t.Parallel()
	cluster, c := adviseBroker(t)
	c.deleteRecords("t", 2)
	got := oriel(t, "advise", "t", "-b", cluster.ListenAddrs()[0], "--from", "0", "-o", "json", "--quiet")
	lines := parseAdvice(t, got)
	if got.code != exitIncomplete || !strings.Contains(got.stderr, "the range was not covered: t/0: lost 2 offsets, 0 to 1") || lines[0].Records != 4 {
		t.Errorf("%+v", got)
	}
	got = orielWith(t, strings.NewReader(envelopeLine(epoch, "1")+"nonsense\n"), "advise", "--input", "-", "-o", "json", "--quiet")
	if lines := parseAdvice(t, got); got.code != exitIncomplete || !strings.Contains(got.stderr, "1 line of --input - left out") || lines[0].Records != 1 {
		t.Errorf("%+v", got)
	}
}

// TestAdviseTimeout: what was read in time is advised of.
func TestAdviseTimeout(t *testing.T) {
	t.Parallel()
	cluster, _ := losing(t)
	h := holdFetch(t, cluster, 20)
	// By that time even a busy machine has read so far.
	r := start(t, "advise", "t", "-b", cluster.ListenAddrs()[0], "--timeout", "8s", "-X", "max.partition.fetch.bytes=200", "-o", "json", "--quiet")
	h.during(t, func() { r.wait() })
	got := outcome{code: r.wait(), stdout: r.stdout.String(), stderr: r.stderr.String()}
	if n := parseAdvice(t, got)[0].Records; got.code != exitIncomplete || n < 20 || n > 90 || !strings.Contains(got.stderr, "raise --timeout 8s") {
		t.Errorf("%d records: %+v", n, got)
	}
}

// TestAdviseInterrupted prints nothing.
func TestAdviseInterrupted(t *testing.T) {
	t.Parallel()
	cluster, _ := losing(t)
	h := holdFetch(t, cluster, 20)
	r := start(t, "advise", "t", "-b", cluster.ListenAddrs()[0], "-X", "max.partition.fetch.bytes=200", "--quiet")
	h.during(t, func() {
		r.interrupt()
		r.wait()
	})
	if r.wait() != exitInterrupted || r.stdout.String() != "" || r.stderr.String() != "" {
		t.Errorf("%d %s %s", r.code, r.stdout, r.stderr)
	}
}

// TestAdviseShowsProgress to those who watch, and leaves nothing of it.
func TestAdviseShowsProgress(t *testing.T) {
	t.Parallel()
	cluster, _ := losing(t)
	h := holdFetch(t, cluster, 20)
	var stdout bytes.Buffer
	stderr := newTranscript()
	e := testEnv(strings.NewReader(""), &stdout, stderr, "advise", "t", "-b", cluster.ListenAddrs()[0], "-X", "max.partition.fetch.bytes=200")
	e.stderrIsTerminal = true
	done := make(chan int, 1)
	go func() { done <- run(t.Context(), e) }()
	h.during(t, func() {
		for deadline := time.After(patience); !strings.Contains(stderr.String(), "% |"); {
			select {
			case <-stderr.more:
			case <-deadline:
				t.Error("no bar")
				return
			}
		}
	})
	if code := <-done; code != exitDone || !strings.Contains(stdout.String(), "loses nothing") {
		t.Errorf("%d %s", code, stdout.String())
	}
}

func TestAdviseErrors(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, number(epoch, "k", `{"temp":1}`))
	for _, c := range []complaint{
		{"advise", exitUsage, []string{"name a topic: oriel advise TOPIC, or --input FILE"}},
		{"advise t u", exitUsage, []string{`use oriel advise TOPIC, not "t" "u"`, "oriel advise --help"}},
		{"advise tt", exitUsage, []string{`unknown topic "tt"`}},
		{"advise t --limit 3", exitUsage, []string{"unknown flag: --limit"}},
		{"advise t --out-of-orderness 3s", exitUsage, []string{"unknown flag: --out-of-orderness"}},
		{"advise t -o csv", exitUsage, []string{`--output: "csv" is unknown: use table or json`}},
		{"advise t -w 0s", exitUsage, []string{"the size 0s is not positive"}},
		{"advise t --max-future -1s", exitUsage, []string{"--max-future -1s is negative"}},
		{"advise t --timeout -1s", exitUsage, []string{"--timeout -1s is negative"}},
		{"advise t --time-unit ms", exitUsage, []string{"--time-unit"}},
		{"advise t --partitions x", exitUsage, []string{"--partitions"}},
		{"advise t --input -", exitUsage, []string{"--brokers does not go with --input -"}},
		{"advise t --quiet --time tmp", exitFailed, []string{"no field tmp (--time, did you mean temp?)"}},
		{"advise t --value hum --quiet", exitFailed, []string{"no field hum (--value"}},
	} {
		c.check(t, "-b", addr)
	}
	complaint{"advise t -b 127.0.0.1:1", exitConnection, []string{"connection refused"}}.check(t)
}

// TestAdviseToAClosedPipe ends well.
func TestAdviseToAClosedPipe(t *testing.T) {
	t.Parallel()
	for _, output := range []string{"table", "json"} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		e := testEnv(strings.NewReader(envelopeLine(epoch, "1")), w, io.Discard, "advise", "--input", "-", "-o", output)
		if code := run(t.Context(), e); code != exitDone {
			t.Errorf("exit code %d", code)
		}
		w.Close()
	}
}
