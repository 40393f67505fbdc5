package window

// Partition is the state of one partition: its watermark, its idleness and
// the slices of its keys. It belongs to one worker; what it hands out is
// immutable. All it computes is a function of the records it was given, in
// their order, and of the watermarks it was told while idle.
type Partition struct {
	cfg PartitionConfig
	// order lists the series in the order of their names, the order of lines.
	order []int
	// sketched is what is asked of every slice's sketches; nil for nothing.
	sketched *AggregateSpec

	newest Time // newest event time seen, MinTime before the first
	first  Time // first event time seen
	told   Time // highest watermark told while idle, MinTime for never
	before Time // bound of what lies before the range: see BoundBefore

	// idleSince and emptyAt are the times of the first and the newest empty response
	// in a row; idleSince is MinTime for none.
	idleSince, emptyAt Time
	idle               bool
	finished           bool

	specs []specState
	// nextDue is the earliest time at which a window is to be frozen.
	nextDue Time
	keys    map[string]*group
	null    *group
	// holding counts the keys that hold slices, held the slices.
	holding, held int
	full          bool // no further key is taken

	// more says that windows which are due must be frozen, or could not be in one
	// burst; the first of these is due at unfrozen. taken counts the shares since
	// the last report.
	more     bool
	unfrozen Time
	taken    int

	frozen []Frozen
	// pass is memory for the next pass.
	pass pass
	// changes are the windows that late records have changed since the last
	// report, if such come out at once; at tidyAt many they are tidied up.
	changes []change
	tidyAt  int
}

// specState is what a partition keeps for one spec.
type specState struct {
	Spec
	width Duration // of a slice
	// overlap is how many windows a slice lies in where each begins with a slice:
	// the last of them has its number. 0 where that is not so.
	overlap int64
	// elsewhere is how long before a window's end steps ended that are none of
	// its own and that were forecast.
	elsewhere []Duration
	// frozen is the number of the last window that is due, final that of the last
	// whose final content is: without allowed lateness they are one.
	frozen, final int64
	// next and nextFinal are the first windows whose shares have not been taken
	// and that may hold records, newest is the last.
	next, nextFinal, newest int64
	// shares is how many the last frozen window had, a guess at the next.
	shares int
	// early are shares that were taken before their turn, a window each, in the
	// order of windows; nil before the first.
	early map[earlyOf][]Frozen
	// slices is how many slices a window has.
	slices int64
	// groups holds what has slices in this spec; sorted says that it is in the
	// order of the keys.
	groups []*group
	sorted bool
	// current is the slice the last record fell in, with its number and the
	// numbers of its windows: the next record mostly falls in the same one.
	current                 Span
	number                  int64
	firstWindow, lastWindow int64
	windows                 int // how many these are
}

// NewPartition returns a partition that has seen nothing.
func NewPartition(cfg PartitionConfig) *Partition {
	p := &Partition{
		cfg: cfg, order: cfg.seriesOrder(),
		newest: MinTime, first: MinTime, told: MinTime, before: MaxTime, idleSince: MinTime, nextDue: MinTime,
		keys: make(map[string]*group), sketched: cfg.sketched(), tidyAt: minTidy,
	}
	for _, s := range cfg.Specs {
		overlap := int64(0)
		if s.sliceWidth() == s.Hop {
			overlap = int64(s.Size / s.Hop) // the width divides the size
		}
		state := specState{
			Spec: s, width: s.sliceWidth(), slices: int64(s.Size / s.sliceWidth()), overlap: overlap, sorted: true,
			frozen: noWindow, final: noWindow, next: nothingHeld, nextFinal: nothingHeld, newest: noWindow,
		}
		if s.Step > 0 {
			state.elsewhere = s.ended(cfg.Ahead)
		}
		p.specs = append(p.specs, state)
	}
	return p
}

// Observe moves the partition's watermark by a readable event time and
// freezes the windows it has now reached. It is called for every such record
// that is believed, before the filter, the key and the value are looked at.
func (p *Partition) Observe(t Time) {
	if p.first == MinTime {
		p.first = t
	}
	if t <= p.newest {
		return
	}
	p.newest = t
	if w := p.Watermark(); w >= p.nextDue {
		p.fallDue(w)
	}
}

// Newest is the newest event time seen, MinTime before the first.
func (p *Partition) Newest() Time { return p.newest }

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

// Finish freezes every window that is left: the partition's range has ended.
func (p *Partition) Finish() {
	p.finished = true
	p.fallDue(MaxTime)
}
