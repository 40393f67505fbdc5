package demo

import (
	"context"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// newClient returns a client of another make than the producer's. The test
// closes it.
func newClient(t *testing.T, b *Broker, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	// Client metrics would cost a second in Close.
	client, err := kgo.NewClient(append(opts, kgo.SeedBrokers(b.Addr()), kgo.DisableClientMetrics())...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// newConsumer returns a client that reads b's topic from its start.
func newConsumer(t *testing.T, b *Broker) *kgo.Client {
	t.Helper()
	return newClient(t, b,
		kgo.ConsumeTopics(b.cfg.Topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
}

// consume reads until enough says so, of the records read and the end of the
// log: the sum of the partitions' high watermarks. It returns the records by
// partition.
func consume(ctx context.Context, t *testing.T, b *Broker, enough func(read, end int64) bool) map[int32][]*kgo.Record {
	t.Helper()
	client := newConsumer(t, b)
	records := map[int32][]*kgo.Record{}
	highWatermarks := map[int32]int64{}
	for read := int64(0); ; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("after %d records: %v", read, err)
		}
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			highWatermarks[p.Partition] = p.HighWatermark
			records[p.Partition] = append(records[p.Partition], p.Records...)
			read += int64(len(p.Records))
		})
		end := int64(0)
		for _, high := range highWatermarks {
			end += high
		}
		if enough(read, end) {
			return records
		}
	}
}

// logSize returns the bytes that the broker keeps of its topic and the lowest
// offset that it keeps of partition 0.
func logSize(t *testing.T, client *kgo.Client, topic string) (size, start int64) {
	t.Helper()
	dirs, err := kmsg.NewPtrDescribeLogDirsRequest().RequestWith(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs.Dirs {
		for _, t := range dir.Topics {
			for _, p := range t.Partitions {
				size += p.Size
			}
		}
	}
	req := kmsg.NewPtrListOffsetsRequest()
	req.ReplicaID = -1
	p := kmsg.NewListOffsetsRequestTopicPartition()
	p.Timestamp = -2 // the start of the log
	rt := kmsg.NewListOffsetsRequestTopic()
	rt.Topic = topic
	rt.Partitions = append(rt.Partitions, p)
	req.Topics = append(req.Topics, rt)
	offsets, err := req.RequestWith(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	return size, offsets.Topics[0].Partitions[0].Offset
}
