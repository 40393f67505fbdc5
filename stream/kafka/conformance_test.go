package kafka

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// conformance are the tests of reading and writing that every make of broker must meet.
var conformance = []struct {
	name  string
	run   func(t *testing.T, c *testCluster)
	needs []need
}{
	{"codecs", testCodecs, nil},
	{"kafka-go writer", testWriter, nil},
	{"fetch sizes", testFetchSizes, nil},
	{"large payload", testLargePayload, nil},
	{"transactions", testTransactions, []need{needTransactions}},
	{"compaction", testCompaction, []need{needTopics}},
	{"append time", testAppendTime, []need{needTopics}},
	{"offsets", testOffsets, nil},
	{"offsets of times", testOffsetsOfTimes, []need{needTimes}},
	{"times", testTimes, []need{needTimes}},
	{"since", testSinceOfABroker, []need{needTimes}},
	{"ranges inside batches", testInsideBatches, nil},
	{"retention", testRetention, []need{needTopics}},
	{"empty", testEmpty, nil},
	{"live", testLive, nil},
	{"slow worker", testSlowWorker, nil},
	{"cancellation", testCancellation, nil},
	{"deleted topic", testDeletedTopic, []need{needTopics}},
	{"deleted topic, live", testDeletedTopicLive, []need{needTopics}},
	{"topic created again", testCreatedAgain, []need{needTopics}},
	{"truncated log", testTruncatedLog, []need{needTopics}},
	{"new partitions", testNewPartitions, []need{needTopics}},
	{"resolve", testResolve, nil},
	{"resolve the unknown", testResolveUnknown, []need{needTopics}},
	{"describe", testDescribe, []need{needTopics}},
	{"describe nothing", testDescribeNothing, []need{needTopics}},
	{"groups", testGroups, []need{needTopics, needGroups}},
	{"groups and logs that change", testCommittedElsewhere, []need{needTopics, needGroups}},
	{"member resumes", testMemberResumes, []need{needTopics, needGroups}},
	{"members share", testMembersShare, []need{needTopics, needGroups}},
	{"static member", testStaticMember, []need{needTopics, needGroups}},
	{"fenced member", testFencedMember, []need{needTopics, needGroups}},
	{"members and new partitions", testMemberGrows, []need{needTopics, needGroups}},
	{"member of a deleted topic", testMemberOfDeletedTopic, []need{needTopics, needGroups}},
	{"member of a topic created again", testMemberOfATopicCreatedAgain, []need{needTopics, needGroups}},
	{"group of strangers", testStrangers, []need{needTopics, needGroups}},
	{"group of the newer type", testServerSideGroup, []need{needTopics, needGroups}},
	{"short session", testShortSession, []need{needTopics, needGroups}},
	{"refused assignment", testAssignFails, nil},
	{"arrival", testArrival, nil},
	{"producer", testProducer, nil},
	{"producer to a topic of small batches", testSmallTopic, []need{needTopics}},
	{"producer to an unknown topic", testProducerUnknown, []need{needTopics}},
}

// compareWithOracle replays all of topic and compares with another client. That
// one reads before and after: a real broker compacts when it likes, and only of
// a log that stood still meanwhile must both read the same.
func compareWithOracle(t *testing.T, c *testCluster, cfg Config, topic string) *recorder {
	t.Helper()
	client := c.open(t, cfg)
	p := plan(t, client, topic, "", "")
	want := c.oracle(t, p.Assignments, cfg.Isolation)
	var r *recorder
	for still, attempt := false, 0; !still; attempt++ {
		if attempt == 20 {
			t.Fatalf("topic %s changes whenever it is read", topic)
		}
		before := want
		r = replay(t, client, p.Assignments)
		want = c.oracle(t, p.Assignments, cfg.Isolation)
		still = cmp.Equal(before, want)
	}
	for _, a := range p.Assignments {
		l := r.logs[a.ID]
		if diff := cmp.Diff(want[a.ID], l.records); diff != "" {
			t.Errorf("%v: kgo reads -, we read +:\n%s", a.ID, diff)
		}
		if !l.finished || l.next != a.End || len(l.gaps) > 0 {
			t.Errorf("%v: finished %v at %d, want %d; gaps %v", a.ID, l.finished, l.next, a.End, l.gaps)
		}
	}
	if r.total() == 0 {
		t.Error("nothing was read")
	}
	return r
}

// oddRecords have everything that can be null or empty.
func oddRecords(topic string, partition int32, n int) []*kgo.Record {
	records := numbered(topic, partition, n)
	for i, r := range records {
		switch i % 5 {
		case 0:
			r.Key = []byte("key-" + strconv.Itoa(i))
		case 1:
			r.Key, r.Value = []byte{}, nil
		case 2:
			r.Value = []byte{}
			r.Headers = []kgo.RecordHeader{{Key: "trace", Value: []byte("abc")}, {Key: "none"}, {Key: "", Value: []byte{}}}
		case 3:
			r.Value = []byte(strings.Repeat("lorem ipsum ", i))
		}
	}
	return records
}

func testCodecs(t *testing.T, c *testCluster) {
	topic := c.topic(t, 3)
	for i, codec := range []kgo.CompressionCodec{
		kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression(),
	} {
		c.produce(t, oddRecords(topic, int32(i%3), 200), kgo.ProducerBatchCompression(codec))
	}
	r := compareWithOracle(t, c, c.config(), topic)
	if got := r.total(); got != 1000 {
		t.Errorf("%d records, want 1000", got)
	}
}

func testWriter(t *testing.T, c *testCluster) {
	topic := c.topic(t, 2)
	for _, codec := range []kafkago.Compression{0, kafkago.Gzip, kafkago.Snappy, kafkago.Lz4, kafkago.Zstd} {
		transport := &kafkago.Transport{}
		w := &kafkago.Writer{
			Addr: kafkago.TCP(c.addrs...), Topic: topic, Compression: codec, Transport: transport,
			RequiredAcks: kafkago.RequireAll, BatchTimeout: time.Millisecond, Balancer: &kafkago.RoundRobin{},
		}
		var messages []kafkago.Message
		for i := range 50 {
			messages = append(messages, kafkago.Message{
				Key: []byte("k"), Value: []byte(strings.Repeat(strconv.Itoa(i), 30)),
				Headers: []kafkago.Header{{Key: "h", Value: []byte("v")}},
			})
		}
		if err := w.WriteMessages(t.Context(), messages...); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		transport.CloseIdleConnections()
	}
	if got := compareWithOracle(t, c, c.config(), topic).total(); got != 250 {
		t.Errorf("%d records, want 250", got)
	}
}

func testFetchSizes(t *testing.T, c *testCluster) {
	topic := c.topic(t, 4)
	for p := range int32(4) {
		for range 5 {
			c.produce(t, oddRecords(topic, p, 40))
		}
	}
	for _, size := range []int{1 << 10, 5_000, 64 << 10, 1 << 20} {
		for _, total := range []int{1 << 10, 16 << 10, 50 << 20} {
			cfg := c.config()
			cfg.MaxPartitionFetchBytes, cfg.FetchMaxBytes = size, total
			if got := compareWithOracle(t, c, cfg, topic).total(); got != 800 {
				t.Errorf("fetch size %d of %d: %d records, want 800", size, total, got)
			}
		}
	}
}

// testLargePayload: 10 MB, far above the fetch size, and compressed a thousandfold.
func testLargePayload(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1, "max.message.bytes", strconv.Itoa(20<<20))
	value := []byte(strings.Repeat("0123456789", 1_000_000))
	for _, codec := range []kgo.CompressionCodec{kgo.GzipCompression(), kgo.ZstdCompression(), kgo.SnappyCompression()} {
		c.produce(t, []*kgo.Record{{Topic: topic, Value: value}}, kgo.ProducerBatchCompression(codec))
	}
	client := c.open(t, c.config())
	r := replay(t, client, plan(t, client, topic, "", "").Assignments)
	l := r.logs[window.PartitionID{Topic: topic}]
	if len(l.records) != 3 {
		t.Fatalf("%d records, want 3", len(l.records))
	}
	for _, rec := range l.records {
		if rec.Value != string(value) {
			t.Errorf("offset %d: %d bytes are not those written", rec.Offset, len(rec.Value))
		}
	}
}

// testTransactions: two producers whose transactions overlap, some aborted,
// among records without one.
func testTransactions(t *testing.T, c *testCluster) {
	topic := c.topic(t, 2)
	rng := rand.New(rand.NewPCG(1, 2))
	var producers []*kgo.Client
	for i := range 2 {
		producers = append(producers, c.kgo(t, kgo.TransactionalID(fmt.Sprintf("%s-%d", topic, i))))
	}
	committed := 0
	for round := range 8 {
		for _, p := range producers {
			if err := p.BeginTransaction(); err != nil {
				t.Fatal(err)
			}
		}
		count := make([]int, len(producers))
		for i := range 6 {
			k := rng.IntN(len(producers))
			count[k]++
			r := &kgo.Record{Topic: topic, Partition: int32(i % 2), Value: fmt.Appendf(nil, "%d-%d-%d", round, k, i)}
			if err := producers[k].ProduceSync(t.Context(), r).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		c.produce(t, numbered(topic, int32(round%2), 2))
		for k, p := range producers {
			commit := kgo.TransactionEndTry((round+k)%3 != 0)
			if commit {
				committed += count[k]
			}
			if err := p.EndTransaction(t.Context(), commit); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.awaitMarkers(t, topic)
	for _, size := range []int{1 << 10, 1 << 20} {
		cfg := c.config()
		cfg.MaxPartitionFetchBytes = size
		if got := compareWithOracle(t, c, cfg, topic).total(); got != committed+16 {
			t.Errorf("read_committed: %d records, want %d", got, committed+16)
		}
		cfg.Isolation = ReadUncommitted
		if got := compareWithOracle(t, c, cfg, topic).total(); got != 8*6+16 {
			t.Errorf("read_uncommitted: %d records, want %d", got, 8*6+16)
		}
	}
	testOpenTransaction(t, c, topic, producers[0])
}

// awaitMarkers waits for the ends of transactions: a broker answers when they are
// certain, and writes the markers a little later.
func (c *testCluster) awaitMarkers(t *testing.T, topic string) {
	t.Helper()
	cfg := c.config()
	committed := c.open(t, cfg)
	cfg.Isolation = ReadUncommitted
	all := c.open(t, cfg)
	eventually(t, "the markers of transactions in "+topic, func() bool {
		end := plan(t, committed, topic, "", "").Assignments
		return cmp.Equal(end, plan(t, all, topic, "", "").Assignments)
	})
}

// testOpenTransaction: reading stops before it, and is caught up there.
func testOpenTransaction(t *testing.T, c *testCluster, topic string, producer *kgo.Client) {
	client := c.open(t, c.config())
	before := plan(t, client, topic, "", "")
	if err := producer.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := producer.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte("open")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	during := plan(t, client, topic, "", "")
	if diff := cmp.Diff(before.Assignments, during.Assignments); diff != "" {
		t.Errorf("an open transaction moves the end (-without +with):\n%s", diff)
	}
	r := newRecorder(t)
	notices := make(chan string, 10)
	s := client.Source(live(t, client, topic), Options{Notice: func(n stream.Notice) { notices <- n.Text }}).(*source)
	s.heldAfter = 50 * time.Millisecond
	stop := r.background(s)
	id := window.PartitionID{Topic: topic}
	r.wait("catching up before the transaction", func() bool {
		return len(r.logs) == 2 && r.logs[id].caughtUp > 0 && r.logs[id].unstable == 1
	})
	r.mu.Lock()
	seen := slices.Contains(r.logs[id].values(), "open")
	r.mu.Unlock()
	if seen {
		t.Error("a record of an open transaction was read")
	}
	begins := before.Assignments[0].End
	want := regexp.MustCompile(fmt.Sprintf(`^%s/0: an open transaction of producer \d+, begun at \S+Z, holds back offset %d: `, topic, begins))
	if n := <-notices; !want.MatchString(n) {
		t.Errorf("notice %q", n)
	}
	if err := producer.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
		t.Fatal(err)
	}
	r.wait("the committed record", func() bool { return slices.Contains(r.logs[id].values(), "open") })
	if n := <-notices; n != fmt.Sprintf("%s/0: the transaction at offset %d has ended", topic, begins) {
		t.Errorf("notice %q", n)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func testCompaction(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1, "cleanup.policy", "compact", "segment.bytes", c.segmentBytes, "segment.ms", "100",
		"min.cleanable.dirty.ratio", "0.001", "min.compaction.lag.ms", "0", "max.compaction.lag.ms", "100")
	for round := range 40 {
		var records []*kgo.Record
		for i := range 20 {
			records = append(records, &kgo.Record{
				Topic: topic, Key: []byte(strconv.Itoa(i % 7)), Value: []byte(strings.Repeat(strconv.Itoa(round), 40)),
			})
		}
		codec := []kgo.CompressionCodec{kgo.NoCompression(), kgo.ZstdCompression()}[round%2]
		c.produce(t, records, kgo.ProducerBatchCompression(codec))
	}
	if c.compact != nil {
		c.compact()
	}
	r := compareWithOracle(t, c, c.config(), topic)
	if c.compact != nil && r.total() == 40*20 {
		t.Error("nothing was compacted: the test shows nothing")
	}
}

// testAppendTime: the broker's time is that of every record of a batch.
func testAppendTime(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1, "message.timestamp.type", "LogAppendTime")
	c.produce(t, numbered(topic, 0, 10))
	r := compareWithOracle(t, c, c.config(), topic)
	for _, rec := range r.logs[window.PartitionID{Topic: topic}].records {
		if rec.Append != c.appendTime {
			t.Errorf("offset %d: append time %v, want %v", rec.Offset, rec.Append, c.appendTime)
		}
	}
}

// What may lie before a range where no time says so.
const nothing, unknown = window.MinTime, window.MaxTime

// offsetRange is what --from and --to mean in a log of the offsets 0 to 99, of a
// record a second.
type offsetRange struct {
	from, to   string
	start, end int64
	short      bool
	before     window.Time
}

// testOffsets reads ranges that are given by offsets.
func testOffsets(t *testing.T, c *testCluster) {
	client, topic := checkOffsets(t, c, []offsetRange{
		{"", "", 0, 100, false, nothing},
		{"start", "end", 0, 100, false, nothing},
		{"0", "100", 0, 100, false, nothing},
		{"10", "20", 10, 20, true, unknown},
		{"+10", "+20", 10, 30, true, unknown},
		{"-10", "", 90, 100, false, unknown},
		{"", "-10", 0, 90, true, nothing},
		{"-1000", "+1000", 0, 100, false, nothing},
		{"+1000", "", 100, 100, false, unknown},
		{"1000", "2000", 100, 100, false, unknown},
		{"50", "40", 50, 50, true, unknown},
		{"end", "", 100, 100, false, unknown},
		{"start", "start", 0, 0, true, nothing},
		{"0=30,1=end", "0=+5", 30, 35, true, unknown},
		{"1=end,-3", "", 97, 100, false, unknown},
	})
	_, err := client.Ranges(t.Context(), []string{topic}, RangeSpec{Partitions: Selection{ranges: []partitionRange{{1, 4}}}})
	var unknown *UnknownPartitionError
	if !errors.As(err, &unknown) || *unknown != (UnknownPartitionError{Partition: 4, Count: 4, Flag: "--partitions"}) {
		t.Errorf("a partition that does not exist: %v", err)
	}
}

// testOffsetsOfTimes reads ranges that are given by times.
func testOffsetsOfTimes(t *testing.T, c *testCluster) {
	checkOffsets(t, c, []offsetRange{
		{"@1700000010", "@1700000020", 10, 20, true, 1700000009999},
		{"@1700000010001", "", 11, 100, false, 1700000010000},
		{"@2023-11-14T22:13:30Z", "", 10, 100, false, 1700000009999},
		{"@1600000000", "", 0, 100, false, nothing},
		{"@1900000000", "", 100, 100, false, 1899999999999},
		{"@-1h", "", 100, 100, false, window.Time(now.Add(-time.Hour).UnixMilli() - 1)},
	})
}

// checkOffsets makes a topic whose first partition has 100 records, and others
// that are empty.
func checkOffsets(t *testing.T, c *testCluster, ranges []offsetRange) (*Client, string) {
	t.Helper()
	topic := c.topic(t, 4)
	c.produceBatches(t, numbered(topic, 0, 100))
	client := c.open(t, c.config())
	for _, test := range ranges {
		p := plan(t, client, topic, test.from, test.to)
		got := p.Assignments[0]
		want := stream.Assignment{
			ID: window.PartitionID{Topic: topic}, Start: test.start, End: test.end,
			FromBeginning: test.start == 0, Before: test.before, Short: test.short,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("--from %q --to %q: (-want +got)\n%s", test.from, test.to, diff)
		}
		for _, other := range p.Assignments[1:] {
			if other.Start != 0 || other.End != 0 || len(p.Gaps) > 0 {
				t.Errorf("--from %q --to %q: an empty partition is %+v, gaps %v", test.from, test.to, other, p.Gaps)
			}
		}
	}
	return client, topic
}

// testTimes: timestamps that do not rise with the offsets.
func testTimes(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1)
	var records []*kgo.Record
	for _, second := range []int64{5, 1, 9, 3, 9, 20} {
		records = append(records, &kgo.Record{Topic: topic, Timestamp: time.UnixMilli(firstTime + second*1000)})
	}
	c.produceBatches(t, records)
	client := c.open(t, c.config())
	for second, want := range map[int64]int64{0: 0, 5: 0, 6: 2, 9: 2, 10: 5, 20: 5, 21: 6} {
		p := plan(t, client, topic, "@"+strconv.FormatInt(firstTime/1000+second, 10), "")
		if got := p.Assignments[0].Start; got != want {
			t.Errorf("the first record %ds after the first time has offset %d, want %d", second, got, want)
		}
	}
}

func testInsideBatches(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1)
	for range 3 {
		c.produce(t, numbered(topic, 0, 10), kgo.ProducerBatchCompression(kgo.Lz4Compression()))
	}
	client := c.open(t, c.config())
	for _, r := range [][2]int64{{3, 7}, {7, 13}, {9, 10}, {10, 20}, {19, 30}, {0, 1}, {29, 30}} {
		p := plan(t, client, topic, strconv.FormatInt(r[0], 10), strconv.FormatInt(r[1], 10))
		l := replay(t, client, p.Assignments).logs[p.Assignments[0].ID]
		var want []int64
		for o := r[0]; o < r[1]; o++ {
			want = append(want, o)
		}
		var got []int64
		for _, rec := range l.records {
			got = append(got, rec.Offset)
		}
		if !slices.Equal(got, want) || l.next != r[1] {
			t.Errorf("range %v: offsets %v, next %d", r, got, l.next)
		}
	}
}

// deleteRecords removes the records of partition 0 below an offset.
func deleteRecords(t *testing.T, c *testCluster, topic string, before int64) {
	t.Helper()
	req := kmsg.NewDeleteRecordsRequest()
	rt := kmsg.NewDeleteRecordsRequestTopic()
	rt.Topic = topic
	rt.Partitions = []kmsg.DeleteRecordsRequestTopicPartition{{Partition: 0, Offset: before}}
	req.Topics = append(req.Topics, rt)
	req.TimeoutMillis = 10_000
	for _, shard := range c.kgo(t).RequestSharded(t.Context(), &req) {
		if shard.Err != nil {
			t.Fatal(shard.Err)
		}
		for _, rt := range shard.Resp.(*kmsg.DeleteRecordsResponse).Topics {
			for _, p := range rt.Partitions {
				if p.ErrorCode != 0 {
					t.Fatal(kafkago.Error(p.ErrorCode))
				}
			}
		}
	}
}

// testRetention: records that go between the plan and the reading are a gap,
// and so are those that a plan asks for and that are gone.
func testRetention(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1)
	c.produceBatches(t, numbered(topic, 0, 50))
	client := c.open(t, c.config())
	before := plan(t, client, topic, "5", "")
	cut := plan(t, client, topic, "5", "15")
	deleteRecords(t, c, topic, 20)

	l := replay(t, client, before.Assignments).logs[before.Assignments[0].ID]
	if len(l.records) != 30 || l.records[0].Offset != 20 || l.next != 50 {
		t.Errorf("%d records, next %d", len(l.records), l.next)
	}
	if len(l.gaps) != 1 || l.gaps[0].From != 5 || l.gaps[0].To != 20 || !strings.Contains(l.gaps[0].Reason, "retention") {
		t.Errorf("gaps %+v, want [5, 20)", l.gaps)
	}
	l = replay(t, client, cut.Assignments).logs[cut.Assignments[0].ID]
	if len(l.records) != 0 || len(l.gaps) != 1 || l.gaps[0].To != 15 || !l.finished || l.next != 15 {
		t.Errorf("a range that is gone: %+v", l)
	}
	for _, test := range []struct {
		from     string
		start    int64
		gap      bool
		from0, n int64
		before   window.Time
	}{
		{"start", 20, false, 0, 0, nothing},
		{"5", 20, true, 5, 20, unknown},
		{"20", 20, false, 0, 0, nothing},
		{"-1000", 20, false, 0, 0, nothing},
		{"+3", 23, false, 0, 0, unknown},
		{"@1700000010", 20, true, 0, 20, 1700000020000},
		{"@1700000020", 20, false, 0, 0, nothing},
		{"@1700000030", 30, false, 0, 0, 1700000029999},
	} {
		p := plan(t, client, topic, test.from, "")
		a := p.Assignments[0]
		if a.Start != test.start || a.FromBeginning || a.Before != test.before || p.LogStarts[a.ID] != 20 || len(p.Gaps) > 0 != test.gap {
			t.Errorf("--from %s: %+v, log start %d, gaps %v", test.from, a, p.LogStarts[a.ID], p.Gaps)
		}
		if test.gap && (p.Gaps[0].From != test.from0 || p.Gaps[0].To != test.n) {
			t.Errorf("--from %s: gap %+v, want [%d, %d)", test.from, p.Gaps[0], test.from0, test.n)
		}
	}
}

func testEmpty(t *testing.T, c *testCluster) {
	topic := c.topic(t, 4)
	client := c.open(t, c.config())
	r := replay(t, client, plan(t, client, topic, "", "").Assignments)
	if len(r.logs) != 4 {
		t.Errorf("%d partitions assigned, want 4", len(r.logs))
	}
	for id, l := range r.logs {
		if !l.finished || l.next != 0 || l.caughtUp > 0 {
			t.Errorf("%v: %+v", id, l)
		}
	}
	r = newRecorder(t)
	r.background(client.Source(live(t, client, topic), Options{}))
	r.wait("catching up twice", func() bool {
		n := 0
		for _, l := range r.logs {
			if l.caughtUp >= 2 && l.at > window.MinTime {
				n++
			}
		}
		return n == 4
	})
}

func testLive(t *testing.T, c *testCluster) {
	topic := c.topic(t, 2)
	client := c.open(t, c.config())
	r := newRecorder(t)
	r.background(client.Source(live(t, client, topic), Options{}))
	for round := 1; round <= 3; round++ {
		c.produce(t, numbered(topic, 0, 5))
		c.produce(t, numbered(topic, 1, 5))
		r.wait("the records of a round", func() bool { return r.total() == round*10 })
	}
	r.wait("catching up", func() bool { return r.logs[window.PartitionID{Topic: topic}].caughtUp > 0 })
}

// testSlowWorker: a worker that takes nothing slows its partition and no other.
func testSlowWorker(t *testing.T, c *testCluster) {
	topic := c.topic(t, 3)
	for p := range int32(3) {
		for range 10 {
			c.produce(t, numbered(topic, p, 100))
		}
	}
	cfg := c.config()
	cfg.MaxPartitionFetchBytes = 1 << 10
	client := c.open(t, cfg)
	r := newRecorder(t)
	gate := make(chan struct{})
	r.hold[0] = gate
	r.background(client.Source(live(t, client, topic), Options{}))
	r.wait("the other partitions", func() bool { return r.total() == 2000 })
	close(gate)
	r.wait("the slow one", func() bool { return r.total() == 3000 })
}

func testCancellation(t *testing.T, c *testCluster) {
	topic := c.topic(t, 2)
	cfg := c.config()
	cfg.FetchMaxWait = 2 * patienceOfTests
	client := c.open(t, cfg)
	c.produce(t, numbered(topic, 0, 1))
	c.produce(t, numbered(topic, 1, 1))
	r := newRecorder(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	done := make(chan error, 1)
	go func() { done <- r.run(ctx, client.Source(live(t, client, topic), Options{})) }()
	// Once both records are there, the next fetches wait for a minute.
	r.wait("the records", func() bool { return r.total() == 2 })
	begin := time.Now()
	cancel(cause)
	err := <-done
	if took := time.Since(begin); !errors.Is(err, cause) || took > patienceOfTests {
		t.Errorf("Run returned %v after %s", err, took)
	}
}

func deleteTopic(t *testing.T, c *testCluster, topic string) {
	t.Helper()
	res, err := c.admin(t).DeleteTopics(t.Context(), &kafkago.DeleteTopicsRequest{Topics: []string{topic}})
	if err == nil {
		err = res.Errors[topic]
	}
	if err != nil {
		t.Fatal(err)
	}
}

// awaitDeleted waits until the broker no longer serves partition 0 of a topic: it
// answers the request to delete it before that.
func awaitDeleted(t *testing.T, c *testCluster, topic string) {
	t.Helper()
	asked := &kafkago.ListOffsetsRequest{Topics: map[string][]kafkago.OffsetRequest{topic: {kafkago.LastOffsetOf(0)}}}
	for deadline := time.Now().Add(patienceOfTests); time.Now().Before(deadline); {
		res, err := c.admin(t).ListOffsets(t.Context(), asked)
		if err != nil || slices.ContainsFunc(res.Topics[topic], func(p kafkago.PartitionOffsets) bool { return p.Error != nil }) {
			return
		}
		time.Sleep(10 * time.Millisecond) // the broker is asked, it does not tell
	}
	t.Fatalf("%s is still there", topic)
}

func testDeletedTopic(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1)
	c.produceBatches(t, numbered(topic, 0, 10))
	client := c.open(t, c.config())
	p := plan(t, client, topic, "3", "8")
	deleteTopic(t, c, topic)
	awaitDeleted(t, c, topic)
	s := client.Source(p.Assignments, Options{}).(*source)
	s.deletedAfter = 300 * time.Millisecond
	r := newRecorder(t)
	if err := r.run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	l := r.logs[p.Assignments[0].ID]
	if len(l.gaps) != 1 || l.gaps[0].From != 3 || l.gaps[0].To != 8 || !strings.Contains(l.gaps[0].Reason, "deleted") || l.next != 8 {
		t.Errorf("%+v", l)
	}
}

// testDeletedTopicLive: reading waits, and begins anew when the topic is back:
// with a log of its own.
func testDeletedTopicLive(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1)
	c.produceBatches(t, numbered(topic, 0, 10))
	client := c.open(t, c.config())
	notices := make(chan string, 10)
	s := client.Source(live(t, client, topic), Options{Notice: func(n stream.Notice) { notices <- n.Text }}).(*source)
	s.deletedAfter = 300 * time.Millisecond
	r := newRecorder(t)
	r.background(s)
	r.wait("the records", func() bool { return r.total() == 10 })
	deleteTopic(t, c, topic)
	if n := <-notices; !strings.Contains(n, "topic "+topic) || !strings.Contains(n, "deleted") {
		t.Errorf("notice %q", n)
	}
	admin := c.admin(t)
	create := &kafkago.CreateTopicsRequest{Topics: []kafkago.TopicConfig{{Topic: topic, NumPartitions: 1, ReplicationFactor: 1}}}
	if res, err := admin.CreateTopics(t.Context(), create); err != nil || res.Errors[topic] != nil {
		t.Fatal(err, res)
	}
	c.produceBatches(t, numbered(topic, 0, 3))
	r.wait("the new records", func() bool { return r.total() == 13 })
	id := window.PartitionID{Topic: topic}
	got := r.logs[id].values()
	if !slices.Equal(got, []string{"0", "1", "2"}) || !r.logs[id].assignment.FromBeginning {
		t.Errorf("after the topic came back: %v", got)
	}
	r.wait("the end of the old log", func() bool { return r.earlier[id][0].finished })
	if old := r.earlier[id][0]; len(old.records) != 10 || len(old.gaps) != 1 || old.gaps[0].From != 10 || !strings.Contains(old.gaps[0].Reason, "created again") {
		t.Errorf("of the old log: %+v", old)
	}
}

func testNewPartitions(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1)
	c.produce(t, numbered(topic, 0, 5))
	cfg := c.config()
	cfg.MetadataMaxAge = 100 * time.Millisecond
	client := c.open(t, cfg)
	r := newRecorder(t)
	r.background(client.Source(live(t, client, topic), Options{Follow: true}))
	r.wait("the first partition", func() bool { return r.total() == 5 })
	c.addPartitions(t, topic, 3)
	c.awaitTopic(t, c.kgo(t), topic, 3)
	c.produce(t, numbered(topic, 1, 5))
	c.produce(t, numbered(topic, 2, 5))
	r.wait("the new partitions", func() bool { return r.total() == 15 })
	if l := r.logs[window.PartitionID{Topic: topic, Partition: 2}]; !l.assignment.FromBeginning || l.assignment.End >= 0 {
		t.Errorf("assignment %+v", l.assignment)
	}
}

func testResolve(t *testing.T, c *testCluster) {
	a, b := c.topic(t, 1), c.topic(t, 1)
	client := c.open(t, c.config())
	got, err := client.Resolve(t.Context(), []string{b, a, a})
	want := []string{a, b}
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("Resolve of names: %v, %v", got, err)
	}
	got, err = client.Resolve(t.Context(), []string{a[:len(a)-1] + "?"})
	if err != nil || !slices.Contains(got, a) {
		t.Errorf("Resolve of a glob: %v, %v", got, err)
	}
	var bad *BadGlobError
	if _, err = client.Resolve(t.Context(), []string{"[a"}); !errors.As(err, &bad) {
		t.Errorf("Resolve of a malformed glob: %v", err)
	}
}

func testResolveUnknown(t *testing.T, c *testCluster) {
	a := c.topic(t, 1)
	client := c.open(t, c.config())
	var unknown *UnknownTopicError
	_, err := client.Resolve(t.Context(), []string{a + "x"})
	if !errors.As(err, &unknown) || !slices.Contains(unknown.Nearest, a) || !strings.Contains(err.Error(), a+"x") {
		t.Errorf("Resolve of an unknown name: %v", err)
	}
	if _, err = client.Resolve(t.Context(), []string{"no-such-*"}); !errors.As(err, &unknown) {
		t.Errorf("Resolve of a glob without a match: %v", err)
	}
}
