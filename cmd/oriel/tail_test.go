package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// epoch is an event time at which windows of whole seconds begin.
const epoch = int64(1_795_327_200_000)

// seen is what tests read of a line.
type seen struct {
	Start    int64     `json:"start_ms"`
	End      int64     `json:"end_ms"`
	Size     int64     `json:"size_ms"`
	Revision int       `json:"revision"`
	Final    bool      `json:"final"`
	Late     int64     `json:"late"`
	Count    int64     `json:"count"`
	Sum      float64   `json:"sum"`
	Key      *string   `json:"key"`
	ClosedBy string    `json:"closed_by"`
	Offsets  []offsets `json:"offsets"`
}

func parse(t testing.TB, lines ...string) []seen {
	t.Helper()
	out := make([]seen, len(lines))
	for i, line := range lines {
		if err := json.Unmarshal([]byte(line), &out[i]); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	return out
}

// tailFlags make a window of every second and close it at once.
var tailFlags = []string{"-w", "1s", "--out-of-orderness", "0s", "-m", "none", "--format", "number"}

// startTail starts one in which no partition is idle, however long a machine
// with other work takes from one record to the next, unless more says otherwise;
// or, without --max-future 0s, its first records wait to be believed: that ends
// after five seconds, and then it is.
func startTail(t *testing.T, addr string, more ...string) *running {
	t.Helper()
	return start(t, slices.Concat([]string{"tail", "t", "-b", addr, "--idle-timeout", "1h"}, tailFlags, more)...)
}

// TestTailPrintsAsWindowsClose: a line leaves the process when its window
// closes, and open windows are not printed at the end.
func TestTailPrintsAsWindowsClose(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, number(epoch-10_000, "k", "99"))
	c := newClient(t, addr)
	r := startTail(t, addr)
	r.awaitNotice("value: the payload")
	for i := range int64(4) {
		c.produce("t", number(epoch+1000*i, "k", strconv.FormatInt(i, 10)))
		if i > 0 { // which closed the window before
			lines := r.awaitLines(int(i))
			last := parse(t, lines...)[len(lines)-1]
			if len(lines) != int(i) || last.Start != epoch+1000*(i-1) || last.Sum != float64(i-1) || last.ClosedBy != "watermark" {
				t.Fatalf("after record %d: %s", i, strings.Join(lines, "\n"))
			}
		}
	}
	r.interrupt()
	if code := r.wait(); code != exitDone || strings.Count(r.stdout.String(), "\n") != 3 {
		t.Errorf("exit code %d, stdout: %s", code, r.stdout)
	}
	if !strings.Contains(r.stdout.String(), `"emitted_at":"`) || !strings.Contains(r.stdout.String(), `"lag_clock":"arrival"`) {
		t.Errorf("a live line without its times: %s", r.stdout)
	}
}

// TestTailOfATopicWithoutRecords waits for the first record to learn what its
// fields are.
func TestTailOfATopicWithoutRecords(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1)
	r := start(t, "tail", "t", "-b", addr, "-w", "1s", "--out-of-orderness", "0s", "-m", "none")
	r.awaitNotice("waiting for the first record")
	c := newClient(t, addr)
	c.produce("t", number(epoch, "k", `{"id":"x","temp":21.5}`), number(epoch+1000, "k", `{"id":"y","temp":1}`))
	if got := r.awaitLines(1)[0]; !strings.Contains(got, `"series":"temp"`) || parse(t, got)[0].Sum != 21.5 {
		t.Error(got)
	}
}

// TestTailThatSawNothing ends as well as any other.
func TestTailThatSawNothing(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1)
	r := start(t, "tail", "t", "-b", addr)
	r.awaitNotice("waiting for the first record")
	r.interrupt()
	if code := r.wait(); code != exitDone || strings.Contains(r.stderr.String(), "interrupted") {
		t.Errorf("exit code %d: %s", code, r.stderr)
	}
	if got := oriel(t, "tail", "t", "-b", addr, "--timeout", "100ms", "--quiet"); got != (outcome{}) {
		t.Errorf("%+v", got)
	}
}

// TestTailOfWrongFields: a tail has no end at which it would be told in time
// that its path leads nowhere.
func TestTailOfWrongFields(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, number(epoch, "k", `{"temp":21.5}`))
	const fault = "no record had a usable value: no field tmep (--value, did you mean temp?); the fields of t/0 offset 0 are temp (number)"
	r := start(t, "tail", "t", "-b", addr, "--value", "tmep", "--from", "start", "-o", "none", "--rejects", "-")
	r.awaitNotice("oriel: so far " + fault + "\n")
	r.awaitLines(1) // a tail that has seen nothing ends well
	r.interrupt()
	if code := r.wait(); code != exitFailed || !strings.HasSuffix(r.stderr.String(), "oriel: "+fault+"\n") {
		t.Errorf("exit code %d: %s", code, r.stderr)
	}
	got := oriel(t, "tail", "t", "-b", addr, "--value", "temp", "--timeout", "100ms")
	if got.code != exitDone || strings.Contains(got.stderr, "so far") {
		t.Errorf("%+v", got)
	}
}

// TestReplayOfWrongFields: records from the future, which are refused for their
// time, do not hide that no record has the field that was asked for.
func TestReplayOfWrongFields(t *testing.T) {
	t.Parallel()
	in := func(ahead int64) message {
		return number(epoch, "k", fmt.Sprintf(`{"ts":%d,"temp":21.5}`, epoch+ahead))
	}
	const day = 86_400_000
	addr := brokerWith(t, 1, in(day), in(0), in(day))
	got := oriel(t, "replay", "t", "-b", addr, "--time", "ts", "--value", "tmep")
	if got.code != exitFailed || !strings.Contains(got.stderr, "no record had a usable value: no field tmep (--value, did you mean temp?)") {
		t.Errorf("%+v", got)
	}
	addr = brokerWith(t, 1, in(day), number(epoch, "k", "{"))
	got = oriel(t, "replay", "t", "-b", addr, "--time", "ts", "--value", "temp")
	if got.code != exitDone || strings.Contains(got.stderr, "usable") {
		t.Errorf("values that can be read, in the future: %+v", got)
	}
}

// TestTailOfAnInputWithoutRecords does not say that one has come.
func TestTailOfAnInputWithoutRecords(t *testing.T) {
	t.Parallel()
	got := orielWith(t, strings.NewReader(""), "tail", "--input", "-")
	if got.code != exitFailed || !strings.Contains(got.stderr, "waiting for the first record") || strings.Contains(got.stderr, "the first record is there") {
		t.Errorf("%+v", got)
	}
}

// TestTailFollowsNewPartitions: a partition that the topic is given later is
// read from its beginning, and no window is printed twice for it.
func TestTailFollowsNewPartitions(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, number(epoch, "k", "1"), number(epoch+1500, "k", "2"))
	r := startTail(t, addr, "--from", "start", "--max-future", "0s", "-X", "metadata.max.age.ms=100", "--limit", "3")
	r.awaitLines(1)
	c := newClient(t, addr)
	c.addPartitions("t", 2)
	second := number(epoch+2500, "k", "8")
	late := number(epoch+100, "k", "4")
	second.partition, late.partition = 1, 1
	c.produce("t", late, second)
	last := number(epoch+9000, "k", "16")
	lastOfSecond := last
	lastOfSecond.partition = 1
	r.awaitNotice("new partition t/1")
	c.produce("t", last, lastOfSecond)
	got := parse(t, r.awaitLines(3)...)
	for i, want := range []seen{{Start: epoch, Sum: 1}, {Start: epoch + 1000, Sum: 2}, {Start: epoch + 2000, Sum: 8}} {
		if got[i].Start != want.Start || got[i].Sum != want.Sum {
			t.Errorf("line %d: %+v, want %+v", i, got[i], want)
		}
	}
	if code := r.wait(); code != exitDone || !strings.Contains(r.stderr.String(), "1 late after idle") {
		t.Errorf("exit code %d: %s", code, r.stderr)
	}
}

// TestTailWithAnEmptyPartition: a partition that has shown nothing holds the
// watermark for a few seconds, and not for as long as --idle-timeout says.
func TestTailWithAnEmptyPartition(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 2, number(epoch, "k", "1"), number(epoch+1500, "k", "2"))
	r := startTail(t, addr, "--from", "start", "--idle-timeout", "1h")
	got := parse(t, r.awaitLines(1)...)[0] // patience is less than an hour
	if got.Start != epoch || got.Count != 1 || got.ClosedBy != "watermark" {
		t.Errorf("%+v", got)
	}
}

// TestTailIdlePartitionWakesUp: what an idle partition says later counts, but
// for what others have closed meanwhile; and the watermark waits for it again.
func TestTailIdlePartitionWakesUp(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 2)
	c := newClient(t, addr)
	at := func(partition int32, ms int64, key string) message {
		return message{partition: partition, timestamp: epoch + ms, key: []byte(key), payload: []byte("1")}
	}
	rejects := filepath.Join(t.TempDir(), "rejects")
	c.produce("t", at(0, 0, "busy"), at(1, 0, "sleepy"))
	// The busy one is not to be idle because the machine is busy.
	r := startTail(t, addr, "--from", "start", "--idle-timeout", "2s", "--rejects", rejects)
	// Partition 1 says nothing more. Partition 0 goes on until that is noticed.
	ms := int64(0)
	pace := time.NewTicker(50 * time.Millisecond)
	defer pace.Stop()
	for deadline := time.Now().Add(patience); strings.Count(r.stdout.String(), "\n") < 2 && time.Now().Before(deadline); <-pace.C {
		ms += 500
		c.produce("t", at(0, ms, "busy"))
	}
	if got := parse(t, r.awaitLines(2)...); got[0].Start != epoch || *got[0].Key != "busy" || *got[1].Key != "sleepy" {
		t.Fatalf("%+v", got)
	}
	// It wakes up with a record that is late by now and one that is not.
	c.produce("t", at(1, 100, "sleepy"), at(1, ms+5_000, "sleepy"))
	// Both have been read when the first is listed. Before that the other partition
	// says nothing that would make both late.
	for deadline := time.Now().Add(patience); readFile(t, rejects) == "" && time.Now().Before(deadline); <-pace.C {
		continue
	}
	c.produce("t", at(0, ms+20_000, "busy"), at(1, ms+20_000, "sleepy"))
	woken := (epoch + ms + 5_000) / 1000 * 1000
	r.await(r.stdout, "window of the wake-up", func(text string) bool {
		return strings.Contains(text, `"key":"sleepy","series":"value","start":"`+time.UnixMilli(woken).UTC().Format("2006-01-02T15:04:05.000Z"))
	})
	if all := parseRejects(t, rejects); len(all) != 1 || all[0].Reason != "late_after_idle" || all[0].Partition != 1 || all[0].Offset != 1 {
		t.Errorf("rejects: %+v", all)
	}
	var busy int64
	for _, line := range parse(t, r.awaitLines(1)...) {
		if *line.Key == "busy" {
			busy += line.Count
		} else if line.Count != 1 || line.Start != epoch && line.Start != woken {
			t.Errorf("%+v", line)
		}
	}
	if want := ms/500 + 1; busy != want {
		t.Errorf("%d records of the busy partition, want %d", busy, want)
	}
}

func TestTailStops(t *testing.T) {
	t.Parallel()
	var messages []message
	from := anHourAgo() // the last window is closed by the wall clock
	for i := range int64(10) {
		messages = append(messages, number(from+1000*i, "k", "1"))
	}
	addr := brokerWith(t, 1, messages...)
	for _, c := range []struct {
		name  string
		flags []string
		lines int
	}{
		{"limit", []string{"--limit", "2"}, 2},
		// The wall clock closes the last window as soon as the partition is idle,
		// which leaves a busy machine most of the time limit.
		{"timeout", []string{"--timeout", "15s", "--idle-timeout", "100ms", "--max-future", "0s"}, 10},
		{"limit first", []string{"--limit", "3", "--timeout", "1h"}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := startTail(t, addr, append(c.flags, "--from", "start")...)
			if code := r.wait(); code != exitDone || strings.Count(r.stdout.String(), "\n") != c.lines {
				t.Errorf("exit code %d, want 0 and %d lines\nstdout: %s\nstderr: %s", code, c.lines, r.stdout, r.stderr)
			}
		})
	}
}

// TestTailSurvivesItsBroker: the broker goes away and comes back on the same
// port with the same log. No record is lost and none is counted twice.
func TestTailSurvivesItsBroker(t *testing.T) {
	t.Parallel()
	dir, kept := t.TempDir(), keepListener(t)
	broker := func() *kfake.Cluster {
		return newBroker(t, kfake.ListenFn(kept.open), kfake.DataDir(dir), kfake.SeedTopics(1, "t"))
	}
	cluster, addr := broker(), kept.Addr().String()
	c := newClient(t, addr)
	next := int64(0)
	produce := func(n int64) {
		t.Helper()
		for range n {
			c.produce("t", number(epoch+250*next, "k", "1"))
			next++
		}
	}
	produce(9)
	r := startTail(t, addr, "--from", "start", "--max-future", "0s")
	r.awaitLines(2)
	for range 2 {
		cluster.Close()
		r.awaitNotice("lost " + addr)
		cluster = broker()
		produce(20)
	}
	r.awaitNotice(addr + " is back")
	for i, line := range parse(t, r.awaitLines(12)...) {
		want := seen{Start: epoch + 1000*int64(i), Count: 4, Offsets: []offsets{{First: 4 * int64(i), Last: 4*int64(i) + 3}}}
		if line.Start != want.Start || line.Count != want.Count || len(line.Offsets) != 1 || line.Offsets[0] != want.Offsets[0] {
			t.Errorf("line %d: %+v, want %+v", i, line, want)
		}
	}
}

// A tail of a file takes the fields that a replay of it takes: those of the
// lowest partition, not of the first line.
func TestTailOfFile(t *testing.T) {
	t.Parallel()
	input := filepath.Join(t.TempDir(), "in")
	text := `{"topic":"t","partition":1,"offset":0,"ts":1000,"key":"k","payload":"{\"b\":7,\"a\":1}"}
{"topic":"t","partition":0,"offset":0,"ts":1500,"key":"k","payload":"{\"a\":2,\"b\":9}"}
`
	if err := os.WriteFile(input, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := oriel(t, "tail", "--input", input, "--idle-timeout", "1s"); !strings.Contains(got.stderr, "no partition is idle") {
		t.Errorf("not told that --idle-timeout is of no use: %s", got.stderr)
	}
	for _, command := range []string{"replay", "tail"} {
		got := oriel(t, command, "--input", input, "-w", "1s", "-m", "none", "--quiet")
		lines := parse(t, got.lines()...)
		if got.code != exitDone || len(lines) != 1 || lines[0].Sum != 3 {
			t.Errorf("%s: %+v", command, got)
		}
	}
}
