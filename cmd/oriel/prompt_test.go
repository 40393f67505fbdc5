//go:build linux

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// TestPrompt: a person types a password at a terminal, which does not show it.
func TestPrompt(t *testing.T) {
	t.Parallel()
	addr := guarded(t)
	for _, c := range []struct {
		typed string
		code  int
		says  string
	}{
		{"hunter2\n", exitDone, `"count":1`},
		{"hunter23\n", exitConnection, "login refused"},
		{"\x03", exitInterrupted, ""}, // Ctrl-C
	} {
		cmd := exec.CommandContext(t.Context(), "oriel", "replay", "t", "-b", addr, "-m", "none",
			"-X", "security.protocol=sasl_plaintext", "-X", "sasl.mechanism=PLAIN", "-X", "sasl.username=user", "-X", "sasl.password=prompt")
		terminal, err := pty.Start(cmd)
		if err != nil {
			t.Fatal(err)
		}
		if err := terminal.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		var out []byte
		for buf := make([]byte, 1<<10); !bytes.Contains(out, []byte("sasl.password: ")); {
			n, err := terminal.Read(buf)
			if out = append(out, buf[:n]...); err != nil {
				t.Fatalf("nobody asks: %v, %q", err, out)
			}
		}
		awaitNoEcho(t, terminal)
		if _, err := terminal.WriteString(c.typed); err != nil {
			t.Fatal(err)
		}
		rest, _ := io.ReadAll(terminal) // its error is the end of the process
		_ = cmd.Wait()
		if out = append(out, rest...); cmd.ProcessState.ExitCode() != c.code || !strings.Contains(string(out), c.says) || strings.Contains(string(out), "hunter2") {
			t.Errorf("typed %q: exit code %d, %q", c.typed, cmd.ProcessState.ExitCode(), out)
		}
		terminal.Close()
	}
}

// awaitNoEcho waits until the terminal does not show what is typed.
func awaitNoEcho(t *testing.T, terminal *os.File) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); ; <-tick.C {
		state, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		if state.Lflag&unix.ECHO == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the terminal shows what is typed")
		}
	}
}
