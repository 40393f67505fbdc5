package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// TestTableFitsTheTerminal: in a terminal a row is one line; a pipe gets all of
// it.
func TestTableFitsTheTerminal(t *testing.T) {
	t.Parallel()
	for _, terminal := range []bool{true, false} {
		var out, notes bytes.Buffer
		e := testEnv(strings.NewReader(envelopeLine(epoch, "1")), &out, &notes, "replay", "--input", "-", "-o", "table")
		e.stdoutIsTerminal, e.stderrWidth = terminal, 80
		if code := run(t.Context(), e); code != exitDone || out.Len() == 0 {
			t.Fatalf("exit code %d: %s", code, &notes)
		}
		fits := true
		for line := range strings.Lines(out.String()) {
			fits = fits && ansi.StringWidth(strings.TrimSuffix(line, "\n")) <= 80
		}
		if fits != terminal {
			t.Errorf("terminal %v, rows fit %v:\n%s", terminal, fits, &out)
		}
	}
}

// TestSummaryThatCannotBeWritten is refused before anything is read.
func TestSummaryThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	got := orielWith(t, strings.NewReader(envelopeLine(epoch, "1")), "replay", "--input", "-", "--summary", "/nowhere/at/all")
	if got.code != exitUsage || got.stdout != "" || !strings.Contains(got.stderr, "oriel: --summary: open /nowhere/at/all: ") {
		t.Errorf("%+v", got)
	}
}
