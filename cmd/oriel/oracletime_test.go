package main

import (
	"math"
	"slices"
)

// What the oracle knows of time: which event times are believed, and which
// windows without records come out.

// judged is the time by which a record is put into windows, or that it is
// refused as future.
type judged struct {
	time   int64
	future bool
}

// timesOf judges the records of a partition.
func (r rule) timesOf(records []fed) []judged {
	out := make([]judged, len(records))
	for i, x := range records {
		out[i].time = x.time
		switch {
		case r.processing:
			out[i].time = x.stamp
			if i > 0 {
				out[i].time = max(out[i].time, out[i-1].time)
			}
		case r.payloadTime:
			out[i].future = x.time > x.stamp+r.maxFuture
		}
	}
	if !r.processing && !r.payloadTime && !r.appended {
		r.refuteLeaps(out)
	}
	return out
}

// refuteLeaps looks, for each leap of a create time, at what follows. What
// refutes it refutes all between that are as far ahead.
func (r rule) refuteLeaps(records []judged) {
	newest := int64(math.MinInt64 / 2) // from which the first record leaps
	for i := range records {
		switch t := records[i].time; {
		case records[i].future:
		case t <= newest+r.maxFuture:
			newest = max(newest, t)
		default:
			between, limit := r.believe(records[i:], newest)
			for k := range between {
				between[k].future = between[k].future || between[k].time > limit
			}
			if !records[i].future {
				newest = t
			}
		}
	}
}

// believe says what becomes of the leap that records begin with. One from before
// it refutes it, and then what is beyond the limit between them; 32 of which none
// is, max-future of event time, one that is near what was before, or the end
// believe it. Further leaps that the others refute do not count among the 32.
func (r rule) believe(records []judged, newest int64) (between []judged, limit int64) {
	leap := records[0].time
	top := leap
	var wait []int64
	for i, x := range records {
		if x.future {
			continue
		}
		switch t := x.time; {
		case t+r.maxFuture < leap:
			return records[:i], t + r.maxFuture
		case t <= newest+r.maxFuture:
			return nil, 0
		case t <= top+r.maxFuture:
			top = max(top, t)
			wait = slices.DeleteFunc(wait, func(t int64) bool { return t > top+r.maxFuture })
		}
		if wait = append(wait, x.time); len(wait) == 32 || top >= leap+r.maxFuture {
			return nil, 0
		}
	}
	return nil, 0
}

// silent returns the windows without on-time records of groups that had some
// in one of the windows before. Behind the end of the input nobody is silent.
func silent(r rule, times []timeline, windows map[identity][]counted) map[identity]bool {
	out := map[identity]bool{}
	if !r.empty {
		return out
	}
	spoke := map[identity]bool{}
	for id, records := range windows {
		for _, x := range records {
			spoke[id] = spoke[id] || x.onTime
		}
	}
	for id, did := range spoke {
		if !did {
			continue
		}
		for range r.history {
			id.start += id.spec.hop
			if by, _ := r.closing(times, id.start, id.end()); by == "end_of_input" {
				break
			}
			if !spoke[id] {
				out[id] = true
			}
		}
	}
	return out
}
