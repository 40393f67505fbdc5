package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// startMarks are the seconds behind epoch of the windows that may lack records at
// the start, as first-last, and how many windows there are.
func startMarks(t *testing.T, lines []string) string {
	t.Helper()
	first, last, n := int64(-1), int64(-1), int64(0)
	for i, line := range parse(t, lines...) {
		if !strings.Contains(lines[i], `"incomplete":"start"`) && !strings.Contains(lines[i], `"incomplete":"both"`) {
			continue
		}
		second := (line.Start - epoch) / 1000
		if n++; n == 1 {
			first = second
		}
		last = second
	}
	if n > 0 && n != last-first+1 {
		t.Errorf("%d windows from %d to %d are marked", n, first, last)
	}
	return fmt.Sprintf("%d-%d of %d", first, last, len(lines))
}

// TestWindowsWithoutAPartition: of a partition that is read from its middle and
// has no record there, the windows are marked that may lack what lies before; and
// a dump of the range makes the same of it.
func TestWindowsWithoutAPartition(t *testing.T) {
	t.Parallel()
	cluster := newBroker(t, kfake.SeedTopics(2, "t"))
	addr := cluster.ListenAddrs()[0]
	c := newClient(t, addr)
	for i := range int64(30) {
		c.produce("t", message{partition: 1, timestamp: epoch + 1000*i, key: []byte("k"), payload: []byte("1")})
	}
	for i := range int64(6) { // and nothing since
		c.produce("t", message{timestamp: epoch + 1000*i, key: []byte("k"), payload: []byte("10")})
	}
	const flags = " -w 1s --out-of-orderness 0s --max-future 0s -m none --format number"
	check := func(from, want string, code int) {
		t.Helper()
		got := oriel(t, strings.Fields("replay t -b "+addr+" --from "+from+flags)...)
		if marks := startMarks(t, got.lines()); marks != want || got.code != code {
			t.Errorf("--from %s: exit code %d, %s are marked, want %s: %s", from, got.code, marks, want, got.stderr)
		}
		dump := filepath.Join(t.TempDir(), "dump")
		peeked := oriel(t, strings.Fields("peek t -o json --all -b "+addr+" --from "+from)...)
		if err := os.WriteFile(dump, []byte(peeked.stdout), 0o600); err != nil {
			t.Fatal(err)
		}
		if again := oriel(t, strings.Fields("replay --input "+dump+flags)...); again.stdout != got.stdout {
			t.Errorf("--from %s: of a dump %s are marked, want %s", from, startMarks(t, again.lines()), want)
		}
	}
	check("start", "-1--1 of 30", exitDone)
	check("0=end,1=start", "0-29 of 30", exitDone)
	check("0=5,1=start", "0-5 of 30", exitDone)
	check(fmt.Sprintf("0=@%d,1=start", epoch+10_000), "0-9 of 30", exitDone)
	check(fmt.Sprintf("@%d", epoch+10_000), "10-10 of 20", exitDone)

	c.deleteRecords("t", 4)
	check("start", "0-4 of 30", exitDone)
	check(fmt.Sprintf("0=@%d,1=start --to 0=@%d", epoch+1000, epoch+3000), "0-4 of 30", exitIncomplete)
	c.deleteRecords("t", 6) // of what the log does not have any more nothing is known
	check("start", "-1--1 of 30", exitDone)
	check("0=6,1=start", "-1--1 of 30", exitDone)
	check("0=2,1=start", "0-29 of 30", exitIncomplete)
}

// TestClocksAheadOfKafkas: where event times of the payload are ahead of Kafka's,
// those before a time of Kafka's are bounded with --max-future.
func TestClocksAheadOfKafkas(t *testing.T) {
	t.Parallel()
	cluster := newBroker(t, kfake.SeedTopics(2, "t"))
	addr := cluster.ListenAddrs()[0]
	c := newClient(t, addr)
	for i := range int64(30) {
		for p, ahead := range []int64{10_000, 0} {
			if p == 0 && i > 7 {
				continue
			}
			at := epoch + 1000*i
			c.produce("t", message{partition: int32(p), timestamp: at, key: []byte("k"), payload: fmt.Appendf(nil, `{"t":%d,"v":1}`, at+ahead)})
		}
	}
	replayed := func(flags string) []string {
		return oriel(t, strings.Fields("replay t -b "+addr+" --time t --value v -w 1s --out-of-orderness 0s --max-future 15s -m none "+flags)...).lines()
	}
	whole := replayed("")
	for _, line := range replayed(fmt.Sprintf("--from @%d", epoch+9000)) {
		if !strings.Contains(line, "incomplete") && !slices.Contains(whole, line) {
			t.Errorf("a window lacks records, and is not marked: %s", line)
		}
	}
}

// TestWindowsWithoutAReadableTime: where no event time can be read, the Kafka time
// of the first record is what those before it are not past.
func TestWindowsWithoutAReadableTime(t *testing.T) {
	t.Parallel()
	lines := []string{`{"oriel":1,"partitions":{"t":{"0":{"start":7,"end":9},"1":{"start":0,"end":30}}}}`}
	for offset, second := range map[int64]int64{7: 12, 8: 25} {
		lines = append(lines, fmt.Sprintf(`{"topic":"t","partition":0,"offset":%d,"ts":%d,"payload":"{}"}`, offset, epoch+1000*second))
	}
	slices.Sort(lines[1:])
	for i := range int64(30) {
		lines = append(lines, fmt.Sprintf(`{"topic":"t","partition":1,"offset":%d,"ts":%d,"payload":"{\"t\":%[2]d}"}`, i, epoch+1000*i))
	}
	got := orielWith(t, strings.NewReader(strings.Join(lines, "\n")), strings.Fields("replay --input - -w 1s --out-of-orderness 2s --max-future 3s --time t -m none")...)
	if marks := startMarks(t, got.lines()); marks != "0-17 of 30" || got.code != exitDone {
		t.Errorf("exit code %d, %s are marked: %s", got.code, marks, got.stderr)
	}
}

// TestTailWithoutAPartition: what lies before the end of a log was there when a
// tail began.
func TestTailWithoutAPartition(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 2, number(epoch, "k", "1"))
	c := newClient(t, addr)
	began := time.Now()
	r := startTail(t, addr, "--max-future", "0s")
	r.awaitNotice("value: the payload")
	at := func(d time.Duration) message {
		return message{partition: 1, timestamp: began.Add(d).UnixMilli(), key: []byte("k"), payload: []byte("1")}
	}
	c.produce("t", at(-time.Minute), at(-30*time.Second), at(-20*time.Second), at(time.Hour), at(2*time.Hour), at(3*time.Hour))
	for i, line := range r.awaitLines(5) {
		if lacks := strings.Contains(line, `"incomplete":"start"`); lacks != (i < 3) {
			t.Errorf("%d: %s", i, line)
		}
	}
}
