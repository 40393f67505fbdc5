package stream

import (
	"errors"
	"fmt"

	"github.com/oriel-stream/oriel/window"
)

// resumed is what a partition that goes on from a checkpoint has printed before.
type resumed struct {
	// frontier is the event time up to which what was due has been printed, and
	// newest the newest event time before the first record that is read again.
	frontier, newest window.Time
}

// hide keeps panes that have been printed from being printed again. A window of
// which more lines are due is whole, and what is learnt of it is wanted with
// them. Of others the first records may not be read again, so nothing can be
// learnt of those: they are dropped.
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
	w.frontier = window.MinTime
	if c := w.a.Committed; c != nil {
		if cp, ok := w.checkpointOf(c); ok {
			w.restore(&cp)
		}
	}
	w.footholds, w.position = &footholds{}, w.a.Start
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
	w.frontier = cp.Frontier
	w.resumed = &resumed{frontier: cp.Frontier, newest: cp.State.Newest}
}

// footholdEvery is after how many records of a delivery there is another foothold:
// one that has very many must not be read again for its last.
const footholdEvery = 64

// findFoothold notes that reading could go on at the position. It is called
// between two records or deliveries, never while one is dealt with, which may have
// moved the watermark and not be in its slices yet. Nor is there a foothold while
// records wait to be believed: they are to be read again with the one that they
// wait for.
func (w *worker) findFoothold() {
	if w.footholds == nil || w.guard.Waiting() > 0 {
		return
	}
	if w.counted > w.countedIn {
		w.countedIn, w.countedDue = w.counted, w.p.cfg.Window.LastDue(w.counted)
	}
	w.footholds.add(foothold{
		offset: w.position, due: w.countedDue, state: w.state.State(), guard: w.guard.Newest(), whole: w.whole && !w.lostStart,
	})
}

// standAt notes the offset of the next record, with a group. It goes back where the
// log was truncated.
func (w *worker) standAt(offset int64) {
	if w.footholds == nil {
		return
	}
	w.position = offset
	w.footholds.cut(offset)
}

// checkpoint is what may be committed when whatever was due by a report is in all
// sinks; nil where that is what was said last. Windows that come out because the
// range ends are not whole: whoever resumes has to make them again.
func (w *worker) checkpoint(mark window.Time) *Checkpoint {
	if w.footholds == nil || w.finished {
		return nil
	}
	w.frontier = max(w.frontier, mark)
	h := w.footholds.at(w.frontier)
	cp := Checkpoint{Offset: h.offset, Spec: w.p.cfg.Group.Spec, Frontier: w.frontier, State: h.state, Guard: h.guard, Whole: h.whole}
	if cp == w.said {
		return nil
	}
	w.said = cp
	return &cp
}

// leave hands on what is due of a partition that another member will read, and
// nothing else, and is forgotten.
func (w *worker) leave() {
	w.report(false)
	w.show() // for good
	said := w.said
	w.p.inbox <- message{part: w.part, report: w.state.Report(), at: w.reportedAt(), warmed: window.MinTime, checkpoint: &said, last: true}
	w.p.budget.set(&w.bytes, 0)
	w.p.depart(w)
}
