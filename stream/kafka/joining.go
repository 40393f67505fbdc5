package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// join makes the member part of the group's next generation and returns the
// partitions that it has there. It tries until that is done, or refused.
func (f *following) join(ctx context.Context) ([]window.PartitionID, error) {
	for attempt := 0; ; attempt++ {
		f.rejoin.clear()
		if err := f.loseAll(ctx); err != nil {
			return nil, err
		}
		given, err := f.joinOnce(ctx)
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err == nil:
			f.notices.back(stream.GroupLost, f.name())
			return given, nil
		case isAny(err, unknownErrors):
			f.forget(f.current())
		case isAny(err, rejoinErrors), errors.Is(err, context.Canceled): // the round was given up
		case isTransient(err):
			f.notices.lose(stream.GroupLost, f.name(), plainWords(err))
		default:
			return nil, f.refused(err)
		}
		if err := sleep(ctx, backoff(attempt)); err != nil {
			return nil, err
		}
	}
}

// loseAll ends the tenures of a member that the group does not know: others may
// have its partitions by now.
func (f *following) loseAll(ctx context.Context) error {
	if f.current() != noSession {
		return nil
	}
	lost := f.tenures.lose()
	if len(lost) > 0 {
		f.opts.tell("group %q has gone on without this member, which was not heard for too long (-X session.timeout.ms=%d): %s are read again from what is committed",
			f.group, f.client.cfg.SessionTimeout.Milliseconds(), listPartitions(lost))
	}
	return f.order(ctx, order{revoke: lost})
}

// joinOnce is one round: join, and learn or say who has what.
func (f *following) joinOnce(ctx context.Context) ([]window.PartitionID, error) {
	ctx, cancel := f.round(ctx)
	defer cancel()
	l, err := f.client.layoutOf(ctx, f.topics)
	if err != nil {
		return nil, err
	}
	for _, t := range f.topics {
		if err := l.errs[t]; err != nil && isAny(err, accessErrors) {
			return nil, f.client.accessError(t, err)
		}
	}
	f.look(l)
	joined, err := f.askToJoin(ctx)
	if err != nil {
		return nil, err
	}
	s := f.current()
	var shares []memberAssignment
	if joined.LeaderID == joined.MemberID {
		if shares, err = f.lead(ctx, joined); err != nil {
			return nil, err
		}
	}
	answer, err := f.coordinator.ask(ctx, &syncGroupRequest{
		GroupID: f.group, GenerationID: s.next, MemberID: s.memberID,
		GroupInstanceID: f.client.cfg.GroupInstanceID, Assignments: shares,
	}, f.client.cfg.RebalanceTimeout+requestTimeout, func(a protocol.Message) int16 { return a.(*syncGroupResponse).ErrorCode })
	if err != nil {
		return nil, err
	}
	given, ok := readAssignment(answer.(*syncGroupResponse).Assignment)
	if !ok {
		return nil, errors.New("the leader of the group has assigned what cannot be read")
	}
	s.generation, s.joined = s.next, true
	f.become(s)
	return slices.DeleteFunc(given, func(id window.PartitionID) bool { return !slices.Contains(f.topics, id.Topic) }), nil
}

// askToJoin waits until the group has a new generation. A member is told its id
// first, and asks again with it, so that the coordinator knows who waits.
func (f *following) askToJoin(ctx context.Context) (*joinGroupResponse, error) {
	cfg := &f.client.cfg
	s := f.current()
	said := subscription{topics: f.topics, owned: f.tenures.claimed(), generation: s.generation, counts: f.counts}
	s.next, s.joined = s.generation, false
	for {
		f.become(s)
		answer, err := f.coordinator.ask(ctx, &joinGroupRequest{
			GroupID:            f.group,
			SessionTimeoutMs:   int32(cfg.SessionTimeout.Milliseconds()),
			RebalanceTimeoutMs: int32(cfg.RebalanceTimeout.Milliseconds()),
			MemberID:           s.memberID,
			GroupInstanceID:    cfg.GroupInstanceID,
			ProtocolType:       consumerProtocol,
			Protocols:          []joinProtocol{{groupProtocol, said.encode()}},
		}, cfg.RebalanceTimeout+requestTimeout, func(a protocol.Message) int16 { return a.(*joinGroupResponse).ErrorCode })
		if isAny(err, []kafkago.Error{kafkago.MemberIDRequired}) && s.memberID == "" {
			s.memberID = answer.(*joinGroupResponse).MemberID
			continue
		}
		if err != nil {
			return nil, err
		}
		joined := answer.(*joinGroupResponse)
		s.memberID, s.next = joined.MemberID, joined.GenerationID
		f.become(s)
		return joined, nil
	}
}

// lead divides the partitions of all topics that members read.
func (f *following) lead(ctx context.Context, joined *joinGroupResponse) ([]memberAssignment, error) {
	members := make([]groupMember, len(joined.Members))
	var topics []string
	for i, m := range joined.Members {
		s, ok := readSubscription(m.Metadata)
		if !ok {
			return nil, fmt.Errorf("member %s of the group says what cannot be read", m.MemberID)
		}
		members[i] = groupMember{id: m.MemberID, instance: m.GroupInstanceID, subscription: s}
		topics = append(topics, s.topics...)
	}
	slices.Sort(topics)
	l, err := f.client.layoutOf(ctx, slices.Compact(topics))
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, t := range l.topics {
		counts[t.Name] = t.Partitions
	}
	var shares []memberAssignment
	for id, ids := range assign(members, counts) {
		shares = append(shares, memberAssignment{id, encodeAssignment(ids)})
	}
	return shares, nil
}

// count is how many partitions each of the topics has.
func (f *following) count(l *layout) []int32 {
	counts := make([]int32, len(f.topics))
	for _, t := range l.topics {
		if i := slices.Index(f.topics, t.Name); i >= 0 {
			counts[i] = int32(t.Partitions)
		}
	}
	return counts
}

// look counts partitions. What is gone comes back as something else.
func (f *following) look(l *layout) {
	f.counts, f.missed = f.count(l), false
	for id := range f.there {
		if _, ok := l.leaders[id]; !ok {
			delete(f.there, id)
		}
	}
}
