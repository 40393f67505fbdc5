package main

import (
	"cmp"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"
)

// The oracle is windows by definition: it stores every record and recomputes
// each window from all of them. It shares nothing with the product.

// fed is one record of a feed.
type fed struct {
	part   int // index in rule.parts
	offset int64
	time   int64 // event time
	stamp  int64 // Kafka timestamp
	key    *string
	values []float64 // by series, NaN for one that cannot be read
}

// hopping is a --window.
type hopping struct{ size, hop int64 }

// place is a partition and what is read of it.
type place struct {
	topic                string
	partition            int
	fromBeginning, short bool
	// before is the Kafka time that no record before the range is past, as far as
	// it is told: lowest where none lies there, highest where nothing is known.
	before int64
}

const lowest, highest = math.MinInt64, math.MaxInt64

// rule is what the oracle needs to know of a command line and of its input.
type rule struct {
	specs                                       []hopping
	origin, outOfOrderness, lateness, maxFuture int64
	series                                      []string
	parts                                       []place
	emit                                        string
	empty                                       bool
	history                                     int64
	maxKeys                                     int // of all partitions together, 0 for many
	payloadTime, appended, processing           bool
}

// identity is what tells windows apart.
type identity struct {
	spec          hopping
	start         int64
	topic, series string
	key           string
	null          bool
}

func (id identity) end() int64 { return id.start + id.spec.size }

// content is what a window says of its records.
type content struct {
	count       int64
	sum, mean   float64
	min, max    float64
	stddev      float64
	first, last float64
	offsets     [][3]int64 // partition, first, last
}

// expected is one line.
type expected struct {
	identity
	content
	due, late            int64
	revision             int
	final                bool
	closedBy, incomplete string
}

// loss is a reject.
type loss struct {
	topic          string
	partition      int
	offset         int64
	reason, series string
	windows, of    int
}

// told is everything that a run says.
type told struct {
	lines                                 []expected
	losses                                []loss
	inTime, partly, allowed, partlyUsable int
	rejects                               map[string]int // by reason
}

// counted is a record in a window, by the time that put it there.
type counted struct {
	fed
	value  float64
	at     int64
	onTime bool
}

// timeline is what one partition's records said of time in the end.
type timeline struct {
	own, first int64
	spoke      bool
	// before is the Kafka time of the first record, if there is one.
	before int64
}

// oracle computes a bounded run. feed is in offset order within each partition.
func oracle(r rule, feed []fed) told {
	o := told{rejects: map[string]int{}}
	windows := map[identity][]counted{}
	var times []timeline
	for part := range r.parts {
		times = append(times, o.read(r, part, ofPart(feed, part), windows))
	}
	o.lines = linesOf(r, times, windows)
	return o
}

func ofPart(feed []fed, part int) []fed {
	return slices.DeleteFunc(slices.Clone(feed), func(x fed) bool { return x.part != part })
}

// read judges the records of one partition and puts them into windows.
func (o *told) read(r rule, part int, records []fed, windows map[identity][]counted) timeline {
	line := timeline{own: lowest, before: highest}
	if len(records) > 0 {
		line.before = records[0].stamp
	}
	until := map[string]int64{} // by when a key holds records no more
	for i, at := range r.timesOf(records) {
		x := records[i]
		if at.future {
			o.reject(r, x, "future", r.windowsOf(at.time), r.windowsOf(at.time))
			continue
		}
		if !line.spoke {
			line.first, line.spoke = at.time, true
		}
		line.own = max(line.own, at.time-r.bound())
		if o.unusable(r, x, r.windowsOf(at.time)) {
			continue
		}
		o.put(r, part, x, at.time, line.own, until, windows)
	}
	return line
}

// bound and allowed are the out-of-orderness and the allowed lateness, which
// processing time knows nothing of.
func (r rule) bound() int64 {
	if r.processing {
		return 0
	}
	return r.outOfOrderness
}

func (r rule) allowed() int64 {
	if r.processing {
		return 0
	}
	return r.lateness
}

// unusable lists the values that cannot be read, and reports whether none can.
func (o *told) unusable(r rule, x fed, of int) bool {
	var bad []string
	for i, v := range x.values {
		if math.IsNaN(v) {
			bad = append(bad, r.series[i])
		}
	}
	switch len(bad) {
	case 0:
		return false
	case len(x.values):
		o.reject(r, x, "not_a_number", of, of)
		return true
	}
	o.partlyUsable++
	for _, series := range bad {
		o.list(r, x, "not_a_number", series, of, of)
	}
	return false
}

func (o *told) reject(r rule, x fed, reason string, windows, of int) {
	o.rejects[reason]++
	o.list(r, x, reason, "", windows, of)
}

func (o *told) list(r rule, x fed, reason, series string, windows, of int) {
	p := r.parts[x.part]
	o.losses = append(o.losses, loss{p.topic, p.partition, x.offset, reason, series, windows, of})
}

// put puts one record into each of its windows that own, the watermark of its
// partition, has not made final.
func (o *told) put(r rule, part int, x fed, at, own int64, until map[string]int64, windows map[identity][]counted) {
	lost, late, of, holds := 0, 0, 0, int64(math.MinInt64)
	var in []identity
	id := identity{topic: r.parts[part].topic, null: x.key == nil}
	if x.key != nil {
		id.key = *x.key
	}
	for _, id.spec = range r.specs {
		for _, id.start = range startsOf(id.spec, r.origin, at) {
			of++
			switch {
			case id.end()+r.allowed() <= own:
				lost++
				continue
			case id.end() <= own:
				late++
			}
			in = append(in, id)
			holds = max(holds, id.end()+r.allowed())
		}
	}
	if lost < of && !r.admits(until, keyName(x.key), own) {
		o.reject(r, x, "key_limit", of, of)
		return
	}
	if late > 0 {
		o.allowed++
	}
	switch lost {
	case 0:
		o.inTime++
	case of:
		o.reject(r, x, "late", lost, of)
		return
	default:
		o.partly++
		o.list(r, x, "late", "", lost, of)
	}
	if end, ok := until[keyName(x.key)]; !ok || end < holds {
		until[keyName(x.key)] = holds
	}
	for _, id := range in {
		for i, v := range x.values {
			if id.series = r.series[i]; !math.IsNaN(v) {
				windows[id] = append(windows[id], counted{x, v, at, id.end() > own})
			}
		}
	}
}

// admits says whether a partition has a place for a key: those of keys all of
// whose windows are final are free.
func (r rule) admits(until map[string]int64, key string, own int64) bool {
	holding := 0
	for k, end := range until {
		if end > own {
			holding++
			if k == key {
				return true
			}
		}
	}
	return r.maxKeys == 0 || holding < max(1, r.maxKeys/len(r.parts))
}

func keyName(key *string) string {
	if key == nil {
		return "null"
	}
	return "key " + *key
}

func (r rule) windowsOf(t int64) (n int) {
	for _, s := range r.specs {
		n += len(startsOf(s, r.origin, t))
	}
	return n
}

// startsOf tries every window that could contain t.
func startsOf(s hopping, origin, t int64) []int64 {
	var starts []int64
	for k := (t-origin)/s.hop + 2; ; k-- {
		start := origin + k*s.hop
		if start+s.size <= t {
			return starts
		}
		if start <= t {
			starts = append(starts, start)
		}
	}
}

// linesOf returns the lines of all windows in their order.
func linesOf(r rule, times []timeline, windows map[identity][]counted) []expected {
	var lines []expected
	quiet := silent(r, times, windows)
	ids := maps.Clone(quiet)
	for id := range windows {
		ids[id] = true
	}
	for id := range ids {
		onTime := slices.DeleteFunc(slices.Clone(windows[id]), func(c counted) bool { return !c.onTime })
		lines = append(lines, firings(r, times, id, onTime, windows[id], quiet[id])...)
	}
	slices.SortFunc(lines, order)
	return lines
}

// firings are the lines of one window of one group. One that is silent comes out
// at its end though it has no records on time.
func firings(r rule, times []timeline, id identity, onTime, final []counted, silent bool) []expected {
	line := func(records []counted, due int64) expected {
		e := expected{identity: id, content: r.summarise(records), due: due}
		e.closedBy, e.incomplete = r.closing(times, id.start, id.end())
		return e
	}
	last := line(final, id.end()+r.allowed())
	last.final, last.late = true, int64(len(final)-len(onTime))
	if r.allowed() == 0 || r.emit == "final" || len(onTime) == 0 && !silent {
		return []expected{last}
	}
	lines := []expected{line(onTime, id.end())}
	if last.late > 0 {
		last.revision = 1
		lines = append(lines, last)
	}
	return lines
}

func order(a, b expected) int {
	null := func(e expected) int {
		if e.null {
			return 0
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(a.due, b.due), cmp.Compare(a.end(), b.end()), cmp.Compare(a.start, b.start), cmp.Compare(a.spec.hop, b.spec.hop),
		strings.Compare(a.topic, b.topic), null(a)-null(b), strings.Compare(a.key, b.key), strings.Compare(a.series, b.series),
		a.revision-b.revision)
}

// closing says what closed a window and where it may lack records.
func (r rule) closing(times []timeline, start, end int64) (by, incomplete string) {
	reached, cut, early := false, false, false
	for i, l := range times {
		if l.spoke && l.own >= end {
			reached = true
		} else if r.parts[i].short {
			cut = true
		}
		if !r.parts[i].fromBeginning && start <= r.mayLack(r.parts[i], l) {
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

// mayLack is the last start of a window that may lack records which lie before
// the range of a partition.
func (r rule) mayLack(p place, l timeline) int64 {
	if l.spoke {
		return l.first + r.bound()
	}
	bound := min(p.before, l.before)
	if bound == lowest || bound == highest {
		return bound
	}
	if r.payloadTime && !r.processing { // a record may count whose clock is ahead of Kafka's
		bound += r.maxFuture
	}
	return bound + r.bound()
}

// summarise computes the aggregates in arbitrary precision.
func (r rule) summarise(records []counted) content {
	if len(records) == 0 {
		return content{}
	}
	c := content{count: int64(len(records)), min: math.Inf(1), max: math.Inf(-1)}
	const precision = 300
	sum := new(big.Float).SetPrec(precision)
	for _, x := range records {
		sum.Add(sum, big.NewFloat(x.value))
		c.min, c.max = math.Min(c.min, x.value), math.Max(c.max, x.value)
	}
	mean := new(big.Float).SetPrec(precision).Quo(sum, big.NewFloat(float64(len(records))))
	squares := new(big.Float).SetPrec(precision)
	for _, x := range records {
		d := new(big.Float).SetPrec(precision).Sub(big.NewFloat(x.value), mean)
		squares.Add(squares, d.Mul(d, d))
	}
	c.sum, _ = sum.Float64()
	c.mean, _ = mean.Float64()
	c.stddev = math.NaN()
	if len(records) > 1 {
		variance, _ := squares.Quo(squares, big.NewFloat(float64(len(records)-1))).Float64()
		c.stddev = math.Sqrt(variance)
	}
	byTime := slices.Clone(records)
	slices.SortFunc(byTime, func(a, b counted) int {
		return cmp.Or(cmp.Compare(a.at, b.at), a.part-b.part, cmp.Compare(a.offset, b.offset))
	})
	c.first, c.last = byTime[0].value, byTime[len(byTime)-1].value
	c.offsets = r.offsetRanges(records)
	return c
}

func (r rule) offsetRanges(records []counted) [][3]int64 {
	var ranges [][3]int64
	for i, p := range r.parts {
		first, last := int64(math.MaxInt64), int64(-1)
		for _, x := range records {
			if x.part == i {
				first, last = min(first, x.offset), max(last, x.offset)
			}
		}
		if last >= 0 {
			ranges = append(ranges, [3]int64{int64(p.partition), first, last})
		}
	}
	return ranges
}
