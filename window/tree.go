package window

import (
	"math"
	"math/bits"
)

// tree keeps what the folds of one lane have in common. Windows that overlap
// much share nearly all: with it one costs a few merges on the average and some
// log n at most, without it n. What it keeps is what it would compute, so no
// result depends on it. A nil tree keeps nothing.
//
// A fold of the slices [from, to) is a function of the slices alone. It is cut
// where the range crosses the number with the most trailing zeros, the middle,
// and on each side into the nodes of a binary tree over the absolute slice
// numbers, leaves of leafSize slices apart:
//
//	slice     8       16      24      32      40
//	          |-------|-------|-------|-------|
//	[13, 38)       ...[---------------]......
//	               13  the node        ^ 32 to 37
//	               14  [16, 32)        |
//	               15                  the middle, 32
//
//	left(n)  = slice n, or the widest node that begins at n, + left(behind it)
//	right(n) = right(before it) + slice n-1, or the widest node that ends at n
//	fold     = left(from) + right(to)
//
// So the next window finds its left side and most of its right side on the way
// to those of this one. A running sum, two stacks that are turned over when one
// is empty, or subtraction would depend on where the windows before had begun.
type tree struct {
	// levels[k] holds nodes of leafSize<<k slices, numbered by that width. A
	// node without records was forgotten.
	levels []lane
	// middle is what lefts and rights are sides of: lefts end there, rights begin
	// there. Both are in the order in which they are made, the shortest first.
	middle        int64
	lefts, rights []side
	// runs are steps that windows have in common, one for each place of a step
	// at which windows begin.
	runs []stepRun
}

// side is the fold of the slices between a position and the middle.
type side struct {
	at int64
	slice
}

const (
	// leafBits is the height of the lowest nodes that are kept: of 8 slices. The
	// nodes then take a quarter of the memory of the slices.
	leafBits = 3
	leafSize = 1 << leafBits
	// minShared is how many slices a window must hold for its nodes to be worth
	// keeping, and minOverlap how many windows must hold a slice.
	minShared  = 4 << leafBits
	minOverlap = 4
)

// fold merges slices that all lie in [from, to) into the empty slice out.
//
// Slices are looked up only where nothing is kept: those in the middle of a
// long window have not been touched for a while, and are far away.
func (t *tree) fold(held run, from, to int64, out *slice) {
	middle := middleOf(from, to)
	if t != nil && t.middle != middle {
		t.middle, t.lefts, t.rights = middle, t.lefts[:0], t.rights[:0]
	}
	t.left(held, from, middle, out)
	var right slice
	t.right(held, middle, to, &right)
	out.merge(&right)
}

// left merges the slices from a position up to the middle into the empty slice
// out.
func (t *tree) left(held run, at, middle int64, out *slice) {
	if at == middle || t.keptLeft(at, out) {
		return
	}
	width := min(widest(at), middle-at)
	t.left(held, at+width, middle, out)
	var node slice
	t.node(held, at, width, &node)
	if node.Count > 0 {
		node.merge(out)
		*out = node
	}
	if t != nil {
		out.share()
		t.lefts = append(t.lefts, side{at, *out})
	}
}

// keptLeft finds the left side of a position. Those of positions before it are
// not needed any more.
func (t *tree) keptLeft(at int64, out *slice) bool {
	if t == nil {
		return false
	}
	n := len(t.lefts)
	for n > 0 && t.lefts[n-1].at < at {
		n--
	}
	t.lefts = t.lefts[:n]
	if n == 0 || t.lefts[n-1].at != at {
		return false
	}
	*out = t.lefts[n-1].slice
	return true
}

// right merges the slices from the middle up to, but not at, a position into
// the empty slice out.
func (t *tree) right(held run, middle, at int64, out *slice) {
	if t.keptRight(at, out) || at == middle {
		return
	}
	width := min(widest(at), at-middle)
	t.right(held, middle, at-width, out)
	var node slice
	t.node(held, at-width, width, &node)
	out.merge(&node)
	if t != nil {
		out.share()
		t.rights = append(t.rights, side{at, *out})
	}
}

// keptRight finds the right side of a position. Those of positions behind it
// are in no later fold: nodes have taken their place.
func (t *tree) keptRight(at int64, out *slice) bool {
	if t == nil {
		return false
	}
	n := len(t.rights)
	for n > 0 && t.rights[n-1].at > at {
		n--
	}
	t.rights = t.rights[:n]
	if n == 0 || t.rights[n-1].at != at {
		return false
	}
	*out = t.rights[n-1].slice
	return true
}

// middleOf returns the number in (from, to) with the most trailing zeros; from
// itself if the range is one slice.
func middleOf(from, to int64) int64 {
	if from == to-1 {
		return from
	}
	k := bits.Len64(uint64(from^(to-1))) - 1
	return (to - 1) >> k << k
}

// widest is the width of the widest node that begins, or ends, at a position:
// one slice where no leaf does.
func widest(at int64) int64 {
	if at&(leafSize-1) != 0 {
		return 1
	}
	if at == 0 {
		return math.MaxInt64
	}
	return at & -at
}

// node merges those of the held slices that are in the node [from, from+width),
// width a power of two, into the empty slice out.
func (t *tree) node(held run, from, width int64, out *slice) {
	if t.keptNode(from, width, out) {
		return
	}
	held = held.from(held.search(from))
	if held.len() == 0 || held.slice(0).number >= from+width {
		return
	}
	if held.len() == 1 || width == 1 || held.slice(1).number >= from+width {
		only := held.slice(0)
		only.share()
		*out = *only
		return
	}
	half := width / 2
	t.node(held, from, half, out)
	var right slice
	t.node(held, from+half, half, &right)
	out.merge(&right)
	t.keep(from, width, out)
}

// keptNode finds a node that is kept.
func (t *tree) keptNode(from, width int64, out *slice) bool {
	k := bits.TrailingZeros64(uint64(width)) - leafBits
	if t == nil || k < 0 || k >= len(t.levels) {
		return false
	}
	number := from / width
	found := t.levels[k].between(number, number+1)
	if found.len() == 0 || found.slice(0).Count == 0 {
		return false
	}
	*out = *found.slice(0)
	return true
}

// keep keeps a node, if such nodes are kept.
func (t *tree) keep(from, width int64, node *slice) {
	k := bits.TrailingZeros64(uint64(width)) - leafBits
	if t == nil || k < 0 {
		return
	}
	for len(t.levels) <= k {
		t.levels = append(t.levels, lane{})
	}
	node.share()
	kept := t.levels[k].at(from / width)
	number := kept.number
	*kept = *node
	kept.number = number
}

// forget makes what a slice is in be computed again: it is about to change. In
// time records come for slices that are in nothing yet.
func (t *tree) forget(number int64) {
	t.lefts, t.rights = t.lefts[:0], t.rights[:0]
	t.forgetRuns()
	for k := range t.levels {
		n := number >> (leafBits + k)
		if held := t.levels[k].between(n, n+1); held.len() > 0 {
			held.slice(0).Count = 0
		}
	}
}

// evict drops the nodes of slices below number, some time after they have gone.
func (t *tree) evict(number int64) {
	if number&(leafSize-1) != 0 {
		return
	}
	for k := range t.levels {
		t.levels[k].evict(number >> (leafBits + k))
	}
}
