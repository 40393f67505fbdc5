package kafka

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/oriel-stream/oriel/stream"
)

// Alternatives are the names that there are instead of an unknown one.
type Alternatives struct {
	// Nearest are existing names that are similar, the most similar first.
	Nearest []string
	// Some are the first few of the Count names that may be seen, by name.
	Some  []string
	Count int
}

// How many similar names an error offers, and how many others where none is.
const (
	maxNearest = 3
	maxOthers  = 5
)

// alternatives are those to name among names, which are sorted.
func alternatives(name string, names []string) Alternatives {
	return Alternatives{Nearest: nearest(name, names), Some: names[:min(len(names), maxOthers)], Count: len(names)}
}

// instead says that there is no such name, or no match for it, and what there
// is.
func (a *Alternatives) instead(what, name string) string {
	s := fmt.Sprintf("unknown %s %q", what, name)
	if isGlob(name) {
		s = fmt.Sprintf("no %s matches %q", what, name)
	}
	more := a.Count - len(a.Some)
	switch {
	case len(a.Nearest) > 0:
		return s + "; did you mean " + strings.Join(a.Nearest, ", ") + "?"
	case a.Count == 0:
		return s + "; there is no " + what + " that this user may see"
	case more > 0:
		return fmt.Sprintf("%s; there are %s and %d more", s, strings.Join(a.Some, ", "), more)
	case a.Count == 1:
		return s + "; there is only " + a.Some[0]
	default:
		return s + "; there are " + strings.Join(a.Some, ", ")
	}
}

// nearest are the existing names a person may have meant: those within a third
// of the letters, or that contain or begin what was typed.
func nearest(name string, names []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	plain := strings.ToLower(strings.NewReplacer("*", "", "?", "").Replace(name))
	var found []candidate
	for _, n := range names {
		lower := strings.ToLower(n)
		d := stream.Slips(plain, lower, math.MaxInt)
		related := plain != "" && (strings.Contains(lower, plain) || lower != "" && strings.Contains(plain, lower))
		if d <= max(1, len(plain)/3) || related {
			found = append(found, candidate{n, d})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.distance - b.distance })
	var out []string
	for _, f := range found[:min(len(found), maxNearest)] {
		out = append(out, f.name)
	}
	return out
}
