package decode

import (
	"strings"
	"unicode/utf8"

	"github.com/oriel-stream/oriel/stream"
)

// Nearest returns the candidate that a mistyped path most likely means: one
// that differs in case only, else one that ends in the path or in which it
// ends, else the one fewest slips away (a letter too many, too few, wrong, or
// two swapped; at most one slip for every three letters). False if there is
// none. Of equals the first is taken.
func Nearest(path string, candidates []string) (string, bool) {
	for _, c := range candidates {
		if strings.EqualFold(c, path) {
			return c, true
		}
	}
	for _, c := range candidates {
		if strings.HasSuffix(c, "."+path) || strings.HasSuffix(path, "."+c) {
			return c, true
		}
	}
	best, least := "", max(1, utf8.RuneCountInString(path)/3)+1
	for _, c := range candidates {
		if n := stream.Slips(path, c, least); n < least {
			best, least = c, n
		}
	}
	return best, best != ""
}
