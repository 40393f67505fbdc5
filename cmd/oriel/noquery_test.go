//go:build !windows

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// TestNothingIsAskedOfTheTerminal: a command that only prints sends no escape
// sequence to a terminal, though the libraries of the screen are linked in.
func TestNothingIsAskedOfTheTerminal(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "oriel", "version")
	cmd.Env = []string{"TERM=xterm-256color", "PATH=" + os.Getenv("PATH")}
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	var printed bytes.Buffer
	_, _ = io.Copy(&printed, terminal) // ends with an error when the process does
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if text := printed.String(); strings.Contains(text, "\x1b") || !strings.HasPrefix(text, "oriel") {
		t.Errorf("%q", text)
	}
}
