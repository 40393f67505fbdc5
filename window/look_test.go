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
		p.Add([]byte("k"), at, &Place{}, nil)
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

// seen is what a test compares of an OpenView.
type seen struct {
	Span
	content Content
	count   int64
}

func seenOf(views []OpenView) (all []seen) {
	for _, v := range views {
		all = append(all, seen{v.Span, v.Content, v.Count})
	}
	return all
}

// TestLookChanged: of the windows that are frozen and not final those are seen
// that late records have changed, with all that is in them by now.
func TestLookChanged(t *testing.T) {
	p := NewPartition(PartitionConfig{Specs: []Spec{{Size: 10, Hop: 5}}, AllowedLateness: 20})
	add := func(times ...Time) {
		for _, at := range times {
			p.Observe(at)
			p.Add([]byte("k"), at, &Place{}, nil)
		}
	}
	look := func(limit int) []seen { return seenOf(p.Look(Key{Bytes: "k"}, 0, 0, limit)) }
	add(1, 7, 31) // windows end at or before 30 have fired, and those up to 10 are final
	open := []seen{{Span{25, 35}, OnTime, 1}, {Span{30, 40}, OnTime, 1}}
	if got := look(10); !slices.Equal(got, open) {
		t.Errorf("without late records: %v, want %v", got, open)
	}
	add(12, 7)
	changed := append([]seen{{Span{5, 15}, Provisional, 3}, {Span{10, 20}, Provisional, 1}}, open...)
	if got := look(10); !slices.Equal(got, changed) {
		t.Errorf("with late records: %v, want %v", got, changed)
	}
	// [20, 30) is the last that has fired.
	if got := look(4); !slices.Equal(got, changed) {
		t.Errorf("of the last four: %v, want %v", got, changed)
	}
	if got := look(3); !slices.Equal(got, changed[1:]) {
		t.Errorf("of the last three: %v, want %v", got, changed[1:])
	}
	add(36) // [5, 15) is final
	if got := look(10); len(got) == 0 || got[0] != changed[1] {
		t.Errorf("when the first is final: %v", got)
	}
}

// TestAssemblerLook: shares are seen until their window is final, those that
// stand in for others behind them.
func TestAssemblerLook(t *testing.T) {
	a := NewAssembler(PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10}}, AllowedLateness: 20})
	part := a.Assign(PartitionID{Topic: "t"}, true, false)
	report := func(mark Time, frozen ...Frozen) {
		a.Report(part, Report{Mark: mark, Own: mark, Frozen: frozen})
		a.Advance(nil)
	}
	share := func(number int64, content Content, count int64) Frozen {
		return Frozen{Number: number, Content: content, Shares: []Share{
			{Key: Key{Bytes: "j"}, Aggregate: Aggregate{Count: 99}}, {Key: Key{Bytes: "k"}, Aggregate: Aggregate{Count: count}},
		}}
	}
	look := func(limit int) []seen {
		var views []OpenView
		for _, v := range a.Look("t", Key{Bytes: "k"}, 0, 0, limit) {
			views = append(views, v.OpenView)
		}
		all := seenOf(views)
		slices.SortStableFunc(all, func(x, y seen) int { return int(x.End - y.End) })
		return all
	}
	report(10, share(0, OnTime, 3), share(2, OnTime, 1))
	report(20, share(1, OnTime, 5), share(0, Provisional, 4))
	want := []seen{{Span{0, 10}, OnTime, 3}, {Span{0, 10}, Provisional, 4}, {Span{10, 20}, OnTime, 5}, {Span{20, 30}, OnTime, 1}}
	if got := look(10); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := look(1); !slices.Equal(got, want[2:]) {
		t.Errorf("of the last that has fired: %v, want %v", got, want[2:])
	}
	report(30)
	if got := look(10); !slices.Equal(got, want[2:]) {
		t.Errorf("when the first is final: %v, want %v", got, want[2:])
	}
	if got := a.Look("other", Key{Bytes: "k"}, 0, 0, 10); got != nil {
		t.Errorf("of another topic: %v", got)
	}
}

func TestLastEnded(t *testing.T) {
	hopping := Spec{Size: 10, Hop: 5}
	for _, c := range []struct {
		at, watermark Time
		want          Span
		ok            bool
	}{
		{7, 9, Span{}, false},
		{7, 10, Span{0, 10}, true},
		{7, 14, Span{0, 10}, true},
		{7, 15, Span{5, 15}, true},
		{7, 99, Span{5, 15}, true},
		{-1, -1, Span{}, false},
		{-1, 0, Span{-10, 0}, true},
		{-1, 3, Span{-10, 0}, true},
		{-1, MinTime, Span{}, false},
	} {
		if got, ok := hopping.LastEnded(c.at, c.watermark); ok != c.ok || ok && got != c.want {
			t.Errorf("of the windows with %d by %d: %v, %v", c.at, c.watermark, got, ok)
		}
	}
}
