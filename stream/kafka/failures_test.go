package kafka

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// openError is the error of Open, which must be a *ConnectError.
func openError(t *testing.T, cfg Config) *ConnectError {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patienceOfTests)
	defer cancel()
	c, err := Open(ctx, cfg)
	if err == nil {
		c.Close()
		t.Fatal("Open did not fail")
	}
	var connect *ConnectError
	if !errors.As(err, &connect) {
		t.Fatalf("Open: %T %v", err, err)
	}
	return connect
}

func wantSays(t *testing.T, err error, kind ConnectKind, says ...string) {
	t.Helper()
	var connect *ConnectError
	if !errors.As(err, &connect) || connect.Kind != kind {
		t.Errorf("%v is not of kind %d", err, kind)
		return
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("%q does not say %q", err, s)
		}
	}
}

// Nobody listens there: these ports are given to no test that asks for any, not
// even to another one that runs at the time.
const refusing, refusingToo = "127.0.0.1:1", "127.0.0.1:2"

func TestOpenRefused(t *testing.T) {
	err := openError(t, Config{Brokers: []string{refusing, refusingToo}})
	wantSays(t, err, Unreachable, refusing, refusingToo, "plaintext", "connection refused", "-b")
}

// TestOpenSilent: somebody listens and never answers.
func TestOpenSilent(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	wantSays(t, openError(t, Config{Brokers: []string{l.Addr().String()}}), Unreachable, l.Addr().String(), "no answer in time", "-b")
}

func TestOpenOneOfTwo(t *testing.T) {
	_, c := startKfake(t)
	cfg := c.config()
	cfg.Brokers = append([]string{refusing}, cfg.Brokers...)
	if _, err := c.open(t, cfg).Topics(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestOpenCancelled(t *testing.T) {
	_, c := startKfake(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	cancel(cause)
	if _, err := Open(ctx, c.config()); !errors.Is(err, cause) {
		t.Errorf("Open: %v", err)
	}
}

// TestLoginRefusedByWord: a broker that says that it refuses a login. The
// embedded one just closes the connection.
func TestLoginRefusedByWord(t *testing.T) {
	b := newEmbedded(t)
	c := b.listener(t, listenLogin)
	for range 2 { // the transport tries again by itself
		c.embedded.ControlKey(int16(kmsg.SASLAuthenticate), func(req kmsg.Request) (kmsg.Response, error, bool) {
			res := req.ResponseKind().(*kmsg.SASLAuthenticateResponse)
			res.ErrorCode = kerr.SaslAuthenticationFailed.Code
			return res, nil, true
		})
	}
	cfg := configured(t, b, c, "security.protocol=sasl_plaintext", "sasl.mechanism=PLAIN", "sasl.username=user", "sasl.password=hunter23")
	wantSays(t, openError(t, cfg), LoginRefused, c.addrs[0], "PLAIN", "sasl.password", "sasl authentication failed")
}

// TestBrokerComesBack cuts a broker off while it is read and starts it again
// with the same log: no record is lost and none is read twice. The network is one
// of its own, in which nobody else takes the port while the broker is away.
func TestBrokerComesBack(t *testing.T) {
	dir := t.TempDir()
	var stack kfake.VirtualNetwork
	start := func() *kfake.Cluster {
		t.Helper()
		k, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(stack.Listen), kfake.DataDir(dir), kfake.SyncWrites())
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	k := start()
	defer func() { k.Close() }()
	c := &testCluster{addrs: k.ListenAddrs(), dial: stack.DialContext}
	topic := c.topic(t, 3)
	client := c.open(t, c.config())
	notices := make(chan string, 10)
	r := newRecorder(t)
	r.background(client.Source(live(t, client, topic), Options{Notice: func(n stream.Notice) { notices <- n.Text }}))
	for round := 1; round <= 3; round++ {
		for p := range int32(3) {
			c.produce(t, numbered(topic, p, 50))
		}
		r.wait("the records of a round", func() bool { return r.total() == round*150 })
		k.Close()
		if s := <-notices; !strings.HasPrefix(s, "lost "+c.addrs[0]+": ") || !strings.HasSuffix(s, "; trying again") {
			t.Errorf("notice %q", s)
		}
		k = start()
		if s := <-notices; s != c.addrs[0]+" is back" {
			t.Errorf("notice %q", s)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, l := range r.logs {
		for i, rec := range l.records {
			if rec.Offset != int64(i) {
				t.Fatalf("%v: the record %d has offset %d", id, i, rec.Offset)
			}
		}
	}
}

// TestLeaderMoves: partitions move between brokers while they are read.
func TestLeaderMoves(t *testing.T) {
	k, c := startKfake(t, kfake.NumBrokers(3))
	topic := c.topic(t, 4)
	client := c.open(t, c.config())
	r := newRecorder(t)
	r.background(client.Source(live(t, client, topic), Options{}))
	for round := 1; round <= 4; round++ {
		for p := range int32(4) {
			c.produce(t, numbered(topic, p, 20))
		}
		r.wait("the records of a round", func() bool { return r.total() == round*80 })
		for p := range int32(4) {
			if err := k.MoveTopicPartition(topic, p, int32(round+int(p))%3); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, l := range r.logs {
		if !slices.IsSortedFunc(l.records, func(a, b read) int { return int(a.Offset - b.Offset) }) || len(l.records) != 80 || len(l.gaps) > 0 {
			t.Errorf("%v: %d records, gaps %v", id, len(l.records), l.gaps)
		}
	}
}

// TestBrokerLeaves: the trouble of a broker is over when others lead what it led,
// and every trouble is with the reading.
func TestBrokerLeaves(t *testing.T) {
	k, c := startKfake(t, kfake.NumBrokers(3))
	addrs := k.ListenAddrs()
	topic := c.topic(t, 2)
	for p := range int32(2) {
		if err := k.MoveTopicPartition(topic, p, p+1); err != nil {
			t.Fatal(err)
		}
	}
	client := c.open(t, c.config())
	notices := make(chan stream.Notice, 10)
	r := newRecorder(t)
	stop := r.background(client.Source(live(t, client, topic), Options{Notice: func(n stream.Notice) { notices <- n }}))
	c.produce(t, append(numbered(topic, 0, 1), numbered(topic, 1, 1)...))
	r.wait("the records", func() bool { return r.total() == 2 })
	left := stream.Trouble{Kind: stream.BrokerLost, Source: addrs[1]}
	k.ControlKey(int16(kmsg.Fetch), func(kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		return nil, errors.New("broken"), k.CurrentNode() == 1
	})
	if n := <-notices; n.Trouble != left || n.Over {
		t.Errorf("%+v", n)
	}
	if err := k.MoveTopicPartition(topic, 0, 2); err != nil {
		t.Fatal(err)
	}
	if n := <-notices; n.Trouble != left || !n.Over || n.Text != "what was read from "+addrs[1]+" is read from other brokers" {
		t.Errorf("%+v", n)
	}
	k.Close()
	begun := <-notices
	if begun.Over || begun.Trouble.Kind != stream.BrokerLost {
		t.Errorf("%+v", begun)
	}
	_ = stop() // cancelled
	close(notices)
	lasting := map[stream.Trouble]bool{begun.Trouble: true}
	for n := range notices {
		if n.Over && n.Text != "" {
			t.Errorf("the end of the reading is told as %q", n.Text)
		}
		lasting[n.Trouble] = !n.Over
	}
	for trouble, lasts := range lasting {
		if lasts {
			t.Errorf("%+v outlives the reading", trouble)
		}
	}
}

// fetchFails makes the next n fetches answer with an error for all partitions.
func fetchFails(k *kfake.Cluster, n int, code int16) {
	for range n {
		k.ControlKey(int16(kmsg.Fetch), func(req kmsg.Request) (kmsg.Response, error, bool) {
			return fetchFailure(req.(*kmsg.FetchRequest), code), nil, true
		})
	}
}

// fetchFailure answers a fetch with an error for all partitions.
func fetchFailure(req *kmsg.FetchRequest, code int16) *kmsg.FetchResponse {
	res := req.ResponseKind().(*kmsg.FetchResponse)
	for _, t := range req.Topics {
		rt := kmsg.NewFetchResponseTopic()
		rt.Topic = t.Topic
		for _, p := range t.Partitions {
			rp := kmsg.NewFetchResponseTopicPartition()
			rp.Partition, rp.ErrorCode = p.Partition, code
			rt.Partitions = append(rt.Partitions, rp)
		}
		res.Topics = append(res.Topics, rt)
	}
	return res
}

func TestTransientErrors(t *testing.T) {
	for _, e := range []*kerr.Error{
		kerr.NotLeaderForPartition, kerr.FencedLeaderEpoch, kerr.UnknownLeaderEpoch, kerr.OffsetNotAvailable,
		kerr.KafkaStorageError, kerr.UnknownTopicOrPartition, kerr.OffsetOutOfRange, kerr.LeaderNotAvailable,
	} {
		k, c := startKfake(t)
		topic := c.topic(t, 1)
		c.produce(t, numbered(topic, 0, 10))
		client := c.open(t, c.config())
		p := plan(t, client, topic, "", "")
		fetchFails(k, 3, e.Code)
		l := replay(t, client, p.Assignments).logs[p.Assignments[0].ID]
		if len(l.records) != 10 || len(l.gaps) > 0 {
			t.Errorf("%s: %d records, gaps %v", e.Message, len(l.records), l.gaps)
		}
	}
}

func TestFinalErrors(t *testing.T) {
	k, c := startKfake(t)
	topic := c.topic(t, 1)
	client := c.open(t, c.config())
	fetchFails(k, 1, kerr.UnsupportedVersion.Code)
	err := newRecorder(t).run(t.Context(), client.Source(live(t, client, topic), Options{}))
	if err == nil || !strings.Contains(err.Error(), topic+"/0 at offset 0") {
		t.Errorf("Run: %v", err)
	}
}

// testTruncatedLog: the topic is created again with fewer records than were
// read or planned, faster than anybody sees it gone.
func testTruncatedLog(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1)
	c.produceBatches(t, numbered(topic, 0, 20))
	client := c.open(t, c.config())
	bounded := plan(t, client, topic, "12", "")
	inside := plan(t, client, topic, "2", "10")
	unbounded := bounded.Assignments[0]
	unbounded.End = -1
	deleteTopic(t, c, topic)
	_, err := c.kgo(t).Request(t.Context(), createRequest(topic, 1))
	if err != nil {
		t.Fatal(err)
	}
	c.produceBatches(t, numbered(topic, 0, 5))

	l := replay(t, client, bounded.Assignments).logs[unbounded.ID]
	if len(l.records) != 0 || len(l.gaps) != 1 || l.gaps[0].From != 12 || l.gaps[0].To != 20 || l.next != 20 {
		t.Errorf("a range behind the end: %+v", l)
	}
	r := newRecorder(t)
	s := client.Source(inside.Assignments, Options{GiveUp: 300 * time.Millisecond})
	if err := r.run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	l = r.logs[unbounded.ID]
	if len(l.records) != 3 || len(l.gaps) != 1 || l.gaps[0].From != 5 || l.gaps[0].To != 10 || l.next != 10 {
		t.Errorf("a range across the end: %+v", l)
	}
	r = newRecorder(t)
	assignments := live(t, client, topic)
	assignments[0].Start = 12
	r.background(client.Source(assignments, Options{}))
	r.wait("the new log", func() bool { return r.total() == 5 })
	c.produceBatches(t, numbered(topic, 0, 2))
	r.wait("the records behind it", func() bool { return r.total() == 7 })
	old := r.earlier[unbounded.ID][0]
	if len(old.records) > 0 || len(old.gaps) != 1 || old.gaps[0].From != 12 || r.logs[unbounded.ID].records[0].Offset != 0 {
		t.Errorf("without an end: %+v", old)
	}
}

// testAssignFails: the error of the pipeline ends the run.
func testAssignFails(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1)
	client := c.open(t, c.config())
	refused := errors.New("refused")
	err := client.Source(live(t, client, topic), Options{}).Run(t.Context(), refuse(refused))
	if !errors.Is(err, refused) {
		t.Errorf("Run: %v", err)
	}
}

// testArrival: the injected clock is used, and never seen to go back.
func testArrival(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1)
	c.produceBatches(t, numbered(topic, 0, 30))
	cfg := c.config()
	cfg.MaxPartitionFetchBytes = 1
	client := c.open(t, cfg)
	now := window.Time(1_000_000)
	back := func() window.Time { now -= 5; return now } // a clock that runs backwards
	p := plan(t, client, topic, "", "")
	r := newRecorder(t)
	if err := r.run(t.Context(), client.Source(p.Assignments, Options{Now: back})); err != nil {
		t.Fatal(err)
	}
	if l := r.logs[p.Assignments[0].ID]; l.at != 999_995 || len(l.records) != 30 {
		t.Errorf("arrival %d, %d records", l.at, len(l.records))
	}
}

// TestRequestCount: the partitions of a broker share two requests.
func TestRequestCount(t *testing.T) {
	k, c := startKfake(t)
	topic := c.topic(t, 6)
	for p := range int32(6) {
		c.produce(t, numbered(topic, p, 10), kgo.ProducerBatchCompression(kgo.NoCompression()))
	}
	client := c.open(t, c.config())
	p := plan(t, client, topic, "", "")
	asked := map[int32]int{}
	largest := 0
	k.ControlKey(int16(kmsg.Fetch), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		n := 0
		for _, t := range req.(*kmsg.FetchRequest).Topics {
			for _, p := range t.Partitions {
				asked[p.Partition]++
				n++
			}
		}
		largest = max(largest, n)
		return nil, nil, false
	})
	replay(t, client, p.Assignments)
	k.Close() // so that the control function is not running any more
	if len(asked) != 6 || largest > 3 {
		t.Errorf("asked for %v, at most %d in one request; want 3", asked, largest)
	}
}

// TestRequestRotates: each partition is asked for first in its turn, or a
// response that is full would leave out the same ones for ever.
func TestRequestRotates(t *testing.T) {
	f := &fetcher{reading: &reading{source: &source{client: &Client{cfg: Config{}.withDefaults(), inflation: newInflation(0)}}}}
	for p := range int32(3) {
		f.parts = append(f.parts, &partition{Assignment: stream.Assignment{ID: window.PartitionID{Topic: "t", Partition: p}}})
	}
	var first []int32
	for range 6 {
		first = append(first, f.request().Topics[0].Partitions[0].Partition)
	}
	if !slices.Equal(first, []int32{1, 2, 0, 1, 2, 0}) {
		t.Errorf("asked first for %v", first)
	}
}
