package window

import (
	"cmp"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// The oracle keeps every record and works each window out from the definition:
// no slices, no heap, no shares. It knows the whole of every log, so nothing it
// says can depend on an order of arrival.

// cell is one window of one topic, key and series.
type cell struct {
	spec   int
	span   Span
	topic  string
	key    Key
	series int // index, 0 where records are counted
}

// cellOf finds the cell of a pane. No two specs of a test have the same size
// and hop.
func cellOf(cfg PartitionConfig, p *Pane) cell {
	c := cell{span: p.Span, topic: p.Topic, key: p.Key}
	c.spec = slices.IndexFunc(cfg.Specs, func(s Spec) bool { return s.Size == p.Size && s.Hop == p.Hop })
	if !p.Counted {
		c.series = slices.Index(cfg.Series, p.Series)
	}
	return c
}

// contribution is one record that counts in a cell.
type contribution struct {
	part  int
	rec   *logged
	value float64
}

// spansOf lists the windows that contain t, by their definition.
func spansOf(s Spec, t Time) []Span {
	behind := (int64(t) - int64(s.Origin)) % int64(s.Hop)
	if behind < 0 {
		behind += int64(s.Hop)
	}
	var spans []Span
	for start := int64(t) - behind; start > int64(t)-int64(s.Size); start -= int64(s.Hop) {
		spans = append(spans, Span{Start: Time(start), End: Time(start + int64(s.Size))})
	}
	return spans
}

// contents are the records that count in a cell: those read before the
// watermark of their partition reached the window's end, and those read before
// it reached the end and the allowed lateness.
type contents struct {
	onTime, final []contribution
	// empty says that a pane without records comes out on time.
	empty bool
}

// judged is what the oracle keeps of a record that was accepted: its key
// holds room until the last of its windows is final.
type judged struct {
	key     Key
	lastEnd Time
}

// oracle returns the contents of every cell and the verdict on every record.
// told, if not nil, has for each record the watermark that its partition had
// been told while idle.
func oracle(cfg PartitionConfig, logs []partitionLog, told [][]Time) (map[cell]*contents, [][]Verdict) {
	cells := make(map[cell]*contents)
	verdicts := make([][]Verdict, len(logs))
	for part, l := range logs {
		newest := MinTime
		var accepted []judged
		for i := range l.records {
			rec := &l.records[i]
			newest = max(newest, rec.time)
			own := newest - Time(cfg.OutOfOrderness)
			w := own
			if told != nil {
				w = max(w, told[part][i])
			}
			v, lastEnd := verdictOf(cfg, rec.time, w, own)
			key := Key{Bytes: string(rec.key), Null: rec.key == nil}
			switch usable := len(cfg.Series) == 0 || slices.ContainsFunc(rec.values, func(x float64) bool { return !math.IsNaN(x) }); {
			case v.Lost == v.Of || !usable:
			case oneTooMany(cfg, accepted, key, w):
				v = Verdict{Lost: v.Of, Of: v.Of, KeyLimit: true}
			default:
				accepted = append(accepted, judged{key, lastEnd})
				count(cfg, cells, w, cell{topic: l.id.Topic, key: key}, contribution{part: part, rec: rec})
			}
			verdicts[part] = append(verdicts[part], v)
		}
	}
	return cells, verdicts
}

// isFinal says whether a window with this end accepts no more records.
func (c PartitionConfig) isFinal(end, w Time) bool {
	return w != MinTime && w-end >= Time(c.AllowedLateness)
}

// verdictOf judges a record by the watermark w of its partition, which would be
// own by its records alone, and finds the end of the last window that it
// counts in.
func verdictOf(cfg PartitionConfig, t, w, own Time) (Verdict, Time) {
	v, lastEnd, lostByOwn := Verdict{}, MinTime, 0
	for _, s := range cfg.Specs {
		for _, span := range spansOf(s, t) {
			v.Of++
			if cfg.isFinal(span.End, own) {
				lostByOwn++
			}
			switch {
			case cfg.isFinal(span.End, w):
				v.Lost++
				continue
			case span.End <= w:
				v.Late++
			}
			lastEnd = max(lastEnd, span.End)
		}
	}
	v.AfterIdle = lostByOwn < v.Lost
	return v, lastEnd
}

// oneTooMany says whether a record of key comes when as many others as there
// may be have records in windows that are not final.
func oneTooMany(cfg PartitionConfig, accepted []judged, key Key, w Time) bool {
	open := make(map[Key]bool)
	for _, r := range accepted {
		if !cfg.isFinal(r.lastEnd, w) {
			open[r.key] = true
		}
	}
	return cfg.MaxKeys > 0 && !open[key] && len(open) >= cfg.MaxKeys
}

// count puts a record into the cells of its windows.
func count(cfg PartitionConfig, cells map[cell]*contents, w Time, c cell, in contribution) {
	into := func() {
		content := cells[c]
		if content == nil {
			content = new(contents)
			cells[c] = content
		}
		content.final = append(content.final, in)
		if c.span.End > w {
			content.onTime = append(content.onTime, in)
		}
	}
	for spec, s := range cfg.Specs {
		for _, span := range spansOf(s, in.rec.time) {
			if cfg.isFinal(span.End, w) {
				continue
			}
			c.spec, c.span, c.series = spec, span, 0
			if len(cfg.Series) == 0 {
				into()
			}
			for k, x := range in.rec.values {
				if c.series, in.value = k, x; !math.IsNaN(x) {
					into()
				}
			}
		}
	}
}

// closing works out closed_by and incomplete from the whole logs.
func closing(cfg PartitionConfig, logs []partitionLog, w Span) (ClosedBy, Incomplete) {
	by, incomplete := ByEndOfInput, Complete
	for _, l := range logs {
		reached := slices.ContainsFunc(l.records, func(r logged) bool { return r.time-Time(cfg.OutOfOrderness) >= w.End })
		if reached {
			by = ByWatermark
		}
		if l.short && !reached {
			incomplete |= IncompleteEnd
		}
		if (!l.fromBeginning || l.lostStart) && (len(l.records) == 0 || w.Start <= l.records[0].time+Time(cfg.OutOfOrderness)) {
			incomplete |= IncompleteStart
		}
	}
	if by == ByEndOfInput {
		incomplete |= IncompleteEnd
	}
	return by, incomplete
}

// checkPanes compares the panes of a bounded run with what the definition
// expects, one by one and in order.
func checkPanes(t *testing.T, cfg PartitionConfig, logs []partitionLog, panes []*Pane, cells map[cell]*contents) {
	t.Helper()
	byInput := func(w Span) bool {
		by, _ := closing(cfg, logs, w)
		return by == ByEndOfInput
	}
	addEmpty(cfg, cells, byInput)
	checkFirings(t, cfg, panes, cells)
	for _, p := range panes {
		by, incomplete := closing(cfg, logs, p.Span)
		if p.ClosedBy != by || p.Incomplete != incomplete {
			t.Fatalf("%v %v: closed by %v, incomplete %q; want %v, %q", p.Key, p.Span, p.ClosedBy, p.Incomplete, by, incomplete)
		}
	}
}

// checkContent compares the aggregate, the lag and the offsets of a pane with
// the records that count in it.
func checkContent(t *testing.T, p *Pane, want []contribution) {
	t.Helper()
	if len(want) == 0 {
		if p.Aggregate != (Aggregate{}) || len(p.Offsets) > 0 {
			t.Fatalf("%v %v: %+v from %v, want nothing", p.Key, p.Span, p.Aggregate, p.Offsets)
		}
		return
	}
	e := exactly(want)
	if p.Count != int64(len(want)) || p.Min != e.min || p.Max != e.max || p.First != e.first.Sample || p.Last != e.last.Sample {
		t.Fatalf("%v %v: count %d min %v max %v first %+v last %+v, want %d %v %v %+v %+v", p.Key, p.Span,
			p.Count, p.Min, p.Max, p.First, p.Last, len(want), e.min, e.max, e.first, e.last)
	}
	if d := math.Abs(p.Sum() - e.sum); d > e.sumTolerance() {
		t.Fatalf("%v %v: sum %v, want %v within %v", p.Key, p.Span, p.Sum(), e.sum, e.sumTolerance())
	}
	if d := math.Abs(p.Mean() - e.sum/e.n); d > 2*e.sumTolerance()/e.n {
		t.Fatalf("%v %v: mean %v, want %v", p.Key, p.Span, p.Mean(), e.sum/e.n)
	}
	switch sd := p.Stddev(); {
	case len(want) < 2:
		if !math.IsNaN(sd) {
			t.Fatalf("%v %v: the stddev of one value is %v", p.Key, p.Span, sd)
		}
	case !(math.Abs(sd-e.stddev) <= e.stddevTolerance()):
		t.Fatalf("%v %v: stddev %v, want %v within %v", p.Key, p.Span, sd, e.stddev, e.stddevTolerance())
	}
	var lag Lag
	ranges := make(map[int32]OffsetRange)
	for _, c := range want {
		lag.Clock |= c.rec.at.Clock
		if c.rec.at.HasLag {
			d := c.rec.at.Lag
			if lag.Count == 0 {
				lag.Min, lag.Max = d, d
			}
			lag = Lag{Count: lag.Count + 1, Min: min(lag.Min, d), Max: max(lag.Max, d), Sum: lag.Sum + d, Clock: lag.Clock}
		}
		o, seen := ranges[c.rec.part]
		if !seen {
			o = OffsetRange{Partition: c.rec.part, First: c.rec.at.Offset, Last: c.rec.at.Offset}
		}
		o.First, o.Last = min(o.First, c.rec.at.Offset), max(o.Last, c.rec.at.Offset)
		ranges[o.Partition] = o
	}
	if p.Lag != lag {
		t.Fatalf("%v %v: lag %+v, want %+v", p.Key, p.Span, p.Lag, lag)
	}
	var offsets []OffsetRange
	for _, o := range ranges {
		offsets = append(offsets, o)
	}
	slices.SortFunc(offsets, func(a, b OffsetRange) int { return cmp.Compare(a.Partition, b.Partition) })
	if !slices.Equal(p.Offsets, offsets) {
		t.Fatalf("%v %v: offsets %v, want %v", p.Key, p.Span, p.Offsets, offsets)
	}
}

// checkSteps compares the steps of a pane with the records in each. Panes that
// nothing is forecast from have none.
func checkSteps(t *testing.T, p *Pane, step Duration, want []contribution) {
	t.Helper()
	n := 0
	if step > 0 && p.Firing == FiredOnTime && len(want) > 0 {
		n = int(p.Size / step)
	}
	if p.Step != step || len(p.Steps) != n {
		t.Fatalf("%v: %d steps of %v, want %d of %v", p.Span, len(p.Steps), p.Step, n, step)
	}
	for i := range p.Steps {
		from := p.Start + Time(i)*Time(step)
		var in []contribution
		for _, c := range want {
			if c.rec.time >= from && c.rec.time < from+Time(step) {
				in = append(in, c)
			}
		}
		s := &p.Steps[i]
		if s.Count != int64(len(in)) {
			t.Fatalf("%v: step %d has %d records, want %d", p.Span, i, s.Count, len(in))
		}
		if len(in) == 0 {
			continue
		}
		e := exactly(in)
		if s.Max != e.max || s.Last != e.last.Sample || math.Abs(s.Sum()-e.sum) > e.sumTolerance() || math.Abs(s.Mean()-e.sum/e.n) > 2*e.sumTolerance()/e.n {
			t.Fatalf("%v: step %d is %+v, want %+v", p.Span, i, s, e)
		}
	}
}

// exact is what a content's numbers are in arithmetic without rounding,
// rounded once at the end.
type exact struct {
	n, sum, abs, stddev, mean, min, max float64
	first, last                         placed
}

func exactly(content []contribution) exact {
	e := exact{n: float64(len(content)), min: math.Inf(1), max: math.Inf(-1)}
	number := func(x float64) *big.Float { return new(big.Float).SetPrec(500).SetFloat64(x) }
	sum, abs := number(0), number(0)
	for i, c := range content {
		sum.Add(sum, number(c.value))
		abs.Add(abs, number(math.Abs(c.value)))
		e.min, e.max = min(e.min, c.value), max(e.max, c.value)
		s := placed{c.rec.part, Sample{Time: c.rec.time, Offset: c.rec.at.Offset, Value: c.value}}
		if i == 0 || compareSamples(s, e.first) < 0 {
			e.first = s
		}
		if i == 0 || compareSamples(s, e.last) > 0 {
			e.last = s
		}
	}
	mean := number(0).Quo(sum, number(e.n))
	squares := number(0)
	for _, c := range content {
		d := number(0).Sub(number(c.value), mean)
		squares.Add(squares, d.Mul(d, d))
	}
	e.sum, _ = sum.Float64()
	e.abs, _ = abs.Float64()
	e.mean, _ = mean.Float64()
	if e.n > 1 {
		e.stddev, _ = squares.Quo(squares, number(e.n-1)).Sqrt(squares).Float64()
	}
	return e
}

// placed is a sample with its partition.
type placed struct {
	part int32
	Sample
}

func compareSamples(a, b placed) int {
	return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.part, b.part), cmp.Compare(a.Offset, b.Offset))
}

// sumTolerance is one unit in the last place of the sum for the final
// addition, and Neumaier's second-order term: the compensations are added
// without compensation, n times, and each is at most an ulp of the running sum
// of magnitudes.
func (e exact) sumTolerance() float64 {
	const u = 0x1p-52
	return u*math.Abs(e.sum) + e.n*e.n*u*u*e.abs
}

// stddevTolerance is the bound of Chan, Golub and LeVeque for updating and
// pairwise merging: n ulps of the deviation times the condition number, which
// is the root of 1 + mean^2/variance.
func (e exact) stddevTolerance() float64 {
	const u = 0x1p-52
	return 4 * e.n * u * math.Hypot(e.stddev, e.mean)
}

// checkAgainstOracle runs logs under many interleavings and compares all of
// them with the oracle, and with each other to the last bit.
func checkAgainstOracle(t *testing.T, cfg PartitionConfig, logs []partitionLog, rng *rand.Rand, random int) {
	t.Helper()
	cells, verdicts := oracle(cfg, logs, nil)
	orders := []schedule{sequential(logs), reversed(logs), roundRobin(logs)}
	for range random {
		orders = append(orders, shuffled(logs, rng))
	}
	var first []*Pane
	for i, order := range orders {
		r := replay(t, cfg, logs, order, rng, rng.Float64())
		for part := range logs {
			if !slices.Equal(r.verdicts[part], verdicts[part]) {
				t.Fatalf("partition %d: verdicts %+v, want %+v", part, r.verdicts[part], verdicts[part])
			}
		}
		panes := r.panes
		if i == 0 || cfg.Emit == EmitUpdates {
			checkPanes(t, cfg, logs, panes, cells)
		}
		if cfg.Emit == EmitUpdates {
			// What comes between depends on the interleaving.
			panes = slices.DeleteFunc(panes, func(p *Pane) bool { return p.Firing != FiredOnTime })
		}
		if i == 0 {
			first = panes
			continue
		}
		if len(panes) != len(first) {
			t.Fatalf("interleaving %d gives %d panes, the first %d", i, len(panes), len(first))
		}
		for k, p := range panes {
			if packed(p) != packed(first[k]) {
				t.Fatalf("interleaving %d gives pane %+v, the first %+v", i, p, first[k])
			}
		}
	}
}

// pick returns one of the choices.
func pick[T any](rng *rand.Rand, choices ...T) T { return choices[rng.IntN(len(choices))] }

// below returns a number from 0 up to, but not, n.
func below[D ~int64](rng *rand.Rand, n D) D { return D(rng.Int64N(int64(n))) }

// randomSpecs draws windows whose size, hop, origin and step share a unit or
// have nothing in common.
func randomSpecs(rng *rand.Rand, unit Duration, n int) []Spec {
	var specs []Spec
	for len(specs) < n {
		size := unit * pick[Duration](rng, 1, 2, 3, 7, 10, 12, 25, 60)
		if rng.IntN(6) == 0 {
			size++ // co-prime with most hops
		}
		hop := pick(rng, size, size, (size+1)/2, (size+2)/3, max(1, size/7), max(1, size/10), max(1, size-1), 1+below(rng, size))
		hop = max(hop, size/40)
		s := Spec{
			Size: size, Hop: hop,
			Origin: pick(rng, 0, 0, 1, -1, hop/2, -hop*3-1, size*100+7, -below(rng, size*9)),
		}
		if hop < 1 || slices.ContainsFunc(specs, func(o Spec) bool { return o.Size == s.Size && o.Hop == s.Hop }) {
			continue
		}
		divisor := pick[Duration](rng, 0, 1, 2, 5, 10, 60)
		if divisor > 0 && size%divisor == 0 {
			s.Step = size / divisor
		}
		if s.Step == 0 && rng.IntN(4) == 0 {
			s.Step = DefaultStep(size, hop)
		}
		if s.Step > 0 && size/s.Step > 60 {
			s.Step = 0
		}
		specs = append(specs, s)
	}
	return specs
}

// randomValue draws easy numbers, and some that lose digits when added.
func randomValue(rng *rand.Rand) float64 {
	switch rng.IntN(8) {
	case 0:
		return math.NaN()
	case 1:
		return pick(rng, 1e16, -1e16, 1, -1, 1e-8, 0)
	case 2:
		return 1e9 + rng.Float64()
	case 3:
		return float64(rng.IntN(5))
	default:
		return rng.NormFloat64() * math.Pow(10, float64(rng.IntN(9)-4))
	}
}

// randomLog draws one partition: event times that rise in steps about the
// length of unit, fall back within and far beyond the bound, stand still, and
// now and then leap.
func randomLog(rng *rand.Rand, cfg PartitionConfig, start Time, unit Duration, records, disorder int) partitionLog {
	l := partitionLog{fromBeginning: rng.IntN(3) > 0, lostStart: rng.IntN(5) == 0, short: rng.IntN(4) == 0}
	keys := [][]byte{nil, {}, []byte("a"), []byte("b"), []byte("\xff\x00")}[:1+rng.IntN(5)]
	now, offset := start, int64(rng.IntN(1000))
	for range records {
		now += Time(below(rng, unit*2+1))
		if rng.IntN(40) == 0 {
			now += Time(unit) * Time(rng.IntN(1000)) * 1000
		}
		at := now
		if rng.IntN(256) < disorder {
			at -= Time(below(rng, cfg.OutOfOrderness*pick[Duration](rng, 1, 1, 4)+unit*10+1))
		}
		rec := logged{key: pick(rng, keys...), time: min(max(at, MinEventTime), MaxEventTime)}
		rec.at = Place{Offset: offset, Lag: Duration(rng.IntN(500)), HasLag: rng.IntN(3) > 0, Clock: pick(rng, ClockAppend, ClockCreate)}
		for range cfg.Series {
			rec.values = append(rec.values, randomValue(rng))
		}
		l.records = append(l.records, rec)
		offset += 1 + int64(rng.IntN(3)) // compacted offsets are missing
	}
	return l
}

// randomRun draws a configuration and logs.
func randomRun(rng *rand.Rand, partitions, records, disorder int) (PartitionConfig, []partitionLog) {
	unit := pick[Duration](rng, 1, 1, 10, 1000)
	cfg := PartitionConfig{
		Specs:          randomSpecs(rng, unit, 1+rng.IntN(3)),
		Series:         pick(rng, nil, []string{"v"}, []string{"temp", "hum"}),
		OutOfOrderness: unit * pick[Duration](rng, 0, 1, 3, 20, 1000),
		AllowedLateness: pick(rng, 0, 0, 0, 0, 1, unit, unit*3, unit*20, unit*150, unit*5000,
			1<<40, math.MaxInt64-below[Duration](rng, 1<<48), math.MaxInt64),
		Emit:    pick(rng, EmitOnTime, EmitOnTime, EmitFinal, EmitUpdates),
		Empty:   rng.IntN(4) == 0,
		History: pick(rng, 0, 1, 2, 3, 30),
		MaxKeys: pick(rng, 0, 0, 0, 0, 1, 2, 3),
	}
	start := pick(rng, 0, -5000, 1795327200000, MinEventTime, MaxEventTime-Time(unit)*30, MaxEventTime-Time(rng.IntN(100_000)))
	var logs []partitionLog
	for i := range partitions {
		l := randomLog(rng, cfg, start+Time(below(rng, unit*20+1)), unit, rng.IntN(records+1), disorder)
		l.id = PartitionID{Topic: pick(rng, "a", "a", "a", "b"), Partition: int32(i)}
		for k := range l.records {
			l.records[k].part = l.id.Partition
		}
		logs = append(logs, l)
	}
	rng.Shuffle(len(logs), func(i, j int) { logs[i], logs[j] = logs[j], logs[i] })
	return cfg, logs
}

// FuzzAgainstOracle compares random runs with the definition.
func FuzzAgainstOracle(f *testing.F) {
	for seed := range uint64(320) {
		f.Add(seed, uint8(seed), uint8(seed*7), uint8(seed*37))
	}
	f.Fuzz(func(t *testing.T, seed uint64, partitions, records, disorder uint8) {
		rng := rand.New(rand.NewPCG(seed, 1))
		cfg, logs := randomRun(rng, 1+int(partitions%4), int(records%64), int(disorder))
		checkAgainstOracle(t, cfg, logs, rng, 3)
	})
}

// TestTwentyInterleavings looks harder at a few runs.
func TestTwentyInterleavings(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 2))
			cfg, logs := randomRun(rng, 4, 63, 100)
			checkAgainstOracle(t, cfg, logs, rng, 20)
		})
	}
}

// denseRun draws a run whose windows overlap much and hold a record in nearly
// every slice, so that what they have in common is kept from one to the next,
// and whose late records change some of it.
func denseRun(rng *rand.Rand, records int) (PartitionConfig, []partitionLog) {
	size := pick[Duration](rng, 40, 60, 100, 128)
	cfg := PartitionConfig{
		Specs:           []Spec{{Size: size, Hop: pick[Duration](rng, 1, 2, 5), Origin: below(rng, size) - size/2, Step: pick(rng, 0, 0, size/20, size/10, size/4, size)}},
		Series:          pick(rng, nil, []string{"v"}),
		OutOfOrderness:  below[Duration](rng, 10),
		AllowedLateness: pick(rng, 0, 1+below(rng, size), size*2, size*10),
		Emit:            pick(rng, EmitOnTime, EmitFinal, EmitUpdates),
	}
	if s := &cfg.Specs[0]; s.Step > 0 && s.Size%s.Step != 0 {
		s.Step = 1
	}
	var logs []partitionLog
	for part := range 2 {
		l := partitionLog{id: PartitionID{Topic: "t", Partition: int32(part)}, fromBeginning: true}
		now := Time(rng.IntN(200) - 400)
		for offset := range records {
			now += Time(rng.IntN(3))
			rec := logged{part: int32(part), key: []byte("k"), time: now, at: Place{Offset: int64(offset)}}
			if rng.IntN(8) == 0 {
				rec.time -= Time(rng.IntN(int(size)))
			}
			for range cfg.Series {
				rec.values = append(rec.values, randomValue(rng))
			}
			l.records = append(l.records, rec)
		}
		logs = append(logs, l)
	}
	return cfg, logs
}

// FuzzDenseWindows compares runs in which windows share what they are folded of
// with the definition.
func FuzzDenseWindows(f *testing.F) {
	const most = 80 // the oracle's time grows with the square
	for seed := range uint64(16) {
		f.Add(seed, uint8(most/2+seed*2))
	}
	f.Fuzz(func(t *testing.T, seed uint64, records uint8) {
		rng := rand.New(rand.NewPCG(seed, 3))
		cfg, logs := denseRun(rng, int(records)%most)
		checkAgainstOracle(t, cfg, logs, rng, 1)
	})
}
