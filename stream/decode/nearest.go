package decode

import (
	"strings"
	"unicode/utf8"
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
		if n := slips(path, c, least); n < least {
			best, least = c, n
		}
	}
	return best, best != ""
}

// slips is the optimal string alignment distance of a and b, or limit if it is
// at least that: the edits that turn one into the other, of which swapping two
// neighbours is one.
func slips(a, b string, limit int) int {
	s, t := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	if max(len(s)-len(t), len(t)-len(s)) >= limit {
		return limit
	}
	// Row i holds the distances of s[:i] to the beginnings of t.
	before, above, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row[0] = i
		for j := 1; j <= len(t); j++ {
			wrong := 1
			if s[i-1] == t[j-1] {
				wrong = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+wrong)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
	}
	return min(above[len(t)], limit)
}
