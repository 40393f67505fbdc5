package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/oriel-stream/oriel/window"
)

// commit commits offsets of partitions of a topic for a group without members.
func (c *testCluster) commit(t testing.TB, group, topic string, offsets map[int32]int64, metadata string) {
	t.Helper()
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.Generation = group, -1
	rt := kmsg.NewOffsetCommitRequestTopic()
	rt.Topic = topic
	for p, offset := range offsets {
		rp := kmsg.NewOffsetCommitRequestTopicPartition()
		rp.Partition, rp.Offset, rp.Metadata = p, offset, &metadata
		rt.Partitions = append(rt.Partitions, rp)
	}
	req.Topics = append(req.Topics, rt)
	// Version 9 names topics by their names.
	cl := c.kgo(t, kgo.MaxVersions(kversion.V3_6_0()))
	defer cl.Close()
	eventually(t, "a coordinator for "+group, func() bool {
		res, err := req.RequestWith(t.Context(), cl)
		if err != nil {
			return false
		}
		for _, p := range res.Topics[0].Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				t.Logf("commit for %s: %v", group, err)
				return false
			}
		}
		return true
	})
}

// consumer joins a group and returns when it has read what there is and
// committed it.
func (c *testCluster) consumer(t testing.TB, group, topic string, records int, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	cl := c.kgo(t, append([]kgo.Opt{
		kgo.ClientID("reader-of-" + topic), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(50 * time.Millisecond),
	}, opts...)...)
	ctx, cancel := context.WithTimeout(t.Context(), patienceOfTests)
	defer cancel()
	for records > 0 {
		fetches := cl.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		records -= fetches.NumRecords()
	}
	if err := cl.CommitUncommittedOffsets(ctx); err != nil {
		t.Fatal(err)
	}
	return cl
}

// groupsOf are the states of the groups that pattern matches.
func groupsOf(t testing.TB, client *Client, pattern string) []GroupState {
	t.Helper()
	list, err := client.ResolveGroups(t.Context(), pattern)
	if err != nil || list.Unheard != nil {
		t.Fatal(err, list.Unheard)
	}
	states, err := client.DescribeGroups(t.Context(), list.Groups)
	if err != nil {
		t.Fatal(err)
	}
	return states
}

// testGroups: one with a member, one whose member has left, and one that never
// had any.
func testGroups(t *testing.T, c *testCluster) {
	topic := c.topic(t, 3)
	c.produce(t, append(numbered(topic, 0, 10), numbered(topic, 1, 5)...))
	member := c.consumer(t, topic+"-live", topic, 15, kgo.InstanceID("one"))
	left := c.consumer(t, topic+"-left", topic, 15)
	left.Close()
	c.commit(t, topic+"-simple", topic, map[int32]int64{0: 4, 1: 5}, "by hand")
	c.produce(t, numbered(topic, 0, 7))

	client := c.open(t, c.config())
	var states []GroupState
	eventually(t, "the member to leave", func() bool {
		states = groupsOf(t, client, topic+"-*")
		return len(states) == 3 && states[0].State == "Empty" && states[1].State == "Stable"
	})
	if s := states[1]; len(s.Members) != 1 || s.ProtocolType != "consumer" || s.Protocol == "" ||
		s.Members[0].ClientID != "reader-of-"+topic || s.Members[0].InstanceID != "one" || s.Members[0].Host == "" || strings.HasPrefix(s.Members[0].Host, "/") {
		t.Errorf("%+v", s)
	}
	at := func(p int32, committed, end int64, metadata string, mark CommitMark) GroupPartition {
		return GroupPartition{ID: window.PartitionID{Topic: topic, Partition: p}, Committed: committed, End: end, Metadata: metadata, Mark: mark}
	}
	for i, want := range [][]GroupPartition{
		{at(0, 10, 17, "", ""), at(1, 5, 5, "", "")},
		{at(0, 10, 17, "", ""), at(1, 5, 5, "", ""), at(2, -1, 0, "", MarkNotCommitted)},
		{at(0, 4, 17, "by hand", ""), at(1, 5, 5, "by hand", "")},
	} {
		s := states[i]
		for p := range s.Partitions {
			if m := s.Partitions[p].Member; (m != nil) != (i == 1) || m != nil && *m != s.Members[0] {
				t.Errorf("%s: the member of %v is %+v", s.Name, s.Partitions[p].ID, m)
			}
		}
		ignored := cmpopts.IgnoreFields(GroupPartition{}, "Member")
		metadata := cmp.FilterPath(func(p cmp.Path) bool { return i < 2 && p.Last().String() == ".Metadata" }, cmp.Ignore())
		if diff := cmp.Diff(want, s.Partitions, ignored, metadata); diff != "" || s.Err != nil || s.MembersError != nil {
			t.Errorf("%s: %v %v\n%s", s.Name, s.Err, s.MembersError, diff)
		}
	}
	member.Close()
}

// testCommittedElsewhere: offsets that the log does not have any more, or not
// yet again.
func testCommittedElsewhere(t *testing.T, c *testCluster) {
	topic := c.topic(t, 2)
	c.produce(t, append(numbered(topic, 0, 20), numbered(topic, 1, 5)...))
	deleteRecords(t, c, topic, 10)
	c.commit(t, topic, topic, map[int32]int64{0: 4, 1: 9}, "")
	states := groupsOf(t, c.open(t, c.config()), topic)
	want := []GroupPartition{
		{ID: window.PartitionID{Topic: topic}, Committed: 4, Start: 10, End: 20, Mark: MarkBelowStart},
		{ID: window.PartitionID{Topic: topic, Partition: 1}, Committed: 9, End: 5, Mark: MarkBeyondEnd},
	}
	if diff := cmp.Diff(want, states[0].Partitions); diff != "" {
		t.Error(diff)
	}
	if a, b := states[0].Partitions[0].Lag(), states[0].Partitions[1].Lag(); a != 16 || b != -1 {
		t.Errorf("lags %d and %d, want 16 and none", a, b)
	}
}

// TestGroupsOfDeletedTopics: a broker that would create a topic that is gone is
// not asked for it.
func TestGroupsOfDeletedTopics(t *testing.T) {
	for _, versions := range []*kversion.Versions{kversion.V0_11_0(), kversion.V4_0_0()} {
		cluster, c := startKfake(t, kfake.SeedTopics(1, "kept"), kfake.MaxVersions(versions), kfake.AllowAutoTopicCreation())
		c.produce(t, numbered("kept", 0, 3))
		c.commit(t, "g", "kept", map[int32]int64{0: 1}, "")
		cluster.ControlKey(int16(kmsg.OffsetFetch), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
			res := kreq.ResponseKind().(*kmsg.OffsetFetchResponse)
			for _, topic := range []string{"kept", "gone"} {
				rt := kmsg.NewOffsetFetchResponseTopic()
				rp := kmsg.NewOffsetFetchResponseTopicPartition()
				rt.Topic, rp.Offset = topic, 1
				rt.Partitions = append(rt.Partitions, rp)
				res.Topics = append(res.Topics, rt)
			}
			return res, nil, true
		})
		client := c.open(t, c.config())
		states := groupsOf(t, client, "g")
		want := []GroupPartition{
			{ID: window.PartitionID{Topic: "gone"}, Committed: 1, Start: -1, End: -1, Mark: MarkDeleted},
			{ID: window.PartitionID{Topic: "kept"}, Committed: 1, End: 3},
		}
		if diff := cmp.Diff(want, states[0].Partitions); diff != "" {
			t.Errorf("%v: %s", versions, diff)
		}
		if topics, err := client.Topics(t.Context()); err != nil || len(topics) != 1 {
			t.Errorf("%v: %v, %v", versions, topics, err)
		}
	}
}

// TestGroupsOfManyBrokers: each has some of them, and one that is silent hides
// only its own.
func TestGroupsOfManyBrokers(t *testing.T) {
	cluster, c := startKfake(t, kfake.NumBrokers(3), kfake.SeedTopics(1, "t"))
	c.produce(t, numbered("t", 0, 9))
	const groups = 30
	for i := range groups {
		c.commit(t, fmt.Sprintf("g%02d", i), "t", map[int32]int64{0: int64(i % 10)}, "")
	}
	client := c.open(t, c.config())
	states := groupsOf(t, client, "")
	if len(states) != groups {
		t.Fatalf("%d groups, want %d", len(states), groups)
	}
	coordinators := map[int32]int{}
	for i, s := range states {
		coordinators[s.Coordinator]++
		if s.Name != fmt.Sprintf("g%02d", i) || s.Err != nil || s.State != "Empty" || s.Partitions[0].Lag() != 9-int64(i%10) {
			t.Errorf("%d: %+v", i, s)
		}
	}
	if len(coordinators) != 3 {
		t.Fatalf("coordinators %v", coordinators)
	}
	cluster.ControlKey(int16(kmsg.ListGroups), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		if cluster.CurrentNode() != 1 {
			return nil, nil, false
		}
		res := req.ResponseKind().(*kmsg.ListGroupsResponse)
		res.ErrorCode = kerr.ClusterAuthorizationFailed.Code
		return res, nil, true
	})
	list, err := client.Groups(t.Context())
	if err != nil || len(list.Groups) != groups-coordinators[1] {
		t.Errorf("%d groups without broker 1, %v", len(list.Groups), err)
	}
	wantSays(t, list.Unheard, AccessDenied, "broker 1 does not list its groups")
	_, err = client.ResolveGroups(t.Context(), "nosuch")
	wantSays(t, err, AccessDenied, "broker 1")
}

// TestGroupsThatMove: a coordinator that has moved is looked up again.
func TestGroupsThatMove(t *testing.T) {
	cluster, c := startKfake(t, kfake.SeedTopics(1, "t"))
	c.produce(t, numbered("t", 0, 9))
	c.commit(t, "g", "t", map[int32]int64{0: 4}, "")
	client := c.open(t, c.config())
	var refused atomic.Int32
	for _, key := range []kmsg.Key{kmsg.ListGroups, kmsg.DescribeGroups, kmsg.OffsetFetch} {
		cluster.ControlKey(int16(key), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
			refused.Add(1)
			switch res := kreq.ResponseKind().(type) {
			case *kmsg.ListGroupsResponse:
				res.ErrorCode = kerr.CoordinatorLoadInProgress.Code
				return res, nil, true
			case *kmsg.DescribeGroupsResponse:
				g := kmsg.NewDescribeGroupsResponseGroup()
				g.Group, g.ErrorCode = "g", kerr.NotCoordinator.Code
				res.Groups = append(res.Groups, g)
				return res, nil, true
			case *kmsg.OffsetFetchResponse:
				res.ErrorCode = kerr.CoordinatorNotAvailable.Code
				return res, nil, true
			}
			return nil, nil, false
		})
	}
	states := groupsOf(t, client, "g")
	if refused.Load() != 3 || len(states) != 1 || states[0].Err != nil || states[0].Partitions[0].Lag() != 5 {
		t.Errorf("refused %d times: %+v", refused.Load(), states)
	}
}

// TestGroupsRefused: one that may not be described is told by its name, also
// where it is not even listed, and does not hide the others.
func TestGroupsRefused(t *testing.T) {
	cluster, c := startKfake(t, kfake.SeedTopics(1, "t"))
	c.produce(t, numbered("t", 0, 9))
	c.commit(t, "mine", "t", map[int32]int64{0: 4}, "")
	c.commit(t, "theirs", "t", map[int32]int64{0: 4}, "")
	client := c.open(t, c.config())
	cluster.ControlKey(int16(kmsg.DescribeGroups), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		res := kreq.ResponseKind().(*kmsg.DescribeGroupsResponse)
		for _, name := range kreq.(*kmsg.DescribeGroupsRequest).Groups {
			g := kmsg.NewDescribeGroupsResponseGroup()
			g.Group, g.State = name, "Empty"
			if name != "mine" {
				g.ErrorCode = kerr.GroupAuthorizationFailed.Code
			}
			res.Groups = append(res.Groups, g)
		}
		return res, nil, true
	})
	states := groupsOf(t, client, "")
	if len(states) != 2 || states[0].Err != nil || states[0].Partitions[0].Lag() != 5 {
		t.Fatalf("%+v", states)
	}
	wantSays(t, states[1].Err, AccessDenied, `group "theirs"`, "--operation Describe --group")
	_, err := client.ResolveGroups(t.Context(), "hidden")
	wantSays(t, err, AccessDenied, `group "hidden"`)
}

// TestGroupsThatGo: one that is deleted after it was listed is left out.
func TestGroupsThatGo(t *testing.T) {
	_, c := startKfake(t, kfake.SeedTopics(1, "t"))
	c.commit(t, "stays", "t", map[int32]int64{0: 0}, "")
	client := c.open(t, c.config())
	list, err := client.Groups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	gone := list.Groups[0]
	gone.Name = "gone"
	states, err := client.DescribeGroups(t.Context(), append(list.Groups, gone))
	if err != nil || len(states) != 1 || states[0].Name != "stays" || states[0].Partitions[0].Lag() != 0 {
		t.Errorf("%+v, %v", states, err)
	}
}

// TestGroupsOfTheNewProtocol: their members are told in a way that kafka-go
// cannot, their offsets are not.
func TestGroupsOfTheNewProtocol(t *testing.T) {
	cluster, c := startKfake(t, kfake.SeedTopics(1, "t"))
	c.produce(t, numbered("t", 0, 9))
	c.commit(t, "g", "t", map[int32]int64{0: 4}, "")
	client := c.open(t, c.config())
	cluster.ControlKey(int16(kmsg.ListGroups), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		res := kreq.ResponseKind().(*kmsg.ListGroupsResponse)
		for _, typ := range []string{"Consumer", "Share"} {
			g := kmsg.NewListGroupsResponseGroup()
			g.Group, g.ProtocolType, g.GroupState, g.GroupType = map[string]string{"Consumer": "g", "Share": "s"}[typ], strings.ToLower(typ), "Stable", typ
			res.Groups = append(res.Groups, g)
		}
		return res, nil, true
	})
	cluster.ControlKey(int16(kmsg.DescribeGroups), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		res := kreq.ResponseKind().(*kmsg.DescribeGroupsResponse)
		for _, name := range kreq.(*kmsg.DescribeGroupsRequest).Groups {
			g := kmsg.NewDescribeGroupsResponseGroup()
			g.Group, g.State = name, "Dead"
			res.Groups = append(res.Groups, g)
		}
		return res, nil, true
	})
	states := groupsOf(t, client, "")
	if len(states) != 2 || states[0].State != "Stable" || states[0].Type != "consumer" || states[0].Partitions[0].Lag() != 5 ||
		states[0].MembersError == nil || states[1].Type != "share" || len(states[1].Partitions) > 0 || states[1].Err != nil {
		t.Errorf("%+v", states)
	}
}

// TestGroupsWithoutBroker: nothing is known where nobody answers.
func TestGroupsWithoutBroker(t *testing.T) {
	cluster, c := startKfake(t)
	client := c.open(t, c.config())
	if list, err := client.ResolveGroups(t.Context(), ""); err != nil || len(list.Groups) > 0 || list.Unheard != nil {
		t.Errorf("%+v, %v", list, err)
	}
	cluster.ControlKey(int16(kmsg.ListGroups), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		return nil, errors.New("cut"), true
	})
	_, err := client.Groups(t.Context())
	wantSays(t, err, Unreachable)

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	if _, err := client.Groups(ctx); err == nil || !strings.Contains(err.Error(), "enough") {
		t.Errorf("Groups = %v, want the cause of the context", err)
	}
}

func TestMatchGroups(t *testing.T) {
	var groups []Group
	for _, name := range []string{"", "a*", "ab", "team/app", "team/other"} {
		groups = append(groups, Group{Name: name})
	}
	for pattern, want := range map[string][]string{
		"*":      {"", "a*", "ab", "team/app", "team/other"},
		"a*":     {"a*", "ab"},
		`a\*`:    {"a*"},
		"team*":  {"team/app", "team/other"},
		"*/app":  {"team/app"},
		"?b":     {"ab"},
		"nosuch": nil,
	} {
		got, err := matchGroups(pattern, groups)
		var names []string
		for _, g := range got {
			names = append(names, g.Name)
		}
		if diff := cmp.Diff(want, names); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", pattern, err, diff)
		}
	}
	if _, err := matchGroups("[", groups); err == nil || err.Error() != `group "[" is not a valid glob: want *, ? or [a-z]` {
		t.Error(err)
	}
	if got := unknownGroup("team/ap", groups).Error(); got != `unknown group "team/ap"; did you mean team/app?` {
		t.Error(got)
	}
}

func FuzzAssignment(f *testing.F) {
	a := kmsg.NewConsumerMemberAssignment()
	for _, topic := range []string{"a", "b"} {
		at := kmsg.NewConsumerMemberAssignmentTopic()
		at.Topic, at.Partitions = topic, []int32{0, 7}
		a.Topics = append(a.Topics, at)
	}
	whole := a.AppendTo(nil)
	f.Add(whole)
	f.Add([]byte{})
	f.Add([]byte{0, 0, 127, 255, 255, 255, 255, 255})
	if ids, ok := readAssignment(whole); !ok || fmt.Sprint(ids) != "[{a 0} {a 7} {b 0} {b 7}]" {
		f.Errorf("%v %v", ids, ok)
	}
	for n := 1; n < len(whole)-4; n++ { // the last 4 are the members' own
		if ids, ok := readAssignment(whole[:n]); ok {
			f.Errorf("the first %d bytes: %v", n, ids)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var want kmsg.ConsumerMemberAssignment
		ids, ok := readAssignment(b)
		if len(b) == 0 || want.ReadFrom(b) != nil {
			return // it also reads what comes behind
		}
		n := 0
		for _, topic := range want.Topics {
			for _, p := range topic.Partitions {
				if n >= len(ids) || ids[n] != (window.PartitionID{Topic: topic.Topic, Partition: p}) {
					t.Fatalf("%v, want %v", ids, want.Topics)
				}
				n++
			}
		}
		if !ok || n != len(ids) {
			t.Fatalf("%v, %v, want %v", ids, ok, want.Topics)
		}
	})
}
