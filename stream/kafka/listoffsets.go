package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/listoffsets"
	"golang.org/x/sync/errgroup"

	"github.com/oriel-stream/oriel/window"
)

// The timestamps that mean a place and not a time.
const (
	latestOffset   = -1
	earliestOffset = -2
)

// offsetQuery asks for a place in one partition: a time in ms since the epoch,
// latestOffset or earliestOffset.
type offsetQuery struct {
	id        window.PartitionID
	timestamp int64
}

// offsetAnswer is the offset of that place and, after a query by time, the
// timestamp of the record there. Both are -1 if no record is as late.
type offsetAnswer struct {
	offset, timestamp int64
}

// offsets answers queries, of which there may be one a partition: brokers
// refuse a request with two. Leaders that change meanwhile are looked up again
// until ctx ends.
func (c *Client) offsets(ctx context.Context, l *layout, queries []offsetQuery, isolation Isolation) (map[window.PartitionID]offsetAnswer, error) {
	answers := make(map[window.PartitionID]offsetAnswer, len(queries))
	for attempt := 0; ; attempt++ {
		err := c.offsetsOnce(ctx, l, queries, isolation, answers)
		if err == nil {
			return answers, nil
		}
		if ctx.Err() != nil || !isTransient(err) {
			return nil, c.offsetsError(ctx, err)
		}
		if err := sleep(ctx, backoff(attempt)); err != nil {
			return nil, c.offsetsError(ctx, err)
		}
		fresh, err := c.layout(ctx, topicsOf(queries))
		if err != nil {
			return nil, err
		}
		l = fresh
	}
}

func (c *Client) offsetsError(ctx context.Context, err error) error {
	if context.Cause(ctx) != nil && !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return context.Cause(ctx)
	}
	if !isTransient(err) && !isAny(err, accessErrors) {
		return fmt.Errorf("list offsets: %w", err)
	}
	return c.connectError(err)
}

func topicsOf(queries []offsetQuery) []string {
	var out []string
	for _, q := range queries {
		out = append(out, q.id.Topic)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// offsetsOnce asks every leader once for what answers does not have yet.
func (c *Client) offsetsOnce(ctx context.Context, l *layout, queries []offsetQuery, isolation Isolation, answers map[window.PartitionID]offsetAnswer) error {
	byBroker := map[int32][]offsetQuery{}
	for _, q := range queries {
		if _, done := answers[q.id]; done {
			continue
		}
		leader, ok := l.leaders[q.id]
		if !ok || leader.broker < 0 {
			return fmt.Errorf("%s/%d: %w", q.id.Topic, q.id.Partition, kafkago.LeaderNotAvailable)
		}
		byBroker[leader.broker] = append(byBroker[leader.broker], q)
	}
	var g errgroup.Group
	responses := make(chan *listoffsets.Response, len(byBroker))
	for broker, qs := range byBroker {
		g.Go(func() error {
			res, err := c.listOffsets(ctx, broker, qs, isolation)
			if err == nil {
				responses <- res
			}
			return err
		})
	}
	err := g.Wait()
	close(responses)
	for res := range responses {
		err = errors.Join(err, collectOffsets(res, answers))
	}
	return err
}

// listOffsets is one request to one broker.
func (c *Client) listOffsets(ctx context.Context, broker int32, queries []offsetQuery, isolation Isolation) (*listoffsets.Response, error) {
	req := &offsetsRequest{ReplicaID: -1, IsolationLevel: isolation.wire(), broker: broker}
	for _, q := range queries {
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != q.id.Topic {
			req.Topics = append(req.Topics, listoffsets.RequestTopic{Topic: q.id.Topic})
		}
		t := &req.Topics[len(req.Topics)-1]
		t.Partitions = append(t.Partitions, listoffsets.RequestPartition{
			Partition: q.id.Partition, CurrentLeaderEpoch: -1, Timestamp: q.timestamp,
		})
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	res, err := c.transport.RoundTrip(ctx, c.addr, req)
	if err != nil {
		return nil, err
	}
	return res.(*listoffsets.Response), nil
}

func collectOffsets(res *listoffsets.Response, answers map[window.PartitionID]offsetAnswer) error {
	var err error
	for _, t := range res.Topics {
		for _, p := range t.Partitions {
			if p.ErrorCode != 0 {
				err = fmt.Errorf("%s/%d: %w", t.Topic, p.Partition, kafkago.Error(p.ErrorCode))
				continue
			}
			answers[window.PartitionID{Topic: t.Topic, Partition: p.Partition}] = offsetAnswer{p.Offset, p.Timestamp}
		}
	}
	return err
}

// isTransient reports whether another attempt may succeed: everything but
// what a broker says will not change.
func isTransient(err error) bool {
	if code, ok := errors.AsType[kafkago.Error](err); ok {
		return code.Temporary() || code == kafkago.BrokerNotAvailable || code == kafkago.ReplicaNotAvailable
	}
	if connect, ok := errors.AsType[*ConnectError](err); ok {
		return connect.Kind == Unreachable
	}
	return !errors.Is(err, context.Canceled)
}

// The waits between attempts double from firstBackoff to lastBackoff.
const (
	firstBackoff = 100 * time.Millisecond
	lastBackoff  = 2 * time.Second
)

// backoff is how long to wait after so many failed attempts, counted from 0:
// the first is repeated at once, because a leader that moved has often moved
// already.
func backoff(attempt int) time.Duration {
	if attempt == 0 {
		return 0
	}
	return min(lastBackoff, firstBackoff<<min(attempt-1, 16))
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
