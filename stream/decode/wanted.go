package decode

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// wanted is what the paths ask below one place of a document.
type wanted struct {
	// field is the index of the path that ends here, or -1.
	field int
	// below are the indexes of all paths that lead here or through here.
	below    []int
	names    []wantedName
	elements []wantedElement
	// replaced says that U+FFFD is in one of the names: then names that are
	// not UTF-8, where encoding/json reads U+FFFD, can be meant.
	replaced bool
	// order are the names that the object had last, for JSON.
	order []expectedName
}

type wantedName struct {
	name string
	node *wanted
}

type wantedElement struct {
	index int
	node  *wanted
}

// newWanted makes a tree of paths, nil if there are none. Fields have the indexes
// of their paths.
func newWanted(paths []path) *wanted {
	if len(paths) == 0 {
		return nil
	}
	root := &wanted{field: -1}
	for i, p := range paths {
		n := root
		for _, st := range p {
			n.below = append(n.below, i)
			n = n.child(st)
		}
		n.below = append(n.below, i)
		n.field = i
	}
	return root
}

// isEnd says that a path ends here and none goes on.
func (n *wanted) isEnd() bool { return n.field >= 0 && len(n.below) == 1 }

// child returns the node one step below n and makes it if need be.
func (n *wanted) child(st step) *wanted {
	fresh := &wanted{field: -1}
	if st.name == "" {
		if i := slices.IndexFunc(n.elements, func(e wantedElement) bool { return e.index == st.index }); i >= 0 {
			return n.elements[i].node
		}
		n.elements = append(n.elements, wantedElement{st.index, fresh})
		return fresh
	}
	if i := slices.IndexFunc(n.names, func(m wantedName) bool { return m.name == st.name }); i >= 0 {
		return n.names[i].node
	}
	n.names = append(n.names, wantedName{st.name, fresh})
	n.replaced = n.replaced || strings.ContainsRune(st.name, utf8.RuneError)
	return fresh
}

// element returns what n, which may be nil, asks of the element, or nil.
func (n *wanted) element(index int) *wanted {
	if n == nil {
		return nil
	}
	for i := range n.elements {
		if n.elements[i].index == index {
			return n.elements[i].node
		}
	}
	return nil
}

// member returns what n, which may be nil, asks of the member, or nil.
func (n *wanted) member(name []byte) *wanted {
	if n == nil {
		return nil
	}
	for i := range n.names {
		if string(name) == n.names[i].name {
			return n.names[i].node
		}
	}
	return nil
}
