package window

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// partitionLog is what a test reads of one partition.
type partitionLog struct {
	id                   PartitionID
	fromBeginning, short bool
	// lostStart says that the first records of one read from the beginning are
	// lost, and not in records.
	lostStart bool
	records   []logged
}

// logged is one record of a partitionLog.
type logged struct {
	part   int32
	key    []byte // nil for null
	time   Time
	at     Place
	values []float64
}

// schedule is an order in which partitions are read: an index for every record
// and one more for the end of each partition.
type schedule []int

func sequential(logs []partitionLog) schedule {
	var s schedule
	for i, l := range logs {
		s = append(s, slices.Repeat([]int{i}, len(l.records)+1)...)
	}
	return s
}

func reversed(logs []partitionLog) schedule {
	s := sequential(logs)
	slices.Reverse(s)
	return s
}

func roundRobin(logs []partitionLog) schedule {
	var s schedule
	for n, more := 0, true; more; n++ {
		more = false
		for i, l := range logs {
			if n <= len(l.records) {
				s, more = append(s, i), true
			}
		}
	}
	return s
}

func shuffled(logs []partitionLog, rng *rand.Rand) schedule {
	s := sequential(logs)
	rng.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
	return s
}

// rig runs logs through partitions and an assembler, as workers and an engine
// would, and checks what must hold at every moment.
type rig struct {
	t     testing.TB
	cfg   PartitionConfig
	logs  []partitionLog
	parts []*Partition
	asm   *Assembler
	read  []int // records read of each log

	// prompt says that what is due is reported now and then also where schedules
	// do not ask for it, and looked at.
	prompt bool

	panes    []*Pane
	last     *Pane // that was not provisional
	reports  int
	verdicts [][]Verdict // of each log
}

func newRig(t testing.TB, cfg PartitionConfig, logs []partitionLog) *rig {
	r := &rig{t: t, cfg: cfg, logs: logs, asm: NewAssembler(cfg), read: make([]int, len(logs)), verdicts: make([][]Verdict, len(logs))}
	for i, l := range logs {
		r.parts = append(r.parts, NewPartition(cfg))
		if got := r.asm.Assign(l.id, l.fromBeginning, l.short); got != i {
			t.Fatalf("partition %d was given index %d", i, got)
		}
	}
	return r
}

// replay reads logs in one order. After each record the partition's report is
// delivered with the given probability, so that reports hold zero, one or many
// records.
func replay(t testing.TB, cfg PartitionConfig, logs []partitionLog, order schedule, rng *rand.Rand, prompt float64) *rig {
	r := newRig(t, cfg, logs)
	r.prompt = rng.IntN(2) == 0
	burst := pick(rng, 0, 0, 1, 2, 20)
	for _, p := range r.parts {
		p.cfg.Burst = burst
	}
	for _, part := range order {
		if r.next(part) || rng.Float64() < prompt {
			r.report(part)
		}
	}
	r.checkDone()
	return r
}

// held counts the shares that wait.
func (r *rig) held() int {
	n := 0
	for _, w := range r.asm.pending {
		for _, s := range slices.Concat(w.onTime, w.later) {
			n += len(s.shares)
		}
	}
	return n
}

// checkDone checks that nothing is left when every partition is finished.
func (r *rig) checkDone() {
	if w := r.asm.Watermark(); w != MaxTime {
		r.t.Fatalf("every partition is finished and the watermark is %v", w)
	}
	if windows, shares, size := len(r.asm.due), r.held(), r.asm.Bytes(); windows != 0 || shares != 0 || size != 0 {
		r.t.Fatalf("%d windows and %d shares of %d bytes are left over", windows, shares, size)
	}
	for i, p := range r.parts {
		if keys, held := p.Open(); keys != 0 || held != 0 {
			r.t.Fatalf("partition %d still holds %d slices of %d keys", i, held, keys)
		}
	}
}

// next reads one record, or the end of the log, and says if it was the end.
func (r *rig) next(part int) bool {
	p, l := r.parts[part], &r.logs[part]
	n := r.read[part]
	r.read[part]++
	if n == len(l.records) {
		p.Finish()
		r.drain(part)
		return true
	}
	rec := &l.records[n]
	before := p.Watermark()
	p.Speak()
	p.Observe(rec.time)
	r.drain(part)
	if p.Watermark() < before {
		r.t.Fatalf("partition %d: the watermark went back from %v to %v", part, before, p.Watermark())
	}
	judged := p.Judge(rec.time)
	v := p.Add(rec.key, rec.time, &rec.at, rec.values)
	if judged != v && !v.KeyLimit {
		r.t.Fatalf("partition %d offset %d: Judge says %+v, Add %+v", part, rec.at.Offset, judged, v)
	}
	r.verdicts[part] = append(r.verdicts[part], v)
	if n%5 == 0 && r.prompt {
		r.report(part)
		r.checkOpen(part)
	}
	return false
}

// drain reports what is due, if that is very much.
func (r *rig) drain(part int) {
	if r.parts[part].More() {
		r.report(part)
	}
}

// report hands over what is due, burst by burst.
func (r *rig) report(part int) {
	r.hand(part)
	for r.parts[part].More() {
		r.hand(part)
	}
}

// hand hands a partition's report to the assembler and takes the panes.
func (r *rig) hand(part int) {
	before := r.asm.Watermark()
	report := r.parts[part].Report()
	report.LostStart = r.logs[part].lostStart
	r.asm.Report(part, report)
	known := len(r.panes)
	r.panes = r.asm.Advance(r.panes)
	w := r.asm.Watermark()
	if w < before {
		r.t.Fatalf("the watermark went back from %v to %v", before, w)
	}
	for _, p := range r.panes[known:] {
		if p.Firing == FiredUpdate {
			if p.End > w || r.cfg.isFinal(p.End, before) {
				r.t.Fatalf("a provisional pane of [%v, %v) came when the watermark moved from %v to %v", p.Start, p.End, before, w)
			}
			continue
		}
		if due := r.due(p); due > w || due <= before && before != MinTime {
			r.t.Fatalf("the pane of [%v, %v), due at %v, came when the watermark moved from %v to %v", p.Start, p.End, due, before, w)
		}
		if r.last != nil && r.compareLines(r.last, p) >= 0 {
			r.t.Fatalf("pane %+v stands behind %+v", p, r.last)
		}
		r.last = p
	}
	if r.reports++; r.reports%8 == 0 {
		r.checkWaiting()
	}
}

// due is when a pane comes out.
func (r *rig) due(p *Pane) Time {
	if p.Firing == FiredFinal {
		return p.End.Add(r.cfg.AllowedLateness)
	}
	return p.End
}

// compareLines is the order of lines.
func (r *rig) compareLines(a, b *Pane) int {
	return cmp.Or(
		cmp.Compare(r.due(a), r.due(b)),
		cmp.Compare(a.End, b.End), cmp.Compare(a.Start, b.Start), cmp.Compare(a.Hop, b.Hop),
		cmp.Compare(a.Topic, b.Topic), compareKeys(a.Key, b.Key),
		cmp.Compare(a.Series, b.Series), cmp.Compare(a.Revision, b.Revision),
	)
}

// compareKeys orders keys by their bytes with null first.
func compareKeys(a, b Key) int {
	null := func(k Key) int {
		if k.Null {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(null(a), null(b)), cmp.Compare(a.Bytes, b.Bytes))
}

// checkOpen compares what a partition holds with the slices, worked out from
// the records, of which some window is not final.
func (r *rig) checkOpen(part int) {
	type held struct {
		spec   int
		key    Key
		series int
		number int64
	}
	slicesHeld, keys := make(map[held]bool), make(map[Key]bool)
	w := r.parts[part].Watermark()
	for i := range r.verdicts[part] {
		rec := &r.logs[part].records[i]
		if r.verdicts[part][i].KeyLimit {
			continue
		}
		for spec, s := range r.cfg.Specs {
			if r.cfg.isFinal(spansOf(s, rec.time)[0].End, w) {
				continue
			}
			h := held{spec: spec, key: Key{Bytes: string(rec.key), Null: rec.key == nil}}
			h.number = floorDiv(int64(rec.time)-int64(s.Origin), int64(s.sliceWidth()))
			for k := range max(1, len(rec.values)) {
				if h.series = k; len(rec.values) == 0 || !math.IsNaN(rec.values[k]) {
					slicesHeld[h], keys[h.key] = true, true
				}
			}
		}
	}
	if k, n := r.parts[part].Open(); k != len(keys) || n != len(slicesHeld) {
		r.t.Fatalf("partition %d holds %d slices of %d keys, want %d of %d", part, n, k, len(slicesHeld), len(keys))
	}
}

// checkWaiting checks that the assembler holds, of every window that is not
// final, at most two shares for each partition, key and series, and no window
// without a reason.
func (r *rig) checkWaiting() {
	type share struct {
		cell
		part int
	}
	shares, windows := make(map[share]bool), make(map[cell]bool)
	w := r.asm.Watermark()
	for part, l := range r.logs {
		for i := range r.verdicts[part] {
			rec := &l.records[i]
			for spec, s := range r.cfg.Specs {
				for _, span := range spansOf(s, rec.time) {
					if r.cfg.isFinal(span.End, w) {
						continue
					}
					c := cell{spec: spec, span: span}
					windows[c] = true
					c.topic, c.key = l.id.Topic, Key{Bytes: string(rec.key), Null: rec.key == nil}
					shares[share{c, part}] = true
				}
			}
		}
	}
	if n := len(shares) * 2 * max(1, len(r.cfg.Series)); r.held() > n {
		r.t.Fatalf("%d shares wait at %v, want at most %d", r.held(), w, n)
	}
	if n := len(windows); len(r.asm.due) > n && !r.cfg.Empty {
		r.t.Fatalf("%d windows wait at %v, want at most %d", len(r.asm.due), w, n)
	}
	if n := len(r.asm.updated); n > 0 {
		r.t.Fatalf("%d windows are still to be updated", n)
	}
	if n := len(r.asm.due); len(r.asm.pending) != n {
		r.t.Fatalf("%d windows wait and %d are kept", n, len(r.asm.pending))
	}
}

// packed holds every field of a pane that can be seen, floats by their bits: two
// panes with the same bits print the same line.
func packed(p *Pane) string {
	b := fmt.Appendf(nil, "%q %v %q %v %v %v", p.Topic, p.Key, p.Series, p.Counted, p.Final, p.Hidden)
	ints := func(v ...int64) {
		for _, x := range v {
			b = binary.BigEndian.AppendUint64(b, uint64(x))
		}
	}
	floats := func(v ...float64) {
		for _, x := range v {
			b = binary.BigEndian.AppendUint64(b, math.Float64bits(x))
		}
	}
	samples := func(v ...Sample) {
		for _, x := range v {
			ints(int64(x.Time), x.Offset)
			floats(x.Value)
		}
	}
	ints(int64(p.Firing), int64(p.Start), int64(p.End), int64(p.Size), int64(p.Hop), int64(p.Revision), int64(p.ClosedBy), int64(p.Incomplete), p.Late, p.Count)
	floats(p.Sum(), p.Mean(), p.Stddev(), p.Min, p.Max)
	samples(p.First, p.Last)
	ints(p.Lag.Count, int64(p.Lag.Min), int64(p.Lag.Max), int64(p.Lag.Sum), int64(p.Lag.Clock), int64(len(p.Offsets)))
	for _, o := range p.Offsets {
		ints(int64(o.Partition), o.First, o.Last)
	}
	ints(int64(p.Step))
	for i := range p.Steps {
		s := &p.Steps[i]
		ints(s.Count)
		floats(s.Sum(), s.Max)
		samples(s.Last)
	}
	return string(b)
}
