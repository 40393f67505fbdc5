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
	late := &published{interest: interest, copies: []inspected{{n: 1 << 20}}}
	if l.take([]*worker{w}, []*published{late}, other); len(l.records) != 0 || l.passed != 0 {
		t.Errorf("of another key: %d records, %d passed", len(l.records), l.passed)
	}
}

// TestInspectorShares: of many partitions each has its share of the log, and what
// comes again is there once.
func TestInspectorShares(t *testing.T) {
	t.Parallel()
	interest := Interest{Topic: "t", Key: window.Key{Bytes: "a"}, Series: "v", Chosen: true}
	workers, views := make([]*worker, 12), make([]*published, 12)
	for p := range workers {
		workers[p] = &worker{a: Assignment{ID: partitionID(p)}}
		views[p] = &published{interest: interest}
		for n := range maxInspected {
			views[p].copies = append(views[p].copies, inspected{int64(n + 1), RecordView{ID: partitionID(p), Offset: int64(n)}})
		}
	}
	var l recordLog
	l.take(workers, views, interest)
	shares := make(map[window.PartitionID]int)
	for i := range l.records {
		shares[l.records[i].ID]++
	}
	if len(shares) != 12 || len(l.records) != maxRecordsShown || l.passed != 12*maxInspected-maxRecordsShown {
		t.Errorf("%d records, %d passed, of %v", len(l.records), l.passed, shares)
	}
	last, n := l.records[maxRecordsShown-1], 0
	again := &worker{a: workers[11].a} // the partition has been given away and come back
	l.take([]*worker{again}, []*published{{interest: interest, copies: []inspected{{1, last}}}}, interest)
	for _, r := range l.records {
		if r.ID == last.ID && r.Offset == last.Offset {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the last record is there %d times", n)
	}
}

// TestInspectorMissesNoPicture: a picture that came before a worker had shown
// itself loses none.
func TestInspectorMissesNoPicture(t *testing.T) {
	t.Parallel()
	interest := Interest{Topic: "t", Key: window.Key{Bytes: "a"}, Series: "v", Chosen: true}
	w := &worker{a: Assignment{ID: partitionID(0)}, series: []string{"v"}}
	w.inspect(&interest, true)
	for n := range 4 {
		w.rec, w.ev = record(n, int64(n), "a", "1"), Event{Key: []byte("a"), Values: []Value{{Number: 1}}}
		w.inspector.see(w, OK, window.Verdict{Of: 1}, true)
		if n%2 == 0 {
			w.inspector.handOver() // and nobody has looked
		}
	}
	var l recordLog
	l.take([]*worker{w}, []*published{{interest: interest, copies: w.inspector.handOver()}}, interest)
	if n := len(l.records); n != 3 || l.records[0].Offset != 1 {
		t.Errorf("records %+v", l.records)
	}
}

// TestWhatTheInspectorSees: which records are of a key, and what is known of them.
func TestWhatTheInspectorSees(t *testing.T) {
	t.Parallel()
	at := window.Place{Lag: 7, HasLag: true}
	good := []Value{{Number: 3}}
	for name, c := range map[string]struct {
		key    window.Key
		event  Event
		reason Reason
		timed  bool
		want   string
	}{
		"of the key":           {window.Key{Bytes: "g"}, Event{Key: []byte("g"), Values: good}, OK, true, "ok 3 7"},
		"of another":           {window.Key{Bytes: "h"}, Event{Key: []byte("g"), Values: good}, OK, true, ""},
		"late, without a key":  {window.Key{Null: true}, Event{Values: good}, Late, true, "late 3 7"},
		"not of the Kafka key": {window.Key{Bytes: "k"}, Event{Values: good}, Late, true, ""},
		"unreadable":           {window.Key{Bytes: "k"}, Event{Reason: Malformed, TimeReason: Malformed}, Malformed, false, "malformed - -"},
		"a value is bad":       {window.Key{Bytes: "g"}, Event{Key: []byte("g"), Values: []Value{{Reason: NotFinite}}}, OK, true, "not_finite - 7"},
		"from the future":      {window.Key{Bytes: "g"}, Event{Key: []byte("g"), Values: good}, Future, true, "future 3 -"},
		"left out by --where":  {window.Key{Bytes: "g"}, Event{Key: []byte("g"), Filtered: true}, OK, true, ""},
	} {
		w := &worker{a: Assignment{ID: partitionID(0)}, series: []string{"v"}, place: at, rec: record(1, 1, "k", "1"), ev: c.event}
		w.inspect(&Interest{Topic: "t", Key: c.key, Series: "v"}, true)
		w.inspector.see(w, c.reason, window.Verdict{Of: 1}, c.timed)
		got := ""
		for _, r := range w.inspector.handOver() {
			value, lag := "-", "-"
			if r.HasValue {
				value = strconv.Itoa(int(r.Value))
			}
			if r.HasLag {
				lag = strconv.Itoa(int(r.Lag))
			}
			got = fmt.Sprint(r.Reason, " ", value, " ", lag)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	w := &worker{a: Assignment{ID: partitionID(0)}, series: []string{"v"}}
	for _, i := range []Interest{{Topic: "u", Series: "v"}, {Topic: "t", Series: "w"}} {
		if w.inspect(&i, true); w.inspector != nil {
			t.Errorf("it looks at %+v", i)
		}
	}
}

// TestInspectorSeesAllOfALeap: a record that had to wait to be believed is shown
// like others.
func TestInspectorSeesAllOfALeap(t *testing.T) {
	cfg := testConfig()
	cfg.Window.MaxFuture = 100
	board := testBoard(&cfg)
	board.SetInterest(Interest{Topic: "t", Key: window.Key{Bytes: "a"}, Series: "v", Chosen: true})
	src := steer(t, cfg, 1)
	defer src.end()
	next := make(offsets, 1)
	for _, at := range []int64{1, 2, 3, 4, 40} {
		next.sendNext(src, 0, at, "a", "1")
	}
	board.Inspect(true)
	until(t, board, "a record", func(s *Snapshot) bool {
		next.sendNext(src, 0, 40, "a", "1")
		return len(recordsInShort(s)) > 0
	})
	leap := record(next[0], 100_000, "a", "1"+strings.Repeat(" ", 500))
	leap.Headers = []Header{{Key: []byte("h"), Value: []byte(strings.Repeat("v", 300))}}
	next[0]++
	src.ins[0] <- data(leap)
	s := until(t, board, "the refuted leap", func(s *Snapshot) bool {
		next.sendNext(src, 0, 41, "a", "1")
		return s.Focus != nil && slices.ContainsFunc(s.Focus.Records, func(r RecordView) bool { return r.Reason == Future })
	})
	i := slices.IndexFunc(s.Focus.Records, func(r RecordView) bool { return r.Reason == Future })
	r := s.Focus.Records[i]
	if r.Size != 501 || len(r.Payload) != 501 || len(r.Headers) != 1 || len(r.Headers[0].Value) != maxHeaderPartShown+len("…") {
		t.Errorf("%+v", r)
	}
}
