package main

import (
	"strings"
	"testing"
)

// TestUnknownCommands are refused whatever stands behind them, and wherever a
// command is named.
func TestUnknownCommands(t *testing.T) {
	t.Parallel()
	for _, c := range []complaint{
		{"replya -b localhost:1 t", exitUsage, []string{`unknown command "replya"; did you mean replay? (see oriel --help)`}},
		{"banana --time ts", exitUsage, []string{`unknown command "banana" (see oriel --help)`}},
		{"--banana replay t", exitUsage, []string{"unknown flag: --banana (see oriel --help)"}},
		{"help replya", exitUsage, []string{`unknown command "replya"; did you mean replay? (see oriel --help)`}},
		{"help config shwo", exitUsage, []string{`unknown command "shwo"; did you mean show? (see oriel config --help)`}},
		{"config shwo", exitUsage, []string{`unknown command "shwo"; did you mean show? (see oriel config --help)`}},
		{"completion fihs", exitUsage, []string{`unknown command "fihs"; did you mean fish? (see oriel completion --help)`}},
		{"completion bash zsh", exitUsage, []string{`"zsh"`, "see oriel completion bash --help"}},
	} {
		c.check(t)
	}
}

// TestHelpOfCommands is that of --help.
func TestHelpOfCommands(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "replay", "config", "config show", "completion", "completion bash"} {
		words := strings.Fields(name)
		want := oriel(t, append(words, "--help")...)
		got := oriel(t, append([]string{"help"}, words...)...)
		if got.code != exitDone || got.stdout != want.stdout || got.stdout == "" || got.stderr != "" {
			t.Errorf("help %s: exit code %d, stderr %q, and not what --help prints", name, got.code, got.stderr)
		}
	}
}
