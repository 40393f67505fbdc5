package stream

import "github.com/oriel-stream/oriel/window"

// warmUp hides what comes of records that are read to warm up: the windows that
// were due before the watermark was where it is when every partition has come to
// its Assignment.PrintFrom. What is due later has all of its records, and keys
// have learnt by then.
//
// A window fires when no partition's watermark is before its end. So those that
// have not come so far need not be waited for: theirs will not be before it
// then either.
type warmUp struct {
	// parts has an entry for each partition, in the order in which they were
	// assigned.
	parts []warmPart
	any   bool // there is something to hide
}

// warmPart is how far a partition is. at is its watermark when it had come to
// its start, MinTime if it had none: then it says nothing.
type warmPart struct {
	warming bool
	at      window.Time
}

func (u *warmUp) assign(warming bool) {
	u.parts = append(u.parts, warmPart{warming, window.MinTime})
	u.any = u.any || warming
}

func (u *warmUp) reported(part int, warming bool, at window.Time) {
	u.parts[part] = warmPart{warming, at}
}

// until is the time up to which what is due is hidden: MinTime for nothing.
func (u *warmUp) until() window.Time {
	until, warming := window.MaxTime, false
	for _, p := range u.parts {
		warming = warming || p.warming
		if !p.warming && p.at > window.MinTime {
			until = min(until, p.at)
		}
	}
	if until == window.MaxTime && !warming {
		return window.MinTime
	}
	return until
}

func (u *warmUp) hide(panes []*window.Pane, lateness window.Duration) {
	if !u.any || len(panes) == 0 {
		return
	}
	until := u.until()
	for _, p := range panes {
		due := p.End
		if p.Firing == window.FiredFinal {
			due = due.Add(lateness)
		}
		p.Hidden = p.Hidden || due <= until
	}
}

// reach notes that the worker is at an offset: what is before it has moved its
// watermark, and the record there has not.
func (w *worker) reach(offset int64) {
	if w.warming && offset >= w.a.PrintFrom {
		w.warming, w.warmed = false, w.state.Watermark()
	}
}

// reachAll does so behind what was read, unless records wait to be believed:
// then they are not where they may move the watermark to.
func (w *worker) reachAll(next int64) {
	if w.warming && w.guard.Waiting() == 0 {
		w.reach(next)
	}
}
