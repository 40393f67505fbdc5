package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/oriel-stream/oriel/window"
)

const (
	// backfill is how far back the live feed starts.
	backfill window.Duration = 2 * minute
	// pace is the time between two batches of the live feed.
	pace = 100 * time.Millisecond
	// batchBytes is the size at which a batch is full. The broker takes
	// 1,048,588 bytes.
	batchBytes = 1_000_000
	// recordOverhead is more than a record needs beyond its key and payload.
	recordOverhead = 20
)

// loadStart is the time of the first reading of a loaded topic:
// 2026-11-22T06:00:00Z.
const loadStart window.Time = 1795327200000

// Run feeds the topic with readings up to the clock's time, from two minutes
// ago on, until ctx is done; it then returns the cause.
func (b *Broker) Run(ctx context.Context) error {
	f := b.newFeed(b.now().Sub(backfill), 0)
	defer f.producer.close()
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	for {
		if err := f.advance(ctx, b.now()); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

// Load feeds the topic with exactly n records, as fast as it can. Their event
// times span n/Rate seconds from 2026-11-22T06:00:00Z on. Into an empty topic,
// the same Config and n give the same log, byte for byte. The broker must have
// been started with Records: a topic for the live feed would forget the
// records.
func (b *Broker) Load(ctx context.Context, n int64) error {
	if b.cfg.Records == 0 {
		return fmt.Errorf("load %d records: the topic is for the live feed, which keeps %d bytes: set --records", n, logBytes)
	}
	if n < 1 || n > maxRecords {
		return fmt.Errorf("load %d records: not between 1 and %d: change --records", n, maxRecords)
	}
	f := b.newFeed(loadStart, n)
	f.progress = b.cfg.Progress
	defer f.producer.close()
	return f.produceUntil(ctx, window.MaxTime)
}

func (b *Broker) now() window.Time { return window.Time(b.cfg.now().UnixMilli()) }

// feed moves records from a generator to a producer.
type feed struct {
	generator *generator
	producer  *producer
	// progress, if it is not nil, is told the number of records produced.
	progress func(done int64)
	done     int64
	// batches holds a batch for each partition, sizes its bytes; payloads is
	// the memory that the payloads lie in.
	batches  [][]record
	sizes    []int
	payloads []byte
}

// newFeed returns a feed of limit readings (0 for no end) from start on.
func (b *Broker) newFeed(start window.Time, limit int64) *feed {
	return &feed{
		generator: newGenerator(b.cfg, start, limit),
		producer:  newProducer(b.addr, b.cfg.Topic),
		batches:   make([][]record, b.cfg.Partitions),
		sizes:     make([]int, b.cfg.Partitions),
	}
}

// advance produces everything up to now. A machine that has been asleep does
// not catch up with more than the backfill.
func (f *feed) advance(ctx context.Context, now window.Time) error {
	f.generator.skipTo(now.Sub(backfill))
	return f.produceUntil(ctx, now)
}

// produceUntil produces every record with a Kafka timestamp of at most until.
func (f *feed) produceUntil(ctx context.Context, until window.Time) error {
	for {
		n := f.fill(until)
		if n == 0 {
			return nil
		}
		if err := f.producer.produceAll(ctx, f.batches); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return err
		}
		f.done += int64(n)
		if f.progress != nil {
			f.progress(f.done)
		}
	}
}

// fill starts new batches, fills them until one is full or no record is left,
// and returns the number of records.
func (f *feed) fill(until window.Time) int {
	for i := range f.batches {
		f.batches[i], f.sizes[i] = f.batches[i][:0], 0
	}
	f.payloads = f.payloads[:0]
	for n := 0; ; n++ {
		r, payloads, ok := f.generator.next(f.payloads, until)
		if !ok {
			return n
		}
		f.payloads = payloads
		p := r.partition
		f.batches[p] = append(f.batches[p], r)
		f.sizes[p] += len(r.key) + len(r.payload) + recordOverhead
		if f.sizes[p] >= batchBytes {
			return n + 1
		}
	}
}
