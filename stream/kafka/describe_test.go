package kafka

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/oriel-stream/oriel/window"
)

func testDescribe(t *testing.T, c *testCluster) {
	plain := c.topic(t, 2)
	special := c.topic(t, 1, "message.timestamp.type", "LogAppendTime", "cleanup.policy", "compact", "retention.bytes", "1073741824")
	c.produce(t, append(numbered(plain, 0, 3), numbered(plain, 1, 5)...))
	client := c.open(t, c.config())

	states, err := client.Describe(t.Context(), []string{special, plain, "gone"})
	if err != nil {
		t.Fatal(err)
	}
	want := []TopicState{
		{
			Topic: Topic{Name: plain, Partitions: 2},
			Logs:  []Log{{Partition: 0, Leader: c.node, End: 3}, {Partition: 1, Leader: c.node, End: 5}},
			Settings: &TopicSettings{
				TimestampType: "CreateTime", CleanupPolicy: "delete", Retention: -1, RetentionBytes: -1,
			},
		},
		{
			Topic: Topic{Name: special, Partitions: 1},
			Logs:  []Log{{Partition: 0, Leader: c.node}},
			Settings: &TopicSettings{
				TimestampType: "LogAppendTime", CleanupPolicy: "compact", Retention: -1, RetentionBytes: 1 << 30,
			},
		},
	}
	if diff := cmp.Diff(want, states); diff != "" {
		t.Error(diff)
	}

	c.produce(t, numbered(plain, 1, 2))
	ends, err := client.Ends(t.Context(), []string{plain})
	if err != nil {
		t.Fatal(err)
	}
	wantEnds := map[window.PartitionID]int64{{Topic: plain}: 3, {Topic: plain, Partition: 1}: 7}
	if diff := cmp.Diff(wantEnds, ends); diff != "" {
		t.Error(diff)
	}
}

func testDescribeNothing(t *testing.T, c *testCluster) {
	for _, topics := range [][]string{nil, {"gone"}} {
		if states, err := c.open(t, c.config()).Describe(t.Context(), topics); err != nil || len(states) != 0 {
			t.Errorf("Describe(%q) = %v, %v", topics, states, err)
		}
	}
}

// testDescribeWithoutSettings: who may not see them still sees the logs.
func TestDescribeWithoutSettings(t *testing.T) {
	for name, answer := range map[string]func(*kmsg.DescribeConfigsResponse) error{
		"denied": func(res *kmsg.DescribeConfigsResponse) error {
			r := kmsg.NewDescribeConfigsResponseResource()
			r.ResourceName, r.ErrorCode = "t", kerr.TopicAuthorizationFailed.Code
			res.Resources = append(res.Resources, r)
			return nil
		},
		"cut off":   func(*kmsg.DescribeConfigsResponse) error { return context.DeadlineExceeded },
		"no answer": func(*kmsg.DescribeConfigsResponse) error { return nil },
		"no number": func(res *kmsg.DescribeConfigsResponse) error {
			r := kmsg.NewDescribeConfigsResponseResource()
			e := kmsg.NewDescribeConfigsResponseResourceConfig()
			e.Name, e.Value = "retention.ms", new("soon")
			r.ResourceName, r.Configs = "t", append(r.Configs, e)
			res.Resources = append(res.Resources, r)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			cluster, c := startKfake(t, kfake.SeedTopics(1, "t"))
			cluster.ControlKey(int16(kmsg.DescribeConfigs), func(req kmsg.Request) (kmsg.Response, error, bool) {
				cluster.KeepControl()
				res := req.ResponseKind().(*kmsg.DescribeConfigsResponse)
				return res, answer(res), true
			})
			states, err := c.open(t, c.config()).Describe(t.Context(), []string{"t"})
			if err != nil || len(states) != 1 {
				t.Fatalf("%v, %v", states, err)
			}
			if s := states[0]; s.Settings != nil || s.SettingsError == nil || s.Logs[0].End != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// testDescribeWithoutLeader: a partition that nobody serves does not hide the
// others.
func TestDescribeWithoutLeader(t *testing.T) {
	cluster, c := startKfake(t, kfake.SeedTopics(2, "t"))
	c.produce(t, numbered("t", 0, 3))
	client := c.open(t, c.config())
	cluster.ControlKey(int16(kmsg.ListOffsets), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		req := kreq.(*kmsg.ListOffsetsRequest)
		res := req.ResponseKind().(*kmsg.ListOffsetsResponse)
		rt := kmsg.NewListOffsetsResponseTopic()
		rt.Topic = "t"
		for _, p := range req.Topics[0].Partitions {
			rp := kmsg.NewListOffsetsResponseTopicPartition()
			rp.Partition, rp.Offset = p.Partition, 3
			if p.Partition == 1 {
				rp.ErrorCode = kerr.NotLeaderForPartition.Code
			}
			rt.Partitions = append(rt.Partitions, rp)
		}
		res.Topics = append(res.Topics, rt)
		return res, nil, true
	})
	states, err := client.Describe(t.Context(), []string{"t"})
	if err != nil {
		t.Fatal(err)
	}
	want := []Log{{Partition: 0, Start: 3, End: 3}, {Partition: 1, Start: -1, End: -1}}
	if diff := cmp.Diff(want, states[0].Logs); diff != "" {
		t.Error(diff)
	}
}

func TestDescribeWithoutBroker(t *testing.T) {
	cluster, c := startKfake(t, kfake.SeedTopics(1, "t"))
	client := c.open(t, c.config())
	denied := func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		return nil, errors.New("cut"), true
	}
	cluster.ControlKey(int16(kmsg.ListOffsets), denied)
	_, err := client.Describe(t.Context(), []string{"t"})
	wantSays(t, err, Unreachable)

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	if _, err := client.Describe(ctx, []string{"t"}); err == nil || !strings.Contains(err.Error(), "enough") {
		t.Errorf("Describe = %v, want the cause of the context", err)
	}
}
