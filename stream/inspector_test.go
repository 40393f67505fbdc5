package stream

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/oriel-stream/oriel/window"
)

// recordsInShort are the records that a picture shows.
func recordsInShort(s *Snapshot) []string {
	if s.Focus == nil {
		return nil
	}
	var all []string
	for _, r := range s.Focus.Records {
		value := "-"
		if r.HasValue {
			value = strconv.FormatFloat(r.Value, 'g', -1, 64)
		}
		all = append(all, fmt.Sprintf("%d@%d t=%d v=%s %v %d/%d %q", r.ID.Partition, r.Offset, r.EventTime, value, r.Reason, r.Lost, r.Of, r.Payload))
	}
	return all
}

// offsets hands out a partition's offsets.
type offsets []int

// sendNext sends a record at the partition's next offset.
func (o offsets) sendNext(src *steered, part int, at int64, key, payload string) {
	src.ins[part] <- data(record(o[part], at, key, payload))
	o[part]++
}

// TestInspector: while records are shown, those of the key of interest come with
// what became of them, from all partitions and once each; of other keys none do.
func TestInspector(t *testing.T) {
	cfg := testConfig()
	cfg.Window.Specs, cfg.Window.OutOfOrderness = []window.Spec{{Size: 10, Hop: 5}}, 0
	board := testBoard(&cfg)
	board.SetInterest(Interest{Topic: "t", Key: window.Key{Bytes: "a"}, Series: "v", Chosen: true})
	src := steer(t, cfg, 2)
	defer src.end()
	next := make(offsets, 2)
	next.sendNext(src, 0, 1, "a", "1")
	next.sendNext(src, 0, 20, "a", "1")
	next.sendNext(src, 1, 20, "a", "1")
	if s := until(t, board, "the key", func(s *Snapshot) bool { return s.Focus != nil }); s.Focus.Records != nil {
		t.Errorf("nobody has asked for %q", recordsInShort(s))
	}
	board.Inspect(true)
	for part := range 2 { // a worker hears of it when it shows itself
		until(t, board, "that a worker has heard", func(s *Snapshot) bool {
			next.sendNext(src, part, 20, "a", "1")
			return slices.ContainsFunc(recordsInShort(s), func(r string) bool { return strings.HasPrefix(r, strconv.Itoa(part)) })
		})
	}
	from := slices.Clone(next)
	for _, r := range []struct {
		part         int
		at           int64
		key, payload string
	}{{0, 22, "a", "5"}, {0, 23, "b", "6"}, {0, 24, "a", "x"}, {0, 2, "a", "7"}, {0, 19, "a", "8"}, {1, 25, "a", "9"}} {
		next.sendNext(src, r.part, r.at, r.key, r.payload)
	}
	want := []string{
		fmt.Sprintf(`0@%d t=22 v=5 ok 0/2 "5"`, from[0]), fmt.Sprintf(`0@%d t=24 v=- not_a_number 2/2 "x"`, from[0]+2),
		fmt.Sprintf(`0@%d t=2 v=7 late 2/2 "7"`, from[0]+3), fmt.Sprintf(`0@%d t=19 v=8 late 1/2 "8"`, from[0]+4),
		fmt.Sprintf(`1@%d t=25 v=9 ok 0/2 "9"`, from[1]),
	}
	s := until(t, board, "the five records", func(s *Snapshot) bool {
		all := recordsInShort(s)
		return !slices.ContainsFunc(want, func(r string) bool { return !slices.Contains(all, r) })
	})
	all := recordsInShort(s)
	for _, part := range []string{"0@", "1@"} { // each in its order, and none twice
		var places []int
		for i := range s.Focus.Records {
			if strings.HasPrefix(all[i], part) {
				places = append(places, int(s.Focus.Records[i].Offset))
			}
		}
		if n := len(places); n == 0 || places[n-1]-places[0] < n-1 {
			t.Errorf("the offsets of %s are %v", part, places)
		}
	}
	board.Inspect(false)
	if s := board.Snapshot(); s.Focus.Records != nil {
		t.Errorf("nobody asks any more for %q", recordsInShort(s))
	}
}

// TestInspectorIsBounded: of a burst the first records are copied, and the
// others counted; the log has room for the newest.
func TestInspectorIsBounded(t *testing.T) {
	t.Parallel()
	interest := Interest{Topic: "t", Key: window.Key{Bytes: "a"}, Series: "v", Chosen: true}
	w := &worker{a: Assignment{ID: partitionID(0)}, series: []string{"v"}}
	var l recordLog
	show := func(records int) []RecordView {
		w.inspect(&interest, true)
		v := &published{interest: interest, copies: w.inspector.handOver()}
		for i := range records {
			w.rec = record(int(w.inspected), w.inspected, "a", strings.Repeat("x", 3000*(i%2)))
			w.ev = Event{Key: w.rec.Key, Values: []Value{{Number: 1}}}
			w.inspector.see(w, OK, window.Verdict{Of: 1}, true)
		}
		l.take([]*worker{w}, []*published{v}, interest)
		return l.records
	}
	show(1)
	show(100)
	show(100)
	album := slices.Clone(show(0))
	if n := len(album); n != 1+2*maxInspected || l.passed != 100-maxInspected {
		t.Errorf("%d records, %d passed", n, l.passed)
	}
	if r := album[2]; len(r.Payload) != maxPayloadShown || r.Size != 3000 || r.Offset != 2 {
		t.Errorf("offset %d: %d of %d bytes", r.Offset, len(r.Payload), r.Size)
	}
	for range 20 {
		show(maxInspected)
	}
	if n := len(show(0)); n != maxRecordsShown || l.records[n-1].Offset != w.inspected-1 || l.passed != 2*(100-maxInspected) {
		t.Errorf("%d records, %d passed, the last is %+v of %d", n, l.passed, l.records[n-1], w.inspected)
	}
	other := interest
	other.Key.Bytes = "b"
	if l.take([]*worker{w}, []*published{{interest: interest}}, other); len(l.records) != 0 || l.passed != 0 {
		t.Errorf("of another key: %d records, %d passed", len(l.records), l.passed)
	}
}
