package kafka

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// warmUpLookups is how many partitions are looked at side by side.
const warmUpLookups = 8

// WarmUp moves the starts of a plan back by a Kafka time: to the first record
// that is not more than so much older than the one at the start, or than now
// where the start is the end of the log. What lies between is read and not
// printed. A log that begins later is read from its beginning.
func (c *Client) WarmUp(ctx context.Context, plan *Plan, by time.Duration, now window.Time, options Options) error {
	ctx, cancel := context.WithTimeout(ctx, rangesTimeout)
	defer cancel()
	ids := make([]window.PartitionID, len(plan.Assignments))
	for i, a := range plan.Assignments {
		ids[i] = a.ID
	}
	ends, err := c.placesNow(ctx, placeQueries(ids, latestOffset))
	if err != nil {
		return err
	}
	queries := make([]offsetQuery, len(ids))
	lookups, within := errgroup.WithContext(ctx)
	lookups.SetLimit(warmUpLookups)
	for i, a := range plan.Assignments {
		lookups.Go(func() error {
			at, err := c.timeAt(within, a, ends[a.ID].offset, now, options)
			queries[i] = offsetQuery{a.ID, max(0, int64(at)-by.Milliseconds())}
			return err
		})
	}
	if err := lookups.Wait(); err != nil {
		return err
	}
	starts, err := c.placesNow(ctx, queries)
	if err != nil {
		return err
	}
	for i := range plan.Assignments {
		a := &plan.Assignments[i]
		if found := starts[a.ID].offset; found >= 0 && found < a.Start {
			a.PrintFrom, a.Start = a.Start, max(found, plan.LogStarts[a.ID])
			a.FromBeginning = a.Start == 0
		}
	}
	return nil
}

// placesNow answers queries by the cluster as it is now.
func (c *Client) placesNow(ctx context.Context, queries []offsetQuery) (map[window.PartitionID]offsetAnswer, error) {
	if len(queries) == 0 {
		return nil, nil
	}
	l, err := c.layout(ctx, topicsOf(queries))
	if err != nil {
		return nil, err
	}
	return c.offsets(ctx, l, queries, c.cfg.Isolation)
}

// timeAt is the Kafka timestamp of the first record of a range, now if there is
// none, or none with a timestamp.
func (c *Client) timeAt(ctx context.Context, a stream.Assignment, logEnd int64, now window.Time, options Options) (window.Time, error) {
	if a.Start >= logEnd {
		return now, nil
	}
	first, err := stream.Sample(ctx, c.Source([]stream.Assignment{{ID: a.ID, Start: a.Start, End: logEnd}}, options), 1)
	if err != nil || len(first) == 0 || first[0].Timestamp < 0 {
		return now, err
	}
	return window.Time(first[0].Timestamp), nil
}
