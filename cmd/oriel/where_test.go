package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhereSummary: a filtered record is counted as that, moves the watermark,
// and is no reject whatever else is wrong with it.
func TestWhereSummary(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var in strings.Builder
	for i, payload := range []string{
		`{"ts":1000,"site":"north","v":1}`,
		`{"ts":2000,"site":"south","v":2}`,
		`{"ts":60000,"site":"south"}`,      // closes the window of the others
		`{"ts":3000,"site":"north","v":4}`, // and so this is late
		`{"site":"south"}`,                 // has no time
		`{"site":"north"}`,                 // nor has this
		`{"ts":61000,"site":"north","v":8}`,
		`{"ts":62000,"site":5,"v":8}`, // the expression cannot be computed
		`{"ts":63000,`,
	} {
		line, err := json.Marshal(map[string]any{"topic": "t", "partition": 0, "offset": i, "ts": 100_000, "key": "k", "payload": payload})
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	input := filepath.Join(dir, "in")
	if err := os.WriteFile(input, []byte(in.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	rejects, summary := filepath.Join(dir, "rejects"), filepath.Join(dir, "summary")
	got := oriel(t, "replay", "--input", input, "--time", "ts", "--time-unit", "ms", "--value", "v", "-w", "10s", "-m", "none",
		"--where", `site startsWith "n"`, "--rejects", rejects, "--summary", summary)
	lines := parse(t, got.lines()...)
	if got.code != exitDone || len(lines) != 2 || lines[0].Sum != 1 || lines[1].Sum != 8 {
		t.Fatalf("%+v", got)
	}
	if !strings.Contains(got.stderr, "4 filtered") {
		t.Errorf("not told: %s", got.stderr)
	}
	var s struct {
		Records    int64            `json:"records"`
		InTime     int64            `json:"in_time"`
		PartlyLate int64            `json:"partly_late"`
		Late       int64            `json:"late"`
		AfterIdle  int64            `json:"late_after_idle"`
		Filtered   int64            `json:"filtered"`
		Rejects    map[string]int64 `json:"rejects"`
	}
	if err := json.Unmarshal([]byte(readFile(t, summary)), &s); err != nil {
		t.Fatal(err)
	}
	sum := s.InTime + s.PartlyLate + s.Late + s.AfterIdle + s.Filtered
	for _, n := range s.Rejects {
		sum += n
	}
	if s.Records != 9 || sum != s.Records || s.Filtered != 4 || s.Late != 1 || s.InTime != 2 {
		t.Errorf("%+v", s)
	}
	var reasons []string
	for _, r := range parseRejects(t, rejects) {
		reasons = append(reasons, fmt.Sprint(r.Offset, " ", r.Reason))
	}
	if got, want := strings.Join(reasons, ", "), "3 late, 5 no_time, 8 malformed"; got != want {
		t.Errorf("rejects: %s; want %s", got, want)
	}
}

// TestWhereExplained: explain tells a window of a filtered topic as replay
// prints it.
func TestWhereExplained(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, number(epoch, "k", `{"v":1}`), number(epoch+1000, "k", `{"v":2}`), number(epoch+60_000, "k", `{"v":1}`))
	flags := []string{"t", "-b", addr, "-w", "10s", "--where", "v > 1 || @offset == 5", "--value", "v"}
	lines := oriel(t, append([]string{"replay", "-m", "none"}, flags...)...)
	if len(lines.lines()) != 1 {
		t.Fatalf("%+v", lines)
	}
	got := oriel(t, append([]string{"explain"}, append(flags, lines.lines()[0], "-o", "json")...)...)
	var x struct {
		Records []struct{ Offset int64 } `json:"records"`
	}
	if err := json.Unmarshal([]byte(got.stdout), &x); err != nil {
		t.Fatalf("%v: %+v", err, got)
	}
	if got.code != exitDone || len(x.Records) != 1 || x.Records[0].Offset != 1 {
		t.Errorf("%+v", got)
	}
}

// TestWhereUsage: what is wrong with an expression is told before anything is
// opened.
func TestWhereUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []complaint{
		{"replay t -b 127.0.0.1:1 --where v>", exitUsage, []string{`--where "v>"`, "unexpected token EOF", "e.g. --where"}},
		{"peek t -b 127.0.0.1:1 --where @part==1", exitUsage, []string{"@part is not @key, @header.NAME"}},
	} {
		c.check(t)
	}
}

// A filter that lets nothing through is no failure, unless nothing could have
// been used without it either.
func TestWhereNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		payloads []string
		want     int
	}{
		"all are filtered":               {[]string{`{"v":1}`, `{"v":2}`}, exitDone},
		"one is a reject":                {[]string{`{"v":1}`, ``, `{"v":2}`}, exitDone},
		"the value is never a number":    {[]string{`{"v":"a"}`, ``, `{"v":"b"}`}, exitFailed},
		"of those asked for it is never": {[]string{`{"v":"a","site":"north"}`, `{"v":1}`, `{"v":"b","site":"north"}`}, exitDone},
		"nobody has one":                 {[]string{`{"v":"a","site":"north"}`, `{"v":"c"}`, `{"v":"b","site":"north"}`}, exitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var in strings.Builder
			for i, payload := range c.payloads {
				line, err := json.Marshal(map[string]any{"topic": "t", "partition": 0, "offset": i, "ts": 100_000 + i, "key": "k", "payload": payload})
				if err != nil {
					t.Fatal(err)
				}
				in.Write(append(line, '\n'))
			}
			input := filepath.Join(t.TempDir(), "in")
			if err := os.WriteFile(input, []byte(in.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			got := oriel(t, "replay", "--input", input, "--value", "v", "-m", "none", "--where", `site == "north"`)
			if got.code != c.want {
				t.Errorf("exit code %d, want %d: %s", got.code, c.want, got.stderr)
			}
		})
	}
}
