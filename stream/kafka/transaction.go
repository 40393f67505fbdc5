package kafka

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go/protocol/fetch"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// heldAfter is how long a transaction must be open at the end of what may be
// read until that is told: most end within milliseconds.
const heldAfter = 10 * time.Second

// whoseTimeout is how long the answer may take to whose transaction that is:
// nothing is read meanwhile, and the notice does without.
const whoseTimeout = time.Second

// heldBack is the watch over an open transaction at the position of a
// partition.
type heldBack struct {
	at    int64     // the last stable offset, where the transaction begins
	since time.Time // when it was first seen there; zero for none
	told  bool
}

// held takes note of what a response says of the end of the log: whoever reads
// only what is committed must not read beyond the first open transaction. What
// holds for long is told once, and its end.
func (f *fetcher) held(ctx context.Context, p *partition, stable, highWatermark int64) {
	h := &p.heldBack
	open := stable < highWatermark && p.position >= stable
	if h.told && (!open || stable != h.at) {
		f.notices.end(openTransaction(p), fmt.Sprintf("%s/%d: the transaction at offset %d has ended", p.ID.Topic, p.ID.Partition, h.at))
	}
	switch {
	case !open:
		*h = heldBack{}
	case h.since.IsZero() || stable != h.at:
		*h = heldBack{at: stable, since: time.Now()}
	case !h.told && time.Since(h.since) >= f.heldAfter:
		h.told = true
		f.notices.begin(openTransaction(p), "%s/%d: an open transaction%s holds back %s: they are read when it ends; -X isolation.level=read_uncommitted does not wait",
			p.ID.Topic, p.ID.Partition, f.whose(ctx, p, stable), offsetsFrom(stable, highWatermark))
	}
}

func openTransaction(p *partition) stream.Trouble {
	return stream.Trouble{Kind: stream.OpenTransaction, Source: fmt.Sprintf("%s/%d", p.ID.Topic, p.ID.Partition)}
}

// offsetsFrom names the offsets [from, to).
func offsetsFrom(from, to int64) string {
	if to == from+1 {
		return fmt.Sprintf("offset %d", from)
	}
	return fmt.Sprintf("the offsets %d to %d", from, to-1)
}

// whose says which producer has written the batch at an offset, and when; empty
// if that cannot be seen.
func (f *fetcher) whose(ctx context.Context, p *partition, offset int64) string {
	ctx, cancel := context.WithTimeout(ctx, whoseTimeout)
	defer cancel()
	res, err := f.client.transport.RoundTrip(ctx, f.client.addr, &fetchRequest{
		ReplicaID: -1, MaxBytes: 1, IsolationLevel: ReadUncommitted.wire(), SessionEpoch: -1, broker: f.broker,
		Topics: []fetch.RequestTopic{{Topic: p.ID.Topic, Partitions: []fetch.RequestPartition{{
			Partition: p.ID.Partition, CurrentLeaderEpoch: p.fence(), FetchOffset: offset, LogStartOffset: -1,
			PartitionMaxBytes: 1, // a broker sends a whole batch all the same
		}}}},
	})
	if err != nil {
		return ""
	}
	text := ""
	for _, t := range res.(*fetchResponse).Topics {
		for _, rp := range t.Partitions {
			if rp.RecordSet.buf != nil {
				text = producerOf(rp.RecordSet.buf.b)
				rp.RecordSet.buf.release()
			}
		}
	}
	return text
}

// producerOf names the producer of the first batch of a record set, if that is
// part of a transaction.
func producerOf(set []byte) string {
	e, err := firstEntry(set)
	if err != nil || e == nil || e.magic() < 2 || binary.BigEndian.Uint16(e.bytes[posAttributes:])&transactionalFlag == 0 {
		return ""
	}
	text := fmt.Sprintf(" of producer %d", int64(binary.BigEndian.Uint64(e.bytes[posProducerID:])))
	if at := window.Time(binary.BigEndian.Uint64(e.bytes[posBaseTimestamp:])); at >= 0 {
		text += fmt.Sprintf(", begun at %s,", at)
	}
	return text
}
