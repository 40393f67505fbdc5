package main

import (
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
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

// newBrokerWithTopics starts a broker with empty topics of two partitions.
func newBrokerWithTopics(t testing.TB, topics ...string) string {
	t.Helper()
	return newBroker(t, kfake.SeedTopics(2, topics...)).ListenAddrs()[0]
}

// message is a record to be produced. A nil key or payload is null.
type message struct {
	partition int32
	timestamp int64 // Kafka's, in ms
	key       []byte
	payload   []byte
}

// number is a message of partition 0 whose payload is a JSON number.
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
		kgo.DisableClientMetrics(), // asked for at some time, also while only oriel is to ask
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

// addPartitions gives a topic so many partitions in all.
func (c client) addPartitions(topic string, count int32) {
	c.t.Helper()
	req := kmsg.NewPtrCreatePartitionsRequest()
	rt := kmsg.NewCreatePartitionsRequestTopic()
	rt.Topic, rt.Count = topic, count
	req.Topics = append(req.Topics, rt)
	res, err := req.RequestWith(c.t.Context(), c.Client)
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].ErrorCode)
	}
	if err != nil {
		c.t.Fatalf("add partitions to %s: %v", topic, err)
	}
	c.ForceMetadataRefresh()
}

// commit commits an offset of a partition for a group without members.
func commit(t testing.TB, addr, group, topic string, partition int32, offset int64, metadata string) {
	t.Helper()
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.Generation = group, -1
	rt := kmsg.NewOffsetCommitRequestTopic()
	rp := kmsg.NewOffsetCommitRequestTopicPartition()
	rt.Topic, rp.Partition, rp.Offset, rp.Metadata = topic, partition, offset, &metadata
	rt.Partitions = append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	c := newClient(t, addr, kgo.MaxVersions(kversion.V3_6_0())) // which names topics by their names
	defer c.Close()
	res, err := req.RequestWith(t.Context(), c.Client)
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].Partitions[0].ErrorCode)
	}
	if err != nil {
		t.Fatalf("commit offset %d of %s/%d for %s: %v", offset, topic, partition, group, err)
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

// A nap is a time in which control functions of a broker sleep.
type nap struct {
	cluster  *kfake.Cluster
	over     chan struct{}
	mu       sync.Mutex // of what follows
	ended    bool
	sleeping sync.WaitGroup
}

// newNap begins a nap that ends no later than the test.
func newNap(t *testing.T, cluster *kfake.Cluster) *nap {
	n := &nap{cluster: cluster, over: make(chan struct{})}
	t.Cleanup(n.end)
	return n
}

// take is called by a control function, which sleeps until the nap is over.
func (n *nap) take() {
	n.mu.Lock()
	if n.ended {
		n.mu.Unlock()
		return
	}
	n.sleeping.Add(1)
	n.mu.Unlock()
	defer n.sleeping.Done()
	n.cluster.SleepControl(func() { <-n.over })
}

// end wakes all and waits until they are awake: a cluster that is closed while a
// function of it sleeps can wait for ever for its own lock.
func (n *nap) end() {
	n.mu.Lock()
	if !n.ended {
		n.ended = true
		close(n.over)
	}
	n.mu.Unlock()
	n.sleeping.Wait()
}

// hold stops a broker in the middle of a command's reading.
type hold struct {
	reached chan struct{}
	nap     *nap
}

// holdFetch makes a broker wait before it answers a fetch of partition 0 at
// offset or a little behind it; fetches must be smaller than that. The records
// that a command looks at first, to learn what its fields are, do not count,
// nor does the fetch that this leaves behind: the reading is what goes back to
// an earlier offset.
func holdFetch(t *testing.T, cluster *kfake.Cluster, offset int64) hold {
	const little = 10
	h := hold{reached: make(chan struct{}), nap: newNap(t, cluster)}
	var last int64
	reading, held := false, false
	cluster.ControlKey(int16(kmsg.Fetch), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		at := req.(*kmsg.FetchRequest).Topics[0].Partitions[0].FetchOffset
		reading = reading || at < last
		last = at
		if reading && !held && at >= offset && at < offset+little {
			held = true
			close(h.reached)
			h.nap.take()
		}
		return nil, nil, false
	})
	return h
}

// during calls f while the broker waits.
func (h hold) during(t *testing.T, f func()) {
	t.Helper()
	select {
	case <-h.reached:
	case <-time.After(patience):
		t.Error("nobody fetches")
	}
	f()
	h.nap.end()
}
