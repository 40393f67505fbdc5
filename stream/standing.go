package stream

import "github.com/oriel-stream/oriel/window"

// standing is how far a partition is for its group. It belongs to the worker.
type standing struct {
	footholds footholds
	position  int64 // offset of the next record
	cuts      int   // how often the log was truncated: see Commit.Cuts
	// counted is the newest event time that is in a window. Of countedIn it is known
	// that nothing comes out behind countedDue.
	counted, countedIn, countedDue window.Time
	// What was due by the frontier has been reported; said is the checkpoint that
	// was reported last.
	frontier window.Time
	said     Checkpoint
}

func newStanding(start int64) *standing {
	return &standing{position: start, counted: window.MinTime, countedIn: window.MinTime, countedDue: window.MinTime, frontier: window.MinTime}
}

// at notes the offset of the next record.
func (s *standing) at(offset int64) {
	if s == nil {
		return
	}
	s.position = offset
	s.footholds.cut(offset)
}

// gap notes that offsets are gone. Where they begin before the position the log
// was truncated, and reading goes on from where it ends now.
func (s *standing) gap(from, to int64) {
	switch {
	case s == nil:
	case from < s.position:
		s.at(from)
		s.cuts++
	default:
		s.at(to)
	}
}

// due is the watermark at which nothing comes out any more that a record before
// the position has a part in.
func (s *standing) due(cfg *window.PartitionConfig) window.Time {
	if s.counted > s.countedIn {
		s.countedIn, s.countedDue = s.counted, cfg.LastDue(s.counted)
	}
	return s.countedDue
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
	s := w.standing
	if s == nil || w.guard.Waiting() > 0 {
		return
	}
	s.footholds.add(foothold{
		offset: s.position, due: s.due(&w.p.cfg.Window), state: w.state.State(), guard: w.guard.Newest(), whole: w.whole && !w.lostStart,
	})
}

// checkpoint is what may be committed when whatever was due by a report is in all
// sinks; nil where that is what was said last. Windows that come out because the
// range ends are not whole: whoever resumes has to make them again.
func (w *worker) checkpoint(mark window.Time) *Checkpoint {
	s := w.standing
	if s == nil || w.finished {
		return nil
	}
	s.frontier = max(s.frontier, mark)
	h := s.footholds.at(s.frontier)
	cp := Checkpoint{
		Offset: h.offset, Spec: w.p.cfg.Group.Spec, Frontier: s.frontier, State: h.state, Guard: h.guard, Idle: w.state.State().Told, Whole: h.whole,
		Cuts: s.cuts,
	}
	if cp == s.said {
		return nil
	}
	s.said = cp
	return &cp
}
