package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFilesNamedTwice are refused before any is opened, whoever names them.
func TestFilesNamedTwice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	input, link, file := filepath.Join(dir, "input"), filepath.Join(dir, "link"), filepath.Join(dir, "file")
	write(t, input, envelopeLine(epoch, "1"))
	if err := os.Symlink(input, link); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args, says string
	}{
		{"replay --log-file " + input, "--input and --log-file are the same file, " + input},
		{"tail --log-file " + link, "--input and --log-file are the same file, " + link},
		{"watch --log-file " + relative(t, input), "--input and --log-file are the same file"},
		{"replay --log-file " + file + " --rejects " + file, "--rejects and --log-file are the same file, " + file},
		{"tail --log-file " + file + " --sink file:" + file, "--log-file and --sink file: are the same file, " + file},
		{"backtest --rejects " + link, "--input and --rejects are the same file, " + link},
		{"backtest --summary " + input, "--input and --summary are the same file, " + input},
	} {
		got := oriel(t, append(strings.Fields(c.args), "--input", input)...)
		if got.code != exitUsage || got.stdout != "" || !strings.Contains(got.stderr, c.says) {
			t.Errorf("%s: %+v", c.args, got)
		}
	}
	got := inEnvironment(t, map[string]string{"ORIEL_LOG_FILE": input}, "", "replay", "--input", input)
	if got.code != exitUsage || !strings.Contains(got.stderr, "--input and --log-file are the same file") {
		t.Errorf("by the environment: %+v", got)
	}
	if got := readFile(t, input); got != envelopeLine(epoch, "1") {
		t.Errorf("the input is now %q", got)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("%s: %v", file, err)
	}
}
