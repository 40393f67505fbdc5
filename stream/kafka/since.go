package kafka

import "github.com/oriel-stream/oriel/window"

// Since is where reading starts if every record from an event time on is
// wanted. Event times are not in the order of offsets, but everything before
// the first record whose Kafka timestamp is at or after T has a Kafka timestamp
// before T.
type Since struct {
	// Time is the earliest event time that is wanted.
	Time window.Time
	// Slack is how far the Kafka timestamp of such a record may be before Time.
	Slack window.Duration
	// Records is how many offsets further back reading starts.
	Records int64
	// InPayload says that the event time is in the payload. A record without a
	// Kafka timestamp may then have any: where the log begins with one, reading
	// starts there.
	InPayload bool
}

// kafkaTime is the time T that is looked up.
func (s *Since) kafkaTime() int64 { return max(0, int64(s.Time.Sub(s.Slack))) }

// queries are those by s.kafkaTime and, if need be, for the first record that
// has a Kafka timestamp.
func (s *Since) queries(ids []window.PartitionID) (since, dated []offsetQuery) {
	if s == nil {
		return nil, nil
	}
	if s.InPayload {
		dated = placeQueries(ids, 0)
	}
	return placeQueries(ids, s.kafkaTime()), dated
}

// start resolves s in one partition. whole says that no record that is wanted
// ever lay before the start of the log.
func (s *Since) start(l log, since, dated offsetAnswer) (offset int64, whole bool) {
	offset = timedOffset(since.offset, l)
	if s.InPayload && timedOffset(dated.offset, l) > l.start {
		offset = l.start
	}
	return max(l.start, offset-s.Records), l.start == 0 || offset > l.start
}

// bound is s as a place of --from: a log that begins behind it may have lost
// what is wanted.
func (s *Since) bound() bound {
	return bound{kind: atTime, n: int64(s.Time), text: "--between"}
}
