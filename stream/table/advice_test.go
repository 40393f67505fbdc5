package table

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// advised makes an advice of partitions, by the event times of each.
func advised(t *testing.T, topics []string, partitions ...[]window.Time) *stream.Advice {
	t.Helper()
	specs := []window.Spec{{Size: 10_000, Hop: 1000}}
	a := &stream.Advice{Specs: specs, All: &stream.PartitionAdvice{Disorder: window.NewDisorder(specs, 0)}}
	for i, times := range partitions {
		p := &stream.PartitionAdvice{
			ID:       window.PartitionID{Topic: topics[i%len(topics)], Partition: int32(i)},
			Disorder: window.NewDisorder(specs, 0),
		}
		for _, at := range times {
			p.Disorder.Add(at)
		}
		a.Partitions = append(a.Partitions, p)
		a.All.Disorder.Merge(p.Disorder)
	}
	a.Ladder = a.All.Disorder.Ladder(0.001)
	return a
}

// rising has n times in order, of which every nth is behind by its number.
func rising(n, nth window.Time) []window.Time {
	const at window.Time = 1795327200000
	var times []window.Time
	for i := range n {
		times = append(times, at+i*100)
		if i%nth == nth-1 {
			times = append(times, at+i*100-i*nth)
		}
	}
	return times
}

func TestAdviceGolden(t *testing.T) {
	const at window.Time = 1795327200000
	leaping := advised(t, []string{"a\x1b[2J", "topic-with-a-long-name"}, rising(3000, 40), rising(9, 3))
	leaping.Partitions[0].Leaps = []stream.Leap{
		{Offset: 0, From: window.MinTime, To: at + 86_400_000},
		{Offset: 123456, From: at, To: at + 300_001, Believed: true},
	}
	leaping.Partitions[0].Rejects[stream.Future], leaping.Partitions[0].Rejects[stream.Null] = 1, 4
	leaping.Partitions[0].Refuted, leaping.Partitions[0].Believed = 1, 1
	leaping.All.Refuted, leaping.All.Believed = 1, 2
	leaping.All.Rejects = leaping.Partitions[0].Rejects
	refused := advised(t, []string{"t"}, nil)
	refused.Partitions[0].Leaps, refused.Partitions[0].Refuted, refused.All.Refuted = leaping.Partitions[0].Leaps[:1], 1, 1
	var out bytes.Buffer
	for _, c := range []struct {
		name   string
		width  int
		advice *stream.Advice
	}{
		{"several topics", 0, leaping},
		{"80 cells", 80, leaping},
		{"40 cells", 40, leaping},
		{"one partition", 0, advised(t, []string{"t"}, rising(500, 7))},
		{"in order", 0, advised(t, []string{"t"}, rising(100, 1000))},
		{"no record", 0, advised(t, []string{"t"}, nil, nil)},
		{"none believed", 0, refused},
		{"no partition", 0, advised(t, nil)},
	} {
		fmt.Fprintf(&out, "== %s\n", c.name)
		if err := Advice(&out, c.width, c.advice); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "advice.txt", out.Bytes())
}

// TestAdviceListsSomeLeaps and says how many more there are.
func TestAdviceListsSomeLeaps(t *testing.T) {
	a := advised(t, []string{"t"}, rising(9, 3), rising(9, 3))
	for _, p := range a.Partitions {
		p.Leaps = make([]stream.Leap, maxLeapRows-1)
	}
	a.All.Believed = 100
	var out strings.Builder
	if err := Advice(&out, 0, a); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), "refuted"); got != maxLeapRows || !strings.Contains(out.String(), fmt.Sprintf("and %d more\n", 100-maxLeapRows)) {
		t.Errorf("%d rows:\n%s", got, out.String())
	}
}

// TestAdviceTellsErrors of every one of its writes.
func TestAdviceTellsErrors(t *testing.T) {
	a := advised(t, []string{"t"}, rising(9, 3))
	a.Partitions[0].Leaps, a.All.Believed = make([]stream.Leap, 1), 2
	full := errors.New("full")
	for writes := range 7 {
		if err := Advice(&failing{left: writes, err: full}, 0, a); !errors.Is(err, full) {
			t.Errorf("after %d writes: %v", writes, err)
		}
	}
	if err := Advice(&failing{left: 7, err: full}, 0, a); err != nil {
		t.Error(err)
	}
}

// failing is a writer with room for so many writes.
type failing struct {
	left int
	err  error
}

func (f *failing) Write(p []byte) (int, error) {
	if f.left == 0 {
		return 0, f.err
	}
	f.left--
	return len(p), nil
}

func TestShare(t *testing.T) {
	for want, c := range map[string][2]int64{
		"-": {0, 0}, "0%": {0, 9}, "100%": {9, 9}, "<0.01%": {1, 10_001}, "0.01%": {1, 10_000}, "99.99%": {99_999, 100_000}, "33.33%": {1, 3},
	} {
		if got := share(c[0], c[1]); got != want {
			t.Errorf("%d of %d are %s, want %s", c[0], c[1], got, want)
		}
	}
}
