package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kballard/go-shellquote"
)

// fence returns the n-th block of a language on a page of the documentation.
func fence(t *testing.T, page, language string, n int) string {
	t.Helper()
	blocks := strings.Split(readFile(t, "../../docs/"+page), "\n```"+language+"\n")
	if len(blocks) <= n+1 {
		t.Fatalf("%s has no block %d of %s", page, n, language)
	}
	text, _, _ := strings.Cut(blocks[n+1], "\n```")
	return text + "\n"
}

// rising writes envelope lines of three keys whose values rise by one a second,
// and returns the file.
func rising(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for i := range 180 {
		fmt.Fprintf(&b, `{"topic":"s","partition":0,"offset":%d,"ts":%d,"key":"k%d","payload":"%d"}`+"\n", i, 1795327200000+1000*(i/3), i%3, i/3)
	}
	path := filepath.Join(t.TempDir(), "rising.ndjson")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// python writes an example of the documentation to a file of its own.
func python(t *testing.T, n int) string {
	t.Helper()
	return pythonFile(t, fence(t, "external-models.md", "python", n))
}

func pythonFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.py")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// forecastOf is what tests read of a line.
type forecastOf struct {
	Key      string
	StartMS  int64 `json:"start_ms"`
	Count    int
	Forecast struct {
		Model, Error string
		Mean         []float64
	}
}

// checkRising holds a replay of rising with the example's model to what the
// model must say.
func checkRising(t *testing.T, got outcome) {
	t.Helper()
	if got.code != exitDone || len(got.lines()) != 18 {
		t.Fatalf("exit code %d, %d lines: %s", got.code, len(got.lines()), got.stderr)
	}
	for _, text := range got.lines() {
		var l forecastOf
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		next := float64(l.StartMS-1795327200000)/1000 + 10
		if diff := cmp.Diff([]float64{next, next + 1, next + 2}, l.Forecast.Mean); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// TestTheModelOfTheDocumentation works as a program and as a server, with and
// without batches.
func TestTheModelOfTheDocumentation(t *testing.T) {
	t.Parallel()
	script, input := python(t, 0), rising(t)
	address := serve(t, script)
	for _, m := range []string{"exec:python3 " + shellquote.Join(script), "http://" + address + "/v2/models/mine"} {
		for _, more := range [][]string{nil, {"--model-batch", "8", "--workers", "1"}} {
			checkRising(t, oriel(t, append([]string{
				"replay", "--input", input, "-w", "10s", "--horizon", "3", "-m", m, "--model-timeout", "1m",
			}, more...)...))
		}
	}
}

// TestThePoolOfTheDocumentation answers from its threads, one question at a time
// or eight, and says what it fails.
func TestThePoolOfTheDocumentation(t *testing.T) {
	t.Parallel()
	input := rising(t)
	run := func(script string, more ...string) outcome {
		return oriel(t, append([]string{
			"replay", "--input", input, "-w", "10s", "--horizon", "3", "-m", "exec:python3 " + shellquote.Join(script), "--model-timeout", "1m", "--workers", "1",
		}, more...)...)
	}
	script := python(t, 1)
	checkRising(t, run(script))
	checkRising(t, run(script, "--model-outstanding", "8"))
	failing := pythonFile(t, strings.Replace(fence(t, "external-models.md", "python", 1), "(len(y) - 1)", "(len(y) - len(y))", 1))
	if got := run(failing, "--model-outstanding", "8"); !strings.Contains(got.stderr, "refused: the model says: ZeroDivisionError") {
		t.Errorf("stderr %s", got.stderr)
	}
}

// batching is a model that waits for four questions, or until no more come, and
// answers the last one first. It says so when it has had four.
const batching = `
import json, queue, sys, threading
lines = queue.Queue()

def read():
    for line in sys.stdin:
        lines.put(line)
    lines.put(None)

def wait_for_batch():
    batch = [lines.get()]
    while len(batch) < 4 and batch[-1] is not None:
        try:
            batch.append(lines.get(timeout=0.2))
        except queue.Empty:
            break
    return batch

threading.Thread(target=read).start()
more = True
while more:
    batch = wait_for_batch()
    if len(batch) == 4:
        print("four together", file=sys.stderr)
    for line in reversed(batch):
        if line is None:
            more = False
            continue
        q = json.loads(line)
        y = q["inputs"][0]["data"]
        print(json.dumps({"id": q["id"], "outputs": [{"name": "mean", "data": [sum(y), y[0], len(y)]}]}), flush=True)
`

// TestLinesDoNotDependOnOpenQuestions: a program that answers several questions
// together, in another order, makes the lines of one that is asked one by one.
func TestLinesDoNotDependOnOpenQuestions(t *testing.T) {
	t.Parallel()
	input, file := rising(t), filepath.Join(t.TempDir(), "summary")
	m := "exec:python3 " + shellquote.Join(pythonFile(t, batching))
	run := func(workers, outstanding string) outcome {
		got := oriel(t, "replay", "--input", input, "-w", "10s", "--horizon", "3", "-m", m, "--model-timeout", "1m",
			"--workers", workers, "--model-outstanding", outstanding, "--summary", file)
		if got.code != exitDone || len(got.lines()) != 18 || strings.Contains(got.stdout, `"error"`) || !strings.Contains(readFile(t, file), `"reproducible":true`) {
			t.Fatalf("%s x %s: exit code %d: %s%s", workers, outstanding, got.code, got.stdout, got.stderr)
		}
		return got
	}
	one := run("1", "1")
	if strings.Contains(one.stderr, "four together") {
		t.Error("four questions are open where one may be")
	}
	for _, workers := range []string{"1", "2"} {
		many := run(workers, "4")
		if diff := cmp.Diff(one.stdout, many.stdout); diff != "" {
			t.Errorf("%s workers (-one +many):\n%s", workers, diff)
		}
		if !strings.Contains(many.stderr, "four together") {
			t.Errorf("%s workers: there were never four open questions: %s", workers, many.stderr)
		}
	}
}

// saying runs a script whose server says which port it has got.
const saying = `
import http.server, runpy, sys
class Saying(http.server.ThreadingHTTPServer):
    def server_activate(self):
        super().server_activate()
        print(self.server_port, flush=True)
http.server.ThreadingHTTPServer = Saying
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
`

// serve runs the example as a server and returns its address once it listens.
func serve(t *testing.T, script string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, "python3", "-c", saying, script, "0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was killed
	})
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the example does not listen: %v", err)
	}
	return net.JoinHostPort("127.0.0.1", strings.TrimSpace(port))
}

// TestTheObjectsOfTheDocumentation: the example's answer to the question on the
// page is the answer on the page.
func TestTheObjectsOfTheDocumentation(t *testing.T) {
	t.Parallel()
	var question, want bytes.Buffer
	if err := json.Compact(&question, []byte(fence(t, "external-models.md", "json", 0))); err != nil {
		t.Fatal(err)
	}
	if err := json.Compact(&want, []byte(fence(t, "external-models.md", "json", 1))); err != nil {
		t.Fatal(err)
	}
	question.WriteByte('\n')
	cmd := exec.CommandContext(t.Context(), "python3", python(t, 0))
	cmd.Stdin = &question
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Compact(&got, out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestALostForecastIsToldEverywhere: the line has the word, the summary counts
// it and is not reproducible, stderr has the reason once; the windows are those
// of a run without a model.
func TestALostForecastIsToldEverywhere(t *testing.T) {
	t.Parallel()
	input, file := rising(t), filepath.Join(t.TempDir(), "summary")
	run := func(m string) outcome {
		return oriel(t, "replay", "--input", input, "-w", "10s", "-m", m, "--model-timeout", "1m", "--workers", "1", "--summary", file)
	}
	cores := func(r outcome) string {
		var b strings.Builder
		for _, text := range r.lines() {
			var l forecastOf
			if err := json.Unmarshal([]byte(text), &l); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&b, l.Key, l.StartMS, l.Count)
		}
		return b.String()
	}
	none := run("none")
	got := run(`exec:sh -c 'read line; echo "cannot load the model" >&2; exit 7'`)
	if diff := cmp.Diff(cores(none), cores(got)); diff != "" || got.code != exitDone {
		t.Errorf("exit code %d, windows (-none +exec):\n%s", got.code, diff)
	}
	var sum struct {
		Forecasts struct {
			Made, Failed, Shed int
			Lost               map[string]int
		}
		Reproducible bool
	}
	if err := json.Unmarshal([]byte(readFile(t, file)), &sum); err != nil {
		t.Fatal(err)
	}
	if n := sum.Forecasts.Lost["crashed"] + sum.Forecasts.Lost["unavailable"]; n != 18 || sum.Forecasts.Failed != 18 || sum.Reproducible {
		t.Errorf("summary %+v", sum)
	}
	if n := strings.Count(got.stderr, "gave no forecast: crashed: its program ended (exit status 7): cannot load the model"); n != 1 {
		t.Errorf("the reason is told %d times: %s", n, got.stderr)
	}
}

// TestSettingsAreShownWithoutSecrets: config show is for bug reports.
func TestSettingsAreShownWithoutSecrets(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"model", "http://me:secret@host/v2/models/m", "http://host/v2/models/m"},
		{"model", "exec:python3 me@work.py", "exec:python3 me@work.py"},
		{"model", "holt:beta=0.1", "holt:beta=0.1"},
		{"model-env", "A,B=secret, C=secret", "A,B=***"},
		{"schema-registry", "https://me:secret@host", "https://host"},
		{"key", "a@b", "a@b"},
	} {
		if got := shownSetting(c.name, c.value); got != c.want {
			t.Errorf("--%s %s is shown as %s, want %s", c.name, c.value, got, c.want)
		}
	}
}

// FuzzWords: what is quoted is split into the same words, and whatever else comes
// is split or refused.
func FuzzWords(f *testing.F) {
	for _, seed := range []string{"python3 model.py", `sh -c 'exec "$0"' a\ b`, `"`, `'`, `\`, "a\n\tb", "\x00\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, command string) {
		words, err := shellquote.Split(command)
		if err != nil {
			return
		}
		again, err := shellquote.Split(shellquote.Join(words...))
		if diff := cmp.Diff(words, again); diff != "" || err != nil {
			t.Errorf("%q: %v\n%s", command, err, diff)
		}
	})
}
