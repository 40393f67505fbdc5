package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/produce"

	"github.com/oriel-stream/oriel/window"
)

const (
	// maxUnsent bounds the bytes of keys and values that wait to be sent: half
	// of what a topic takes in one batch by default.
	maxUnsent = 512 << 10
	// lastWords is how long a Producer goes on trying when its run has ended.
	lastWords = 5 * time.Second
)

// Producer writes records to one topic. It is not safe for concurrent use.
//
// Records of one key go to one partition, in their order, and to the one that
// Java's partitioner chooses for the key; those without a key go to that of the
// empty key. Partitions that the topic is given later are not used. A record is
// written when all in-sync replicas have it.
//
// What fails is tried again for Config.DeliveryTimeout. If an answer was lost
// records may be there twice: kafka-go has no idempotent producer.
type Producer struct {
	client *Client
	topic  string
	layout *layout
	// partitions are the numbers of all, as a balancer wants them.
	partitions []int
	// unsent are the records that wait, by partition; arena has their bytes.
	unsent [][]unsentRecord
	arena  []byte
	// largest bounds the bytes of a batch: it shrinks where the topic takes less.
	largest int
	// err is why the last records could not be written. It stays.
	err error
}

// unsentRecord is a record that waits. A nil key is null.
type unsentRecord struct {
	key, value []byte
	at         time.Time
}

// size is about what the record takes in a batch.
func (r *unsentRecord) size() int { return len(r.key) + len(r.value) }

// Producer returns a producer to a topic, which must exist: it is never
// created. The error is an *UnknownTopicError or a *ConnectError.
func (c *Client) Producer(ctx context.Context, topic string) (*Producer, error) {
	topics, err := c.Topics(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.checkTopic(ctx, topic, topics); err != nil {
		return nil, err
	}
	l, err := c.layout(ctx, []string{topic})
	if err != nil {
		return nil, err
	}
	if err := c.topicError(l, topic); err != nil {
		return nil, err
	}
	p := &Producer{client: c, topic: topic, layout: l, largest: maxUnsent}
	for n := range l.topics[0].Partitions {
		p.partitions = append(p.partitions, n)
	}
	p.unsent = make([][]unsentRecord, len(p.partitions))
	return p, nil
}

// Append adds a record to those that wait, of which it keeps no reference. It
// sends them first where there would be too many. A time that a client of Kafka
// cannot write, before 1970 or after 2262, is no timestamp.
func (p *Producer) Append(ctx context.Context, key window.Key, value []byte, at window.Time) error {
	if len(p.arena)+len(key.Bytes)+len(value) > maxUnsent {
		if err := p.Flush(ctx); err != nil {
			return err
		}
	}
	if p.err != nil {
		return p.err
	}
	start := len(p.arena)
	p.arena = append(append(p.arena, key.Bytes...), value...)
	middle, end := start+len(key.Bytes), len(p.arena)
	r := unsentRecord{value: p.arena[middle:end:end], at: recordTime(at)}
	if !key.Null {
		r.key = p.arena[start:middle:middle]
	}
	n := kafkago.Murmur2Balancer{Consistent: true}.Balance(kafkago.Message{Key: r.key}, p.partitions...)
	p.unsent[n] = append(p.unsent[n], r)
	return nil
}

// recordTime is t for kafka-go, which counts nanoseconds from 1970, takes 0 for
// the time of sending, and writes -1, which is no timestamp, as it is.
func recordTime(t window.Time) time.Time {
	const last = 9_223_372_036_854 // ms, the last that an int64 of nanoseconds holds
	if t <= 0 || t > last {
		return time.UnixMilli(-1)
	}
	return time.UnixMilli(int64(t))
}

// Flush returns when everything appended is written. It gives up after
// Config.DeliveryTimeout, or soon after ctx has ended: what came before the end
// of a run is still to be written. The error, a *ConnectError where there was no
// connection or no permission, says what to change; it is also that of every
// later call.
func (p *Producer) Flush(ctx context.Context) error {
	if p.err != nil || !p.waits() {
		return p.err
	}
	within, stop := p.patience(ctx)
	defer stop()
	var failed *sendError
	var unreachable error // of the last look at the cluster
	for failures := 0; p.waits(); {
		err := p.sendOnce(within)
		if err == nil {
			failures = 0
			continue
		}
		if failed == nil || within.Err() == nil { // one that was cut short says less
			failed = err
		}
		if !isTransient(err.cause) || sleep(within, backoff(failures)) != nil {
			p.err = p.explain(failed, unreachable)
			return p.err
		}
		failures++
		switch fresh, err := p.client.layout(within, []string{p.topic}); {
		case err == nil:
			p.layout, unreachable = fresh, nil
		case within.Err() == nil:
			unreachable = err
		}
	}
	p.arena = p.arena[:0]
	if failed != nil {
		p.arena = nil // a request that nobody waits for may still be reading it
	}
	return nil
}

// patience returns a context that ends when there is no point in trying any more.
func (p *Producer) patience(ctx context.Context) (context.Context, func()) {
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.client.cfg.DeliveryTimeout)
	forget := context.AfterFunc(ctx, func() {
		_ = sleep(within, lastWords) // its one error is that within has ended
		cancel()
	})
	return within, func() {
		forget()
		cancel()
	}
}

// waits says that there is something to send.
func (p *Producer) waits() bool {
	return slices.ContainsFunc(p.unsent, func(records []unsentRecord) bool { return len(records) > 0 })
}

// sendError is why a batch was not written.
type sendError struct {
	partition int
	broker    string // host:port, empty while the partition has no leader
	cause     error
}

// unsentBatch is what is sent of one partition, and what became of it.
type unsentBatch struct {
	partition int
	records   []unsentRecord
	err       error
}

// sendOnce sends every leader one batch of each of its partitions. It returns
// what went wrong with one of them, something that will not change if there is.
func (p *Producer) sendOnce(ctx context.Context) *sendError {
	var failed *sendError
	fail := func(e *sendError) {
		if failed == nil || !isTransient(e.cause) {
			failed = e
		}
	}
	byBroker := map[int32][]*unsentBatch{}
	for n := range p.unsent {
		if len(p.unsent[n]) == 0 {
			continue
		}
		leader, ok := p.layout.leaders[window.PartitionID{Topic: p.topic, Partition: int32(n)}]
		if !ok || leader.broker < 0 {
			fail(&sendError{partition: n, cause: kafkago.LeaderNotAvailable})
			continue
		}
		byBroker[leader.broker] = append(byBroker[leader.broker], p.batch(n))
	}
	var all sync.WaitGroup
	for broker, batches := range byBroker {
		all.Go(func() { p.produce(ctx, broker, batches) })
	}
	all.Wait()
	for broker, batches := range byBroker {
		for _, b := range batches {
			if err := p.settle(b); err != nil {
				fail(&sendError{b.partition, p.layout.brokers[broker], err})
			}
		}
	}
	return failed
}

// batch is the next batch of a partition: at least one record.
func (p *Producer) batch(partition int) *unsentBatch {
	records, bytes := p.unsent[partition], 0
	for i := range records {
		if bytes += records[i].size(); bytes > p.largest && i > 0 {
			return &unsentBatch{partition: partition, records: records[:i]}
		}
	}
	return &unsentBatch{partition: partition, records: records}
}

// produce sends batches to the broker that leads their partitions.
func (p *Producer) produce(ctx context.Context, broker int32, batches []*unsentBatch) {
	req := &produceRequest{Acks: int16(kafkago.RequireAll), Timeout: int32(requestTimeout.Milliseconds()), broker: broker}
	topic := produce.RequestTopic{Topic: p.topic}
	for _, b := range batches {
		b.err = errNotAnswered
		topic.Partitions = append(topic.Partitions, produce.RequestPartition{
			Partition: int32(b.partition), RecordSet: protocol.RecordSet{
				Attributes: protocol.Attributes(p.client.cfg.Compression), Records: protocol.NewRecordReader(b.wire()...),
			},
		})
	}
	req.Topics = []produce.RequestTopic{topic}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	res, err := p.client.transport.RoundTrip(ctx, p.client.addr, req)
	if err != nil && ctx.Err() != nil {
		err = context.DeadlineExceeded // whatever broke when the time was over
	}
	if err != nil {
		for _, b := range batches {
			b.err = err
		}
		return
	}
	for _, t := range res.(*produce.Response).Topics {
		for _, answer := range t.Partitions {
			if i := slices.IndexFunc(batches, func(b *unsentBatch) bool { return b.partition == int(answer.Partition) }); i >= 0 {
				batches[i].err = codeOf(answer.ErrorCode)
			}
		}
	}
}

// errNotAnswered is of a partition that an answer leaves out.
var errNotAnswered = errors.New("the broker's answer leaves this partition out")

func (b *unsentBatch) wire() []protocol.Record {
	out := make([]protocol.Record, len(b.records))
	for i, r := range b.records {
		out[i] = protocol.Record{Time: r.at, Value: protocol.NewBytes(r.value)}
		if r.key != nil {
			out[i].Key = protocol.NewBytes(r.key)
		}
	}
	return out
}

// settle forgets the records of a batch that was written. One that is too large
// for the topic goes in smaller ones, of which there is always a next.
func (p *Producer) settle(b *unsentBatch) error {
	switch {
	case b.err == nil:
		p.unsent[b.partition] = p.unsent[b.partition][len(b.records):]
		return nil
	case isAny(b.err, sizeErrors) && len(b.records) > 1:
		bytes := 0
		for i := range b.records {
			bytes += b.records[i].size()
		}
		p.largest = bytes / 2
		return nil
	}
	return b.err
}

// sizeErrors mean that a batch is larger than a topic takes.
var sizeErrors = []kafkago.Error{kafkago.MessageSizeTooLarge, kafkago.RecordListTooLarge}

// explain is what to tell of what could not be written. unreachable is why the
// cluster was not seen since, if it was not.
func (p *Producer) explain(e *sendError, unreachable error) error {
	c := p.client
	if isAny(e.cause, accessErrors) {
		return c.writeDenied(p.topic, e.cause)
	}
	code, answered := errors.AsType[kafkago.Error](e.cause)
	if !answered && unreachable == nil {
		unreachable = c.connectError(e.cause)
	}
	if unreachable != nil && (!answered || isTransient(code)) {
		return fmt.Errorf("topic %s, partition %d, could not be written in time (-X delivery.timeout.ms=%d): %w",
			p.topic, e.partition, c.cfg.DeliveryTimeout.Milliseconds(), unreachable)
	}
	where := ""
	if e.broker != "" {
		where = " at " + e.broker
	}
	return fmt.Errorf("topic %s, partition %d%s: %s; %s", p.topic, e.partition, where, plainWords(code), advice(code))
}

// advice is what to do about an error of a broker.
func advice(code kafkago.Error) string {
	switch {
	case slices.Contains(sizeErrors, code):
		return "raise the topic's max.message.bytes, or make lines shorter (--horizon, --level)"
	case code == kafkago.InvalidTimestamp:
		return "raise the topic's message.timestamp.before.max.ms and message.timestamp.after.max.ms: a line has the end of its window"
	case code == kafkago.NotEnoughReplicas, code == kafkago.NotEnoughReplicasAfterAppend:
		return "the topic's min.insync.replicas is more than there are"
	case code == kafkago.UnknownTopicOrPartition:
		return "the topic was there when the run began: see who deleted it"
	default:
		return "what came before is written; look into the broker's log"
	}
}
