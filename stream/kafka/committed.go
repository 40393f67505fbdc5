package kafka

import (
	"context"
	"errors"
	"slices"
	"sync"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/offsetfetch"
	"golang.org/x/sync/errgroup"

	"github.com/oriel-stream/oriel/window"
)

// fetchCommitted asks coordinators for the committed offsets of groups. One that
// does not answer is not asked again for its other groups.
func (c *Client) fetchCommitted(ctx context.Context, pending []*GroupState) {
	var silent sync.Map // id of a broker: error
	var g errgroup.Group
	g.SetLimit(groupRequests)
	for _, s := range pending {
		if s.Err != nil || s.State == deadState || s.Type == "share" {
			continue
		}
		g.Go(func() error {
			if err, ok := silent.Load(s.Coordinator); ok {
				s.Err = err.(error)
				return nil
			}
			s.Err = c.fetchOnce(ctx, s)
			if errors.Is(s.Err, kafkago.GroupIdNotFound) {
				s.State, s.Err = deadState, nil // it has been deleted meanwhile
			}
			if _, isCode := errors.AsType[kafkago.Error](s.Err); s.Err != nil && !isCode {
				silent.Store(s.Coordinator, s.Err)
			}
			return nil
		})
	}
	_ = g.Wait() // each group has its error
}

func (c *Client) fetchOnce(ctx context.Context, s *GroupState) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	answer, err := c.transport.RoundTrip(ctx, c.addr, &committedRequest{GroupID: s.Name, toCoordinator: toCoordinator{s.Coordinator}})
	if err != nil {
		return err
	}
	res := answer.(*offsetfetch.Response)
	if res.ErrorCode != 0 {
		return kafkago.Error(res.ErrorCode)
	}
	at := make(map[window.PartitionID]int, len(s.Partitions))
	for i, p := range s.Partitions {
		at[p.ID] = i
	}
	for _, t := range res.Topics {
		for _, p := range t.Partitions {
			id := window.PartitionID{Topic: t.Name, Partition: p.PartitionIndex}
			i, ok := at[id]
			if !ok {
				i = len(s.Partitions)
				s.Partitions = append(s.Partitions, GroupPartition{ID: id, Start: -1, End: -1})
			}
			s.Partitions[i].commit(&p)
		}
	}
	slices.SortFunc(s.Partitions, func(a, b GroupPartition) int { return comparePartitions(a.ID, b.ID) })
	return nil
}

// commit takes over what the coordinator answers for a partition.
func (p *GroupPartition) commit(answer *offsetfetch.ResponsePartition) {
	p.Committed, p.Metadata, p.Mark = max(-1, answer.CommittedOffset), answer.Metadata, ""
	switch err := codeOf(answer.ErrorCode); {
	case isAny(err, accessErrors):
		p.Committed, p.Mark = -1, MarkDenied
	case err != nil:
		p.Committed, p.Mark = -1, MarkUnknown
	case p.Committed < 0:
		p.Mark = MarkNotCommitted
	}
}
