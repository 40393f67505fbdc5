package kafka

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/segmentio/kafka-go/compress"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/oriel-stream/oriel/window"
)

// written is a record that a test appends.
type written struct {
	key   window.Key
	value string
	at    window.Time
}

func newProducer(t *testing.T, c *Client, topic string) *Producer {
	t.Helper()
	p, err := c.Producer(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func appendAll(t *testing.T, p *Producer, records []written) {
	t.Helper()
	for _, w := range records {
		value := []byte(w.value)
		if err := p.Append(t.Context(), w.key, value, w.at); err != nil {
			t.Fatal(err)
		}
		clear(value) // nobody may still look at it
	}
}

// testProducer compares with another client: what is there, where, in which
// order and of which time.
func testProducer(t *testing.T, c *testCluster) {
	for _, codec := range []compress.Compression{0, compress.Gzip, compress.Snappy, compress.Lz4, compress.Zstd} {
		t.Run("compression="+codec.String(), func(t *testing.T) { testProducerWith(t, c, codec) })
	}
}

func testProducerWith(t *testing.T, c *testCluster, codec compress.Compression) {
	topic := c.topic(t, 4)
	cfg := c.config()
	cfg.Compression = codec
	client := c.open(t, cfg)
	p := newProducer(t, client, topic)
	var all []written
	for i := range 4000 {
		w := written{key: window.Key{Bytes: "key-" + strconv.Itoa(i%37)}, value: fmt.Sprintf("%d %s", i, strings.Repeat("x", i%500)), at: firstTime + window.Time(i)}
		switch i % 37 {
		case 0:
			w.key = window.Key{Null: true}
		case 1:
			w.key.Bytes = ""
		case 2:
			w.key.Bytes = "\xff\x00"
		}
		all = append(all, w)
	}
	all[10].at, all[11].at, all[12].at, all[13].at = 0, -1, window.MaxTime, 1
	appendAll(t, p, all[:3000])
	for range 2 {
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	appendAll(t, p, all[3000:])
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}

	partitioner := kgo.StickyKeyPartitioner(nil).ForTopic(topic)
	want := map[window.PartitionID][]read{}
	for _, w := range all {
		key := w.key.Bytes
		id := window.PartitionID{Topic: topic, Partition: int32(partitioner.Partition(&kgo.Record{Key: []byte(key)}, 4))}
		if w.key.Null {
			key = "<null>"
		}
		at := int64(w.at)
		if w.at <= 0 || w.at == window.MaxTime {
			at = -1
		}
		want[id] = append(want[id], read{Offset: int64(len(want[id])), Timestamp: at, Key: key, Value: w.value})
	}
	got := c.oracle(t, plan(t, client, topic, "", "").Assignments, ReadCommitted)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := c.codecOf(t, topic); got != uint8(codec) {
		t.Errorf("compressed by %d, want %d", got, codec)
	}
}

// codecOf is how a batch of a topic of four partitions is compressed.
func (c *testCluster) codecOf(t *testing.T, topic string) uint8 {
	t.Helper()
	first := map[int32]kgo.Offset{}
	for p := range int32(4) {
		first[p] = kgo.NewOffset().At(0)
	}
	cl := c.kgo(t, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: first}))
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patienceOfTests)
	defer cancel()
	for {
		fetches := cl.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		if records := fetches.Records(); len(records) > 0 {
			return records[0].Attrs.CompressionType()
		}
	}
}

// testSmallTopic: batches get as small as a topic wants them. One record that is
// too large is told.
func testSmallTopic(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1, "max.message.bytes", "3000")
	client := c.open(t, c.config())
	p := newProducer(t, client, topic)
	var all []written
	for i := range 200 {
		all = append(all, written{window.Key{Null: true}, fmt.Sprintf("%d %s", i, strings.Repeat("x", 500)), firstTime})
	}
	appendAll(t, p, all)
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, r := range c.oracle(t, plan(t, client, topic, "", "").Assignments, ReadCommitted)[window.PartitionID{Topic: topic}] {
		if r.Value != all[i].value {
			t.Fatalf("record %d is %.20s", i, r.Value)
		}
	}
	if n := plan(t, client, topic, "", "").Assignments[0].End; n != 200 {
		t.Errorf("%d records", n)
	}
	appendAll(t, p, []written{{window.Key{Null: true}, strings.Repeat("x", 4000), firstTime}})
	err := p.Flush(t.Context())
	var connect *ConnectError
	if err == nil || errors.As(err, &connect) || !strings.Contains(err.Error(), "topic "+topic+", partition 0 at "+c.addrs[0]) || !strings.Contains(err.Error(), "max.message.bytes") {
		t.Errorf("%v", err)
	}
	if again := p.Append(t.Context(), window.Key{}, nil, firstTime); !errors.Is(again, err) {
		t.Errorf("%v after %v", again, err)
	}
}

// testProducerUnknown: a topic that is not there is not made.
func testProducerUnknown(t *testing.T, c *testCluster) {
	client := c.open(t, c.config())
	name := c.topic(t, 1) + "-missing"
	for range 2 {
		_, err := client.Producer(t.Context(), name)
		if unknown, ok := errors.AsType[*UnknownTopicError](err); !ok || unknown.Topic != name {
			t.Errorf("%v", err)
		}
	}
}

// testWriteDenied: a user who may read a topic and not write to it.
func testWriteDenied(t *testing.T, b brokerMake) {
	c := b.listener(t, listenLogin)
	topic := c.topic(t, 1)
	c.allow(t, "reader", topic, kmsg.ACLOperationRead)
	p := newProducer(t, c.open(t, configured(t, b, c, secured("sasl_plaintext", login("PLAIN", "reader", "hunter2"))...)), topic)
	appendAll(t, p, []written{{window.Key{Bytes: "k"}, "v", firstTime}})
	wantSays(t, p.Flush(t.Context()), WriteDenied, "not allowed to write to topic "+topic, c.addrs[0], "SASL PLAIN", "--allow-principal User:reader --operation Write --topic "+topic)
}

// few are some records of one key.
func few(n int) []written {
	var out []written
	for i := range n {
		out = append(out, written{window.Key{Bytes: "k"}, strconv.Itoa(i), firstTime})
	}
	return out
}

// values are what is in the one partition that has records.
func (v *virtual) values(t *testing.T) []string {
	t.Helper()
	var out []string
	client := v.open(t, v.config()) // whose way has no faults
	for _, records := range v.oracle(t, plan(t, client, v.topic, "", "").Assignments, ReadCommitted) {
		for _, r := range records {
			out = append(out, r.Value)
		}
	}
	return out
}

// flushed appends a few records and returns what Flush says, and after how long.
func (v *virtual) flushed(t *testing.T, ctx context.Context, p *Producer, n int) (time.Duration, error) { //nolint:revive // a test comes first
	t.Helper()
	appendAll(t, p, few(n))
	began := time.Now()
	err := p.Flush(ctx)
	return time.Since(began), err
}

// TestProducerWithoutABroker for a while: what waited is written when it is back.
func TestProducerWithoutABroker(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v := newVirtual(t)
		p := newProducer(t, v.client, v.topic)
		v.network.setDown(everywhere)
		time.AfterFunc(10*time.Second, func() { v.network.setDown("") })
		if took, err := v.flushed(t, t.Context(), p, 3); err != nil || took < 10*time.Second || took > 10*time.Second+2*lastBackoff {
			t.Errorf("%v after %s", err, took)
		}
		if diff := cmp.Diff([]string{"0", "1", "2"}, v.values(t)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestProducerFollowsTheLeader, also to a broker it has not yet spoken to.
func TestProducerFollowsTheLeader(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v := newVirtual(t, kfake.NumBrokers(2), kfake.Ports(9092, 9093))
		p := newProducer(t, v.client, v.topic)
		for round := range 4 {
			for partition := range int32(virtualPartitions) {
				if err := v.k.MoveTopicPartition(v.topic, partition, int32(round%2)); err != nil {
					t.Fatal(err)
				}
			}
			if took, err := v.flushed(t, t.Context(), p, 2); err != nil || took > time.Second {
				t.Errorf("round %d: %v after %s", round, err, took)
			}
		}
		if diff := cmp.Diff(strings.Fields("0 1 0 1 0 1 0 1"), v.values(t)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestProducerLosesAnAnswer: the records are there twice rather than not at all.
func TestProducerLosesAnAnswer(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v := newVirtual(t)
		p := newProducer(t, v.client, v.topic)
		twice := 0
		for round := range 100 { // of which some cut the answer of the write itself
			before := len(v.values(t))
			v.network.cutNext(3, 10*round)
			if _, err := v.flushed(t, t.Context(), p, 3); err != nil {
				t.Fatal(err)
			}
			got := strings.Join(v.values(t)[before:], " ")
			if got == "0 1 2 0 1 2" {
				twice++
			} else if got != "0 1 2" {
				t.Errorf("cut after %d bytes: %s", 10*round, got)
			}
		}
		if twice == 0 {
			t.Error("no answer was lost")
		}
	})
}

// TestProducerGivesUp in time, with a word on what is wrong, and does not try
// again after that.
func TestProducerGivesUp(t *testing.T) {
	for name, c := range map[string]struct {
		fail    func(v *virtual)
		connect bool
		says    []string
	}{
		"no broker":            {func(v *virtual) { v.network.setDown(everywhere) }, true, []string{"connection refused", "-X delivery.timeout.ms=30000", "-b"}},
		"no answer":            {func(v *virtual) { hang(v.k, kmsg.Produce) }, true, []string{"no answer in time", "-X delivery.timeout.ms=30000"}},
		"too few replicas":     {func(v *virtual) { alwaysProduce(v.k, kerr.NotEnoughReplicas) }, false, []string{"not enough replicas", "min.insync.replicas"}},
		"not the leader":       {func(v *virtual) { alwaysProduce(v.k, kerr.NotLeaderForPartition) }, false, []string{"not leader for partition"}},
		"the topic has gone":   {func(v *virtual) { alwaysProduce(v.k, kerr.UnknownTopicOrPartition) }, false, []string{"see who deleted it"}},
		"time out of bounds":   {func(v *virtual) { alwaysProduce(v.k, kerr.InvalidTimestamp) }, false, []string{"message.timestamp.before.max.ms"}},
		"something for good":   {func(v *virtual) { alwaysProduce(v.k, kerr.InvalidRequiredAcks) }, false, []string{"at localhost:9092"}},
		"leaves the topic out": {func(v *virtual) { emptyProduce(v.k) }, true, []string{"leaves this partition out"}},
	} {
		t.Run(name, func(t *testing.T) {
			virtually(t, func(t *testing.T) {
				v := newVirtual(t)
				p := newProducer(t, v.client, v.topic)
				c.fail(v)
				took, err := v.flushed(t, t.Context(), p, 1)
				_, connect := errors.AsType[*ConnectError](err)
				if err == nil || connect != c.connect || took > DefaultDeliveryTimeout {
					t.Errorf("%v after %s", err, took)
				}
				for _, want := range append(c.says, "topic "+v.topic) {
					if err != nil && !strings.Contains(err.Error(), want) {
						t.Errorf("%q is not in: %v", want, err)
					}
				}
				began := time.Now()
				if again := p.Flush(t.Context()); !errors.Is(again, err) || time.Since(began) > 0 {
					t.Errorf("%v after %v", again, err)
				}
			})
		})
	}
}

// TestProducerHasLastWords: when its run has ended it tries a little longer.
func TestProducerHasLastWords(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v := newVirtual(t)
		ended, end := context.WithCancel(t.Context())
		end()
		p := newProducer(t, v.client, v.topic)
		if took, err := v.flushed(t, ended, p, 1); err != nil || took > time.Second {
			t.Errorf("%v after %s", err, took)
		}
		v.network.setDown(everywhere)
		running, end := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, end)
		took, err := v.flushed(t, running, p, 1)
		wantSays(t, err, Unreachable, v.topic, "connection refused")
		if took < lastWords || took > 3*time.Second+lastWords+time.Second {
			t.Errorf("gave up after %s", took)
		}
	})
}

// alwaysProduce makes every produce request fail for all partitions.
func alwaysProduce(k *kfake.Cluster, err *kerr.Error) {
	k.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		res := req.ResponseKind().(*kmsg.ProduceResponse)
		for _, t := range req.(*kmsg.ProduceRequest).Topics {
			answer := kmsg.NewProduceResponseTopic()
			answer.Topic = t.Topic
			for _, p := range t.Partitions {
				partition := kmsg.NewProduceResponseTopicPartition()
				partition.Partition, partition.ErrorCode = p.Partition, err.Code
				answer.Partitions = append(answer.Partitions, partition)
			}
			res.Topics = append(res.Topics, answer)
		}
		return res, nil, true
	})
}

// emptyProduce answers produce requests with nothing.
func emptyProduce(k *kfake.Cluster) {
	k.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		return req.ResponseKind(), nil, true
	})
}
