package kafka

import (
	"context"
	"errors"
	"fmt"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// staticVersion is the first version of JoinGroup with static members.
const staticVersion = 5

// canJoin asks the coordinator whether the group is one that may be joined, again
// where that may help. A group of consumers that divide partitions in another way
// is refused by the coordinator when it is joined, but one of KIP-848 would take
// a member of the older kind, and give it partitions of those that it has.
func (m *Membership) canJoin(ctx context.Context) error {
	if m.client.cfg.GroupInstanceID != "" {
		static, err := m.client.speaks(ctx, protocol.JoinGroup, staticVersion)
		if err != nil {
			return m.client.connectError(err)
		}
		if !static {
			return m.refusal(errors.New("the brokers know no static members"), "they came with Kafka 2.3: leave -X group.instance.id out")
		}
	}
	for attempt := 0; ; attempt++ {
		broker, err := m.coordinator.find(ctx)
		if err == nil {
			return m.checkType(ctx, broker)
		}
		if !isTransient(err) && ctx.Err() == nil {
			return m.refused(err)
		}
		if sleep(ctx, backoff(attempt)) != nil {
			return m.client.connectError(err)
		}
	}
}

// checkType refuses groups of other kinds that have members. Whether there is one
// a broker says that lists groups with their types, to whoever may see them.
func (m *Membership) checkType(ctx context.Context, broker int32) error {
	groups, err := m.client.listGroups(ctx, broker)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return nil //nolint:nilerr // joining will tell what is wrong
	}
	for _, g := range groups {
		if g.Name != m.group || g.State == emptyState || g.State == deadState {
			continue
		}
		switch {
		case g.Type != "" && g.Type != "classic":
			return m.refusal(fmt.Errorf("it is a group of type %s (KIP-848) with members of its own", g.Type), otherGroup)
		case g.ProtocolType != "" && g.ProtocolType != consumerProtocol:
			return m.refusal(fmt.Errorf("it is no group of consumers: its protocol is %s", g.ProtocolType), otherGroup)
		}
	}
	return nil
}

// emptyState is the state of a group that has no members.
const emptyState = "Empty"

const otherGroup = "name another group by --group: one that oriel has to itself"

// refusal says that the group does not take this member.
func (m *Membership) refusal(why error, hint string) error {
	return &ConnectError{
		Kind: GroupRefused, Group: m.group, Addresses: m.client.cfg.Brokers, Tried: m.client.cfg.security(), Cause: why, Hint: hint,
	}
}

// refused explains why a member cannot go on. What is no answer of a broker for
// a group is what it is.
func (m *Membership) refused(err error) error {
	code, isCode := errors.AsType[kafkago.Error](err)
	if _, explained := errors.AsType[*ConnectError](err); explained || !isCode {
		return err
	}
	cfg := &m.client.cfg
	switch code {
	case kafkago.GroupAuthorizationFailed:
		return m.refusal(err, m.client.aclHint("Read", fmt.Sprintf("--group %q", m.group)))
	case kafkago.InconsistentGroupProtocol:
		return m.refusal(errors.New("its members are other consumers, or of another version of oriel"), otherGroup)
	case kafkago.InvalidSessionTimeout:
		return m.refusal(err, fmt.Sprintf("change -X session.timeout.ms=%d: it must lie between the broker's group.min.session.timeout.ms (6000 where nobody has set it) and group.max.session.timeout.ms (1800000)",
			cfg.SessionTimeout.Milliseconds()))
	case kafkago.GroupMaxSizeReached:
		return m.refusal(err, "stop another member, or raise the broker's group.max.size")
	case kafkago.FencedInstanceID:
		return m.refusal(fmt.Errorf("another process has joined as -X group.instance.id=%s", cfg.GroupInstanceID), "give each process an id of its own")
	case kafkago.InvalidGroupId:
		return m.refusal(err, "a group needs a name that is not empty: change --group")
	default:
		return m.refusal(err, "")
	}
}
