//go:build integration

package kafka

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
	"software.sslmate.com/src/go-pkcs12"
)

// setting is what an environment variable says of a broker. With the build tag
// one is expected: to run without it is a failure.
func setting(t *testing.T, variable string) string {
	t.Helper()
	value := os.Getenv(variable)
	if value == "" {
		t.Fatalf("%s is not set: run the tests by .ci/kafka/with", variable)
	}
	return value
}

// apacheKafka is one broker, in which each test has topics of its own.
type apacheKafka struct {
	address   string
	listeners map[string]string
	stores    string
	own       tls.Certificate
}

func newApacheKafka(t *testing.T) *apacheKafka {
	t.Helper()
	a := &apacheKafka{
		address:   setting(t, "ORIEL_TEST_KAFKA"),
		stores:    setting(t, "ORIEL_TEST_KAFKA_STORES"),
		listeners: map[string]string{},
	}
	for l := range strings.SplitSeq(setting(t, "ORIEL_TEST_KAFKA_LISTENERS"), ",") {
		name, address, _ := strings.Cut(l, "=")
		a.listeners[name] = address
	}
	a.listeners[listenToken], a.listeners[listenTokenTLS] = a.listeners[listenLogin], a.listeners[listenLoginTLS]
	store, err := a.file("client.p12")
	if err != nil {
		t.Fatal(err)
	}
	key, cert, err := pkcs12.Decode(store, storeSecret)
	if err != nil {
		t.Fatal(err)
	}
	a.own = tls.Certificate{PrivateKey: key, Certificate: [][]byte{cert.Raw}}
	return a
}

func (a *apacheKafka) file(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(a.stores, name))
}

func (*apacheKafka) lacks() map[need]string { return nil }

func (a *apacheKafka) start(*testing.T) *testCluster { return a.at(a.address) }

func (*apacheKafka) at(address string) *testCluster {
	return &testCluster{addrs: []string{address}, segmentBytes: "1048576", appendTime: true, node: 1}
}

func (a *apacheKafka) listener(t *testing.T, name string) *testCluster {
	t.Helper()
	address, ok := a.listeners[name]
	if !ok {
		t.Fatalf("there is no listener %s", name)
	}
	c := a.at(address)
	if name != listenLogin && name != listenToken {
		c.way = append(c.way, wayOfTLS(a.own))
	}
	if strings.HasPrefix(name, listenLogin) || strings.HasPrefix(name, listenToken) {
		c.way = append(c.way, wayOfUser())
	}
	return c
}

func TestApacheKafka(t *testing.T) { conform(t, newApacheKafka(t)) }

// mockCluster is the mock cluster of librdkafka, as kcat starts it.
type mockCluster struct{ address string }

func (m *mockCluster) start(*testing.T) *testCluster {
	// It garbles the answer to the newest request for versions.
	way := kgo.MaxVersions(kversion.V2_3_0())
	return &testCluster{addrs: []string{m.address}, way: []kgo.Opt{way}, createsTopics: true, node: 1}
}

func (m *mockCluster) listener(t *testing.T, name string) *testCluster {
	t.Helper()
	t.Fatalf("there is no listener %s", name)
	return nil
}

func (*mockCluster) file(string) ([]byte, error) { return nil, os.ErrNotExist }

func (*mockCluster) lacks() map[need]string {
	return map[need]string{
		needTopics:       "it has none of the admin requests: topics make themselves, with four partitions and no settings",
		needTransactions: "it answers the requests and writes no marker, so what was aborted is as good as committed",
		needTimes:        "it knows the first and the last offset only",
		needGroups:       "it has groups and says nothing of them",
		needListeners:    "it listens in plaintext and knows no SASL request",
	}
}

func TestMockCluster(t *testing.T) {
	conform(t, &mockCluster{setting(t, "ORIEL_TEST_MOCK")},
		"transactions", "compaction", "append time", "offsets of times", "times", "since", "retention",
		"deleted topic", "deleted topic, live", "topic created again", "truncated log", "new partitions",
		"resolve the unknown", "describe", "describe nothing", "groups", "groups and logs that change",
		"member resumes", "members share", "static member", "fenced member", "members and new partitions", "member of a deleted topic",
		"member of a topic created again", "group of strangers", "group of the newer type", "short session",
		"producer to a topic of small batches", "producer to an unknown topic",
		"ways in", "refusals", "access denied", "write denied")
}

// TestMockClusterLacks: what the mock cluster is said to lack it does lack, or
// more tests could run against it.
func TestMockClusterLacks(t *testing.T) {
	c := (&mockCluster{setting(t, "ORIEL_TEST_MOCK")}).start(t)
	cl := c.kgo(t)
	res, err := kmsg.NewPtrApiVersionsRequest().RequestWith(t.Context(), cl)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []kmsg.Key{kmsg.CreateTopics, kmsg.DeleteTopics, kmsg.CreatePartitions, kmsg.DeleteRecords, kmsg.DescribeConfigs, kmsg.ListGroups, kmsg.DescribeGroups, kmsg.SASLHandshake} {
		if slices.ContainsFunc(res.ApiKeys, func(k kmsg.ApiVersionsResponseApiKey) bool { return k.ApiKey == int16(key) }) {
			t.Errorf("it has the request %s", key.Name())
		}
	}
	topic := c.topic(t, 1)
	c.produceBatches(t, numbered(topic, 0, 10))
	client := c.open(t, c.config())
	if p := plan(t, client, topic, "@1700000005", ""); p.Assignments[0].Start == 5 {
		t.Error("it finds offsets by time")
	}
	producer := c.kgo(t, kgo.TransactionalID(topic))
	if err := producer.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := producer.ProduceSync(t.Context(), numbered(topic, 0, 1)...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if err := producer.EndTransaction(t.Context(), kgo.TryAbort); err != nil {
		t.Fatal(err)
	}
	if a := plan(t, client, topic, "", "").Assignments[0]; a.End != 11 {
		t.Errorf("after an aborted transaction the log ends at %d: there is a marker", a.End)
	}
}
