package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/decode"
	"github.com/oriel-stream/oriel/stream/kafka"
	"github.com/oriel-stream/oriel/window"
)

// explanation is one run of explain.
type explanation struct {
	*explainOptions
	client  *kafka.Client
	options kafka.Options
	query   *explainQuery
	window  window.PartitionConfig
	id      stream.WindowID
	decoder func() stream.Decoder
	gaps    []stream.GapRead
}

func (x *explanation) explain(ctx context.Context, e *env, pattern string) (*stream.Explanation, error) {
	topics, err := x.client.Resolve(ctx, []string{pattern})
	if err != nil {
		return nil, err
	}
	if len(topics) != 1 {
		return nil, usagef("%s names %d topics: a window is of one, name it", pattern, len(topics))
	}
	x.id.Topic = topics[0]
	if l := x.query.line; l != nil && l.Topic != "" && l.Topic != x.id.Topic {
		return nil, usagef("the line is of topic %s, not of %s", l.Topic, x.id.Topic)
	}
	plan, err := x.client.Ranges(ctx, topics, kafka.RangeSpec{Bounded: true, Since: sinceStart(x.id.Span, x.window, x.OwnTime())})
	if err != nil {
		return nil, err
	}
	if err := x.decode(ctx, e, whole(plan)); err != nil {
		return nil, err
	}
	return x.compute(ctx, plan)
}

// decode decides how records are read and which series is meant.
func (x *explanation) decode(ctx context.Context, e *env, all []stream.Assignment) error {
	sampled, err := sampleTopics(ctx, x.client, all, x.options)
	if err != nil {
		return err
	}
	plan, err := x.Resolve(sampled)
	if err != nil {
		return usageError{err}
	}
	if plan.Reason != "" && len(sampled) > 0 && !x.quiet {
		e.say("%s", plan.Reason)
	}
	if err := x.checkMeasure(plan.Series); err != nil {
		return err
	}
	x.decoder, x.window.Series = plan.NewDecoder, plan.Series
	x.id.Series, err = x.query.seriesOf(plan)
	return err
}

// seriesOf is the index of the series that is meant.
func (q *explainQuery) seriesOf(plan *decode.Plan) (int, error) {
	names := strings.Join(plan.Series, ", ")
	switch {
	case q.counted && len(plan.Series) > 0:
		return 0, usagef("the line counts records and has no series: add --value none")
	case q.series != nil:
		i := slices.Index(plan.Series, *q.series)
		if i < 0 {
			return 0, usagef("the series %q is not read, but %s: name it, as in --value %s=PATH", *q.series, cmp.Or(names, "none"), *q.series)
		}
		return i, nil
	case len(plan.Series) > 1:
		return 0, usagef("the series are %s: say which, as in series=%s", names, plan.Series[0])
	}
	return 0, nil
}

// compute explains the window by the offsets that are known of it, or else by
// all that may be in it.
//
// Reading on behind the offsets shows what closed the window and what came too
// late. It gives the content, too, unless records have come that count and that
// whoever made the line had not seen, at the end of the log as it was or while
// the partition was idle: then the content is that of the offsets alone. With
// --empty the lines of a window depend on the windows before, so it is looked up
// by time, but for a line without late records, which has no other before it.
func (x *explanation) compute(ctx context.Context, plan kafka.Plan) (*stream.Explanation, error) {
	onTime := x.query.line != nil && x.query.line.Late == 0
	if len(x.query.offsets) == 0 || x.window.Empty && !onTime {
		x.gaps = plan.Gaps
		found, err := x.run(ctx, plan.Assignments, true)
		if err != nil {
			return nil, err
		}
		return found, x.compare(found)
	}
	exact, onward, err := x.ranges(plan)
	if err != nil {
		return nil, err
	}
	seen, err := x.run(ctx, onward, true)
	if err != nil {
		return nil, err
	}
	if err := x.compare(seen); err != nil || seen.Checked && len(seen.Differ) == 0 {
		x.close(seen)
		return seen, err
	}
	found, err := x.run(ctx, exact, false)
	if err != nil {
		return nil, err
	}
	found.ReadOn(seen)
	x.close(found)
	return found, x.compare(found)
}

// compare compares what came out with the line, if there is one.
func (x *explanation) compare(found *stream.Explanation) error {
	l := x.query.line
	if l == nil {
		return nil
	}
	var err error
	found.Checked = true
	found.Differ, err = differences(l, found.Panes, &found.Aggregates)
	return err
}

// run explains by some ranges; until the window is past, or to their ends.
func (x *explanation) run(ctx context.Context, ranges []stream.Assignment, untilPast bool) (*stream.Explanation, error) {
	cfg := stream.Config{
		Window: x.window, NewDecoder: x.decoder, Workers: 1, Now: x.options.Now, Measure: x.measure(),
		UntilPast: untilPast, Beyond: window.Duration(x.beyond),
	}
	if x.processing() {
		cfg.Domain = stream.ProcessingTime
	}
	found, sum, err := stream.Explain(ctx, cfg, x.client.Source(ranges, x.options), x.id, x.limit)
	x.gaps = append(x.gaps, sum.Gaps...)
	found.Aggregates = x.aggregates
	return found, err
}

// ranges are the offsets of the query alone, and the same open to the end of the
// log.
//
// The first offset of a partition counted in the window, so whatever came before
// it had not closed the window: how the records from there on are judged does
// not depend on what came before. What came late is judged by it, and a
// processing time is the newest of all before: of a line that has any of these
// the start is looked up by time. Whether a create time is believed depends on
// those before it, so some more are read. None of that is for a line of a run
// that began inside of its window: more would count than it did.
func (x *explanation) ranges(plan kafka.Plan) (exact, onward []stream.Assignment, err error) {
	for _, r := range x.query.offsets {
		i := slices.IndexFunc(plan.Assignments, func(a stream.Assignment) bool { return a.ID.Partition == r.Partition })
		if i < 0 {
			return nil, nil, usagef("topic %s has no partition %d", x.id.Topic, r.Partition)
		}
		a := plan.Assignments[i]
		logStart := plan.LogStarts[a.ID]
		if r.First < logStart || r.Last >= a.End {
			return nil, nil, incompleteError{fmt.Errorf("%s/%d has the offsets %d to %d, not all of %d to %d: retention has removed them, or the topic was created again",
				a.ID.Topic, a.ID.Partition, logStart, a.End-1, r.First, r.Last)}
		}
		start, line := r.First, x.query.line
		if cut := line != nil && line.cut(); !cut {
			if x.processing() || line != nil && line.Late > 0 {
				start = min(start, a.Start)
			}
			if x.Time == "" {
				start -= settled
			}
		}
		a.Start, a.FromBeginning = max(logStart, start), true
		onward = append(onward, a)
		a.End = r.Last + 1
		exact = append(exact, a)
	}
	return exact, onward, nil
}

// close says of a window that was computed from some offsets alone what closed
// it: the line, or the watermarks that were seen, know that.
func (x *explanation) close(found *stream.Explanation) {
	by := window.ByEndOfInput
	if slices.ContainsFunc(found.Partitions, func(p stream.ExplainedPartition) bool { return p.OnTime.Closed }) {
		by = window.ByWatermark
	}
	if l := x.query.line; l != nil {
		for _, known := range []window.ClosedBy{window.ByWatermark, window.ByEndOfInput, window.ByIdleClock} {
			if known.String() == l.ClosedBy {
				by = known
			}
		}
	}
	for i, p := range found.Panes {
		settled := *p
		settled.ClosedBy, settled.Incomplete = by, window.Complete
		found.Panes[i] = &settled
	}
}
