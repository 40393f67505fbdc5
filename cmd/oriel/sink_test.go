package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"
)

// sunk is a record of a topic as peek prints it.
type sunk struct {
	Partition int     `json:"partition"`
	TS        int64   `json:"ts"`
	Key       *string `json:"key"`
	KeyBase64 *string `json:"key_base64"`
	Payload   string  `json:"payload"`
	Headers   []any   `json:"headers"`
}

// sunkIn are all records of a topic, by partition and offset.
func sunkIn(t *testing.T, addr, topic string) []sunk {
	t.Helper()
	got := oriel(t, "peek", topic, "-b", addr, "--from", "start", "-o", "json")
	if got.code != exitDone {
		t.Fatalf("%+v", got)
	}
	var out []sunk
	for _, line := range got.lines() {
		var s sunk
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b sunk) int { return a.Partition - b.Partition })
	return out
}

// checkSunk compares what is in a topic with the lines on stdout: all of them,
// each partition in their order, the windows of a key in one partition, with its
// key and the end of the window.
func checkSunk(t *testing.T, addr, topic string, lines []string) {
	t.Helper()
	type line struct {
		Key       *string `json:"key"`
		KeyBase64 *string `json:"key_base64"`
		End       int64   `json:"end_ms"`
	}
	text := func(key, base64 *string) string {
		switch {
		case base64 != nil:
			return "base64 " + *base64
		case key != nil:
			return "text " + *key
		}
		return "null"
	}
	records := sunkIn(t, addr, topic)
	if len(records) != len(lines) {
		t.Errorf("%d records of %d lines", len(records), len(lines))
	}
	place, next := map[string]int{}, map[int]int{}
	for _, r := range records {
		i := slices.Index(lines[next[r.Partition]:], r.Payload)
		if i < 0 {
			t.Fatalf("partition %d: not on stdout, or not in its order: %s", r.Partition, r.Payload)
		}
		next[r.Partition] += i + 1
		var l line
		if err := json.Unmarshal([]byte(r.Payload), &l); err != nil {
			t.Fatal(err)
		}
		key := text(r.Key, r.KeyBase64)
		if want := text(l.Key, l.KeyBase64); key != want || r.TS != l.End || len(r.Headers) > 0 {
			t.Errorf("key %s, time %d, headers %v of %s", key, r.TS, r.Headers, r.Payload)
		}
		if p, seen := place[key]; seen && p != r.Partition {
			t.Errorf("key %s is in the partitions %d and %d", key, p, r.Partition)
		}
		place[key] = r.Partition
	}
}

// TestReplayIntoSinks: whatever stdout gets, files and topics have the JSON lines.
func TestReplayIntoSinks(t *testing.T) {
	t.Parallel()
	addr := newBroker(t).ListenAddrs()[0]
	checkSinks(t, addr, "mixed", "windows")
}

// checkSinks replays a mixed topic into another one.
func checkSinks(t *testing.T, addr, topic, sink string) {
	t.Helper()
	produceMixed(t, addr, topic)
	c := newClient(t, addr)
	args := append([]string{"replay", topic, "-b", addr, "--value", "temp", "-m", "holt", "--agg", "p50"}, mixedFlags...)
	plain := oriel(t, args...)
	lines := plain.lines()
	if plain.code != exitDone || len(lines) < 250 {
		t.Fatalf("exit code %d, %d lines: %s", plain.code, len(lines), plain.stderr)
	}
	for i, output := range []string{"json", "none", "table"} {
		dir := t.TempDir()
		one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two,with a comma")
		write(t, one, strings.Repeat("what was there before\n", 1e5))
		name := sink + strconv.Itoa(i)
		c.createTopic(name, 3)
		got := oriel(t, append(args, "-o", output, "--sink", "file:"+one, "--sink", "kafka:"+name, "--sink", "file:"+two)...)
		if got.code != exitDone || (got.stdout == "") != (output == "none") || output == "json" && got.stdout != plain.stdout {
			t.Errorf("-o %s: exit code %d, %d bytes on stdout: %s", output, got.code, len(got.stdout), got.stderr)
		}
		for _, path := range []string{one, two} {
			if readFile(t, path) != plain.stdout {
				t.Errorf("-o %s: %s is not what -o json prints", output, path)
			}
		}
		checkSunk(t, addr, name, lines)
	}
}

// TestSinkOfNullKeys: one group has no key.
func TestSinkOfNullKeys(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, number(epoch, "k", "1"), number(epoch+1000, "l", "2"), number(epoch+2000, "m", "3"))
	newClient(t, addr).createTopic("w", 5)
	got := oriel(t, "replay", "t", "-b", addr, "-w", "1s", "-m", "none", "--key", "none", "--sink", "kafka:w")
	if got.code != exitDone || len(got.lines()) != 3 {
		t.Fatalf("%+v", got)
	}
	checkSunk(t, addr, "w", got.lines())
}

// TestTailIntoSinks: a line is in the file and in the topic while the tail goes
// on, and nothing is lost when it is interrupted.
func TestTailIntoSinks(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, number(epoch-10_000, "k", "99"))
	c := newClient(t, addr)
	c.createTopic("w", 2)
	file := filepath.Join(t.TempDir(), "lines")
	r := startTail(t, addr, "--sink", "file:"+file, "--sink", "kafka:w")
	r.awaitNotice("value: the payload")
	const lines = 4
	for i := range int64(lines + 1) {
		c.produce("t", number(epoch+1000*i, "k", strconv.FormatInt(i, 10)))
		if i == 0 {
			continue
		}
		r.awaitLines(int(i))
		// The sleep is between two looks: nobody tells when a file has grown.
		for deadline := time.Now().Add(patience); readFile(t, file) != r.stdout.String() || len(sunkIn(t, addr, "w")) < int(i); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("after line %d: %d records, the file has %s", i, len(sunkIn(t, addr, "w")), readFile(t, file))
			}
		}
	}
	r.interrupt()
	if code := r.wait(); code != exitDone {
		t.Errorf("exit code %d: %s", code, r.stderr)
	}
	checkSunk(t, addr, "w", strings.Split(strings.TrimSuffix(r.stdout.String(), "\n"), "\n"))
}

// TestSinksRefused: before anything is read, written or created.
func TestSinksRefused(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, number(epoch, "k", "1"))
	newClient(t, addr).createTopic("windows", 1)
	dir := t.TempDir()
	file, input := filepath.Join(dir, "file"), filepath.Join(dir, "input")
	write(t, input, envelopeLine(epoch, "1"))
	link, folder := filepath.Join(dir, "link"), filepath.Join(dir, "folder")
	if err := errors.Join(os.Symlink(input, link), os.Symlink(dir, folder)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args, says string
	}{
		{"replay t --sink file:-", "--sink file:-: stdout is -o json"},
		{"replay t --sink file:", `--sink "file:": want file:PATH or kafka:TOPIC`},
		{"replay t --sink windows", `--sink "windows": want file:PATH or kafka:TOPIC`},
		{"replay t --sink kafka:", `--sink "kafka:": want`},
		{"replay t --sink kafka:w*", "--sink kafka:w*: the name of a topic has letters"},
		{"replay t --sink kafka:__consumer_offsets", "Kafka's own"},
		{"replay t --sink kafka:windows --sink kafka:windows", "--sink kafka:windows is there twice"},
		{"replay t --sink kafka:t", "--sink kafka:t is a topic that is read"},
		{"replay * --sink kafka:windows", "--sink kafka:windows is a topic that is read"},
		{"tail t --sink kafka:t", "--sink kafka:t is a topic that is read"},
		{"replay t --sink kafka:window", `--sink kafka:window: unknown topic "window"; did you mean windows? (oriel creates no topic: create it first)`},
		{"tail t --sink kafka:window", "create it first"},
		{"watch t --sink kafka:window", "create it first"}, // piped, as here, it is a tail
		{"replay t --sink file:/nowhere/at/all", "--sink file:/nowhere/at/all: open /nowhere/at/all: "},
		{"replay t --sink file:" + file + " --sink file:" + dir + "/./file", "are the same file, " + file},
		{"replay t --rejects " + file + " --sink file:" + file, "--rejects and --sink file: are the same file"},
		{"replay t --summary " + file + " --sink file:" + file, "--summary and --sink file: are the same file"},
		{"replay t --summary " + file + " --rejects " + file, "--rejects and --summary are the same file"},
		{"replay --input " + input + " --sink file:" + input, "--input and --sink file: are the same file"},
		{"replay --input " + input + " --sink file:" + link, "--input and --sink file: are the same file, " + link},
		{"replay --input " + relative(t, input) + " --rejects " + input, "--input and --rejects are the same file, " + input},
		{"replay t --rejects " + file + " --summary " + folder + "/file", "--rejects and --summary are the same file"},
		{"replay --input " + input + " --sink kafka:windows", "--sink kafka:windows does not go with --input " + input},
	} {
		args := append(strings.Fields(c.args), "--limit", "1")
		if !strings.Contains(c.args, "--input") {
			args = append(args, "-b", addr)
		}
		got := oriel(t, args...)
		if got.code != exitUsage || got.stdout != "" || !strings.Contains(got.stderr, c.says) {
			t.Errorf("%s: %+v", c.args, got)
		}
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("%s: %v", file, err)
	}
	if got := readFile(t, input); got != envelopeLine(epoch, "1") {
		t.Errorf("the input is now %q", got)
	}
	if got := sunkIn(t, addr, "windows"); len(got) > 0 {
		t.Errorf("written: %v", got)
	}
}

// TestSinkBesideADashboard: it would begin anew whenever a broker comes back.
func TestSinkBesideADashboard(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	e := testEnv(strings.NewReader(""), &stdout, &stderr, "watch", "t", "--sink", "file:x")
	e.stdoutIsTerminal = true
	if code := run(t.Context(), e); code != exitUsage || !strings.Contains(stderr.String(), "oriel tail") {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
}

// TestFullDisk: the error names the file, and the other sinks keep what they have.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skipf("no device that is always full: %v", err) // only Linux has one, and CI runs there
	}
	addr := brokerWith(t, 1, manyWindows()...)
	file := filepath.Join(t.TempDir(), "file")
	got := oriel(t, "replay", "t", "-b", addr, "-w", "1s", "-m", "none", "--sink", "file:"+file, "--sink", "file:/dev/full")
	if got.code != exitFailed || !strings.Contains(got.stderr, "/dev/full: no space left on device") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	if text := readFile(t, file); text == "" || !strings.HasPrefix(got.stdout, text) && !strings.HasPrefix(text, got.stdout) {
		t.Errorf("%d bytes in the file, %d on stdout", len(text), len(got.stdout))
	}
}

// TestClosedStdoutBesideASink: the run ends, and the sinks have what stdout had.
// That is an end in order only if they have it.
func TestClosedStdoutBesideASink(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, manyWindows()...)
	newClient(t, addr).createTopic("w", 1)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r.Close()
	file := filepath.Join(t.TempDir(), "file")
	replay := func(sinks ...string) (code int, stderr string) {
		var said bytes.Buffer
		args := append([]string{"replay", "t", "-b", addr, "-w", "1s", "-m", "none", "--quiet"}, sinks...)
		code = run(t.Context(), testEnv(strings.NewReader(""), w, &said, args...))
		return code, said.String()
	}
	if code, stderr := replay("--sink", "file:"+file, "--sink", "kafka:w"); code != exitDone || stderr != "" {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if lines := strings.Count(readFile(t, file), "\n"); lines == 0 || lines != len(sunkIn(t, addr, "w")) {
		t.Errorf("%d lines in the file, %d in the topic", lines, len(sunkIn(t, addr, "w")))
	}
	if _, err := os.Stat("/dev/full"); err == nil {
		if code, stderr := replay("--sink", "file:/dev/full"); code != exitFailed || !strings.Contains(stderr, "/dev/full: no space left on device") {
			t.Errorf("exit code %d: %s", code, stderr)
		}
	}
}

// TestSinkDenied: who may read and not write ends with exit code 3.
func TestSinkDenied(t *testing.T) {
	t.Parallel()
	addr := guarded(t)
	c := newClient(t, addr, kgo.SASL(plain.Auth{User: "user", Pass: "hunter2"}.AsMechanism()))
	c.createTopic("w", 1)
	for _, topic := range []string{"t", "w"} {
		req := kmsg.NewPtrCreateACLsRequest()
		acl := kmsg.NewCreateACLsRequestCreation()
		acl.ResourceType, acl.ResourceName, acl.ResourcePatternType = kmsg.ACLResourceTypeTopic, topic, kmsg.ACLResourcePatternTypeLiteral
		acl.Principal, acl.Host, acl.Operation, acl.PermissionType = "User:reader", "*", kmsg.ACLOperationRead, kmsg.ACLPermissionTypeAllow
		req.Creations = append(req.Creations, acl)
		if _, err := req.RequestWith(t.Context(), c.Client); err != nil {
			t.Fatal(err)
		}
	}
	got := oriel(t, "replay", "t", "-b", addr, "-m", "none", "--sink", "kafka:w",
		"-X", "security.protocol=sasl_plaintext", "-X", "sasl.mechanism=PLAIN", "-X", "sasl.username=reader", "-X", "sasl.password=hunter2")
	if got.code != exitConnection || !strings.Contains(got.stderr, "not allowed to write to topic w at "+addr) || !strings.Contains(got.stderr, "--operation Write --topic w") {
		t.Errorf("%+v", got)
	}
}

// TestSinkWhoseBrokerDies in the middle: the run ends in bounded time, with exit
// code 3 where nobody answers and 1 where somebody refuses.
func TestSinkWhoseBrokerDies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		die  func(cluster *kfake.Cluster, req kmsg.Request) kmsg.Response
		code int
		says string
	}{
		"is gone": {func(cluster *kfake.Cluster, _ kmsg.Request) kmsg.Response { go cluster.Close(); return nil }, exitConnection, "cannot reach a broker at "},
		"is mute": {func(*kfake.Cluster, kmsg.Request) kmsg.Response { return nil }, exitConnection, "no answer in time"},
		"does not do": {func(_ *kfake.Cluster, req kmsg.Request) kmsg.Response {
			return produceError(req, kerr.NotEnoughReplicas)
		}, exitFailed, "min.insync.replicas"},
	} {
		for _, command := range []string{"replay", "tail"} {
			t.Run(name+", "+command, func(t *testing.T) {
				t.Parallel()
				cluster := newBroker(t, kfake.SeedTopics(1, "t", "w"))
				addr := cluster.ListenAddrs()[0]
				newClient(t, addr).produce("t", manyWindows()...)
				requests := 0
				cluster.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
					cluster.KeepControl()
					if requests++; requests == 1 {
						return nil, nil, false // it lives
					}
					return c.die(cluster, req), nil, true
				})
				r := start(t, command, "t", "-b", addr, "--from", "start", "-w", "1s", "-m", "none", "--sink", "kafka:w", "-X", "delivery.timeout.ms=500")
				code := r.wait()
				if text := r.stderr.String(); code != c.code || !strings.Contains(text, c.says) || !strings.Contains(text, "topic w, partition 0") {
					t.Errorf("exit code %d: %s", code, text)
				}
			})
		}
	}
}

// produceError refuses every partition of a request.
func produceError(req kmsg.Request, err *kerr.Error) kmsg.Response {
	res := req.ResponseKind().(*kmsg.ProduceResponse)
	for _, t := range req.(*kmsg.ProduceRequest).Topics {
		answer := kmsg.NewProduceResponseTopic()
		answer.Topic = t.Topic
		for _, p := range t.Partitions {
			partition := kmsg.NewProduceResponseTopicPartition()
			partition.Partition, partition.ErrorCode = p.Partition, err.Code
			answer.Partitions = append(answer.Partitions, partition)
		}
		res.Topics = append(res.Topics, answer)
	}
	return res
}

// relative is a path seen from the folder of the tests.
func relative(t *testing.T, path string) string {
	t.Helper()
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	rel, err := filepath.Rel(wd, path)
	if err != nil {
		t.Fatal(err)
	}
	return rel
}
