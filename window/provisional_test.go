package window

import "testing"

// TestChangesAreKeptOnce: however many late records a batch has, what is kept of
// them until the next report is the windows that they have changed.
func TestChangesAreKeptOnce(t *testing.T) {
	const overlap, late = 600, 5000
	p := NewPartition(PartitionConfig{
		Specs: []Spec{{Size: overlap, Hop: 1}}, AllowedLateness: 10 * overlap, Emit: EmitUpdates, IdleTimeout: 1,
	})
	add := func(i int64, at Time) {
		p.Observe(at)
		p.Add([]byte("k"), at, &Place{Offset: i}, nil)
	}
	add(0, 0)
	add(1, 2*overlap)
	p.Report()
	for i := range int64(late) {
		add(2+i, overlap/2)
	}
	if n := cap(p.changes); n > 10*overlap {
		t.Errorf("%d changes are kept of %d windows", n, overlap)
	}
	frozen := p.Report().Frozen
	if len(frozen) != overlap {
		t.Fatalf("%d windows have changed, want %d", len(frozen), overlap)
	}
	for _, f := range frozen {
		span := p.specs[0].Span(f.Number)
		want := int64(late)
		if span.Start <= 0 {
			want++ // the first record
		}
		if f.Content != Provisional || len(f.Shares) != 1 || f.Shares[0].Count != want {
			t.Errorf("%v: %d shares of content %d, want one of %d records", span, len(f.Shares), f.Content, want)
		}
	}
}
