package stream

import "github.com/oriel-stream/oriel/window"

// quietAfter is how long a partition must have nothing new to be called quiet:
// between two batches of a busy topic there is nothing new for a moment, too.
const quietAfter = second

// slowAfter is how far behind the others a partition's watermark must be for it
// to be called slow: one is always the last.
const slowAfter = second

// manyUntimed is how many records without a readable time are more than a
// mishap.
const manyUntimed = 10

// holding finds what holds the watermark among what the partitions published.
type holding struct {
	domain      Domain
	idleTimeout window.Duration
}

// find returns the watermark and what holds it where it is. The watermark waits
// for all partitions that have not finished; those that are idle follow it.
func (h holding) find(views []*published) (window.Time, Hold) {
	mark, second := window.MaxTime, window.MaxTime
	var lowest *published
	left := 0
	for _, v := range views {
		if v.Finished {
			continue
		}
		left++
		mark = min(mark, v.Mark)
		switch {
		case v.Idle:
		case lowest == nil:
			lowest = v
		case v.Mark < lowest.Mark:
			lowest, second = v, lowest.Mark
		default:
			second = min(second, v.Mark)
		}
	}
	switch {
	case left == 0:
		return window.MinTime, Hold{}
	case lowest == nil:
		return mark, Hold{Kind: HoldIdle}
	}
	return mark, h.by(lowest, second)
}

// by says how a partition holds the watermark, of which the next one would be
// at second.
//
//	its newest records
//	  wait to be believed             leap
//	  have no readable time           untimed, if they are many or there is no other
//	it has shown nothing              unknown
//	it is at an open transaction      transaction
//	it is at its end                  quiet
//	it is not                         behind
//	its event times are old           slow
//
// In processing time there are but unknown and slow: the clock sets the times.
func (h holding) by(v *published, second window.Time) Hold {
	hold := Hold{ID: v.id, Kind: HoldSlow, Leap: v.waits(), Untimed: v.untimed}
	if second != window.MaxTime && v.Mark != window.MinTime {
		hold.Behind = window.Duration(second - v.Mark)
	}
	quiet := v.quietFor() >= quietAfter
	if v.QuietSince != window.MinTime && (quiet || v.Newest == window.MinTime) {
		timeout := h.idleTimeout
		if v.Newest == window.MinTime {
			timeout = min(timeout, window.MaxSilentStart)
		}
		hold.IdleIn = max(0, timeout-v.quietFor())
	}
	switch {
	case hold.Leap.Records > 0:
		hold.Kind = HoldLeap
	case v.untimed >= manyUntimed, v.untimed > 0 && v.Newest == window.MinTime:
		hold.Kind = HoldUntimed
	case v.Newest == window.MinTime && v.QuietSince == window.MinTime:
		hold.Kind = HoldUnknown
	case quiet && v.unstable > 0:
		hold.Kind, hold.Unstable = HoldTransaction, v.unstable
	case quiet:
		hold.Kind = HoldQuiet
	case h.domain == EventTime && v.logEnd > v.next:
		hold.Kind = HoldBehind
	case hold.Behind < slowAfter:
		hold.Kind = HoldNothing
	}
	return hold
}

// slowest is the partition with the least watermark of its own of those that
// are neither idle nor finished and have one; nil if there is none. Others may
// have to wait for it.
func slowest(views []*published) *published {
	var lowest *published
	for _, v := range views {
		if !v.Idle && !v.Finished && v.Newest != window.MinTime && (lowest == nil || v.Newest < lowest.Newest) {
			lowest = v
		}
	}
	return lowest
}
