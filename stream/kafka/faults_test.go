package kafka

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// The tests in this file run on a clock that goes on when everybody waits, over
// a network in memory: ten seconds without a broker take no time, and how loaded
// the machine is does not matter.

// faultyNetwork is the way of the reader to the brokers. Others have one that
// works.
type faultyNetwork struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)

	mu sync.Mutex
	// down is what cannot be reached: an address, or everywhere.
	down  string
	conns map[*faultyConn]struct{}
	// The next cuts connections are cut after so many bytes; wasCut counts those
	// that were. pause is how long each read takes.
	cut, cuts, wasCut int
	pause             time.Duration
}

const everywhere = "everywhere"

func (n *faultyNetwork) connect(ctx context.Context, network, address string) (net.Conn, error) {
	n.mu.Lock()
	down := n.down
	n.mu.Unlock()
	if down == everywhere || down == address {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	conn, err := n.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	c := &faultyConn{Conn: conn, network: n, address: address, left: -1}
	if n.cuts > 0 {
		n.cuts--
		c.left = n.cut
	}
	n.conns[c] = struct{}{}
	return c, nil
}

// setDown closes the connections to an address, or everywhere, and refuses new
// ones; none ends that.
func (n *faultyNetwork) setDown(where string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down = where
	for c := range n.conns {
		if where == everywhere || where == c.address {
			c.Conn.Close()
			delete(n.conns, c)
		}
	}
}

// cutNext closes every connection; of those to come, count are cut after so many
// bytes were read.
func (n *faultyNetwork) cutNext(count, after int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cuts, n.cut = count, after
	for c := range n.conns {
		c.Conn.Close()
	}
	clear(n.conns)
}

func (n *faultyNetwork) cutSoFar() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.wasCut
}

func (n *faultyNetwork) slow(pause time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.pause = pause
}

// faultyConn is a connection of a faultyNetwork.
type faultyConn struct {
	net.Conn
	network *faultyNetwork
	address string
	left    int // bytes until it is cut, -1 for no end
}

func (c *faultyConn) Read(b []byte) (int, error) {
	c.network.mu.Lock()
	pause := c.network.pause
	c.network.mu.Unlock()
	const few = 200
	if pause > 0 {
		time.Sleep(pause) // of the clock that does not take time
		b = b[:min(len(b), few)]
	}
	if c.left == 0 {
		c.Conn.Close()
		c.network.mu.Lock()
		defer c.network.mu.Unlock()
		c.network.wasCut++
		return 0, syscall.ECONNRESET
	}
	if c.left > 0 {
		b = b[:min(len(b), c.left)]
	}
	n, err := c.Conn.Read(b)
	if c.left > 0 {
		c.left -= n
	}
	return n, err
}

// virtual is a broker beside a reader whose way to it has faults.
type virtual struct {
	*testCluster
	k       *kfake.Cluster
	network *faultyNetwork
	reader  *recorder
	notices chan string
	topic   string
	written map[int32]int
	client  *Client
}

const virtualPartitions = 3

// startVirtual starts a broker with a topic and follows that.
func startVirtual(t *testing.T, opts ...kfake.Opt) *virtual {
	t.Helper()
	v := newVirtual(t, opts...)
	v.reader.background(v.client.Source(live(t, v.client, v.topic), Options{
		Follow: true, Notice: func(n stream.Notice) { v.notices <- n.Text },
	}))
	return v
}

// newVirtual starts a broker with a topic.
func newVirtual(t *testing.T, opts ...kfake.Opt) *virtual {
	t.Helper()
	var stack kfake.VirtualNetwork
	k, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(stack.Listen)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	v := &virtual{
		testCluster: &testCluster{addrs: k.ListenAddrs(), dial: stack.DialContext}, k: k,
		network: &faultyNetwork{dial: stack.DialContext, conns: map[*faultyConn]struct{}{}},
		reader:  newRecorder(t), notices: make(chan string, 1000), written: map[int32]int{},
	}
	v.topic = v.testCluster.topic(t, virtualPartitions)
	cfg := v.config()
	cfg.Dial, cfg.MetadataMaxAge, cfg.MaxPartitionFetchBytes = v.network.connect, time.Second, 2000
	v.client = v.open(t, cfg)
	return v
}

// write adds records to every partition, each in a batch of its own.
func (v *virtual) write(t *testing.T, partitions int32, each int) {
	t.Helper()
	for p := range partitions {
		v.produceBatches(t, numbered(v.topic, p, each))
		v.written[p] += each
	}
}

// check waits until the reader has everything: no record twice and none lost,
// counted by their offsets.
func (v *virtual) check(t *testing.T) {
	t.Helper()
	total := 0
	for _, n := range v.written {
		total += n
	}
	v.reader.wait(fmt.Sprintf("%d records", total), func() bool { return v.reader.total() >= total })
	v.reader.mu.Lock()
	defer v.reader.mu.Unlock()
	for p, n := range v.written {
		l := v.reader.logs[window.PartitionID{Topic: v.topic, Partition: p}]
		if len(l.records) != n || len(l.gaps) > 0 || len(v.reader.earlier) > 0 {
			t.Errorf("partition %d: %d records, want %d; gaps %v", p, len(l.records), n, l.gaps)
		}
		for i, r := range l.records {
			if r.Offset != int64(i) {
				t.Fatalf("partition %d: the record %d has offset %d", p, i, r.Offset)
			}
		}
	}
}

// virtually runs a test on the other clock.
func virtually(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	if raceDetector {
		// All timers of the other clock share what the detector knows of a goroutine,
		// and two of them that fire at once on two processors fail one of its own
		// assertions (golang.org/issue/78156). Orders of events it sees as well on one.
		before := runtime.GOMAXPROCS(1)
		t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	}
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(time.Minute) }) // the last, so that no read is pausing at the end
		test(t)
	})
}

// TestTenSecondsWithoutABroker: what is written meanwhile is read afterwards.
func TestTenSecondsWithoutABroker(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v := startVirtual(t)
		for range 3 {
			v.write(t, virtualPartitions, 10)
			v.check(t)
			v.network.setDown(everywhere)
			v.write(t, virtualPartitions, 10)
			began := time.Now()
			if n := <-v.notices; !strings.HasPrefix(n, "lost ") {
				t.Errorf("notice %q", n)
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("told %s after the connections were closed", took)
			}
			time.Sleep(10 * time.Second) // of the clock that does not take time: so long it stays away
			v.network.setDown("")
			if n := <-v.notices; !strings.HasSuffix(n, " is back") {
				t.Errorf("notice %q", n)
			}
			v.check(t)
		}
	})
}

// TestConnectionsCutInMidResponse: a response that is cut short is as if it had
// not come.
func TestConnectionsCutInMidResponse(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v := startVirtual(t)
		for _, after := range []int{1, 3, 150, 500, 1000, 1500, 3000, 5000} {
			v.network.cutNext(20, after)
			v.write(t, virtualPartitions, 30)
			v.check(t)
		}
		if n := v.network.cutSoFar(); n < 20 {
			t.Errorf("%d connections were cut", n)
		}
	})
}

// TestSlowBroker: bytes that trickle in are no loss, and no lost broker as long
// as they come within the time of a request.
func TestSlowBroker(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v := startVirtual(t)
		v.network.slow(100 * time.Millisecond)
		v.write(t, virtualPartitions, 30)
		v.check(t)
		v.network.slow(2 * time.Second) // slower than that
		v.write(t, virtualPartitions, 10)
		if n := <-v.notices; !strings.HasPrefix(n, "lost ") {
			t.Errorf("notice %q", n)
		}
		v.network.slow(0)
		v.check(t)
	})
}

// TestPartitionsAddedWhileTheNetworkFails: they are found, and read from their
// beginning, once.
func TestPartitionsAddedWhileTheNetworkFails(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v := startVirtual(t)
		v.write(t, virtualPartitions, 5)
		v.check(t)
		v.network.setDown(everywhere)
		v.addPartitions(t, v.topic, 5)
		v.write(t, 5, 5)
		time.Sleep(3 * time.Second) // of the clock that does not take time: beyond a search for partitions
		v.network.cutNext(10, 700)
		v.network.setDown("")
		v.check(t)
		v.write(t, 5, 5)
		v.check(t)
	})
}

// TestLeadersMoveAndConnectionsBreak: partitions move between brokers to which
// connections break.
func TestLeadersMoveAndConnectionsBreak(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v := startVirtual(t, kfake.NumBrokers(3), kfake.Ports(9092, 9093, 9094))
		for round := range int32(6) {
			v.write(t, virtualPartitions, 10)
			v.network.cutNext(int(round), 400)
			for p := range int32(virtualPartitions) {
				if err := v.k.MoveTopicPartition(v.topic, p, (round+p)%3); err != nil {
					t.Fatal(err)
				}
			}
			v.write(t, virtualPartitions, 10)
			v.check(t)
		}
	})
}

// TestLeaderIsFollowedWithinASecond: what a new leader is given is read within a
// second after the move, also where the old one is out of reach. The clock has
// no load: what is measured are the waits of the reader.
func TestLeaderIsFollowedWithinASecond(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v := startVirtual(t, kfake.NumBrokers(3), kfake.Ports(9092, 9093, 9094))
		v.write(t, virtualPartitions, 1)
		v.check(t)
		for _, broken := range []bool{false, true} {
			for round := range int32(6) {
				for p := range int32(virtualPartitions) {
					if err := v.k.MoveTopicPartition(v.topic, p, round%3); err != nil {
						t.Fatal(err)
					}
				}
				if broken {
					v.network.setDown(v.addrs[(round+2)%3])
				}
				moved := time.Now()
				v.write(t, virtualPartitions, 1)
				v.check(t)
				took := time.Since(moved)
				t.Logf("the old leader is gone: %v: %s", broken, took)
				if took >= time.Second {
					t.Errorf("round %d, the old leader is gone: %v: %s until the records of the new one", round, broken, took)
				}
				v.network.setDown("")
			}
		}
	})
}

// TestOpenTakesFiveSeconds at most, also where nobody answers.
func TestOpenTakesFiveSeconds(t *testing.T) {
	silent := func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go io.Copy(io.Discard, there) //nolint:errcheck // until it is closed
		return here, nil
	}
	unreachable := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	for name, dial := range map[string]func(context.Context, string, string) (net.Conn, error){"silent": silent, "unreachable": unreachable} {
		t.Run(name, func(t *testing.T) {
			virtually(t, func(t *testing.T) {
				began := time.Now()
				err := openError(t, Config{Brokers: []string{"one:9092", "two:9092"}, Dial: dial})
				wantSays(t, err, Unreachable, "one:9092", "two:9092", "-b")
				if took := time.Since(began); took > 5*time.Second {
					t.Errorf("Open took %s", took)
				}
			})
		})
	}
}

// TestGiveUp: a bounded run waits so long for a broker and no longer.
func TestGiveUp(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v := newVirtual(t)
		v.write(t, 1, 5)
		p := plan(t, v.client, v.topic, "", "")
		v.network.setDown(everywhere)
		began := time.Now()
		err := v.reader.run(t.Context(), v.client.Source(p.Assignments, Options{GiveUp: 500 * time.Millisecond}))
		wantSays(t, err, Unreachable, v.topic+"/0", "500ms", v.addrs[0], "connection refused", "-b")
		if took := time.Since(began); took < 500*time.Millisecond || took > 500*time.Millisecond+lastBackoff {
			t.Errorf("gave up after %s", took)
		}
	})
}

// TestGiveUpOnALeaderThatDoesNotServe: metadata go on naming a leader that
// cannot be read. A bounded run gives up all the same.
func TestGiveUpOnALeaderThatDoesNotServe(t *testing.T) {
	for name, fail := range map[string]func(t *testing.T, v *virtual){
		"storage error":     func(_ *testing.T, v *virtual) { alwaysFetch(v.k, kerr.KafkaStorageError) },
		"not available":     func(_ *testing.T, v *virtual) { alwaysFetch(v.k, kerr.OffsetNotAvailable) },
		"in range, and not": func(_ *testing.T, v *virtual) { alwaysFetch(v.k, kerr.OffsetOutOfRange) },
		"no answer":         func(_ *testing.T, v *virtual) { hang(v.k, kmsg.Fetch) },
		"no word of its log": func(_ *testing.T, v *virtual) {
			fetchFails(v.k, 1, kerr.KafkaStorageError.Code)
			hang(v.k, kmsg.OffsetForLeaderEpoch)
		},
		"out of reach": func(t *testing.T, v *virtual) {
			if err := v.k.MoveTopicPartition(v.topic, 0, 1); err != nil {
				t.Fatal(err)
			}
			v.network.setDown(v.addrs[1])
		},
	} {
		t.Run(name, func(t *testing.T) {
			virtually(t, func(t *testing.T) {
				v := newVirtual(t, kfake.NumBrokers(2), kfake.Ports(9092, 9093))
				v.write(t, 1, 5)
				p := plan(t, v.client, v.topic, "", "")
				fail(t, v)
				began := time.Now()
				err := v.reader.run(t.Context(), v.client.Source(p.Assignments, Options{}))
				wantSays(t, err, Unreachable, v.topic+"/0 could not be read for 30s")
				if took := time.Since(began); took < DefaultGiveUp || took > 2*DefaultGiveUp {
					t.Errorf("gave up after %s", took)
				}
			})
		})
	}
}

// alwaysFetch makes every fetch answer with an error for all partitions.
func alwaysFetch(k *kfake.Cluster, err *kerr.Error) {
	k.ControlKey(int16(kmsg.Fetch), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		return fetchFailure(req.(*kmsg.FetchRequest), err.Code), nil, true
	})
}

// hang leaves requests of a kind without an answer.
func hang(k *kfake.Cluster, key kmsg.Key) {
	k.ControlKey(int16(key), func(kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		return nil, nil, true
	})
}

// TestStaleLeader: a broker that was deposed and one that names it do not know
// yet. That is no other log: nothing is read again.
func TestStaleLeader(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v := newVirtual(t, kfake.NumBrokers(2), kfake.Ports(9092, 9093))
		before := v.metadata(t)
		for range 2 { // there and back: another leader, and one more epoch each
			for node := range int32(2) {
				if err := v.k.MoveTopicPartition(v.topic, 0, node); err != nil {
					t.Fatal(err)
				}
			}
		}
		v.write(t, virtualPartitions, 10)
		v.reader.background(v.client.Source(live(t, v.client, v.topic), Options{}))
		v.check(t)

		until := time.Now().Add(2 * time.Second)
		stale := func(answer func(kmsg.Request) kmsg.Response) func(kmsg.Request) (kmsg.Response, error, bool) {
			return func(req kmsg.Request) (kmsg.Response, error, bool) {
				v.k.KeepControl()
				if time.Now().After(until) {
					return nil, nil, false
				}
				return answer(req), nil, true
			}
		}
		var asked atomic.Int32
		v.k.ControlKey(int16(kmsg.Metadata), stale(func(req kmsg.Request) kmsg.Response {
			res := *before
			res.SetVersion(req.GetVersion())
			return &res
		}))
		v.k.ControlKey(int16(kmsg.OffsetForLeaderEpoch), stale(func(req kmsg.Request) kmsg.Response {
			asked.Add(1)
			return epochsEnd(req.(*kmsg.OffsetForLeaderEpochRequest), 10)
		}))
		v.network.cutNext(0, 0)
		time.Sleep(5 * time.Second) // of the clock that does not take time: longer than the answers are stale
		v.write(t, virtualPartitions, 5)
		v.check(t)
		if n := asked.Load(); n < 2 {
			t.Errorf("the old leader was asked %d times", n)
		}
	})
}

// metadata are those of the topic as they are now.
func (v *virtual) metadata(t *testing.T) *kmsg.MetadataResponse {
	t.Helper()
	req := kmsg.NewPtrMetadataRequest()
	rt := kmsg.NewMetadataRequestTopic()
	rt.Topic = &v.topic
	req.Topics = append(req.Topics, rt)
	res, err := req.RequestWith(t.Context(), v.kgo(t))
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// epochsEnd is the answer of a leader that knows of no younger epoch than its
// own.
func epochsEnd(req *kmsg.OffsetForLeaderEpochRequest, end int64) *kmsg.OffsetForLeaderEpochResponse {
	res := req.ResponseKind().(*kmsg.OffsetForLeaderEpochResponse)
	for _, t := range req.Topics {
		rt := kmsg.NewOffsetForLeaderEpochResponseTopic()
		rt.Topic = t.Topic
		for _, p := range t.Partitions {
			rp := kmsg.NewOffsetForLeaderEpochResponseTopicPartition()
			rp.Partition, rp.LeaderEpoch, rp.EndOffset = p.Partition, p.CurrentLeaderEpoch, end
			rt.Partitions = append(rt.Partitions, rp)
		}
		res.Topics = append(res.Topics, rt)
	}
	return res
}
