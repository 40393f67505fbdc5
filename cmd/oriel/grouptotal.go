package main

import (
	"github.com/oriel-stream/oriel/stream/kafka"
	"github.com/oriel-stream/oriel/window"
)

// groupTotal is what the partitions of a group come to. What is not known is -1.
type groupTotal struct {
	members int
	// topics and committed count those with a committed offset.
	topics, committed int
	// lag is the sum of the lags that are known, and most the partition with
	// the most of it; mostLag is 0 where nothing lags.
	lag     int64
	most    window.PartitionID
	mostLag int64
	marked  map[kafka.CommitMark]int
}

// totalOf adds up the partitions of a group, which are sorted by topic. Those
// without a lag are in no sum, or one that is gone would hide all others.
func totalOf(s *kafka.GroupState) groupTotal {
	t := groupTotal{members: len(s.Members), lag: -1, marked: map[kafka.CommitMark]int{}}
	if s.Err != nil {
		t.members, t.topics, t.committed = -1, -1, -1
		return t
	}
	if s.Members == nil {
		t.members = -1
	}
	last := ""
	for i := range s.Partitions {
		p := &s.Partitions[i]
		if p.Mark != "" {
			t.marked[p.Mark]++
		}
		if p.Committed >= 0 {
			if t.committed++; t.committed == 1 || p.ID.Topic != last {
				t.topics++
			}
			last = p.ID.Topic
		}
		lag := p.Lag()
		if lag < 0 {
			continue
		}
		t.lag = max(0, t.lag) + lag
		if lag > t.mostLag {
			t.most, t.mostLag = p.ID, lag
		}
	}
	return t
}
