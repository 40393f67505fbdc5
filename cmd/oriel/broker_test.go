package main

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// newBroker starts a Kafka inside the process, on a loopback port.
func newBroker(t testing.TB, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

// brokerWith starts a broker with one topic, t, that holds the messages. It
// returns its address.
func brokerWith(t testing.TB, partitions int32, messages ...message) string {
	t.Helper()
	addr := newBroker(t, kfake.SeedTopics(partitions, "t")).ListenAddrs()[0]
	newClient(t, addr).produce("t", messages...)
	return addr
}

// message is a record to be produced. A nil key or payload is null.
type message struct {
	partition int32
	timestamp int64 // Kafka's, in ms
	key       []byte
	payload   []byte
}

// reading is a message of partition 0 whose payload is a JSON number.
func number(timestamp int64, key, payload string) message {
	return message{timestamp: timestamp, key: []byte(key), payload: []byte(payload)}
}

// client speaks to a broker for a test, by another library than oriel does.
type client struct {
	*kgo.Client
	t testing.TB
}

func newClient(t testing.TB, addr string, opts ...kgo.Opt) client {
	t.Helper()
	c, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(addr),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.DisableIdempotentWrite(),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProducerLinger(0),
		kgo.MetadataMinAge(10 * time.Millisecond),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return client{c, t}
}

// produce writes messages, in their order within each partition, and returns
// when the broker has them.
func (c client) produce(topic string, messages ...message) {
	c.t.Helper()
	records := make([]*kgo.Record, len(messages))
	for i, m := range messages {
		records[i] = &kgo.Record{
			Topic: topic, Partition: m.partition, Timestamp: time.UnixMilli(m.timestamp), Key: m.key, Value: m.payload,
		}
	}
	if err := c.ProduceSync(c.t.Context(), records...).FirstErr(); err != nil {
		c.t.Fatalf("produce: %v", err)
	}
}

// createTopic creates a topic that keeps whatever it is given.
func (c client) createTopic(topic string, partitions int32) {
	c.t.Helper()
	req := kmsg.NewPtrCreateTopicsRequest()
	rt := kmsg.NewCreateTopicsRequestTopic()
	rt.Topic, rt.NumPartitions, rt.ReplicationFactor = topic, partitions, 1
	req.Topics = append(req.Topics, rt)
	res, err := req.RequestWith(c.t.Context(), c.Client)
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].ErrorCode)
	}
	if err != nil {
		c.t.Fatalf("create topic %s: %v", topic, err)
	}
}

func (c client) deleteTopic(topic string) {
	c.t.Helper()
	req := kmsg.NewPtrDeleteTopicsRequest()
	rt := kmsg.NewDeleteTopicsRequestTopic()
	rt.Topic = &topic
	req.Topics, req.TopicNames = append(req.Topics, rt), []string{topic}
	res, err := req.RequestWith(c.t.Context(), c.Client)
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].ErrorCode)
	}
	if err != nil {
		c.t.Fatalf("delete topic %s: %v", topic, err)
	}
}

// deleteRecords makes offset the first of partition 0.
func (c client) deleteRecords(topic string, offset int64) {
	c.t.Helper()
	req := kmsg.NewPtrDeleteRecordsRequest()
	rt := kmsg.NewDeleteRecordsRequestTopic()
	rt.Topic = topic
	rp := kmsg.NewDeleteRecordsRequestTopicPartition()
	rp.Offset = offset
	rt.Partitions = append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	res, err := req.RequestWith(c.t.Context(), c.Client)
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].Partitions[0].ErrorCode)
	}
	if err != nil {
		c.t.Fatalf("delete records of %s below %d: %v", topic, offset, err)
	}
}

// beforeFetch calls f once, before the broker answers the nth fetch of topic.
func beforeFetch(cluster *kfake.Cluster, n int, f func()) {
	cluster.ControlKey(int16(kmsg.Fetch), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		if n--; n == 0 {
			cluster.SleepControl(f)
		}
		return nil, nil, false
	})
}
