package window

import (
	"math"
	"strconv"
	"testing"
)

// Keys that come and go leave nothing behind: those without slices are
// forgotten once they outnumber the others, those that return find their
// memory.
func TestKeysComeAndGo(t *testing.T) {
	p := NewPartition(PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10}, {Size: 20, Hop: 5}}, Series: []string{"v"}})
	const perWindow = 100
	var values [1]float64
	for n := range 100_000 {
		at := Time(n/perWindow) * 10
		p.Observe(at)
		p.Add([]byte(strconv.Itoa(n)), at, &Place{Offset: int64(n)}, values[:])
		p.Report()
		if n%perWindow != 0 {
			continue
		}
		open, _ := p.Open()
		if limit := maxEmpty + 2*p.holding + perWindow; len(p.keys) > limit {
			t.Fatalf("after %d keys %d are kept, %d of them open; want at most %d", n+1, len(p.keys), open, limit)
		}
	}
	if open, _ := p.Open(); open > 3*perWindow {
		t.Errorf("%d keys are open, want those of the last 20 ms", open)
	}
}

// A key whose records hold no number at all takes no room.
func TestRecordsWithoutANumberTakeNoRoom(t *testing.T) {
	p := NewPartition(PartitionConfig{Specs: []Spec{{Size: 10, Hop: 5}}, Series: []string{"a", "b"}})
	holes := []float64{math.NaN(), math.NaN()}
	for n := range 10_000 {
		at := Time(n)
		p.Observe(at)
		if v := p.Add([]byte(strconv.Itoa(n)), at, &Place{}, holes); v != (Verdict{Of: 2}) {
			t.Fatalf("verdict %+v", v)
		}
		if len(p.keys) != 0 {
			t.Fatalf("after %d such records a key is kept", n+1)
		}
	}
	p.Finish()
	if keys, held := p.Open(); keys != 0 || held != 0 || len(p.keys) != 0 || len(p.Report().Frozen) != 0 {
		t.Errorf("%d keys, %d slices, %d groups", keys, held, len(p.keys))
	}
}

// A null key and an empty key are two groups, and null comes first.
func TestNullKeyIsNoEmptyKey(t *testing.T) {
	p := NewPartition(PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10}}})
	for i, key := range [][]byte{{}, nil, []byte("a"), {}} {
		p.Observe(0)
		p.Add(key, 0, &Place{Offset: int64(i)}, nil)
	}
	p.Finish()
	shares := p.Report().Frozen[0].Shares
	if len(shares) != 3 || !shares[0].Key.Null || shares[1].Key != (Key{}) || shares[1].Count != 2 || shares[2].Key.Bytes != "a" {
		t.Errorf("shares %+v", shares)
	}
}

// The key limit counts the keys that hold records of windows that are not
// final, null among them. A key too many is refused in all its windows; it is
// let in when another has been forgotten.
func TestKeyLimit(t *testing.T) {
	p := NewPartition(PartitionConfig{Specs: []Spec{{Size: 10, Hop: 5}}, Series: []string{"v"}, AllowedLateness: 5, MaxKeys: 2})
	refused := Verdict{Lost: 2, Of: 2, KeyLimit: true}
	for i, s := range []struct {
		key  []byte
		at   Time
		v    float64
		want Verdict
	}{
		{nil, 1, 1, Verdict{Of: 2}}, // in [-5, 5) and [0, 10): until W = 15
		{[]byte("a"), 6, 1, Verdict{Of: 2}},
		{[]byte("b"), 6, 1, refused},
		{[]byte{}, 6, 1, refused},                    // an empty key is not the null key
		{[]byte("b"), 6, math.NaN(), Verdict{Of: 2}}, // takes no room
		{nil, 6, 1, Verdict{Of: 2}},
		{[]byte("b"), 14, 1, refused},
		{[]byte("a"), 3, 1, Verdict{Lost: 1, Late: 1, Of: 2}}, // late, but known
		{[]byte("b"), -9, 1, Verdict{Lost: 2, Of: 2}},         // late before all
		{[]byte("b"), 16, 1, refused},                         // null and a have been in [5, 15)
		{[]byte("a"), 16, 1, Verdict{Of: 2}},
		{[]byte("b"), 20, 1, Verdict{Of: 2}}, // null is forgotten
		{nil, 20, 1, refused},
		{[]byte("b"), 40, 1, Verdict{Of: 2}}, // and a
		{[]byte("c"), 40, 1, Verdict{Of: 2}},
	} {
		p.Observe(s.at)
		if got := p.Add(s.key, s.at, &Place{Offset: int64(i)}, []float64{s.v}); got != s.want {
			t.Errorf("record %d: %+v, want %+v", i, got, s.want)
		}
		if keys, _ := p.Open(); keys > 2 {
			t.Errorf("record %d: %d keys are held", i, keys)
		}
	}
}
