package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// testGroup is a group whose members are tests. It sees to it that no two of
// them read a partition at once.
type testGroup struct {
	*testCluster
	t      *testing.T
	name   string
	topics []string
	cfg    Config
	from   string

	mu      sync.Mutex
	readers map[window.PartitionID]*testMember
	notices []string
	// shared are partitions that two members have read at once. They are a failure
	// of the test unless it allows for that.
	shared       []window.PartitionID
	mayLoseSight bool
}

// group is one of which nobody waits for long.
func (c *testCluster) group(t *testing.T, topics ...string) *testGroup {
	cfg := c.config()
	cfg.HeartbeatInterval, cfg.AutoCommitInterval, cfg.MetadataMaxAge = 50*time.Millisecond, 20*time.Millisecond, 200*time.Millisecond
	return &testGroup{testCluster: c, t: t, name: topics[0], topics: topics, cfg: cfg, from: "start", readers: map[window.PartitionID]*testMember{}}
}

// testMember is a member of a group whose workers flush every delivery at once.
type testMember struct {
	*recorder
	group      *testGroup
	membership *Membership
	// start begins Run, cancel ends it, and done is closed when it has returned result.
	start  func()
	cancel context.CancelCauseFunc
	done   chan struct{}
	result error
	// refused says that nothing can be committed any more.
	refused bool
	// close ends Run, commits and leaves, and returns what went wrong. It is
	// called when the test ends.
	close func() error
}

var errStopped = errors.New("stopped by the test")

// stop ends Run and returns what it failed with.
func (m *testMember) stop() error {
	m.cancel(errStopped)
	<-m.done
	m.group.endAll(m)
	if errors.Is(m.result, errStopped) {
		return nil
	}
	return m.result
}

// failure is what Run fails with by itself, which is then no failure of the test.
func (m *testMember) failure() error {
	m.t.Helper()
	select {
	case <-m.done:
	case <-time.After(patienceOfTests):
		m.t.Fatalf("waited %s for the member to fail", patienceOfTests)
	}
	err := m.result
	m.result, m.refused = errStopped, true
	m.group.endAll(m)
	return err
}

// join adds a member to the group until the test ends, or it is closed.
func (g *testGroup) join() *testMember { return g.joinAs(g.cfg) }

func (g *testGroup) joinAs(cfg Config) *testMember {
	g.t.Helper()
	m := g.prepare(cfg)
	m.start()
	return m
}

// prepare makes a member that has not joined yet.
func (g *testGroup) prepare(cfg Config) *testMember {
	g.t.Helper()
	from, err := ParseOffsets(g.from, time.Now())
	if err != nil {
		g.t.Fatal(err)
	}
	membership, err := g.open(g.t, cfg).Join(g.t.Context(), g.name, g.topics, from, nil, Options{Notice: g.notice})
	if err != nil {
		g.t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(g.t.Context()))
	m := &testMember{group: g, membership: membership, recorder: newRecorder(g.t), cancel: cancel, done: make(chan struct{})}
	m.before = func(a stream.Assignment) { g.begin(m, a.ID) }
	m.after = func(l *partitionLog, d *stream.Delivery) {
		c := stream.Commit{ID: l.assignment.ID, Offset: l.next, Metadata: fmt.Sprint("next ", l.next)}
		if d.Kind == stream.Revoked {
			g.end(m, c.ID)
		}
		membership.Flushed(c, d.Kind == stream.Revoked)
	}
	m.start = func() {
		go func() {
			m.result = m.run(ctx, membership)
			close(m.done)
		}()
	}
	m.close = sync.OnceValue(func() error {
		return errors.Join(m.stop(), membership.Close(context.WithoutCancel(g.t.Context())))
	})
	g.t.Cleanup(func() {
		if err := m.close(); err != nil && !m.refused {
			g.t.Errorf("close: %v", err)
		}
	})
	return m
}

func (g *testGroup) notice(n stream.Notice) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.notices = append(g.notices, n.Text)
}

func (g *testGroup) begin(m *testMember, id window.PartitionID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if other := g.readers[id]; other != nil {
		g.shared = append(g.shared, id)
		if !g.mayLoseSight {
			g.t.Errorf("two members read %v", id)
		}
	}
	g.readers[id] = m
}

func (g *testGroup) end(m *testMember, id window.PartitionID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.readers[id] == m {
		delete(g.readers, id)
	}
}

func (g *testGroup) endAll(m *testMember) {
	g.mu.Lock()
	defer g.mu.Unlock()
	maps.DeleteFunc(g.readers, func(_ window.PartitionID, reader *testMember) bool { return reader == m })
}

// awaitRead waits until members have read so many records together.
func (g *testGroup) awaitRead(records int, members ...*testMember) {
	g.t.Helper()
	eventually(g.t, fmt.Sprintf("%d records", records), func() bool {
		n := 0
		for _, m := range members {
			m.mu.Lock()
			n += m.total()
			m.mu.Unlock()
		}
		return n >= records
	})
}

// checkOnce: together the members have read every offset of each partition below
// records once.
func (g *testGroup) checkOnce(records int, members ...*testMember) {
	g.t.Helper()
	for id, seen := range timesRead(records, members) {
		for offset, n := range seen {
			if n != 1 {
				g.t.Errorf("%v: offset %d was read %d times", id, offset, n)
			}
		}
	}
}

// timesRead is how often members have read the offsets of each partition.
func timesRead(records int, members []*testMember) map[window.PartitionID][]int {
	counts := map[window.PartitionID][]int{}
	for _, m := range members {
		m.mu.Lock()
		logs := slices.Collect(maps.Values(m.logs))
		for _, earlier := range m.earlier {
			logs = append(logs, earlier...)
		}
		for _, l := range logs {
			if counts[l.assignment.ID] == nil {
				counts[l.assignment.ID] = make([]int, records)
			}
			for _, r := range l.records {
				counts[l.assignment.ID][r.Offset]++
			}
		}
		m.mu.Unlock()
	}
	return counts
}

// stable is what the group looks like to everybody when it has so many members.
func (g *testGroup) stable(members int) GroupState {
	g.t.Helper()
	client := g.open(g.t, g.config())
	var state GroupState
	eventually(g.t, fmt.Sprintf("a stable group of %d", members), func() bool {
		list, err := client.Groups(g.t.Context())
		if err != nil {
			g.t.Fatal(err)
		}
		list.Groups, _ = matchGroups(g.name, list.Groups)
		states, err := client.DescribeGroups(g.t.Context(), list.Groups)
		if err != nil {
			g.t.Fatal(err)
		}
		if len(states) == 1 {
			state = states[0]
		}
		return state.State == "Stable" && len(state.Members) == members
	})
	return state
}

// reading lists the partitions that the member reads now. The lock is held.
func (m *testMember) reading() []int32 {
	var out []int32
	for id, l := range m.logs {
		if !l.finished {
			out = append(out, id.Partition)
		}
	}
	slices.Sort(out)
	return out
}

func (m *testMember) readingNow() []int32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.reading()
}

// awaitReading waits until the member reads these partitions.
func (m *testMember) awaitReading(partitions ...int32) {
	m.t.Helper()
	m.awaitState(fmt.Sprintf("partitions %v to be read", partitions), func() bool { return slices.Equal(m.reading(), partitions) })
}

// awaitCount waits until the member reads so many partitions.
func (m *testMember) awaitCount(partitions int) {
	m.t.Helper()
	m.awaitState(fmt.Sprintf("%d partitions to be read", partitions), func() bool { return len(m.reading()) == partitions })
}

// awaitState asks over and over: assignments are no deliveries.
func (m *testMember) awaitState(what string, ok func() bool) {
	m.t.Helper()
	eventually(m.t, what, func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		return ok()
	})
}

// committedOf is what a group has committed, "offset metadata" by partition.
func (c *testCluster) committedOf(t *testing.T, group string) map[int32]string {
	t.Helper()
	return committedOf(t, c.open(t, c.config()), group)
}

func committedOf(t *testing.T, client *Client, group string) map[int32]string {
	t.Helper()
	out := map[int32]string{}
	for _, s := range groupsOf(t, client, group) {
		for _, p := range s.Partitions {
			out[p.ID.Partition] = strings.TrimSpace(fmt.Sprint(p.Committed, " ", p.Metadata))
		}
	}
	return out
}

func testMemberResumes(t *testing.T, c *testCluster) {
	topic := c.topic(t, 3)
	g := c.group(t, topic)
	c.produce(t, slices.Concat(numbered(topic, 0, 10), numbered(topic, 1, 20)))
	m := g.join()
	m.wait("30 records, and none of partition 2", func() bool {
		empty := m.logs[window.PartitionID{Topic: topic, Partition: 2}]
		return m.total() == 30 && empty != nil && empty.caughtUp > 0
	})
	for p := range int32(3) {
		a := m.logs[window.PartitionID{Topic: topic, Partition: p}].assignment
		if a.Committed != nil || a.Start != 0 || a.End != -1 || !a.FromBeginning {
			t.Errorf("assignment %+v", a)
		}
	}
	if err := m.close(); err != nil {
		t.Fatal(err)
	}
	want := map[int32]string{0: "10 next 10", 1: "20 next 20", 2: "0 next 0"}
	if got := c.committedOf(t, topic); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("committed %v, want %v", got, want)
	}

	c.produce(t, numbered(topic, 0, 5))
	m = g.join()
	m.wait("5 records", func() bool { return m.total() == 5 })
	a := m.logs[window.PartitionID{Topic: topic}].assignment
	if a.Start != 10 || a.Committed == nil || *a.Committed != (stream.Commit{ID: a.ID, Offset: 10, Metadata: "next 10"}) {
		t.Errorf("assignment %+v with %+v", a, a.Committed)
	}
}

// testMembersShare: a second member and a third get their shares, and what stays
// with its reader is not assigned anew; when they go they give them back. Every
// record is read once.
func testMembersShare(t *testing.T, c *testCluster) {
	const partitions = 6
	topic := c.topic(t, partitions)
	g := c.group(t, topic)
	written := 0
	write := func() {
		for p := range int32(partitions) {
			c.produce(t, numbered(topic, p, 10))
		}
		written += 10
	}
	write()
	a := g.join()
	a.awaitReading(0, 1, 2, 3, 4, 5)
	write()
	b := g.join()
	b.awaitCount(3)
	a.awaitCount(3)
	write()
	d := g.join()
	d.awaitCount(2)
	b.awaitCount(2)
	a.awaitCount(2)
	write()
	if len(a.earlier) > 0 || len(b.earlier) > 0 {
		t.Error("a partition that stayed was assigned again")
	}
	state := g.stable(3)
	for _, p := range state.Partitions {
		if p.Member == nil {
			t.Errorf("nobody is said to have %v", p.ID)
		}
	}
	if state.Protocol != groupProtocol || state.ProtocolType != "consumer" || len(state.Partitions) != partitions {
		t.Errorf("%+v", state)
	}
	g.awaitRead(partitions*written, a, b, d)
	if err := b.close(); err != nil {
		t.Fatal(err)
	}
	a.awaitCount(3)
	d.awaitCount(3)
	write()
	g.awaitRead(partitions*written, a, b, d)
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
	d.awaitReading(0, 1, 2, 3, 4, 5)
	write()
	g.awaitRead(partitions*written, a, b, d)
	g.checkOnce(written, a, b, d)
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	for p, committed := range c.committedOf(t, g.name) {
		if want := fmt.Sprintf("%d next %d", written, written); committed != want {
			t.Errorf("committed of partition %d: %s, want %s", p, committed, want)
		}
	}
}

// testStaticMember: one that goes and comes back has its place, and those who stay
// do not notice.
func testStaticMember(t *testing.T, c *testCluster) {
	topic := c.topic(t, 4)
	g := c.group(t, topic)
	static := g.cfg
	static.GroupInstanceID = "one"
	a := g.joinAs(static)
	a.awaitCount(4)
	b := g.join()
	b.awaitCount(2)
	a.awaitCount(2)
	had := a.readingNow()
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
	if m := g.stable(2).Members; m[0].InstanceID+m[1].InstanceID != "one" {
		t.Errorf("members %+v", m)
	}
	for p := range int32(4) {
		c.produce(t, numbered(topic, p, 10))
	}
	again := g.joinAs(static)
	again.awaitReading(had...)
	g.awaitRead(40, again, b)
	g.checkOnce(10, again, b)
	if len(b.earlier) > 0 || len(b.readingNow()) != 2 {
		t.Errorf("the other member has %v and had %v", b.logs, b.earlier)
	}
}

// testFencedMember: of two with one id the first ends, and says why.
func testFencedMember(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1)
	g := c.group(t, topic)
	g.cfg.GroupInstanceID = "one"
	a := g.join()
	a.awaitCount(1)
	eventually(t, "the commit of the beginning", func() bool { return len(c.committedOf(t, g.name)) == 1 })
	g.endAll(a) // it does not know yet
	b := g.join()
	b.awaitCount(1)
	wantSays(t, a.failure(), GroupRefused, c.addrs[0], fmt.Sprintf("%q", g.name), "another process", "group.instance.id=one")
	// Partitions that it read it has no right to commit.
	a.membership.Flushed(stream.Commit{ID: window.PartitionID{Topic: topic}, Offset: 1000}, false)
	wantSays(t, a.close(), GroupRefused, "group.instance.id=one")
	if got := c.committedOf(t, g.name)[0]; strings.HasPrefix(got, "1000") {
		t.Errorf("committed %s", got)
	}
}

// testMemberGrows: partitions that a topic is given are divided, too, and read
// from their beginning wherever the others were.
func testMemberGrows(t *testing.T, c *testCluster) {
	topic := c.topic(t, 2)
	c.produce(t, slices.Concat(numbered(topic, 0, 5), numbered(topic, 1, 5)))
	g := c.group(t, topic)
	g.from = "end"
	a, b := g.join(), g.join()
	a.awaitCount(1)
	b.awaitCount(1)
	c.addPartitions(t, topic, 4)
	c.awaitTopic(t, c.kgo(t), topic, 4)
	c.produce(t, slices.Concat(numbered(topic, 2, 10), numbered(topic, 3, 10)))
	g.awaitRead(20, a, b)
	a.awaitCount(2)
	b.awaitCount(2)
	if a.total()+b.total() != 20 || len(a.earlier)+len(b.earlier) > 0 {
		t.Errorf("%s, and %s; earlier %v, %v", a.state(), b.state(), a.earlier, b.earlier)
	}
}

// testMemberOfDeletedTopic: its partitions are given up; when it is there again
// they are read from their beginning.
func testMemberOfDeletedTopic(t *testing.T, c *testCluster) {
	topic, kept := c.topic(t, 2), c.topic(t, 1)
	g := c.group(t, topic, kept)
	c.produce(t, slices.Concat(numbered(topic, 0, 5), numbered(topic, 1, 5), numbered(kept, 0, 1)))
	g.from = "end"
	m := g.join()
	m.awaitCount(3)
	c.produce(t, slices.Concat(numbered(topic, 0, 5), numbered(kept, 0, 5)))
	g.awaitRead(10, m)
	deleteTopic(t, c, topic)
	m.awaitReading(0) // of the other topic
	create := createRequest(topic, 1)
	if res, err := create.RequestWith(t.Context(), c.kgo(t)); err != nil || res.Topics[0].ErrorCode != 0 {
		t.Fatal(err, res)
	}
	c.awaitTopic(t, c.kgo(t), topic, 1)
	c.produce(t, numbered(topic, 0, 3))
	g.awaitRead(13, m)
	l := m.logs[window.PartitionID{Topic: topic}]
	if !slices.Equal(l.values(), []string{"0", "1", "2"}) || !l.assignment.FromBeginning {
		t.Errorf("of the new log %v, from %+v", l.values(), l.assignment)
	}
	if len(m.earlier[window.PartitionID{Topic: kept}]) > 0 {
		t.Error("the other topic was assigned again")
	}
}

// testStrangers: nobody joins a group of other consumers, and they do not join
// one of oriel's.
func testStrangers(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1)
	c.produce(t, numbered(topic, 0, 5))
	g := c.group(t, topic)
	stranger := c.consumer(t, g.name, topic, 5)
	m := g.joinAs(g.cfg)
	wantSays(t, m.failure(), GroupRefused, c.addrs[0], fmt.Sprintf("%q", g.name), "other consumers", "--group")
	stranger.Close()

	ours := g.join()
	ours.awaitCount(1)
	cl := c.kgo(t, kgo.ConsumerGroup(g.name), kgo.ConsumeTopics(topic))
	ctx, cancel := context.WithTimeout(t.Context(), patienceOfTests)
	defer cancel()
	if err := cl.PollFetches(ctx).Err(); !errors.Is(err, kerr.InconsistentGroupProtocol) {
		t.Errorf("another consumer gets %v", err)
	}
	cl.Close()
}

// testServerSideGroup: a group of KIP-848 with members is refused before it is
// joined, because its coordinator would take this member.
func testServerSideGroup(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1)
	c.produce(t, numbered(topic, 0, 5))
	g := c.group(t, topic)
	c.consumer(t, g.name, topic, 5, kgo.ServerSideBalancer(), kgo.Balancers(kgo.RangeBalancer()))
	_, err := c.open(t, g.cfg).Join(t.Context(), g.name, g.topics, Offsets{}, nil, Options{})
	wantSays(t, err, GroupRefused, c.addrs[0], fmt.Sprintf("%q", g.name), "type consumer (KIP-848)", "--group")
}

// testShortSession: the bounds are the broker's, and it says no more than that.
func testShortSession(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1)
	g := c.group(t, topic)
	g.cfg.SessionTimeout = 10 * time.Millisecond
	wantSays(t, g.join().failure(), GroupRefused, c.addrs[0], "session.timeout.ms=10", "group.min.session.timeout.ms", "group.max.session.timeout.ms")
}

// testMemberOfATopicCreatedAgain: before the group sees that it was gone. What was
// committed of the old log says nothing of the new one.
func testMemberOfATopicCreatedAgain(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1)
	id := window.PartitionID{Topic: topic}
	c.produceBatches(t, numbered(topic, 0, 10))
	g := c.group(t, topic)
	g.cfg.MetadataMaxAge = time.Hour
	m := g.join()
	m.wait("the old log", func() bool { return m.total() == 10 && m.logs[id].caughtUp > 0 })
	eventually(t, "its commit", func() bool { return c.committedOf(t, g.name)[0] == "10 next 10" })
	deleteTopic(t, c, topic)
	if res, err := createRequest(topic, 1).RequestWith(t.Context(), c.kgo(t)); err != nil || res.Topics[0].ErrorCode != 0 {
		t.Fatal(err, res)
	}
	c.produceBatches(t, numbered(topic, 0, 3))
	m.wait("the new log", func() bool {
		return len(m.earlier[id]) == 1 && m.earlier[id][0].revoked && len(m.logs[id].records) == 3
	})
	if old := m.earlier[id][0]; len(old.records) != 10 || len(old.gaps) != 1 || old.gaps[0].From != 10 || !strings.Contains(old.gaps[0].Reason, "created again") {
		t.Errorf("of the old log: %+v", old)
	}
	if a := m.logs[id].assignment; a.Start != 0 || a.Committed != nil || !a.FromBeginning {
		t.Errorf("of the new one: %+v", a)
	}
	eventually(t, "its commit", func() bool { return c.committedOf(t, g.name)[0] == "3 next 3" })
}
