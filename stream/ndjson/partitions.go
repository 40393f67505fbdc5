package ndjson

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// maxPartitions bounds the partitions of an input: a field that is no
// partition number must not take all memory.
const maxPartitions = 100_000

var (
	errNotDeclared = errors.New("its partition is not in the header line")
	errPartitions  = fmt.Errorf("more than %d partitions", maxPartitions)
)

// partition is what is known of one partition of the input.
type partition struct {
	id window.PartitionID
	// start and end are the range of offsets, half-open. end is negative until
	// it is known, and always in live runs.
	start, end           int64
	fromBeginning, short bool
	before               window.Time
	// next is the offset behind the newest one read, or start.
	next int64
	// deliveries is set once the partition is assigned.
	deliveries chan<- stream.Delivery
	finished   bool
}

// admit returns an error if a record with this offset cannot come now.
func (p *partition) admit(offset int64) error {
	switch {
	case p.end >= 0 && offset >= p.end:
		return fmt.Errorf("offset %d of %s/%d is not below the end, %d", offset, p.id.Topic, p.id.Partition, p.end)
	case offset < p.next:
		return fmt.Errorf("offset %d of %s/%d where %d or more was due", offset, p.id.Topic, p.id.Partition, p.next)
	}
	return nil
}

func (p *partition) assignment() stream.Assignment {
	return stream.Assignment{
		ID: p.id, Start: p.start, End: p.end,
		FromBeginning: p.fromBeginning, Before: p.before, Short: p.short,
	}
}

// topic is one topic of the input, wanted or not.
type topic struct {
	name       string
	wanted     bool
	partitions map[int32]*partition
}

// partitions is the table of all partitions of the input.
type partitions struct {
	filter topicFilter
	topics map[string]*topic
	count  int
	// closed says that a partition that is not in the table cannot come.
	closed bool
	// recent is the partition of the line before: lines come in runs.
	recent *partition
}

func newPartitions(filter topicFilter) *partitions {
	return &partitions{filter: filter, topics: make(map[string]*topic)}
}

// find returns the partition of an envelope, nil if its topic is not wanted. A
// partition that is new starts there.
func (ps *partitions) find(e *envelope) (*partition, error) {
	if p := ps.recent; p != nil && p.id.Partition == e.partition && p.id.Topic == string(e.topic) {
		return p, nil
	}
	t := ps.topics[string(e.topic)]
	if t == nil {
		if len(ps.topics) == maxPartitions {
			return nil, errPartitions
		}
		t = ps.topic(string(e.topic))
	}
	if !t.wanted {
		return nil, nil
	}
	p := t.partitions[e.partition]
	if p == nil {
		if ps.closed {
			return nil, errNotDeclared
		}
		var err error
		if p, err = ps.add(t, e.partition, e.Offset); err != nil {
			return nil, err
		}
	}
	ps.recent = p
	return p, nil
}

// topic returns the entry of a topic, which it makes if need be.
func (ps *partitions) topic(name string) *topic {
	t := ps.topics[name]
	if t == nil {
		t = &topic{name: name, wanted: ps.filter.wants(name), partitions: make(map[int32]*partition)}
		ps.topics[name] = t
	}
	return t
}

func (ps *partitions) add(t *topic, number int32, start int64) (*partition, error) {
	if ps.count == maxPartitions {
		return nil, errPartitions
	}
	ps.count++
	p := &partition{
		id:    window.PartitionID{Topic: t.name, Partition: number},
		start: start, next: start, end: -1, fromBeginning: start == 0, before: window.MaxTime,
	}
	if p.fromBeginning {
		p.before = window.MinTime
	}
	t.partitions[number] = p
	return p, nil
}

// sorted returns the wanted partitions in the order of (topic, partition).
func (ps *partitions) sorted() []*partition {
	all := make([]*partition, 0, ps.count)
	for _, t := range ps.topics {
		if t.wanted {
			all = slices.AppendSeq(all, maps.Values(t.partitions))
		}
	}
	slices.SortFunc(all, func(a, b *partition) int { return comparePartitions(a.id, b.id) })
	return all
}

// missing returns an *UnknownTopicError if a part of the filter matched none
// of the topics seen or declared.
func (ps *partitions) missing() error {
	return ps.filter.missing(slices.Sorted(maps.Keys(ps.topics)))
}

// close ends every range that is still open behind what was read of it.
func (ps *partitions) close() {
	ps.closed = true
	for _, p := range ps.sorted() {
		if p.end < 0 {
			p.end = p.next
		}
	}
}

// rewind takes every partition back to its start.
func (ps *partitions) rewind() {
	for _, p := range ps.sorted() {
		p.next = p.start
	}
}
