package external

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/model"
)

// testTimeout is the deadline of a call where it is meant to pass, and patient
// where it is not.
const (
	testTimeout = 300 * time.Millisecond
	patient     = time.Minute
)

// heard keeps what was told.
type heard struct {
	mu    sync.Mutex
	lines []string
}

func (h *heard) hear(s string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, s)
}

func (h *heard) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.lines)
}

// childModel is a model that is this test binary with a fault.
func childModel(t *testing.T, fault string, change func(*Options)) (*Model, *heard) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	told := &heard{}
	o := Options{
		Timeout: patient, Workers: 1, Now: time.Now, Notice: told.hear,
		Env: []string{faultVariable + "=" + fault, "GORACE=atexit_sleep_ms=0"},
	}
	if change != nil {
		change(&o)
	}
	m, err := NewProgram("exec:child", []string{self}, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m, told
}

// about is a question of a window of each key.
func about(horizon int, keys ...string) *model.Question {
	q := &model.Question{Topic: "t", Step: 1000, Horizon: horizon}
	for i, key := range keys {
		q.Rows = append(q.Rows, model.Row{
			Key: key, Series: "v", Times: []int64{1000, 2000, 3000}, Values: []float64{1, 2.5, float64(i)},
		})
	}
	return q
}

// outcomes asks and returns what became of each row, in words.
func outcomes(ctx context.Context, m *Model, q *model.Question) []string {
	replies := make([]model.Reply, len(q.Rows))
	m.Ask(ctx, q, replies)
	var texts []string
	for _, r := range replies {
		if r.Err != nil {
			texts = append(texts, r.Err.Error())
		} else {
			texts = append(texts, fmt.Sprint(r.Mean))
		}
	}
	return texts
}

// TestWhatAProgramDoesCostsItsForecastOnly: a good question, a bad one, and a
// good one that is answered whatever became of the bad one.
func TestWhatAProgramDoesCostsItsForecastOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ fault, want, told string }{
		{"hangs", "timeout", "is silent: its program"},
		{"is slow", "timeout", "gave no forecast: timeout: no answer before the deadline"},
		{"drips", "timeout", "is silent: its program"},
		{"dies", "crashed", "its program ended (exit status 5)"},
		{"closes its output", "crashed", "its program ended (signal: killed)"},
		{"answers and dies", "[0 0]", "is started again: its program ended (exit status 0)"},
		{"floods", "too large", "more than 66048 bytes"},
		{"answers twice", "[0 0]", "answers what it was not asked"},
		{"answers another", "[0 0]", "answers what it was not asked"},
		{"has no id", "wrong id", "the answer has no id"},
		{"refuses", "refused", "the model says: too short [2J"},
		{"chats", "[0 0]", "writes to its standard output what is no answer: debug: about to answer"},
		{`{"id":"ID"`, "malformed", "unexpected end of JSON input"},
		{`{"id":"ID"}`, "malformed", `no output "mean"`},
		{`{"id":"ID","outputs":[{"name":"mean","data":[NaN,1]}]}`, "not finite", `step 1 of the forecast for key "bad"`},
		{`{"id":"ID","outputs":[{"name":"mean","data":[1e999,1]}]}`, "not finite", "no finite number"},
		{`{"id":"ID","outputs":[{"name":"mean","data":[1,2,3]}]}`, "wrong shape", "has 3 numbers, asked for were 1 x 2"},
		{`{"id":"ID","outputs":[{"name":"mean","data":[1,2]},{"name":"se","data":[1,-2]}]}`, "not finite", "standard error"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			gives := func(o *Options) {
				if c.want == "timeout" {
					o.Timeout, o.Starting = testTimeout, patient
				}
			}
			goodBadGood(t, c.want, c.told, func() (*Model, *heard) { return childModel(t, c.fault, gives) })
		})
	}
}

// TestProgramThatNeverAnswers: the time to start is granted once, then it is left
// alone until a trial, which starts it again and may take as long.
func TestProgramThatNeverAnswers(t *testing.T) {
	t.Parallel()
	const starting = 2 * testTimeout
	now := time.Now()
	m, told := childModel(t, "hangs", func(o *Options) {
		o.Timeout, o.Starting = testTimeout, starting
		o.Now = func() time.Time { return now }
	})
	ask := func() string { return outcomes(t.Context(), m, about(2, "bad"))[0] }
	for i, want := range []string{"timeout", "unavailable", "unavailable"} {
		if got := ask(); got != want {
			t.Errorf("question %d: %s, want %s: %q", i+1, got, want, told.all())
		}
	}
	now = now.Add(minPause)
	if got := []string{ask(), ask()}; !slices.Equal(got, []string{"timeout", "unavailable"}) {
		t.Errorf("after a pause: %q", got)
	}
	const opened = "exec:child failed by timeout: no answer within 900ms of its start: it is left alone for a while and then tried again"
	if n := strings.Count(strings.Join(told.all(), "\n"), opened); n != 1 {
		t.Errorf("told %d times: %q", n, told.all())
	}
}

// goodBadGood asks a model a good question, a bad one, of which it wants the
// outcome and what is told, and a good one. On a busy machine a good answer may
// take longer than the deadline that a bad one is to miss: such rounds show
// nothing and are played again, with another model.
func goodBadGood(t *testing.T, want, tells string, another func() (*Model, *heard)) {
	t.Helper()
	for range 20 {
		m, told := another()
		var got []string
		for _, keys := range [][]string{{"good", "fine"}, {"bad"}, {"good"}} {
			got = append(got, outcomes(t.Context(), m, about(2, keys...))...)
		}
		late := func(outcome string) bool { return outcome == "timeout" || outcome == "unavailable" }
		if want == "timeout" && (late(got[0]) || late(got[3])) {
			continue
		}
		if diff := cmp.Diff([]string{"[0 0]", "[1 1]", want, "[0 0]"}, got); diff != "" {
			t.Errorf("outcomes (-want +got):\n%s", diff)
		}
		waitFor(t, told, tells)
		return
	}
	t.Error("a good answer never came in time")
}

// waitFor waits until something was told that has the text.
func waitFor(t *testing.T, told *heard, text string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patient); time.Now().Before(deadline); <-tick.C {
		if slices.ContainsFunc(told.all(), func(s string) bool { return strings.Contains(s, text) }) {
			return
		}
	}
	t.Errorf("nothing told has %q: %q", text, told.all())
}

// TestNoticesAreToldOnce: each kind once, on one line, without what a terminal
// would obey.
func TestNoticesAreToldOnce(t *testing.T) {
	t.Parallel()
	m, told := childModel(t, "refuses", nil)
	for range 20 {
		if got := outcomes(t.Context(), m, about(2, "bad")); got[0] != "refused" {
			t.Fatalf("got %q", got)
		}
	}
	want := []string{"exec:child gave no forecast: refused: the model says: too short [2J; this is told once, the summary counts"}
	if diff := cmp.Diff(want, told.all()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// TestAProgramThatKeepsDying is started again at longer intervals, then left
// alone, and asked again after a while.
func TestAProgramThatKeepsDying(t *testing.T) {
	t.Parallel()
	logged := &heard{}
	m, told := childModel(t, "dies at once", func(o *Options) { o.Log = logged.hear })
	now := time.Unix(0, 0)
	m.now = func() time.Time { return now }
	var got []string
	for range breakAfter + 3 {
		got = append(got, outcomes(t.Context(), m, about(1, "a"))...)
	}
	want := append(slices.Repeat([]string{"crashed"}, breakAfter), slices.Repeat([]string{"unavailable"}, 3)...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	waitFor(t, told, "failed 5 times in a row, last with crashed: its program ended (exit status 3): no such module")
	now = now.Add(minPause)
	if trial := outcomes(t.Context(), m, about(1, "a")); trial[0] != "crashed" {
		t.Errorf("after a while: %q", trial)
	}
	if lines := logged.all(); !slices.Contains(lines, "no [31m module") {
		t.Errorf("logged %q", lines)
	}
}

// TestStandardErrorIsBounded: a program may write as much as it likes.
func TestStandardErrorIsBounded(t *testing.T) {
	t.Parallel()
	logged := &heard{}
	m, _ := childModel(t, "writes errors", func(o *Options) { o.Log = logged.hear })
	if got := outcomes(t.Context(), m, about(2, "bad")); got[0] != "[0 0]" {
		t.Fatalf("got %q", got)
	}
	m.Close()
	lines := logged.all()
	if len(lines) != maxLogged || !strings.HasSuffix(lines[maxLogged-1], "nothing more of what it writes is shown)") {
		t.Errorf("%d lines were logged, the last is %q", len(lines), lines[len(lines)-1])
	}
	for _, line := range lines {
		if len(line) > 2*maxDetail {
			t.Fatalf("a line of %d bytes was logged", len(line))
		}
	}
}

// expiring is a context whose deadline has passed when passed is closed.
type expiring struct {
	context.Context
	passed chan struct{}
}

func (e expiring) Done() <-chan struct{} { return e.passed }

func (e expiring) Err() error {
	select {
	case <-e.passed:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// TestADeadlineBeforeAProcessIsFree: what was never sent was shed, and what was
// sent is a timeout; neither waits beyond its deadline.
func TestADeadlineBeforeAProcessIsFree(t *testing.T) {
	t.Parallel()
	logged := &heard{}
	m, _ := childModel(t, "hangs", func(o *Options) { o.Log = logged.hear })
	outcomes(t.Context(), m, about(2, "good"))
	ctx := expiring{t.Context(), make(chan struct{})}
	var both sync.WaitGroup
	got := make([]string, 2)
	both.Go(func() { got[0] = outcomes(ctx, m, about(2, "bad"))[0] })
	waitFor(t, logged, "hangs")
	both.Go(func() { got[1] = outcomes(ctx, m, about(2, "bad"))[0] })
	close(ctx.passed)
	both.Wait()
	if diff := cmp.Diff([]string{"timeout", "shed"}, got); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

// TestAnInterruptedCall ends at once and says so.
func TestAnInterruptedCall(t *testing.T) {
	t.Parallel()
	m, told := childModel(t, "hangs", nil)
	outcomes(t.Context(), m, about(2, "good"))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan string)
	go func() { ended <- outcomes(ctx, m, about(2, "bad"))[0] }()
	cancel()
	if got := <-ended; got != "interrupted" || len(told.all()) > 0 {
		t.Errorf("got %q, told %q", got, told.all())
	}
}

// TestProcessesRunBesideEachOther: as many as there are workers, each with one
// question at a time, and no more than are needed.
func TestProcessesRunBesideEachOther(t *testing.T) {
	t.Parallel()
	m, _ := childModel(t, "-", func(o *Options) { o.Workers = 4 })
	p := m.backend.(*program)
	for range 8 {
		outcomes(t.Context(), m, about(2, "a"))
	}
	if n := len(p.running); n != 1 {
		t.Errorf("%d processes run for one question at a time", n)
	}
	var asking sync.WaitGroup
	for i := range 64 {
		asking.Go(func() {
			key := fmt.Sprint("k", i)
			if got := outcomes(t.Context(), m, about(3, key, "b", "c")); !slices.Equal(got, []string{"[0 0 0]", "[1 1 1]", "[2 2 2]"}) {
				t.Errorf("got %q", got)
			}
		})
	}
	asking.Wait()
	if n := len(p.running); n > 4 {
		t.Errorf("%d processes run for 4 workers", n)
	}
}

// TestTheEnvironmentOfAProgram is what it was given and nothing else.
func TestTheEnvironmentOfAProgram(t *testing.T) {
	t.Setenv("ORIEL_SECRET", "hidden")
	logged := &heard{}
	m, err := NewProgram("exec:env", []string{"sh", "-c", "env >&2"}, Options{
		Timeout: patient, Workers: 1, Now: time.Now, Log: logged.hear, Env: []string{"PATH=" + os.Getenv("PATH"), "GIVEN=1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	outcomes(t.Context(), m, about(1, "a"))
	m.Close()
	env := logged.all()
	if !slices.Contains(env, "GIVEN=1") || slices.ContainsFunc(env, func(s string) bool { return strings.Contains(s, "SECRET") }) {
		t.Errorf("the program had %q", env)
	}
}

// TestTheChildrenOfAProgramEndWithIt, also if they hold its output.
func TestTheChildrenOfAProgramEndWithIt(t *testing.T) {
	t.Parallel()
	m, err := NewProgram("exec:sh", []string{"sh", "-c", "sleep 1000 & sleep 1000"}, Options{
		Timeout: testTimeout, Workers: 1, Starting: time.Millisecond, Now: time.Now, Env: []string{"PATH=" + os.Getenv("PATH")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := outcomes(t.Context(), m, about(1, "a")); got[0] != "timeout" {
		t.Errorf("got %q", got)
	}
	m.Close() // returns when nobody holds the pipes
}

// TestAChildThatLeftDoesNotHoldItsProgram: it is in a session of its own, where
// it is not killed, and holds all that the program had open.
func TestAChildThatLeftDoesNotHoldItsProgram(t *testing.T) {
	t.Parallel()
	logged := &heard{}
	m, err := NewProgram("exec:sh", []string{"sh", "-c", `setsid sh -c 'echo left as $$. >&2; exec sleep 1000' & sleep 1000`}, Options{
		Timeout: patient, Workers: 1, Now: time.Now, Log: logged.hear, Env: []string{"PATH=" + os.Getenv("PATH")},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan string)
	go func() { asked <- outcomes(ctx, m, about(1, "a"))[0] }()
	waitFor(t, logged, "left as ")
	cancel()
	<-asked
	closed := make(chan struct{})
	go func() {
		m.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(patient):
		t.Error("the child that left holds the program")
	}
	var pid int
	if _, err := fmt.Sscanf(logged.all()[0], "left as %d.", &pid); err != nil {
		t.Fatal(err)
	}
	left, err := os.FindProcess(pid)
	if err == nil {
		err = left.Kill() // an error if it did not live on
	}
	if err != nil {
		t.Error(err)
	}
	<-closed
}

func TestNoSuchProgram(t *testing.T) {
	if _, err := NewProgram("exec:x", []string{"no-such-program-anywhere"}, Options{Workers: 1}); err == nil {
		t.Error("a program that is not there was accepted")
	}
}
