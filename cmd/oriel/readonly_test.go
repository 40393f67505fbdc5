package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// readingKeys are the requests that change nothing at a broker.
var readingKeys = []kmsg.Key{
	kmsg.ApiVersions, kmsg.Metadata, kmsg.ListOffsets, kmsg.Fetch, kmsg.OffsetForLeaderEpoch, kmsg.DescribeConfigs,
	kmsg.ListGroups, kmsg.DescribeGroups, kmsg.OffsetFetch,
}

// TestNothingIsWritten: what is asked of a broker, without a group, is nothing
// that could change it.
func TestNothingIsWritten(t *testing.T) {
	t.Parallel()
	cluster := newBroker(t)
	var mu sync.Mutex
	watched, others := false, map[kmsg.Key]int{}
	cluster.Control(func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		mu.Lock()
		defer mu.Unlock()
		if key := kmsg.Key(req.Key()); watched && !slices.Contains(readingKeys, key) {
			others[key]++
		}
		if m, ok := req.(*kmsg.MetadataRequest); ok && watched && m.AllowAutoTopicCreation {
			others[kmsg.Metadata]++
		}
		return nil, nil, false
	})
	watch := func(on bool) {
		mu.Lock()
		defer mu.Unlock()
		watched = on
	}
	checkReadOnly(t, cluster.ListenAddrs()[0], watch)
	watch(false)
	if len(others) > 0 {
		t.Errorf("requests that may change something: %v", others)
	}
}

// checkReadOnly runs every command that reads and compares what the broker has
// before and after. watch is called with true while no one else asks it.
func checkReadOnly(t *testing.T, addr string, watch func(bool)) {
	t.Helper()
	c := newClient(t, addr)
	topic := fmt.Sprintf("oriel-read-%d", time.Now().UnixNano())
	c.createTopic(topic, 1)
	var messages []message
	for i := range int64(50) {
		messages = append(messages, number(epoch+1000*i, "k", "1"))
	}
	c.produce(topic, messages...)
	commit(t, addr, topic, topic, 0, 20, "")
	before := stateOf(c, topic)
	watch(true)
	for _, line := range []string{
		"replay " + topic,
		"tail " + topic + " --from start --limit 3",
		"watch " + topic + " --from start --limit 3", // piped, as here, it is a tail
		"peek " + topic + " --from start",
		"advise " + topic,
		"topics",
		"groups",
		"groups " + topic,
	} {
		args := append(strings.Fields(line), "-b", addr)
		if got := oriel(t, args...); got.code != exitDone || got.stdout == "" {
			t.Errorf("%s: %+v", line, got)
		}
	}
	for _, command := range []string{"replay", "tail", "peek", "groups"} {
		if got := oriel(t, command, topic+"-missing", "-b", addr); got.code != exitUsage {
			t.Errorf("%s of what is missing: %+v", command, got)
		}
	}
	watch(false)
	if diff := cmp.Diff(before, stateOf(c, topic)); diff != "" {
		t.Errorf("reading has changed the cluster (-before +after):\n%s", diff)
	}
}

// clusterState is what reading must not change. Other tests may create topics
// meanwhile, so of these it has those of a prefix and the internal ones.
type clusterState struct {
	Topics, Groups []string
	Ends           []int64
}

func stateOf(c client, topic string) clusterState {
	c.t.Helper()
	var s clusterState
	groups, err := kmsg.NewPtrListGroupsRequest().RequestWith(c.t.Context(), c.Client)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, g := range groups.Groups {
		s.Groups = append(s.Groups, g.Group)
	}
	all := kmsg.NewPtrMetadataRequest()
	all.Topics = nil // every one
	res, err := all.RequestWith(c.t.Context(), c.Client)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, t := range res.Topics {
		if name := *t.Topic; strings.HasPrefix(name, topic) || strings.HasPrefix(name, "__") {
			s.Topics = append(s.Topics, fmt.Sprintf("%s with %d partitions", name, len(t.Partitions)))
		}
	}
	slices.Sort(s.Topics)
	slices.Sort(s.Groups)
	ends := kmsg.NewPtrListOffsetsRequest()
	rt := kmsg.NewListOffsetsRequestTopic()
	rt.Topic = topic
	rp := kmsg.NewListOffsetsRequestTopicPartition()
	rp.Timestamp = -1
	rt.Partitions = append(rt.Partitions, rp)
	ends.ReplicaID = -1
	ends.Topics = append(ends.Topics, rt)
	for _, shard := range c.RequestSharded(c.t.Context(), ends) {
		if shard.Err != nil {
			c.t.Fatal(shard.Err)
		}
		for _, p := range shard.Resp.(*kmsg.ListOffsetsResponse).Topics[0].Partitions {
			s.Ends = append(s.Ends, p.Offset)
		}
	}
	return s
}
