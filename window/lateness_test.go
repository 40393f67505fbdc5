package window

import (
	"slices"
	"testing"
)

// A final share is handed in for what late records have changed, no other: a
// stream in order costs no more with allowed lateness than without.
func TestFinalSharesAreOfWhatChanged(t *testing.T) {
	p := NewPartition(PartitionConfig{Specs: []Spec{{Size: 10, Hop: 5}}, AllowedLateness: 20})
	add := func(key string, at Time) {
		p.Observe(at)
		p.Add([]byte(key), at, &Place{Offset: int64(at)}, nil)
	}
	add("a", 1)
	add("b", 2)
	add("a", 7)
	add("a", 10) // [-5, 5) and [0, 10) have fired
	add("a", 3)  // counts in both
	add("b", 8)  // counts in [0, 10), and in time in [5, 15)
	add("a", 40)
	type share struct {
		start Time
		key   string
		count int64
	}
	var got [2][]share
	for _, f := range p.Report().Frozen {
		for _, s := range f.Shares {
			got[f.Content] = append(got[f.Content], share{p.specs[0].Span(f.Number).Start, s.Key.Bytes, s.Count})
		}
	}
	onTime := []share{{-5, "a", 1}, {-5, "b", 1}, {0, "a", 2}, {0, "b", 1}, {5, "a", 2}, {5, "b", 1}, {10, "a", 1}}
	final := []share{{-5, "a", 2}, {0, "a", 3}, {0, "b", 2}}
	if !slices.Equal(got[OnTime], onTime) || !slices.Equal(got[Final], final) {
		t.Errorf("shares %v, want %v and %v", got, onTime, final)
	}
}

// Where provisional contents come out, a window that late records of one
// partition have changed before another lets it fire comes out at once both
// ways: on time, and as it is by then.
func TestUpdatedBeforeItFired(t *testing.T) {
	cfg := PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10}}, AllowedLateness: 100, Emit: EmitUpdates, IdleTimeout: 1}
	b := newBand(cfg, 2)
	add := func(part int, at Time) []*Pane {
		b.observe(part, at)
		b.parts[part].Add(nil, at, &Place{}, nil)
		return b.report()
	}
	type pane struct {
		firing          Firing
		count, late     int64
		revision, parts int
	}
	var got []pane
	add(0, 1)
	add(0, 15)
	add(0, 2)
	add(1, 3)
	for _, panes := range [][]*Pane{add(1, 12), add(1, 4), add(0, 13), add(0, 5)} {
		for _, p := range panes {
			got = append(got, pane{p.Firing, p.Count, p.Late, p.Revision, len(p.Offsets)})
		}
	}
	want := []pane{
		{FiredOnTime, 2, 0, 0, 2}, {FiredUpdate, 3, 1, 1, 2}, // at 12
		{FiredUpdate, 4, 2, 2, 2}, // 4
		{FiredUpdate, 5, 3, 3, 2}, // 5
	}
	if !slices.Equal(got, want) {
		t.Errorf("panes %+v, want %+v", got, want)
	}
}

// A window that holds nothing but late records comes out with the first of
// them, though the watermark stands.
func TestUpdatedThoughItNeverFired(t *testing.T) {
	cfg := PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10}}, AllowedLateness: 100, Emit: EmitUpdates, IdleTimeout: 1}
	b := newBand(cfg, 1)
	b.observe(0, 15)
	b.report()
	b.observe(0, 5)
	b.parts[0].Add(nil, 5, &Place{}, nil)
	panes := b.report()
	if len(panes) != 1 || panes[0].Firing != FiredUpdate || panes[0].Revision != 0 || panes[0].Count != 1 || panes[0].Late != 1 {
		t.Errorf("panes %+v, want a provisional one of one late record", panes)
	}
}
