package model

import "strings"

// suggest tells which of the known words is nearest to an unknown one, and
// which there are.
func suggest(word string, known []string) string {
	nearest, least := "", len(word) // as far as no letter in common
	for _, k := range known {
		if d := editDistance(word, k); d < least {
			nearest, least = k, d
		}
	}
	list := "known: " + strings.Join(known, ", ")
	if nearest == "" {
		return list
	}
	return "did you mean " + nearest + "? " + list
}

// editDistance is the least number of bytes to insert, delete or replace to
// turn a into b (Levenshtein 1966).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
