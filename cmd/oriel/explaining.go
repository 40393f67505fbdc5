package main

import (
	"cmp"
	"context"
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
	// gaps are those of the run that is shown.
	gaps []stream.GapRead
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
// all that may be in it. Of a line it takes the first attempt that gives it.
func (x *explanation) compute(ctx context.Context, plan kafka.Plan) (*stream.Explanation, error) {
	if len(x.query.offsets) == 0 {
		found, err := x.run(ctx, plan.Assignments, true)
		if err != nil {
			return nil, err
		}
		x.gaps = slices.Concat(plan.Gaps, x.gaps)
		_, err = x.agrees(found)
		return found, err
	}
	var first *stream.Explanation
	var gaps []stream.GapRead
	for _, b := range x.beginnings() {
		found, same, err := x.attempt(ctx, plan, b)
		if err != nil || same {
			return found, err
		}
		if first == nil {
			first, gaps = found, x.gaps
		}
	}
	x.gaps = gaps
	return first, nil
}

// attempt explains the window by its offsets, from one beginning on.
//
// Reading on behind the offsets shows what closed the window and what came too
// late. It gives the content, too, unless records have come that count and that
// whoever made the line had not seen, at the end of the range or of the log as
// it was, or while the partition was idle: then the content is that of what lies
// before them, or of the offsets alone.
func (x *explanation) attempt(ctx context.Context, plan kafka.Plan, b beginning) (*stream.Explanation, bool, error) {
	ranges, err := x.ranges(plan, b)
	if err != nil {
		return nil, false, err
	}
	seen, err := x.run(ctx, ranges, true)
	if err != nil {
		return nil, false, err
	}
	if same, err := x.agrees(seen); err != nil || same {
		x.close(seen)
		return seen, same, err
	}
	found := seen
	for _, ends := range x.ends(seen) {
		if found, err = x.run(ctx, ending(ranges, ends), false); err != nil {
			return nil, false, err
		}
		found.ReadOn(seen)
		x.close(found)
		if same, err := x.agrees(found); err != nil || same {
			return found, same, err
		}
	}
	return found, false, nil
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
	x.gaps = sum.Gaps
	found.Aggregates = x.aggregates
	return found, err
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
