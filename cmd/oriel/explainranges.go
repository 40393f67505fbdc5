package main

import (
	"fmt"
	"slices"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/kafka"
)

// beginning is where reading begins for a line: of the run that made it is not
// known where it began. The first offset of a partition counted in the window,
// so whatever came before it had not closed the window for good. What is left to
// matter is one thing: had it closed the on-time content, or carried a
// processing time into the window, or not?
type beginning uint8

const (
	// atOffsets: nothing before the offsets matters, or was read.
	atOffsets beginning = iota
	// shortlyBefore: whether a create time is believed depends on those before.
	shortlyBefore
	// byTime: where the first records of the window may be.
	byTime
)

// beginnings are those that may give the line, the likeliest first; the
// likeliest alone where there is none.
func (x *explanation) beginnings() []beginning {
	l := x.query.line
	likely := []beginning{atOffsets, byTime}
	if x.Time == "" {
		likely = []beginning{shortlyBefore, atOffsets, byTime}
	}
	switch {
	case l == nil && !x.processing():
		return likely[:1]
	case l == nil:
		return []beginning{byTime}
	case l.cut():
		slices.Sort(likely)
	case x.processing(), l.Late > 0:
		slices.SortFunc(likely, func(a, b beginning) int { return int(b) - int(a) })
	}
	return likely
}

// ranges are the offsets of the query, from a beginning on and open to the end of
// the log. With --empty the lines of a window depend on the windows before, also
// in other partitions.
func (x *explanation) ranges(plan kafka.Plan, b beginning) ([]stream.Assignment, error) {
	all := slices.Clone(plan.Assignments)
	var asked []stream.Assignment
	for _, r := range x.query.offsets {
		i := slices.IndexFunc(all, func(a stream.Assignment) bool { return a.ID.Partition == r.Partition })
		if i < 0 {
			return nil, usagef("topic %s has no partition %d", x.id.Topic, r.Partition)
		}
		a := &all[i]
		logStart := plan.LogStarts[a.ID]
		if r.First < logStart || r.Last >= a.End {
			return nil, incompleteError{fmt.Errorf("%s/%d has the offsets %d to %d, not all of %d to %d: retention has removed them, or the topic was created again",
				a.ID.Topic, a.ID.Partition, logStart, a.End-1, r.First, r.Last)}
		}
		start := r.First
		if b == byTime {
			start = min(start, a.Start)
		}
		if b != atOffsets && x.Time == "" {
			start -= settled
		}
		a.Start, a.FromBeginning = max(logStart, start), true
		asked = append(asked, *a)
	}
	if b == byTime && x.window.Empty {
		return all, nil
	}
	return asked, nil
}

// ends are where each partition may have been read to: up to the first record
// that counts and lies behind the offsets of the query, if seen has any, or up to
// the offsets. Without a line it is the latter.
func (x *explanation) ends(seen *stream.Explanation) []map[int32]int64 {
	lasts, behind := make(map[int32]int64), make(map[int32]int64)
	for _, r := range x.query.offsets {
		lasts[r.Partition] = r.Last + 1
	}
	for _, r := range seen.Records {
		if r.Counted == stream.CountedNot || r.Offset < lasts[r.Partition] {
			continue
		}
		if end, ok := behind[r.Partition]; !ok || r.Offset < end {
			behind[r.Partition] = r.Offset
		}
	}
	if x.query.line == nil || len(behind) == 0 {
		return []map[int32]int64{lasts}
	}
	return []map[int32]int64{behind, lasts}
}

// ending are ranges that end sooner.
func ending(ranges []stream.Assignment, ends map[int32]int64) []stream.Assignment {
	ranges = slices.Clone(ranges)
	for i := range ranges {
		if end, ok := ends[ranges[i].ID.Partition]; ok {
			ranges[i].End = end
		}
	}
	return ranges
}
