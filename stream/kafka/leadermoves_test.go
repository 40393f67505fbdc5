//go:build integration

package kafka

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// brokerPair is two brokers of one cluster, of which the second can go and come back.
type brokerPair struct {
	*testCluster
	state string
}

func newPair(t *testing.T) *brokerPair {
	t.Helper()
	return &brokerPair{
		&testCluster{addrs: strings.Split(setting(t, "ORIEL_TEST_PAIR"), ",")},
		setting(t, "ORIEL_TEST_PAIR_STATE"),
	}
}

// do has something done to the second broker: kill or revive.
func (p *brokerPair) do(t *testing.T, what string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "../../.ci/kafka/pair", what, p.state).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", what, err, out)
	}
}

// replicated creates a topic of which each partition has the broker that leads it
// and the other one.
func (p *brokerPair) replicated(t *testing.T, leaders ...int32) string {
	t.Helper()
	cl := p.kgo(t)
	name := fmt.Sprintf("moving%d-%d", time.Now().UnixNano(), topicNumber.Add(1))
	req := createRequest(name, -1)
	req.Topics[0].ReplicationFactor = -1
	for i, leader := range leaders {
		a := kmsg.NewCreateTopicsRequestTopicReplicaAssignment()
		a.Partition, a.Replicas = int32(i), []int32{leader, 3 - leader}
		req.Topics[0].ReplicaAssignment = append(req.Topics[0].ReplicaAssignment, a)
	}
	res, err := req.RequestWith(t.Context(), cl)
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
	p.awaitTopic(t, cl, name, len(leaders))
	return name
}

// await waits until each of the partitions has such a leader and so many replicas
// in sync.
func (p *brokerPair) await(t *testing.T, topic string, inSync int, leaders ...int32) {
	t.Helper()
	cl := p.kgo(t)
	defer cl.Close()
	eventually(t, "the leaders of "+topic, func() bool {
		req := kmsg.NewPtrMetadataRequest()
		rt := kmsg.NewMetadataRequestTopic()
		rt.Topic = &topic
		req.Topics = append(req.Topics, rt)
		res, err := req.RequestWith(t.Context(), cl)
		if err != nil || len(res.Topics[0].Partitions) != len(leaders) {
			return false
		}
		return !slices.ContainsFunc(res.Topics[0].Partitions, func(rp kmsg.MetadataResponseTopicPartition) bool {
			return rp.Leader != leaders[rp.Partition] || len(rp.ISR) != inSync
		})
	})
}

// elect gives the partitions back to the brokers that were first to lead them.
func (p *brokerPair) elect(t *testing.T, topic string, partitions ...int32) {
	t.Helper()
	req := kmsg.NewPtrElectLeadersRequest()
	rt := kmsg.NewElectLeadersRequestTopic()
	rt.Topic, rt.Partitions = topic, partitions
	req.Topics = append(req.Topics, rt)
	res, err := req.RequestWith(t.Context(), p.kgo(t))
	if err == nil {
		err = kerr.ErrorForCode(res.ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// writeSteadily writes a record to each partition every few milliseconds until
// stop is called. Whether each is written, and once, does not matter: what the log
// then has is to be read.
func (p *brokerPair) writeSteadily(t *testing.T, topic string, partitions int32) (stop func()) {
	t.Helper()
	cl := p.kgo(t, kgo.MetadataMinAge(100*time.Millisecond), kgo.DisableIdempotentWrite())
	ctx, cancel := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() {
		ticks := time.NewTicker(5 * time.Millisecond)
		defer ticks.Stop()
		for {
			for i := range partitions {
				cl.Produce(t.Context(), &kgo.Record{Topic: topic, Partition: i, Value: []byte("1")}, nil)
			}
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
			}
		}
	})
	return func() {
		cancel()
		writing.Wait()
		if err := cl.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRealLeaderMoves: a leader is lost, another takes its place, and the first comes
// back and leads again, while somebody writes. No record is read twice and none
// is lost.
func TestRealLeaderMoves(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	topic := p.replicated(t, 2, 1)
	p.await(t, topic, 2, 2, 1)
	client := p.open(t, p.config())
	r := newRecorder(t)
	stopReading := r.background(client.Source(live(t, client, topic), Options{}))
	stopWriting := p.writeSteadily(t, topic, 2)
	// more waits until each partition has brought more than it has now.
	more := func(what string) {
		r.mu.Lock()
		want := map[window.PartitionID]int{}
		for id, l := range r.logs {
			want[id] = len(l.records) + 50
		}
		r.mu.Unlock()
		r.wait(what, func() bool {
			for id, n := range want {
				if len(r.logs[id].records) < n {
					return false
				}
			}
			return true
		})
	}
	more("the first records")
	p.do(t, "kill")
	p.await(t, topic, 1, 1, 1)
	more("records of the next leader")
	p.do(t, "revive")
	p.await(t, topic, 2, 1, 1)
	more("records with both brokers")
	p.elect(t, topic, 0)
	p.await(t, topic, 2, 2, 1)
	more("records of the first leader")

	stopWriting()
	written := plan(t, client, topic, "", "").Assignments
	r.wait("all that was written", func() bool {
		return !slices.ContainsFunc(written, func(a stream.Assignment) bool { return r.logs[a.ID].next < a.End })
	})
	if err := stopReading(); err != nil {
		t.Fatal(err)
	}
	for _, a := range written {
		l := r.logs[a.ID]
		for i, rec := range l.records {
			if rec.Offset != int64(i) {
				t.Fatalf("%v: record %d has offset %d", a.ID, i, rec.Offset)
			}
		}
		if int64(len(l.records)) != a.End || len(l.gaps) != 0 || len(r.earlier[a.ID]) != 0 {
			t.Errorf("%v: %d records of %d, gaps %+v, earlier logs %+v", a.ID, len(l.records), a.End, l.gaps, r.earlier[a.ID])
		}
	}
}
