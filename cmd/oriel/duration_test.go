package main

import (
	"math"
	"testing"
	"time"
)

// TestStd: what is longer than the standard library's durations is as long as
// these are.
func TestStd(t *testing.T) {
	t.Parallel()
	const longest = math.MaxInt64 / time.Millisecond * time.Millisecond
	for text, want := range map[string]time.Duration{
		"1ms": time.Millisecond, "-90s": -90 * time.Second, "36500d": 36500 * 24 * time.Hour,
		"110000d": longest, "999999d": longest, "-999999d": -longest,
	} {
		var d duration
		if err := d.Set(text); err != nil || d.std() != want {
			t.Errorf("%s is %v, want %v: %v", text, d.std(), want, err)
		}
	}
}
