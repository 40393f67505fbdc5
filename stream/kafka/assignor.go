package kafka

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/oriel-stream/oriel/window"
)

// groupProtocol is the name of the way in which members of oriel's divide the
// partitions of a group. It is one that no other client offers, so that a
// coordinator keeps oriel out of the groups of other programs, and them out of
// its own: whoever joins the group of a service takes partitions away from it.
const groupProtocol = "oriel"

// groupMember is a member as the leader of its group sees it.
type groupMember struct {
	// id is that of its membership, instance that of a static member.
	id, instance string
	subscription
}

// compareMembers orders members: static ones by the name that they keep.
func compareMembers(a, b *groupMember) int {
	return cmp.Or(strings.Compare(cmp.Or(a.instance, a.id), cmp.Or(b.instance, b.id)), strings.Compare(a.id, b.id))
}

// assignor divides partitions among the members of a group: nobody has two more
// than another who could have one of them, and a partition stays with its owner
// unless that would break it. What it does is a function of what the members
// say, in whatever order they come.
type assignor struct {
	members []*groupMember
	// has are the partitions that each of the members is to have: first those
	// that it reads now.
	has [][]window.PartitionID
	// eligible says for each topic which members read it.
	eligible map[string][]int
	// claims are the members that read a partition now.
	claims map[window.PartitionID][]int
}

// assign divides all partitions of counts, the number of partitions by topic,
// and returns those of each member by its id.
//
// A partition that is to move is nobody's until its owner has given it up, so
// that no two read it at once: the owner sees that it is not his any more, says
// what he has read, and rejoins. Nobody else has to stop for that.
func assign(members []groupMember, counts map[string]int) map[string][]window.PartitionID {
	a := newAssignor(members)
	var free []window.PartitionID
	for _, topic := range slices.Sorted(maps.Keys(counts)) {
		for p := range counts[topic] {
			if id := (window.PartitionID{Topic: topic, Partition: int32(p)}); !a.keep(id) {
				free = append(free, id)
			}
		}
	}
	for _, id := range free {
		if to := a.least(id.Topic); to >= 0 {
			a.has[to] = append(a.has[to], id)
		}
	}
	for a.balance() {
	}
	return a.given()
}

func newAssignor(members []groupMember) *assignor {
	a := &assignor{
		has:      make([][]window.PartitionID, len(members)),
		eligible: map[string][]int{}, claims: map[window.PartitionID][]int{},
	}
	for i := range members {
		a.members = append(a.members, &members[i])
	}
	slices.SortFunc(a.members, compareMembers)
	for i, m := range a.members {
		for _, t := range m.topics {
			if !slices.Contains(a.eligible[t], i) {
				a.eligible[t] = append(a.eligible[t], i)
			}
		}
		for _, id := range m.owned {
			a.claims[id] = append(a.claims[id], i)
		}
	}
	return a
}

// keep leaves a partition with its owner. Of several who claim it that is the
// one of the latest generation.
func (a *assignor) keep(id window.PartitionID) bool {
	owner := -1
	for _, i := range a.claims[id] {
		if slices.Contains(a.eligible[id.Topic], i) && (owner < 0 || a.members[i].generation > a.members[owner].generation) {
			owner = i
		}
	}
	if owner < 0 {
		return false
	}
	a.has[owner] = append(a.has[owner], id)
	return true
}

// least is the member with the fewest partitions of those that read a topic, -1
// if nobody does.
func (a *assignor) least(topic string) int {
	least := -1
	for _, i := range a.eligible[topic] {
		if least < 0 || len(a.has[i]) < len(a.has[least]) {
			least = i
		}
	}
	return least
}

// balance moves one partition of the member that has the most of those that have
// two more than somebody who could have it, and reports whether there was one.
// Each move makes the sum of the squares smaller, so there is an end.
func (a *assignor) balance() bool {
	order := make([]int, len(a.members))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(len(a.has[j]), len(a.has[i])) })
	for _, from := range order {
		if i, to := a.surplus(from); to >= 0 {
			a.has[to] = append(a.has[to], a.has[from][i])
			a.has[from] = slices.Delete(a.has[from], i, i+1)
			return true
		}
	}
	return false
}

// surplus finds the partition that a member should give to another one: the last
// that it has, so that what it does not read yet goes first. to is -1 if there is
// none.
func (a *assignor) surplus(from int) (i, to int) {
	least := map[string]int{}
	for i, id := range slices.Backward(a.has[from]) {
		to, known := least[id.Topic]
		if !known {
			to = a.least(id.Topic)
			least[id.Topic] = to
		}
		if len(a.has[to])+1 < len(a.has[from]) {
			return i, to
		}
	}
	return -1, -1
}

// given are the partitions of each member, in order, but for those that another
// one still reads.
func (a *assignor) given() map[string][]window.PartitionID {
	out := make(map[string][]window.PartitionID, len(a.members))
	for i, m := range a.members {
		slices.SortFunc(a.has[i], comparePartitions)
		out[m.id] = slices.DeleteFunc(a.has[i], func(id window.PartitionID) bool {
			return slices.ContainsFunc(a.claims[id], func(other int) bool { return other != i })
		})
	}
	return out
}
