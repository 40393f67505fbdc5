package external

import (
	"testing"
	"time"

	"github.com/oriel-stream/oriel/model"
)

// TestOneStartsAProcessAndAllShareIt, or the failure; but not that it was given
// up.
func TestOneStartsAProcessAndAllShareIt(t *testing.T) {
	t.Parallel()
	l := &place{}
	enters := func(wantMine bool) *birth {
		t.Helper()
		alive, b, mine := l.enter()
		if alive != nil || mine != wantMine {
			t.Fatalf("alive %v, mine %v", alive, mine)
		}
		return b
	}
	over := func(b *birth) bool {
		select {
		case <-b.done:
			return true
		default:
			return false
		}
	}
	first := enters(true)
	if enters(false) != first || over(first) {
		t.Error("who comes later does not wait")
	}
	l.born(nil, failed(model.LostShed, "too late"))
	if !over(first) || first.process != nil || first.failure != nil {
		t.Error("a deadline of one is one of all")
	}
	second := enters(true)
	l.born(nil, broken(Crashed, "no memory"))
	if !over(second) || second.failure == nil || second.failure.down {
		t.Errorf("a failure is not shared, or counts twice: %v", second.failure)
	}
	third, started := enters(true), &process{ended: make(chan struct{})}
	l.born(started, nil)
	if alive, _, _ := l.enter(); alive != started || third.process != started {
		t.Error("the process is not shared")
	}
	close(started.ended)
	enters(true)
}

// TestTheLeastBusyPlaceIsTaken, of several the one that was used last.
func TestTheLeastBusyPlaceIsTaken(t *testing.T) {
	t.Parallel()
	m, _ := childModel(t, "-", func(o *Options) { o.Workers, o.Outstanding = 3, 2 })
	p := m.backend.(*program)
	taken := func() *place {
		t.Helper()
		l, late := p.take(t.Context())
		if late != nil {
			t.Fatal(late)
		}
		return l
	}
	a, b, c := taken(), taken(), taken()
	if a == b || b == c || a == c {
		t.Fatal("three questions are not at three places")
	}
	p.release(c)
	p.release(a)
	p.release(b)
	if l := taken(); l != b {
		t.Error("not the place that was used last")
	}
	if l := taken(); l != a {
		t.Error("not the place that was used last of those without questions")
	}
	p.release(b)
	p.release(a)
	for range 6 {
		taken()
	}
	ctx := expiring{t.Context(), make(chan struct{})}
	close(ctx.passed)
	if _, late := p.take(ctx); late == nil || late.Lost != model.LostShed {
		t.Errorf("a slot too many: %v", late)
	}
	if a.open != 2 || b.open != 2 || c.open != 2 {
		t.Errorf("open are %d, %d and %d", a.open, b.open, c.open)
	}
}

// TestAProgramThatDoesNotStart fails those that wait for it soon, and not one
// after another with a longer pause for each.
func TestAProgramThatDoesNotStart(t *testing.T) {
	t.Parallel()
	m, _ := childModel(t, "dies at once", func(o *Options) { o.Outstanding = 64 })
	began := time.Now()
	for i, got := range together(t.Context(), m, 64) {
		if got != string(Crashed) && got != string(Unavailable) {
			t.Errorf("question %d: %q", i, got)
		}
	}
	if took := time.Since(began); took > patient {
		t.Errorf("took %v", took)
	}
	waitForSlots(t, m)
}
