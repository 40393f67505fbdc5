package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kfake"
)

// groupFlags make windows of a second out of event times in the payload, and a
// group that misses nobody for long.
var groupFlags = []string{
	"--time", "ts", "--value", "v", "-w", "1s/500ms", "--out-of-orderness", "300ms", "--allowed-lateness", "400ms", "-m", "none",
	"--idle-timeout", "1h", "--from", "start",
}

// impatient are properties by which a group finds out at once.
var impatient = []string{"-X", "session.timeout.ms=500", "-X", "max.poll.interval.ms=2000", "-X", "heartbeat.interval.ms=50", "-X", "auto.commit.interval.ms=20"}

// groupFeed is a topic whose records come bit by bit.
type groupFeed struct {
	t           *testing.T
	c           client
	addr, topic string
	partitions  int32
	// properties are those of the members.
	properties []string
	rng        *rand.Rand
	now        int64
}

func newGroupFeed(t *testing.T, partitions int32) *groupFeed {
	t.Helper()
	addr := newBroker(t, kfake.SeedTopics(partitions, "t"), kfake.GroupMinSessionTimeout(100*time.Millisecond)).ListenAddrs()[0]
	return feedTopic(t, addr, "t", partitions, impatient)
}

// feedTopic feeds a topic that is there.
func feedTopic(t *testing.T, addr, topic string, partitions int32, properties []string) *groupFeed {
	t.Helper()
	f := &groupFeed{
		t: t, c: newClient(t, addr), addr: addr, topic: topic, partitions: partitions, properties: properties,
		rng: rand.New(rand.NewPCG(1, 2)), now: epoch,
	}
	f.produce(10)
	return f
}

// produce produces records, out of order beyond what is allowed for.
func (f *groupFeed) produce(n int) {
	f.t.Helper()
	messages := make([]message, n)
	for i := range messages {
		f.now += f.rng.Int64N(40)
		at := f.now - f.rng.Int64N(2)*f.rng.Int64N(1500)
		messages[i] = f.message(f.rng.Int32N(f.partitions), at)
	}
	f.c.produce(f.topic, messages...)
}

func (f *groupFeed) message(partition int32, at int64) message {
	return message{
		partition: partition, timestamp: at + f.rng.Int64N(100), key: fmt.Appendf(nil, "%d-%d", partition, f.rng.IntN(3)),
		payload: fmt.Appendf(nil, `{"ts":%d,"v":%d}`, at, f.rng.IntN(1000)),
	}
}

// end closes every window there is.
func (f *groupFeed) end() {
	f.t.Helper()
	for p := range f.partitions {
		f.c.produce(f.topic, f.message(p, f.now+60_000))
	}
}

// lines are what a group prints, sorted: what replays of each partition alone
// print of the windows that records have closed.
func (f *groupFeed) lines(flags ...string) []string {
	f.t.Helper()
	var out []string
	for p := range int(f.partitions) {
		args := slices.Concat([]string{"replay", f.topic, "-b", f.addr, "--partitions", strconv.Itoa(p), "--quiet"}, flags)
		args = slices.DeleteFunc(args, func(a string) bool { return a == "--idle-timeout" || a == "1h" })
		got := oriel(f.t, args...)
		if got.code != exitDone {
			f.t.Fatalf("%+v", got)
		}
		for _, line := range got.lines() {
			if strings.Contains(line, `"closed_by":"watermark"`) {
				out = append(out, line)
			}
		}
	}
	slices.Sort(out)
	return out
}

// tail are the arguments of a member.
func (f *groupFeed) tail(more ...string) []string {
	return slices.Concat([]string{"tail", f.topic, "-b", f.addr, "--group", "g-" + f.topic}, groupFlags, f.properties, more)
}

// sortUnique is what sort -u makes of outputs; the last line of a killed process
// may be a part of one.
func sortUnique(outputs ...string) []string {
	var lines []string
	for _, out := range outputs {
		whole := out[:strings.LastIndexByte(out, '\n')+1]
		lines = append(lines, strings.Split(strings.TrimSuffix(whole, "\n"), "\n")...)
	}
	slices.Sort(lines)
	lines = slices.Compact(lines)
	return slices.DeleteFunc(lines, func(l string) bool { return l == "" })
}

// awaitUnion waits until outputs have all lines together. why tells more.
func awaitUnion(t *testing.T, want []string, outputs func() []string, why func() string) {
	t.Helper()
	var got []string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) { // between two looks
		if got = sortUnique(outputs()...); len(got) >= len(want) {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, why())
	}
}

// TestKilledGroupsLoseNothing: the program is killed at any moment, as by SIGKILL,
// and started again. All that it has printed is what it prints undisturbed, but
// for lines that came twice and are the same.
func TestKilledGroupsLoseNothing(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string][]string{
		"on time": nil,
		"final":   {"--emit", "final"},
		"empty":   {"--empty", "--history", "3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// A static member finds its place at once, whenever it was killed.
			newGroupFeed(t, 3).killAgainAndAgain(flags, []string{"-X", "group.instance.id=me"}, nothing)
		})
	}
	t.Run("missed", func(t *testing.T) {
		t.Parallel()
		newGroupFeed(t, 3).killAgainAndAgain(nil, nil, nothing)
	})
	t.Run("beside another", func(t *testing.T) {
		t.Parallel()
		f := newGroupFeed(t, 4)
		other := startProcess(t, f.tail("-X", "group.instance.id=other")...)
		awaitText(t, other.stderr, "reads "+f.topic+"/")
		f.killAgainAndAgain(nil, []string{"-X", "group.instance.id=me"}, func() string { return other.stdout.String() })
		if code := other.interrupt(t, os.Interrupt); code != exitDone {
			t.Errorf("exit code %d: %s", code, other.stderr)
		}
	})
}

// nothing is what nobody else prints.
func nothing() string { return "" }

// killAgainAndAgain kills members that make windows by some flags and have some
// properties. others is what others of the group print.
func (f *groupFeed) killAgainAndAgain(flags, properties []string, others func() string) {
	t := f.t
	t.Helper()
	args := f.tail(slices.Concat(flags, properties)...)
	var outputs, stderrs []string
	printed := func() bool { return len(sortUnique(outputs...)) > 0 }
	// On a busy machine the first may not have come as far as to print anything.
	for deadline, kills := time.Now().Add(patience), 0; kills < 6 || !printed() && time.Now().Before(deadline); kills++ {
		p := startProcess(t, args...)
		if len(properties) == 0 {
			// kfake never misses a member whose connection broke while it waited to
			// join, as Kafka does; this one waits until the one before is missed.
			awaitText(t, p.stderr, "reads "+f.topic+"/")
		}
		for range 2 + f.rng.IntN(6) {
			f.produce(1 + f.rng.IntN(60))
			time.Sleep(time.Duration(f.rng.IntN(400)) * time.Millisecond) // the moment is the point
		}
		if err := p.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = p.Wait() // it was killed
		outputs, stderrs = append(outputs, p.stdout.String()), append(stderrs, p.stderr.String())
	}
	f.end()
	last := startProcess(t, args...)
	awaitUnion(t, f.lines(slices.Concat(groupFlags, flags)...), func() []string { return append(slices.Clone(outputs), last.stdout.String(), others()) }, func() string {
		return strings.Join(append(stderrs, last.stderr.String()), "\n---\n")
	})
	// All lines may be there before the last one has come as far as to hear signals.
	awaitText(t, last.stderr, "reads "+f.topic+"/")
	if code := last.interrupt(t, os.Interrupt); code != exitDone {
		t.Errorf("exit code %d: %s", code, last.stderr)
	}
	if !printed() {
		t.Error("none of those that were killed had printed anything")
	}
}

// awaitText waits for words of a process.
func awaitText(t *testing.T, out *transcript, words string) {
	t.Helper()
	for deadline := time.After(patience); !strings.Contains(out.String(), words); {
		select {
		case <-out.more:
		case <-deadline:
			t.Fatalf("no %q: %s", words, out)
		}
	}
}

// TestMembersShareAndHandOver: members come and go, and together they print what
// one does. When they have gone in order nothing comes again.
func TestMembersShareAndHandOver(t *testing.T) {
	t.Parallel()
	f := newGroupFeed(t, 4)
	// Nobody is to be missed, however busy the machine is: lines would come again.
	f.properties = []string{"-X", "heartbeat.interval.ms=50", "-X", "auto.commit.interval.ms=20"}
	var members []*running
	join := func() *running {
		m := start(t, f.tail()...)
		members = append(members, m)
		m.awaitNotice("reads t/")
		return m
	}
	outputs := func() (all []string) {
		for _, m := range members {
			all = append(all, m.stdout.String())
		}
		return all
	}
	first := join()
	f.produce(300)
	first.awaitLines(20)
	second := join()
	first.awaitNotice("gives up")
	f.produce(300)
	second.awaitLines(20)
	first.interrupt()
	if code := first.wait(); code != exitDone {
		t.Fatalf("exit code %d: %s", code, first.stderr)
	}
	f.produce(300)
	third := join()
	f.produce(100)
	f.end()
	awaitUnion(t, f.lines(groupFlags...), outputs, func() string { return second.stderr.end() + "\n---\n" + third.stderr.end() })
	second.interrupt()
	second.wait()
	third.interrupt()
	third.wait()
	if n, unique := strings.Count(strings.Join(outputs(), ""), "\n"), len(sortUnique(outputs()...)); n != unique {
		t.Errorf("%d lines, of which %d came again", n, n-unique)
	}
	for _, out := range outputs() {
		if strings.Contains(out, "emitted_at") || !strings.Contains(out, `"lag_clock":"create"`) {
			t.Errorf("lines of a group tell of their own time: %s", out)
		}
	}
}

// TestGroupIsListed: what is committed is what windows need, and what it says of
// them can be read.
func TestGroupIsListed(t *testing.T) {
	t.Parallel()
	f := newGroupFeed(t, 2)
	m := start(t, f.tail()...)
	f.produce(400)
	f.end()
	m.await(m.stdout, "all lines", func(text string) bool { return len(sortUnique(text)) >= len(f.lines(groupFlags...)) })
	list := oriel(t, "groups", "-b", f.addr, "g-t")
	if !strings.Contains(list.stdout, "Stable") {
		t.Errorf("%+v", list)
	}
	m.interrupt()
	if code := m.wait(); code != exitDone {
		t.Fatalf("exit code %d: %s", code, m.stderr)
	}
	list = oriel(t, "groups", "-b", f.addr, "g-t", "-o", "json")
	for _, want := range []string{`"state":"Empty"`, `"metadata":"oriel1 `, " frontier=", ` whole"`} {
		if !strings.Contains(list.stdout, want) {
			t.Errorf("no %q in\n%s%s", want, list.stdout, list.stderr)
		}
	}
	var group struct{ Lag int64 }
	if err := json.Unmarshal([]byte(list.lines()[0]), &group); err != nil || group.Lag == 0 || group.Lag > 2*64 {
		// The last record of each partition is in windows that are open.
		t.Errorf("%v, lag %d: the last record of each partition is needed, and hardly more", err, group.Lag)
	}
}

// TestGroupWithOtherWindows cannot go on, and says so. What else is to be known of
// a group is told, too.
func TestGroupWithOtherWindows(t *testing.T) {
	t.Parallel()
	f := newGroupFeed(t, 2)
	m := start(t, f.tail()...)
	m.awaitNotice("--from start counts for the partitions of which group \"g-t\" has committed nothing")
	f.produce(400)
	for p := range f.partitions {
		f.c.produce("t", message{partition: p, timestamp: f.now, key: []byte("both"), payload: fmt.Appendf(nil, `{"ts":%d,"v":1}`, f.now)})
	}
	f.end()
	m.awaitNotice(`t: the key "both" is in the partitions 0 and 1`)
	m.interrupt()
	m.wait()
	if !strings.Contains(m.stderr.String(), "1 key was seen in several partitions") {
		t.Errorf("%s", m.stderr)
	}
	other := start(t, f.tail("-w", "2s")...)
	other.awaitNotice("other windows or other fields; windows that began before are marked incomplete")
	f.now += 120_000
	f.end()
	if first := other.awaitLines(1)[0]; !strings.Contains(first, `"incomplete":"start"`) {
		t.Errorf("%s", first)
	}
}

// TestGroupKeepsWhatFilesHold: the lines in a file have been committed, and do not
// come again. The next one is not glued to a part of a line.
func TestGroupKeepsWhatFilesHold(t *testing.T) {
	t.Parallel()
	f := newGroupFeed(t, 1)
	path := t.TempDir() + "/lines"
	const before = "a line of the run before\na part of"
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	m := start(t, f.tail("--sink", "file:"+path)...)
	f.produce(400)
	f.end()
	m.awaitLines(1)
	m.interrupt()
	m.wait()
	if text := readFile(t, path); !strings.HasPrefix(text, before+"\n{") {
		t.Errorf("the file holds %q", text)
	}
}

// TestWaitingGroupBeginsAtFrom: where no record tells yet how to decode, a group
// begins where a run without one does, and leaves out nothing of what comes
// meanwhile.
func TestWaitingGroupBeginsAtFrom(t *testing.T) {
	t.Parallel()
	var old []message
	for i := range int64(10) {
		old = append(old, number(epoch+1000*i, "k", `{"v":1}`))
	}
	for i := range int64(sampleSize) {
		old = append(old, message{timestamp: epoch + 20_000 + i, key: []byte("k")}) // of no payload
	}
	for _, group := range []string{"", "--group g"} {
		addr := brokerWith(t, 1, old...)
		line := "tail t -w 1s --out-of-orderness 0s -m none --from end -b " + addr + " " + group
		r := start(t, strings.Fields(line)...)
		r.awaitNotice("waiting for the first record")
		newClient(t, addr).produce("t", number(epoch+200_000, "k", `{"v":2}`), number(epoch+202_000, "k", `{"v":3}`))
		if first := r.awaitLines(1)[0]; !strings.Contains(first, fmt.Sprintf(`"start_ms":%d,`, epoch+200_000)) {
			t.Errorf("%q: the first line is %s", group, first)
		}
	}
}
