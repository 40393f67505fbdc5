//go:build bench

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// BenchmarkEndToEnd reads a preloaded topic of a broker in another process,
// whose address is in ORIEL_BENCH_BROKER, in several ways. The drain is the
// yardstick: a bare loop that fetches and discards through kafka-go's
// Conn.ReadBatch, one connection a partition. `make bench` runs it.
func BenchmarkEndToEnd(b *testing.B) {
	broker := os.Getenv("ORIEL_BENCH_BROKER")
	if broker == "" {
		b.Fatal("set ORIEL_BENCH_BROKER to the address of `oriel demo --records`, or run make bench")
	}
	const topic = "sensors"
	flags := []string{"replay", topic, "-b", broker, "--time", "ts", "--value", "temp", "--quiet"}
	type way struct {
		name string
		read func() totals
	}
	ways := []way{{"drain", func() totals { return totals{Records: drain(b, broker, topic)} }}}
	replay := func(name string, more ...string) {
		ways = append(ways, way{name, func() totals { return replayed(b, append(flags, more...)) }})
	}
	for _, model := range []string{"none", "holt", "auto"} {
		replay("replay-"+model, "-m", model)
	}
	// What an overlap of 600 costs: beside windows of the same size, of which there
	// are 600 times less, and beside as many windows, those of the same hop; and
	// with lines.
	for _, w := range []string{"10m", "1s", "10m/1s", "6s", "1h/6s", "60s", "100ms", "60s/100ms"} {
		name := strings.ReplaceAll(w, "/", "-")
		replay("none-"+name, "-m", "none", "-o", "none", "-w", w)
		if strings.Contains(w, "/") {
			replay("lines-"+name, "-m", "none", "-w", w)
		}
	}
	for _, way := range ways {
		b.Run("way="+way.name, func(b *testing.B) {
			var records int64
			var lines int
			before := processorTime(b)
			for b.Loop() {
				s := way.read()
				records, lines = records+s.Records, lines+s.Lines
			}
			b.ReportMetric(float64((processorTime(b)-before).Nanoseconds())/float64(records), "cpu-ns/record")
			b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
			if lines > 0 && !strings.HasPrefix(way.name, "none-") {
				b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "lines/s")
			}
		})
	}
}

// processorTime is what this process has used so far: on a machine with other
// work it tells more than the clock, but nothing of how well the cores are used.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// replayed runs a command line in this process and returns what it counted.
func replayed(b *testing.B, args []string) totals {
	summary := b.TempDir() + "/summary.json"
	e := system()
	e.args, e.stdout, e.stderr = slices.Concat(args, []string{"--summary", summary}), io.Discard, os.Stderr
	if code := run(b.Context(), e); code != exitDone {
		b.Fatalf("exit code %d", code)
	}
	return readSummary(b, summary)
}

// drain reads every partition to its end and discards what it reads.
func drain(b *testing.B, broker, topic string) int64 {
	ctx := b.Context()
	partitions, err := kafkago.LookupPartitions(ctx, "tcp", broker, topic)
	if err != nil {
		b.Fatal(err)
	}
	var total atomic.Int64
	var readers sync.WaitGroup
	errs := make(chan error, len(partitions))
	for _, p := range partitions {
		readers.Go(func() {
			n, err := drainPartition(ctx, broker, topic, p.ID)
			total.Add(n)
			errs <- err
		})
	}
	readers.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			b.Fatal(err)
		}
	}
	return total.Load()
}

func drainPartition(ctx context.Context, broker, topic string, partition int) (records int64, err error) {
	conn, err := kafkago.DialLeader(ctx, "tcp", broker, topic, partition)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	_, end, err := conn.ReadOffsets()
	if err != nil {
		return 0, err
	}
	next, err := conn.Seek(0, kafkago.SeekStart)
	if err != nil {
		return 0, err
	}
	for next < end {
		batch := conn.ReadBatchWith(kafkago.ReadBatchConfig{MinBytes: 1, MaxBytes: 1 << 20})
		for {
			m, err := batch.ReadMessage()
			if err != nil {
				if !errors.Is(err, io.EOF) {
					return records, fmt.Errorf("partition %d at %d: %w", partition, next, err)
				}
				break
			}
			records++
			next = m.Offset + 1
		}
		if err := batch.Close(); err != nil {
			return records, err
		}
	}
	return records, nil
}
