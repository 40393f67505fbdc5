package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/oriel-stream/oriel/tui"
)

// TestCrashLeavesItsTrace: the trace of a crashed dashboard goes to a file, and
// the message says where.
func TestCrashLeavesItsTrace(t *testing.T) {
	var stderr bytes.Buffer
	e := testEnv(strings.NewReader(""), &stderr, &stderr)
	e.saveCrash = saveCrash
	path := t.TempDir() + "/crash.log"
	crash := fmt.Errorf("wrapped: %w", &tui.CrashError{Value: "boom", Trace: []byte("where it was")})
	err := drawError(e, &screenFlags{logFile: path}, crash)
	if err == nil || !strings.Contains(err.Error(), "boom") || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	if got := readFile(t, path); got != "where it was" {
		t.Errorf("the file has %q", got)
	}
	if exitCode(err) != exitFailed {
		t.Errorf("exit code %d", exitCode(err))
	}
	err = drawError(e, &screenFlags{logFile: t.TempDir()}, crash)
	if err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("a trace that cannot be written hides the crash: %v", err)
	}
}

// TestClosedScreenIsNoError: a dashboard ends by being closed.
func TestClosedScreenIsNoError(t *testing.T) {
	e := testEnv(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})
	for _, err := range []error{nil, context.Canceled, errInterrupted, errTimeUp} {
		if got := drawError(e, &screenFlags{}, err); got != nil {
			t.Errorf("%v becomes %v", err, got)
		}
		if got := runError(err); got != nil {
			t.Errorf("%v becomes %v", err, got)
		}
	}
	other := errors.New("broken")
	if !errors.Is(drawError(e, &screenFlags{}, other), other) || !errors.Is(runError(other), other) {
		t.Error("an error is hidden")
	}
	if code := exitCode(runError(errNeverConnected)); code != exitConnection {
		t.Errorf("never connected: exit code %d", code)
	}
}

func TestWatchRefusesUnknownColors(t *testing.T) {
	got := oriel(t, "watch", "t", "--color", "mauve")
	if got.code != exitUsage || !strings.Contains(got.stderr, `--color "mauve"`) {
		t.Errorf("%+v", got)
	}
}
