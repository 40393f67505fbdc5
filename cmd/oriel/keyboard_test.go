package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestKeyboard: keys are typed at a terminal, wherever stdin comes from.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	stdin := strings.NewReader("records")
	terminal := io.NopCloser(strings.NewReader("keys"))
	e := testEnv(stdin, nil, nil)
	e.openTerminal = func() (io.ReadCloser, error) { return terminal, nil }
	for _, input := range []string{"", "file.jsonl"} {
		if keys, release, err := keyboard(e, input); keys != io.Reader(stdin) || err != nil {
			t.Errorf("--input %q: %v, %v, want stdin", input, keys, err)
		} else {
			release()
		}
	}
	e.stdinRedirected = true
	for _, input := range []string{"", "-"} {
		if keys, release, err := keyboard(e, input); keys != io.Reader(terminal) || err != nil {
			t.Errorf("--input %q, redirected: %v, %v, want the terminal", input, keys, err)
		} else {
			release()
		}
	}
	e.openTerminal = func() (io.ReadCloser, error) { return nil, errors.New("no such device") }
	if keys, release, err := keyboard(e, "-"); keys != nil || err != nil {
		t.Errorf("without a terminal: %v, %v, want no keys", keys, err)
	} else {
		release()
	}
}

// TestScreenOfTypedLines: a terminal is not for lines and keys at once.
func TestScreenOfTypedLines(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	e := testEnv(strings.NewReader(""), &stdout, &stderr, "watch", "--input", "-")
	e.stdoutIsTerminal = true
	if code := run(t.Context(), e); code != exitUsage || !strings.Contains(stderr.String(), "--input - is the terminal") || !strings.Contains(stderr.String(), "name a file") {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
}
