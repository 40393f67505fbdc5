package window

import "testing"

func TestFits(t *testing.T) {
	hopping := Spec{Size: 10, Hop: 4, Origin: 1} // [1, 11), [5, 15), [9, 19)
	for _, c := range []struct {
		within Span
		want   bool
	}{
		{Span{1, 11}, true},
		{Span{2, 14}, false},
		{Span{2, 15}, true},
		{Span{-100, 100}, true},
		{Span{5, 14}, false},
		{Span{-3, 7}, true},
		{Span{-2, 8}, false},
	} {
		if got := hopping.Fits(c.within); got != c.want {
			t.Errorf("%v in %d to %d: %v", hopping, c.within.Start, c.within.End, got)
		}
	}
}

// TestWithin: windows inside the span come out, by their own watermark, and the
// partition knows when they are all there.
func TestWithin(t *testing.T) {
	cfg := PartitionConfig{Specs: []Spec{{Size: 10, Hop: 5}}, OutOfOrderness: 3, IdleTimeout: 1, Within: Span{10, 25}}
	p, a := NewPartition(cfg), NewAssembler(cfg)
	part := a.Assign(PartitionID{Topic: "t"}, true, false)
	var panes []*Pane
	for i, at := range []Time{2, 12, 17, 22, 27, 28} {
		if p.Past(0) {
			t.Fatalf("past at %d", p.Own())
		}
		p.Observe(at)
		p.Add(nil, at, &Place{Offset: int64(i)}, nil)
		a.Report(part, p.Report())
		panes = a.Advance(panes)
	}
	if !p.Past(0) || len(panes) != 2 || panes[0].Span != (Span{10, 20}) || panes[1].Span != (Span{15, 25}) ||
		panes[1].ClosedBy != ByWatermark || panes[1].Incomplete != Complete {
		t.Errorf("past: %v, %d panes", p.Past(0), len(panes))
	}
	p.Finish()
	a.Report(part, p.Report())
	if more := a.Advance(nil); len(more) > 0 || len(a.due) > 0 {
		t.Errorf("%d panes beyond the span", len(more))
	}
	if all := NewPartition(PartitionConfig{}); all.Past(0) {
		t.Error("a partition of which all windows are wanted is past them")
	}
}
