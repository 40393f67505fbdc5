package stream

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/oriel-stream/oriel/window"
)

// Board keeps what a screen may want to see of a run. It is a Sink of the
// run's lines and a RejectLog of its rejects, and it answers a Control.
//
// The hot path knows nothing of it: workers publish their state by an atomic
// pointer, and only when a new picture has been asked for since the last time.
type Board struct {
	cfg BoardConfig
	// asked counts the pictures; a worker that sees a new number publishes.
	asked atomic.Int64
	// interest is what workers publish open windows of.
	interest atomic.Pointer[Interest]
	// inspecting says that records of the interest are shown.
	inspecting atomic.Bool
	// waiting are the shares of the interest that wait for the watermark, as
	// the engine published them.
	waiting atomic.Pointer[waitingShares]

	mu      sync.Mutex
	state   RunState
	notices noticeBoard
	// connected says that what is read from has ever answered.
	connected bool
	series    []string
	measure   Measure
	budget    *budget
	// forecasters are the goroutines that forecast.
	forecasters int
	// gaps are the losses that were known before the run began.
	gaps    []GapRead
	workers []*worker
	// departed are the counts of partitions that others have taken over; alone says
	// that every partition has a watermark of its own.
	departed account
	alone    bool
	keys     []*keyHistory // in the order of topic, key, series
	byKey    map[keyID]*keyHistory
	ledger   []LedgerEntry
	records  recordLog
	rates    rateMeter
	lag      lagMeter

	// mark and hold are those of the newest picture.
	mark window.Time
	hold Hold

	windows, lines, made, failed int64
	lost                         losses
}

// BoardConfig is what the board shows that does not change.
type BoardConfig struct {
	Topics  []string
	Cluster string
	// Group is the consumer group that the run is to be a member of; empty for none.
	Group  string
	Window window.PartitionConfig
	Domain Domain
	Now    func() window.Time
	// TotalsOnly leaves out keys and the ledger, which cost something with every
	// line and every reject: nobody looks at them.
	TotalsOnly bool
}

// keyID names a key and series.
type keyID struct {
	topic, series string
	key           window.Key
}

func keyIDOf(p *window.Pane) keyID { return keyID{topic: p.Topic, key: p.Key, series: p.Series} }

func (a keyID) compare(b keyID) int {
	return cmp.Or(cmp.Compare(a.topic, b.topic), a.key.Compare(b.key), cmp.Compare(a.series, b.series))
}

// NewBoard returns a board of a run that has not begun.
func NewBoard(cfg BoardConfig) *Board {
	b := &Board{cfg: cfg, budget: &budget{}, byKey: make(map[keyID]*keyHistory), mark: window.MinTime}
	b.interest.Store(&Interest{})
	return b
}

var (
	_ Sink      = (*Board)(nil)
	_ RejectLog = (*Board)(nil)
	_ Control   = (*Board)(nil)
)

// Tell shows a notice: what is wrong until it is over, and for a minute what has
// happened.
func (b *Board) Tell(n Notice) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notices.post(n, b.cfg.Now())
}

// SetInterest implements Control.
func (b *Board) SetInterest(i Interest) { b.interest.Store(&i) }

// Inspect implements Control.
func (b *Board) Inspect(on bool) { b.inspecting.Store(on) }

// begin says that a run has begun. What an earlier run of the same board left
// is forgotten.
func (b *Board) begin(cfg *Config, memory *budget) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forecasters = cfg.Forecasts.atATime(cfg.Workers)
	b.series, b.measure, b.budget, b.workers, b.state = cfg.Window.Series, cfg.Measure, memory, nil, Running
	b.connect()
	b.gaps, b.records = cfg.Gaps, recordLog{}
	b.departed, b.alone = account{}, cfg.Group != nil
}

// end says that the run is over.
func (b *Board) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state = Ended
}

// SetConnected says that what is read from has answered.
func (b *Board) SetConnected() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.connect()
}

func (b *Board) connect() {
	b.connected = true
	b.notices.end(Trouble{Kind: NoAnswer})
}

// Connected says whether what is read from has ever answered.
func (b *Board) Connected() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.connected
}

// attach makes a partition's worker part of the picture.
func (b *Board) attach(w *worker) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, old := range b.workers {
		old.superseded = old.superseded || old.a.ID == w.a.ID
	}
	b.workers = append(b.workers, w)
}

// detach takes a worker out of the picture and keeps what it has counted. It has
// shown itself for the last time.
func (b *Board) detach(w *worker) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.workers = slices.DeleteFunc(b.workers, func(o *worker) bool { return o == w })
	a := w.counted()
	b.departed.add(&a)
}

// Write implements Sink.
func (b *Board) Write(l *Line) error {
	b.show(l)
	return nil
}

// show takes a line, or a hidden pane: that is printed nowhere, and shows that
// a window has closed.
func (b *Board) show(l *Line) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !l.Hidden {
		b.lines++
	}
	if !l.Hidden && l.Revision == 0 {
		b.windows++
	}
	switch {
	case l.Forecast == nil || l.Firing != window.FiredOnTime:
	case l.Forecast.Error == "":
		b.made++
	case b.lost.failed(l.Forecast):
		b.failed++
	}
	if b.cfg.TotalsOnly {
		return
	}
	run := runOf(l.Pane)
	b.history(run.keyID).add(l, max(run.spec(b.cfg.Window.Specs), 0))
}

// Flush implements Sink.
func (b *Board) Flush() error { return nil }

// Close implements Sink.
func (b *Board) Close() error { return nil }

// maxKeys bounds the keys on the board: keys may come and go without end.
const maxKeys = 10_000

// forget drops the quarter of the keys whose newest windows are oldest, but not
// the one of interest.
func (b *Board) forget() {
	ends := make([]window.Time, len(b.keys))
	for i, h := range b.keys {
		ends[i] = h.end
	}
	slices.Sort(ends)
	oldest, i := ends[len(ends)/4], *b.interest.Load()
	b.keys = slices.DeleteFunc(b.keys, func(h *keyHistory) bool {
		gone := h.end <= oldest && h.id != keyID{topic: i.Topic, key: i.Key, series: i.Series}
		if gone {
			delete(b.byKey, h.id)
		}
		return gone
	})
}

// history returns the history of a key, made in its place if it is new.
func (b *Board) history(id keyID) *keyHistory {
	h := b.byKey[id]
	if h == nil {
		if len(b.keys) >= maxKeys {
			b.forget()
		}
		h = newKeyHistory(id, b.measure, len(b.cfg.Window.Specs))
		b.byKey[id] = h
		i, _ := slices.BinarySearchFunc(b.keys, id, func(h *keyHistory, id keyID) int { return h.id.compare(id) })
		b.keys = slices.Insert(b.keys, i, h)
	}
	return h
}

// maxLedger is how many rejects the ledger keeps.
const maxLedger = 200

// Reject implements RejectLog.
func (b *Board) Reject(r *Reject) error {
	e := LedgerEntry{
		At: b.cfg.Now(), ID: r.ID, Offset: r.Offset, Reason: r.Reason, EventTime: r.EventTime, HasEventTime: r.HasEventTime,
		Key: window.Key{Bytes: string(r.Key), Null: r.Key == nil}, Payload: string(r.Payload), Lost: r.Lost, Of: r.Of,
		Leapt: r.Reason == Future && int64(r.EventTime) == r.Timestamp, Watermark: r.Watermark,
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.Reason.IsLate() && !b.alone && b.hold.ID != r.ID && b.isOpen(r) {
		e.Open, e.OpenFor = true, b.hold.ID
	}
	if len(b.ledger) == 2*maxLedger {
		// A new array: pictures still show the old one.
		b.ledger = append(make([]LedgerEntry, 0, 2*maxLedger), b.ledger[maxLedger:]...)
	}
	b.ledger = append(b.ledger, e)
	return nil
}

// isOpen says whether a window that a late record has lost was still open by the
// newest picture: that is so while the watermark is behind the partition's own.
func (b *Board) isOpen(r *Reject) bool {
	final := r.Watermark.Sub(b.cfg.Window.AllowedLateness)
	return slices.ContainsFunc(b.cfg.Window.Specs, func(s window.Spec) bool {
		lost, ok := s.LastEnded(r.EventTime, final)
		return ok && lost.End > b.mark
	})
}

// Snapshot implements Control. Its cost is a row for each partition and key,
// and the details of one key.
func (b *Board) Snapshot() *Snapshot {
	b.asked.Add(1)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.workers {
		w.remind()
	}
	s := &Snapshot{
		At: b.cfg.Now(), State: b.runState(), Topics: b.cfg.Topics, Cluster: b.cfg.Cluster, Group: b.cfg.Group,
		Specs: b.cfg.Window.Specs, Series: b.series, Domain: b.cfg.Domain, OutOfOrderness: b.cfg.Window.OutOfOrderness,
		AllowedLateness: b.cfg.Window.AllowedLateness, Emit: b.cfg.Window.Emit,
		Ledger: b.ledger[max(0, len(b.ledger)-maxLedger):], Memory: b.budget.view(), Workers: b.forecasters,
	}
	s.Troubles, s.OtherTroubles, s.Notes = b.notices.views, b.notices.more(), b.notices.notes(s.At)
	views := b.partitions(s)
	s.Watermark, s.Hold = holding{domain: b.cfg.Domain, idleTimeout: b.cfg.Window.IdleTimeout}.find(views)
	b.mark, b.hold = s.Watermark, s.Hold
	s.Rate = b.rates.measure(s.At, s.Totals.Records)
	s.Lag = b.lag.measure(s.At, views)
	s.Totals.Windows, s.Totals.Lines = b.windows, b.lines
	s.Totals.ForecastsMade, s.Totals.ForecastsFail = b.made, b.failed
	b.lost.addTo(&s.Totals)
	s.Keys = make([]KeyView, len(b.keys))
	for i, h := range b.keys {
		s.Keys[i] = h.view()
	}
	s.Focus = b.focus(views)
	return s
}

// runState is how far the run is.
func (b *Board) runState() RunState {
	if b.state == Connecting && b.connected {
		return Waiting
	}
	return b.state
}

// partitions fills in the rows of the partitions and the totals, and returns
// what the workers published.
func (b *Board) partitions(s *Snapshot) []*published {
	var views []*published
	s.Totals.Gaps = slices.Clone(b.gaps)
	b.departed.addTo(&s.Totals)
	for _, w := range b.workers {
		v := w.seen.Load()
		if v == nil {
			v = &published{id: w.a.ID, part: w.part, next: w.a.Start, logEnd: -1, Progress: window.Progress{
				Newest: window.MinTime, Mark: window.MinTime, QuietSince: window.MinTime,
			}, leap: window.MinTime}
		}
		views = append(views, v)
		v.addTo(&s.Totals)
	}
	last := slowest(views)
	for i, v := range views {
		if b.workers[i].superseded {
			continue
		}
		row := v.row(b.cfg.Window.OutOfOrderness)
		if v.waiting && last != nil && v.Newest > last.Newest {
			row.Pause, row.WaitsFor, row.Ahead = PausedForDrift, last.id, window.Duration(v.Newest-last.Newest)
			if s.Memory.Short {
				row.Pause = PausedForMemory
			}
		}
		s.Partitions = append(s.Partitions, row)
	}
	slices.SortFunc(s.Partitions, func(x, y PartitionView) int {
		return cmp.Or(cmp.Compare(x.ID.Topic, y.ID.Topic), cmp.Compare(x.ID.Partition, y.ID.Partition))
	})
	return views
}

// focus is the detail of the key of interest, or of the first one, if possible
// not null, as long as none was chosen.
func (b *Board) focus(views []*published) *Focus {
	i := *b.interest.Load()
	if !i.Chosen {
		if len(b.keys) == 0 {
			return nil
		}
		id := b.keys[0].id
		for _, h := range b.keys {
			if !h.id.key.Null {
				id = h.id
				break
			}
		}
		i.Topic, i.Key, i.Series = id.topic, id.key, id.series
		b.interest.Store(&i)
	}
	h := b.byKey[keyID{topic: i.Topic, key: i.Key, series: i.Series}]
	if h == nil || i.Spec >= len(h.specs) {
		return nil
	}
	f := h.focus(i.Spec)
	f.Watermark, f.Alone = b.markOf(h, views), b.alone
	f.Closed, f.Open = b.join(views, i).split(f.Closed, f.Watermark, b.cfg.Window.AllowedLateness)
	if b.inspecting.Load() {
		b.records.take(b.workers, views, i)
		f.Records, f.Passed = b.records.records, b.records.passed
	} else {
		b.records = recordLog{}
	}
	return f
}

// markOf is the watermark by which the windows of a key close.
func (b *Board) markOf(h *keyHistory, views []*published) window.Time {
	if b.alone {
		for _, v := range views {
			if v.id.Topic == h.id.topic && v.id.Partition == h.partition {
				return v.Mark
			}
		}
	}
	return b.mark
}
