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
	records              []logged
}

// logged is one record of a partitionLog.
type logged struct {
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

	panes    []*Pane
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
	for _, part := range order {
		if r.next(part) || rng.Float64() < prompt {
			r.report(part)
		}
	}
	if w := r.asm.Watermark(); w != MaxTime {
		t.Fatalf("every partition is finished and the watermark is %v", w)
	}
	if n := r.asm.Pending(); n != 0 {
		t.Fatalf("%d windows are left over", n)
	}
	for i, p := range r.parts {
		if keys, held := p.Open(); keys != 0 || held != 0 {
			t.Fatalf("partition %d still holds %d slices of %d keys", i, held, keys)
		}
	}
	return r
}

// next reads one record, or the end of the log, and says if it was the end.
func (r *rig) next(part int) bool {
	p, l := r.parts[part], &r.logs[part]
	n := r.read[part]
	r.read[part]++
	if n == len(l.records) {
		p.Finish()
		return true
	}
	rec := &l.records[n]
	before := p.Watermark()
	p.Speak()
	p.Observe(rec.time)
	if p.Watermark() < before {
		r.t.Fatalf("partition %d: the watermark went back from %v to %v", part, before, p.Watermark())
	}
	judged := p.Judge(rec.time)
	v := p.Add(rec.key, rec.time, rec.at, rec.values)
	if judged != v {
		r.t.Fatalf("partition %d offset %d: Judge says %+v, Add %+v", part, rec.at.Offset, judged, v)
	}
	r.verdicts[part] = append(r.verdicts[part], v)
	return false
}

// report hands a partition's report to the assembler and takes the panes.
func (r *rig) report(part int) {
	before := r.asm.Watermark()
	r.asm.Report(part, r.parts[part].Report())
	known := len(r.panes)
	r.panes = r.asm.Advance(r.panes)
	w := r.asm.Watermark()
	if w < before {
		r.t.Fatalf("the watermark went back from %v to %v", before, w)
	}
	for i, p := range r.panes[known:] {
		if p.End > w || p.End <= before && before != MinTime {
			r.t.Fatalf("the pane of [%v, %v) came when the watermark moved from %v to %v", p.Start, p.End, before, w)
		}
		if k := known + i; k > 0 && compareLines(r.panes[k-1], p) >= 0 {
			r.t.Fatalf("pane %+v stands behind %+v", p, r.panes[k-1])
		}
	}
}

// compareLines is the order of lines: (end, start, hop, topic, key bytes with
// null first, series).
func compareLines(a, b *Pane) int {
	null := func(p *Pane) int {
		if p.Key.Null {
			return 0
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(a.End, b.End), cmp.Compare(a.Start, b.Start), cmp.Compare(a.Hop, b.Hop),
		cmp.Compare(a.Topic, b.Topic), cmp.Compare(null(a), null(b)), cmp.Compare(a.Key.Bytes, b.Key.Bytes),
		cmp.Compare(a.Series, b.Series),
	)
}

// packed holds every field of a pane that can be seen, floats by their bits: two
// panes with the same bits print the same line.
func packed(p *Pane) string {
	b := fmt.Appendf(nil, "%q %v %q %v %v", p.Topic, p.Key, p.Series, p.Counted, p.Final)
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
			ints(int64(x.Time), int64(x.Partition), x.Offset)
			floats(x.Value)
		}
	}
	ints(int64(p.Start), int64(p.End), int64(p.Size), int64(p.Hop), int64(p.Revision), int64(p.ClosedBy), int64(p.Incomplete), p.Late, p.Count)
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
