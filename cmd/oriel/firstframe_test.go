//go:build terminal

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/creack/pty"
)

// maxFirstFrame is the promise: the time from the start of the process to the
// first picture of the dashboard.
const maxFirstFrame = 100 * time.Millisecond

// firstFrames are commands whose first picture must not wait for the network.
var firstFrames = map[string][]string{
	"demo":      {"demo"},
	"no broker": {"watch", "t", "-b", "127.0.0.1:1"},
}

// TestTerminalFirstFrame starts the program on a terminal that answers no
// question, and takes the best of many starts: a machine that is busy delays
// most of them, and a program that waits for something is late in all.
func TestTerminalFirstFrame(t *testing.T) {
	program := buildProgram(t)
	for name, args := range firstFrames {
		t.Run(name, func(t *testing.T) {
			best, starts := time.Duration(1<<63-1), 0
			for deadline := time.Now().Add(patience); time.Now().Before(deadline); starts++ {
				if best = min(best, firstFrame(t, program, args)); best <= maxFirstFrame {
					return
				}
			}
			t.Errorf("first frame after %v in the best of %d starts, want %v", best, starts, maxFirstFrame)
		})
	}
}

func BenchmarkTerminalFirstFrame(b *testing.B) {
	program := buildProgram(b)
	for name, args := range firstFrames {
		b.Run(name, func(b *testing.B) {
			var total time.Duration
			for b.Loop() {
				total += firstFrame(b, program, args)
			}
			b.ReportMetric(float64(total.Microseconds())/1000/float64(b.N), "ms/frame")
		})
	}
}

// firstFrame is the time from the start of a process to the picture on the
// alternate screen. It ends the process.
func firstFrame(tb testing.TB, program string, args []string) time.Duration {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), program, args...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	start := time.Now()
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: high, Cols: wide})
	if err != nil {
		tb.Fatal(err)
	}
	defer terminal.Close()
	if err := terminal.SetReadDeadline(start.Add(patience)); err != nil {
		tb.Fatal(err)
	}
	var out []byte
	for !drawn(out) {
		buf := make([]byte, 1<<16)
		n, err := terminal.Read(buf)
		out = append(out, buf[:n]...)
		if err != nil {
			tb.Fatalf("no picture: %v; the output was %q", err, out)
		}
	}
	took := time.Since(start)
	quit(tb, terminal, cmd)
	return took
}

// drawn reports whether the alternate screen was entered and the dashboard
// drawn on it.
func drawn(out []byte) bool {
	_, picture, entered := bytes.Cut(out, []byte("\x1b[?1049h"))
	return entered && bytes.Contains(picture, []byte("1 Lag"))
}

// quit presses q and waits for the end.
func quit(tb testing.TB, terminal *os.File, cmd *exec.Cmd) {
	tb.Helper()
	if _, err := io.WriteString(terminal, "q"); err != nil {
		tb.Fatal(err)
	}
	// A process without a reader may block: read on until it has gone, which
	// Linux reports as an I/O error.
	_, _ = io.Copy(io.Discard, terminal)
	var failed *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &failed) {
		tb.Fatal(err)
	}
}
