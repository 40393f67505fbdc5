package window

import (
	"math"
	"math/bits"
)

// tree keeps what the folds of one lane have in common. Windows that overlap
// much share nearly all: with it one costs a few merges on the average and some
// log n at most, without it n. What it keeps is what it would compute, so no
// result depends on it. A nil tree keeps nothing, and one of short windows only
// their steps.
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
	// long says that windows have slices enough for their nodes to be worth
	// keeping.
	long bool
	// folded is the number of a slice: it and those behind it are in nothing that
	// is kept.
	folded int64
	// levels[k] holds nodes of leafSize<<k slices, numbered by that width. A
	// node without records was forgotten.
	levels []lane
	// middle is what lefts and rights are sides of: lefts end there, rights begin
	// there. Both are in the order in which they are made, the shortest first.
	middle        int64
	lefts, rights []side
	// part is the fold of a node that is not kept.
	part slice
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
	if !t.keepsNodes() {
		foldLeft(held, from, middle, out)
		var right slice
		foldRight(held, middle, to, &right)
		out.merge(&right)
		return
	}
	if t.middle != middle {
		t.middle, t.lefts, t.rights = middle, t.lefts[:0], t.rights[:0]
	}
	left, right := t.left(held, from), t.right(held, to)
	out.merge(left)
	out.merge(right)
}

func (t *tree) keepsNodes() bool { return t != nil && t.long }

// foldLeft merges the slices from a position up to the middle into the empty
// slice out.
func foldLeft(held run, at, middle int64, out *slice) {
	if at == middle {
		return
	}
	width := min(widest(at), middle-at)
	foldNode(held, at, width, out)
	var rest slice
	foldLeft(held, at+width, middle, &rest)
	out.merge(&rest)
}

// foldRight merges the slices from the middle up to, but not at, a position
// into the empty slice out.
func foldRight(held run, middle, at int64, out *slice) {
	if at == middle {
		return
	}
	width := min(widest(at), at-middle)
	foldRight(held, middle, at-width, out)
	var node slice
	foldNode(held, at-width, width, &node)
	out.merge(&node)
}

// foldNode merges those of the held slices that are in the node
// [from, from+width), width a power of two, into the empty slice out.
func foldNode(held run, from, width int64, out *slice) {
	held, few := held.few(from, width)
	if few {
		if held.len() > 0 {
			out.merge(held.slice(0))
		}
		return
	}
	half := width / 2
	foldNode(held, from, half, out)
	var right slice
	foldNode(held, from+half, half, &right)
	out.merge(&right)
}

// few returns the slices from from on, and whether at most one of them is in
// the node [from, from+width): then the node is that slice, or nothing.
func (r run) few(from, width int64) (run, bool) {
	r = r.from(r.search(from))
	if r.len() == 0 || r.slice(0).number >= from+width {
		return r.to(0), true
	}
	return r, r.len() == 1 || width == 1 || r.slice(1).number >= from+width
}

// none is the fold of no slices.
var none slice

// left returns the fold of the slices from a position up to the middle. What
// left and right return is not changed until the lane changes.
func (t *tree) left(held run, at int64) *slice {
	if at == t.middle {
		return &none
	}
	if kept := t.keptLeft(at); kept != nil {
		return kept
	}
	width := min(widest(at), t.middle-at)
	rest := t.left(held, at+width)
	t.lefts = append(t.lefts, side{at: at})
	left := &t.lefts[len(t.lefts)-1].slice
	left.merge(t.node(held, at, width))
	left.merge(rest)
	return left
}

// keptLeft finds the left side of a position, nil if it is not kept. Those of
// positions before it are not needed any more.
func (t *tree) keptLeft(at int64) *slice {
	n := len(t.lefts)
	for n > 0 && t.lefts[n-1].at < at {
		n--
	}
	t.lefts = t.lefts[:n]
	if n == 0 || t.lefts[n-1].at != at {
		return nil
	}
	return &t.lefts[n-1].slice
}

// right returns the fold of the slices from the middle up to, but not at, a
// position.
func (t *tree) right(held run, at int64) *slice {
	if kept := t.keptRight(at); kept != nil {
		return kept
	}
	if at == t.middle {
		return &none
	}
	width := min(widest(at), at-t.middle)
	rest := t.right(held, at-width)
	t.rights = append(t.rights, side{at: at})
	right := &t.rights[len(t.rights)-1].slice
	right.merge(rest)
	right.merge(t.node(held, at-width, width))
	return right
}

// keptRight finds the right side of a position, nil if it is not kept. Those of
// positions behind it are in no later fold: nodes have taken their place.
func (t *tree) keptRight(at int64) *slice {
	n := len(t.rights)
	for n > 0 && t.rights[n-1].at > at {
		n--
	}
	t.rights = t.rights[:n]
	if n == 0 || t.rights[n-1].at != at {
		return nil
	}
	return &t.rights[n-1].slice
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

// node returns the fold of those of the held slices that are in the node
// [from, from+width), width a power of two. It is valid until the next call.
func (t *tree) node(held run, from, width int64) *slice {
	if kept := t.keptNode(from, width); kept != nil {
		return kept
	}
	held, few := held.few(from, width)
	switch {
	case !few:
	case held.len() == 0:
		return &none
	default:
		return held.slice(0)
	}
	if width < leafSize {
		t.part = slice{}
		foldNode(held, from, width, &t.part)
		return &t.part
	}
	if width == leafSize {
		node := t.keep(from, width)
		foldNode(held, from, width, node)
		return node
	}
	half := width / 2
	node := t.keep(from, width) // first: the levels below are there then, and stay where they are
	node.merge(t.node(held, from, half))
	node.merge(t.node(held, from+half, half))
	return node
}

// keptNode finds a node that is kept, nil if it is not.
func (t *tree) keptNode(from, width int64) *slice {
	k := bits.TrailingZeros64(uint64(width)) - leafBits
	if k < 0 || k >= len(t.levels) {
		return nil
	}
	nodes := t.levels[k].live()
	number := from / width
	i := nodes.search(number)
	if i == nodes.len() || nodes.slice(i).number != number || nodes.slice(i).Count == 0 {
		return nil
	}
	return nodes.slice(i)
}

// keep returns the empty place of a node that is to be kept.
func (t *tree) keep(from, width int64) *slice {
	k := bits.TrailingZeros64(uint64(width)) - leafBits
	for len(t.levels) <= k {
		t.levels = append(t.levels, lane{})
	}
	kept := t.levels[k].at(from / width)
	*kept = slice{number: kept.number}
	return kept
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
