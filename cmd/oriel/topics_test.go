package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/oriel-stream/oriel/window"
)

// newTopicsBroker has three topics, one of which is called internal.
func newTopicsBroker(t *testing.T) (*kfake.Cluster, string) {
	t.Helper()
	cluster := newBroker(t, kfake.SeedTopics(2, "sensors", "orders"), kfake.SeedTopics(1, "__hidden"))
	addr := cluster.ListenAddrs()[0]
	c := newClient(t, addr)
	c.produce("sensors", message{partition: 0, timestamp: epoch}, message{partition: 1, timestamp: epoch}, message{partition: 1, timestamp: epoch})
	return cluster, addr
}

func TestTopicsTable(t *testing.T) {
	t.Parallel()
	_, addr := newTopicsBroker(t)
	const (
		head    = "topic   parts records time   cleanup retention\n"
		orders  = "orders      2       0 create delete  7d\n"
		sensors = "sensors     2       3 create delete  7d\n"
	)
	for args, want := range map[string]string{
		"":                       head + orders + sensors,
		"sensors":                head + sensors,
		"s*":                     head + sensors,
		"__hidden":               "topic    parts records time   cleanup retention\n__hidden     1       0 create delete  7d\n",
		"__* --internal":         "topic    parts records time   cleanup retention\n__hidden     1       0 create delete  7d\n",
		"?en[r-t]or? --internal": head + sensors,
	} {
		got := oriel(t, append([]string{"topics", "-b", addr, "--interval", "0"}, strings.Fields(args)...)...)
		if diff := cmp.Diff(want, got.stdout); diff != "" || got.code != exitDone || got.stderr != "" {
			t.Errorf("%q: %d %s\n%s", args, got.code, got.stderr, diff)
		}
	}
	if got := oriel(t, "topics", "-b", addr, "--internal", "--interval", "0"); len(got.lines()) != 1+3 {
		t.Errorf("%+v", got)
	}
}

func TestTopicsJSON(t *testing.T) {
	t.Parallel()
	_, addr := newTopicsBroker(t)
	got := oriel(t, "topics", "-b", addr, "-o", "json", "--interval", "1ms", "sensors")
	want := `{"v":1,"type":"topic","topic":"sensors","internal":false,"records":3,"rate":0,` +
		`"timestamp_type":"create","cleanup_policy":"delete","retention_ms":604800000,"retention_bytes":-1,` +
		`"partitions":[{"partition":0,"leader":0,"start":0,"end":1},{"partition":1,"leader":0,"start":0,"end":2}]}` + "\n"
	if diff := cmp.Diff(want, got.stdout); diff != "" || got.code != exitDone || got.stderr != "" {
		t.Errorf("%d %s\n%s", got.code, got.stderr, diff)
	}
}

func TestTopicsOfNone(t *testing.T) {
	t.Parallel()
	addr := newBroker(t).ListenAddrs()[0]
	for _, output := range []string{"table", "json"} {
		if got := oriel(t, "topics", "-b", addr, "-o", output); got != (outcome{}) {
			t.Errorf("-o %s: %+v", output, got)
		}
	}
}

// TestTopicsRate: records that come between the two looks make the rate.
func TestTopicsRate(t *testing.T) {
	t.Parallel()
	cluster, addr := newTopicsBroker(t)
	c := newClient(t, addr)
	looks := 0
	cluster.ControlKey(int16(kmsg.ListOffsets), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		if looks++; looks == 2 {
			cluster.SleepControl(func() { c.produce("orders", make([]message, 10)...) })
		}
		return nil, nil, false
	})
	got := oriel(t, "topics", "-b", addr, "-o", "json", "--interval", "100ms", "orders")
	var line topicLine
	if err := json.Unmarshal([]byte(got.stdout), &line); err != nil {
		t.Fatalf("%v: %+v", err, got)
	}
	if line.Rate == nil || *line.Rate <= 0 || *line.Rate > 100 || *line.Records != 10 {
		t.Errorf("10 records in at least 0.1 s: %s", got.stdout)
	}
}

func TestRatesOf(t *testing.T) {
	t.Parallel()
	id := func(topic string, p int32) window.PartitionID { return window.PartitionID{Topic: topic, Partition: p} }
	before := map[window.PartitionID]int64{id("a", 0): 10, id("a", 1): 5, id("shrunk", 0): 9, id("gone", 0): 1}
	after := map[window.PartitionID]int64{id("a", 0): 14, id("a", 1): 6, id("shrunk", 0): 2, id("new", 0): 7}
	if diff := cmp.Diff(map[string]float64{"a": 2.5, "shrunk": 0}, ratesOf(before, after, 2*time.Second)); diff != "" {
		t.Error(diff)
	}
	if got := ratesOf(before, after, 0); len(got) != 0 {
		t.Errorf("in no time: %v", got)
	}
}

// TestTopicsOfSecrets: who may not see the settings is told why there are
// dashes.
func TestTopicsOfSecrets(t *testing.T) {
	t.Parallel()
	cluster, addr := newTopicsBroker(t)
	cluster.ControlKey(int16(kmsg.DescribeConfigs), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		req := kreq.(*kmsg.DescribeConfigsRequest)
		res := req.ResponseKind().(*kmsg.DescribeConfigsResponse)
		for _, r := range req.Resources {
			denied := kmsg.NewDescribeConfigsResponseResource()
			denied.ResourceType, denied.ResourceName, denied.ErrorCode = r.ResourceType, r.ResourceName, kerr.TopicAuthorizationFailed.Code
			res.Resources = append(res.Resources, denied)
		}
		return res, nil, true
	})
	args := []string{"topics", "-b", addr, "--interval", "0"}
	got := oriel(t, args...)
	want := "topic   parts records time cleanup retention\norders      2       0 -    -       -\nsensors     2       3 -    -       -\n"
	if diff := cmp.Diff(want, got.stdout); diff != "" || got.code != exitDone ||
		got.stderr != "oriel: the settings of 2 topics are not known: topic authorization failed\n" {
		t.Errorf("%d %s\n%s", got.code, got.stderr, diff)
	}
	got = oriel(t, append(args, "-o", "json", "--quiet", "orders")...)
	want = `"timestamp_type":null,"cleanup_policy":null,"retention_ms":null,"retention_bytes":null,`
	if !strings.Contains(got.stdout, want) || got.stderr != "" {
		t.Errorf("%+v", got)
	}
}

func TestTopicsErrors(t *testing.T) {
	t.Parallel()
	_, addr := newTopicsBroker(t)
	for _, c := range []complaint{
		{"topics a b", exitUsage, []string{`use oriel topics [GLOB], not "a" "b"`, "oriel topics --help"}},
		{"topics sensor", exitUsage, []string{`unknown topic "sensor"`, "did you mean sensors?"}},
		{"topics x*", exitUsage, []string{`no topic matches "x*"`}},
		{"topics __*", exitUsage, []string{`no topic matches "__*"`}},
		{"topics [", exitUsage, []string{"not a valid glob"}},
		{"topics --interval -1s", exitUsage, []string{"--interval -1s is negative", "0 for no rate"}},
		{"topics -o csv", exitUsage, []string{`--output: "csv" is unknown: use table or json`}},
	} {
		c.check(t, "-b", addr)
	}
	complaint{"topics -b 127.0.0.1:1", exitConnection, []string{"connection refused"}}.check(t)
}
