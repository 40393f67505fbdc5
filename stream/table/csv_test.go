package table

import (
	"bytes"
	"encoding/csv"
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestCSVGolden(t *testing.T) {
	var out bytes.Buffer
	write(t, NewCSV(&out), lines()...)
	golden(t, "lines.csv", out.Bytes())
}

func TestCSVWithoutRows(t *testing.T) {
	var out bytes.Buffer
	write(t, NewCSV(&out))
	if got, want := out.String(), strings.Join(csvColumns[:], ",")+"\n"; got != want {
		t.Errorf("%q, want %q", got, want)
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
		write(t, NewCSV(&out), l)
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
