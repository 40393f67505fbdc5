package table

import (
	"encoding/json"
	"math"
	"testing"
)

// FuzzExact: a number is written as encoding/json writes it.
func FuzzExact(f *testing.F) {
	for _, v := range []float64{
		0, math.Copysign(0, -1), 1, -1.5, 1e-6, 9.99e-7, 1e-7, -1.25e-9, 1e-10, 1e-100, 5e-324, 1e20, 1e21, -1e21, 1.5e22, 1e100, math.MaxFloat64, 0.1 + 0.2,
		math.NaN(), math.Inf(1), math.Inf(-1),
	} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		want, err := json.Marshal(v)
		cell := string(want)
		if err != nil { // no finite number
			want = []byte(noValue)
		}
		if got := exact(v); got != string(want) {
			t.Errorf("%s, want %s", got, want)
		}
		if got := decimal(v); got != cell {
			t.Errorf("in a cell %q, want %q", got, cell)
		}
	})
}
