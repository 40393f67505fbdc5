//go:build bench

package kafka

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/compress"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

const (
	benchTopic      = "bench"
	benchPartitions = 4
	// benchRecords is what each way reads in a round.
	benchRecords = 2_000_000
	// benchBatch is the variable that makes this program the broker: it names the
	// file of the batch to serve.
	benchBatch = "ORIEL_BENCH_BATCH"
)

// init serves the benchmark, which starts this program once more: a broker in
// the same process would share its collector with those it is to compare. It
// ends with its stdin.
func init() {
	path := os.Getenv(benchBatch)
	if path == "" {
		return
	}
	batch, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(benchPartitions, benchTopic), kfake.SyntheticFetch(kfake.SyntheticBatch{Batch: batch}))
	if err != nil {
		panic(err)
	}
	fmt.Println(c.ListenAddrs()[0])
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// readings is a batch of JSON values of 200 bytes, which compress as readings of
// sensors do.
func readings(b *testing.B, codec int16) []byte {
	batch, random := plainBatch(0, walkRecords, codec), rand.New(rand.NewPCG(1, 2))
	for i := range batch.records {
		sensor := fmt.Sprintf("s-%03d", random.IntN(200))
		value := fmt.Appendf(nil, `{"ts":%d,"sensor":"%s","temp":%.2f,"humidity":%.1f,"battery":%.2f,"site":"north","unit":"celsius","ok":true,"request":"%016x","seq":%09d,"tags":["indoor","calibrated"]`,
			firstTime+i*10, sensor, 15+10*random.Float64(), 10+80*random.Float64(), 3+random.Float64(), random.Uint64(), i)
		value = fmt.Appendf(value, `,"n":"%0*d"}`, 200-len(value)-len(`,"n":""}`), i)
		batch.records[i].Key, batch.records[i].Value = []byte(sensor), value
	}
	return batch.encode(b)
}

// startBroker starts the broker and returns its address.
func startBroker(b *testing.B, codec int16) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "batch")
	if err := os.WriteFile(path, readings(b, codec), 0o600); err != nil {
		b.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), self)
	cmd.Env = append(os.Environ(), benchBatch+"="+path)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// spent is what reading cost so far.
type spent struct {
	wall, cpu time.Duration
	mallocs   uint64
}

// add measures read.
func (s *spent) add(read func() error) error {
	var before, after runtime.MemStats
	runtime.GC() // what others left behind is theirs
	runtime.ReadMemStats(&before)
	began, cpu := time.Now(), cpuTime()
	err := read()
	s.wall += time.Since(began)
	s.cpu += cpuTime() - cpu
	runtime.ReadMemStats(&after)
	s.mallocs += after.Mallocs - before.Mallocs
	return err
}

// cpuTime is the processor time of this process.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkFetchBeside reads and walks four partitions of a broker in another
// process, and does the same with kafka-go's Conn.ReadBatch and ReadMessage, a
// connection a partition, and with franz-go's PollFetches, in turns. It reports
// how many times as long the others take, by the wall clock and in processor
// time of this process.
func BenchmarkFetchBeside(b *testing.B) {
	for _, codec := range []compress.Compression{compress.None, compress.Lz4, compress.Zstd} {
		b.Run(codec.String(), func(b *testing.B) {
			addr := startBroker(b, int16(codec))
			var own, batch, franz spent
			for b.Loop() {
				for _, way := range []struct {
					spent *spent
					read  func(context.Context, string) error
				}{{&own, readSource}, {&batch, readBatches}, {&franz, pollFetches}} {
					if err := way.spent.add(func() error { return way.read(b.Context(), addr) }); err != nil {
						b.Fatal(err)
					}
				}
			}
			records := float64(b.N) * benchRecords
			b.ReportMetric(0, "ns/op") // of all three together it means nothing
			b.ReportMetric(records/own.wall.Seconds(), "records/s")
			b.ReportMetric(float64(own.mallocs)/records, "allocs/record")
			b.ReportMetric(float64(batch.wall)/float64(own.wall), "x-ReadBatch")
			b.ReportMetric(float64(batch.cpu)/float64(own.cpu), "cpu-x-ReadBatch")
			b.ReportMetric(float64(franz.wall)/float64(own.wall), "x-PollFetches")
			b.ReportMetric(float64(franz.cpu)/float64(own.cpu), "cpu-x-PollFetches")
		})
	}
}

// readSource reads by this package.
func readSource(ctx context.Context, addr string) error {
	client, err := Open(ctx, Config{Brokers: []string{addr}})
	if err != nil {
		return err
	}
	defer client.Close()
	var assignments []stream.Assignment
	for p := range int32(benchPartitions) {
		assignments = append(assignments, stream.Assignment{ID: window.PartitionID{Topic: benchTopic, Partition: p}, End: -1})
	}
	return drain(client.Source(assignments, Options{}), benchRecords)
}

// readBatches reads by kafka-go.
func readBatches(ctx context.Context, addr string) error {
	var left atomic.Int64
	left.Store(benchRecords)
	errs := make([]error, benchPartitions)
	var readers sync.WaitGroup
	for p := range errs {
		readers.Go(func() { errs[p] = readPartition(ctx, addr, p, &left) })
	}
	readers.Wait()
	return errors.Join(errs...)
}

func readPartition(ctx context.Context, addr string, partition int, left *atomic.Int64) error {
	conn, err := kafkago.DialLeader(ctx, "tcp", addr, benchTopic, partition)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Seek(0, kafkago.SeekAbsolute); err != nil {
		return err
	}
	for left.Load() > 0 {
		batch := conn.ReadBatchWith(kafkago.ReadBatchConfig{MinBytes: 1, MaxBytes: DefaultMaxPartitionFetchBytes})
		n := int64(0)
		for {
			if _, err := batch.ReadMessage(); err != nil {
				if !errors.Is(err, io.EOF) {
					return err
				}
				break
			}
			n++
		}
		if err := batch.Close(); err != nil {
			return err
		}
		left.Add(-n)
	}
	return nil
}

// pollFetches reads by franz-go.
func pollFetches(ctx context.Context, addr string) error {
	offsets := map[int32]kgo.Offset{}
	for p := range int32(benchPartitions) {
		offsets[p] = kgo.NewOffset().At(0)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{benchTopic: offsets}))
	if err != nil {
		return err
	}
	defer client.Close()
	for n := 0; n < benchRecords; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		for it := fetches.RecordIter(); !it.Done(); n++ {
			it.Next()
		}
	}
	return nil
}
