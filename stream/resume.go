package stream

import (
	"errors"
	"fmt"

	"github.com/oriel-stream/oriel/window"
)

// resumed is what a partition that goes on from a checkpoint has printed before.
type resumed struct {
	// frontier is the event time up to which what was due has been printed, and
	// newest the newest event time before the first record that is read again. What
	// was due by idle may have been closed by the wall clock.
	frontier, newest, idle window.Time
}

// hide keeps panes that have been printed from being printed again. A window of
// which more lines are due is whole, and what is learnt of it is wanted with
// them. Of others the first records may not be read again, so nothing can be
// learnt of those: they are dropped.
//
// A window that the wall clock has closed is printed again if it is not final: a
// record that came too late for that, and was to be in the final line, may be in
// time when it is read again, and no final line come.
func (r *resumed) hide(panes []*window.Pane, lateness window.Duration) []*window.Pane {
	kept := panes[:0]
	for _, p := range panes {
		final := p.End.Add(lateness)
		due := p.End
		if p.Firing == window.FiredFinal {
			due = final
		}
		switch {
		case final <= r.frontier && p.Start <= r.newest:
			continue
		case p.Firing == window.FiredUpdate:
			// Nobody knows which of them were printed.
			p.Hidden = p.Hidden || final <= r.frontier
		case p.Firing == window.FiredOnTime && p.End <= r.idle && final > r.frontier:
		default:
			p.Hidden = p.Hidden || due <= r.frontier
		}
		kept = append(kept, p)
	}
	return kept
}

// resume makes the worker go on from what the group has of its partition, if that
// can be used.
func (w *worker) resume() {
	w.standing = newStanding(w.a.Start)
	if c := w.a.Committed; c != nil {
		if cp, ok := w.checkpointOf(c); ok {
			w.restore(&cp)
		}
	}
	w.findFoothold()
}

// checkpointOf reads a commit, and tells why it cannot be used if it cannot.
func (w *worker) checkpointOf(c *Commit) (cp Checkpoint, ok bool) {
	cp, err := ParseCheckpoint(c)
	switch {
	case err != nil:
	case cp.Spec != w.p.cfg.Group.Spec:
		err = errors.New("it was committed by a run with other windows or other fields")
	case w.a.Start < cp.Offset:
		err = fmt.Errorf("the log ends before it, at %d: it was cut or created again", w.a.Start)
	}
	if err != nil {
		w.p.notice(fmt.Sprintf("%s/%d: what the group has committed at offset %d tells nothing of windows: %v; windows that began before are marked incomplete",
			w.a.ID.Topic, w.a.ID.Partition, c.Offset, err))
	}
	return cp, err == nil
}

// restore makes the worker know what the one before it knew. What retention has
// removed since is a gap: windows then lack records as at the start of a range.
func (w *worker) restore(cp *Checkpoint) {
	w.whole = cp.Whole
	if w.a.Start > cp.Offset {
		w.whole, cp.State.First = false, window.MinTime
		w.gap(GapRead{ID: w.a.ID, From: cp.Offset, To: w.a.Start, Reason: fmt.Sprintf("retention has removed them since the group committed: the log now starts at offset %d", w.a.Start)})
	}
	w.state.Restore(cp.State)
	w.guard.Restore(cp.Guard)
	w.standing.frontier = cp.Frontier
	w.resumed = &resumed{frontier: cp.Frontier, newest: cp.State.Newest, idle: cp.Idle}
}

// leave hands on what is due of a partition that another member will read, and
// nothing else. It is forgotten before its last word is heard: by then nothing of
// it is held any more.
func (w *worker) leave() {
	w.report(false)
	w.show() // for good
	said := w.standing.said
	w.p.budget.set(&w.bytes, 0)
	w.p.depart(w)
	w.p.inbox <- message{part: w.part, report: w.state.Report(), at: w.reportedAt(), warmed: window.MinTime, checkpoint: &said, last: true}
}
