package stream

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/oriel-stream/oriel/window"
)

func TestCheckpointMetadata(t *testing.T) {
	c := Checkpoint{
		Offset: 120, Spec: SpecOf("10s"), Frontier: 1795327230000, Whole: true,
		State: window.PartitionState{Newest: 1795327232100, First: 1795327200000, Told: window.MinTime}, Guard: window.MinTime, Idle: window.MinTime,
	}
	const want = "oriel1 7819f63beefe24e8 frontier=1795327230000 newest=1795327232100 told=- guard=- first=1795327200000 idle=- whole"
	if got := c.Metadata(); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestCheckpointsComeBack: whatever a run can know is read as it was written, in
// at most 256 bytes.
func TestCheckpointsComeBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	some := func() window.Time {
		all := []window.Time{window.MinTime, window.MinEventTime, window.MaxEventTime, 0, -1, window.MinTime + 1, window.Time(rng.Int64N(1 << 41))}
		return all[rng.IntN(len(all))]
	}
	for range 10_000 {
		c := Checkpoint{
			Offset: rng.Int64(), Spec: SpecOf(some().String()), Frontier: some(), Guard: some(), Idle: some(), Whole: rng.IntN(2) == 0,
			State: window.PartitionState{Newest: some(), First: some(), Told: some()},
		}
		m := c.Metadata()
		got, err := ParseCheckpoint(&Commit{Offset: c.Offset, Metadata: m})
		if err != nil || got != c || len(m) > maxMetadata {
			t.Fatalf("%d bytes, %v: %s\nhas %+v, want %+v", len(m), err, m, got, c)
		}
	}
}

func TestMetadataThatIsNone(t *testing.T) {
	c := Checkpoint{Frontier: 5, State: window.PartitionState{Newest: 7}}
	valid := c.Metadata()
	for metadata, want := range map[string]string{
		"":                                     "no metadata",
		"4711":                                 "not of oriel",
		"oriel2" + valid[len("oriel1"):]:       `"oriel2", another version`,
		valid + " ":                            "damaged",
		valid[:len(valid)-1]:                   "damaged",
		strings.Replace(valid, "=5", "=05", 1): "damaged",
		strings.Replace(valid, "=5", "=+5", 1): "damaged",
		strings.Replace(valid, "=5", "=253402300800000", 1):   "damaged",
		strings.Replace(valid, "frontier", "frontiers", 1):    "damaged",
		strings.Replace(valid, " 0000", " 00", 1):             "damaged",
		strings.Replace(valid, " 00000000", " 0000000G", 1):   "damaged",
		strings.Replace(valid, " newest=7", " told=- ", 1):    "damaged",
		strings.Replace(valid, " cut", " whole enchilada", 1): "damaged",
	} {
		if _, err := ParseCheckpoint(&Commit{Metadata: metadata}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", metadata, err, want)
		}
	}
	if _, err := ParseCheckpoint(&Commit{Offset: -1, Metadata: valid}); err == nil {
		t.Error("a negative offset is taken")
	}
}

// FuzzParseCheckpoint: what is read of any metadata is written as it was.
func FuzzParseCheckpoint(f *testing.F) {
	c := Checkpoint{Frontier: 5, State: window.PartitionState{Newest: 7, Told: window.MinTime}, Whole: true}
	f.Add(int64(3), c.Metadata())
	f.Add(int64(0), "")
	f.Add(int64(-1), "oriel1 x")
	f.Fuzz(func(t *testing.T, offset int64, metadata string) {
		got, err := ParseCheckpoint(&Commit{Offset: offset, Metadata: metadata})
		if err == nil && (got.Metadata() != metadata || got.Offset != offset || len(metadata) > maxMetadata) {
			t.Errorf("%q is read as %+v, which is %q", metadata, got, got.Metadata())
		}
	})
}

func TestFootholds(t *testing.T) {
	f := &footholds{}
	f.add(foothold{offset: 0, due: window.MinTime})
	for i := range int64(10_000) {
		f.add(foothold{offset: i + 1, due: window.Time(i / 2)})
		if len(f.list) > maxFootholds {
			t.Fatalf("%d footholds", len(f.list))
		}
	}
	if h := f.at(window.MinTime); h.offset != 0 {
		t.Errorf("before anything came out reading goes on at %d", h.offset)
	}
	before := int64(0)
	for frontier := range window.Time(5000) {
		h := f.at(frontier)
		// Two records are due at the same time, and thinning is coarse.
		if exact := 2 * (int64(frontier) + 1); h.due > frontier || h.offset > exact || h.offset < exact-200 || h.offset < before {
			t.Fatalf("at %d: %+v", frontier, h)
		}
		before = h.offset
	}
	if h := f.at(5000); h.offset != 10_000 || len(f.list) != 1 {
		t.Errorf("at the end: %+v of %d", h, len(f.list))
	}
	f.add(foothold{offset: 10_010, due: 6000})
	f.cut(10_005)
	if h := f.at(9000); h.offset != 10_000 {
		t.Errorf("in a log that was cut behind it: %+v", h)
	}
	if f.cut(9_000); f.at(9000).offset != 9000 {
		t.Errorf("in a log that was cut before it: %+v", f.list)
	}
}

// TestWhatWasPrintedIsHidden, or dropped where it may lack its first records.
func TestWhatWasPrintedIsHidden(t *testing.T) {
	r := &resumed{frontier: 100, newest: 80, idle: 96}
	pane := func(start, end window.Time, firing window.Firing) *window.Pane {
		return &window.Pane{Span: window.Span{Start: start, End: end}, Firing: firing}
	}
	const printed, hidden, dropped = "printed", "hidden", "dropped"
	for _, c := range []struct {
		pane *window.Pane
		want string
	}{
		{pane(70, 90, window.FiredOnTime), dropped},
		{pane(80, 90, window.FiredFinal), dropped},
		{pane(81, 90, window.FiredOnTime), hidden}, // no record before can be in it
		{pane(81, 90, window.FiredFinal), hidden},
		{pane(81, 90, window.FiredUpdate), hidden},
		{pane(70, 96, window.FiredOnTime), printed}, // by the clock, the first time
		{pane(70, 97, window.FiredOnTime), hidden},
		{pane(70, 91, window.FiredFinal), printed},
		{pane(70, 91, window.FiredUpdate), printed}, // or printed again
		{pane(70, 100, window.FiredOnTime), hidden},
		{pane(70, 101, window.FiredOnTime), printed},
	} {
		got := dropped
		for _, p := range r.hide([]*window.Pane{c.pane}, 10) {
			if got = printed; p.Hidden {
				got = hidden
			}
		}
		if got != c.want {
			t.Errorf("%v, firing %d: %s, want %s", c.pane.Span, c.pane.Firing, got, c.want)
		}
	}
}
