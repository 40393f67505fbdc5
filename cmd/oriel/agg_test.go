package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// visits is an input of one partition: a visit of 0 to 9 seconds every 100 ms.
func visits(from int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "{\"oriel\":1,\"partitions\":{\"t\":{\"0\":{\"start\":%d,\"end\":400}}}}\n", from)
	for i := from; i < 400; i++ {
		payload := fmt.Sprintf(`{"secs":%d,"user":{"id":%q},"bot":%t}`, i%10, fmt.Sprint("u", i*i%37), i%3 == 0)
		if i%5 == 0 {
			payload = fmt.Sprintf(`{"secs":%d,"user":null}`, i%10)
		}
		line, _ := json.Marshal(map[string]any{"topic": "t", "partition": 0, "offset": i, "tstype": "create", "ts": 1_000_000 + i*100, "payload": payload})
		b.Write(append(line, '\n'))
	}
	return b.String()
}

// askedLine is what --agg adds to a line.
type askedLine struct {
	StartMS    int64 `json:"start_ms"`
	Count      int64
	Series     *string
	Incomplete string
	Quantiles  map[string]*float64
	Distinct   map[string]int64
	Rate       float64
}

func replayVisits(t *testing.T, from int, flags ...string) []askedLine {
	t.Helper()
	args := append([]string{"replay", "--input", "-", "--quiet", "-m", "none", "-w", "10s/1s"}, flags...)
	got := orielWith(t, strings.NewReader(visits(from)), args...)
	if got.code != exitDone {
		t.Fatalf("%v: exit code %d: %s", args, got.code, got.stderr)
	}
	var lines []askedLine
	for _, text := range got.lines() {
		var l askedLine
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	return lines
}

func TestAgg(t *testing.T) {
	t.Parallel()
	for _, series := range []string{"secs", "none"} {
		lines := replayVisits(t, 0, "--value", series, "--agg", "p0,p50,p100", "--agg", "distinct:user.id,rate,distinct:bot")
		if len(lines) != 49 {
			t.Fatalf("%d lines", len(lines))
		}
		for _, l := range lines {
			first, users, bots := max(0, (l.StartMS-1_000_000)/100), map[string]bool{}, map[bool]bool{}
			for i := first; i < first+l.Count; i++ {
				if i%5 > 0 {
					users[strconv.FormatInt(i*i%37, 10)], bots[i%3 == 0] = true, true
				}
			}
			if l.Rate != float64(l.Count)/10 || l.Distinct["user.id"] != int64(len(users)) || l.Distinct["bot"] != int64(len(bots)) {
				t.Errorf("%+v, want %d users and %d kinds", l, len(users), len(bots))
			}
			checkPercentiles(t, l)
		}
	}
}

func checkPercentiles(t *testing.T, l askedLine) {
	t.Helper()
	p0, p50, p100 := l.Quantiles["p0"], l.Quantiles["p50"], l.Quantiles["p100"]
	switch {
	case len(l.Quantiles) != 3:
		t.Errorf("%v", l.Quantiles)
	case l.Series == nil:
		if p0 != nil || p50 != nil || p100 != nil {
			t.Errorf("counted records have the quantiles %v", l.Quantiles)
		}
	case p0 == nil || p50 == nil || p100 == nil || *p0 != 0 || *p100 != 9 || *p50 < 4*0.99 || *p50 > 5*1.01:
		t.Errorf("%+v", l)
	}
}

// A replay from another offset says the same of the windows that it has whole.
func TestAggFromElsewhere(t *testing.T) {
	t.Parallel()
	flags := []string{"--value", "secs", "--agg", "p50,p90,distinct:user.id"}
	whole := map[int64]string{}
	for _, l := range replayVisits(t, 0, flags...) {
		whole[l.StartMS] = asText(t, l)
	}
	complete := 0
	for _, l := range replayVisits(t, 123, flags...) {
		if l.Incomplete != "" {
			continue
		}
		complete++
		if got := asText(t, l); got != whole[l.StartMS] {
			t.Errorf("from offset 123 %s, from the beginning %s", got, whole[l.StartMS])
		}
	}
	if complete < 10 {
		t.Errorf("%d windows are complete", complete)
	}
}

func asText(t *testing.T, l askedLine) string {
	t.Helper()
	text, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAggColumns(t *testing.T) {
	t.Parallel()
	got := orielWith(t, strings.NewReader(visits(0)), "replay", "--input", "-", "--quiet", "-m", "none", "-w", "40s",
		"--value", "secs", "-o", "csv", "--agg", `p50,distinct:user.id,rate`)
	rows, err := csv.NewReader(strings.NewReader(got.stdout)).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%v, %+v", err, got)
	}
	n := len(rows[0])
	if want := []string{"p50", "distinct:user.id", "rate"}; !slices.Equal(rows[0][n-3:], want) {
		t.Errorf("columns %q, want %q at the end", rows[0], want)
	}
	if rows[1][n-1] != "10" || rows[1][n-2] == "" || rows[1][n-3] == "" {
		t.Errorf("%q", rows[1])
	}
}

// TestAggPath: a comma in the name of a field is escaped as a dot is, and a
// path that leads nowhere is told on stderr.
func TestAggPath(t *testing.T) {
	t.Parallel()
	line := envelopeLine(1000, `{"temp":1,"a,b":"x"}`)
	got := orielWith(t, strings.NewReader(line), "replay", "--input", "-", "-m", "none", "-w", "10s", "--agg", `distinct:a\,b,distinct:tempp`)
	if !strings.Contains(got.stdout, `"distinct":{"a\\,b":1,"tempp":0}`) {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(got.stderr, "nothing to count at tempp yet (--agg distinct:tempp), did you mean temp?") {
		t.Errorf("stderr: %s", got.stderr)
	}
}
