package kafka

import (
	"context"
	"errors"
	"slices"

	kafkago "github.com/segmentio/kafka-go"
)

// lookUpLogs fills in where the logs of all partitions start and end. Starts
// come first, so that no start is behind its end.
func (c *Client) lookUpLogs(ctx context.Context, states []GroupState) error {
	topics := topicsOfGroups(states)
	if len(topics) == 0 {
		return nil
	}
	l, err := c.layoutOf(ctx, topics)
	if err != nil {
		return err
	}
	starts, err := c.places(ctx, l, earliestOffset, ReadUncommitted)
	if err != nil {
		return err
	}
	ends, err := c.places(ctx, l, latestOffset, ReadUncommitted)
	if err != nil {
		return err
	}
	for _, s := range states {
		for i := range s.Partitions {
			p := &s.Partitions[i]
			start, started := starts[p.ID]
			end, ended := ends[p.ID]
			if started && ended {
				p.Start, p.End = start.offset, end.offset
			}
			p.mark(l)
		}
	}
	return nil
}

// mark says what is unusual about p, whose log was looked up.
func (p *GroupPartition) mark(l *layout) {
	_, there := l.leaders[p.ID]
	err := l.errs[p.ID.Topic]
	switch {
	case isAny(err, accessErrors):
		p.Mark = MarkDenied
	case p.Mark == MarkDenied || p.Mark == MarkUnknown:
	case !there && (err == nil || errors.Is(err, kafkago.UnknownTopicOrPartition)):
		p.Mark = MarkDeleted
	case p.End < 0:
		p.Mark = MarkUnknown
	case p.Mark == MarkNotCommitted:
	case p.Committed > p.End:
		p.Mark = MarkBeyondEnd
	case p.Committed < p.Start:
		p.Mark = MarkBelowStart
	}
}

func topicsOfGroups(states []GroupState) []string {
	var out []string
	for _, s := range states {
		for _, p := range s.Partitions {
			out = append(out, p.ID.Topic)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// layoutOf is the layout of topics that may be gone, without a broker creating
// them anew: one that would is asked for all topics.
func (c *Client) layoutOf(ctx context.Context, topics []string) (*layout, error) {
	creates, err := c.askingCreates(ctx)
	if err != nil {
		return nil, err
	}
	if !creates {
		return c.layoutNow(ctx, topics)
	}
	l, err := c.layoutNow(ctx, nil)
	if err != nil {
		return nil, err
	}
	asked := func(topic string) bool { _, ok := slices.BinarySearch(topics, topic); return ok }
	l.topics = slices.DeleteFunc(l.topics, func(t Topic) bool { return !asked(t.Name) })
	for id := range l.leaders {
		if !asked(id.Topic) {
			delete(l.leaders, id)
		}
	}
	return l, nil
}
