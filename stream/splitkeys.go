package stream

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/oriel-stream/oriel/window"
)

// splitKeys finds keys that are in several partitions, where every partition has
// windows of its own: then a window of such a key has a line from each of them.
// It belongs to the engine.
type splitKeys struct {
	notice func(string)
	// newer and older are the partitions in which keys were seen last. A key that
	// is seen moves to the newer ones; when these are too many the older are
	// forgotten.
	newer, older map[topicKey]keyPlace
	// most bounds each of the two.
	most int
	// found counts the keys that were found.
	found int64
}

// topicKey is a key of a topic.
type topicKey struct {
	topic string
	key   window.Key
}

// keyPlace is a partition in which a key was seen; split says that it was seen in
// another one, too.
type keyPlace struct {
	partition int32
	split     bool
}

const (
	// maxPlaces bounds the keys of which a partition is remembered.
	maxPlaces = 100_000
	// maxSplitTold is how many keys are named; all are counted.
	maxSplitTold = 10
)

func newSplitKeys(notice func(string)) *splitKeys {
	return &splitKeys{notice: notice, newer: make(map[topicKey]keyPlace), most: maxPlaces}
}

// look looks at panes of one partition.
func (s *splitKeys) look(panes []*window.Pane, partition int32) {
	for _, p := range panes {
		k := topicKey{topic: p.Topic, key: p.Key}
		at, known := s.newer[k]
		if known && (at.split || at.partition == partition) {
			continue
		}
		if !known {
			at, known = s.older[k]
		}
		switch {
		case !known:
			at.partition = partition
		case at.partition != partition && !at.split:
			at.split = true
			s.tell(k, at.partition, partition)
		}
		s.remember(k, at)
	}
}

func (s *splitKeys) remember(k topicKey, at keyPlace) {
	if len(s.newer) >= s.most {
		s.older, s.newer = s.newer, make(map[topicKey]keyPlace)
	}
	s.newer[k] = at
}

// tell says what it means that a key is in two partitions.
func (s *splitKeys) tell(k topicKey, one, other int32) {
	s.found++
	switch {
	case s.found < maxSplitTold:
		s.notice(fmt.Sprintf("%s: %s is in the partitions %d and %d, and with --group each has windows of its own: such a window has a line from each, with its own offsets",
			k.topic, keyName(k.key), min(one, other), max(one, other)))
	case s.found == maxSplitTold:
		s.notice(fmt.Sprintf("%s: %s is in several partitions, too; further such keys are counted, and not named", k.topic, keyName(k.key)))
	}
}

// keyName names a key in a sentence.
func keyName(k window.Key) string {
	const most = 40
	switch {
	case k.Null:
		return "the null key"
	case !utf8.ValidString(k.Bytes) || len(k.Bytes) > most:
		return "the key " + strconv.Quote(k.Bytes[:min(len(k.Bytes), most)]) + "…"
	default:
		return "the key " + strconv.Quote(k.Bytes)
	}
}
