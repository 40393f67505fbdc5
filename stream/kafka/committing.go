package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/offsetcommit"
	"github.com/segmentio/kafka-go/protocol/offsetfetch"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// commitAlways commits what waits for it: every now and then, and at once what
// another member waits for.
func (m *Membership) commitAlways(ctx context.Context, fail context.CancelCauseFunc) {
	ticks := time.NewTicker(m.client.cfg.AutoCommitInterval)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		case <-m.tenures.due:
		}
		s := m.current()
		if !m.canCommit(s) {
			continue // nobody is asked, so nothing is heard of the coordinator
		}
		if err := m.hear(ctx, s, m.commitOnce(ctx, s)); err != nil {
			fail(err)
			return
		}
	}
}

// commitLast commits what waits for it, and tries until that is done or cannot
// be. In the middle of a rebalance that takes another round: the member joins
// once more, with the partitions that it has, because nobody else is given them
// as long as it claims them.
func (m *Membership) commitLast(ctx context.Context) error {
	for attempt := 0; ; attempt++ {
		err := m.commitOnce(ctx, m.current())
		if isAny(err, []kafkago.Error{kafkago.IllegalGeneration}) {
			_, err = (&following{Membership: m}).joinOnce(ctx)
		}
		waiting := m.tenures.waiting()
		switch {
		case len(waiting) == 0:
			return nil
		case isAny(err, unknownErrors), err == nil && m.current().generation == noGeneration:
			return fmt.Errorf("group %q has gone on without this member: what was flushed last of %s is not committed and will be read again",
				m.group, listCommits(waiting))
		case err == nil: // another one came meanwhile
		case isAny(err, rejoinErrors), isTransient(err):
		default:
			return m.refused(err)
		}
		if sleep(ctx, backoff(attempt)) != nil {
			return fmt.Errorf("what was flushed last of %s is not committed to group %q and will be read again: %w",
				listCommits(waiting), m.group, m.client.connectError(err))
		}
	}
}

func listCommits(commits []stream.Commit) string {
	ids := make([]window.PartitionID, len(commits))
	for i, c := range commits {
		ids[i] = c.ID
	}
	return listPartitions(ids)
}

// canCommit says that something waits to be committed, and the group knows the
// member.
func (m *Membership) canCommit(s session) bool {
	return s.generation != noGeneration && len(m.tenures.waiting()) > 0
}

// commitOnce asks the coordinator once, if there is something to commit.
func (m *Membership) commitOnce(ctx context.Context, s session) error {
	if !m.canCommit(s) {
		return nil
	}
	waiting := m.tenures.waiting()
	const ofTheBroker = -1 // how long offsets are kept
	req := &offsetCommitRequest{
		GroupID: m.group, GenerationID: s.generation, MemberID: s.memberID,
		GroupInstanceID: m.client.cfg.GroupInstanceID, RetentionTimeMs: ofTheBroker,
	}
	commits := make(map[window.PartitionID]stream.Commit, len(waiting))
	for _, c := range waiting {
		commits[c.ID] = c
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Name != c.ID.Topic {
			req.Topics = append(req.Topics, offsetcommit.RequestTopic{Name: c.ID.Topic})
		}
		t := &req.Topics[len(req.Topics)-1]
		t.Partitions = append(t.Partitions, offsetcommit.RequestPartition{
			PartitionIndex: c.ID.Partition, CommittedOffset: c.Offset, CommittedLeaderEpoch: -1, CommittedMetadata: c.Metadata,
		})
	}
	answer, err := m.coordinator.ask(ctx, req, requestTimeout, codeOfCommits)
	if answer == nil {
		return err
	}
	for _, t := range answer.(*offsetcommit.Response).Topics {
		for _, p := range t.Partitions {
			c := commits[window.PartitionID{Topic: t.Name, Partition: p.PartitionIndex}]
			if err := m.committedOne(c, codeOf(p.ErrorCode)); err != nil {
				return err
			}
		}
	}
	return nil
}

// codeOfCommits is the error of all of an answer where it says that another
// broker coordinates the group.
func codeOfCommits(answer protocol.Message) int16 {
	for _, t := range answer.(*offsetcommit.Response).Topics {
		for _, p := range t.Partitions {
			if isAny(codeOf(p.ErrorCode), movedErrors) {
				return p.ErrorCode
			}
		}
	}
	return 0
}

// committedOne takes note of the answer for one partition.
func (m *Membership) committedOne(c stream.Commit, err error) error {
	switch {
	case err == nil, isAny(err, []kafkago.Error{kafkago.UnknownTopicOrPartition}): // a deleted topic needs none
		m.tenures.committed(c)
		return nil
	case isAny(err, []kafkago.Error{kafkago.TopicAuthorizationFailed}):
		return m.client.accessError(c.ID.Topic, err)
	case isAny(err, []kafkago.Error{kafkago.OffsetMetadataTooLarge, kafkago.InvalidCommitOffsetSize}):
		return m.refusal(err, fmt.Sprintf("what is committed of %s/%d has %d bytes of metadata: raise the broker's offset.metadata.max.bytes (4096 where nobody has set it)",
			c.ID.Topic, c.ID.Partition, len(c.Metadata)))
	default:
		return err
	}
}

// committed asks what the group has committed of partitions; there is nothing in
// the answer of those of which it has nothing.
func (m *Membership) committed(ctx context.Context, ids []window.PartitionID) (map[window.PartitionID]stream.Commit, error) {
	req := &committedRequest{GroupID: m.group}
	for _, id := range ids {
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Name != id.Topic {
			req.Topics = append(req.Topics, offsetfetch.RequestTopic{Name: id.Topic})
		}
		t := &req.Topics[len(req.Topics)-1]
		t.PartitionIndexes = append(t.PartitionIndexes, id.Partition)
	}
	answer, err := m.coordinator.ask(ctx, req, requestTimeout, func(a protocol.Message) int16 { return a.(*offsetfetch.Response).ErrorCode })
	if err != nil {
		return nil, m.committedError(err)
	}
	out := map[window.PartitionID]stream.Commit{}
	for _, t := range answer.(*offsetfetch.Response).Topics {
		for _, p := range t.Partitions {
			id := window.PartitionID{Topic: t.Name, Partition: p.PartitionIndex}
			switch err := codeOf(p.ErrorCode); {
			case isAny(err, []kafkago.Error{kafkago.TopicAuthorizationFailed}):
				return nil, m.client.accessError(id.Topic, err)
			case err != nil:
				return nil, m.committedError(err)
			case p.CommittedOffset >= 0:
				out[id] = stream.Commit{ID: id, Offset: p.CommittedOffset, Metadata: p.Metadata}
			}
		}
	}
	return out, nil
}

func (m *Membership) committedError(err error) error {
	if _, isCode := errors.AsType[kafkago.Error](err); isCode && !isTransient(err) {
		return m.refused(err)
	}
	return err
}
