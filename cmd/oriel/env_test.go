package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// outcome is what a command line did.
type outcome struct {
	code           int
	stdout, stderr string
}

// lines are the lines of stdout.
func (o outcome) lines() []string {
	if o.stdout == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(o.stdout, "\n"), "\n")
}

// testEnv is an env of its own: no environment, no terminal, no signals; files
// are real.
func testEnv(stdin io.Reader, stdout, stderr io.Writer, args ...string) *env {
	e := &env{
		args: args, stdin: stdin, stdout: stdout, stderr: stderr, stderrWidth: 80,
		getenv: func(string) string { return "" }, environ: func() []string { return nil }, now: time.Now, completionTimeout: patience,
		prompt:   func(context.Context, string) (string, error) { return "", errNoTerminal },
		readFile: os.ReadFile, sameFile: sameFile, scratch: newScratch,
		interruptible: context.WithCancel,
	}
	if f, ok := stdout.(*os.File); ok {
		e.stdout = stdoutFile{f}
	}
	e.open = func(path string) (io.ReadCloser, error) {
		if path == "-" {
			return io.NopCloser(e.stdin), nil
		}
		return openFile(path)
	}
	e.create = func(path string) (io.WriteCloser, error) {
		if path == "-" {
			return unclosed{e.stdout}, nil
		}
		return os.Create(path)
	}
	e.appendTo = appendTo
	return e
}

// oriel runs a command line in this process.
func oriel(t testing.TB, args ...string) outcome {
	t.Helper()
	return orielWith(t, strings.NewReader(""), args...)
}

// orielWith runs a command line that reads stdin.
func orielWith(t testing.TB, stdin io.Reader, args ...string) outcome {
	t.Helper()
	var stdout bytes.Buffer
	stderr := newTranscript() // which several may write to at a time, as to a terminal
	code := run(t.Context(), testEnv(stdin, &stdout, stderr, args...))
	return outcome{code: code, stdout: stdout.String(), stderr: stderr.String()}
}
