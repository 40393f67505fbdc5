package main

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kballard/go-shellquote"
	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/model/external"
	"github.com/oriel-stream/oriel/stream"
)

// externalFlags say how models outside this process are asked, and how long a
// line waits for its forecast.
type externalFlags struct {
	timeout     duration
	env         []string
	batch       int
	outstanding int
	// model is the one that --model names; nil for one of ours.
	model *external.Model
	news  *asides
}

func defaultExternal() externalFlags {
	return externalFlags{timeout: duration(time.Second / time.Millisecond), batch: 1, outstanding: 1, news: &asides{}}
}

func (f *externalFlags) add(fs *pflag.FlagSet) {
	*f = defaultExternal()
	fs.Var(&f.timeout, "model-timeout", "how long the windows of one close wait for their forecasts, live; in a bounded run how long one call of an external model may take")
	fs.StringArrayVar(&f.env, "model-env", nil, "a variable for the program of exec:, as NAME or NAME=VALUE; it has PATH, HOME, LANG and TZ (repeatable)")
	fs.IntVar(&f.batch, "model-batch", f.batch, "how many windows of different keys an external model may be asked for at once")
	fs.IntVar(&f.outstanding, "model-outstanding", f.outstanding, "questions open at a time at each process of an external model; of a server, calls under way for each of --workers")
}

// maxBatch bounds --model-batch: an answer is as many times as long.
const maxBatch = 64

// maxOutstanding bounds --model-outstanding, and maxCalls all calls that are under
// way at a time: windows wait for each.
const (
	maxOutstanding = 256
	maxCalls       = 1 << 14
)

func (f *externalFlags) check() error {
	switch {
	case f.timeout <= 0:
		return usagef("--model-timeout %v is not positive: use for example 1s", f.timeout.std())
	case f.batch < 1 || f.batch > maxBatch:
		return usagef("--model-batch %d is out of range: use 1 to %d", f.batch, maxBatch)
	case f.outstanding < 1 || f.outstanding > maxOutstanding:
		return usagef("--model-outstanding %d is out of range: use 1 to %d", f.outstanding, maxOutstanding)
	}
	for _, v := range f.env {
		if name, _, _ := strings.Cut(v, "="); !isVariable(name) {
			return usagef("--model-env %q names no variable: use NAME or NAME=VALUE", v)
		}
	}
	return nil
}

func isVariable(name string) bool {
	for i, c := range name {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// externalPrefixes are what the names of external models begin with.
var externalPrefixes = []string{"exec:", "http://", "https://", "mlflow+http://", "mlflow+https://"}

// isExternal says that --model names a model outside this process.
func (f *modelFlags) isExternal() bool {
	return slices.ContainsFunc(externalPrefixes, func(p string) bool { return strings.HasPrefix(f.model, p) })
}

// open makes the external model that spec names. It starts nothing yet.
func (f *externalFlags) open(e *env, spec string, o external.Options) (*external.Model, error) {
	if n := o.Workers * o.Outstanding; n > maxCalls {
		return nil, usagef("--workers %d with --model-outstanding %d are %d calls at a time: use at most %d", o.Workers, o.Outstanding, n, maxCalls)
	}
	command, isProgram := strings.CutPrefix(spec, "exec:")
	if !isProgram {
		m, err := external.NewServer(spec, o)
		if err != nil {
			return nil, usagef("--model %q: %w", shownModel(spec), err)
		}
		return m, nil
	}
	words, err := shellquote.Split(command)
	switch {
	case err != nil:
		return nil, usagef("--model %q: %s", spec, strings.ToLower(err.Error()))
	case len(words) == 0:
		return nil, usagef("--model %q names no program: use for example exec:'python3 model.py'", spec)
	}
	o.Env = f.environment(e)
	m, err := external.NewProgram(spec, words, o)
	if err != nil {
		return nil, usagef("--model %q: %w", spec, err)
	}
	return m, nil
}

// shownModel is a model's specification as a message may repeat it.
func shownModel(spec string) string {
	if strings.HasPrefix(spec, "exec:") {
		return spec
	}
	return withoutPassword(spec)
}

// environment is what a program sees of ours.
func (f *externalFlags) environment(e *env) []string {
	vars := []string{} // not nil: that would be all of it
	for _, v := range append([]string{"PATH", "HOME", "LANG", "TZ"}, f.env...) {
		switch value := e.getenv(v); {
		case strings.Contains(v, "="):
			vars = append(vars, v)
		case value != "":
			vars = append(vars, v+"="+value)
		}
	}
	return vars
}

// openModel puts the external model that --model names, if it does, in the place
// of one of ours.
func (o *lineOptions) openModel(e *env, f *stream.Forecasts) error {
	if err := o.external.check(); err != nil || f == nil {
		return err
	}
	f.Timeout, f.Batch, f.Outstanding = o.external.timeout.std(), o.external.batch, o.external.outstanding
	if !o.isExternal() {
		return nil
	}
	m, err := o.external.open(e, o.model, o.externalOptions(e))
	if err != nil {
		return err
	}
	o.external.model, f.External = m, m
	return nil
}

// externalOptions are how external models are asked in a run.
func (o *lineOptions) externalOptions(e *env) external.Options {
	options := external.Options{
		Timeout: o.external.timeout.std(), Workers: o.workers, Outstanding: o.external.outstanding, Now: e.now, Notice: o.tell(e),
	}
	if o.board != nil {
		options.Notice = o.external.news.add // told when the screen has gone
		options.Failing = func(text string, over bool) {
			o.notice(e)(stream.Notice{Text: text, Trouble: stream.Trouble{Kind: stream.ModelLost}, Over: over})
		}
	}
	if !o.quiet {
		options.Log = func(line string) { o.tell(e)("model: " + line) }
	}
	return options
}

// asides are what there is to say when the screen has gone.
type asides struct {
	mu    sync.Mutex
	lines []string
}

func (a *asides) add(line string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lines = append(a.lines, line)
}

// say tells them.
func (a *asides) say(e *env) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, line := range a.lines {
		e.say("%s", line)
	}
	a.lines = nil
}
