package window

import (
	"math"
	"math/bits"
)

// tree keeps nodes of the folds of one lane. Windows that overlap much have
// most nodes in common: with it a window of n slices costs some log n merges,
// without it n. What it keeps is what it would compute, so no result depends on
// it. A nil tree keeps nothing.
type tree struct {
	// levels[k] holds nodes of leafSize<<k slices, numbered by that width. A
	// node without records was forgotten.
	levels []lane
	// folded is the number of a slice: it and those behind it are in no node.
	folded int64
}

const (
	// leafBits is the height of the lowest nodes that are kept: of 8 slices. The
	// nodes then take a quarter of the memory of the slices.
	leafBits = 3
	// minShared is how many slices a window must hold for its nodes to be worth
	// keeping, and minOverlap how many windows must hold a slice.
	minShared  = 4 << leafBits
	minOverlap = 4
)

func newTree() *tree { return &tree{folded: math.MinInt64} }

// fold merges slices that all lie in [from, to) into the empty slice out. The
// result is a function of the slices alone: the range is cut into the nodes of
// a binary tree over the absolute slice numbers, which are merged left to
// right. A running sum would depend on where the windows before had begun.
func (t *tree) fold(slices []slice, from, to int64, out *slice) {
	for from < to && len(slices) > 0 {
		width := int64(1)
		for from%(width*2) == 0 && from+width*2 <= to {
			width *= 2
		}
		n := search(slices, from+width)
		if n > 0 {
			var node slice
			t.node(slices[:n], from, width, &node)
			out.merge(&node)
			slices = slices[n:]
		}
		from += width
	}
}

// node merges the slices of the node [from, from+width), width a power of two,
// into the empty slice out.
func (t *tree) node(slices []slice, from, width int64, out *slice) {
	if len(slices) == 1 {
		slices[0].share()
		*out = slices[0]
		return
	}
	kept := t.kept(from, width)
	if kept != nil && kept.Count > 0 {
		*out = *kept
		return
	}
	half := width / 2
	n := search(slices, from+half)
	if n > 0 {
		t.node(slices[:n], from, half, out)
	}
	if n < len(slices) {
		var right slice
		t.node(slices[n:], from+half, half, &right)
		out.merge(&right)
	}
	if kept != nil {
		out.share()
		*kept = *out
		kept.number = from / width
		t.folded = max(t.folded, from+width)
	}
}

// kept is the place of a node, nil if such nodes are not kept. It stays valid
// while lower nodes are computed.
func (t *tree) kept(from, width int64) *slice {
	k := bits.TrailingZeros64(uint64(width)) - leafBits
	if t == nil || k < 0 {
		return nil
	}
	for len(t.levels) <= k {
		t.levels = append(t.levels, lane{})
	}
	return t.levels[k].at(from / width)
}

// forget makes the nodes of a slice be computed again: it is about to change.
// In time records come for slices that are in no node yet.
func (t *tree) forget(number int64) {
	if number >= t.folded {
		return
	}
	for k := range t.levels {
		n := number >> (leafBits + k)
		if held := t.levels[k].between(n, n+1); len(held) > 0 {
			held[0].Count = 0
		}
	}
}

// evict drops the nodes of slices below number.
func (t *tree) evict(number int64) {
	for k := range t.levels {
		t.levels[k].evict(number >> (leafBits + k))
	}
}
