package stream

import "strings"

// Slips counts the slips of the finger that turn one name into another: a
// letter too many, too few, wrong, or two neighbours swapped, in upper or lower
// case (the optimal string alignment distance). It is limit if there are at
// least so many. Messages use it to say what was probably meant.
func Slips(a, b string, limit int) int {
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
