package external

import (
	"testing"
	"time"
)

// TestBreaker plays sequences: d is a call that finds the model down, w one that
// works, u one that never got there, m one that
// finds a program mute, x one that must be kept away; a number is
// so many seconds that pass, h a hint.
func TestBreaker(t *testing.T) {
	for name, steps := range map[string]string{
		"opens":                        "ddddd x x x",
		"opens at once":                "m x x 1 m x 1 x 1 w dddd w m x",
		"not before":                   "dddd w dddd w dddd w",
		"what never got there":         "dddd u u d x",
		"a trial that works":           "ddddd x 1 w dddd w",
		"a trial that fails":           "ddddd 1 d x 1 x 1 d x 3 x 1 w w",
		"a trial that never got there": "ddddd 1 u d x 2 w",
		"at most half a minute":        "ddddd 1 d 2 d 4 d 8 d 9 7 d 9 9 9 2 x 1 d 9 9 9 2 x 1 w",
		"a late answer":                "ddddd x h w dddd w",
	} {
		t.Run(name, func(t *testing.T) {
			b, now := &breaker{}, time.Unix(0, 0)
			for i, step := range steps {
				switch step {
				case ' ':
				case 'h':
					b.hint(now)
				case 'd', 'm', 'w', 'u', 'x':
					allowed, trial := b.enter(now)
					if allowed != (step != 'x') {
						t.Fatalf("step %d (%c): allowed is %v", i, step, allowed)
					}
					if allowed {
						b.leave(map[rune]outcome{'d': down, 'm': mute, 'w': worked, 'u': unknown}[step], trial, now)
					}
				default:
					now = now.Add(time.Duration(step-'0') * time.Second)
				}
			}
		})
	}
}

// TestOneTrialAtATime: calls beside it are kept away, and those that were under
// way when the breaker opened say nothing new.
func TestOneTrialAtATime(t *testing.T) {
	b, now := &breaker{}, time.Unix(0, 0)
	for range breakAfter {
		b.enter(now)
	}
	for i := range breakAfter {
		if got := b.leave(down, false, now); (got == opened) != (i == breakAfter-1) {
			t.Errorf("failure %d: change %d", i, got)
		}
	}
	now = now.Add(minPause)
	if allowed, trial := b.enter(now); !allowed || !trial {
		t.Fatal("no trial")
	}
	if allowed, _ := b.enter(now); allowed {
		t.Error("a second trial")
	}
	if got := b.leave(worked, false, now); got != unchanged {
		t.Errorf("a call from before the breaker opened closed it: %d", got)
	}
	if got := b.leave(worked, true, now); got != closed {
		t.Errorf("the trial did not close it: %d", got)
	}
}
