package window

import (
	"math"
	"math/bits"
)

// stepRun keeps steps of one lane that follow each other: those of the windows
// that begin at the same place of a step. Values are only ever appended, so a
// window's steps may be a part of them; when there is no room they move.
type stepRun struct {
	from   int64 // number of the first slice of the first step
	values []StepValue
}

// maxRuns bounds the places of a step at which windows begin for which runs are
// kept: one for each hop in a step.
const maxRuns = 1024

// stepsOf returns the steps of the window whose slices [from, to) are held. A
// window has most of its steps in common with the one that begins a step later:
// with a tree, even one of short windows, those are computed once.
func (s *specState) stepsOf(t *tree, held run, from, to int64) []StepValue {
	per := int64(s.Step / s.width)
	hop := int64(s.Hop / s.width)
	every := int64(gcd(Duration(hop), Duration(per)))
	runs := per / every
	if t == nil || runs > maxRuns {
		run := stepRun{from: from}
		return run.extend(t, held, from, to, per)
	}
	if t.runs == nil {
		t.runs = make([]stepRun, runs)
	}
	place := from - floorDiv(from, per)*per
	return t.runs[place/every].extend(t, held, from, to, per)
}

// extend appends the steps of [from, to) that are not there, per slices each,
// and returns all of them.
func (r *stepRun) extend(t *tree, held run, from, to, per int64) []StepValue {
	n := int((to - from) / per)
	end := r.from + int64(len(r.values))*per
	if from < r.from || from > end {
		r.from, r.values, end = from, nil, from
	}
	first := int((from - r.from) / per)
	if first+n > cap(r.values) {
		moved := make([]StepValue, len(r.values)-first, roomFor(n, len(r.values) > 0))
		copy(moved, r.values[first:])
		r.from, r.values, first = from, moved, 0
	}
	for ; end < to; end += per {
		r.values = append(r.values, t.step(held, end, end+per))
	}
	return r.values[first : first+n : first+n]
}

// step merges those of the held slices that are in one step, by the nodes of the
// tree.
func (t *tree) step(held run, from, to int64) StepValue {
	var v StepValue
	for from < to {
		width := min(widest(from), 1<<(bits.Len64(uint64(to-from))-1))
		if !t.keepsNodes() {
			var node slice
			foldNode(held, from, width, &node)
			v.add(&node.Aggregate)
		} else {
			v.add(&t.node(held, from, width).Aggregate)
		}
		from += width
	}
	return v
}

// roomFor is how many steps to make room for: half as many again in a run that
// goes on.
func roomFor(n int, goesOn bool) int {
	if goesOn {
		return n + max(1, n/2)
	}
	return n
}

// forgetRuns drops the steps that are kept: one of their slices is about to
// change. What was handed out stays as it was.
func (t *tree) forgetRuns() {
	for i := range t.runs {
		t.runs[i] = stepRun{from: math.MinInt64}
	}
}
