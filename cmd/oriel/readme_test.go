package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/oriel-stream/oriel/stream/demo"
)

// TestLineOfTheREADME: the line that the README explains is one that its
// command prints, to the last digit.
func TestLineOfTheREADME(t *testing.T) {
	t.Parallel()
	_, rest, _ := strings.Cut(readFile(t, "../../README.md"), "```json\n")
	text, _, _ := strings.Cut(rest, "```")
	var want bytes.Buffer
	if err := json.Compact(&want, []byte(text)); err != nil {
		t.Fatal(err)
	}
	cfg := demo.DefaultConfig()
	cfg.Records = 20_000
	broker, err := demo.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	if err := broker.Load(t.Context(), cfg.Records); err != nil {
		t.Fatal(err)
	}
	got := oriel(t, "replay", "sensors", "-b", broker.Addr(), "--time", "ts", "--value", "temp", "--model", "holt", "--horizon", "2")
	if got.code != exitDone || !slices.Contains(got.lines(), want.String()) {
		t.Errorf("exit code %d; not one of %d lines: %s", got.code, len(got.lines()), &want)
	}
}
