package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// windowLine is a line with a field for each place of a difference.
func windowLine(start int64, key string, count int64, more string) string {
	return fmt.Sprintf(`{"v":1,"type":"window","topic":"t","key":%s,"series":null,"start":"2026-11-22T06:00:00.000Z","end":"2026-11-22T06:00:10.000Z","start_ms":%d,"size_ms":10000,"hop_ms":1000,"revision":0,"count":%d%s}`,
		key, start, count, more)
}

// diffOf compares two texts.
func diffOf(t *testing.T, a, b string, flags ...string) outcome {
	t.Helper()
	dir := t.TempDir()
	names := [2]string{filepath.Join(dir, "a"), filepath.Join(dir, "b")}
	for i, text := range []string{a, b} {
		if err := os.WriteFile(names[i], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return oriel(t, append([]string{"diff", names[0], names[1]}, flags...)...)
}

func joined(of ...string) string { return strings.Join(of, "\n") + "\n" }

func TestDiff(t *testing.T) {
	t.Parallel()
	x, y, z := windowLine(0, `"x"`, 3, ""), windowLine(0, `"y"`, 4, ""), windowLine(1000, `"x"`, 5, "")
	for name, c := range map[string]struct {
		a, b string
		code int
		want string // the lines, as a regular expression
		told string
	}{
		"alike in another order": {joined(x, y), joined(y, x), exitDone, `^$`, "2 windows alike, 0 not"},
		"what is no core": {
			joined(windowLine(0, `"x"`, 3, `,"closed_by":"watermark","emitted_at":"1","lag_ms":null,"score":{}`)),
			joined(windowLine(0, `"x"`, 3, `,"closed_by":"idle_clock","forecast":null`)), exitDone, `^$`, "1 window alike",
		},
		"numbers of another notation": {joined(windowLine(0, `"x"`, 3, `,"sum":1e1`)), joined(windowLine(0, `"x"`, 3, `,"sum":10.0`)), exitDone, `^$`, "1 window alike"},
		"whole numbers beyond float64": {
			joined(windowLine(0, `"x"`, 3, `,"offsets":[{"last":9007199254740993}]`)),
			joined(windowLine(0, `"x"`, 3, `,"offsets":[{"last":9007199254740992}]`)), exitFailed, `^differs .*  offsets \[\{"last":9007199254740993\}\], \[\{"last":9007199254740992\}\]\n$`, "0 windows alike, 1 not",
		},
		"a field":               {joined(x, y), joined(x, windowLine(0, `"y"`, 5, `,"sum":2.5`)), exitFailed, `^differs    t  key="y"  series=null  start=2026-11-22T06:00:00.000Z  10s/1s  count 4, 5  sum null, 2.5\n$`, "1 window alike, 1 not"},
		"one side":              {joined(x, z), joined(x, y), exitFailed, `^only in 2  t  key="y".*\nonly in 1  t  key="x"  series=null.*\n$`, "1 window alike, 2 not"},
		"null is not its text":  {joined(windowLine(0, `null`, 3, "")), joined(windowLine(0, `"<nil>"`, 3, "")), exitFailed, `^only in 2 .*key="<nil>".*\nonly in 1 .*key=null`, "2 not"},
		"incomplete":            {joined(x, windowLine(0, `"y"`, 4, `,"incomplete":"start"`)), joined(x, y), exitDone, `^$`, "1 window alike, 0 not, 1 incomplete"},
		"again":                 {joined(windowLine(0, `"x"`, 2, ""), x), joined(x, x), exitDone, `^$`, "1 window alike"},
		"other lines":           {joined(x, `{"type":"reject"}`, "", "nonsense"), joined(x), exitDone, `^$`, "1 window alike, 0 not; 2 lines left out"},
		"byte-order mark":       {"\ufeff" + joined(x, y), joined(x, y), exitDone, `^$`, "2 windows alike, 0 not\n"},
		"nothing":               {joined(""), joined(""), exitFailed, `^$`, "no window line to compare"},
		"a terminal's controls": {joined(windowLine(0, `"\u001b[31m\u009b"`, 3, "")), joined(x), exitFailed, `^only in 2[^\x1b\x{9b}]*only in 1[^\x1b\x{9b}]*$`, "2 not"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := diffOf(t, c.a, c.b)
			if got.code != c.code || !regexp.MustCompile(c.want).MatchString(got.stdout) || !strings.Contains(got.stderr, c.told) {
				t.Errorf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
			}
		})
	}
}

// What is printed for programs is what its schema says.
func TestDiffJSON(t *testing.T) {
	t.Parallel()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile(filepath.Join("..", "..", "docs", "difference.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	based := `{"v":1,"type":"window","topic":"t","key_base64":"/w==","series":"s","start":"2026-11-22T06:00:00.000Z","end":"2026-11-22T06:00:10.000Z","start_ms":0,"size_ms":10000,"hop_ms":1000,"revision":1,"count":1}`
	got := diffOf(t, joined(windowLine(0, `"x"`, 3, ""), based), joined(windowLine(0, `"x"`, 4, `,"sum":2.5`), windowLine(0, `null`, 4, "")), "-o", "json", "--quiet")
	if got.code != exitFailed || strings.Contains(got.stderr, "alike") {
		t.Errorf("%+v", got)
	}
	printed := got.lines()
	if len(printed) != 3 || !strings.Contains(printed[0], `"fields":{"count":[3,4],"sum":[null,2.5]}`) {
		t.Errorf("%q", printed)
	}
	for _, line := range printed {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(line)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%v\n%s", err, line)
		}
	}
}

// A tail of a whole topic and its replay are the same windows.
func TestDiffOfTailAndReplay(t *testing.T) {
	t.Parallel()
	addr := loaded(t, 6000)
	dir := t.TempDir()
	for name, args := range map[string]string{
		"tail": "tail sensors --from start --to end --timeout 20s --time ts --value temp -m none", "replay": "replay sensors --time ts --value temp -m holt",
	} {
		got := oriel(t, append(strings.Fields(args), "-b", addr)...)
		if got.code != exitDone || got.stdout == "" {
			t.Fatalf("%s: %+v", name, got)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(got.stdout), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := oriel(t, "diff", filepath.Join(dir, "tail"), filepath.Join(dir, "replay"))
	if got.code != exitDone || got.stdout != "" || !strings.Contains(got.stderr, " alike, 0 not") {
		t.Errorf("%+v", got)
	}
}

func TestDiffUsage(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{"- -": "stdin can be read once", "missing missing": "no such file", "one": `use oriel diff FILE FILE, not "one"`} {
		got := oriel(t, append([]string{"diff"}, strings.Fields(args)...)...)
		if got.code != exitUsage || !strings.Contains(got.stderr, want) {
			t.Errorf("%s: %+v", args, got)
		}
	}
}

// TestDiffIsInterrupted while it waits for a pipe that brings nothing.
func TestDiffIsInterrupted(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(file, []byte(joined(windowLine(0, `"x"`, 3, ""))), 0o600); err != nil {
		t.Fatal(err)
	}
	pipe, writer := io.Pipe()
	defer writer.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errInterrupted)
	var stdout, stderr bytes.Buffer
	if code := run(ctx, testEnv(pipe, &stdout, &stderr, "diff", file, "-")); code != exitInterrupted {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
}
