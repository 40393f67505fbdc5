package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
)

// manyWindows are messages that make far more lines than a pipe holds.
func manyWindows() []message {
	var messages []message
	for i := range int64(2000) {
		messages = append(messages, number(epoch+1000*i, "k", "1"))
	}
	return messages
}

// TestClosedStdout: when the reader of stdout goes away the run ends in order,
// with exit code 0 and without a word.
func TestClosedStdout(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, manyWindows()...)
	for _, command := range []string{"tail", "replay"} {
		for _, output := range []string{"json", "csv", "table"} {
			t.Run(command+" "+output, func(t *testing.T) {
				t.Parallel()
				r, w, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				defer w.Close()
				var stderr bytes.Buffer
				args := []string{command, "t", "-b", addr, "--from", "start", "-w", "1s", "-m", "none", "--quiet", "-o", output}
				done := make(chan int, 1)
				go func() { done <- run(t.Context(), testEnv(strings.NewReader(""), w, &stderr, args...)) }()
				if line, err := bufio.NewReader(r).ReadString('\n'); err != nil || line == "" {
					t.Errorf("%q, %v", line, err)
				}
				r.Close()
				select {
				case code := <-done:
					if code != exitDone || stderr.String() != "" {
						t.Errorf("exit code %d: %s", code, &stderr)
					}
				case <-time.After(patience):
					t.Error("it goes on without a reader")
				}
			})
		}
	}
}

// gonePipe is a pipe whose reader has gone.
type gonePipe struct{}

func (gonePipe) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "fifo", Err: syscall.EPIPE}
}
func (gonePipe) Close() error { return nil }

// TestOtherPipeGone: when the reader of another pipe than stdout goes away, the
// run fails, and says so.
func TestOtherPipeGone(t *testing.T) {
	t.Parallel()
	messages := append(manyWindows(), number(epoch, "k", "no"))
	addr := brokerWith(t, 1, messages...)
	for _, args := range []string{"--rejects fifo", "--summary fifo", "--sink file:fifo"} {
		for _, command := range []string{"tail --idle-timeout 1s --limit 1500", "replay"} {
			t.Run(command+" "+args, func(t *testing.T) {
				t.Parallel()
				var stdout, stderr bytes.Buffer
				line := command + " t --from start -w 1s --out-of-orderness 0s -m none --quiet -b " + addr + " " + args
				e := testEnv(strings.NewReader(""), &stdout, &stderr, strings.Fields(line)...)
				e.create = func(string) (io.WriteCloser, error) { return gonePipe{}, nil }
				if code := run(t.Context(), e); code != exitFailed || !strings.Contains(stderr.String(), "broken pipe") {
					t.Errorf("exit code %d: %s", code, &stderr)
				}
			})
		}
	}
}

// TestHead runs the program itself in a shell's pipeline.
func TestHead(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, manyWindows()...)
	cmd := exec.CommandContext(t.Context(), "bash", "-c",
		"set -o pipefail; oriel tail t -b "+addr+" --from start -w 1s -m none --quiet | head -3")
	var stdout, stderr bytes.Buffer
	cmd.Env = append(os.Environ(), "GORACE="+promptExit)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil || strings.Count(stdout.String(), "\n") != 3 || stderr.String() != "" {
		t.Errorf("%v\nstdout: %s\nstderr: %s", err, &stdout, &stderr)
	}
}

// process is the program itself, running.
type process struct {
	*exec.Cmd
	stdout, stderr *transcript
}

func startProcess(t *testing.T, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	t.Cleanup(cancel)
	p := &process{Cmd: exec.CommandContext(ctx, "oriel", args...), stdout: newTranscript(), stderr: newTranscript()}
	p.Env = append(os.Environ(), "GORACE="+promptExit)
	p.Stdout, p.Stderr = p.stdout, p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// interrupt sends SIGINT or SIGTERM and returns the exit code.
func (p *process) interrupt(t *testing.T, signal os.Signal) int {
	t.Helper()
	if err := p.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	err := p.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return p.ProcessState.ExitCode()
}

// TestInterruptedTail: Ctrl-C is how a tail ends well. Open windows are not
// printed.
func TestInterruptedTail(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			addr := brokerWith(t, 1, number(epoch, "k", "1"), number(epoch+1000, "k", "2"))
			p := startProcess(t, append([]string{"tail", "t", "-b", addr, "--from", "start"}, tailFlags...)...)
			for deadline := time.After(patience); !strings.Contains(p.stdout.String(), "\n"); {
				select {
				case <-p.stdout.more:
				case <-deadline:
					t.Fatalf("no line: %s", p.stderr)
				}
			}
			code := p.interrupt(t, signal)
			if code != exitDone || strings.Count(p.stdout.String(), "\n") != 1 || !strings.Contains(p.stderr.String(), "2 records from 1 partition") {
				t.Errorf("exit code %d\nstdout: %s\nstderr: %s", code, p.stdout, p.stderr)
			}
		})
	}
}

// TestInterruptedReplay: 130, and no half-read windows.
func TestInterruptedReplay(t *testing.T) {
	t.Parallel()
	cluster, _ := losing(t)
	h := holdFetch(t, cluster, 20)
	p := startProcess(t, losingArgs(cluster, "-w", "1h")...)
	var code int
	h.during(t, func() { code = p.interrupt(t, os.Interrupt) })
	if code != exitInterrupted || strings.Count(p.stdout.String(), "\n") > 90 || strings.Contains(p.stdout.String(), `"size_ms":3600000`) {
		t.Errorf("exit code %d\nstdout: %s\nstderr: %s", code, p.stdout, p.stderr)
	}
}

// Nothing that a record or a name contains is obeyed by a terminal.
func TestNoControlsOnTerminals(t *testing.T) {
	t.Parallel()
	line, err := json.Marshal(map[string]any{
		"topic": "t\x1b[31mT", "partition": 0, "offset": 0, "ts": 1000, "key": "k\x1b]0;x\a\u009b2J", "payload": "1",
	})
	if err != nil {
		t.Fatal(err)
	}
	input := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(input, append(line, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-o", "json"}, {"-o", "csv"}, {"-o", "table"}, {"--value", "v", "--rejects", "-"}, {"other"}} {
		var stdout, stderr bytes.Buffer
		e := testEnv(strings.NewReader(""), &stdout, &stderr, append([]string{"replay", "--input", input, "-w", "1s", "-m", "none"}, args...)...)
		e.stdoutIsTerminal = true
		code := run(t.Context(), e)
		for _, text := range []string{stdout.String(), stderr.String()} {
			if at := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }); at >= 0 {
				t.Errorf("%q: a control at %d of %q", args, at, text)
			}
		}
		if stdout.Len()+stderr.Len() == 0 {
			t.Errorf("%q printed nothing, exit code %d", args, code)
		}
	}
}
