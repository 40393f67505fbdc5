package kafka

import (
	"context"
	"errors"
	"math"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// walkRecords is the size of the batch that is walked again and again.
const walkRecords = 2000

// BenchmarkWalk reports a batch an operation; ns/record is what counts.
func BenchmarkWalk(b *testing.B) {
	for codec, name := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		b.Run(name, func(b *testing.B) {
			batch := plainBatch(0, walkRecords, int16(codec))
			for i := range batch.records {
				batch.records[i].Value = []byte(`{"ts":1700000000000,"sensor":"s-001","temp":21.54,"humidity":40.1,"battery":3.7,"site":"north"}`)
			}
			set := batch.encode(b)
			b.SetBytes(int64(len(set)))
			b.ReportAllocs()
			var r stream.Record
			for b.Loop() {
				buf := newBuffer(len(set))
				buf.b = buf.b[:copy(buf.b, set)]
				w := newBatch(buf, buf.b, 0, math.MaxInt64, nil, newInflation(DefaultMaxPartitionFetchBytes))
				n := 0
				for w.Next(&r) {
					n++
				}
				if n != walkRecords || w.Err() != nil {
					b.Fatalf("%d records, %v", n, w.Err())
				}
				w.Release()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*walkRecords), "ns/record")
		})
	}
}

// BenchmarkFetchWalk reads four partitions over loopback, a record an
// operation. The broker is in this process: its share of time and memory is in
// the numbers.
func BenchmarkFetchWalk(b *testing.B) {
	for _, codec := range []struct {
		name  string
		codec kgo.CompressionCodec
	}{{"none", kgo.NoCompression()}, {"lz4", kgo.Lz4Compression()}, {"zstd", kgo.ZstdCompression()}} {
		b.Run(codec.name, func(b *testing.B) {
			_, c := startKfake(b, kfake.SeedTopics(4, "bench"), kfake.SyntheticFetch(kfake.SyntheticBatch{
				Records: walkRecords, RecordBytes: 110, RandomFrac: 0.2, Compression: codec.codec,
			}))
			client := c.open(b, Config{Brokers: c.addrs})
			var assignments []stream.Assignment
			for p := range int32(4) {
				assignments = append(assignments, stream.Assignment{ID: window.PartitionID{Topic: "bench", Partition: p}, End: -1})
			}
			b.ReportAllocs()
			b.ResetTimer()
			if err := drain(client.Source(assignments, Options{}), int64(b.N)); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// drain walks n records of a source that has no end.
func drain(src stream.Source, n int64) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	enough := errors.New("enough")
	var seen atomic.Int64
	var ins []chan stream.Delivery
	done := make(chan struct{})
	err := src.Run(ctx, func(stream.Assignment) (chan<- stream.Delivery, error) {
		in := make(chan stream.Delivery, 2)
		ins = append(ins, in)
		go func() {
			defer func() { done <- struct{}{} }()
			var r stream.Record
			for d := range in {
				if d.Kind != stream.Data {
					continue
				}
				count := int64(0)
				for d.Batch.Next(&r) {
					count++
				}
				d.Batch.Release()
				if seen.Add(count) >= n {
					cancel(enough)
				}
			}
		}()
		return in, nil
	})
	for _, in := range ins {
		close(in)
	}
	for range ins {
		<-done
	}
	if !errors.Is(err, enough) {
		return err
	}
	return nil
}
