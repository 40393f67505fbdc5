package kafka

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// The tests in this file run on the clock of faults_test.go.

// The sessions of virtualGroup.
const (
	virtualSession   = 10 * time.Second
	virtualHeartbeat = time.Second
	virtualRebalance = 20 * time.Second
)

// virtualGroup is a group of the readers of a virtual broker.
func virtualGroup(t *testing.T, opts ...kfake.Opt) (*virtual, *testGroup) {
	t.Helper()
	v := newVirtual(t, opts...)
	g := v.group(t, v.topic)
	g.cfg = v.config()
	g.cfg.SessionTimeout, g.cfg.HeartbeatInterval, g.cfg.RebalanceTimeout = virtualSession, virtualHeartbeat, virtualRebalance
	return v, g
}

// begins waits until a member reads everything and has committed five records of
// each partition.
func (g *testGroup) begins(v *virtual, m *testMember) {
	g.t.Helper()
	m.awaitCount(virtualPartitions)
	v.write(g.t, virtualPartitions, 5)
	g.awaitCommitted(virtualPartitions, 5)
}

// stoppedMember returns the member of a group that has begun and stopped reading,
// and is not closed yet.
func stoppedMember(t *testing.T) (*virtual, *testGroup, *testMember) {
	t.Helper()
	v, g := virtualGroup(t)
	m := g.join()
	g.begins(v, m)
	if err := m.stop(); err != nil {
		t.Fatal(err)
	}
	return v, g, m
}

// joinOver adds a member that has a network of its own.
func (g *testGroup) joinOver() (*testMember, *faultyNetwork) {
	n := &faultyNetwork{dial: g.dial, conns: map[*faultyConn]struct{}{}}
	cfg := g.cfg
	cfg.Dial = n.connect
	return g.joinAs(cfg), n
}

// kill ends a member without a word to the group.
func (m *testMember) kill() {
	m.refused = true
	m.membership.end()
	if err := m.stop(); err != nil {
		m.t.Error(err)
	}
}

// heard waits for a notice that contains a text.
func (g *testGroup) heard(text string) {
	g.t.Helper()
	eventually(g.t, fmt.Sprintf("a notice %q", text), func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return strings.Contains(strings.Join(g.notices, "\n"), text)
	})
}

// count is how many notices contain a text.
func (g *testGroup) count(text string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for _, notice := range g.notices {
		if strings.Contains(notice, text) {
			n++
		}
	}
	return n
}

// awaitCommitted waits until so much is committed of every partition.
func (g *testGroup) awaitCommitted(partitions, offset int) {
	g.t.Helper()
	g.awaitCommittedFor(patienceOfTests, partitions, offset)
}

func (g *testGroup) awaitCommittedFor(patience time.Duration, partitions, offset int) {
	g.t.Helper()
	client := g.open(g.t, g.config())
	defer client.Close()
	for deadline := time.Now().Add(patience); !g.committed(client, partitions, offset); {
		if time.Now().After(deadline) {
			g.t.Fatalf("waited %s for commits of %d", patience, offset)
		}
		time.Sleep(virtualHeartbeat / 4) // of the clock that does not take time
	}
}

// committed says that the group has committed so much of each of its partitions.
func (g *testGroup) committed(client *Client, partitions, offset int) bool {
	g.t.Helper()
	list, err := client.Groups(g.t.Context())
	if err != nil {
		g.t.Fatal(err)
	}
	if !slices.ContainsFunc(list.Groups, func(o Group) bool { return o.Name == g.name }) {
		return false // nobody has joined yet
	}
	all := committedOf(g.t, client, g.name)
	for _, c := range all {
		if c != fmt.Sprintf("%d next %d", offset, offset) {
			return false
		}
	}
	return len(all) == partitions
}

// TestMemberOutlivesAnOutage: a coordinator that is away for less than a session
// is one that is late.
func TestMemberOutlivesAnOutage(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v, g := virtualGroup(t)
		m, network := g.joinOver()
		m.awaitCount(virtualPartitions)
		back := fmt.Sprintf("the coordinator of group %q is back", g.name)
		for round := range 3 {
			v.write(t, virtualPartitions, 5)
			network.setDown(everywhere)
			g.heard("lost the coordinator of group")
			time.Sleep(virtualSession / 2) // of the clock that does not take time: not long enough to be missed
			if n := g.count(back); n != round {
				t.Errorf("it is away for the %d. time, and has come back %d times", round+1, n)
			}
			network.setDown("")
			eventually(t, "it is back", func() bool { return g.count(back) > round })
			g.awaitRead(virtualPartitions*5*(round+1), m)
			g.awaitCommitted(virtualPartitions, 5*(round+1))
		}
		g.checkOnce(15, m)
		if len(m.earlier) > 0 {
			t.Error("a partition was assigned again")
		}
	})
}

// TestMemberOfAGroupThatIsGone: where a broker was started again without its groups
// the member makes the group anew.
func TestMemberOfAGroupThatIsGone(t *testing.T) {
	for _, key := range []kmsg.Key{kmsg.Heartbeat, kmsg.OffsetCommit} {
		t.Run(key.Name(), func(t *testing.T) {
			virtually(t, func(t *testing.T) {
				v, g := virtualGroup(t)
				m := g.join()
				g.begins(v, m)
				var times atomic.Int32
				answers(v.k, key, kerr.GroupIDNotFound, func() bool { return times.Add(1) <= 1 })
				v.write(t, virtualPartitions, 5)
				g.awaitCommitted(virtualPartitions, 10)
			})
		})
	}
}

// TestMemberThatWasGivenUp: a member that is not heard for longer than a session
// commits nothing of what others read by now, and begins anew.
func TestMemberThatWasGivenUp(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v, g := virtualGroup(t)
		a, network := g.joinOver()
		g.begins(v, a)
		network.setDown(everywhere)
		b := g.join()
		g.endAll(a) // it does not know yet
		b.awaitCount(virtualPartitions)
		v.write(t, virtualPartitions, 5)
		g.awaitRead(virtualPartitions*10, a, b)
		for p := range int32(virtualPartitions) {
			a.membership.Flushed(stream.Commit{ID: window.PartitionID{Topic: v.topic, Partition: p}, Offset: 1000}, false)
		}
		network.setDown("")
		g.heard("has gone on without this member")
		eventually(t, "a share for both", func() bool {
			return len(a.readingNow()) > 0 && len(a.readingNow())+len(b.readingNow()) == virtualPartitions
		})
		v.write(t, virtualPartitions, 5)
		g.awaitRead(virtualPartitions*15, a, b)
		g.awaitCommitted(virtualPartitions, 15)
	})
}

// TestKilledMember: after a session the others go on from what it had committed.
func TestKilledMember(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v, g := virtualGroup(t)
		a, b := g.join(), g.join()
		eventually(t, "a share for both", func() bool { return len(a.readingNow()) > 0 && len(b.readingNow()) > 0 })
		v.write(t, virtualPartitions, 5)
		g.awaitCommitted(virtualPartitions, 5)
		a.kill()
		v.write(t, virtualPartitions, 5)
		began := time.Now()
		b.awaitCount(virtualPartitions)
		if took := time.Since(began); took > virtualSession+2*virtualHeartbeat {
			t.Errorf("it took %s", took)
		}
		g.awaitRead(virtualPartitions*10, a, b)
		g.checkOnce(10, a, b)
	})
}

// TestCoordinatorMoves: another broker coordinates the group, again and again.
func TestCoordinatorMoves(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v, g := virtualGroup(t, kfake.NumBrokers(3), kfake.Ports(9092, 9093, 9094))
		a, b := g.join(), g.join()
		eventually(t, "a share for both", func() bool { return len(a.readingNow()) > 0 && len(b.readingNow()) > 0 })
		earlier, moves := len(a.earlier)+len(b.earlier), 0
		for round := range 10 {
			was := v.k.CoordinatorFor(g.name)
			v.k.RehashCoordinators()
			if v.k.CoordinatorFor(g.name) != was {
				moves++
			}
			v.write(t, virtualPartitions, 5)
			g.awaitCommitted(virtualPartitions, 5*(round+1))
		}
		g.checkOnce(50, a, b)
		if len(a.earlier)+len(b.earlier) > earlier || moves == 0 {
			t.Errorf("after %d moves %v and %v were assigned again", moves, a.earlier, b.earlier)
		}
	})
}

// TestSlowWorkerKeepsItsMembership: whatever the workers do, heartbeats go on.
func TestSlowWorkerKeepsItsMembership(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v, g := virtualGroup(t)
		gate := make(chan struct{})
		slow := g.prepare(g.cfg)
		for p := range int32(virtualPartitions) {
			slow.hold[p] = gate
		}
		slow.start()
		slow.awaitCount(virtualPartitions)
		v.write(t, virtualPartitions, 30)
		time.Sleep(5 * virtualSession) // of the clock that does not take time: long after a session
		close(gate)
		g.awaitRead(virtualPartitions*30, slow)
		g.checkOnce(30, slow)
		if len(slow.earlier) > 0 {
			t.Error("a partition was assigned again")
		}
	})
}

// TestFlushThatDoesNotCome: a partition does not wait for ever for what was read
// of it. What comes later is not committed, and the partition is not taken again
// before.
func TestFlushThatDoesNotCome(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v, g := virtualGroup(t)
		a := g.prepare(g.cfg)
		answer, mute := a.after, atomic.Bool{}
		late := make(chan func(), 2*virtualPartitions)
		a.after = func(l *partitionLog, d *stream.Delivery) {
			if !mute.Load() {
				answer(l, d)
				return
			}
			if d.Kind == stream.Revoked {
				g.end(a, l.assignment.ID) // it reads no more, it only does not say so
				late <- func() { a.membership.Flushed(stream.Commit{ID: l.assignment.ID, Offset: 1000}, true) }
			}
		}
		a.start()
		g.begins(v, a)
		mute.Store(true)
		b := g.join()
		began := time.Now()
		b.awaitState("a share", func() bool { return len(b.reading()) == 1 })
		if took := time.Since(began); took < virtualRebalance || took > virtualRebalance+2*virtualHeartbeat {
			t.Errorf("the partition was free after %s", took)
		}
		g.heard("max.poll.interval.ms=20000")
		id := window.PartitionID{Topic: v.topic, Partition: b.readingNow()[0]}
		if err := b.close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(virtualSession) // of the clock that does not take time: it is given back
		if n := len(a.readingNow()); n != virtualPartitions-1 {
			t.Errorf("%d partitions are read", n)
		}
		mute.Store(false)
		(<-late)()
		a.awaitCount(virtualPartitions)
		if c := a.logs[id].assignment.Committed; c == nil || c.Offset != 5 {
			t.Errorf("%v was taken again from %+v", id, c)
		}
	})
}

// TestMembersOnABadNetwork: members come and go while their connections break in
// the middle of anything. Every record is read. Unless the group has given a
// member up, or one could not say in time what it had read, no two read a
// partition at once and every record is read once.
func TestMembersOnABadNetwork(t *testing.T) {
	const seeds = 10
	exact := 0
	for seed := range uint64(seeds) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			virtually(t, func(t *testing.T) {
				if badNetwork(t, rand.New(rand.NewPCG(seed, 2))) {
					exact++
				}
			})
		})
	}
	if exact < seeds/2 {
		t.Errorf("only %d of %d groups have lost no member", exact, seeds)
	}
}

// badNetwork reports whether no member was lost.
func badNetwork(t *testing.T, rng *rand.Rand) (exact bool) {
	v, g := virtualGroup(t)
	const longer = time.Minute // than the connections break
	g.cfg.SessionTimeout, g.cfg.RebalanceTimeout, g.mayLoseSight = longer, longer, true
	var all, there []*testMember
	var networks []*faultyNetwork
	join := func() {
		m, n := g.joinOver()
		all, there, networks = append(all, m), append(there, m), append(networks, n)
	}
	join()
	const rounds = 15
	exact = true
	for range rounds {
		i := rng.IntN(len(there))
		switch {
		// One that leaves while it waits for its share makes kfake count wrong.
		case len(there) > 1 && rng.IntN(3) == 0 && there[i].membership.current().joined:
			networks[i].cutNext(0, 0)
			if err := there[i].close(); err != nil {
				t.Log(err)
				there[i].refused, exact = true, false
			}
			there = append(there[:i], there[i+1:]...)
			networks = append(networks[:i], networks[i+1:]...)
		case len(there) < 4:
			join()
		}
		for _, n := range networks {
			n.cutNext(rng.IntN(6), rng.IntN(600))
		}
		v.write(t, virtualPartitions, 5)
		time.Sleep(time.Duration(rng.IntN(2000)) * time.Millisecond) // of the clock that does not take time
	}
	g.awaitCommittedFor(5*longer, virtualPartitions, 5*rounds) // members may have gone unheard
	g.mu.Lock()
	exact = exact && !strings.Contains(strings.Join(g.notices, "\n"), "has gone on without this member")
	shared := g.shared
	g.mu.Unlock()
	if exact && len(shared) > 0 {
		t.Errorf("two members read %v", shared)
	}
	for id, times := range timesRead(5*rounds, all) {
		for offset, n := range times {
			if n == 0 || exact && n != 1 {
				t.Errorf("%v: offset %d was read %d times", id, offset, n)
			}
		}
	}
	return exact
}

// TestMemberRefused: what a coordinator answers, and what is then said.
func TestMemberRefused(t *testing.T) {
	for _, test := range []struct {
		key  kmsg.Key
		code *kerr.Error
		says []string
	}{
		{kmsg.JoinGroup, kerr.GroupAuthorizationFailed, []string{"group authorization failed", "--operation Read --group"}},
		{kmsg.JoinGroup, kerr.InconsistentGroupProtocol, []string{"other consumers", "--group"}},
		{kmsg.JoinGroup, kerr.InvalidSessionTimeout, []string{"session.timeout.ms=10000"}},
		{kmsg.JoinGroup, kerr.GroupMaxSizeReached, []string{"group.max.size"}},
		{kmsg.SyncGroup, kerr.GroupAuthorizationFailed, []string{"--operation Read --group"}},
		{kmsg.Heartbeat, kerr.FencedInstanceID, []string{"another process", "group.instance.id"}},
		{kmsg.OffsetFetch, kerr.GroupAuthorizationFailed, []string{"--operation Read --group"}},
		{kmsg.OffsetCommit, kerr.OffsetMetadataTooLarge, []string{"offset.metadata.max.bytes", "bytes of metadata"}},
		{kmsg.OffsetCommit, kerr.GroupAuthorizationFailed, []string{"--operation Read --group"}},
	} {
		t.Run(test.key.Name()+" "+test.code.Message, func(t *testing.T) {
			virtually(t, func(t *testing.T) {
				v, g := virtualGroup(t)
				answers(v.k, test.key, test.code, func() bool { return true })
				wantSays(t, g.join().failure(), GroupRefused, append(test.says, fmt.Sprintf("%q", g.name), v.addrs[0])...)
			})
		})
	}
}

// answers makes a broker answer requests of a kind with an error, as long as
// still says so.
func answers(k *kfake.Cluster, key kmsg.Key, code *kerr.Error, still func() bool) {
	k.ControlKey(int16(key), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		if !still() {
			return nil, nil, false
		}
		res := req.ResponseKind()
		switch res := res.(type) {
		case *kmsg.JoinGroupResponse:
			res.ErrorCode = code.Code
		case *kmsg.SyncGroupResponse:
			res.ErrorCode = code.Code
		case *kmsg.HeartbeatResponse:
			res.ErrorCode = code.Code
		case *kmsg.FindCoordinatorResponse:
			res.ErrorCode = code.Code
		case *kmsg.OffsetFetchResponse:
			res.ErrorCode = code.Code
		case *kmsg.OffsetCommitResponse:
			for _, t := range req.(*kmsg.OffsetCommitRequest).Topics {
				rt := kmsg.NewOffsetCommitResponseTopic()
				rt.Topic = t.Topic
				for _, p := range t.Partitions {
					rp := kmsg.NewOffsetCommitResponseTopicPartition()
					rp.Partition, rp.ErrorCode = p.Partition, code.Code
					rt.Partitions = append(rt.Partitions, rp)
				}
				res.Topics = append(res.Topics, rt)
			}
		}
		return res, nil, true
	})
}

// TestMemberTriesAgain: what passes is waited for.
func TestMemberTriesAgain(t *testing.T) {
	for _, test := range []struct {
		key   kmsg.Key
		code  *kerr.Error
		times int32
	}{
		{kmsg.FindCoordinator, kerr.CoordinatorNotAvailable, 5},
		{kmsg.JoinGroup, kerr.CoordinatorLoadInProgress, 5},
		{kmsg.JoinGroup, kerr.NotCoordinator, 5},
		{kmsg.JoinGroup, kerr.UnknownMemberID, 5},
		{kmsg.SyncGroup, kerr.RebalanceInProgress, 5},
		{kmsg.SyncGroup, kerr.IllegalGeneration, 5},
		{kmsg.SyncGroup, kerr.UnknownMemberID, 1}, // the member that was is waited for
		{kmsg.Heartbeat, kerr.RebalanceInProgress, 5},
		{kmsg.Heartbeat, kerr.NotCoordinator, 5},
		{kmsg.Heartbeat, kerr.CoordinatorLoadInProgress, 5},
		{kmsg.OffsetFetch, kerr.CoordinatorLoadInProgress, 5},
		{kmsg.OffsetFetch, kerr.NotCoordinator, 5},
		{kmsg.OffsetCommit, kerr.CoordinatorLoadInProgress, 5},
		{kmsg.OffsetCommit, kerr.NotCoordinator, 5},
		{kmsg.OffsetCommit, kerr.RebalanceInProgress, 5},
		{kmsg.OffsetCommit, kerr.IllegalGeneration, 5},
	} {
		t.Run(test.key.Name()+" "+test.code.Message, func(t *testing.T) {
			virtually(t, func(t *testing.T) {
				v, g := virtualGroup(t)
				var times atomic.Int32
				answers(v.k, test.key, test.code, func() bool { return times.Add(1) <= test.times })
				m := g.join()
				for round := range 3 {
					v.write(t, virtualPartitions, 5)
					g.awaitCommitted(virtualPartitions, 5*(round+1))
					time.Sleep(2 * virtualHeartbeat) // of the clock that does not take time
				}
				g.checkOnce(15, m)
				if n := times.Load(); n <= test.times {
					t.Errorf("asked %d times", n)
				}
				if len(m.earlier) > 0 {
					t.Error("a partition was assigned again")
				}
			})
		})
	}
}

// TestCloseInARebalance: what was flushed is committed in the next generation, in
// which nobody else is given the partitions.
func TestCloseInARebalance(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v, g := virtualGroup(t)
		m := g.join()
		g.begins(v, m)
		var rebalancing atomic.Bool
		rebalancing.Store(true)
		answers(v.k, kmsg.SyncGroup, kerr.RebalanceInProgress, rebalancing.Load)
		other := g.join()
		time.Sleep(3 * virtualHeartbeat) // of the clock that does not take time: it has joined again
		if err := m.stop(); err != nil {
			t.Fatal(err)
		}
		for p := range int32(virtualPartitions) {
			m.membership.Flushed(stream.Commit{ID: window.PartitionID{Topic: v.topic, Partition: p}, Offset: 6, Metadata: "next 6"}, false)
		}
		time.AfterFunc(time.Second, func() { rebalancing.Store(false) })
		if s := m.membership.current(); s.joined {
			t.Error("there is no rebalance")
		}
		if err := m.close(); err != nil {
			t.Fatal(err)
		}
		other.awaitCount(virtualPartitions)
		g.awaitCommitted(virtualPartitions, 6)
	})
}

// TestCloseWithoutACoordinator: it ends, and says what is not committed.
func TestCloseWithoutACoordinator(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v, g := virtualGroup(t)
		m, network := g.joinOver()
		g.begins(v, m)
		if err := m.stop(); err != nil {
			t.Fatal(err)
		}
		network.setDown(everywhere)
		m.membership.Flushed(stream.Commit{ID: window.PartitionID{Topic: v.topic}, Offset: 6}, false)
		m.refused = true
		began := time.Now()
		err := m.close()
		if took := time.Since(began); took > closeTimeout+time.Second {
			t.Errorf("it took %s", took)
		}
		wantSays(t, err, Unreachable, v.topic+"/0 is not committed")
	})
}

// TestCloseForgotten: a member that the group has forgotten commits nothing more,
// and does not wait for that.
func TestCloseForgotten(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v, _, m := stoppedMember(t)
		var forgotten atomic.Bool
		forgotten.Store(true)
		answers(v.k, kmsg.Heartbeat, kerr.UnknownMemberID, forgotten.Load)
		time.Sleep(2 * virtualHeartbeat) // of the clock that does not take time: it has heard
		m.membership.Flushed(stream.Commit{ID: window.PartitionID{Topic: v.topic}, Offset: 6}, false)
		m.refused = true
		began := time.Now()
		err := m.close()
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %s", took)
		}
		if want := v.topic + "/0 is not committed"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	})
}

// TestCloseAfterALongFlush: however long the sinks take after the end, the member
// has its partitions until then.
func TestCloseAfterALongFlush(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v, g, m := stoppedMember(t)
		time.Sleep(5 * virtualSession) // of the clock that does not take time: so long they take
		for p := range int32(virtualPartitions) {
			m.membership.Flushed(stream.Commit{ID: window.PartitionID{Topic: v.topic, Partition: p}, Offset: 6, Metadata: "next 6"}, false)
		}
		if err := m.close(); err != nil {
			t.Fatal(err)
		}
		g.awaitCommitted(virtualPartitions, 6)
	})
}

// TestBeginningIsCommitted: whoever comes after a member that was killed before it
// flushed anything begins where that one began, and not at an end that has moved.
func TestBeginningIsCommitted(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v, g := virtualGroup(t)
		v.write(t, virtualPartitions, 5)
		g.from = "end"
		silent := g.prepare(g.cfg)
		silent.after = func(*partitionLog, *stream.Delivery) {}
		silent.start()
		silent.awaitCount(virtualPartitions)
		eventually(t, "commits without metadata", func() bool {
			all := v.committedOf(t, g.name)
			return len(all) == virtualPartitions && all[0] == "5" && all[1] == "5" && all[2] == "5"
		})
		silent.kill()
		v.write(t, virtualPartitions, 5)
		m := g.join()
		g.awaitRead(virtualPartitions*5, m)
		for id, l := range m.logs {
			if c := l.assignment.Committed; c == nil || *c != (stream.Commit{ID: id, Offset: 5}) || l.assignment.Start != 5 {
				t.Errorf("assignment %+v with %+v", l.assignment, c)
			}
		}
	})
}

// TestMemberAsksForItsTopics: a member that has no partition yet does not ask for
// all topics of the cluster.
func TestMemberAsksForItsTopics(t *testing.T) {
	virtually(t, func(t *testing.T) {
		v, g := virtualGroup(t)
		m := g.prepare(g.cfg)
		var all atomic.Int64
		v.k.ControlKey(int16(kmsg.Metadata), func(req kmsg.Request) (kmsg.Response, error, bool) {
			v.k.KeepControl()
			if req.(*kmsg.MetadataRequest).Topics == nil {
				all.Add(1)
			}
			return nil, nil, false
		})
		m.start()
		m.awaitCount(virtualPartitions)
		if n := all.Load(); n > 0 {
			t.Errorf("%d requests for all topics", n)
		}
	})
}
