package table

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
)

func TestModelsGolden(t *testing.T) {
	alpha := Param{Name: "alpha", Allowed: "0.0001 to 0.9999", Summary: "weight of the newest value in the level"}
	mode := Param{Name: "mode", Allowed: "fast, r, r9", Summary: "how to estimate: fast with exact starting states, or as R's forecast does, r up to its version 8.2 and r9 since"}
	naive := Model{Name: "naive", From: "2", Cost: "n", Summary: "the last value goes on", Source: "Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.2 and 5.5"}
	models := []Model{
		naive,
		{Name: "holt", From: "5", Cost: "80 n", Summary: "exponential smoothing with a trend that goes on for ever", Source: "Holt 1957", Params: []Param{alpha, mode}},
		{Name: "hw", From: "5 + 2 seasons", Cost: "250 n", Summary: "Holt-Winters: a trend that goes on for ever and a season, both of which follow the values", Source: "Winters 1960; Hyndman, Koehler, Ord & Snyder 2008, ETS(A,A,A)", Params: []Param{alpha, mode}},
	}
	var out bytes.Buffer
	for _, c := range []struct {
		width  int
		models []Model
	}{{0, models}, {80, models}, {40, models}, {80, models[:1]}} {
		fmt.Fprintf(&out, "== %d models, %d cells\n", len(c.models), c.width)
		if err := Models(&out, c.width, c.models); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "models.txt", out.Bytes())
	var wide, narrow bytes.Buffer
	if err := errors.Join(Models(&wide, 0, models), Models(&narrow, 80, models)); err != nil {
		t.Fatal(err)
	}
	if words := bytes.Fields; !slices.EqualFunc(words(wide.Bytes()), words(narrow.Bytes()), bytes.Equal) {
		t.Error("80 columns do not hold the words of any number")
	}
	full := errors.New("full")
	if err := Models(&failing{err: full}, 0, models); !errors.Is(err, full) {
		t.Errorf("error %v, want %v", err, full)
	}
}
