package kafka

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// TestMain finds goroutines that tests leave behind. One of kfake's is not ours
// to wait for: where it heard the beginning of a TLS handshake it takes that for
// a size and makes room for 369 MB, before it looks again whether its connection
// is still there. Those of open connections have another one beside it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(settling{m}, ofKfake) }

var ofKfake = goleak.IgnoreAnyFunction("github.com/twmb/franz-go/pkg/kfake.(*clientConn).read.func1")

// settling are tests whose goroutines have patience to end: goleak itself looks
// for half a second only, in which a busy machine may not have come to them.
type settling struct{ m *testing.M }

func (s settling) Run() int {
	code := s.m.Run()
	for deadline := time.Now().Add(patienceOfTests); goleak.Find(ofKfake) != nil && time.Now().Before(deadline); {
		continue
	}
	return code
}

// testCluster is a way into a cluster to test against, of whatever make.
type testCluster struct {
	addrs []string
	// way is how kgo gets in; nothing where anybody may do anything.
	way []kgo.Opt
	// createsTopics says that topics come into being with the first record, and
	// with four partitions, because nobody can ask for one.
	createsTopics bool
	// dial opens connections; nil is TCP.
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	// compact makes the broker compact its logs now; nil if it cannot.
	compact func()
	// segmentBytes is the smallest segment that a topic may ask for.
	segmentBytes string
	// appendTime says that topics stamp records by the broker's clock if asked.
	appendTime bool
	// embedded is the broker where it is kfake with a listener of its own.
	embedded *kfake.Cluster
	// node is the broker's id.
	node int32
}

// startKfake starts an embedded broker for one test.
func startKfake(t testing.TB, opts ...kfake.Opt) (*kfake.Cluster, *testCluster) {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, &testCluster{addrs: c.ListenAddrs(), compact: c.Compact, segmentBytes: "16384"}
}

func (c *testCluster) config() Config {
	return Config{Brokers: c.addrs, Dial: c.dial, FetchMaxWait: 100 * time.Millisecond}
}

func (c *testCluster) open(t testing.TB, cfg Config) *Client {
	t.Helper()
	client, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

var topicNumber atomic.Int64

// topic creates a topic of a name that was never used.
func (c *testCluster) topic(t testing.TB, partitions int, configs ...string) string {
	t.Helper()
	name := fmt.Sprintf("t%d-%d", time.Now().UnixNano(), topicNumber.Add(1))
	cl := c.kgo(t)
	defer cl.Close()
	if c.createsTopics {
		c.awaitTopic(t, cl, name, partitions)
		return name
	}
	req := createRequest(name, partitions)
	configs = append(configs, "retention.ms", "-1") // the records of tests are old
	for i := 0; i < len(configs); i += 2 {
		config := kmsg.NewCreateTopicsRequestTopicConfig()
		config.Name, config.Value = configs[i], &configs[i+1]
		req.Topics[0].Configs = append(req.Topics[0].Configs, config)
	}
	res, err := req.RequestWith(t.Context(), cl)
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
	c.awaitTopic(t, cl, name, partitions)
	return name
}

func createRequest(topic string, partitions int) *kmsg.CreateTopicsRequest {
	req := kmsg.NewPtrCreateTopicsRequest()
	rt := kmsg.NewCreateTopicsRequestTopic()
	rt.Topic, rt.NumPartitions, rt.ReplicationFactor = topic, int32(partitions), 1
	req.Topics = append(req.Topics, rt)
	return req
}

// awaitTopic asks for a topic until it is there with so many partitions: a broker
// learns of what it has agreed to a little later.
func (c *testCluster) awaitTopic(t testing.TB, cl *kgo.Client, name string, partitions int) {
	t.Helper()
	req := kmsg.NewPtrMetadataRequest()
	rt := kmsg.NewMetadataRequestTopic()
	rt.Topic = &name
	req.Topics, req.AllowAutoTopicCreation = append(req.Topics, rt), c.createsTopics
	eventually(t, fmt.Sprintf("%d partitions of the topic %s", partitions, name), func() bool {
		res, err := req.RequestWith(t.Context(), cl)
		if err != nil {
			t.Fatal(err)
		}
		return res.Topics[0].ErrorCode == 0 && len(res.Topics[0].Partitions) >= partitions
	})
}

// eventually returns when ok does, which asks a broker that will not say by
// itself.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	for deadline := time.Now().Add(patienceOfTests); !ok(); <-ticks.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s for %s", patienceOfTests, what)
		}
	}
}

// addPartitions gives a topic so many partitions in all.
func (c *testCluster) addPartitions(t testing.TB, topic string, count int32) {
	t.Helper()
	res, err := c.admin(t).CreatePartitions(t.Context(), &kafkago.CreatePartitionsRequest{
		Topics: []kafkago.TopicPartitionsConfig{{Name: topic, Count: count}},
	})
	if err == nil {
		err = res.Errors[topic]
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (c *testCluster) admin(t testing.TB) *kafkago.Client {
	transport := &kafkago.Transport{Dial: c.dial}
	t.Cleanup(transport.CloseIdleConnections)
	return &kafkago.Client{Addr: kafkago.TCP(c.addrs...), Transport: transport, Timeout: patienceOfTests}
}

// kgo is a second client, to write and to compare with.
func (c *testCluster) kgo(t testing.TB, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	if c.dial != nil {
		opts = append(opts, kgo.Dialer(c.dial))
	}
	cl, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(c.addrs...),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.DisableClientMetrics(),
	}, slices.Concat(c.way, opts)...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return cl
}

// produce writes records in one batch for each partition.
func (c *testCluster) produce(t testing.TB, records []*kgo.Record, opts ...kgo.Opt) {
	t.Helper()
	cl := c.kgo(t, append([]kgo.Opt{kgo.ProducerBatchMaxBytes(16 << 20)}, opts...)...)
	if err := cl.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	cl.Close()
}

// firstTime is the Kafka timestamp of the first of numbered records, in ms; the
// n-th is n seconds later.
const firstTime = 1_700_000_000_000

// numbered makes n records of a partition with the values "0", "1", ...
func numbered(topic string, partition int32, n int) []*kgo.Record {
	var out []*kgo.Record
	for i := range n {
		out = append(out, &kgo.Record{
			Topic: topic, Partition: partition, Value: []byte(strconv.Itoa(i)),
			Timestamp: time.UnixMilli(firstTime + int64(i)*1000),
		})
	}
	return out
}

// produceBatches writes every record in a batch of its own.
func (c *testCluster) produceBatches(t testing.TB, records []*kgo.Record) {
	t.Helper()
	cl := c.kgo(t)
	for _, r := range records {
		if err := cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	cl.Close()
}

// oracle reads with kgo what a source is to read: every record of the assigned
// ranges, which end within the log.
func (c *testCluster) oracle(t testing.TB, assignments []stream.Assignment, isolation Isolation) map[window.PartitionID][]read {
	t.Helper()
	level := kgo.ReadCommitted()
	if isolation == ReadUncommitted {
		level = kgo.ReadUncommitted()
	}
	from := map[string]map[int32]kgo.Offset{}
	ends := map[window.PartitionID]int64{}
	for _, a := range assignments {
		if a.Start >= a.End {
			continue
		}
		if from[a.ID.Topic] == nil {
			from[a.ID.Topic] = map[int32]kgo.Offset{}
		}
		from[a.ID.Topic][a.ID.Partition] = kgo.NewOffset().At(a.Start)
		ends[a.ID] = a.End
	}
	out := map[window.PartitionID][]read{}
	cl := c.kgo(t, kgo.ConsumePartitions(from), kgo.FetchIsolationLevel(level), kgo.KeepControlRecords(), kgo.FetchMaxWait(100*time.Millisecond))
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patienceOfTests)
	defer cancel()
	for len(ends) > 0 {
		fetches := cl.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			id := window.PartitionID{Topic: r.Topic, Partition: r.Partition}
			end, open := ends[id]
			if open && r.Offset < end && !r.Attrs.IsControl() {
				out[id] = append(out[id], readOfKgo(r))
			}
			if r.Offset >= end-1 {
				delete(ends, id)
			}
		})
	}
	return out
}

func readOfKgo(r *kgo.Record) read {
	out := read{
		Offset: r.Offset, Timestamp: r.Timestamp.UnixMilli(), Append: r.Attrs.TimestampType() == 1,
		Key: shownBytes(r.Key), Value: shownBytes(r.Value),
	}
	for _, h := range r.Headers {
		out.Headers += fmt.Sprintf("%s=%s;", h.Key, shownBytes(h.Value))
	}
	return out
}

// now is what durations of plans are relative to.
var now = time.Now()

// plan resolves a bounded range of one topic.
func plan(t testing.TB, client *Client, topic, from, to string) Plan {
	t.Helper()
	spec := RangeSpec{Bounded: true}
	for _, f := range []struct {
		text string
		to   *Offsets
	}{{from, &spec.From}, {to, &spec.To}} {
		if f.text == "" {
			continue
		}
		o, err := ParseOffsets(f.text, now)
		if err != nil {
			t.Fatal(err)
		}
		*f.to = o
	}
	p, err := client.Ranges(t.Context(), []string{topic}, spec)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// live is a plan without an end.
func live(t testing.TB, client *Client, topic string) []stream.Assignment {
	t.Helper()
	p, err := client.Ranges(t.Context(), []string{topic}, RangeSpec{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Assignments
}

// replay reads a plan to its end.
func replay(t testing.TB, client *Client, assignments []stream.Assignment) *recorder {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patienceOfTests)
	defer cancel()
	r := newRecorder(t)
	if err := r.run(ctx, client.Source(assignments, Options{})); err != nil {
		t.Fatalf("Run: %v: %s", err, r.state())
	}
	return r
}
