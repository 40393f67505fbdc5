package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// completed are the words that the shell offers at the end of a command line,
// without their descriptions.
func completed(t *testing.T, variables map[string]string, args ...string) []string {
	t.Helper()
	got := inEnvironment(t, variables, "", append([]string{"__complete"}, args...)...)
	for line := range strings.Lines(got.stderr) {
		if !strings.HasPrefix(line, "Completion ended with directive: ") {
			t.Errorf("%q: %s", args, line)
		}
	}
	lines := got.lines()
	if got.code != exitDone || len(lines) == 0 || lines[len(lines)-1] != ":4" {
		t.Errorf("%q: %+v", args, got) // 4: no names of files
		return nil
	}
	words := lines[:len(lines)-1]
	for i := range words {
		words[i], _, _ = strings.Cut(words[i], "\t")
	}
	return words
}

func TestCompleteTopics(t *testing.T) {
	t.Parallel()
	addr := newBroker(t, kfake.SeedTopics(1, "sensors", "sensors-raw", "orders", "__hidden")).ListenAddrs()[0]
	inEnv := map[string]string{"ORIEL_BROKERS": addr}
	for _, c := range []struct {
		variables map[string]string
		args      string // the last is what has been typed, _ for nothing
		want      string
	}{
		{inEnv, "replay _", "orders sensors sensors-raw"},
		{nil, "replay -b " + addr + " _", "orders sensors sensors-raw"},
		{nil, "replay -X bootstrap.servers=" + addr + " s", "sensors sensors-raw"},
		{map[string]string{"ORIEL_BROKERS": "127.0.0.1:1"}, "tail -b " + addr + " o", "orders"},
		{inEnv, "watch sensors _", "orders sensors-raw"},
		{inEnv, "peek s", "sensors sensors-raw"},
		{inEnv, "peek sensors _", ""},
		{inEnv, "advise s", "sensors sensors-raw"},
		{inEnv, "advise sensors _", ""},
		{inEnv, "backtest s", "sensors sensors-raw"},
		{inEnv, "backtest sensors _", ""},
		{inEnv, "models ho", "auto naive snaive mean drift ols ses holt damped hw theta comb ar decomp"},
		{inEnv, "models holt auto d", "naive snaive mean drift ols ses damped hw theta comb ar decomp"},
		{inEnv, "tail x", ""},
		{inEnv, "tail __", "__hidden"},
		{inEnv, "replay --input - _", ""},
		{map[string]string{"ORIEL_BROKERS": addr, "ORIEL_LIMIT": "many"}, "replay _", ""},
		{nil, "replay -b a:b:c _", ""},
		{nil, "replay -b 127.0.0.1:1 _", ""},
		{nil, "replay -X no.such.key=1 -b " + addr + " o", "orders"},
	} {
		args := strings.Fields(c.args)
		if last := &args[len(args)-1]; *last == "_" {
			*last = ""
		}
		if got := completed(t, c.variables, args...); !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s: %q, want %q", c.args, got, c.want)
		}
	}
}

func TestCompleteGroups(t *testing.T) {
	t.Parallel()
	_, addr := newGroupsBroker(t)
	commit(t, addr, "te\x1b[2J\nst", "sensors", 0, 1, "")
	inEnv := map[string]string{"ORIEL_BROKERS": addr}
	for typed, want := range map[string]string{"": "billing team/audit", "te": "team/audit", "x": ""} {
		if got := completed(t, inEnv, "groups", typed); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
	if got := completed(t, inEnv, "tail", "sensors", "--group", "te"); !slices.Equal(got, []string{"team/audit"}) {
		t.Errorf("--group: %q", got)
	}
	if got := completed(t, inEnv, "groups", "billing", ""); len(got) > 0 {
		t.Errorf("behind the only argument: %q", got)
	}
}

// TestCompleteInTime: a shell does not wait for a broker that is mute.
func TestCompleteInTime(t *testing.T) {
	t.Parallel()
	r := startWith(t, func(e *env) { e.completionTimeout = 100 * time.Millisecond }, "__complete", "replay", "-b", muteListener(t), "")
	if code := r.wait(); code != exitDone || r.stdout.String() != ":4\n" {
		t.Errorf("exit code %d: %s", code, r.stdout)
	}
}

func TestCompleteFlags(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"replay -m":          "none auto naive snaive mean drift ols ses holt damped hw theta comb ar decomp",
		"tail --model":       "none auto naive snaive mean drift ols ses holt damped hw theta comb ar decomp",
		"tail -o":            "json csv table none",
		"peek -o":            "table json",
		"topics --output":    "table json",
		"groups -o":          "table json",
		"version -o":         "text json",
		"peek --format":      "auto json number text csv msgpack avro protobuf",
		"replay --time-unit": "auto s ms us ns rfc3339",
	} {
		fields := strings.Fields(args)
		if len(fields) == 2 {
			fields = append(fields, "")
		}
		if got := completed(t, nil, fields...); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %q, want %q", args, got, want)
		}
	}
}

// TestCompleteSink: the shell goes on behind the colon.
func TestCompleteSink(t *testing.T) {
	t.Parallel()
	const noSpaceNoFiles = ":6"
	if got := oriel(t, "__complete", "tail", "--sink", ""); got.stdout != "file:\nkafka:\n"+noSpaceNoFiles+"\n" {
		t.Errorf("%+v", got)
	}
}

// TestCompletionScripts: there is one for each shell.
func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		got := oriel(t, "completion", shell)
		if got.code != exitDone || !strings.Contains(got.stdout, "__complete") || got.stderr != "" {
			t.Errorf("%s: exit code %d, %d bytes: %s", shell, got.code, len(got.stdout), got.stderr)
		}
	}
}
