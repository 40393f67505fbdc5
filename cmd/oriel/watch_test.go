package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/tui"
	"github.com/oriel-stream/oriel/window"
)

// TestCrashLeavesItsTrace: the trace of a crashed dashboard goes to a file, and
// the message says where.
func TestCrashLeavesItsTrace(t *testing.T) {
	var stderr bytes.Buffer
	e := testEnv(strings.NewReader(""), &stderr, &stderr)
	path := t.TempDir() + "/crash.log"
	e.saveCrash = func(trace []byte) (string, error) {
		return path, os.WriteFile(path, trace, 0o600)
	}
	crash := fmt.Errorf("wrapped: %w", &tui.CrashError{Value: "boom", Trace: []byte("where it was")})
	err := drawError(e, crash)
	if err == nil || !strings.Contains(err.Error(), "boom") || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	if got := readFile(t, path); got != "where it was" {
		t.Errorf("the file has %q", got)
	}
	if exitCode(err) != exitFailed {
		t.Errorf("exit code %d", exitCode(err))
	}
	e.saveCrash = func([]byte) (string, error) { return "", errors.New("no room") }
	err = drawError(e, crash)
	if err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("a trace that cannot be written hides the crash: %v", err)
	}
}

// TestClosedScreenIsNoError: a dashboard ends by being closed.
func TestClosedScreenIsNoError(t *testing.T) {
	e := testEnv(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})
	for _, err := range []error{nil, context.Canceled, errInterrupted, errTimeUp} {
		if got := drawError(e, err); got != nil {
			t.Errorf("%v becomes %v", err, got)
		}
		if got := runError(err); got != nil {
			t.Errorf("%v becomes %v", err, got)
		}
	}
	other := errors.New("broken")
	if !errors.Is(drawError(e, other), other) || !errors.Is(runError(other), other) {
		t.Error("an error is hidden")
	}
	if code := exitCode(runError(errNeverConnected)); code != exitConnection {
		t.Errorf("never connected: exit code %d", code)
	}
}

// TestScreenKnowsTheGroup: the dashboard can name the group in which it commits.
func TestScreenKnowsTheGroup(t *testing.T) {
	o := &lineOptions{}
	o.group = "alerts"
	cfg := stream.Config{Now: func() window.Time { return 0 }}
	if got := o.newBoard([]string{"t"}, &cfg, false).Snapshot().Group; got != "alerts" {
		t.Errorf("the screen's group is %q", got)
	}
}

func TestWatchRefusesUnknownColors(t *testing.T) {
	got := oriel(t, "watch", "t", "--color", "mauve")
	if got.code != exitUsage || !strings.Contains(got.stderr, `--color "mauve"`) {
		t.Errorf("%+v", got)
	}
}
