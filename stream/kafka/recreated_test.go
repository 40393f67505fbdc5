package kafka

import (
	"strings"
	"testing"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// testCreatedAgain: a topic is deleted and created again before that is taken
// for its end. Its new log is shorter, and neither had an election.
func testCreatedAgain(t *testing.T, c *testCluster) {
	topic := c.topic(t, 1)
	c.produceBatches(t, numbered(topic, 0, 10))
	client := c.open(t, c.config())
	id := window.PartitionID{Topic: topic}
	r := newRecorder(t)
	s := client.Source(live(t, client, topic), Options{}).(*source)
	s.deletedAfter = patienceOfTests
	r.background(s)
	r.wait("the old log", func() bool { return r.total() == 10 && r.logs[id].caughtUp > 0 })
	deleteTopic(t, c, topic)
	request := &kafkago.CreateTopicsRequest{Topics: []kafkago.TopicConfig{{Topic: topic, NumPartitions: 1, ReplicationFactor: 1}}}
	if res, err := c.admin(t).CreateTopics(t.Context(), request); err != nil || res.Errors[topic] != nil {
		t.Fatal(err, res)
	}
	c.produceBatches(t, numbered(topic, 0, 3))
	r.wait("the new log", func() bool {
		return len(r.earlier[id]) == 1 && r.earlier[id][0].finished && len(r.logs[id].records) == 3
	})
	if old := r.earlier[id][0]; len(old.records) != 10 || len(old.gaps) != 1 || old.gaps[0].From != 10 || !strings.Contains(old.gaps[0].Reason, "created again") {
		t.Errorf("of the old log: %+v", old)
	}
}

// TestCreatedAgain: a topic is deleted and created again faster than anybody
// sees it gone. Its new log is never taken for the old one: where it is longer,
// the leader epoch betrays it, where it is shorter, its end.
func TestCreatedAgain(t *testing.T) {
	for _, v := range []struct {
		name       string
		elections  int32
		old, fresh int
	}{
		{"longer", 2, 10, 30},
		{"shorter", 0, 10, 3},
		{"shorter, of a younger leader", 2, 10, 3},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			k, c := startKfake(t, kfake.NumBrokers(2))
			topic := c.topic(t, 1)
			for i := range v.elections {
				if err := k.MoveTopicPartition(topic, 0, i%2); err != nil {
					t.Fatal(err)
				}
			}
			c.produce(t, numbered(topic, 0, v.old))
			client := c.open(t, c.config())
			id := window.PartitionID{Topic: topic}
			r := newRecorder(t)
			r.background(client.Source(live(t, client, topic), Options{}))
			r.wait("the old log", func() bool { return r.total() == v.old && r.logs[id].caughtUp > 0 })
			deleteTopic(t, c, topic)
			if _, err := c.kgo(t).Request(t.Context(), createRequest(topic, 1)); err != nil {
				t.Fatal(err)
			}
			c.produce(t, numbered(topic, 0, v.fresh))
			r.wait("the new log", func() bool {
				return len(r.earlier[id]) == 1 && r.earlier[id][0].finished && len(r.logs[id].records) == v.fresh
			})
			old, fresh := r.earlier[id][0], r.logs[id]
			if len(old.records) != v.old || len(old.gaps) != 1 || old.gaps[0].From != int64(v.old) || !strings.Contains(old.gaps[0].Reason, "created again") {
				t.Errorf("of the old log: %+v", old)
			}
			if fresh.records[0].Offset != 0 || !fresh.assignment.FromBeginning || len(fresh.gaps) > 0 {
				t.Errorf("of the new log: %+v", fresh)
			}
		})
	}
}

// TestJudgeAgain: a log that an election has cut is the same log when the
// connection is lost once more before a record of it was read.
func TestJudgeAgain(t *testing.T) {
	for name, cut := range map[string]func(*partition){
		"as the epochs say":      func(p *partition) { p.judge(2, 60) }, // nothing is left of epoch 3
		"as the range read says": func(p *partition) { p.truncated(60) },
	} {
		p := &partition{
			Assignment: stream.Assignment{End: -1}, out: make(chan stream.Delivery, 5), position: 100, doubtful: true, logEnd: 100,
			leader: 4, newestLeader: 3, epochRead: 3,
		}
		cut(p)
		for range 2 {
			p.moveIn(4)
			p.doubtful = true
			p.judge(2, 60)
		}
		if p.another || p.position != 60 || len(p.pending) != 1 {
			t.Errorf("%s: another %v, at %d: %+v", name, p.another, p.position, p.pending)
		}
	}
}

// TestJudge: what the epochs and the end of a log say of it.
func TestJudge(t *testing.T) {
	const position = 100
	for _, v := range []struct {
		name                     string
		leader, newest, read     int32 // epochs: the leader's, the newest before, of the last batch
		answer                   int32
		end                      int64
		another, goesOn, bounded bool
	}{
		{name: "nothing happened", leader: 3, newest: 3, read: 3, answer: 3, end: 120, goesOn: true},
		{name: "another leader", leader: 4, newest: 3, read: 3, answer: 3, end: 100, goesOn: true},
		{name: "its epoch has no record yet", leader: 4, newest: 4, read: 2, answer: 2, end: 100, goesOn: true},
		{name: "nothing read, and an epoch without records", leader: 6, newest: 5, read: -1, answer: 4, end: 100, goesOn: true},
		{name: "epochs began anew", leader: 0, newest: 3, read: 3, answer: -1, end: -1, another: true},
		{name: "shorter without an election", leader: 3, newest: 3, read: 3, answer: 3, end: 40, another: true},
		{name: "shorter, nothing read", leader: 0, newest: 0, read: -1, answer: 0, end: 40, another: true},
		{name: "longer, and without the epoch", leader: 5, newest: 3, read: 3, answer: 1, end: 130, another: true},
		{name: "an election lost records", leader: 4, newest: 3, read: 3, answer: 3, end: 90},
		{name: "an election lost an epoch", leader: 4, newest: 3, read: 3, answer: 2, end: 60},
		{name: "another log, of a range", leader: 3, newest: 3, read: 3, answer: 3, end: 40, bounded: true},
		{name: "lost records of a range", leader: 4, newest: 3, read: 3, answer: 3, end: 90, bounded: true},
	} {
		out := make(chan stream.Delivery, 5)
		p := &partition{
			Assignment: stream.Assignment{End: -1}, out: out, position: position, doubtful: true, logEnd: 110,
			leader: v.leader, newestLeader: v.newest, epochRead: v.read,
		}
		if v.bounded {
			p.End = 200
		}
		p.judge(v.answer, v.end)
		switch {
		case p.doubtful || p.newestLeader < p.leader:
			t.Errorf("%s: still in doubt: %+v", v.name, p)
		case v.bounded:
			if !p.finished || p.pending[0].From != position || p.pending[0].To != 200 {
				t.Errorf("%s: %+v", v.name, p.pending)
			}
		case v.another:
			if !p.another || p.pending[0].From != position || p.pending[0].To != 110 {
				t.Errorf("%s: another %v, %+v", v.name, p.another, p.pending)
			}
		case v.goesOn:
			if p.another || len(p.pending) > 0 || p.position != position {
				t.Errorf("%s: another %v, %+v", v.name, p.another, p.pending)
			}
		default:
			if p.another || p.pending[0].From != v.end || p.pending[0].To != position || p.position != v.end {
				t.Errorf("%s: another %v, %+v", v.name, p.another, p.pending)
			}
		}
	}
}
