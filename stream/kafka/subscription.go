package kafka

import (
	"encoding/binary"
	"slices"

	"github.com/oriel-stream/oriel/window"
)

// subscription is what a member of a group tells its leader when it joins.
type subscription struct {
	topics []string
	// owned are the partitions that the member reads, as it was assigned them in
	// generation or before; noGeneration for a member that has none.
	owned      []window.PartitionID
	generation int32
	// counts are how many partitions the member knows its topics to have, in
	// their order. A member that rejoins because there are more is another one
	// for the coordinator, which then begins a rebalance.
	counts []int32
}

// noGeneration is the generation of whoever is no member.
const noGeneration = int32(-1)

// subscriptionVersion is the version of the consumer protocol that knows the
// generation of a claim.
const subscriptionVersion = 2

// encode writes s as the consumer protocol of Kafka does. The counts are its
// user data.
func (s subscription) encode() []byte {
	b := binary.BigEndian.AppendUint16(nil, subscriptionVersion)
	b = appendNumber(b, len(s.topics))
	for _, t := range s.topics {
		b = appendName(b, t)
	}
	b = appendNumber(b, 4*len(s.counts))
	for _, n := range s.counts {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	b = appendPartitions(b, s.owned)
	return binary.BigEndian.AppendUint32(b, uint32(s.generation))
}

// readSubscription reads what a member says of itself, and reports whether the
// bytes are that. Later versions have only ever added to it.
func readSubscription(b []byte) (subscription, bool) {
	s := subscription{generation: noGeneration}
	r := assignmentReader{b: b, ok: true}
	version := r.version()
	for n := r.number(); n > 0 && r.ok; n-- {
		s.topics = append(s.topics, r.name())
	}
	if n := r.number(); n > 0 {
		for data := r.take(int(n)); len(data) >= 4; data = data[4:] {
			s.counts = append(s.counts, int32(binary.BigEndian.Uint32(data)))
		}
	}
	if version >= 1 {
		s.owned = r.partitions()
	}
	if version >= 2 {
		s.generation = r.number()
	}
	if !r.ok {
		return subscription{}, false
	}
	return s, true
}

// appendPartitions writes partitions, topic by topic.
func appendPartitions(b []byte, ids []window.PartitionID) []byte {
	ids = slices.SortedFunc(slices.Values(ids), comparePartitions)
	var topics [][]window.PartitionID
	for start := 0; start < len(ids); {
		end := start + 1
		for end < len(ids) && ids[end].Topic == ids[start].Topic {
			end++
		}
		topics = append(topics, ids[start:end])
		start = end
	}
	b = appendNumber(b, len(topics))
	for _, of := range topics {
		b = appendNumber(appendName(b, of[0].Topic), len(of))
		for _, id := range of {
			b = appendNumber(b, int(id.Partition))
		}
	}
	return b
}

func appendNumber(b []byte, n int) []byte { return binary.BigEndian.AppendUint32(b, uint32(int32(n))) }

// appendName writes the name of a topic, which has at most 249 bytes.
func appendName(b []byte, name string) []byte {
	return append(binary.BigEndian.AppendUint16(b, uint16(len(name))), name...)
}
