package window

import (
	"fmt"
	"math"
	"slices"
)

// PartitionConfig is what a partition needs to know.
type PartitionConfig struct {
	Specs []Spec
	// Series are the names of the numeric series; nil if records are counted.
	Series []string
	// OutOfOrderness is subtracted from the newest event time to give the
	// partition's watermark.
	OutOfOrderness Duration
	// MaxFuture is how far an event time from the payload may be ahead of the
	// record's Kafka timestamp.
	MaxFuture Duration
	// IdleTimeout is how long a partition must have nothing new at its end
	// before the watermark stops waiting for it.
	IdleTimeout Duration
}

// Validate says what is wrong with the configuration of a run.
func (c PartitionConfig) Validate() error {
	for i, s := range c.Specs {
		if err := s.Validate(); err != nil {
			return fmt.Errorf("window %v: %w", s, err)
		}
		if slices.Contains(c.Specs[:i], s) {
			return fmt.Errorf("window %v is given twice: give each window once", s)
		}
	}
	for i, name := range c.Series {
		if slices.Contains(c.Series[:i], name) {
			return fmt.Errorf("series %q is given twice: give one of the two another name, for example %s2=PATH", name, name)
		}
	}
	switch {
	case c.OutOfOrderness < 0:
		return fmt.Errorf("the out-of-orderness %v is negative: use 0s or more", c.OutOfOrderness)
	case c.MaxFuture < 0:
		return fmt.Errorf("the max-future %v is negative: use 0s or more", c.MaxFuture)
	case c.IdleTimeout <= 0:
		return fmt.Errorf("the idle-timeout %v is not positive: use for example 30s", c.IdleTimeout)
	}
	return nil
}

// MaxSilentStart bounds how long a partition that has shown no event time
// since the start may hold the watermark back.
const MaxSilentStart = 5000

// Partition is the state of one partition: its watermark, its idleness and
// the slices of its keys. It belongs to one worker; what it hands out is
// immutable. All it computes is a function of the records it was given, in
// their order, and of the watermarks it was told while idle.
type Partition struct {
	cfg PartitionConfig
	// order lists the series in the order of their names, the order of lines.
	order []int

	newest Time // newest event time seen, MinTime before the first
	first  Time // first event time seen
	told   Time // highest watermark told while idle, MinTime for never

	idleSince Time // time of the first empty response in a row, MinTime for none
	idle      bool
	finished  bool

	specs []specState
	// nextEnd is the earliest end of a window that is not frozen.
	nextEnd Time
	keys    map[string]*group
	null    *group
	// listed counts the groups' entries in the specs' lists.
	listed int

	frozen []Frozen
}

// specState is what a partition keeps for one spec.
type specState struct {
	Spec
	width  Duration // of a slice
	frozen int64    // number of the last frozen window
	// groups holds what has slices in this spec; sorted says that it is in the
	// order of the keys.
	groups []*group
	sorted bool
	// shares is how many the last frozen window had, a guess at the next.
	shares int
	// current is the slice the last record fell in, with its number and the
	// numbers of its windows: the next record mostly falls in the same one.
	current                 Span
	number                  int64
	firstWindow, lastWindow int64
}

// NewPartition returns a partition that has seen nothing.
func NewPartition(cfg PartitionConfig) *Partition {
	p := &Partition{
		cfg: cfg, newest: MinTime, first: MinTime, told: MinTime, idleSince: MinTime, nextEnd: MinTime,
		keys: make(map[string]*group),
	}
	for _, s := range cfg.Specs {
		p.specs = append(p.specs, specState{Spec: s, width: s.sliceWidth(), frozen: noWindow, sorted: true})
	}
	p.order = make([]int, max(1, len(cfg.Series)))
	for i := range p.order {
		p.order[i] = i
	}
	if len(cfg.Series) > 1 {
		slices.SortStableFunc(p.order, func(a, b int) int {
			switch {
			case cfg.Series[a] < cfg.Series[b]:
				return -1
			case cfg.Series[a] > cfg.Series[b]:
				return 1
			}
			return 0
		})
	}
	return p
}

// IsFuture says whether an event time read from the payload is too far ahead
// of the record's Kafka timestamp to be believed. Without a timestamp (-1)
// nothing can be said.
func (p *Partition) IsFuture(t Time, kafkaTimestamp int64) bool {
	return kafkaTimestamp >= 0 && t > Time(kafkaTimestamp).Add(p.cfg.MaxFuture)
}

// Observe moves the partition's watermark by a readable event time and
// freezes the windows it has now reached. It is called for every such record,
// before the filter, the key and the value are looked at, and ends idleness.
func (p *Partition) Observe(t Time) {
	p.idle, p.idleSince = false, MinTime
	if p.first == MinTime {
		p.first = t
	}
	if t <= p.newest {
		return
	}
	p.newest = t
	if w := p.Watermark(); w >= p.nextEnd {
		p.freezeTo(w)
	}
}

// Own is the newest event time minus the out-of-orderness, MinTime before the
// first event time: the watermark by the partition's own records.
func (p *Partition) Own() Time {
	if p.newest == MinTime {
		return MinTime
	}
	return p.newest.Sub(p.cfg.OutOfOrderness)
}

// Watermark is the time up to which the partition has frozen its windows: its
// own watermark, or what it was told while idle if that is later.
func (p *Partition) Watermark() Time { return max(p.Own(), p.told) }

// Judge says how many windows a record at t still counts in.
func (p *Partition) Judge(t Time) Verdict {
	var v Verdict
	for i := range p.specs {
		s := &p.specs[i]
		first, last := s.windowsOf(t)
		n := lost(first, last, s.frozen)
		v.Lost += n
		v.Of += int(last-first) + 1
		if n > 0 && p.told > p.Own() {
			v.AfterIdle = v.AfterIdle || lost(first, last, s.lastEnded(p.Own())) < n
		}
	}
	return v
}

// Place is where a record stands, apart from its event time.
type Place struct {
	Partition int32
	Offset    int64
	// Processing is the processing time; it counts towards the lag unless
	// HasLag is false, which is so where event time is that very timestamp.
	Processing Time
	HasLag     bool
	Clock      Clock
}

// Add stores a record in the slices of every spec in which one of its windows
// is still open, once whatever the overlap, and returns the verdict. values
// has an entry for each series, NaN where the record has none; it is empty
// where records are counted. Observe must have been called with t.
func (p *Partition) Add(key []byte, t Time, at Place, values []float64) Verdict {
	v := Verdict{}
	usable := len(values) == 0 || slices.ContainsFunc(values, isNumber)
	var g *group
	for i := range p.specs {
		s := &p.specs[i]
		s.locate(t)
		n, of := lost(s.firstWindow, s.lastWindow, s.frozen), int(s.lastWindow-s.firstWindow)+1
		v.Lost += n
		v.Of += of
		if n == of || !usable {
			continue
		}
		if g == nil {
			g = p.group(key)
		}
		p.store(g, i, t, at, values)
	}
	if v.Lost > 0 && p.told > p.Own() {
		v.AfterIdle = p.Judge(t).AfterIdle
	}
	return v
}

func isNumber(x float64) bool { return !math.IsNaN(x) }

// locate finds the slice that t falls in. No window edge cuts a slice, so
// everything in it lies in the same windows.
func (s *specState) locate(t Time) {
	if t >= s.current.Start && t < s.current.End {
		return
	}
	s.number = floorDiv(int64(t)-int64(s.Origin), int64(s.width))
	start := Time(int64(s.Origin) + s.number*int64(s.width))
	s.current = Span{Start: start, End: start.Add(s.width)}
	s.firstWindow, s.lastWindow = s.windowsOf(start)
}

func (p *Partition) store(g *group, spec int, t Time, at Place, values []float64) {
	s := &p.specs[spec]
	if !g.listed[spec] {
		g.listed[spec] = true
		s.sorted = s.sorted && (len(s.groups) == 0 || s.groups[len(s.groups)-1].key.Less(g.key))
		s.groups = append(s.groups, g)
		p.listed++
	}
	n := len(p.order)
	if len(values) == 0 {
		g.lanes[spec*n].at(s.number).add(t, at, 0)
		return
	}
	for i, x := range values {
		if isNumber(x) {
			g.lanes[spec*n+i].at(s.number).add(t, at, x)
		}
	}
}

func (c *slice) add(t Time, at Place, x float64) {
	if c.Count == 0 || at.Offset < c.firstOffset {
		c.firstOffset = at.Offset
	}
	if c.Count == 0 || at.Offset > c.lastOffset {
		c.lastOffset = at.Offset
	}
	c.Aggregate.Add(Sample{Time: t, Partition: at.Partition, Offset: at.Offset, Value: x})
	c.Lag.Clock |= at.Clock
	if at.HasLag {
		c.Lag.Add(Duration(at.Processing - t))
	}
}

// CaughtUp tells the partition that a fetch at its end returned nothing at
// time now, and reports whether it is idle. Idleness is counted from the first
// such fetch after the last readable record, in the time of the responses, so
// a stalled pipeline or a paused partition is never idle.
func (p *Partition) CaughtUp(now Time) bool {
	if p.idleSince == MinTime {
		p.idleSince = now
	}
	timeout := p.cfg.IdleTimeout
	if p.newest == MinTime {
		timeout = min(timeout, MaxSilentStart)
	}
	p.idle = p.idle || now >= p.idleSince.Add(timeout)
	return p.idle
}

// Tell gives an idle partition the watermark, or one that appears when others
// have been read already, before its first record. It freezes its windows up
// to it and judges later records by it. Any other partition ignores it.
func (p *Partition) Tell(watermark Time) {
	waiting := p.idle || p.newest == MinTime
	if !waiting || watermark <= p.Watermark() {
		return
	}
	p.told = watermark
	p.freezeTo(watermark)
}

// Finish freezes every window that is left: the partition's range has ended.
func (p *Partition) Finish() {
	p.finished = true
	p.freezeTo(MaxTime)
}

// Report is what a partition tells the Assembler.
type Report struct {
	// Mark is the watermark up to which every window is frozen and was
	// reported; MaxTime when finished, MinTime when unknown.
	Mark Time
	// Own and First are the partition's own watermark and its first event
	// time; MinTime before the first event time.
	Own, First Time
	Idle       bool
	Finished   bool
	// Short says that the range stopped before the end of the log.
	Short bool
	// Frozen are the windows frozen since the last report, in the order of
	// their ends within a spec.
	Frozen []Frozen
}

// Report hands over what was frozen since the last call.
func (p *Partition) Report() Report {
	r := Report{
		Mark: p.Watermark(), Own: p.Own(), First: p.first,
		Idle: p.idle, Finished: p.finished, Frozen: p.frozen,
	}
	if p.finished {
		r.Mark = MaxTime
	}
	p.frozen = nil
	return r
}

// Open counts the keys that hold slices, and the slices.
func (p *Partition) Open() (keys, sliceCount int) {
	count := func(g *group) {
		n := 0
		for i := range g.lanes {
			n += len(g.lanes[i].live())
		}
		if n > 0 {
			keys++
			sliceCount += n
		}
	}
	for _, g := range p.keys {
		count(g)
	}
	if p.null != nil {
		count(p.null)
	}
	return keys, sliceCount
}
