package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// manPages writes the pages and returns them by name.
func manPages(t *testing.T, epoch string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	got := inEnvironment(t, map[string]string{"SOURCE_DATE_EPOCH": epoch}, "", "man", dir)
	if got != (outcome{}) {
		t.Fatalf("%+v", got)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{}
	for _, f := range files {
		pages[f.Name()] = readFile(t, filepath.Join(dir, f.Name()))
	}
	return pages
}

// TestMan: every command that the help names has a page, but for help itself, of
// a date that can be told, with tables as they are in the help.
func TestMan(t *testing.T) {
	t.Parallel()
	pages := manPages(t, "1795327200")
	for _, cmd := range newRoot(testEnv(nil, nil, nil)).Commands() {
		if _, ok := pages["oriel-"+cmd.Name()+".1"]; ok == (cmd.Hidden || cmd.Name() == "help") {
			t.Errorf("%s: a page: %v, hidden: %v", cmd.Name(), ok, cmd.Hidden)
		}
	}
	for name, want := range map[string][]string{
		"oriel.1":                {"Nov 2026", ".SH EXIT STATUS\n", "oriel-peek(1)", "oriel-completion(1)"},
		"oriel-peek.1":           {".SH EXIT STATUS\n", "\n.EX\n  0    done, also where there is no record\n", ".SH OPTIONS", "oriel peek sensors\n"},
		"oriel-topics.1":         {"\n  records    offsets from the start"},
		"oriel-completion-zsh.1": {"zsh"},
	} {
		for _, text := range want {
			if !strings.Contains(pages[name], text) {
				t.Errorf("%s: %q is not in:\n%s", name, text, pages[name])
			}
		}
	}
	for name, page := range manPages(t, "1795327200") {
		if page != pages[name] {
			t.Errorf("%s is another one the second time", name)
		}
	}
}

func TestManErrors(t *testing.T) {
	t.Parallel()
	complaint{"man", exitUsage, []string{"oriel man --help"}}.check(t)
	complaint{"man /nowhere/at/all", exitUsage, []string{"/nowhere/at/all", "no such file"}}.check(t)
	got := inEnvironment(t, map[string]string{"SOURCE_DATE_EPOCH": "today"}, "", "man", t.TempDir())
	if got.code != exitUsage || !strings.Contains(got.stderr, `SOURCE_DATE_EPOCH "today"`) {
		t.Errorf("%+v", got)
	}
}

// TestHelpFits: every help text fits in 80 columns and has examples.
func TestHelpFits(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	root := newRoot(testEnv(nil, &out, &out))
	for _, cmd := range subcommands(root) {
		out.Reset()
		if err := cmd.Help(); err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(out.String(), "\n") {
			if n := len([]rune(line)); n > 80 {
				t.Errorf("%s --help: %d columns: %s", cmd.CommandPath(), n, line)
			}
		}
		if !cmd.HasExample() {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
	}
}

// subcommands are the commands below one, of every level.
func subcommands(of *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, cmd := range of.Commands() {
		all = append(append(all, cmd), subcommands(cmd)...)
	}
	return all
}
