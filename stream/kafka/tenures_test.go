package kafka

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// a tenure of a partition in these tests.
var tenured = window.PartitionID{Topic: "t"}

func at(offset int64, metadata string) stream.Commit {
	return stream.Commit{ID: tenured, Offset: offset, Metadata: metadata}
}

// behind is a commit that knows of so many cuts.
func behind(cuts int, c stream.Commit) stream.Commit {
	c.Cuts = cuts
	return c
}

// TestTenureCommits: what waits to be committed after what happened.
func TestTenureCommits(t *testing.T) {
	for _, test := range []struct {
		name   string
		happen func(*tenures)
		want   []stream.Commit
	}{
		{"nothing new", func(*tenures) {}, nil},
		{"the same", func(ts *tenures) { ts.flushed(at(10, "a"), false) }, nil},
		{"other metadata", func(ts *tenures) { ts.flushed(at(10, "b"), false) }, []stream.Commit{at(10, "b")}},
		{"the newest", func(ts *tenures) { ts.flushed(at(11, "b"), false); ts.flushed(at(12, "c"), false) }, []stream.Commit{at(12, "c")}},
		{"none that goes back", func(ts *tenures) { ts.flushed(at(12, "b"), false); ts.flushed(at(9, "c"), false) }, []stream.Commit{at(12, "b")}},
		{"one that goes back with the log", func(ts *tenures) { ts.cut(tenured, 5); ts.flushed(behind(1, at(5, "b")), false) }, []stream.Commit{behind(1, at(5, "b"))}},
		{"none that does not know how far that went", func(ts *tenures) {
			ts.cut(tenured, 11)
			ts.flushed(at(12, "b"), false)
		}, nil},
		{"that of a log that ends before it, also if nothing follows", func(ts *tenures) {
			ts.flushed(at(12, "b"), false)
			ts.committed(at(12, "b"))
			ts.cut(tenured, 5)
			ts.leave(nil)
			ts.flushed(at(13, "c"), true)
		}, []stream.Commit{at(5, "b")}},
		{"but the next that does", func(ts *tenures) {
			ts.cut(tenured, 7)
			ts.flushed(at(12, "b"), false)
			ts.cut(tenured, 5)
			ts.flushed(behind(1, at(7, "c")), false)
			ts.flushed(behind(2, at(6, "d")), false)
		}, []stream.Commit{behind(2, at(6, "d"))}},
		{"one of no tenure", func(ts *tenures) { ts.flushed(stream.Commit{ID: window.PartitionID{Topic: "u"}, Offset: 20}, false) }, nil},
		{"a newer one while one is committed", func(ts *tenures) {
			ts.flushed(at(11, "b"), false)
			ts.flushed(at(12, "c"), false)
			ts.committed(at(11, "b"))
		}, []stream.Commit{at(12, "c")}},
		{"the last", func(ts *tenures) { ts.leave(nil); ts.flushed(at(11, "b"), true) }, []stream.Commit{at(11, "b")}},
		{"none after the last", func(ts *tenures) { ts.flushed(at(11, "b"), true); ts.flushed(at(12, "c"), false) }, []stream.Commit{at(11, "b")}},
		{"none of what is lost", func(ts *tenures) { ts.flushed(at(11, "b"), false); ts.lose(); ts.flushed(at(12, "c"), true) }, nil},
		{"none of another log", func(ts *tenures) { ts.flushed(at(11, "b"), false); ts.replaced(tenured); ts.flushed(at(12, "c"), true) }, nil},
	} {
		ts := newTenures()
		ts.begin(at(10, "a"), false)
		test.happen(ts)
		if got := ts.waiting(); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v waits, want %v", test.name, got, test.want)
		}
	}
}

// TestTenureEnds: a partition is claimed until what was read of it is committed,
// or that has taken too long.
func TestTenureEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTenures()
		ts.begin(at(10, ""), true)
		if got := ts.waiting(); !slices.Equal(got, []stream.Commit{at(10, "")}) {
			t.Errorf("of a beginning waits %v", got)
		}
		ids := []window.PartitionID{tenured}
		if got := ts.leave(ids); len(got) > 0 {
			t.Errorf("%v leave that are kept", got)
		}
		if got := ts.leave(nil); !slices.Equal(got, ids) || len(ts.leave(nil)) > 0 {
			t.Errorf("%v leave", got)
		}
		ts.flushed(at(11, "b"), true)
		if e := ts.end(time.Minute); len(e.over) > 0 || e.left != 1 || len(ts.claimed()) != 1 {
			t.Errorf("before the commit: %+v", e)
		}
		ts.committed(at(11, "b"))
		<-ts.ended
		if e := ts.end(time.Minute); !slices.Equal(e.over, ids) || e.left > 0 || ts.has(tenured) {
			t.Errorf("after the commit: %+v", e)
		}

		ts.begin(at(11, "b"), false)
		ts.leave(nil)
		time.Sleep(time.Minute - time.Second) // of the clock that does not take time
		if e := ts.end(time.Minute); e.left != 1 || e.next != time.Second {
			t.Errorf("a second before its time: %+v", e)
		}
		time.Sleep(time.Second) // and that second
		if e := ts.end(time.Minute); !slices.Equal(e.late, ids) || len(ts.claimed()) > 0 || !ts.has(tenured) {
			t.Errorf("at its time: %+v", e)
		}
		ts.flushed(at(12, "c"), true)
		if e := ts.end(time.Minute); !slices.Equal(e.over, ids) || len(ts.waiting()) > 0 {
			t.Errorf("when it comes at last: %+v", e)
		}
	})
}
