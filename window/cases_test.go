package window

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// readCases reads a file of one JSON object a line; a field that the type does
// not know is an error, so no part of a case goes unread.
func readCases[T any](t *testing.T, path string) []T {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var cases []T
	for i, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		var c T
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&c); err != nil {
			t.Fatalf("%s:%d: %v", path, i+1, err)
		}
		cases = append(cases, c)
	}
	return cases
}

// partitionsCase is a line of partitions.jsonl: logs of several partitions and
// what every interleaving of them must give.
type partitionsCase struct {
	ID, Kind string
	Spec     struct {
		Size        Duration `json:"size_ms"`
		Hop         Duration `json:"hop_ms"`
		Origin      Duration `json:"origin_ms"`
		Disorder    Duration `json:"out_of_orderness_ms"`
		AllowedLate Duration `json:"allowed_lateness_ms"`
	}
	Partitions [][]struct {
		TS  Time
		Key string
		V   float64
	}
	Expect struct {
		Windows []expectedWindow
		Late    [][4]int // partition, offset, windows lost, windows of
	}
	// GlobalRuleDiffers says that judging by the minimum over partitions would
	// give another result for some interleaving.
	GlobalRuleDiffers bool `json:"global_rule_differs"`
}

type expectedWindow struct {
	Key        string
	Start, End Time
	OnTime     [][2]int `json:"on_time"`
	Final      [][2]int
	ClosedBy   string `json:"closed_by"`
}

func TestPartitionCases(t *testing.T) {
	cases := readCases[partitionsCase](t, "testdata/partitions.jsonl")
	if len(cases) != 80 {
		t.Fatalf("%d cases, want 80", len(cases))
	}
	for _, c := range cases {
		for _, emit := range []Emit{EmitOnTime, EmitFinal} {
			t.Run(c.ID+" "+emit.String(), func(t *testing.T) { c.run(t, emit) })
		}
	}
}

func (c *partitionsCase) run(t *testing.T, emit Emit) {
	logs, members := c.logs()
	cfg := PartitionConfig{
		Specs:           []Spec{{Size: c.Spec.Size, Hop: c.Spec.Hop, Origin: c.Spec.Origin}},
		Series:          members.series(),
		OutOfOrderness:  c.Spec.Disorder,
		AllowedLateness: c.Spec.AllowedLate,
		Emit:            emit,
	}
	want := c.lines(emit)
	rng := rand.New(rand.NewPCG(3, 4))
	orders := []schedule{sequential(logs), reversed(logs), roundRobin(logs)}
	for range 20 {
		orders = append(orders, shuffled(logs, rng))
	}
	for i, order := range orders {
		r := replay(t, cfg, logs, order, rng, rng.Float64())
		got := members.lines(t, r.panes)
		if !slices.Equal(got, want) {
			t.Fatalf("interleaving %d: windows\n%s\nwant\n%s", i, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if got := lateRecords(r.verdicts); !slices.Equal(got, c.Expect.Late) {
			t.Fatalf("interleaving %d: late [partition, offset, lost, of] %v, want %v", i, got, c.Expect.Late)
		}
	}
}

// logs turns the case into logs; every record also carries the values from
// which members tells it apart.
func (c *partitionsCase) logs() ([]partitionLog, membership) {
	var m membership
	for part, records := range c.Partitions {
		for offset := range records {
			m = append(m, [2]int{part, offset})
		}
	}
	logs := make([]partitionLog, len(c.Partitions))
	n := 0
	for part, records := range c.Partitions {
		l := &logs[part]
		l.id, l.fromBeginning = PartitionID{Topic: "t", Partition: int32(part)}, true
		for offset, r := range records {
			l.records = append(l.records, logged{
				part: int32(part),
				key:  []byte(r.Key), time: r.TS, values: m.values(n),
				at: Place{Offset: int64(offset)},
			})
			n++
		}
	}
	return logs, m
}

// lines are the lines that the case's windows give, in order: the on-time
// contents, and the final ones that differ from them; or the final ones alone.
func (c *partitionsCase) lines(emit Emit) []string {
	type line struct {
		due Time
		expectedWindow
		text string
	}
	var list []line
	add := func(w expectedWindow, due Time, revision, late int, in [][2]int) {
		text := fmt.Sprintf("%s [%d, %d) %s revision %d late %d %v", w.Key, w.Start, w.End, w.ClosedBy, revision, late, in)
		list = append(list, line{due, w, text})
	}
	for _, w := range c.Expect.Windows {
		late, revision := len(w.Final)-len(w.OnTime), 0
		if emit == EmitOnTime && len(w.OnTime) > 0 {
			add(w, w.End, 0, 0, w.OnTime)
			revision++
		}
		if emit == EmitFinal || late > 0 {
			add(w, w.End.Add(c.Spec.AllowedLate), revision, late, w.Final)
		}
	}
	slices.SortFunc(list, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(a.End, b.End), cmp.Compare(a.Start, b.Start), cmp.Compare(a.Key, b.Key))
	})
	var lines []string
	for _, l := range list {
		lines = append(lines, l.text)
	}
	return lines
}

func lateRecords(verdicts [][]Verdict) [][4]int {
	var late [][4]int
	for part, list := range verdicts {
		for offset, v := range list {
			if v.Lost > 0 {
				late = append(late, [4]int{part, offset, v.Lost, v.Of})
			}
		}
	}
	return late
}

// membership names records [partition, offset] so that a window's sums tell
// which of them are in it: record n has the value 2^(n mod 50) in series
// n/50 and 0 in the others. Such sums are exact and have one reading.
type membership [][2]int

const perSeries = 50

func (m membership) series() []string {
	names := make([]string, 1+(len(m)-1)/perSeries)
	for i := range names {
		names[i] = fmt.Sprint("members", i)
	}
	return names
}

func (m membership) values(n int) []float64 {
	v := make([]float64, len(m.series()))
	v[n/perSeries] = float64(int64(1) << (n % perSeries))
	return v
}

// members reads the sums of one window, in the order of m.series.
func (m membership) members(sums []float64) [][2]int {
	var in [][2]int
	for i, sum := range sums {
		bits, _ := new(big.Float).SetFloat64(sum).Int(nil)
		for b := range bits.BitLen() {
			if bits.Bit(b) == 1 {
				in = append(in, m[i*perSeries+b])
			}
		}
	}
	return in
}

// lines describes the panes as the cases are described, and checks that each
// counts what its sums say.
func (m membership) lines(t *testing.T, panes []*Pane) []string {
	t.Helper()
	var lines []string
	width := len(m.series())
	if len(panes)%width != 0 {
		t.Fatalf("%d panes of %d series", len(panes), width)
	}
	for i := 0; i < len(panes); i += width {
		p, sums := panes[i], make([]float64, 0, width)
		for _, o := range panes[i : i+width] {
			sums = append(sums, o.Sum())
		}
		in := m.members(sums)
		if int(p.Count) != len(in) {
			t.Fatalf("[%v, %v) counts %d records and sums up %v", p.Start, p.End, p.Count, in)
		}
		if !p.Hidden {
			lines = append(lines, fmt.Sprintf("%s [%d, %d) %v revision %d late %d %v", p.Key.Bytes, p.Start, p.End, p.ClosedBy, p.Revision, p.Late, in))
		}
	}
	return lines
}
