package window

import (
	"slices"
	"testing"
)

// TestLook: the open windows that hold records, in the order of their ends.
// Between two records far apart there may be more windows without than anybody
// could look at.
func TestLook(t *testing.T) {
	const far = 1 << 45
	p := NewPartition(PartitionConfig{Specs: []Spec{{Size: 10, Hop: 5}}, OutOfOrderness: 2 * far})
	for _, at := range []Time{1, 3, 7, far} {
		p.Observe(at)
		p.Add([]byte("k"), at, Place{}, nil)
	}
	type open struct {
		Span
		count int64
	}
	start := Time(far / 5 * 5)
	want := []open{
		{Span{-5, 5}, 2}, {Span{0, 10}, 3}, {Span{5, 15}, 1}, {Span{start - 5, start + 5}, 1}, {Span{start, start + 10}, 1},
	}
	var got []open
	for _, v := range p.Look(Key{Bytes: "k"}, 0, 0, 10) {
		got = append(got, open{v.Span, v.Count})
	}
	if !slices.Equal(got, want) {
		t.Errorf("open: %v, want %v", got, want)
	}
	if got := p.Look(Key{Bytes: "k"}, 0, 0, 2); len(got) != 2 || got[1].Count != 3 {
		t.Errorf("the first two: %v", got)
	}
	if got := p.Look(Key{Null: true}, 0, 0, 2); got != nil {
		t.Errorf("of a key that is not there: %v", got)
	}
}
