package kafka

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/window"
)

// divided is a group in a test of the assignor: who reads what, as the members
// themselves know it.
type divided struct {
	members []groupMember
	counts  map[string]int
	rng     *rand.Rand
}

// round is one generation: everybody says what he reads and gives up, afterwards,
// what he is not given. It returns how many partitions changed their reader, or
// were given up.
func (d *divided) round(t *testing.T) (moved int) {
	t.Helper()
	shuffled := slices.Clone(d.members)
	d.rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	given := assign(shuffled, d.counts)
	if diff := cmp.Diff(given, assign(d.members, d.counts)); diff != "" {
		t.Fatalf("it depends on the order of the members:\n%s", diff)
	}
	readers := map[window.PartitionID]string{}
	for _, m := range d.members {
		for _, id := range m.owned {
			readers[id] = m.id
		}
	}
	for i := range d.members {
		m := &d.members[i]
		for _, id := range given[m.id] {
			if other, read := readers[id]; read && other != m.id {
				t.Fatalf("%v is given to %s while %s reads it", id, m.id, other)
			}
			if !slices.Contains(m.topics, id.Topic) || int(id.Partition) >= d.counts[id.Topic] {
				t.Fatalf("%s is given %v", m.id, id)
			}
			if readers[id] == "" {
				moved++
			}
		}
		for _, id := range m.owned {
			if !slices.Contains(given[m.id], id) {
				moved++
			}
		}
		m.owned, m.generation = given[m.id], m.generation+1
	}
	return moved
}

// settle goes on until nothing moves, and checks what came out.
func (d *divided) settle(t *testing.T) (moved int) {
	t.Helper()
	const enough = 4 // give up, take, and see that it is over
	for range enough {
		n := d.round(t)
		if moved += n; n == 0 {
			d.check(t)
			return moved
		}
	}
	t.Fatalf("after %d generations partitions still move: %+v", enough, d.members)
	return 0
}

// check: every partition that somebody may read has one reader, and nobody has
// two more than another who could have one of them.
func (d *divided) check(t *testing.T) {
	t.Helper()
	readers := map[window.PartitionID]*groupMember{}
	for i := range d.members {
		for _, id := range d.members[i].owned {
			if readers[id] != nil {
				t.Fatalf("%v has two readers", id)
			}
			readers[id] = &d.members[i]
		}
	}
	for topic, n := range d.counts {
		for p := range n {
			id := window.PartitionID{Topic: topic, Partition: int32(p)}
			reader := readers[id]
			for i := range d.members {
				m := &d.members[i]
				if !slices.Contains(m.topics, topic) {
					continue
				}
				if reader == nil {
					t.Fatalf("nobody reads %v", id)
				}
				if len(m.owned)+1 < len(reader.owned) {
					t.Fatalf("%s has %d partitions and %s, which could have %v, has %d", reader.id, len(reader.owned), m.id, id, len(m.owned))
				}
			}
		}
	}
}

// TestAssignor plays members that come and go in groups of all shapes.
func TestAssignor(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 1))
		d := &divided{counts: map[string]int{}, rng: rng}
		topics := []string{"a", "b", "c"}[:1+rng.IntN(3)]
		for _, topic := range topics {
			d.counts[topic] = rng.IntN(20)
		}
		same := rng.IntN(2) == 0
		for step := range 20 {
			switch {
			case len(d.members) > 0 && rng.IntN(3) == 0: // one goes, or is lost
				i := rng.IntN(len(d.members))
				d.members = slices.Delete(d.members, i, i+1)
			case rng.IntN(6) == 0:
				d.counts[topics[0]] += rng.IntN(5)
			default:
				m := groupMember{id: fmt.Sprintf("%d-%d", rng.IntN(1000), step), subscription: subscription{topics: topics, generation: noGeneration}}
				if !same {
					m.topics = topics[:1+rng.IntN(len(topics))]
				}
				d.members = append(d.members, m)
			}
			d.settle(t)
		}
	}
}

// TestAssignorMovesLittle: of members that read the same topics no more
// partitions move than must: who comes takes a share, and who goes leaves one.
func TestAssignorMovesLittle(t *testing.T) {
	d := &divided{counts: map[string]int{"a": 13, "b": 7}, rng: rand.New(rand.NewPCG(1, 1))}
	const partitions = 20
	for n := 1; n <= 25; n++ {
		d.members = append(d.members, groupMember{id: fmt.Sprint("m", n), subscription: subscription{topics: []string{"a", "b"}, generation: noGeneration}})
		share := partitions / n
		want := 2 * share // given up by one and taken by another
		if n == 1 {
			want = partitions
		}
		if got := d.settle(t); got != want {
			t.Errorf("member %d: %d moves, want %d", n, got, want)
		}
	}
	for len(d.members) > 1 {
		had := len(d.members[0].owned)
		d.members = d.members[1:]
		if got := d.settle(t); got != had {
			t.Errorf("of %d partitions that were left %d moved", had, got)
		}
	}
}

// TestAssignorKeepsTheNewestClaim: a member that missed generations may claim
// what another one has by now. Both still read it, so nobody is given it before
// one of them has gone.
func TestAssignorKeepsTheNewestClaim(t *testing.T) {
	id := window.PartitionID{Topic: "a"}
	of := func(member string, generation int32) groupMember {
		return groupMember{id: member, subscription: subscription{topics: []string{"a"}, owned: []window.PartitionID{id}, generation: generation}}
	}
	given := assign([]groupMember{of("old", 3), of("new", 5)}, map[string]int{"a": 1})
	if len(given["old"])+len(given["new"]) > 0 {
		t.Errorf("given %v while two read it", given)
	}
	old := of("old", 3)
	old.owned = nil
	given = assign([]groupMember{old, of("new", 5)}, map[string]int{"a": 1})
	if !slices.Equal(given["new"], []window.PartitionID{id}) {
		t.Errorf("given %v", given)
	}
}

// TestAssignorOfManyPartitions: a member joins another that has 10,000 partitions.
func TestAssignorOfManyPartitions(t *testing.T) {
	d := &divided{counts: map[string]int{"a": 10_000}, rng: rand.New(rand.NewPCG(1, 1))}
	for n := range 3 {
		d.members = append(d.members, groupMember{id: fmt.Sprint("m", n), subscription: subscription{topics: []string{"a"}, generation: noGeneration}})
		given := assign(d.members, d.counts)
		for i := range d.members {
			d.members[i].owned = given[d.members[i].id]
		}
	}
	if n := len(d.members[0].owned); n < 3333 || n > 3334 {
		t.Errorf("the first is left with %d", n)
	}
}

// FuzzSubscription: whatever a member says of itself, it is read or refused, and
// what was read is written as it was.
func FuzzSubscription(f *testing.F) {
	whole := subscription{
		topics: []string{"a", "b"}, owned: []window.PartitionID{{Topic: "a", Partition: 7}, {Topic: "b"}}, generation: 3, counts: []int32{8, 1},
	}
	b := whole.encode()
	if got, ok := readSubscription(b); !ok || fmt.Sprint(got) != fmt.Sprint(whole) {
		f.Fatalf("read %+v", got)
	}
	for n := range b {
		if _, ok := readSubscription(b[:n]); ok {
			f.Errorf("the first %d bytes are a subscription", n)
		}
	}
	f.Add(b)
	f.Add(subscription{}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		s, ok := readSubscription(b)
		if !ok {
			return
		}
		again, ok := readSubscription(s.encode())
		slices.SortFunc(s.owned, comparePartitions)
		if !ok || fmt.Sprint(again) != fmt.Sprint(s) {
			t.Errorf("%+v was read again as %+v", s, again)
		}
	})
}

// FuzzEncodeAssignment: what is assigned is read as it was written.
func FuzzEncodeAssignment(f *testing.F) {
	f.Add([]byte("ab"), int32(3))
	f.Fuzz(func(t *testing.T, topics []byte, partitions int32) {
		want := map[window.PartitionID]bool{}
		for _, c := range topics {
			for p := range partitions % 100 {
				want[window.PartitionID{Topic: string(c), Partition: p}] = true
			}
		}
		ids := slices.Collect(maps.Keys(want))
		got, ok := readAssignment(encodeAssignment(ids))
		slices.SortFunc(ids, comparePartitions)
		if !ok || !slices.Equal(got, ids) {
			t.Errorf("%v was read as %v", ids, got)
		}
	})
}
