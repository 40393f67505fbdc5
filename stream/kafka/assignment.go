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
	r.take(2) // the version
	var ids []window.PartitionID
	for n := r.number(); n > 0 && r.ok; n-- {
		topic := string(r.take(int(int16(binary.BigEndian.Uint16(r.take(2))))))
		for n := r.number(); n > 0 && r.ok; n-- {
			ids = append(ids, window.PartitionID{Topic: topic, Partition: r.number()})
		}
	}
	if !r.ok {
		return nil, false
	}
	return ids, true
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
