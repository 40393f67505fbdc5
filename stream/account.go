package stream

import (
	"fmt"
	"slices"

	"github.com/oriel-stream/oriel/window"
)

// account counts what became of a partition's records.
type account struct {
	records, inTime, partlyLate, partlyUsable, allowed int64
	rejects                                            [NumReasons]int64
	filtered                                           int64
	// usable says that a filtered record could have been used.
	usable bool
	// undecided is how many wait for others to tell whether they are from the future.
	undecided int64
	gaps      []GapRead
}

// counted is the account as it stands.
func (w *worker) counted() account {
	a := w.account
	a.undecided = int64(w.guard.Waiting())
	return a
}

// count books a record by its verdict.
func (w *worker) count(v window.Verdict) error {
	reason := Late
	switch {
	case v.KeyLimit:
		reason = KeyLimit
	case v.AfterIdle:
		reason = LateAfterIdle
	}
	if v.Late > 0 {
		w.allowed++
	}
	switch v.Lost {
	case 0:
		w.inTime++
		w.witness(OK, v, true)
		return nil
	case v.Of:
		return w.reject(reason, v, true)
	default:
		w.partlyLate++
		w.witness(reason, v, true)
		return w.list(reason, "", v)
	}
}

// reject books a record that is in no window. One that was not asked for is no
// reject, whatever the reason.
func (w *worker) reject(reason Reason, v window.Verdict, timed bool) error {
	if w.ev.Filtered {
		w.filtered++
		w.usable = w.usable || w.ev.Usable
		w.witness(reason, v, timed)
		return nil
	}
	w.rejects[reason]++
	w.witness(reason, v, timed)
	return w.list(reason, "", v)
}

// maxListed is how many bytes of a payload a reject shows.
const maxListed = 64

// list lists a record that lost windows. Its event time is told also where
// windows are of processing time.
func (w *worker) list(reason Reason, series string, v window.Verdict) error {
	if w.p.cfg.Rejects == nil {
		return nil
	}
	key := w.ev.Key
	if key == nil {
		key = w.rec.Key
	}
	payload := w.rec.Value
	if len(payload) > maxListed {
		payload = payload[:maxListed]
	}
	watermark := window.MinTime
	if reason.IsLate() {
		watermark = w.state.Watermark()
	}
	err := w.p.cfg.Rejects.Reject(&Reject{
		ID: w.a.ID, Offset: w.rec.Offset, Timestamp: w.rec.Timestamp, Reason: reason, Series: series,
		EventTime: w.ev.Time, HasEventTime: w.ev.TimeReason == OK, Key: key, Payload: payload, Lost: v.Lost, Of: v.Of, Watermark: watermark,
	})
	if err != nil {
		return fmt.Errorf("writing --rejects: %w", err)
	}
	return nil
}

// gap books offsets that cannot be read, and tells.
func (w *worker) gap(g GapRead) {
	w.gaps = append(w.gaps, g)
	if g.From < g.To {
		w.lostEnd = true
		w.loseStart()
	}
	w.p.gap(g)
}

// moveTo notes the offset that is read next.
func (w *worker) moveTo(next int64) {
	if next > w.readTo {
		w.p.cfg.Progress.Offsets.Add(next - w.readTo)
		w.readTo = next
	}
	w.reachAll(next)
}

func (a *account) rejected() int64 {
	var n int64
	for _, r := range a.rejects {
		n += r
	}
	return n
}

// add adds what another account has counted.
func (a *account) add(o *account) {
	a.records += o.records
	a.inTime += o.inTime
	a.partlyLate += o.partlyLate
	a.partlyUsable += o.partlyUsable
	a.allowed += o.allowed
	a.filtered += o.filtered
	a.usable = a.usable || o.usable
	a.undecided += o.undecided
	for i, n := range o.rejects {
		a.rejects[i] += n
	}
	for _, g := range o.gaps {
		if !slices.Contains(a.gaps, g) {
			a.gaps = append(a.gaps, g)
		}
	}
}

func (w *worker) addTo(s *Summary) {
	s.Ranges = append(s.Ranges, RangeRead{ID: w.a.ID, Start: w.a.Start, End: w.a.End, ReadTo: w.readTo})
	a := w.counted()
	a.addTo(s)
}

func (a *account) addTo(s *Summary) {
	s.Records += a.records
	s.InTime += a.inTime
	s.PartlyLate += a.partlyLate
	s.PartlyUsable += a.partlyUsable
	s.AllowedLate += a.allowed
	s.Filtered += a.filtered
	s.FilteredUsable = s.FilteredUsable || a.usable
	s.Undecided += a.undecided
	for i, n := range a.rejects {
		s.Rejects[i] += n
	}
	s.Gaps = append(s.Gaps, a.gaps...)
}
