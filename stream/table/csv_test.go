package table

import (
	"bytes"
	"encoding/csv"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

func TestCSVGolden(t *testing.T) {
	var out bytes.Buffer
	write(t, NewCSV(&out, false, stream.Aggregates{}), lines()...)
	golden(t, "lines.csv", out.Bytes())
}

func TestCSVWithoutRows(t *testing.T) {
	var out bytes.Buffer
	write(t, NewCSV(&out, false, stream.Aggregates{}))
	if got, want := out.String(), strings.Join(csvColumns[:], ",")+"\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestCSVHasWhatWasAsked: columns behind the others.
func TestCSVHasWhatWasAsked(t *testing.T) {
	var out bytes.Buffer
	write(t, NewCSV(&out, false, askedNames), askedLines()...)
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]string{
		{"p50", "p99.9", "distinct:user.id", `distinct:a"b`, "rate"},
		{"21.7", "22.296", "4", "0", "0.5"},
		{"", "", "123", "7", "0.3"},
		{"", "", "0", "0", "0"},
	} {
		if got := rows[i][len(csvColumns):]; !slices.Equal(got, want) {
			t.Errorf("row %d: %q, want %q", i, got, want)
		}
	}
}

// TestCSVKeys: the null key is no cell, the empty key an empty one.
func TestCSVKeys(t *testing.T) {
	for _, c := range []struct {
		key  window.Key
		want string
	}{
		{window.Key{Null: true}, "sensors,,,temp,"},
		{window.Key{}, `sensors,"",,temp,`},
		{window.Key{Bytes: "\xff"}, "sensors,,/w==,temp,"},
		{window.Key{Bytes: " a"}, `sensors," a",,temp,`},
		{window.Key{Bytes: `a"b,c`}, `sensors,"a""b,c",,temp,`},
	} {
		l := sensorLine()
		l.Pane.Key = c.key
		var out bytes.Buffer
		write(t, NewCSV(&out, false, stream.Aggregates{}), l)
		if _, row, _ := strings.Cut(out.String(), "\n"); !strings.HasPrefix(row, c.want) {
			t.Errorf("%+v: %s, want it to begin with %s", c.key, row, c.want)
		}
	}
}

// FuzzCSV reads strings back. encoding/csv reads \r\n as \n.
func FuzzCSV(f *testing.F) {
	f.Add("key", "series", 1.5)
	f.Add("a,\"b\"\n", "\x1b[31m", math.Inf(1))
	f.Add("\xff", "", 1e-9)
	f.Fuzz(func(t *testing.T, key, series string, v float64) {
		l := sensorLine()
		l.Pane.Key.Bytes, l.Pane.Series, l.Pane.Min = key, series, v
		var out bytes.Buffer
		write(t, NewCSV(&out, false, stream.Aggregates{}), l)
		rows, err := csv.NewReader(&out).ReadAll()
		if err != nil || len(rows) != 2 || len(rows[1]) != len(csvColumns) {
			t.Fatalf("%v, %q", err, rows)
		}
		cell := make(map[string]string)
		for i, name := range rows[0] {
			cell[name] = rows[1][i]
		}
		if want := strings.ReplaceAll(series, "\r\n", "\n"); cell["series"] != want {
			t.Errorf("series %q, want %q", cell["series"], want)
		}
		if cell["key"] != "" && cell["key_base64"] != "" {
			t.Errorf("two keys: %q", cell)
		}
		if got, err := strconv.ParseFloat(cell["min"], 64); got != v && !(math.IsNaN(v) || math.IsInf(v, 0)) {
			t.Errorf("min %q for %v, %v", cell["min"], v, err)
		}
	})
}
