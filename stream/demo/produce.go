package demo

import (
	"context"
	"fmt"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"golang.org/x/sync/errgroup"
)

// produceTimeout bounds one request to the broker in this very process.
const produceTimeout = 10 * time.Second

// producer writes records to the partitions they name. It owns its
// connections.
type producer struct {
	topic     string
	transport *kafkago.Transport
	client    *kafkago.Client
}

func newProducer(addr, topic string) *producer {
	t := &kafkago.Transport{ClientID: "oriel-demo", MetadataTopics: []string{topic}}
	return &producer{
		topic:     topic,
		transport: t,
		client:    &kafkago.Client{Addr: kafkago.TCP(addr), Timeout: produceTimeout, Transport: t},
	}
}

// close closes the connections.
func (p *producer) close() { p.transport.CloseIdleConnections() }

// produceAll writes batches[i] to partition i, all at the same time, and
// returns when the broker has acknowledged them. After an error the records
// may still be in use.
func (p *producer) produceAll(ctx context.Context, batches [][]record) error {
	g, ctx := errgroup.WithContext(ctx)
	for partition, batch := range batches {
		if len(batch) > 0 {
			g.Go(func() error { return p.produce(ctx, partition, batch) })
		}
	}
	return g.Wait()
}

// produce writes one batch to one partition.
func (p *producer) produce(ctx context.Context, partition int, batch []record) error {
	records := make([]kafkago.Record, len(batch))
	for i, r := range batch {
		records[i] = kafkago.Record{
			Time:  time.UnixMilli(int64(r.timestamp)),
			Key:   kafkago.NewBytes(r.key),
			Value: kafkago.NewBytes(r.payload),
		}
	}
	res, err := p.client.Produce(ctx, &kafkago.ProduceRequest{
		Topic:        p.topic,
		Partition:    partition,
		RequiredAcks: kafkago.RequireAll, // the zero value would not wait for an answer
		Records:      kafkago.NewRecordReader(records...),
	})
	if err == nil {
		err = res.Error
	}
	if err != nil {
		return fmt.Errorf("produce to %s, partition %d: %w", p.topic, partition, err)
	}
	return nil
}
