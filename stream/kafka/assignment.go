package kafka

import (
	"encoding/binary"

	"github.com/oriel-stream/oriel/window"
)

// readAssignment reads which partitions a member of a group of consumers has:
// a version, and for each topic its name and its partitions. What follows is for
// the members, and later versions have only ever added to it. It reports whether
// the bytes are such an assignment; none at all are one of nothing.
func readAssignment(b []byte) ([]window.PartitionID, bool) {
	if len(b) == 0 {
		return nil, true
	}
	r := assignmentReader{b: b, ok: true}
	r.version()
	ids := r.partitions()
	if !r.ok {
		return nil, false
	}
	return ids, true
}

// encodeAssignment writes which partitions a member has, for readAssignment and
// every other reader of the consumer protocol.
func encodeAssignment(ids []window.PartitionID) []byte {
	const version, noUserData = 0, -1
	b := binary.BigEndian.AppendUint16(nil, version)
	return appendNumber(appendPartitions(b, ids), noUserData)
}

// assignmentReader reads the front of b until something is missing.
type assignmentReader struct {
	b  []byte
	ok bool
}

// take returns the next n bytes, or zeros where they are not there.
func (r *assignmentReader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.ok, r.b = false, nil
		return make([]byte, 4)
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *assignmentReader) number() int32 { return int32(binary.BigEndian.Uint32(r.take(4))) }

func (r *assignmentReader) version() int16 { return int16(binary.BigEndian.Uint16(r.take(2))) }

func (r *assignmentReader) name() string {
	return string(r.take(int(int16(binary.BigEndian.Uint16(r.take(2))))))
}

// partitions reads the partitions of each topic.
func (r *assignmentReader) partitions() []window.PartitionID {
	var ids []window.PartitionID
	for n := r.number(); n > 0 && r.ok; n-- {
		topic := r.name()
		for n := r.number(); n > 0 && r.ok; n-- {
			ids = append(ids, window.PartitionID{Topic: topic, Partition: r.number()})
		}
	}
	return ids
}
