package ndjson

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLineOfTheREADME validates the line that the README explains. That it is
// what oriel prints, a test of the command says.
func TestLineOfTheREADME(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```json\n")
	line, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("the README shows no line")
	}
	object := decode(t, []byte(line))
	if err := schema(t, "line.schema.json").Validate(object); err != nil {
		t.Error(err)
	}
	if object["forecast"] == nil {
		t.Error("the README's line has no forecast")
	}
}
