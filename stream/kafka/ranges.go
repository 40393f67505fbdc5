package kafka

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// rangesTimeout bounds Ranges, also where a partition has no leader.
const rangesTimeout = 10 * time.Second

// RangeSpec says what to read of some topics.
type RangeSpec struct {
	Partitions Selection
	From, To   Offsets
	// Since, if there is one, says where to start instead of From.
	Since *Since
	// Bounded ranges end, where To says nothing, at the last stable offset as
	// it is now. Other ranges then have no end.
	Bounded bool
}

// Plan is what a RangeSpec means for the logs as they are now.
type Plan struct {
	// Assignments are sorted by topic and partition.
	Assignments []stream.Assignment
	// LogStarts are the offsets at which the logs now begin.
	LogStarts map[window.PartitionID]int64
	// Gaps are offsets and times that were asked for and that retention has
	// removed.
	Gaps []stream.GapRead
	// Notes say, a sentence each, which offsets that were asked for are beyond the
	// logs.
	Notes []string
}

// Ranges looks up where to start and to stop reading each partition of topics,
// which must exist. Every end lies within the log as it is now, so that a
// range with an end can be read to its end. A partition that spec names and no
// topic has is an *UnknownPartitionError.
func (c *Client) Ranges(ctx context.Context, topics []string, spec RangeSpec) (Plan, error) {
	ctx, cancel := context.WithTimeout(ctx, rangesTimeout)
	defer cancel()
	l, err := c.layout(ctx, topics)
	if err != nil {
		return Plan{}, err
	}
	for _, t := range topics {
		if err := c.topicError(l, t); err != nil {
			return Plan{}, err
		}
	}
	ids, err := spec.choose(l)
	if err != nil {
		return Plan{}, err
	}
	found, err := c.lookUp(ctx, l, ids, spec)
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{LogStarts: make(map[window.PartitionID]int64, len(ids))}
	for _, id := range ids {
		plan.add(id, spec, found)
	}
	plan.tellBeyond(ids, spec, found)
	return plan, nil
}

// choose lists the selected partitions in order. Numbers that no topic has are
// an *UnknownPartitionError.
func (s RangeSpec) choose(l *layout) ([]window.PartitionID, error) {
	var ids []window.PartitionID
	var count int32
	for id := range l.leaders {
		count = max(count, id.Partition+1)
		if s.Partitions.Has(id.Partition) {
			ids = append(ids, id)
		}
	}
	if h := s.Partitions.highest(); h >= count {
		return nil, &UnknownPartitionError{Partition: h, Count: count, Flag: "--partitions"}
	}
	for _, named := range []struct {
		Offsets
		flag string
	}{{s.From, "--from"}, {s.To, "--to"}} {
		if n := named.named(); len(n) > 0 && n[len(n)-1] >= count {
			return nil, &UnknownPartitionError{Partition: n[len(n)-1], Count: count, Flag: named.flag}
		}
	}
	slices.SortFunc(ids, comparePartitions)
	return ids, nil
}

func comparePartitions(a, b window.PartitionID) int {
	return cmp.Or(strings.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
}

// lookedUp are the answers that a plan is made of.
type lookedUp struct {
	start, end map[window.PartitionID]offsetAnswer
	// from and to answer the queries by time.
	from, to map[window.PartitionID]offsetAnswer
	// since and dated answer the queries of a Since.
	since, dated map[window.PartitionID]offsetAnswer
}

// lookUp asks for each kind of place separately: a request may ask one thing
// of a partition. The end is asked for first, so that start <= end.
func (c *Client) lookUp(ctx context.Context, l *layout, ids []window.PartitionID, spec RangeSpec) (lookedUp, error) {
	var out lookedUp
	since, dated := spec.Since.queries(ids)
	for _, ask := range []struct {
		answers *map[window.PartitionID]offsetAnswer
		queries []offsetQuery
	}{
		{&out.end, placeQueries(ids, latestOffset)},
		{&out.start, placeQueries(ids, earliestOffset)},
		{&out.from, timeQueries(ids, spec.From)},
		{&out.to, timeQueries(ids, spec.To)},
		{&out.since, since},
		{&out.dated, dated},
	} {
		answers, err := c.offsets(ctx, l, ask.queries, c.cfg.Isolation)
		if err != nil {
			return lookedUp{}, err
		}
		*ask.answers = answers
	}
	return out, nil
}

func placeQueries(ids []window.PartitionID, place int64) []offsetQuery {
	out := make([]offsetQuery, len(ids))
	for i, id := range ids {
		out[i] = offsetQuery{id, place}
	}
	return out
}

func timeQueries(ids []window.PartitionID, o Offsets) []offsetQuery {
	var out []offsetQuery
	for _, id := range ids {
		if b := o.at(id.Partition); b.kind == atTime {
			out = append(out, offsetQuery{id, b.n})
		}
	}
	return out
}

// add resolves one partition.
func (p *Plan) add(id window.PartitionID, spec RangeSpec, found lookedUp) {
	l := log{start: found.start[id].offset, end: found.end[id].offset}
	l.end = max(l.end, l.start) // retention may have run between the two answers
	p.LogStarts[id] = l.start

	from, to := spec.From.at(id.Partition), spec.To.at(id.Partition)
	first := found.from[id]
	start := from.from(l, first.offset)
	whole := max(start, l.start) == 0
	if s := spec.Since; s != nil {
		from, first = s.bound(), found.since[id]
		start, whole = s.start(l, first, found.dated[id])
	}
	end := int64(-1)
	if spec.Bounded || to.kind != notSet {
		end = to.to(l, found.to[id].offset, max(start, l.start))
	}
	gap, removed := from.removed(id, l, end, first)
	if removed {
		p.Gaps = append(p.Gaps, gap)
	}
	start = max(start, l.start)
	if end >= 0 {
		end = max(end, start) // --from behind --to: nothing to read, which is told
	}
	p.Assignments = append(p.Assignments, stream.Assignment{
		ID: id, Start: start, End: end,
		FromBeginning: whole, Before: from.before(start > l.start, removed, first),
		Short: end >= 0 && end < l.end,
	})
}

// before is Assignment.Before of a range that starts at b: there says that the log
// has records before it, removed that retention has removed some of those that
// were asked for, and first is the answer to the query by b's time.
func (b bound) before(there, removed bool, first offsetAnswer) window.Time {
	switch {
	case removed && b.kind == atTime:
		return window.Time(first.timestamp)
	case removed:
		return window.MaxTime
	case !there:
		return window.MinTime
	case b.kind == atTime:
		return window.Time(b.n - 1)
	default:
		return window.MaxTime
	}
}

// removed is the part of a range that starts at b and that the log no longer
// has. end is negative for a range without one; first is the answer to the
// query by b's time. Where the log starts with a record after that time, nobody
// can say whether records between the two are gone: it is told.
func (b bound) removed(id window.PartitionID, l log, end int64, first offsetAnswer) (stream.GapRead, bool) {
	gap := stream.GapRead{ID: id, To: l.start}
	switch {
	case b.kind == atOffset && b.n < l.start:
		gap.From = b.n
		gap.Reason = fmt.Sprintf("retention has removed them: the log now starts at offset %d", l.start)
	case b.kind == atTime && l.start > 0 && first.offset == l.start && first.timestamp > b.n:
		gap.Reason = fmt.Sprintf("retention may have removed records from %s on (%s): the log now starts at offset %d with %s",
			window.Time(b.n), b.text, l.start, window.Time(first.timestamp))
	default:
		return stream.GapRead{}, false
	}
	if end >= 0 {
		gap.To = min(gap.To, end)
	}
	return gap, gap.From < gap.To
}
