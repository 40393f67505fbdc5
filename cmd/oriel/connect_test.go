package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"github.com/oriel-stream/oriel/stream/kafka"
)

// guarded is a broker with one record that lets nobody in but user and reader,
// whose password is hunter2. reader may do nothing.
func guarded(t *testing.T) (addr string) {
	t.Helper()
	addr = newBroker(t, kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("PLAIN", "user", "hunter2"),
		kfake.User("PLAIN", "reader", "hunter2"), kfake.SeedTopics(1, "t")).ListenAddrs()[0]
	newClient(t, addr, kgo.SASL(plain.Auth{User: "user", Pass: "hunter2"}.AsMechanism())).produce("t", number(epoch, "k", "1"))
	return addr
}

// household is an environment with a configuration file, and a person who answers
// questions.
type household struct {
	variables map[string]string
	answer    string
	asked     []string
}

func newHousehold(t *testing.T, config string) *household {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "oriel"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "oriel", "config.yaml"), config)
	return &household{variables: map[string]string{"XDG_CONFIG_HOME": dir, "HOME": dir}}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (p *household) run(t *testing.T, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	e := testEnv(strings.NewReader(""), &stdout, &stderr, args...)
	inhabit(e, p.variables)
	e.prompt = func(_ context.Context, question string) (string, error) {
		p.asked = append(p.asked, question)
		if p.answer == "" {
			return "", errNoTerminal
		}
		return p.answer, nil
	}
	got := outcome{code: run(t.Context(), e), stdout: stdout.String(), stderr: stderr.String()}
	if strings.Contains(got.stdout+got.stderr, "hunter2") {
		t.Errorf("%q tells the secret: %+v", args, got)
	}
	return got
}

// TestSecretsOfAProfile are found in the environment, in a file, and by asking
// once.
func TestSecretsOfAProfile(t *testing.T) {
	t.Parallel()
	addr := guarded(t)
	for _, secret := range []string{"env:THE_PASSWORD", "file:~/password", "prompt"} {
		p := newHousehold(t, "profiles:\n  prod:\n    brokers: "+addr+"\n    properties: {security.protocol: sasl_plaintext, sasl.mechanism: PLAIN, sasl.username: env:THE_USER, sasl.password: \""+secret+"\"}\n")
		p.variables["THE_USER"], p.variables["THE_PASSWORD"], p.answer = "user", "hunter2", "hunter2"
		write(t, filepath.Join(p.variables["HOME"], "password"), "hunter2\n")
		got := p.run(t, "replay", "t", "--profile", "prod", "-m", "none", "--quiet")
		if got.code != exitDone || len(got.lines()) == 0 || got.stderr != "" {
			t.Errorf("%s: %+v", secret, got)
		}
		if want := map[bool]int{true: 1}[secret == "prompt"]; len(p.asked) != want {
			t.Errorf("%s: asked %q", secret, p.asked)
		}
		got = p.run(t, "config", "show", "--profile", "prod")
		if got.code != exitDone || !strings.Contains(got.stdout, secret) {
			t.Errorf("%s: %+v", secret, got)
		}
	}
}

// TestRefused: see checkRefused.
func TestRefused(t *testing.T) {
	t.Parallel()
	checkRefused(t, guarded(t))
}

// checkRefused: whoever is refused ends with exit code 3, and is told where, what
// was spoken there, and what to do.
func checkRefused(t *testing.T, addr string) {
	t.Helper()
	p := newHousehold(t, "")
	for i, c := range []struct {
		flags []string
		says  []string
	}{
		{[]string{"-X", "security.protocol=sasl_plaintext", "-X", "sasl.mechanism=PLAIN", "-X", "sasl.username=user", "-X", "sasl.password=hunter23"}, []string{"login refused at " + addr, "SASL PLAIN", "sasl.password"}},
		{[]string{"-X", `sasl.jaas.config=o.PlainLoginModule required username="hunter" password="hunter23";`, "-X", "security.protocol=SASL_PLAINTEXT"}, []string{"login refused at " + addr, "SASL PLAIN", "it is hunter"}},
		{[]string{"-X", "security.protocol=sasl_plaintext", "-X", "sasl.mechanism=PLAIN", "-X", "sasl.username=reader", "-X", "sasl.password=hunter2"}, []string{"not allowed to read topic t at " + addr, "SASL PLAIN", "--allow-principal User:reader --operation Read --topic t"}},
		{[]string{"-X", "security.protocol=ssl"}, []string{addr, "(TLS)", "speaks no TLS on this port"}},
		{nil, []string{addr, "plaintext", "security.protocol=sasl_plaintext"}},
	} {
		command := []string{"tail", "replay"}[i%2]
		got := p.run(t, append([]string{command, "t", "-b", addr}, c.flags...)...)
		if got.code != exitConnection || got.stdout != "" {
			t.Errorf("%s %q: %+v", command, c.flags, got)
		}
		for _, want := range c.says {
			if !strings.Contains(got.stderr, want) {
				t.Errorf("%s %q: %q is not in %s", command, c.flags, want, got.stderr)
			}
		}
	}
}

// TestNobodyTellsASecret: mistakes beside a secret.
func TestNobodyTellsASecret(t *testing.T) {
	t.Parallel()
	p := newHousehold(t, "")
	file := filepath.Join(t.TempDir(), "client.properties")
	write(t, file, "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=o.PlainLoginModule required username=\"u\" password=\"hunter2\"\n")
	pem := filepath.Join(t.TempDir(), "not.pem")
	write(t, pem, "hunter2")
	for _, flags := range [][]string{
		{"-F", file},
		{"-F", pem, "-X", "security.protocol=ssl", "-X", "ssl.ca.location=" + pem},
		{"-X", "sasl.password:hunter2"},
		{"-X", "sasl.password=hunter2"},
		{"-X", "sasl.passwort=hunter2", "-X", "security.protocol=x"},
		{"-X", "ssl.key.pem=hunter2", "-X", "ssl.certificate.pem=hunter2", "-X", "security.protocol=ssl"},
		{"-X", "sasl.oauthbearer.token=hunter2", "-X", "security.protocol=sasl_ssl"},
		{"-X", "sasl.password=prompt", "-X", "security.protocol=sasl_ssl"},
		{"-X", "sasl.oauthbearer.token.endpoint.url=https://me:hunter2@[", "-X", "sasl.mechanism=x"},
	} {
		if got := p.run(t, append([]string{"tail", "t"}, flags...)...); got.code != exitUsage || got.stderr == "" {
			t.Errorf("%q: %+v", flags, got)
		}
	}
	p = newHousehold(t, "profiles:\n  a:\n    properties:\n      sasl.password: [hunter2]\n")
	if got := p.run(t, "tail", "t", "--profile", "a"); got.code != exitUsage || !strings.Contains(got.stderr, "config.yaml:4: want a single value") {
		t.Errorf("%+v", got)
	}
}

// TestCompletionIsSilent: nobody is asked for a password while typing.
func TestCompletionIsSilent(t *testing.T) {
	t.Parallel()
	p := newHousehold(t, "default: a\nprofiles:\n  a:\n    properties: {sasl.password: prompt, no.such.key: 1}\n")
	got := p.run(t, "__complete", "tail", "--profile", "")
	if got.code != exitDone || !strings.HasPrefix(got.stdout, "a\nnone\t") {
		t.Errorf("%+v", got)
	}
	if got := p.run(t, "__complete", "tail", ""); got.code != exitDone || strings.Contains(got.stderr, "no.such.key") || len(p.asked) > 0 {
		t.Errorf("%+v, asked %q", got, p.asked)
	}
}

func TestParseConfigFileErrors(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"a: [":                                   "f:1: this is no YAML",
		"a: *hunter2":                            "f: this is no YAML",
		"profile: {}":                            `f:1: unknown field "profile": want default or profiles`,
		"- a":                                    "f:1: want fields",
		"default: x":                             `f: default: there is no profile "x"`,
		"profiles:\n  a: 1":                      "f:2: want fields",
		"profiles:\n  none: {}":                  `f:2: a profile cannot be named "none"`,
		"profiles:\n  a:\n  a:":                  "f:3: a is given twice",
		"profiles:\n  a:\n    color: pink":       `f:3: color "pink" is unknown`,
		"profiles:\n  a:\n    property: [x=y]":   `f:3: "property" has no place`,
		"profiles:\n  a:\n    window: {a: b}":    "f:3: want a single value",
		"profiles:\n  a:\n    window: [[a]]":     "f:3: want a single value",
		"profiles:\n  ? [a]\n  : b":              "f:2: want a name",
		"profiles:\n  a:\n    properties: [a=b]": "f:3: want fields",
	} {
		if _, err := parseConfigFile("f", []byte(text)); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v, want it to say %q", text, err, says)
		}
	}
}

func FuzzParseConfigFile(f *testing.F) {
	f.Add("default: a\nprofiles: {a: &x {color: red, properties: {b: c}, window: [1s, 2s]}, d: *x}")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseConfigFile("f", []byte(text))
		if err == nil && c.standard != "" && c.find(c.standard) == nil {
			t.Error("the default is no profile")
		}
	})
}

// TestProfileOfManyCommands: a word that only some commands take does not keep
// the others, which know the flag but not the word, from their work.
func TestProfileOfManyCommands(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, number(epoch, "k", "1"))
	p := newHousehold(t, "default: a\nprofiles:\n  a:\n    brokers: "+addr+"\n    output: csv\n    emit: updates\n")
	for command, want := range map[string]string{
		"replay t -m none": "topic,key,", "topics": "topic parts", "peek t": "part offset", "config show": "csv",
	} {
		if got := p.run(t, strings.Fields(command)...); got.code != exitDone || !strings.Contains(got.stdout, want) {
			t.Errorf("%s: %+v, want %s", command, got, want)
		}
	}
	if got := p.run(t, "topics", "-o", "csv"); got.code != exitUsage {
		t.Errorf("topics -o csv: %+v", got)
	}
	wrong := newHousehold(t, "default: a\nprofiles:\n  a:\n    output: yaml\n")
	if got := wrong.run(t, "topics"); got.code != exitUsage || !strings.Contains(got.stderr, `config.yaml:4: output: "yaml" is unknown: use table or json`) {
		t.Errorf("a word that none takes: %+v", got)
	}
}

// TestValueOfAProfile: what is wrong with a value of a flag names its line.
func TestValueOfAProfile(t *testing.T) {
	t.Parallel()
	p := newHousehold(t, "default: a\nprofiles:\n  a:\n    workers: many\n")
	got := p.run(t, "tail", "t")
	if got.code != exitUsage || !strings.Contains(got.stderr, `config.yaml:4: workers: "many" is not a whole number`) {
		t.Errorf("%+v", got)
	}
	if got := p.run(t, "topics", "-b", "127.0.0.1:1"); got.code != exitConnection {
		t.Errorf("a flag of another command: %+v", got)
	}
}

// TestPromptWithoutATerminal says what else there is.
func TestPromptWithoutATerminal(t *testing.T) {
	t.Parallel()
	_, err := reveal(t.Context(), testEnv(nil, nil, nil), kafka.Property{Key: "sasl.password", Value: "prompt", From: "-X"})
	if !errors.Is(err, errNoTerminal) || err.Error() != "-X sasl.password=prompt: there is no terminal to ask at: use env:NAME or file:PATH" {
		t.Error(err)
	}
	// A file of another client means what it says.
	for _, value := range []string{"prompt", "env:HOME", "file:x"} {
		got, err := reveal(t.Context(), testEnv(nil, nil, nil), kafka.Property{Key: "sasl.password", Value: value, From: "-F x"})
		if got != value || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
}

// TestColors: the names are those of terminals.
func TestColors(t *testing.T) {
	t.Parallel()
	for color, want := range map[string]string{"": "", "red": "1", "#00ff7f": "#00ff7f"} {
		f := profileFlag{loaded: &profile{color: color}}
		if got := f.color(); got != want {
			t.Errorf("%q: %q", color, got)
		}
	}
	if got := new(profileFlag).color(); got != "" {
		t.Error(got)
	}
}
