package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// anHourAgo is an event time at which windows of whole seconds begin. The idle
// clock never carries a watermark beyond the present.
func anHourAgo() int64 { return time.Now().Add(-time.Hour).Truncate(time.Second).UnixMilli() }

// brief is what the tests below compare of a line.
func brief(from int64, lines []seen) []string {
	var out []string
	for _, l := range lines {
		out = append(out, fmt.Sprintf("%d-%d n=%d sum=%v revision=%d final=%v late=%d %s",
			l.Start-from, l.End-from, l.Count, l.Sum, l.Revision, l.Final, l.Late, l.ClosedBy))
	}
	return out
}

func wantLines(t *testing.T, from int64, got []seen, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, brief(from, got)); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

// awaitRejects waits until a file lists so many rejects.
func awaitRejects(t *testing.T, path string, n int) []rejected {
	t.Helper()
	pace := time.NewTicker(10 * time.Millisecond)
	defer pace.Stop()
	for deadline := time.Now().Add(patience); strings.Count(readFile(t, path), "\n") < n; <-pace.C {
		if time.Now().After(deadline) {
			t.Fatalf("%d rejects wanted: %s", n, readFile(t, path))
		}
	}
	return parseRejects(t, path)
}

// TestTailClosesTheLastWindows of a topic that falls silent, by the wall clock.
// A record that comes for one of them afterwards is late only for that.
func TestTailClosesTheLastWindows(t *testing.T) {
	t.Parallel()
	from := anHourAgo()
	addr := brokerWith(t, 2, number(from, "k", "1"), number(from+200, "k", "2"))
	rejects := filepath.Join(t.TempDir(), "rejects")
	r := startTail(t, addr, "--from", "start", "--idle-timeout", "300ms", "--rejects", rejects)
	wantLines(t, from, parse(t, r.awaitLines(1)...), "0-1000 n=2 sum=3 revision=0 final=true late=0 idle_clock")
	c := newClient(t, addr)
	c.produce("t", number(from+300, "k", "4"), number(from+100_000, "k", "8"), number(from+200_000, "k", "16"))
	got := awaitRejects(t, rejects, 1)
	if len(got) != 1 || got[0].Reason != "late_after_idle" || got[0].Offset != 2 || got[0].Windows != 1 || got[0].Of != 1 {
		t.Errorf("rejects: %+v", got)
	}
	// The wall clock may have closed the one behind it meanwhile.
	wantLines(t, from, parse(t, r.awaitLines(2)[1]), "100000-101000 n=1 sum=8 revision=0 final=true late=0 watermark")
}

// TestTailInProcessingTime: windows are of when records came, and close though
// nothing more comes, whatever the records say.
func TestTailInProcessingTime(t *testing.T) {
	t.Parallel()
	before := time.Now().UnixMilli()
	addr := brokerWith(t, 2, number(epoch, "k", "1"), number(epoch-86_400_000, "k", "2"), number(-1, "k", "4"))
	r := startTail(t, addr, "--from", "start", "--time-domain", "processing", "--allowed-lateness", "1h")
	r.awaitNotice("so this is not looked at: --out-of-orderness, --allowed-lateness")
	line := parse(t, r.awaitLines(1)...)[0]
	if line.Count != 3 || line.Sum != 7 || !line.Final || line.ClosedBy != "watermark" || line.Start < before-1000 || line.End > time.Now().UnixMilli() {
		t.Errorf("%+v", line)
	}
}

// TestTailOfAnInputInProcessingTime has no clock but the records' timestamps: it
// prints what replay does.
func TestTailOfAnInputInProcessingTime(t *testing.T) {
	t.Parallel()
	var lines []string
	for i, ts := range []int64{1000, 1500, 900, 3100, 2000, 5000} {
		lines = append(lines, fmt.Sprintf(`{"topic":"t","partition":0,"offset":%d,"ts":%d,"key":"k","payload":"%d"}`, i, epoch+ts, 1<<i))
	}
	input := strings.Join(lines, "\n") + "\n"
	for _, command := range []string{"tail", "replay"} {
		got := orielWith(t, strings.NewReader(input), command, "--input", "-", "-w", "1s", "-m", "none", "--time-domain", "processing")
		if got.code != exitDone {
			t.Fatalf("%+v", got)
		}
		wantLines(t, epoch, parse(t, got.lines()...),
			"1000-2000 n=3 sum=7 revision=0 final=true late=0 watermark",
			"3000-4000 n=2 sum=24 revision=0 final=true late=0 watermark",
			"5000-6000 n=1 sum=32 revision=0 final=true late=0 end_of_input")
	}
}

// laggard starts a tail of windows with allowed lateness whose first one has
// closed, and returns what produces further records.
func laggard(t *testing.T, from int64, flags ...string) (*running, func(ms int64, value string)) {
	t.Helper()
	addr := brokerWith(t, 1)
	c := newClient(t, addr)
	produce := func(ms int64, value string) { c.produce("t", number(from+ms, "k", value)) }
	r := startTail(t, addr, append([]string{"--from", "start", "--max-future", "0s", "--allowed-lateness", "5s"}, flags...)...)
	produce(0, "1")
	produce(1500, "2")
	return r, produce
}

// TestTailAllowedLateness: a window that late records have changed comes out
// once more when it is final; behind that they are lost.
func TestTailAllowedLateness(t *testing.T) {
	t.Parallel()
	rejects := filepath.Join(t.TempDir(), "rejects")
	r, produce := laggard(t, epoch, "--rejects", rejects)
	r.awaitLines(1)
	produce(300, "4")
	produce(400, "8")
	produce(6000, "16") // the first is final, the second closes
	r.awaitLines(3)
	produce(500, "32")
	if got := awaitRejects(t, rejects, 1); got[0].Reason != "late" || got[0].Offset != 5 {
		t.Errorf("rejects: %+v", got)
	}
	wantLines(t, epoch, parse(t, r.awaitLines(3)...),
		"0-1000 n=1 sum=1 revision=0 final=false late=0 watermark",
		"1000-2000 n=1 sum=2 revision=0 final=false late=0 watermark",
		"0-1000 n=3 sum=13 revision=1 final=true late=2 watermark")
}

// TestTailEmitFinal prints a window once, when nothing more can come for it.
func TestTailEmitFinal(t *testing.T) {
	t.Parallel()
	r, produce := laggard(t, epoch, "--emit", "final")
	produce(300, "4")
	produce(6000, "16")
	produce(7000, "32")
	wantLines(t, epoch, parse(t, r.awaitLines(2)...),
		"0-1000 n=2 sum=5 revision=0 final=true late=1 watermark",
		"1000-2000 n=1 sum=2 revision=0 final=true late=0 watermark")
}

// TestTailUpdates prints a window that has closed again whenever late records
// have changed it.
func TestTailUpdates(t *testing.T) {
	t.Parallel()
	r, produce := laggard(t, epoch, "--emit", "updates")
	r.awaitLines(1)
	produce(300, "4")
	r.awaitLines(2)
	produce(400, "8")
	r.awaitLines(3)
	produce(5999, "16") // the second closes, and the first is not final yet
	r.awaitLines(4)
	produce(500, "32")
	produce(7000, "64")
	lines := parse(t, r.awaitLines(6)...)
	wantLines(t, epoch, lines[:4],
		"0-1000 n=1 sum=1 revision=0 final=false late=0 watermark",
		"0-1000 n=2 sum=5 revision=1 final=false late=1 watermark",
		"0-1000 n=3 sum=13 revision=2 final=false late=2 watermark",
		"1000-2000 n=1 sum=2 revision=0 final=false late=0 watermark")
	// Both of the last records may come in one batch: then the line is final.
	if last := lines[4]; last.Start != epoch || last.Count != 4 || last.Sum != 45 || last.Revision != 3 || last.Late != 3 {
		t.Errorf("the last revision: %+v", last)
	}
}

// TestTailOfMalformedPayloads: a partition of which nothing can be read is idle
// after five seconds, though records keep coming.
func TestTailOfMalformedPayloads(t *testing.T) {
	t.Parallel()
	event := func(partition int32, ms int64) message {
		return message{partition: partition, timestamp: epoch, key: []byte("k"), payload: fmt.Appendf(nil, `{"ts":%d,"v":1}`, epoch+ms)}
	}
	broken := message{partition: 1, timestamp: epoch, payload: []byte(`{"ts":`)}
	addr := brokerWith(t, 2, event(0, 0), event(0, 1000), broken)
	c := newClient(t, addr)
	begun := time.Now()
	r := start(t, "tail", "t", "-b", addr, "-w", "1s", "--out-of-orderness", "0s", "-m", "none",
		"--from", "start", "--time", "ts", "--value", "v", "--idle-timeout", "1h")
	pace := time.NewTicker(100 * time.Millisecond)
	defer pace.Stop()
	for deadline := begun.Add(patience); r.stdout.String() == "" && time.Now().Before(deadline); <-pace.C {
		c.produce("t", broken)
	}
	wantLines(t, epoch, parse(t, r.awaitLines(1)...), "0-1000 n=1 sum=1 revision=0 final=true late=0 watermark")
	if took := time.Since(begun); took < 4*time.Second {
		t.Errorf("the first line came after %v", took)
	}
}

// TestTailOfLeaps: a create time that the next record refutes moves nothing; one
// that goes on is believed.
func TestTailOfLeaps(t *testing.T) {
	t.Parallel()
	const day = 86_400_000
	addr := brokerWith(t, 1, number(epoch, "k", "1"), number(epoch+2000, "k", "2"), number(epoch+day, "k", "4"))
	rejects := filepath.Join(t.TempDir(), "rejects")
	r := startTail(t, addr, "--from", "start", "--max-future", "2s", "--rejects", rejects, "--idle-timeout", "1h")
	wantLines(t, epoch, parse(t, r.awaitLines(1)...), "0-1000 n=1 sum=1 revision=0 final=true late=0 watermark")
	c := newClient(t, addr)
	c.produce("t", number(epoch+3000, "k", "8"))
	got := awaitRejects(t, rejects, 1)
	if len(got) != 1 || got[0].Reason != "future" || got[0].Offset != 2 || got[0].Windows != 1 {
		t.Errorf("rejects: %+v", got)
	}
	for ms := int64(0); ms <= 2000; ms += 500 {
		c.produce("t", number(epoch+day+ms, "k", "16"))
	}
	wantLines(t, epoch, parse(t, r.awaitLines(5)...)[1:],
		"2000-3000 n=1 sum=2 revision=0 final=true late=0 watermark",
		"3000-4000 n=1 sum=8 revision=0 final=true late=0 watermark",
		"86400000-86401000 n=2 sum=32 revision=0 final=true late=0 watermark",
		"86401000-86402000 n=2 sum=32 revision=0 final=true late=0 watermark")
}
