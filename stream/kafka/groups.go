package kafka

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	kafkago "github.com/segmentio/kafka-go"
	"golang.org/x/sync/errgroup"
)

// Group is a group as the broker lists it that coordinates it.
type Group struct {
	Name string
	// Coordinator is the id of that broker.
	Coordinator int32
	// State is Stable, Empty, PreparingRebalance, ..., and Type is classic,
	// consumer (KIP-848), share or streams. Brokers before Kafka 2.6 and 3.8 do
	// not list them, and they are empty.
	State, Type string
	// ProtocolType is consumer for a group of consumers, connect for one of
	// Kafka Connect, ..., and empty for one that never had a member.
	ProtocolType string
}

// GroupList is what the brokers list.
type GroupList struct {
	// Groups are sorted by name.
	Groups []Group
	// Unheard says which brokers did not list theirs; nil if all of them did.
	Unheard error
}

// groupRequests is how many requests about groups are under way at once.
const groupRequests = 8

// Groups asks every broker for the groups that it coordinates and that may be
// seen. It fails where no broker answers.
func (c *Client) Groups(ctx context.Context) (GroupList, error) {
	l, err := c.layoutNow(ctx, []string{})
	if err != nil {
		return GroupList{}, err
	}
	asking, cancel := context.WithTimeout(ctx, groupsTimeout)
	defer cancel()
	brokers := slices.Sorted(maps.Keys(l.brokers))
	groups, errs := make([][]Group, len(brokers)), make([]error, len(brokers))
	var g errgroup.Group
	g.SetLimit(groupRequests)
	for i, broker := range brokers {
		g.Go(func() error {
			groups[i], errs[i] = c.listGroups(asking, broker)
			return nil
		})
	}
	_ = g.Wait() // the errors are in errs
	if ctx.Err() != nil {
		return GroupList{}, context.Cause(ctx)
	}
	var list GroupList
	silent := 0
	for i, err := range errs {
		if err == nil {
			continue
		}
		if silent++; silent == 1 {
			list.Unheard = fmt.Errorf("broker %d does not list its groups: %w", brokers[i], c.connectError(err))
		}
	}
	if silent == len(brokers) {
		return GroupList{}, c.connectError(errs[0])
	}
	// A group that moves meanwhile may be listed twice.
	list.Groups = slices.Concat(groups...)
	slices.SortStableFunc(list.Groups, func(a, b Group) int { return strings.Compare(a.Name, b.Name) })
	list.Groups = slices.CompactFunc(list.Groups, func(a, b Group) bool { return a.Name == b.Name })
	return list, nil
}

// listGroups asks one broker, again where that may help.
func (c *Client) listGroups(ctx context.Context, broker int32) ([]Group, error) {
	for attempt := 0; ; attempt++ {
		groups, err := c.listGroupsOnce(ctx, broker)
		if err == nil || attempt+1 == placeAttempts || !isTransient(err) {
			return groups, err
		}
		if sleep(ctx, backoff(attempt)) != nil {
			return nil, err
		}
	}
}

func (c *Client) listGroupsOnce(ctx context.Context, broker int32) ([]Group, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	res, err := c.transport.RoundTrip(ctx, c.addr, &listGroupsRequest{broker: broker})
	if err != nil {
		return nil, err
	}
	listed := res.(*listGroupsResponse)
	if listed.ErrorCode != 0 {
		return nil, kafkago.Error(listed.ErrorCode)
	}
	groups := make([]Group, len(listed.Groups))
	for i, g := range listed.Groups {
		groups[i] = Group{
			Name: g.GroupID, Coordinator: broker, State: g.GroupState, Type: strings.ToLower(g.GroupType), ProtocolType: g.ProtocolType,
		}
	}
	return groups, nil
}

// ResolveGroups lists the groups that pattern, a name or a glob, matches; the
// empty pattern is for all. In a glob * also matches a slash. What matches no
// group is an *UnknownGroupError, or what is Unheard where there may be one;
// what is no glob a *BadGlobError. A group that may not be described is a
// *ConnectError.
func (c *Client) ResolveGroups(ctx context.Context, pattern string) (GroupList, error) {
	list, err := c.Groups(ctx)
	if err != nil || pattern == "" {
		return list, err
	}
	all := list.Groups
	list.Groups, err = matchGroups(pattern, all)
	if err != nil || len(list.Groups) > 0 {
		return list, err
	}
	if !isGlob(pattern) {
		if err := c.askForGroup(ctx, pattern); err != nil {
			return GroupList{}, err
		}
	}
	if list.Unheard != nil {
		return GroupList{}, list.Unheard
	}
	return GroupList{}, unknownGroup(pattern, all)
}

func matchGroups(pattern string, groups []Group) ([]Group, error) {
	// For path.Match a slash is where * ends, but groups are in no directory.
	flat := strings.NewReplacer("/", "\x00")
	var out []Group
	for _, g := range groups {
		if ok, _ := path.Match(flat.Replace(pattern), flat.Replace(g.Name)); ok || g.Name == pattern {
			out = append(out, g)
		}
	}
	if _, err := path.Match(pattern, ""); err != nil && len(out) == 0 {
		return nil, &BadGlobError{What: "group", Pattern: pattern}
	}
	return out, nil
}

// askForGroup asks every broker for a group that none of them lists: a user who
// may not list it is told so, and not that there is none. Nobody is asked who
// would coordinate it, because that may create a topic.
func (c *Client) askForGroup(ctx context.Context, name string) error {
	l, err := c.layoutNow(ctx, []string{})
	if err != nil {
		return err
	}
	for _, broker := range slices.Sorted(maps.Keys(l.brokers)) {
		answers, err := c.describeOnce(ctx, broker, []string{name})
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			continue // whoever does not answer has not listed its groups either
		}
		if err := codeOf(answers[name].ErrorCode); isAny(err, accessErrors) {
			return c.groupAccessError(name, err)
		}
	}
	return nil
}

func unknownGroup(name string, groups []Group) *UnknownGroupError {
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = g.Name
	}
	return &UnknownGroupError{Group: name, Alternatives: alternatives(name, names)}
}

// codeOf is the error that a broker answers with, nil for 0.
func codeOf(code int16) error {
	if code == 0 {
		return nil
	}
	return kafkago.Error(code)
}
