package kafka

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// testMember is a member of a group whose workers flush every batch at once.
type testMember struct {
	*recorder
	membership *Membership
	stop       func() error
}

// groupConfig is one in which nobody waits for long.
func (c *testCluster) groupConfig() Config {
	cfg := c.config()
	cfg.HeartbeatInterval, cfg.AutoCommitInterval, cfg.MetadataMaxAge = 50*time.Millisecond, 20*time.Millisecond, 200*time.Millisecond
	return cfg
}

// member joins a group until the test ends or stop is called, which closes the
// membership and returns what went wrong.
func (c *testCluster) member(t *testing.T, cfg Config, group string, from string, topics ...string) *testMember {
	t.Helper()
	o, err := ParseOffsets(from, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.open(t, cfg).Join(t.Context(), group, topics, o, Options{Notice: func(text string, _ bool) { t.Log(text) }})
	if err != nil {
		t.Fatal(err)
	}
	tm := &testMember{membership: m, recorder: newRecorder(t)}
	tm.after = func(l *partitionLog, d *stream.Delivery) {
		if d.Kind == stream.Data || d.Kind == stream.Revoked {
			m.Flushed(stream.Commit{ID: l.assignment.ID, Offset: l.next, Metadata: "next " + strconv.FormatInt(l.next, 10)}, d.Kind == stream.Revoked)
		}
	}
	stop := tm.background(m)
	tm.stop = func() error {
		if err := stop(); err != nil {
			return err
		}
		return m.Close(context.WithoutCancel(t.Context()))
	}
	t.Cleanup(func() {
		if err := tm.stop(); err != nil {
			t.Errorf("member of %s: %v", group, err)
		}
	})
	return tm
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

// awaitReading waits until the member reads these partitions.
func (m *testMember) awaitReading(partitions ...int32) {
	m.t.Helper()
	m.awaitState(fmt.Sprintf("partitions %v to be read", partitions), func() bool { return slices.Equal(m.reading(), partitions) })
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
	out := map[int32]string{}
	for _, s := range groupsOf(t, c.open(t, c.config()), group) {
		for _, p := range s.Partitions {
			out[p.ID.Partition] = strings.TrimSpace(fmt.Sprint(p.Committed, " ", p.Metadata))
		}
	}
	return out
}

func testMemberResumes(t *testing.T, c *testCluster) {
	topic := c.topic(t, 3)
	c.produce(t, slices.Concat(numbered(topic, 0, 10), numbered(topic, 1, 20)))
	m := c.member(t, c.groupConfig(), topic, "start", topic)
	m.wait("30 records", func() bool { return m.total() == 30 })
	for p := range int32(3) {
		a := m.logs[window.PartitionID{Topic: topic, Partition: p}].assignment
		if a.Committed != nil || a.Start != 0 || a.End != -1 || !a.FromBeginning {
			t.Errorf("assignment %+v", a)
		}
	}
	if err := m.stop(); err != nil {
		t.Fatal(err)
	}
	want := map[int32]string{0: "10 next 10", 1: "20 next 20", 2: "0"}
	if got := c.committedOf(t, topic); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("committed %v, want %v", got, want)
	}

	c.produce(t, numbered(topic, 0, 5))
	m = c.member(t, c.groupConfig(), topic, "start", topic)
	m.wait("5 records", func() bool { return m.total() == 5 })
	a := m.logs[window.PartitionID{Topic: topic}].assignment
	if a.Start != 10 || a.Committed == nil || *a.Committed != (stream.Commit{ID: a.ID, Offset: 10, Metadata: "next 10"}) {
		t.Errorf("assignment %+v with %+v", a, a.Committed)
	}
}
