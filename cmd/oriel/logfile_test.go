package main

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/oriel-stream/oriel/tui"
)

var stamped = regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z `)

// TestLogFile has what was told on stderr, with its time, run after run.
func TestLogFile(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/log"
	args := []string{"replay", "--input", "-", "--format", "number", "-m", "none"}
	line := envelopeLine(epoch, "1")
	plain := orielWith(t, strings.NewReader(line), args...)
	var told strings.Builder
	for range 2 {
		got := orielWith(t, strings.NewReader(line), append(args, "--log-file", path)...)
		if got != plain || plain.code != exitDone || plain.stderr == "" {
			t.Errorf("%+v, want %+v", got, plain)
		}
		told.WriteString(strings.ReplaceAll(got.stderr, "oriel: ", ""))
	}
	log := readFile(t, path)
	if got := stamped.ReplaceAllString(log, ""); got != told.String() || len(stamped.FindAllString(log, -1)) != strings.Count(log, "\n") {
		t.Errorf("the log:\n%s\nstderr:\n%s", log, told.String())
	}
}

// TestLogFileHasErrors, and is itself one if it cannot be had.
func TestLogFileHasErrors(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/log"
	got := oriel(t, "replay", "t", "-b", "127.0.0.1:1", "--log-file", path)
	if log := readFile(t, path); got.code != exitConnection || stamped.ReplaceAllString(log, "oriel: ") != got.stderr {
		t.Errorf("the log: %s\n%+v", log, got)
	}
	for _, command := range []string{"replay t", "tail t", "watch t", "demo --serve"} {
		complaint{command, exitUsage, []string{"--log-file: ", "no such file or directory"}}.check(t, "--log-file", path+".d/log")
	}
}

// TestLogFileOfAScreen has what the dashboard told, which nobody can scroll back
// to, once, and the trace if it crashed.
func TestLogFileOfAScreen(t *testing.T) {
	t.Parallel()
	keys, press := io.Pipe()
	t.Cleanup(func() { press.Close() })
	log := newTranscript()
	r := startWith(t, func(e *env) {
		e.stdin, e.stdoutIsTerminal = keys, true
		e.appendTo = func(string) (io.WriteCloser, error) { return unclosed{log}, nil }
	}, "watch", "t", "-b", "127.0.0.1:1", "--log-file", "log")
	const banner = "no broker at 127.0.0.1:1 (-b)"
	r.await(log, "banner", func(text string) bool { return strings.Contains(text, banner) })
	r.interrupt()
	if code := r.wait(); code != exitConnection {
		t.Errorf("exit code %d: %s", code, r.stderr)
	}
	if text := log.String(); strings.Count(text, banner) != 1 || !stamped.MatchString(text) {
		t.Errorf("the log: %s", text)
	}

	path := t.TempDir() + "/log"
	e := testEnv(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})
	file, err := appendTo(path)
	if err != nil {
		t.Fatal(err)
	}
	e.log = &logFile{path: path, file: file, now: e.now}
	err = drawError(e, fmt.Errorf("wrapped: %w", &tui.CrashError{Value: "boom", Trace: []byte("where it was")}))
	e.log.close()
	if err == nil || !strings.Contains(err.Error(), path) || !strings.HasSuffix(readFile(t, path), "Z where it was\n") {
		t.Errorf("%v; the log: %s", err, readFile(t, path))
	}
}

// TestLogLevel: warn and error are --quiet.
func TestLogLevel(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, number(epoch, "k", "1"))
	told := func(flags ...string) string {
		got := oriel(t, append([]string{"replay", "t", "-b", addr, "-m", "none"}, flags...)...)
		if got.code != exitDone || got.stdout == "" {
			t.Errorf("%q: %+v", flags, got)
		}
		return got.stderr
	}
	for _, level := range []string{"info", "debug"} {
		if told("--log-level", level) == "" {
			t.Errorf("nothing is told at %s", level)
		}
	}
	for _, level := range []string{"warn", "error"} {
		if said := told("--log-level", level); said != "" {
			t.Errorf("told at %s: %s", level, said)
		}
	}
	if got := oriel(t, "replay", "t", "--log-level", "loud"); got.code != exitUsage || !strings.Contains(got.stderr, "use info, debug, warn or error") {
		t.Errorf("%+v", got)
	}
}
