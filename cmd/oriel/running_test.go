package main

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long tests wait for what comes much sooner on an idle
// machine.
const patience = 30 * time.Second

// transcript is an output that can be awaited.
type transcript struct {
	mu   sync.Mutex
	text strings.Builder
	// more has a token when something was written since it was last looked at.
	more chan struct{}
}

func newTranscript() *transcript { return &transcript{more: make(chan struct{}, 1)} }

func (tr *transcript) Write(p []byte) (int, error) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.text.Write(p)
	select {
	case tr.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (tr *transcript) String() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.text.String()
}

// end is the last part of it, for a message.
func (tr *transcript) end() string {
	const most = 2000
	text := tr.String()
	return text[max(0, len(text)-most):]
}

// running is a command line in this process that has not ended yet.
type running struct {
	t              *testing.T
	stdout, stderr *transcript
	// interrupt is what Ctrl-C does.
	interrupt context.CancelFunc
	done      chan int
	code      int
	ended     bool
}

// start runs a command line until the test ends.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	return startWith(t, func(*env) {}, args...)
}

// startWith is start in an env that is not the usual one.
func startWith(t *testing.T, change func(*env), args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	r := &running{
		t: t, stdout: newTranscript(), stderr: newTranscript(), done: make(chan int, 1),
		interrupt: func() { cancel(errInterrupted) },
	}
	e := testEnv(strings.NewReader(""), r.stdout, r.stderr, args...)
	change(e)
	go func() { r.done <- run(ctx, e) }()
	t.Cleanup(func() {
		r.interrupt()
		r.wait()
	})
	return r
}

// wait returns the exit code.
func (r *running) wait() int {
	r.t.Helper()
	if r.ended {
		return r.code
	}
	select {
	case r.code = <-r.done:
		r.ended = true
	case <-time.After(patience):
		r.t.Fatalf("the command does not end\nstdout: %s\nstderr: %s", r.stdout.end(), r.stderr.end())
	}
	return r.code
}

// await waits until an output has what is wanted, and fails if the command
// ends or patience does before.
func (r *running) await(out *transcript, what string, has func(text string) bool) {
	r.t.Helper()
	deadline := time.After(patience)
	for !has(out.String()) {
		select {
		case <-out.more:
		case r.code = <-r.done:
			r.ended = true
			if has(out.String()) {
				return
			}
			r.t.Fatalf("exit code %d before %s\nstdout: %s\nstderr: %s", r.code, what, r.stdout.end(), r.stderr.end())
		case <-deadline:
			r.t.Fatalf("no %s\nstdout: %s\nstderr: %s", what, r.stdout.end(), r.stderr.end())
		}
	}
}

// awaitLines waits for n lines on stdout and returns them.
func (r *running) awaitLines(n int) []string {
	r.t.Helper()
	r.await(r.stdout, "further line", func(text string) bool { return strings.Count(text, "\n") >= n })
	return strings.Split(strings.TrimSuffix(r.stdout.String(), "\n"), "\n")
}

// awaitNotice waits for words on stderr.
func (r *running) awaitNotice(words string) {
	r.t.Helper()
	r.await(r.stderr, words, func(text string) bool { return strings.Contains(text, words) })
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
