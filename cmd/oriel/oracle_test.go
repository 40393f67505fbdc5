package main

import (
	"math"
	"math/big"
	"slices"
	"strings"
)

// The oracle is windows by definition: it stores every record and recomputes
// each window from all of them. It shares nothing with the product.

// fed is one record of a feed.
type fed struct {
	partition int
	offset    int64
	time      int64
	key       *string // nil for a null key
	value     float64
	broken    bool // the value cannot be read; the time can
	future    bool
}

// rule is what the oracle needs to know of a command line.
type rule struct {
	size, hop, origin, outOfOrderness int64
	partitions                        int
	fromBeginning, short              []bool
}

// expected is the core of one line.
type expected struct {
	start, end  int64
	key         *string
	count       int64
	sum, mean   float64
	min, max    float64
	stddev      float64
	first, last float64
	offsets     [][3]int64 // partition, first, last
	closedBy    string
	incomplete  string
}

// timeline is what one partition's records say of time: for every record the
// partition's watermark when it was read, and the last of them.
type timeline struct {
	at    []int64
	last  int64
	first int64
	spoke bool
}

func timelines(r rule, feed []fed) []timeline {
	lines := make([]timeline, r.partitions)
	for i := range lines {
		lines[i].last = math.MinInt64
	}
	for _, x := range feed {
		l := &lines[x.partition]
		if !x.future {
			if !l.spoke {
				l.first, l.spoke = x.time, true
			}
			l.last = max(l.last, x.time-r.outOfOrderness)
		}
		l.at = append(l.at, l.last)
	}
	return lines
}

// oracle returns the lines of a bounded run in order, and how many records
// were wholly and partly late. feed is in offset order within each partition.
func oracle(r rule, feed []fed) (lines []expected, late, partly int) {
	time := timelines(r, feed)
	seen := make([]int, r.partitions)
	type id struct {
		start int64
		key   string
		null  bool
	}
	content := map[id][]fed{}
	for _, x := range feed {
		w := time[x.partition].at[seen[x.partition]]
		seen[x.partition]++
		if x.broken || x.future {
			continue
		}
		lost, of := 0, 0
		for _, start := range startsOf(r, x.time) {
			of++
			if start+r.size <= w {
				lost++
				continue
			}
			k := id{start: start, null: x.key == nil}
			if x.key != nil {
				k.key = *x.key
			}
			content[k] = append(content[k], x)
		}
		switch {
		case lost == of:
			late++
		case lost > 0:
			partly++
		}
	}
	for k, records := range content {
		e := summarise(records)
		e.start, e.end = k.start, k.start+r.size
		if !k.null {
			e.key = &k.key
		}
		e.closedBy, e.incomplete = closing(r, time, e.start, e.end)
		lines = append(lines, e)
	}
	slices.SortFunc(lines, order)
	return lines, late, partly
}

// startsOf tries every window that could contain t.
func startsOf(r rule, t int64) []int64 {
	var starts []int64
	for k := (t-r.origin)/r.hop + 2; ; k-- {
		start := r.origin + k*r.hop
		if start+r.size <= t {
			return starts
		}
		if start <= t {
			starts = append(starts, start)
		}
	}
}

func order(a, b expected) int {
	switch {
	case a.end != b.end:
		return int(max(-1, min(1, a.end-b.end)))
	case a.key == nil && b.key == nil:
		return 0
	case a.key == nil:
		return -1
	case b.key == nil:
		return 1
	default:
		return strings.Compare(*a.key, *b.key)
	}
}

func closing(r rule, time []timeline, start, end int64) (by, incomplete string) {
	reached, cut, early := false, false, false
	for i, l := range time {
		if l.spoke && l.last >= end {
			reached = true
		} else if r.short[i] {
			cut = true
		}
		if !r.fromBeginning[i] && l.spoke && start <= l.first+r.outOfOrderness {
			early = true
		}
	}
	by = "watermark"
	if !reached {
		by, cut = "end_of_input", true
	}
	switch {
	case early && cut:
		incomplete = "both"
	case early:
		incomplete = "start"
	case cut:
		incomplete = "end"
	}
	return by, incomplete
}

// summarise computes the aggregates in arbitrary precision.
func summarise(records []fed) expected {
	e := expected{count: int64(len(records)), min: math.Inf(1), max: math.Inf(-1)}
	const precision = 300
	sum := new(big.Float).SetPrec(precision)
	for _, x := range records {
		sum.Add(sum, big.NewFloat(x.value))
		e.min, e.max = math.Min(e.min, x.value), math.Max(e.max, x.value)
	}
	mean := new(big.Float).SetPrec(precision).Quo(sum, big.NewFloat(float64(len(records))))
	squares := new(big.Float).SetPrec(precision)
	for _, x := range records {
		d := new(big.Float).SetPrec(precision).Sub(big.NewFloat(x.value), mean)
		squares.Add(squares, d.Mul(d, d))
	}
	e.sum, _ = sum.Float64()
	e.mean, _ = mean.Float64()
	e.stddev = math.NaN()
	if len(records) > 1 {
		variance, _ := squares.Quo(squares, big.NewFloat(float64(len(records)-1))).Float64()
		e.stddev = math.Sqrt(variance)
	}
	byTime := slices.Clone(records)
	slices.SortStableFunc(byTime, func(a, b fed) int {
		for _, d := range []int64{a.time - b.time, int64(a.partition - b.partition), a.offset - b.offset} {
			if d != 0 {
				return int(max(-1, min(1, d)))
			}
		}
		return 0
	})
	e.first, e.last = byTime[0].value, byTime[len(byTime)-1].value
	e.offsets = offsetRanges(records)
	return e
}

func offsetRanges(records []fed) [][3]int64 {
	var ranges [][3]int64
	for p := range int64(16) {
		first, last := int64(math.MaxInt64), int64(-1)
		for _, x := range records {
			if int64(x.partition) == p {
				first, last = min(first, x.offset), max(last, x.offset)
			}
		}
		if last >= 0 {
			ranges = append(ranges, [3]int64{p, first, last})
		}
	}
	return ranges
}
