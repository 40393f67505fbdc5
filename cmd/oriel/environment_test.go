package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// inhabit gives an env these variables.
func inhabit(e *env, variables map[string]string) {
	e.getenv = func(name string) string { return variables[name] }
	e.environ = func() []string {
		var all []string
		for name, value := range variables {
			all = append(all, name+"="+value)
		}
		return all
	}
}

// inEnvironment runs a command line that sees these variables.
func inEnvironment(t *testing.T, variables map[string]string, stdin string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	e := testEnv(strings.NewReader(stdin), &stdout, &stderr, args...)
	inhabit(e, variables)
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
		{"a line for each value", variables{"ORIEL_VALUE": "\nb\r\n", "ORIEL_KEY": "a\nb\n", "ORIEL_AGG": "p50\nrate"}, nil, []string{`"key":"1/2"`, `"series":"b"`, `"p50":2`, `"rate":`}},
		{"lines give way to a flag", variables{"ORIEL_WINDOW": "20s/5s\n1m"}, []string{"-w", "30s"}, []string{`"size_ms":30000,"hop_ms":30000`}},
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
		"ORIEL_WINDOW":           {"10s/0s", `"10s/0s": the hop 0s is not positive: use SIZE or SIZE/HOP, for example 10s or 10s/1s (--window is from ORIEL_WINDOW)`},
		"ORIEL_AGG":              {"p50;p99", `(--agg is from ORIEL_AGG)`},
		"ORIEL_EMIT":             {"never", `ORIEL_EMIT in the environment: "never" is unknown: use on-time or final`},
		"ORIEL_BROKERS":          {"127.0.0.1:0", `port "0" is not a number from 1 to 65535`},
	} {
		got := inEnvironment(t, map[string]string{name: c.value}, "", "replay", "t")
		if got.code != exitUsage || !strings.Contains(got.stderr, c.says) {
			t.Errorf("%s=%s: %+v", name, c.value, got)
		}
	}
}

// TestListsInTheEnvironment: a line is a value, also where values have commas; PEM
// has lines of its own.
func TestListsInTheEnvironment(t *testing.T) {
	t.Parallel()
	pem := "ssl.ca.pem=-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"
	for variable, want := range map[string][]string{
		"10s/1s": {"10s/1s"}, "10s/1s\n1m\n": {"10s/1s", "1m"}, "\r\n a, b\r\n\r\nc": {" a, b", "c"}, "\n \n": nil, pem: {pem},
	} {
		if diff := cmp.Diff(want, valuesIn(variable)); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", variable, diff)
		}
	}
	two := map[string]string{"ORIEL_WINDOW": "20s/5s\n1m\n", "ORIEL_PROPERTY": "client.id=me\nbootstrap.servers=a:1,b:2\n"}
	got := inEnvironment(t, two, envelopeLine(epoch, "1"), "replay", "--input", "-", "-m", "none")
	for _, want := range []string{`"size_ms":20000,"hop_ms":5000`, `"size_ms":60000,"hop_ms":60000`} {
		if got.code != exitDone || !strings.Contains(got.stdout, want) {
			t.Errorf("%s is not in %+v", want, got)
		}
	}
	got = inEnvironment(t, two, "", "config", "show", "-o", "json")
	for _, want := range []string{`"setting":"--window","value":"20s/5s, 1m","from":"ORIEL_WINDOW"`, `"setting":"client.id","value":"me"`, `"setting":"bootstrap.servers","value":"a:1,b:2"`} {
		if got.code != exitDone || !strings.Contains(got.stdout, want) {
			t.Errorf("%s is not in %+v", want, got)
		}
	}
	bad := map[string]string{"ORIEL_WINDOW": "20s/5s\n0s"}
	if got := inEnvironment(t, bad, "", "replay", "t"); got.code != exitUsage || !strings.Contains(got.stderr, `"0s"`) {
		t.Errorf("%+v", got)
	}
}

// TestStrayVariables are told, with what was probably meant. Those of other
// commands, and those that somebody uses otherwise, are not.
func TestStrayVariables(t *testing.T) {
	t.Parallel()
	input := envelopeLine(epoch, "1")
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "oriel"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(home, "oriel", "config.yaml"), "profiles: {p: {properties: {sasl.password: env:ORIEL_PROFILE_PASSWORD}}}")
	stray := func(name, near string) string {
		text := "oriel: " + name + " in the environment: there is no flag --" + flagOf(name) + ", ignored"
		if near != "" {
			text += "; did you mean " + near + "?"
		}
		return text + "\n"
	}
	type variables = map[string]string
	for _, c := range []struct {
		name      string
		variables variables
		args      []string
		want      string
	}{
		{"misspelt", variables{"ORIEL_OUT_OF_ORDERNES": "5s"}, nil, stray("ORIEL_OUT_OF_ORDERNES", "ORIEL_OUT_OF_ORDERNESS")},
		{"unlike any", variables{"ORIEL_WINDOW_SIZE": "5s"}, nil, stray("ORIEL_WINDOW_SIZE", "")},
		{"in order, once", variables{"ORIEL_WINDOWS": "5s", "ORIEL_BROKER": "a"}, nil, stray("ORIEL_BROKER", "ORIEL_BROKERS") + stray("ORIEL_WINDOWS", "ORIEL_WINDOW")},
		{"empty", variables{"ORIEL_WINDOWS": ""}, nil, ""},
		{"quiet", variables{"ORIEL_WINDOWS": "5s"}, []string{"--quiet"}, ""},
		{"quiet by level", variables{"ORIEL_WINDOWS": "5s"}, []string{"--log-level", "warn"}, ""},
		{"quiet by the environment", variables{"ORIEL_WINDOWS": "5s", "ORIEL_QUIET": "true"}, nil, ""},
		{"of another command", variables{"ORIEL_IDLE_TIMEOUT": "5s", "ORIEL_PORT": "1", "ORIEL_PROFILE": "none"}, nil, ""},
		{"not ours", variables{"ORIELS": "1", "HOME": "/"}, nil, ""},
		{"of tests", variables{"ORIEL_REFERENCE": "d", "ORIEL_BENCH_BROKER": "b", "ORIEL_TEST_KAFKA": "k"}, nil, ""},
		{"of Kubernetes", variables{"ORIEL_DB_SERVICE_HOST": "10.0.0.1", "ORIEL_DB_SERVICE_PORT_SQL": "1", "ORIEL_DB_PORT": "tcp://10.0.0.1:1", "ORIEL_DB_PORT_1_TCP": "tcp://10.0.0.1:1"}, nil, ""},
		{"for a model", variables{"ORIEL_TOKEN": "t"}, []string{"--model-env", "ORIEL_TOKEN"}, ""},
		{"for a model by the environment", variables{"ORIEL_TOKEN": "t", "ORIEL_MODEL_ENV": "ORIEL_TOKEN"}, nil, ""},
		{"a secret", variables{"ORIEL_SECRET": "t", "ORIEL_PROPERTY": "sasl.password=env:ORIEL_SECRET"}, nil, ""},
		{"a secret in a profile", variables{"ORIEL_PROFILE_PASSWORD": "t", "XDG_CONFIG_HOME": home}, nil, ""},
	} {
		got := inEnvironment(t, c.variables, input, append([]string{"replay", "--input", "-", "-m", "none"}, c.args...)...)
		var told strings.Builder
		for line := range strings.Lines(got.stderr) {
			if strings.Contains(line, "in the environment") {
				told.WriteString(line)
			}
		}
		if got.code != exitDone || told.String() != c.want {
			t.Errorf("%s: %+v, want %s", c.name, got, c.want)
		}
	}
	for _, args := range [][]string{{"version"}, {"completion", "bash"}, {"models"}} {
		if got := inEnvironment(t, variables{"ORIEL_WINDOWS": "5s"}, "", args...); got.code != exitDone || got.stderr != "" {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if got := inEnvironment(t, variables{"ORIEL_BROKER": "a"}, "", "config", "show"); !strings.Contains(got.stderr, "did you mean ORIEL_BROKERS?") {
		t.Errorf("%+v", got)
	}
}
