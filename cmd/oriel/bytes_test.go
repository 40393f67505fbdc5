package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/kafka"
	"github.com/oriel-stream/oriel/stream/ndjson"
	"github.com/oriel-stream/oriel/window"
)

// These tests hold the promise that the same offsets and flags give the same
// bytes, whatever the cores, workers, fetch sizes, broker, or if the records
// come from a dump.

// mixedPartitions are those of the mixed feed; the last stays empty.
const mixedPartitions = 5

// mixedFeed is a feed of everything that could make a result depend on
// scheduling: partitions that run apart, disorder far beyond the bound, equal
// times, values whose sums depend on their order, broken and future records.
func mixedFeed() []message {
	rng := rand.New(rand.NewPCG(7, 11))
	keys := [][]byte{nil, {}, []byte("a"), []byte("b"), []byte("zürich"), []byte("\xff\x00"), []byte(`q"uote`), []byte("c/d")}
	broken := []string{`{"temp":2`, "", "null", `{"temp":"n/a","ts":%d}`, `{"temp":1e400,"ts":%d}`, `{"temp":3,"ts":"soon"}`}
	var feed []message
	const perPartition = 400
	for p := range int32(mixedPartitions - 1) {
		now := int64(1_795_327_200_000) + int64(p)*3_000 // the partitions are seconds apart
		for i := range perPartition {
			if rng.IntN(8) > 0 {
				now += rng.Int64N(400)
			}
			at := now
			switch rng.IntN(40) {
			case 0:
				at -= rng.Int64N(40_000) // out of order, far beyond the bound of 2 s
			case 1, 2, 3, 4:
				at -= rng.Int64N(4_000)
			case 5:
				at += 86_400_000 // future
			}
			m := message{partition: p, timestamp: now + rng.Int64N(2_000), key: keys[rng.IntN(len(keys))]}
			m.payload = fmt.Appendf(nil, `{"site":"s%d","temp":%v,"ts":%d,"load":{"cpu":%v}}`,
				i%3, 1000*rng.NormFloat64(), at, rng.Float64())
			if rng.IntN(30) == 0 {
				text := broken[rng.IntN(len(broken))]
				if strings.Contains(text, "%d") {
					text = fmt.Sprintf(text, at)
				}
				m.payload = []byte(text)
			}
			if rng.IntN(100) == 0 {
				m.payload = nil
			}
			feed = append(feed, m)
		}
	}
	return feed
}

// produceMixed creates topic and writes the mixed feed in batches of 1 to 120
// records, each compressed in another way.
func produceMixed(t *testing.T, addr, topic string) {
	t.Helper()
	var writers []client
	for _, codec := range []kgo.CompressionCodec{
		kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression(),
	} {
		writers = append(writers, newClient(t, addr, kgo.ProducerBatchCompression(codec)))
	}
	writers[0].createTopic(topic, mixedPartitions)
	rng := rand.New(rand.NewPCG(3, 5))
	feed := mixedFeed()
	for batch := 0; len(feed) > 0; batch++ {
		n := min(len(feed), 1+rng.IntN(120))
		for feed[n-1].partition != feed[0].partition {
			n--
		}
		writers[batch%len(writers)].produce(topic, feed[:n]...)
		feed = feed[n:]
	}
}

// mixedCommands are the computations that must be reproducible, by name.
var mixedCommands = map[string][]string{
	"holt":    {"-m", "holt", "--value", "temp"},
	"auto":    {"-m", "auto", "--value", "temp", "--value", "load.cpu", "--level", "80,95"},
	"none":    {"-m", "none", "--value", "temp", "--key", "site"},
	"windows": {"-m", "damped", "--value", "temp", "--forecast-input", "aggregates", "--forecast-of", "max", "--history", "7", "--allowed-lateness", "20s"},
	"largest": {"-m", "auto", "--value", "temp", "--forecast-of", "sum"},
	"counted": {"-m", "ses", "--value", "none", "--origin", "3s"},
	"asked":   {"-m", "none", "--value", "temp", "--value", "load.cpu", "--agg", "p50,p99.9,p1,rate", "--agg", "distinct:temp,distinct:site"},
	"revised": {"-m", "auto", "--value", "temp", "--allowed-lateness", "20s", "--empty", "--history", "3"},
	"final":   {"-m", "holt", "--value", "temp", "--value", "load.cpu", "--allowed-lateness", "20s", "--emit", "final"},
	// A place for one key in each partition; a dump without the header line tells
	// nothing of the silent partition, which has a place, too.
	"few":     {"-m", "none", "--value", "temp", "--max-keys", "4", "--allowed-lateness", "1s"},
	"arrived": {"-m", "ses", "--value", "temp", "--time-domain", "processing"},
}

// mixedFlags are common to all of them.
var mixedFlags = []string{"--time", "ts", "-w", "10s/1s", "-w", "7s", "--quiet"}

// printed is what must be the same, byte for byte.
type printed struct{ stdout, rejects string }

// replayedOn runs replay with a rejects file on procs cores.
func replayedOn(t *testing.T, procs int, stdin io.Reader, args ...string) printed {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
	rejects := filepath.Join(t.TempDir(), "rejects")
	args = append(append([]string{"replay", "--rejects", rejects}, mixedFlags...), args...)
	got := orielWith(t, stdin, args...)
	if got.code != exitDone {
		t.Fatalf("%v: exit code %d: %s", args, got.code, got.stderr)
	}
	text, err := os.ReadFile(rejects)
	if err != nil {
		t.Fatal(err)
	}
	return printed{got.stdout, string(text)}
}

// same fails unless both are the same bytes, and shows the first line that
// differs.
func same(t *testing.T, way string, got, want printed) {
	t.Helper()
	for _, c := range []struct{ what, got, want string }{
		{"stdout", got.stdout, want.stdout}, {"rejects", got.rejects, want.rejects},
	} {
		if c.got == c.want {
			continue
		}
		g, w := strings.Split(c.got, "\n"), strings.Split(c.want, "\n")
		i := 0
		for i < min(len(g), len(w))-1 && g[i] == w[i] {
			i++
		}
		t.Errorf("%s, %s: %d lines, want %d; line %d is\n%s\nwant\n%s", way, c.what, len(g), len(w), i, g[i], w[i])
	}
}

// checkBytes reads the mixed feed from a broker in many ways, and from dumps
// of it, and returns the bytes that all of them printed for each command.
func checkBytes(t *testing.T, addr, topic string) map[string]printed {
	t.Helper()
	dumps := dumpsOf(t, addr, topic)
	out := map[string]printed{}
	for name, flags := range mixedCommands {
		t.Run(name, func(t *testing.T) {
			fromBroker := append([]string{topic, "-b", addr}, flags...)
			want := replayedOn(t, 1, nil, append(fromBroker, "--workers", "1")...)
			if strings.Count(want.stdout, "\n") < 250 || strings.Count(want.rejects, "\n") < 50 {
				t.Fatalf("%d lines and %d rejects show too little", strings.Count(want.stdout, "\n"), strings.Count(want.rejects, "\n"))
			}
			checkFetching(t, want, fromBroker)
			checkDumps(t, want, dumps, flags)
			out[name] = want
		})
	}
	return out
}

// checkFetching varies the cores, the workers and what a fetch may hold, down
// to less than a batch.
func checkFetching(t *testing.T, want printed, args []string) {
	t.Helper()
	const small, tiny = "max.partition.fetch.bytes=2048", "fetch.message.max.bytes=1"
	for _, c := range []struct {
		procs int
		flags []string
	}{
		{1, []string{"--workers", "7"}},
		{8, []string{"--workers", "1"}},
		{8, []string{"--workers", "7"}},
		{1, []string{"--workers", "1", "-X", small}},
		{8, []string{"--workers", "7", "-X", small}},
		{1, []string{"--workers", "7", "-X", tiny, "-X", "fetch.max.bytes=3000"}},
		{8, []string{"--workers", "1", "-X", tiny, "-X", "fetch.max.bytes=3000"}},
	} {
		way := fmt.Sprintf("GOMAXPROCS %d, %v", c.procs, c.flags)
		same(t, way, replayedOn(t, c.procs, nil, append(c.flags, args...)...), want)
	}
}

// checkDumps reads each dump as a file and through a pipe.
func checkDumps(t *testing.T, want printed, dumps map[string][]byte, flags []string) {
	t.Helper()
	for name, dump := range dumps {
		file := filepath.Join(t.TempDir(), "dump.jsonl")
		if err := os.WriteFile(file, dump, 0o600); err != nil {
			t.Fatal(err)
		}
		same(t, "file "+name, replayedOn(t, 8, nil, append([]string{"--input", file}, flags...)...), want)

		r, w := io.Pipe()
		go func() {
			_, err := io.Copy(w, bytes.NewReader(dump))
			w.CloseWithError(err)
		}()
		same(t, "pipe "+name, replayedOn(t, 8, r, append([]string{"--input", "-", "--workers", "7"}, flags...)...), want)
	}
}

// dumpsOf reads a topic by oriel's own source and returns it as envelope lines
// in several orders. The partitions begin at offset 0, so a dump without the
// header line means the same.
func dumpsOf(t *testing.T, addr, topic string) map[string][]byte {
	t.Helper()
	assignments, lines := readTopic(t, addr, topic)
	header := append(ndjson.AppendHeader(nil, assignments), '\n')
	var whole, mixed []byte
	for _, partition := range lines {
		whole = append(whole, bytes.Join(partition, nil)...)
	}
	for i, left := 0, true; left; i++ {
		left = false
		for _, partition := range lines {
			if i < len(partition) {
				mixed, left = append(mixed, partition[i]...), true
			}
		}
	}
	return map[string][]byte{
		"by partition":            append(bytes.Clone(header), whole...),
		"mixed":                   append(bytes.Clone(header), mixed...),
		"by partition, no header": whole,
		"mixed, no header":        mixed,
	}
}

// readTopic returns the envelope lines of each partition of a topic.
func readTopic(t *testing.T, addr, topic string) ([]stream.Assignment, [][][]byte) {
	t.Helper()
	cfg, _, err := kafka.ParseConfig([]kafka.Property{{Key: "bootstrap.servers", Value: addr}}, os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	c, err := kafka.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	plan, err := c.Ranges(t.Context(), []string{topic}, kafka.RangeSpec{Bounded: true})
	if err != nil {
		t.Fatal(err)
	}
	lines := make([][][]byte, len(plan.Assignments))
	var readers sync.WaitGroup
	var opened []chan stream.Delivery
	err = c.Source(plan.Assignments, kafka.Options{}).Run(t.Context(), func(a stream.Assignment) (chan<- stream.Delivery, error) {
		in := make(chan stream.Delivery)
		into := &lines[len(opened)]
		opened = append(opened, in)
		readers.Go(func() { appendEnvelopes(into, a.ID, in) })
		return in, nil
	})
	for _, in := range opened {
		close(in)
	}
	readers.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return plan.Assignments, lines
}

func appendEnvelopes(lines *[][]byte, id window.PartitionID, in <-chan stream.Delivery) {
	for d := range in {
		if d.Kind != stream.Data {
			continue
		}
		var r stream.Record
		for d.Batch.Next(&r) {
			*lines = append(*lines, append(ndjson.AppendEnvelope(nil, id, &r), '\n'))
		}
		d.Batch.Release()
	}
}

func TestBytes(t *testing.T) {
	addr := newBroker(t).ListenAddrs()[0]
	produceMixed(t, addr, "mixed")
	checkBytes(t, addr, "mixed")
}

// TestLaterLinesRepeatTheForecast that was made when the window fired on time,
// also where that had no line.
func TestLaterLinesRepeatTheForecast(t *testing.T) {
	addr := newBroker(t).ListenAddrs()[0]
	produceMixed(t, addr, "mixed")
	type line struct {
		core
		Forecast json.RawMessage `json:"forecast"`
	}
	type window struct {
		key        string
		start, end int64
	}
	made := map[window]string{}
	read := func(emit string, look func(w window, l line)) {
		got := oriel(t, slices.Concat([]string{"replay", "mixed", "-b", addr, "-m", "holt", "--value", "temp", "--allowed-lateness", "20s", "--emit", emit}, mixedFlags)...)
		if got.code != exitDone {
			t.Fatalf("%+v", got)
		}
		for _, text := range got.lines() {
			var l line
			if err := json.Unmarshal([]byte(text), &l); err != nil {
				t.Fatal(err)
			}
			key := "null"
			if l.Key != nil {
				key = strconv.Quote(*l.Key)
			}
			look(window{key + l.KeyBase64, l.Start, l.End}, l)
		}
	}
	revised, late := 0, 0
	read("on-time", func(w window, l line) {
		if l.Revision == 0 {
			made[w] = string(l.Forecast)
			return
		}
		revised++
		if made[w] != string(l.Forecast) {
			t.Errorf("%+v: %s, want %s", w, l.Forecast, made[w])
		}
	})
	read("final", func(w window, l line) {
		if l.Late > 0 {
			late++
		}
		if made[w] != string(l.Forecast) {
			t.Errorf("%+v: %s, want %s", w, l.Forecast, made[w])
		}
	})
	if revised < 50 || late < 50 {
		t.Errorf("%d lines were revised, %d final ones have late records: that shows too little", revised, late)
	}
}

// TestBytesOfAStumblingBroker cuts connections, moves leaders and answers with
// nothing; the lines stay the same.
func TestBytesOfAStumblingBroker(t *testing.T) {
	cluster := newBroker(t, kfake.NumBrokers(3))
	addr := cluster.ListenAddrs()[0]
	produceMixed(t, addr, "mixed")
	args := append([]string{"mixed", "-b", addr, "-X", "max.partition.fetch.bytes=4096"}, mixedCommands["holt"]...)
	want := replayedOn(t, 8, nil, args...)

	fetches := 0
	cluster.ControlKey(int16(kmsg.Fetch), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		fetches++
		switch {
		case fetches%7 == 3:
			return nil, context.DeadlineExceeded, true // which cuts the connection
		case fetches%7 == 5:
			_ = cluster.MoveTopicPartition("mixed", int32(fetches%mixedPartitions), int32(fetches%3))
		}
		return nil, nil, false
	})
	same(t, "stumbling", replayedOn(t, 8, nil, args...), want)
	if fetches < 14 {
		t.Errorf("%d fetches: the broker had no chance to stumble", fetches)
	}
}
