package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
)

// lossFlags make a replay fetch often, so that something can happen between
// two fetches.
var lossFlags = []string{"-w", "1s", "-m", "none", "--format", "number", "-X", "max.partition.fetch.bytes=200"}

// losing starts a broker with 100 records a second apart, each a batch of its
// own.
func losing(t *testing.T) (*kfake.Cluster, client) {
	t.Helper()
	cluster := newBroker(t, kfake.SeedTopics(1, "t"))
	c := newClient(t, cluster.ListenAddrs()[0])
	for i := range int64(100) {
		c.produce("t", number(epoch+1000*i, "k", "1"))
	}
	return cluster, c
}

// losingArgs replay the topic of such a broker.
func losingArgs(cluster *kfake.Cluster, more ...string) []string {
	return append(append([]string{"replay", "t", "-b", cluster.ListenAddrs()[0]}, lossFlags...), more...)
}

func replayLosing(t *testing.T, cluster *kfake.Cluster, more ...string) outcome {
	t.Helper()
	return oriel(t, losingArgs(cluster, more...)...)
}

// whileReading replays the topic and calls f while it is read. Some records
// have been read by then, and some have not even been asked for.
func whileReading(t *testing.T, cluster *kfake.Cluster, f func(), more ...string) outcome {
	t.Helper()
	h := holdFetch(t, cluster, 20)
	r := start(t, losingArgs(cluster, more...)...)
	h.during(t, f)
	r.wait()
	got := outcome{code: r.code, stdout: r.stdout.String(), stderr: r.stderr.String()}
	if n := len(got.lines()); n < 20 || n > 90 {
		t.Errorf("%d lines: %s", n, got.stderr)
	}
	return got
}

// checkLoss: exit code 4, from which offset to which, why, and the lines of
// what was there.
func checkLoss(t *testing.T, got outcome, lines int, says ...string) {
	t.Helper()
	if got.code != exitIncomplete || lines >= 0 && len(got.lines()) != lines {
		t.Errorf("exit code %d, want %d; %d lines, want %d", got.code, exitIncomplete, len(got.lines()), lines)
	}
	for _, want := range says {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("%q is not in: %s", want, got.stderr)
		}
	}
}

// TestRecordsDeletedBefore: an explicit offset or time that is gone is told;
// start is wherever the log now starts.
func TestRecordsDeletedBefore(t *testing.T) {
	t.Parallel()
	cluster, c := losing(t)
	c.deleteRecords("t", 40)
	checkLoss(t, replayLosing(t, cluster, "--from", "10"), 60,
		"t/0: lost 30 offsets, 10 to 39", "the log now starts at offset 40")
	checkLoss(t, replayLosing(t, cluster, "--from", fmt.Sprintf("@%d", epoch+20_000)), 60,
		"t/0: lost 40 offsets, 0 to 39", "retention may have removed records from 2026-11-22T06:00:20.000Z on", "the log now starts at offset 40")
	checkLoss(t, replayLosing(t, cluster, "--from", "10", "--to", "30"), 0, "t/0: lost 20 offsets, 10 to 29")

	got := replayLosing(t, cluster)
	if got.code != exitDone || len(got.lines()) != 60 || !strings.Contains(got.lines()[0], `"incomplete":"start"`) || strings.Contains(got.stdout, `"incomplete":"both"`) {
		t.Errorf("%+v", got)
	}
	if got := replayLosing(t, cluster, "--from", "40"); got.code != exitDone || len(got.lines()) != 60 {
		t.Errorf("exit code %d, %d lines", got.code, len(got.lines()))
	}
}

// TestRecordsDeletedMeanwhile: retention overtakes the reader.
func TestRecordsDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	cluster, c := losing(t)
	summary := filepath.Join(t.TempDir(), "summary")
	got := whileReading(t, cluster, func() { c.deleteRecords("t", 70) }, "--summary", summary)
	checkLoss(t, got, -1, "t/0: lost ", " to 69: retention has removed them: the log now starts at offset 70")
	lines := parse(t, got.lines()...)
	if first, last := lines[0], lines[len(lines)-1]; first.Offsets[0].First != 0 || last.Offsets[0].Last != 99 {
		t.Errorf("%d lines from %+v to %+v", len(lines), first, last)
	}
	if text := readFile(t, summary); !strings.Contains(text, `"to":70`) {
		t.Errorf("the summary has no gap: %s", text)
	}
}

func TestTopicDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	cluster, c := losing(t)
	got := whileReading(t, cluster, func() { c.deleteTopic("t") })
	checkLoss(t, got, -1, "t/0: lost ", " to 99: topic t was deleted while it was read")
}

// TestTopicCreatedAgainMeanwhile: the new log is shorter than the position.
func TestTopicCreatedAgainMeanwhile(t *testing.T) {
	t.Parallel()
	cluster, c := losing(t)
	got := whileReading(t, cluster, func() {
		c.deleteTopic("t")
		c.createTopic("t", 1)
		newClient(t, cluster.ListenAddrs()[0]).produce("t", number(epoch, "k", "1"))
	})
	checkLoss(t, got, -1, "t/0: lost ", " to 99: the topic was deleted and created again")
}

// TestTailReadsTheNewTopic: a live run begins anew with a topic that was created
// again. A window with records of both logs says from which offsets of each.
func TestTailReadsTheNewTopic(t *testing.T) {
	t.Parallel()
	const many = 40 // enough for create times to be believed
	log := func(first, last int64) []message {
		messages := slices.Repeat([]message{number(first, "k", "1")}, many)
		return append(messages, number(last, "k", "1"))
	}
	addr := brokerWith(t, 1, log(epoch-3000, epoch+100)...)
	c := newClient(t, addr)
	summary := filepath.Join(t.TempDir(), "summary")
	r := startTail(t, addr, "--from", "start", "--summary", summary)
	r.awaitLines(1) // which the last record has closed
	c.deleteTopic("t")
	r.awaitNotice("lost topic t: it was deleted")
	c.createTopic("t", 1)
	newClient(t, addr).produce("t", log(epoch+400, epoch+20_000)...)
	r.awaitNotice("t/0: lost what came from offset 41 on: the topic was deleted and created again; its new log is read from its beginning")
	line := parse(t, r.awaitLines(2)...)[1]
	if line.Start != epoch || line.Count != 1+many || len(line.Offsets) != 2 || line.Offsets[0] != (offsets{0, many, many}) || line.Offsets[1] != (offsets{0, 0, many - 1}) {
		t.Errorf("%+v", line)
	}
	r.interrupt()
	r.wait()
	if text := readFile(t, summary); strings.Count(text, `"partition":0,"start":0,"end":null`) != 2 {
		t.Errorf("the summary does not have two ranges: %s", text)
	}
}

func TestTopicDeletedBefore(t *testing.T) {
	t.Parallel()
	cluster, c := losing(t)
	c.deleteTopic("t")
	complaint{"replay t", exitUsage, []string{`unknown topic "t"`}}.check(t, "-b", cluster.ListenAddrs()[0])
}

// TestTailGoesOnBehindALoss: a live run tells what it lost and goes on.
func TestTailGoesOnBehindALoss(t *testing.T) {
	t.Parallel()
	cluster, c := losing(t)
	h := holdFetch(t, cluster, 20)
	r := startTail(t, cluster.ListenAddrs()[0], "--from", "start", "-X", "max.partition.fetch.bytes=200")
	h.during(t, func() { c.deleteRecords("t", 70) })
	r.awaitNotice(" to 69: retention has removed them: the log now starts at offset 70")
	r.await(r.stdout, "line behind the loss", func(text string) bool { return strings.Contains(text, `"first":98,"last":98}`) })
}

// TestTimeoutCutsARange: what was read is printed as a short range.
func TestTimeoutCutsARange(t *testing.T) {
	t.Parallel()
	cluster, _ := losing(t)
	h := holdFetch(t, cluster, 20)
	got := replayLosing(t, cluster, "--timeout", "8s") // by which even a busy machine has read so far
	h.during(t, func() {})                             // which lets the broker end
	checkLoss(t, got, -1, "the time limit was reached before the end of the range", "--timeout 8s")
	if strings.Contains(got.stderr, "trying again") {
		t.Errorf("the time limit is taken for a lost broker: %s", got.stderr)
	}
	if n := len(got.lines()); n < 20 || n > 90 || !strings.Contains(got.lines()[n-1], `"incomplete":"end"`) {
		t.Errorf("%d lines: %s", n, got.stdout)
	}
}

// TestOnGapSkip: a bounded run that may skip what is gone covers the rest, and
// still tells and counts it.
func TestOnGapSkip(t *testing.T) {
	t.Parallel()
	cluster, c := losing(t)
	summary := filepath.Join(t.TempDir(), "summary")
	got := whileReading(t, cluster, func() { c.deleteRecords("t", 70) }, "--summary", summary, "--on-gap", "skip")
	if got.code != exitDone || !strings.Contains(got.stderr, "t/0: lost ") || strings.Contains(got.stderr, "not covered") {
		t.Errorf("%+v", got)
	}
	var sum struct {
		Gaps []struct{ From, To int64 }
		Lost int64 `json:"offsets_lost"`
	}
	if err := json.Unmarshal([]byte(readFile(t, summary)), &sum); err != nil {
		t.Fatal(err)
	}
	if len(sum.Gaps) != 1 || sum.Gaps[0].To != 70 || sum.Lost != 70-sum.Gaps[0].From || sum.Lost <= 0 {
		t.Errorf("the summary has %+v", sum)
	}
	if got := replayLosing(t, cluster, "--from", "10", "--on-gap", "skip"); got.code != exitDone || len(got.lines()) != 30 {
		t.Errorf("%+v", got)
	}
}

// TestTailFailsAtALoss: with --on-gap fail a live run ends where something is
// gone, also where its start is.
func TestTailFailsAtALoss(t *testing.T) {
	t.Parallel()
	cluster, c := losing(t)
	h := holdFetch(t, cluster, 20)
	r := startTail(t, cluster.ListenAddrs()[0], "--from", "start", "-X", "max.partition.fetch.bytes=200", "--on-gap", "fail")
	h.during(t, func() { c.deleteRecords("t", 70) })
	if code := r.wait(); code != exitIncomplete || !strings.Contains(r.stderr.String(), "now starts at offset 70; --on-gap skip") {
		t.Errorf("exit code %d: %s", code, r.stderr)
	}
	r = startTail(t, cluster.ListenAddrs()[0], "--from", "10", "--on-gap", "fail")
	if code := r.wait(); code != exitIncomplete || !strings.Contains(r.stderr.String(), "t/0: lost 60 offsets, 10 to 69: ") {
		t.Errorf("exit code %d: %s", code, r.stderr)
	}
	// By default it is told before the first line.
	r = startTail(t, cluster.ListenAddrs()[0], "--from", "10")
	r.awaitNotice("t/0: lost 60 offsets, 10 to 69: ")
	r.awaitLines(1)
}
