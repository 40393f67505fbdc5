//go:build integration

package kafka

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// brokers are the addresses in an environment variable. With the build tag a
// broker is expected: to run without one is a failure.
func brokers(t *testing.T, variable string) []string {
	t.Helper()
	list := os.Getenv(variable)
	if list == "" {
		t.Fatalf("%s is not set: want host:port of a running broker", variable)
	}
	return strings.Split(list, ",")
}

// TestApacheKafka runs the conformance tests against a real broker, in topics
// of their own. It needs a replication factor of 1 for transactions and the
// right to create and delete topics.
func TestApacheKafka(t *testing.T) {
	c := &testCluster{addrs: brokers(t, "ORIEL_TEST_KAFKA"), segmentBytes: "1048576", appendTime: true}
	for _, test := range conformance {
		t.Run(test.name, func(t *testing.T) { test.run(t, c) })
	}
}

// TestMockBroker reads from librdkafka's mock cluster, which has neither
// transactions nor admin requests: topics create themselves.
func TestMockBroker(t *testing.T) {
	c := &testCluster{addrs: brokers(t, "ORIEL_TEST_MOCK")}
	topic := fmt.Sprintf("t%d", time.Now().UnixNano())
	transport := &kafkago.Transport{}
	defer transport.CloseIdleConnections()
	var want []string
	for _, codec := range []kafkago.Compression{0, kafkago.Gzip, kafkago.Snappy, kafkago.Lz4, kafkago.Zstd} {
		w := &kafkago.Writer{
			Addr: kafkago.TCP(c.addrs...), Topic: topic, Compression: codec, Transport: transport,
			RequiredAcks: kafkago.RequireAll, BatchTimeout: time.Millisecond, AllowAutoTopicCreation: true,
		}
		var messages []kafkago.Message
		for i := range 100 {
			value := fmt.Sprintf("%s-%d-%s", codec, i, strings.Repeat("x", i))
			want = append(want, value)
			messages = append(messages, kafkago.Message{Value: []byte(value)})
		}
		if err := w.WriteMessages(t.Context(), messages...); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(want)
	for _, size := range []int{1 << 10, 1 << 20} {
		cfg := c.config()
		cfg.MaxPartitionFetchBytes = size
		client := c.open(t, cfg)
		r := replay(t, client, plan(t, client, topic, "", "").Assignments)
		var got []string
		for id, l := range r.logs {
			got = append(got, l.values()...)
			if !l.finished || l.next != l.assignment.End {
				t.Errorf("%v: finished %v at %d, want %d", id, l.finished, l.next, l.assignment.End)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("fetch size %d: %d records read are not the %d written", size, len(got), len(want))
		}
	}
	client := c.open(t, c.config())
	r := newRecorder(t)
	r.background(client.Source(live(t, client, topic), Options{}))
	r.wait("all records, and then nothing", func() bool {
		caughtUp := 0
		for _, l := range r.logs {
			if l.caughtUp > 0 {
				caughtUp++
			}
		}
		return r.total() == len(want) && len(r.logs) > 0 && caughtUp == len(r.logs)
	})
}
