package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// manySizes is an input whose values are of every size, some of them alone in
// their window.
func manySizes() string {
	rng := rand.New(rand.NewPCG(1, 5))
	var b strings.Builder
	for i := range 600 {
		at := epoch + int64(i)*700
		v := (rng.Float64() - 0.5) * math.Pow(10, float64(rng.IntN(40)-15))
		payload := fmt.Sprintf(`{"at":%d,"v":%v}`, at, v)
		line, _ := json.Marshal(map[string]any{
			"topic": "t", "partition": 0, "offset": i, "ts": at + int64(rng.IntN(500)), "key": strconv.Itoa(i / 60), "payload": payload,
		})
		b.Write(append(line, '\n'))
	}
	return b.String()
}

// TestNumbersInCSV: a number is the same text in csv as in JSON.
func TestNumbersInCSV(t *testing.T) {
	t.Parallel()
	args := []string{"replay", "--input", "-", "--quiet", "--time", "at", "--value", "v", "-w", "10s/1s", "-m", "holt", "--agg", "p50,p99.9,rate,distinct:v", "-o"}
	asJSON := orielWith(t, strings.NewReader(manySizes()), append(args, "json")...)
	asCSV := orielWith(t, strings.NewReader(manySizes()), append(args, "csv")...)
	rows, err := csv.NewReader(strings.NewReader(asCSV.stdout)).ReadAll()
	if err != nil || asJSON.code != exitDone || len(rows) != len(asJSON.lines())+1 {
		t.Fatalf("%v, %d rows of %d lines: %+v", err, len(rows), len(asJSON.lines()), asJSON.stderr)
	}
	small, large := 0, 0
	for i, line := range asJSON.lines() {
		want := numbersOf(t, line)
		for c, name := range rows[0] {
			text, isNumber := want[name]
			if isNumber && rows[i+1][c] != text {
				t.Fatalf("%s is %s in csv and %s in %s", name, rows[i+1][c], text, line)
			}
			delete(want, name)
			small += strings.Count(text, "e-")
			large += strings.Count(text, "e+")
		}
		if len(want) > 0 {
			t.Fatalf("no columns for %v", want)
		}
	}
	if small == 0 || large == 0 {
		t.Errorf("%d numbers have a negative exponent and %d a positive one", small, large)
	}
}

// numbersOf are the numbers of a line as they are written in it, by the columns
// of csv.
func numbersOf(t *testing.T, line string) map[string]string {
	t.Helper()
	type raw = map[string]json.RawMessage
	var l struct {
		raw
		Quantiles raw `json:"quantiles"`
		Distinct  raw `json:"distinct"`
		Lag       raw `json:"lag_ms"`
		Forecast  struct {
			Filled json.RawMessage   `json:"filled"`
			Mean   []json.RawMessage `json:"mean"`
		} `json:"forecast"`
	}
	if err := json.Unmarshal([]byte(line), &l); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(line), &l.raw); err != nil {
		t.Fatal(err)
	}
	numbers := map[string]string{}
	add := func(column string, text json.RawMessage) { numbers[column] = strings.TrimPrefix(string(text), "null") }
	for _, name := range []string{"start_ms", "end_ms", "size_ms", "hop_ms", "revision", "count", "sum", "mean", "min", "max", "stddev", "first", "last", "late", "rate"} {
		add(name, l.raw[name])
	}
	for name, text := range l.Quantiles {
		add(name, text)
	}
	for name, text := range l.Distinct {
		add("distinct:"+name, text)
	}
	for name, text := range l.Lag {
		add("lag_"+name+"_ms", text)
	}
	var means []string
	for _, text := range l.Forecast.Mean {
		means = append(means, strings.TrimPrefix(string(text), "null"))
	}
	numbers["forecast_mean"] = strings.Join(means, ";")
	add("forecast_filled", l.Forecast.Filled)
	return numbers
}
