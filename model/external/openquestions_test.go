package external

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/model"
)

// gathering is a model that is a child that gathers: one process, at which as
// many questions may be open as it gathers.
func gathering(t *testing.T, n int, how string, change func(*Options)) (*Model, *heard) {
	t.Helper()
	return childModel(t, fmt.Sprintf("together:%d:%s:%s", n, t.TempDir(), how), func(o *Options) {
		o.Outstanding = n
		if change != nil {
			change(o)
		}
	})
}

// valued is a question of one window that ends with a value.
func valued(key string, value float64) *model.Question {
	q := about(2, key)
	q.Rows[0].Values[2] = value
	return q
}

// together asks n questions that are gathered, with the values from 0 on, and
// returns what became of them.
func together(ctx context.Context, m *Model, n int) []string {
	got := make([]string, n)
	var asking sync.WaitGroup
	for i := range n {
		asking.Go(func() { got[i] = outcomes(ctx, m, valued("bad", float64(i)))[0] })
	}
	asking.Wait()
	return got
}

// waitForSlots waits until nobody has a slot.
func waitForSlots(t *testing.T, m *Model) {
	t.Helper()
	p := m.backend.(*program)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patient); len(p.room) < cap(p.room); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d slots are free", len(p.room), cap(p.room))
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, l := range p.places {
		if l.open != 0 {
			t.Errorf("place %d has %d open questions", i, l.open)
		}
	}
}

// TestOneOfThree: three questions are open at one process, which does something
// to one of them; then another is answered, by the same process unless it died.
func TestOneOfThree(t *testing.T) {
	t.Parallel()
	good := []string{"[0 0]", "[1 1]", "[2 2]"}
	one := func(of string) []string { return []string{"[0 0]", of, "[2 2]"} }
	for _, c := range []struct {
		how    string
		want   []string
		told   string
		starts int
	}{
		{"in order", good, "", 1},
		{"in reverse", good, "", 1},
		{"with garbage", good, "writes to its standard output what is no answer: debug", 1},
		{"twice", good, "answers what it was not asked", 1},
		{"dripping", good, "", 1},
		{"too much", one("too large"), "more than 66048 bytes", 1},
		{"too much, nameless", one("timeout"), "no answer to any of several open questions", 1},
		{"one too late", one("timeout"), "answers what it was not asked", 1},
		{"not one", one("timeout"), "leaves a question open while it answers others", 1},
		{`{"id":"ID"`, one("malformed"), "unexpected end of JSON input", 1},
		{`{"outputs":[{"data":[NaN]}],"id":"ID",`, one("malformed"), "in the answer {", 1},
		{`{"outputs":[NaN`, one("timeout"), "no answer to any of several open questions", 1},
		{`{"outputs":[]}`, one("timeout"), "no answer to any of several open questions", 1},
		{`{"id":"ID","error":"no"}`, one("refused"), "the model says: no", 1},
		{`{"id":"ID","outputs":[{"name":"mean","data":[NaN,1]}]}`, one("not finite"), "no finite number", 1},
		{"never", []string{"timeout", "timeout", "timeout"}, "is silent: its program", 2},
		{"never ending", []string{"timeout", "timeout", "timeout"}, "is silent: its program", 2},
		{"dying", []string{"crashed", "crashed", "crashed"}, "its program ended (exit status 5)", 3},
		{"dying once", good, "is started again: its program ended (exit status 5)", 2},
	} {
		t.Run(strings.ReplaceAll(c.how, "/", ""), func(t *testing.T) {
			t.Parallel()
			oneOfThree(t, c.want, c.told, c.starts, func() (*Model, *heard, *heard) {
				logged := &heard{}
				m, told := gathering(t, 3, c.how, func(o *Options) {
					o.Log = logged.hear
					if slices.Contains(c.want, "timeout") {
						o.Timeout, o.Starting = testTimeout, patient
					}
				})
				return m, told, logged
			})
		})
	}
}

// oneOfThree asks a model that gathers three. As in goodBadGood, rounds in which
// a good answer was late show nothing.
func oneOfThree(t *testing.T, want []string, tells string, starts int, another func() (m *Model, told, logged *heard)) {
	t.Helper()
	for range 20 {
		m, told, logged := another()
		first := outcomes(t.Context(), m, about(1, "good"))[0]
		got := together(t.Context(), m, 3)
		waitForSlots(t, m)
		last := outcomes(t.Context(), m, about(1, "good"))[0]
		m.Close()
		late := func(got, want string) bool { return got != want && (got == "timeout" || got == "unavailable") }
		if slices.Contains(want, "timeout") &&
			(late(first, "[0]") || late(last, "[0]") || late(got[0], want[0]) || late(got[2], want[2])) {
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" || first != "[0]" || last != "[0]" {
			t.Errorf("before %s, after %s, outcomes (-want +got):\n%s", first, last, diff)
		}
		if tells != "" {
			waitFor(t, told, tells)
		}
		if n := len(slices.DeleteFunc(logged.all(), func(s string) bool { return s != "started" })); n != starts {
			t.Errorf("%d processes ran, want %d: %q", n, starts, told.all())
		}
		return
	}
	t.Error("a good answer never came in time")
}

// TestAProgramThatWaitsForAll answers only when it has as many questions as may
// be open: they all come to it.
func TestAProgramThatWaitsForAll(t *testing.T) {
	t.Parallel()
	m, _ := gathering(t, 8, "in reverse", nil)
	var want []string
	for i := range 8 {
		want = append(want, fmt.Sprintf("[%d %d]", i, i))
	}
	for range 5 {
		if diff := cmp.Diff(want, together(t.Context(), m, 8)); diff != "" {
			t.Fatalf("outcomes (-want +got):\n%s", diff)
		}
	}
	waitForSlots(t, m)
}

// TestProcessesAreStartedWhenTheyAreNeeded: one question at a time needs one.
func TestProcessesAreStartedWhenTheyAreNeeded(t *testing.T) {
	t.Parallel()
	m, _ := childModel(t, "-", func(o *Options) { o.Workers, o.Outstanding = 4, 4 })
	for range 20 {
		outcomes(t.Context(), m, about(2, "a"))
	}
	if n := len(m.backend.(*program).running); n != 1 {
		t.Errorf("%d processes run for one question at a time", n)
	}
}

// TestAllQuestionsWaitForTheStart: until a program has answered for the first
// time each may take as long as it takes to start.
func TestAllQuestionsWaitForTheStart(t *testing.T) {
	t.Parallel()
	m, _ := gathering(t, 3, "when it has started", func(o *Options) { o.Timeout, o.Starting = testTimeout, patient })
	if diff := cmp.Diff([]string{"[0 0]", "[1 1]", "[2 2]"}, together(t.Context(), m, 3)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

// TestADeathIsOneFailureInARow, however many questions were open: the breaker
// does not open.
func TestADeathIsOneFailureInARow(t *testing.T) {
	t.Parallel()
	m, _ := gathering(t, 2*breakAfter, "dying", nil)
	want := slices.Repeat([]string{"crashed"}, 2*breakAfter)
	if diff := cmp.Diff(want, together(t.Context(), m, 2*breakAfter)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if got := outcomes(t.Context(), m, about(1, "good")); got[0] != "[0]" {
		t.Errorf("after it: %q", got)
	}
	waitForSlots(t, m)
}

// TestCloseWithOpenQuestions: those that were given up do not hold it.
func TestCloseWithOpenQuestions(t *testing.T) {
	t.Parallel()
	m, told := gathering(t, 3, "never", nil)
	outcomes(t.Context(), m, about(1, "good"))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan []string)
	go func() { ended <- together(ctx, m, 3) }()
	cancel()
	if got := <-ended; slices.ContainsFunc(got, func(s string) bool { return s != "interrupted" }) || len(told.all()) > 0 {
		t.Errorf("got %q, told %q", got, told.all())
	}
	m.Close()
	waitForSlots(t, m)
}

// TestWhateverManyDo: every question has its own answer or a word for why not,
// and no slot is lost, whatever the program does to the questions that it has.
func TestWhateverManyDo(t *testing.T) {
	t.Parallel()
	m, _ := gathering(t, 4, "at random", func(o *Options) {
		o.Workers, o.Outstanding, o.Timeout, o.Starting = 2, 8, testTimeout/3, 5*testTimeout
	})
	words := []string{
		string(model.LostTimeout), string(Crashed), string(Unavailable), string(TooLarge), string(Malformed), string(WrongID),
	}
	var asking sync.WaitGroup
	for i := range 16 {
		asking.Go(func() {
			for j := range 20 {
				value := float64(20*i + j)
				got := outcomes(t.Context(), m, valued("bad", value))[0]
				if got != fmt.Sprint([]float64{value, value}) && !slices.Contains(words, got) {
					t.Errorf("to %v: %q", value, got)
				}
			}
		})
	}
	asking.Wait()
	waitForSlots(t, m)
}

// TestWhatIsOpen: who takes a question out is who may answer it.
func TestWhatIsOpen(t *testing.T) {
	o := newOpenQuestions(3)
	if o.answered("") != nil || o.hasAnswered() {
		t.Error("something is open at the beginning")
	}
	a, b := o.add("a", 1<<20), o.add("b", 1)
	if o.answered("") != nil || o.answered("c") != nil {
		t.Error("an answer to nobody found a question")
	}
	if o.lose(a) != unheard {
		t.Error("a question was overtaken by nothing")
	}
	if o.most() != 1<<20 || o.answered("a") != a || o.answered("a") != nil || o.most() != 1<<16 {
		t.Error("the answer to a was not taken once")
	}
	c := o.add("c", 1)
	if o.lose(b) != overtaken || o.lose(b) != settled || o.lose(c) != unheard || o.answered("b") != nil {
		t.Error("b was overtaken, and c was not")
	}
	if o.answered("") != c || o.answered("c") != nil || !o.hasAnswered() {
		t.Error("c was the only one")
	}
}

// TestEachAnswerHasItsOwnBound, although a longer one may come beside it.
func TestEachAnswerHasItsOwnBound(t *testing.T) {
	p := &process{open: newOpenQuestions(2), notices: &notices{}}
	short, long := p.open.add("1", 50), p.open.add("2", 1<<20)
	for _, id := range []string{"1", "2"} {
		p.take([]byte(`{"id":"` + id + `","outputs":[{"name":"mean","data":[` + strings.Repeat(" ", 100) + `1]}]}`))
	}
	if err := (<-short.result).err; err == nil || err.Error() != "too large: the answer has more than 50 bytes" {
		t.Errorf("the short one: %v", err)
	}
	if err := (<-long.result).err; err != nil {
		t.Errorf("the long one: %v", err)
	}
}
