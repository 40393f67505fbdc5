package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/oriel-stream/oriel/stream/demo"
)

// newPeekBroker has one topic, t, of two partitions with everything that peek
// shows, out of the order of time.
func newPeekBroker(t *testing.T) string {
	t.Helper()
	addr := newBroker(t, kfake.SeedTopics(2, "t")).ListenAddrs()[0]
	c := newClient(t, addr)
	c.produce("t",
		message{0, epoch + 3000, []byte("a"), []byte(`{"temp":21.5,"hum":40,"ts":` + strconv.FormatInt(epoch+2000, 10) + `}`)},
		message{1, epoch + 1000, nil, []byte(`{"temp":"hot","hum":41}`)},
		message{0, epoch + 2000, []byte("b\x1b[31m"), []byte("{\"temp\":\n 1,\n \"ts\": \"\u202e\"}")},
		message{1, epoch + 2000, []byte{}, nil},
		message{1, epoch + 2000, []byte("\xff"), []byte(`{"temp"`)},
	)
	headed := &kgo.Record{Topic: "t", Partition: 1, Key: []byte("c"), Value: []byte(`{"temp":2,"ts":"2026-11-22T06:00:00Z"}`)}
	headed.Headers = []kgo.RecordHeader{{Key: "trace", Value: []byte("7f")}, {Key: "none"}}
	headed.Timestamp = time.UnixMilli(epoch + 9000)
	if err := c.ProduceSync(t.Context(), headed).FirstErr(); err != nil {
		t.Fatal(err)
	}
	return addr
}

func TestPeekTable(t *testing.T) {
	t.Parallel()
	addr := newPeekBroker(t)
	for _, c := range []struct{ name, flags, want string }{
		{"what is there", "", `
part offset event time (UTC)        key temp         headers         payload
   1      0 2026-11-22 06:00:01.000 -   not_a_number                 {"temp":"hot","hum":41}
   0      1 2026-11-22 06:00:02.000 b   1                            {"temp": 1, "ts": ""}
   1      1 2026-11-22 06:00:02.000     null                         -
   1      2 2026-11-22 06:00:02.000 �   malformed                    {"temp"
   0      0 2026-11-22 06:00:03.000 a   21.5                         {"temp":21.5,"hum":40,"ts":1795327202000}
   1      3 2026-11-22 06:00:09.000 c   2            trace=7f none=- {"temp":2,"ts":"2026-11-22T06:00:00Z"}
`},
		{"event time, lag and two values", "--time ts --value temp --value h=hum --partitions 0", `
part offset event time (UTC)         lag key value             payload
   0      1 bad_time                     b   temp=1 h=no_field {"temp": 1, "ts": ""}
   0      0 2026-11-22 06:00:02.000 1.0s a   temp=21.5 h=40    {"temp":21.5,"hum":40,"ts":1795327202000}
`},
		{"another key", "--key hum --value none --from 0=0,1=0 --to +1", `
part offset event time (UTC)        key value payload
   1      0 2026-11-22 06:00:01.000 41  -     {"temp":"hot","hum":41}
   0      0 2026-11-22 06:00:03.000 40  -     {"temp":21.5,"hum":40,"ts":1795327202000}
`},
		{"the last, of which one", "--from -1 --limit 1 --format text", `
part offset event time (UTC)        key value payload
   0      1 2026-11-22 06:00:02.000 b   -     {"temp": 1, "ts": ""}
`},
		{"nothing", "--from end", "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := oriel(t, strings.Fields("peek t --quiet -b "+addr+" "+c.flags)...)
			if diff := cmp.Diff(c.want[1:], got.stdout); diff != "" || got.code != exitDone || got.stderr != "" {
				t.Errorf("%d %s\n%s", got.code, got.stderr, diff)
			}
		})
	}
}

// TestPeekSays: which value is read and why, and that there is nothing.
func TestPeekSays(t *testing.T) {
	t.Parallel()
	addr := newPeekBroker(t)
	for flags, want := range map[string]string{
		"--partitions 0": "oriel: value: temp (first numeric field of t/0 offset 0)\n",
		"--from end":     "oriel: no record of t from end to end\n",
		"-o json":        "",
	} {
		if got := oriel(t, strings.Fields("peek t -b "+addr+" "+flags)...); got.stderr != want || got.code != exitDone {
			t.Errorf("%s: %d %q, want %q", flags, got.code, got.stderr, want)
		}
	}
}

func TestPeekJSON(t *testing.T) {
	t.Parallel()
	addr := newPeekBroker(t)
	got := oriel(t, "peek", "t", "-b", addr, "-o", "json")
	want := `{"topic":"t","partition":0,"offset":0,"tstype":"create","ts":1795327203000,"key":"a","payload":"{\"temp\":21.5,\"hum\":40,\"ts\":1795327202000}"}
{"topic":"t","partition":0,"offset":1,"tstype":"create","ts":1795327202000,"key":"b\u001b[31m","payload":"{\"temp\":\n 1,\n \"ts\": \"` + "\u202e" + `\"}"}
{"topic":"t","partition":1,"offset":0,"tstype":"create","ts":1795327201000,"key":null,"payload":"{\"temp\":\"hot\",\"hum\":41}"}
{"topic":"t","partition":1,"offset":1,"tstype":"create","ts":1795327202000,"key":"","payload":null}
{"topic":"t","partition":1,"offset":2,"tstype":"create","ts":1795327202000,"key_base64":"/w==","payload":"{\"temp\""}
{"topic":"t","partition":1,"offset":3,"tstype":"create","ts":1795327209000,"headers":["trace","7f","none",null],"key":"c","payload":"{\"temp\":2,\"ts\":\"2026-11-22T06:00:00Z\"}"}
`
	if diff := cmp.Diff(want, got.stdout); diff != "" || got.code != exitDone || got.stderr != "" {
		t.Errorf("%d %s\n%s", got.code, got.stderr, diff)
	}
	limited := oriel(t, "peek", "t", "-b", addr, "-o", "json", "--limit", "3")
	if want := strings.Join(strings.SplitAfter(want, "\n")[:3], ""); limited.stdout != want || limited.code != exitDone {
		t.Errorf("%d %s", limited.code, limited.stdout)
	}
}

// TestPeekOfTopics: a glob of several topics names them.
func TestPeekOfTopics(t *testing.T) {
	t.Parallel()
	addr := newBroker(t, kfake.SeedTopics(1, "a-1", "a-2", "b")).ListenAddrs()[0]
	c := newClient(t, addr)
	for _, topic := range []string{"a-2", "a-1", "b"} {
		c.produce(topic, number(epoch, "k", "1"))
	}
	got := oriel(t, "peek", "a-*", "-b", addr, "--quiet")
	want := `topic part offset event time (UTC)        key value payload
a-1      0      0 2026-11-22 06:00:00.000 k   1     1
a-2      0      0 2026-11-22 06:00:00.000 k   1     1
`
	if diff := cmp.Diff(want, got.stdout); diff != "" {
		t.Errorf("exit code %d: %s\n%s", got.code, got.stderr, diff)
	}
}

// TestPeekOfMuch: a range too large to be sorted comes partition by partition,
// each in the order of its offsets.
func TestPeekOfMuch(t *testing.T) {
	t.Parallel()
	t.Run("records", func(t *testing.T) {
		t.Parallel()
		checkByPartition(t, oriel(t, "peek", "sensors", "-b", loaded(t, maxSorted+1), "--all", "--quiet"), maxSorted+1)
	})
	t.Run("bytes", func(t *testing.T) {
		t.Parallel()
		addr := newBroker(t, kfake.SeedTopics(2, "t")).ListenAddrs()[0]
		c := newClient(t, addr, kgo.ProducerBatchCompression(kgo.SnappyCompression()))
		const largeBytes = 700_000
		large := bytes.Repeat([]byte("x"), largeBytes)
		const n = maxSortedBytes/largeBytes + 1
		for i := range int64(n) {
			// By time it would be one partition, then the other, then the one.
			c.produce("t", message{partition: int32(i % 2), timestamp: epoch - i, payload: large})
		}
		checkByPartition(t, oriel(t, "peek", "t", "-b", addr, "--all", "--quiet"), n)
	})
}

func checkByPartition(t *testing.T, got outcome, records int) {
	t.Helper()
	var partition, offset, n int
	for _, line := range got.lines() {
		var p, o int
		if _, err := fmt.Sscan(line, &p, &o); err != nil {
			continue // a header
		}
		if p < partition || p == partition && o != offset {
			t.Fatalf("partition %d offset %d after offset %d of %d", p, o, offset-1, partition)
		}
		partition, offset = p, o+1
		n++
	}
	if n != records || got.code != exitDone {
		t.Errorf("%d records of %d, exit code %d: %s", n, records, got.code, got.stderr)
	}
}

// loaded starts a demo broker with the topic sensors and n records in it.
func loaded(t *testing.T, n int64) string {
	t.Helper()
	cfg := demo.DefaultConfig()
	cfg.Records = n
	b, err := demo.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	if err := b.Load(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	return b.Addr()
}

// TestPeekDump: what replay makes of a dump, from a file or a pipe, is what it
// makes of the topic, byte for byte.
func TestPeekDump(t *testing.T) {
	t.Parallel()
	addr := loaded(t, 6000)
	for _, ranges := range []string{"", "--partitions 1,3", "--from 0=100,start --to -200"} {
		dump := oriel(t, strings.Fields("peek sensors -o json --all -b "+addr+" "+ranges)...)
		if dump.code != exitDone || dump.stderr != "" || len(dump.lines()) < 2000 || !strings.HasPrefix(dump.stdout, `{"oriel":1,`) {
			t.Fatalf("%q: exit code %d, %d lines: %s", ranges, dump.code, len(dump.lines()), dump.stderr)
		}
		file := filepath.Join(t.TempDir(), "dump")
		if err := os.WriteFile(file, []byte(dump.stdout), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, flags := range []string{"--time ts --value temp -w 10s/1s", "--key site --value humidity -w 10s -m none"} {
			want := replayOf(t, nil, "sensors -b "+addr+" "+ranges+" "+flags)
			if strings.Count(want.stdout, "\n") < 4 {
				t.Fatalf("%q shows too little: %s", flags, want.stdout)
			}
			same(t, ranges+" "+flags+", a file", replayOf(t, nil, "--input "+file+" "+flags), want)
			same(t, ranges+" "+flags+", a pipe", replayOf(t, strings.NewReader(dump.stdout), "--input - "+flags), want)
		}
	}
}

// TestPeekDumpInTurns: a dump has so many offsets of each partition, then those
// behind them, in the same order every time.
func TestPeekDumpInTurns(t *testing.T) {
	t.Parallel()
	const each = aTurn + 1500
	addr := loaded(t, 4*each)
	dump := oriel(t, "peek", "sensors", "-o", "json", "--all", "-b", addr)
	lines := dump.lines()
	if dump.code != exitDone || len(lines) != 1+4*each {
		t.Fatalf("exit code %d, %d lines: %s", dump.code, len(lines), dump.stderr)
	}
	for i, line := range lines[1:] {
		at := struct{ Partition, Offset int }{i / aTurn, i % aTurn}
		if i >= 4*aTurn {
			at.Partition, at.Offset = (i-4*aTurn)/(each-aTurn), aTurn+(i-4*aTurn)%(each-aTurn)
		}
		got := at
		if err := json.Unmarshal([]byte(line), &got); err != nil || got != at {
			t.Fatalf("record %d is %+v, want %+v: %v", i, got, at, err)
		}
	}
}

func replayOf(t *testing.T, stdin io.Reader, flags string) printed {
	t.Helper()
	rejects := filepath.Join(t.TempDir(), "rejects")
	got := orielWith(t, stdin, strings.Fields("replay --quiet --rejects "+rejects+" "+flags)...)
	if got.code != exitDone {
		t.Fatalf("%s: exit code %d: %s", flags, got.code, got.stderr)
	}
	return printed{got.stdout, readFile(t, rejects)}
}

// TestPeekAllInTheEnvironment: --all begins at the start unless the command
// line says otherwise.
func TestPeekAllInTheEnvironment(t *testing.T) {
	t.Parallel()
	addr := newPeekBroker(t)
	for flags, want := range map[string]int{"": 2, "--all": 1 + 6, "--all --from -1": 1 + 2} {
		variables := map[string]string{"ORIEL_BROKERS": addr, "ORIEL_FROM": "-1", "ORIEL_OUTPUT": "json"}
		got := inEnvironment(t, variables, "", append([]string{"peek", "t"}, strings.Fields(flags)...)...)
		if n := len(got.lines()); n != want || got.code != exitDone {
			t.Errorf("%q: exit code %d, %d lines, want %d: %s", flags, got.code, n, want, got.stderr)
		}
	}
}

func TestPeekErrors(t *testing.T) {
	t.Parallel()
	cluster := newBroker(t, kfake.SeedTopics(1, "t"))
	addr := cluster.ListenAddrs()[0]
	c := newClient(t, addr)
	c.produce("t", number(epoch, "k", "1"), number(epoch, "k", "2"), number(epoch, "k", "3"))
	c.deleteRecords("t", 2)
	for _, k := range []complaint{
		{"peek", exitUsage, []string{"use oriel peek TOPIC", "oriel peek --help"}},
		{"peek t u", exitUsage, []string{`use oriel peek TOPIC, not "t" "u"`}},
		{"peek u", exitUsage, []string{`unknown topic "u"`}},
		{"peek [", exitUsage, []string{"not a valid glob"}},
		{"peek t --partitions 1", exitUsage, []string{"partition 1 does not exist"}},
		{"peek t -o csv", exitUsage, []string{`--output: "csv" is unknown: use table or json`}},
		{"peek t --time ts --time-unit fortnights", exitUsage, []string{`--time-unit "fortnights"`}},
		{"peek t --from banana", exitUsage, []string{`--from offset "banana"`}},
		{"peek t --all -o json --limit 5", exitUsage, []string{"--limit 5 does not go with --all -o json", "--to"}},
	} {
		k.check(t, "-b", addr)
	}
	complaint{"peek t -b 127.0.0.1:1", exitConnection, []string{"connection refused"}}.check(t)

	got := oriel(t, "peek", "t", "--from", "0", "-o", "json", "-b", addr)
	if got.code != exitIncomplete || len(got.lines()) != 1 || !strings.Contains(got.stderr, "t/0: lost 2 offsets, 0 to 1: retention") {
		t.Errorf("%+v", got)
	}

	answer := newNap(t, cluster)
	cluster.ControlKey(int16(kmsg.Fetch), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		answer.take()
		return nil, nil, false
	})
	complaint{"peek t --timeout 50ms -o json", exitIncomplete, []string{"the time limit was reached"}}.check(t, "-b", addr)
}

// TestPeekClosedStdout: the reader has gone, and peek ends without a word.
func TestPeekClosedStdout(t *testing.T) {
	t.Parallel()
	addr := loaded(t, 20_000)
	for _, output := range []string{"json", "table"} {
		t.Run(output, func(t *testing.T) {
			t.Parallel()
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			var stderr bytes.Buffer
			done := make(chan int, 1)
			go func() {
				done <- run(t.Context(), testEnv(nil, w, &stderr, "peek", "sensors", "--all", "--quiet", "-b", addr, "-o", output))
			}()
			if line, err := bufio.NewReader(r).ReadString('\n'); err != nil || line == "" {
				t.Errorf("%q, %v", line, err)
			}
			r.Close()
			if code := <-done; code != exitDone || stderr.String() != "" {
				t.Errorf("exit code %d: %s", code, &stderr)
			}
		})
	}
}
