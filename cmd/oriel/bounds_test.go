package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// noRecord and oneRecord are inputs of which windows hold nothing, and something.
const noRecord = `{"oriel":1,"partitions":{"t":{"0":{"start":0,"end":0}}}}` + "\n"

const oneRecord = `{"topic":"t","partition":0,"offset":0,"ts":1000,"key":"k","payload":"1"}` + "\n"

// TestWindowsThatDoNotFit are refused with what would fit, and that then does.
func TestWindowsThatDoNotFit(t *testing.T) {
	t.Parallel()
	advice := regexp.MustCompile(`: (?:use (--.*), or )?raise (--max-memory) to (\S+)\n$`)
	for _, c := range []struct {
		args string
		says []string
	}{
		{"-w 1d/1ms", []string{"--window 24h/1ms holds 86,402,001 slices", "--max-memory is 1.0MiB", "use --window 24h/"}},
		{"-w 36500d/1ms", []string{"holds 3,153,600,002,001 slices"}},
		{"-w 86400001ms/1ms", []string{"use --window 24h0m0.001s/"}},
		{"-w 1d --step 1ms -m holt", []string{"--window 24h holds", "use --step "}},
		{"-w 1h/1m -m holt --step 1ms", []string{"use --step "}},
		{"-w 1s/10ms --allowed-lateness 365d -m none", []string{"use --allowed-lateness "}},
		{"-w 1s/1ms --allowed-lateness 365d", []string{"--max-memory is 1.0MiB: raise --max-memory to "}},
		{"-w 1s/10ms -m none --out-of-orderness 365d", []string{"use --out-of-orderness "}},
		{"-w 10s/1ms --agg p50,distinct:a --value none", []string{"for each key"}},
	} {
		args := append([]string{"replay", "--input", "-", "--max-memory", "1MiB", "--format", "json"}, strings.Fields(c.args)...)
		got := orielWith(t, strings.NewReader(noRecord), args...)
		found := advice.FindStringSubmatch(got.stderr)
		if got.code != exitUsage || got.stdout != "" || found == nil {
			t.Errorf("%s: %+v", c.args, got)
			continue
		}
		for _, want := range c.says {
			if !strings.Contains(got.stderr, want) {
				t.Errorf("%s: %q is not in: %s", c.args, want, got.stderr)
			}
		}
		for _, flags := range [][]string{strings.Fields(found[1]), {found[2], found[3]}} {
			if len(flags) == 0 {
				continue // no flag alone would do
			}
			changed := append(without(args, flags[0]), flags...)
			if got := orielWith(t, strings.NewReader(noRecord), changed...); got.code != exitDone {
				t.Errorf("%s: oriel said %q, which does not work: %s", c.args, flags, got.stderr)
			}
		}
	}
}

// without leaves a flag and its value out of a command line.
func without(args []string, flag string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		if args[i] == flag || args[i] == "-w" && flag == "--window" {
			i++
			continue
		}
		out = append(out, args[i])
	}
	return out
}

// TestTightWindowsWarn with how many keys fit.
func TestTightWindowsWarn(t *testing.T) {
	t.Parallel()
	args := []string{"replay", "--input", "-", "-w", "1h/1s", "-m", "none", "--max-memory", "100MiB"}
	got := orielWith(t, strings.NewReader(oneRecord), args...)
	if got.code != exitDone || !regexp.MustCompile(`a key that has records all the time takes up to \S+: --max-memory 100MiB is enough for about \d+\n`).MatchString(got.stderr) {
		t.Errorf("%+v", got)
	}
	got = orielWith(t, strings.NewReader(oneRecord), append(args, "--max-keys", "10")...)
	if got.code != exitDone || strings.Contains(got.stderr, "is enough for") {
		t.Errorf("ten keys fit: %+v", got)
	}
}

// manyKeys is an input of n keys in each of two partitions, all in one day.
func manyKeys(n int) string {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, `{"oriel":1,"partitions":{"t":{"0":{"start":0,"end":%d},"1":{"start":0,"end":%d}}}}`+"\n", n, n)
	for i := range n {
		for p := range 2 {
			_, _ = fmt.Fprintf(&b, `{"topic":"t","partition":%d,"offset":%d,"ts":%d,"key":"k-%d-%d","payload":"1"}`+"\n", p, i, epoch+int64(i), p, i)
		}
	}
	return b.String()
}

// TestMemoryThatDoesNotSuffice ends a bounded run, and says what does.
func TestMemoryThatDoesNotSuffice(t *testing.T) {
	t.Parallel()
	advice := regexp.MustCompile(`raise --max-memory (\S+) to (\S+)\n$`)
	input := manyKeys(5000)
	args := []string{"replay", "--input", "-", "-w", "1d", "-m", "none", "--max-memory"}
	for _, limit := range []string{"200KiB", "1MiB", "3MiB"} {
		got := orielWith(t, strings.NewReader(input), append(args, limit)...)
		found := advice.FindStringSubmatch(got.stderr)
		if got.code != exitIncomplete || !strings.Contains(got.stderr, "outgrew the memory") || found == nil || strings.Replace(found[1], ".0", "", 1) != limit {
			t.Errorf("%s: exit code %d: %s", limit, got.code, got.stderr)
			continue
		}
		if got := orielWith(t, strings.NewReader(input), append(args, found[2])...); got.code != exitDone || len(got.lines()) != 10_000 {
			t.Errorf("%s: oriel said %s, which does not suffice: exit code %d, %d lines: %s", limit, found[2], got.code, len(got.lines()), got.stderr)
		}
	}
}

// TestKeyLimit: what is refused depends on the partition alone, and the run goes
// on to its end.
func TestKeyLimit(t *testing.T) {
	t.Parallel()
	const limit, keys = 100, 500
	var messages []message
	for line := range strings.Lines(manyKeys(keys)) {
		var m struct {
			Partition *int32
			TS        int64
			Key       string
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		if m.Key != "" {
			messages = append(messages, message{partition: *m.Partition, timestamp: m.TS, key: []byte(m.Key), payload: []byte("1")})
		}
	}
	addr := brokerWith(t, 2, messages...)
	var first printed
	dir := ""
	for i, fetch := range []string{"1048576", "2000", "300"} {
		dir = t.TempDir()
		got := oriel(t, "replay", "t", "-b", addr, "-w", "1d", "-m", "none", "--format", "number", "--max-keys", strconv.Itoa(limit),
			"-X", "max.partition.fetch.bytes="+fetch, "--rejects", filepath.Join(dir, "rejects"), "--summary", filepath.Join(dir, "summary"))
		now := printed{got.stdout, readFile(t, filepath.Join(dir, "rejects"))}
		if i == 0 {
			first = now
		}
		same(t, "fetches of "+fetch, now, first)
		s := readSummary(t, filepath.Join(dir, "summary"))
		if got.code != exitDone || len(got.lines()) != limit || s.Rejects["key_limit"] != 2*keys-limit || s.InTime != limit {
			t.Errorf("fetches of %s: exit code %d, %d lines, %+v", fetch, got.code, len(got.lines()), s)
		}
	}
	if r := parseRejects(t, filepath.Join(dir, "rejects")); r[0].Reason != "key_limit" || r[0].Offset != limit/2 || r[0].Windows != 1 || r[0].Of != 1 {
		t.Errorf("the first reject: %+v", r[0])
	}
}
