package external

import (
	"sync"
	"time"
)

// breaker keeps calls away from a model that does not work. It opens after
// breakAfter failures in a row, or after one of a program that had all the time
// there is to start. When it has been open for a while it lets a
// single call through, the trial: if that works it closes, if not it stays open
// for twice as long.
//
//	  breakAfter failures, or mute              a while has passed
//	closed ----------------------> open -----------------------------> trial
//	  ^                              ^----------- it failed -------------|
//	  `------------------------------------------ it worked -------------'
type breaker struct {
	mu       sync.Mutex
	failures int // in a row, while closed
	open     bool
	trying   bool
	until    time.Time     // when the next trial may be
	pause    time.Duration // how long it was last open
}

const (
	breakAfter = 5
	minPause   = time.Second
	maxPause   = 30 * time.Second
)

// outcome is what a call tells about a model.
type outcome uint8

const (
	worked outcome = iota
	down
	// mute: a program never answered, though it had the time to start. To wait for
	// the next breakAfter times would be to wait for minutes.
	mute
	// unknown: the call never got there.
	unknown
)

// change is what a call did to the breaker.
type change uint8

const (
	unchanged change = iota
	opened
	closed
)

// enter says whether a call is allowed, and whether it is a trial. An allowed
// one must leave.
func (b *breaker) enter(now time.Time) (allowed, trial bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.open {
		return true, false
	}
	if b.trying || now.Before(b.until) {
		return false, false
	}
	b.trying = true
	return true, true
}

// leave says how a call went. Calls that were under way when the breaker opened
// say nothing new.
func (b *breaker) leave(o outcome, trial bool, now time.Time) change {
	b.mu.Lock()
	defer b.mu.Unlock()
	if trial {
		b.trying = false
	}
	switch {
	case o == unknown || b.open != trial:
		return unchanged
	case o == worked:
		b.failures, b.open, b.pause = 0, false, 0
		if trial {
			return closed
		}
		return unchanged
	}
	if b.failures++; !trial && o != mute && b.failures < breakAfter {
		return unchanged
	}
	b.open = true
	b.pause = min(max(2*b.pause, minPause), maxPause)
	b.until = now.Add(b.pause)
	if trial {
		return unchanged
	}
	return opened
}

// hint says that the model has worked after all, if too late: the next call is
// a trial.
func (b *breaker) hint(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open {
		b.until, b.pause = now, 0
	}
}
