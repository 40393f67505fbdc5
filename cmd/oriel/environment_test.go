package main

import (
	"bytes"
	"strings"
	"testing"
)

// inEnvironment runs a command line that sees these variables.
func inEnvironment(t *testing.T, variables map[string]string, stdin string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	e := testEnv(strings.NewReader(stdin), &stdout, &stderr, args...)
	e.getenv = func(name string) string { return variables[name] }
	code := run(t.Context(), e)
	return outcome{code: code, stdout: stdout.String(), stderr: stderr.String()}
}

// TestEnvironment: flag, then environment, then default.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	input := envelopeLine(epoch, `{"a":1,"b":2}`)
	type variables = map[string]string
	for _, c := range []struct {
		name      string
		variables variables
		flags     []string
		want      []string // in each line
	}{
		{"default", nil, nil, []string{`"size_ms":10000,"hop_ms":1000`, `"series":"a"`, `"model":"auto"`}},
		{"environment", variables{"ORIEL_WINDOW": "20s/5s", "ORIEL_VALUE": "b", "ORIEL_MODEL": "naive"}, nil, []string{`"size_ms":20000,"hop_ms":5000`, `"series":"b"`, `"model":"naive"`}},
		{"flag", variables{"ORIEL_WINDOW": "20s/5s", "ORIEL_VALUE": "b", "ORIEL_MODEL": "naive"}, []string{"-w", "30s", "--model", "ses", "--value", "none"}, []string{`"size_ms":30000,"hop_ms":30000`, `"series":null`, `"model":"ses"`}},
		{"flag equal to the default", variables{"ORIEL_WINDOW": "20s/5s"}, []string{"--window", "10s/1s"}, []string{`"size_ms":10000,"hop_ms":1000`}},
		{"dashes", variables{"ORIEL_OUT_OF_ORDERNESS": "0s", "ORIEL_MAX_FUTURE": "1s", "ORIEL_QUIET": "true"}, nil, []string{`"count":1`}},
		{"empty is not set", variables{"ORIEL_WINDOW": "", "ORIEL_WORKERS": ""}, nil, []string{`"size_ms":10000`}},
		{"a word for another command", variables{"ORIEL_EMIT": "updates"}, nil, []string{`"revision":0,"final":true`}},
		{"a broker gives way to an input", variables{"ORIEL_BROKERS": "127.0.0.1:1", "ORIEL_FROM": "end"}, nil, []string{`"count":1`}},
	} {
		got := inEnvironment(t, c.variables, input, append([]string{"replay", "--input", "-"}, c.flags...)...)
		if got.code != exitDone || len(got.lines()) == 0 {
			t.Errorf("%s: %+v", c.name, got)
		}
		for _, line := range got.lines() {
			for _, want := range c.want {
				if !strings.Contains(line, want) {
					t.Errorf("%s: %s is not in %s", c.name, want, line)
				}
			}
		}
	}
}

// TestEnvironmentErrors name the variable.
func TestEnvironmentErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ value, says string }{
		"ORIEL_WORKERS":          {"many", `ORIEL_WORKERS in the environment: "many" is not a whole number`},
		"ORIEL_OUT_OF_ORDERNESS": {"2", `ORIEL_OUT_OF_ORDERNESS in the environment: "2" is not a duration`},
		"ORIEL_QUIET":            {"si", `ORIEL_QUIET in the environment: "si" is not true or false`},
		"ORIEL_WINDOW":           {"10s/0s", `"10s/0s": the hop 0s is not positive`},
		"ORIEL_EMIT":             {"never", `ORIEL_EMIT in the environment: "never" is unknown: use on-time or final`},
		"ORIEL_BROKERS":          {"127.0.0.1:0", `port "0" is not a number from 1 to 65535`},
	} {
		got := inEnvironment(t, map[string]string{name: c.value}, "", "replay", "t")
		if got.code != exitUsage || !strings.Contains(got.stderr, c.says) {
			t.Errorf("%s=%s: %+v", name, c.value, got)
		}
	}
}
