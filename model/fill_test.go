package model

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"
)

func TestFill(t *testing.T) {
	nan := math.NaN()
	for _, tc := range []struct {
		name   string
		y      []float64
		want   []float64
		filled int
	}{
		{"nothing", nil, nil, 0},
		{"no gap", []float64{1, 3, 2}, []float64{1, 3, 2}, 0},
		{"inside", []float64{1, nan, nan, nan, 3}, []float64{1, 1.5, 2, 2.5, 3}, 3},
		{"falling", []float64{2, nan, -2}, []float64{2, 0, -2}, 1},
		{"two gaps", []float64{0, nan, 2, nan, 0}, []float64{0, 1, 2, 1, 0}, 2},
		{"start", []float64{nan, nan, 4, 5}, []float64{4, 4, 4, 5}, 2},
		{"end", []float64{4, 5, nan, nan}, []float64{4, 5, 5, 5}, 2},
		{"one value", []float64{nan, 7, nan}, []float64{7, 7, 7}, 2},
		{"equal neighbours", []float64{0.1, nan, nan, 0.1}, []float64{0.1, 0.1, 0.1, 0.1}, 2},
		{"far apart", []float64{-math.MaxFloat64, nan, math.MaxFloat64}, []float64{-math.MaxFloat64, 0, math.MaxFloat64}, 1},
	} {
		y := slices.Clone(tc.y)
		if filled := Fill(y); filled != tc.filled || !slices.Equal(y, tc.want) {
			t.Errorf("%s: %v with %d filled, want %v with %d", tc.name, y, filled, tc.want, tc.filled)
		}
	}
}

func TestFillAllNaN(t *testing.T) {
	y := []float64{math.NaN(), math.NaN()}
	if filled := Fill(y); filled != 2 || !math.IsNaN(y[0]) || !math.IsNaN(y[1]) {
		t.Errorf("%v with %d filled, want two NaN with 2", y, filled)
	}
}

// FuzzFill: values stay, gaps are closed by numbers between their neighbours.
func FuzzFill(f *testing.F) {
	f.Add([]byte{1, 0, 0, 3, 0, 2})
	f.Add([]byte{0, 0, 9, 0})
	f.Add(binary.LittleEndian.AppendUint64(nil, 0x0100ff00fe00ff01))
	f.Fuzz(func(t *testing.T, b []byte) {
		y := make([]float64, len(b))
		gaps, low, high := 0, math.Inf(1), math.Inf(-1)
		for i, c := range b {
			if y[i] = math.NaN(); c == 0 {
				gaps++
				continue
			}
			y[i] = (float64(c) - 128) * 1e306
			low, high = min(low, y[i]), max(high, y[i])
		}
		before := slices.Clone(y)
		if filled := Fill(y); filled != gaps {
			t.Fatalf("%v: %d filled, want %d", before, filled, gaps)
		}
		if gaps == len(y) {
			return
		}
		for i, v := range y {
			if !math.IsNaN(before[i]) && v != before[i] || !(v >= low && v <= high) {
				t.Fatalf("%v became %v", before, y)
			}
		}
	})
}
