package stream

import "testing"

func TestSlips(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		limit int
		want  int
	}{
		{"", "", 9, 0},
		{"", "abc", 9, 3},
		{"same", "SAME", 9, 0},
		{"kitten", "sitting", 9, 3},
		{"flaw", "lawn", 9, 2},
		{"tmep", "temp", 9, 1},
		{"zürich", "zurich", 9, 1},
		{"kitten", "sitting", 2, 2},
		{"a", "abcdef", 3, 3},
	} {
		if got := Slips(c.a, c.b, c.limit); got != c.want {
			t.Errorf("from %q to %q, at most %d: %d, want %d", c.a, c.b, c.limit, got, c.want)
		}
		if got := Slips(c.b, c.a, c.limit); got != c.want {
			t.Errorf("from %q to %q, at most %d: %d, want %d", c.b, c.a, c.limit, got, c.want)
		}
	}
}
