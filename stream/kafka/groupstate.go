package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/describegroups"
	"golang.org/x/sync/errgroup"

	"github.com/oriel-stream/oriel/window"
)

// GroupState is a group as it was at one moment.
type GroupState struct {
	Group
	// Protocol is the name of the assignor on which the members agreed.
	Protocol string
	// Members are by their client ids. MembersError says why they, or some of
	// what they have, are not known.
	Members      []Member
	MembersError error
	// Partitions are those with a committed offset and those that a member
	// has, in order.
	Partitions []GroupPartition
	// Err says why nothing is known but what brokers list: a *ConnectError, or
	// what the coordinator answered. nil where more is known.
	Err error
}

// Member is a member of a group.
type Member struct {
	ID string
	// InstanceID is group.instance.id, empty for none.
	InstanceID string
	ClientID   string
	Host       string
}

// GroupPartition is what a group has committed of one partition.
type GroupPartition struct {
	ID window.PartitionID
	// Committed is the offset to read next, -1 for none, and Metadata what was
	// committed with it.
	Committed int64
	Metadata  string
	// Start and End are the first offset of the log and its high watermark, as
	// they were after Committed was asked for; -1 where they are not known.
	Start, End int64
	// Member has the partition; nil for nobody.
	Member *Member
	Mark   CommitMark
}

// CommitMark says what is unusual about a committed offset, and empty is
// nothing.
type CommitMark string

// The marks.
const (
	// MarkNotCommitted: a member has the partition and nothing is committed.
	MarkNotCommitted CommitMark = "not_committed"
	// MarkBelowStart: retention has removed what would be read next.
	MarkBelowStart CommitMark = "below_start"
	// MarkBeyondEnd: the log ends before it. It was created again or cut.
	MarkBeyondEnd CommitMark = "beyond_end"
	// MarkDeleted: there is no such partition any more.
	MarkDeleted CommitMark = "deleted"
	// MarkDenied: the user may not describe the topic.
	MarkDenied CommitMark = "denied"
	// MarkUnknown: no broker tells the end of the log, or what is committed.
	MarkUnknown CommitMark = "unknown"
)

// CommitMarks are all of them.
var CommitMarks = []CommitMark{MarkNotCommitted, MarkBelowStart, MarkBeyondEnd, MarkDeleted, MarkDenied, MarkUnknown}

// Lag is the consumer lag in offsets, the high watermark less the committed
// offset; -1 where there is none to tell.
func (p *GroupPartition) Lag() int64 {
	if p.Mark != "" && p.Mark != MarkBelowStart {
		return -1
	}
	return p.End - p.Committed
}

// groupsTimeout bounds what is asked about groups, also where a coordinator
// moves.
const groupsTimeout = 30 * time.Second

// describedAtOnce is how many groups one request asks for.
const describedAtOnce = 100

// The state of a group that its coordinator does not know.
const deadState = "Dead"

// DescribeGroups looks up the states of groups, in their order, and leaves out
// those that are gone. It asks for members and offsets, and joins and commits
// nothing. A group that cannot be described has an Err; the error is that of a
// cluster that cannot be used.
func (c *Client) DescribeGroups(ctx context.Context, groups []Group) ([]GroupState, error) {
	states := make([]GroupState, len(groups))
	pending := make([]*GroupState, len(groups))
	for i, g := range groups {
		states[i].Group, pending[i] = g, &states[i]
	}
	asking, cancel := context.WithTimeout(ctx, groupsTimeout)
	defer cancel()
	for attempt := 0; len(pending) > 0; attempt++ {
		c.describeGroups(asking, pending)
		c.fetchCommitted(asking, pending)
		pending = slices.DeleteFunc(pending, func(s *GroupState) bool { return s.Err == nil || !isTransient(s.Err) })
		if attempt+1 == placeAttempts || len(pending) == 0 || sleep(asking, backoff(attempt)) != nil {
			break
		}
		c.relocate(asking, pending)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	for i := range states {
		states[i].Err = c.groupError(states[i].Name, states[i].Err)
	}
	states = slices.DeleteFunc(states, func(s GroupState) bool { return s.State == deadState })
	return states, c.lookUpLogs(ctx, states)
}

// relocate looks up who coordinates groups now.
func (c *Client) relocate(ctx context.Context, pending []*GroupState) {
	list, err := c.Groups(ctx)
	if err != nil {
		return // the next attempt says so
	}
	at := make(map[string]int32, len(list.Groups))
	for _, g := range list.Groups {
		at[g.Name] = g.Coordinator
	}
	for _, s := range pending {
		if broker, ok := at[s.Name]; ok {
			s.Coordinator = broker
		}
	}
}

// groupError says why a group is not described.
func (c *Client) groupError(name string, err error) error {
	switch _, isCode := errors.AsType[kafkago.Error](err); {
	case err == nil:
		return nil
	case isAny(err, accessErrors):
		return c.groupAccessError(name, err)
	case isCode && !isTransient(err):
		return fmt.Errorf("describe group %q: %w", name, err)
	default:
		return fmt.Errorf("describe group %q: %w", name, c.connectError(err))
	}
}

// describeGroups asks coordinators for the members of groups.
func (c *Client) describeGroups(ctx context.Context, pending []*GroupState) {
	byBroker := map[int32][]*GroupState{}
	for _, s := range pending {
		s.Err = nil
		byBroker[s.Coordinator] = append(byBroker[s.Coordinator], s)
	}
	var g errgroup.Group
	g.SetLimit(groupRequests)
	for broker, states := range byBroker {
		g.Go(func() error {
			for some := range slices.Chunk(states, describedAtOnce) {
				c.describeSome(ctx, broker, some)
			}
			return nil
		})
	}
	_ = g.Wait() // each group has its error
}

// describeSome is one request to one broker.
func (c *Client) describeSome(ctx context.Context, broker int32, states []*GroupState) {
	names := make([]string, len(states))
	for i, s := range states {
		names[i] = s.Name
	}
	answers, err := c.describeOnce(ctx, broker, names)
	for _, s := range states {
		answer, ok := answers[s.Name]
		switch {
		case err != nil:
			s.Err = err
		case !ok:
			s.Err = fmt.Errorf("broker %d does not answer for it", broker)
		case answer.ErrorCode != 0:
			s.Err = kafkago.Error(answer.ErrorCode)
		default:
			s.describe(&answer)
		}
	}
}

func (c *Client) describeOnce(ctx context.Context, broker int32, names []string) (map[string]describegroups.ResponseGroup, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	res, err := c.transport.RoundTrip(ctx, c.addr, &describeGroupsRequest{Groups: names, broker: broker})
	if err != nil {
		return nil, err
	}
	answers := make(map[string]describegroups.ResponseGroup, len(names))
	for _, g := range res.(*describegroups.Response).Groups {
		answers[g.GroupID] = g
	}
	return answers, nil
}

// describe takes over what the coordinator answers. Groups of the newer types
// are listed with their states, but this question is not for them: they are dead
// to it.
func (s *GroupState) describe(answer *describegroups.ResponseGroup) {
	if answer.GroupState == deadState && s.Type != "" && s.Type != "classic" {
		s.MembersError = fmt.Errorf("brokers tell those of type %s in a way that is not spoken here", s.Type)
		return
	}
	s.State, s.Protocol = answer.GroupState, answer.ProtocolData
	if answer.ProtocolType != "" {
		s.ProtocolType = answer.ProtocolType
	}
	s.Members, s.Partitions = make([]Member, len(answer.Members)), nil
	unread := 0
	slices.SortFunc(answer.Members, func(a, b describegroups.ResponseGroupMember) int {
		return strings.Compare(a.ClientID+"\x00"+a.MemberID, b.ClientID+"\x00"+b.MemberID)
	})
	for i, m := range answer.Members {
		s.Members[i] = Member{ID: m.MemberID, InstanceID: m.GroupInstanceID, ClientID: m.ClientID, Host: strings.TrimPrefix(m.ClientHost, "/")}
		if s.ProtocolType != consumerProtocol {
			continue // what its assignments are only its members know
		}
		ids, ok := readAssignment(m.MemberAssignment)
		if !ok {
			unread++
		}
		for _, id := range ids {
			s.Partitions = append(s.Partitions, GroupPartition{ID: id, Committed: -1, Start: -1, End: -1, Member: &s.Members[i], Mark: MarkNotCommitted})
		}
	}
	if unread > 0 {
		s.MembersError = fmt.Errorf("the assignments of %d of %d cannot be read", unread, len(s.Members))
	}
}

// consumerProtocol is the type of protocol of groups of consumers.
const consumerProtocol = "consumer"
