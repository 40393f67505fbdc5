package window

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// windowsCase is a line of windows.jsonl: a fact taken from the tests of
// another engine, in one vocabulary.
type windowsCase struct {
	ID, Kind, Source, Test, Dialect, Note string
	// Conform false: ours differs, as Note says and as differing asserts.
	Conform bool
	Spec    caseSpec
	Events  []caseEvent
	Expect  caseExpect
}

type caseSpec struct {
	Size, Advance, Offset *Duration
	Delay, Lateness       *Duration
	IdleTimeout, MaxIdle  *Duration
	Inputs                int
	Agg                   string
	FlinkWatermarks       bool
	// Accumulate: late records make a window come out again at once.
	Accumulate bool
	// Processing: the time of a record is that of its arrival.
	Processing bool
	// StartNow is the wall clock before the first event.
	StartNow *Time
}

// UnmarshalJSON knows every parameter that the cases use; those that describe
// in words what the engine of origin does are accepted and dropped.
func (s *caseSpec) UnmarshalJSON(b []byte) error {
	var raw struct {
		Size        *Duration `json:"size_ms"`
		Advance     *Duration `json:"advance_ms"`
		Offset      *Duration `json:"offset_ms"`
		Delay       *Duration `json:"delay_ms"`
		Lateness    *Duration `json:"lateness_ms"`
		IdleTimeout *Duration `json:"idle_timeout_ms"`
		MaxIdle     *Duration `json:"max_idle_ms"`
		Inputs      int
		Agg         string
		Convention  string `json:"wm_convention"`
		Accumulate  bool
		Time        string
		StartNow    *Time `json:"start_now_ms"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*s = caseSpec{
		Size: raw.Size, Advance: raw.Advance, Offset: raw.Offset, Delay: raw.Delay, Lateness: raw.Lateness,
		IdleTimeout: raw.IdleTimeout, MaxIdle: raw.MaxIdle,
		Inputs: raw.Inputs, Agg: raw.Agg, FlinkWatermarks: strings.HasPrefix(raw.Convention, "flink"),
		Accumulate: raw.Accumulate, Processing: raw.Time == "processing", StartNow: raw.StartNow,
	}
	return nil
}

// window is the case's spec as ours.
func (s caseSpec) window() Spec {
	var w Spec
	for _, f := range []struct {
		to   *Duration
		from *Duration
	}{{&w.Size, s.Size}, {&w.Hop, s.Advance}, {&w.Origin, s.Offset}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	return w
}

// held is an out-of-orderness under which no record of any case moves the
// watermark: the cases that say when it moves, and those in which it waits for
// the end of the input, are run with it.
const held Duration = 1 << 50

// config is what the case's engine would be told.
func (s caseSpec) config(explicit bool) PartitionConfig {
	cfg := PartitionConfig{Specs: []Spec{s.window()}, IdleTimeout: 1, OutOfOrderness: held}
	if s.Delay != nil && !explicit {
		cfg.OutOfOrderness = *s.Delay
	}
	if s.Lateness != nil {
		cfg.AllowedLateness = *s.Lateness
	}
	if s.Processing {
		cfg.OutOfOrderness = 0
	}
	if s.Accumulate {
		cfg.Emit = EmitUpdates
	}
	if s.IdleTimeout != nil {
		cfg.IdleTimeout = *s.IdleTimeout
	}
	if s.Size == nil {
		cfg.Specs = nil
	}
	return cfg
}

// caseEvent is a record or an operation.
type caseEvent struct {
	TS           *Time
	Key          string
	V            any
	P            any // partition, a number or a name
	WM           *Time
	EOF          bool
	Flush        bool
	Idle, Active bool
	Add, Remove  bool
	Check        bool
	Activity     bool
	AdvanceClock *Duration `json:"advance_clock"`
	Batch        []Time
	WindowEnd    *Time `json:"window_end"`
	Empty        bool
	Now          any
	NowNS        int64     `json:"now_ns"`
	TSNS         int64     `json:"ts_ns"`
	Write        []float64 // seconds
	Generate     *generator
	CheckAt      *Time `json:"check_at"`
	Buffered     *int
	Lag          *int
	Queue        []Time
	Take         int
}

type generator struct {
	N    int
	T0   Time     `json:"t0_ms"`
	Step Duration `json:"step_ms"`
	V    string
}

// caseExpect is what the case expects of its engine.
type caseExpect struct {
	Windows  [][2]Time
	Error    bool
	Final    []caseWindow
	Emitted  []caseWindow
	Contains []caseWindow
	Dropped  []int
	Kept     []int
	// DroppedPairs are [event, start, end].
	DroppedPairs [][3]int64 `json:"dropped_pairs"`
	WM           json.RawMessage
	Idle         json.RawMessage
	Trace        []any
	Watermarks   []Time
	Ready        []bool
	WMAfter      json.RawMessage `json:"wm_after"`
	WMBefore     json.RawMessage `json:"wm_before"`

	PaneEnd         *Time  `json:"pane_end"`
	PaneEndsMerged  []Time `json:"pane_ends_merged"`
	PaneEndExpired  *Time  `json:"pane_end_expired_after_close"`
	NextWindowEnd   *Time  `json:"next_window_end"`
	DroppedBatches  []int  `json:"dropped_batches"`
	LocalPaneEnd    string `json:"local_pane_end"`
	LocalStart      string `json:"local_window_start_of_that_end"`
	PendingFirst    int    `json:"pending_after_first"`
	PendingSecond   int    `json:"pending_after_second"`
	Skipped         bool
	StaleMS         []Time          `json:"stale_ms"`
	NotStaleMS      []Time          `json:"not_stale_ms"`
	OldestOpen      []string        `json:"oldest_open_inclusive"`
	InclusiveEnds   [][2]float64    `json:"windows_inclusive_end_s"`
	Sessions        [][2]Time       `json:"sessions"`
	SessionsEnd     [][2]Time       `json:"sessions_end_exclusive"`
	BothInclusive   json.RawMessage `json:"windows_both_inclusive"`
	Closed          json.RawMessage
	Flushed         [][]Time
	Order, Released []Time
	Late            []int
}

// caseWindow is one expected window. Value is a list, a sum, a count or a
// mean; Count, Min and Max come together instead of it.
type caseWindow struct {
	After      int
	Key        string
	Start, End Time
	Value      any
	Count      *int64
	Min, Max   float64
}

// notApplicable are the cases of things that oriel does not have.
var notApplicable = map[string]string{
	"B199": "a partition that is taken away: partitions only finish",
	"B201": "a partition that is taken away: partitions only finish",
	"B241": "session windows",
	"B243": "session windows",
	"B245": "session windows",
	"B246": "session windows",
	"B248": "session windows",
	"B249": "session windows",
	"B250": "session windows",
	"B260": "windows aligned to records",
	"B269": "session windows",
	"B283": "merging partitions by event time: the order of reading changes nothing here",
}

// wideOrigin are the cases that refuse an origin of a hop or more. Here it is
// the same alignment as its remainder: one --origin serves several --window,
// and partitions.jsonl has such origins.
var wideOrigin = []string{"B059", "B060", "B062", "B063", "B081", "B085"}

func TestWindowCases(t *testing.T) {
	cases := readCases[windowsCase](t, "testdata/windows.jsonl")
	if len(cases) != 205 {
		t.Fatalf("%d cases, want 205", len(cases))
	}
	unknown := make(map[string]bool)
	for id := range notApplicable {
		unknown[id] = true
	}
	for id := range differing {
		unknown[id] = true
	}
	for _, c := range cases {
		delete(unknown, c.ID)
		_, absent := notApplicable[c.ID]
		run, differs := differing[c.ID]
		switch {
		case absent && differs:
			t.Errorf("%s is listed twice", c.ID)
		case absent:
		case differs:
			t.Run(c.ID, func(t *testing.T) { run(t, &c) })
		case !c.Conform:
			t.Errorf("%s does not conform and nothing says what ours does: %s", c.ID, c.Note)
		default:
			t.Run(c.ID, func(t *testing.T) { c.run(t) })
		}
	}
	for id := range unknown {
		t.Errorf("%s is listed and there is no such case", id)
	}
}

// run asserts what the case expects.
func (c *windowsCase) run(t *testing.T) {
	e := &c.Expect
	switch {
	case slices.Contains(wideOrigin, c.ID):
		c.acceptsOrigin(t)
	case e.Error:
		c.refused(t)
	case e.Windows != nil:
		c.assigned(t, e.Windows)
	case e.PaneEnd != nil || e.PaneEndsMerged != nil || e.PaneEndExpired != nil || c.Test == "testNextTriggerWindow":
		c.sliced(t)
	case e.Ready != nil:
		c.ready(t)
	case c.Kind == "watermark" && c.Spec.IdleTimeout != nil:
		c.idle(t)
	case c.Kind == "watermark" && c.Spec.Size == nil:
		c.watermarks(t)
	default:
		c.aggregated(t)
	}
}

// refused checks that the parameters are.
func (c *windowsCase) refused(t *testing.T) {
	cfg := c.Spec.config(false)
	if cfg.OutOfOrderness == held {
		cfg.OutOfOrderness = 0
	}
	if err := cfg.Validate(); err == nil {
		t.Errorf("%+v is accepted", cfg)
	}
}

// accepted checks that the parameters are.
func accepted(t *testing.T, c *windowsCase) {
	if err := c.Spec.config(false).Validate(); err != nil {
		t.Errorf("%+v is refused: %v", c.Spec.window(), err)
	}
}

// acceptsOrigin checks that an origin beyond the hop is the same alignment as
// its remainder.
func (c *windowsCase) acceptsOrigin(t *testing.T) {
	accepted(t, c)
	wide := c.Spec.window()
	narrow := wide
	narrow.Origin %= narrow.Hop
	for _, at := range []Time{-wide.Span(0).End, 0, 1, Time(wide.Hop) - 1, Time(wide.Size), MinEventTime, MaxEventTime} {
		if got, want := panesOf(t, wide, at), panesOf(t, narrow, at); !slices.Equal(got, want) {
			t.Errorf("at %v: windows %v, want %v", at, got, want)
		}
	}
}

// assigned checks the windows that the case's one event lies in.
func (c *windowsCase) assigned(t *testing.T, want [][2]Time) {
	if got := panesOf(t, c.Spec.window(), *c.Events[0].TS); !slices.Equal(got, want) {
		t.Errorf("windows %v, want %v", got, want)
	}
}

// panesOf are the windows that come out for records at the given times.
func panesOf(t *testing.T, s Spec, at ...Time) [][2]Time {
	t.Helper()
	l := partitionLog{fromBeginning: true}
	for i, x := range at {
		l.records = append(l.records, logged{time: x, at: Place{Offset: int64(i)}})
	}
	logs := []partitionLog{l}
	r := newRig(t, PartitionConfig{Specs: []Spec{s}, OutOfOrderness: held}, logs)
	for range sequential(logs) {
		r.next(0)
	}
	r.report(0)
	var got [][2]Time
	for _, p := range r.panes {
		got = append(got, [2]Time{p.Start, p.End})
	}
	return got
}

// sliced checks the slices that another engine calls panes: where they end,
// which of them a window merges, when one is forgotten, and which window
// follows one.
func (c *windowsCase) sliced(t *testing.T) {
	s, e := c.Spec.window(), &c.Expect
	width := Time(s.sliceWidth())
	p := NewPartition(PartitionConfig{Specs: []Spec{s}})
	add := func(at Time) { p.Observe(at); p.Add(nil, at, &Place{}, nil) }
	switch {
	case e.PaneEnd != nil:
		p.specs[0].locate(*c.Events[0].TS)
		if got := p.specs[0].current.End; got != *e.PaneEnd {
			t.Errorf("the slice ends at %d, want %d", got, *e.PaneEnd)
		}
	case e.PaneEndsMerged != nil:
		for _, end := range slices.Backward(e.PaneEndsMerged) {
			add(end - width)
			add(end - 1)
		}
		_, held := p.Open()
		p.Finish()
		frozen := p.Report().Frozen
		at := slices.IndexFunc(frozen, func(f Frozen) bool { return s.Span(f.Number).End == *c.Events[0].WindowEnd })
		if n := len(e.PaneEndsMerged); held != n || frozen[at].Shares[0].Count != int64(2*n) {
			t.Errorf("%d slices, %d records in the window; want %d and %d", held, frozen[at].Shares[0].Count, n, 2*n)
		}
	case e.PaneEndExpired != nil:
		end := *c.Events[0].WindowEnd
		for at := end - Time(s.Size); at < end; at += width {
			add(at)
		}
		if _, held := p.Open(); held != int(s.Size/s.sliceWidth()) {
			t.Errorf("%d slices before the window closes", held)
		}
		add(end)
		p.Report()
		oldest := p.null.first.slice(0).number
		if got := Time(s.Origin) + Time(oldest)*width; got != *e.PaneEndExpired {
			t.Errorf("the oldest slice that is left begins at %d, want %d", got, *e.PaneEndExpired)
		}
	default:
		c.nextWindow(t, s)
	}
}

// nextWindow checks which window comes out after the one that ends at
// WindowEnd: the next if it holds a record of that one, else none.
func (c *windowsCase) nextWindow(t *testing.T, s Spec) {
	end := *c.Events[0].WindowEnd
	at := end - 1
	if c.Events[0].Empty {
		at = end - Time(s.Size)
	}
	windows := panesOf(t, s, at)
	i := slices.IndexFunc(windows, func(w [2]Time) bool { return w[1] == end })
	if i < 0 {
		t.Fatalf("no window ends at %d", end)
	}
	rest := windows[i+1:]
	switch want := c.Expect.NextWindowEnd; {
	case want == nil && len(rest) > 0:
		t.Errorf("windows %v follow", rest)
	case want != nil && (len(rest) == 0 || rest[0][1] != *want):
		t.Errorf("windows %v follow, want one that ends at %d", rest, *want)
	}
}

// idle checks a sequence of looks at one partition.
func (c *windowsCase) idle(t *testing.T) {
	p := NewPartition(c.Spec.config(false))
	now := Time(1_000_000)
	var got []bool
	for _, e := range c.Events {
		switch {
		case e.AdvanceClock != nil:
			now += Time(*e.AdvanceClock)
		case e.Activity:
			p.Speak()
			p.Observe(now)
		case e.Check:
			got = append(got, p.CaughtUp(now))
		}
	}
	expect(t, "idle", got, c.Expect.Idle)
}

// ready checks when a partition without records stops holding the other back:
// not while it may have records (no response was empty yet).
func (c *windowsCase) ready(t *testing.T) {
	p := NewPartition(PartitionConfig{IdleTimeout: *ms(t, c)})
	lagZero := false
	var got []bool
	for _, e := range c.Events {
		switch {
		case e.Lag != nil:
			lagZero = *e.Lag == 0
		case e.CheckAt != nil:
			got = append(got, lagZero && p.CaughtUp(*e.CheckAt))
		}
	}
	if !slices.Equal(got, c.Expect.Ready) {
		t.Errorf("ready %v, want %v", got, c.Expect.Ready)
	}
}

func ms(t *testing.T, c *windowsCase) *Duration {
	t.Helper()
	if c.Spec.MaxIdle == nil {
		t.Fatal("the case has no max_idle_ms")
	}
	return c.Spec.MaxIdle
}

// expect compares a value with the JSON of the case.
func expect[T any](t *testing.T, what string, got T, want json.RawMessage) {
	t.Helper()
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var a, b any
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(want, &b); err != nil {
		t.Fatalf("%s: the case says %q: %v", what, want, err)
	}
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("%s %v, want %v", what, a, b)
	}
}

// cluster runs the watermark cases: partitions by name, one assembler.
type cluster struct {
	cfg   PartitionConfig
	asm   *Assembler
	names []any
	parts []*Partition
	now   Time
}

func (k *cluster) part(name any) (int, *Partition) {
	if i := slices.Index(k.names, name); i >= 0 {
		return i, k.parts[i]
	}
	k.names = append(k.names, name)
	k.parts = append(k.parts, NewPartition(k.cfg))
	return k.asm.Assign(PartitionID{Topic: fmt.Sprint(name)}, true, false), k.parts[len(k.parts)-1]
}

// settle delivers every report and tells idle partitions the watermark until
// nothing moves.
func (k *cluster) settle() {
	for range k.parts {
		for i, p := range k.parts {
			k.asm.Report(i, p.Report())
		}
		k.asm.Chase(func(part int, w Time) { k.parts[part].Tell(w) })
	}
	for i, p := range k.parts {
		k.asm.Report(i, p.Report())
	}
	k.asm.Advance(nil)
}

// watermark is the assembler's as the cases write it.
func (k *cluster) watermark() any {
	switch w := k.asm.Watermark(); w {
	case MinTime:
		return nil
	case MaxTime:
		return "max"
	default:
		return int64(w)
	}
}

func (k *cluster) allIdle() bool {
	return len(k.parts) > 0 && !slices.ContainsFunc(k.parts, func(p *Partition) bool { return !p.idle })
}

// apply does what one event says.
func (k *cluster) apply(e *caseEvent) {
	name := e.P
	if name == nil {
		name = "only"
	}
	switch {
	case e.TS != nil:
		_, p := k.part(name)
		if !IsFuture(*e.TS, int64(k.now), p.cfg.MaxFuture) {
			p.Speak()
			p.Observe(*e.TS)
		}
	case e.WM != nil:
		_, p := k.part(name)
		p.Speak()
		p.Observe(*e.WM)
	case e.Idle:
		_, p := k.part(name)
		p.CaughtUp(k.now)
		k.now += Time(k.cfg.IdleTimeout)
		p.CaughtUp(k.now)
	case e.Active: // by a record that moves no watermark
		_, p := k.part(name)
		p.Speak()
		p.Observe(p.newest)
	case e.EOF:
		_, p := k.part(name)
		p.Finish()
	case e.Add:
		k.part(name)
	case e.AdvanceClock != nil: // while every partition is silent
		for _, p := range k.parts {
			p.CaughtUp(k.now.Sub(k.cfg.IdleTimeout))
			p.CaughtUp(k.now)
		}
		k.tick()
		k.now = k.now.Add(*e.AdvanceClock)
		k.tick()
	case e.Now != nil:
		k.now = Time(e.Now.(float64))
	}
	k.settle()
}

func (k *cluster) tick() {
	k.settle()
	k.asm.Tick(k.now, func(part int, w Time) { k.parts[part].Tell(w) })
}

// watermarks checks the watermark after the events, or after each.
func (c *windowsCase) watermarks(t *testing.T) {
	cfg := c.Spec.config(false)
	if c.Spec.Delay == nil {
		cfg.OutOfOrderness = 0
	}
	cfg.MaxFuture = 300_000
	k := &cluster{cfg: cfg, asm: NewAssembler(cfg), now: -1}
	if c.Spec.StartNow != nil {
		k.now = *c.Spec.StartNow
	}
	for i := range c.Spec.Inputs {
		k.part(float64(i))
	}
	if c.Expect.Watermarks != nil { // every partition is known from the start
		for _, e := range c.Events {
			k.part(e.P)
		}
	}
	var trace []any
	var distinct []Time
	for i := range c.Events {
		k.apply(&c.Events[i])
		trace = append(trace, k.watermark())
		if w := k.asm.Watermark(); w != MinTime && !slices.Contains(distinct, w) {
			distinct = append(distinct, w)
		}
	}
	e := &c.Expect
	if e.WM != nil {
		expect(t, "watermark", k.watermark(), e.WM)
	}
	if e.Idle != nil {
		expect(t, "idle", k.allIdle(), e.Idle)
	}
	if e.Trace != nil {
		want, err := json.Marshal(e.Trace)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, "trace", trace, want)
	}
	if e.Watermarks != nil && !slices.Equal(distinct, e.Watermarks) {
		t.Errorf("watermarks %v, want %v", distinct, e.Watermarks)
	}
	if e.WM == nil && e.Trace == nil && e.Watermarks == nil {
		t.Error("the case expects nothing that was looked at")
	}
}

// pipe runs the cases with windows event by event through one partition.
type pipe struct {
	*rig
	cfg      PartitionConfig
	offset   int64
	verdicts []Verdict
	after    []int // the event that each pane came after
}

// newPipe has the series "members", which tells the records apart, and "v",
// their values.
func newPipe(t *testing.T, c *windowsCase) *pipe {
	explicit := slices.ContainsFunc(c.Events, func(e caseEvent) bool { return e.WM != nil })
	cfg := c.Spec.config(explicit)
	cfg.Series = []string{"members", "v"}
	return &pipe{rig: newRig(t, cfg, []partitionLog{{fromBeginning: true}}), cfg: cfg}
}

// record reads one record with the offset as its member number.
func (p *pipe) record(key string, at Time, v any) Verdict {
	value, _ := v.(float64) // words and missing values are counted only
	part := p.parts[0]
	part.Speak()
	part.Observe(at)
	rec := logged{key: []byte(key), time: at, at: Place{Offset: p.offset}, values: []float64{math.Ldexp(1, int(p.offset)), value}}
	verdict := part.Add(rec.key, rec.time, &rec.at, rec.values)
	p.logs[0].records = append(p.logs[0].records, rec)
	p.rig.verdicts[0] = append(p.rig.verdicts[0], verdict)
	p.offset++
	return verdict
}

// do applies event i and notes which panes it brought.
func (p *pipe) do(c *windowsCase, i int) {
	e := &c.Events[i]
	var v Verdict
	switch {
	case e.TS != nil:
		v = p.record(e.Key, *e.TS, e.V)
	case e.WM != nil:
		w := *e.WM
		if c.Spec.FlinkWatermarks {
			w++
		}
		p.parts[0].Speak()
		p.parts[0].Observe(w + Time(held))
	case e.EOF:
		p.parts[0].Finish()
	case e.Now != nil: // processing time, which every response moves
		if now := Time(e.Now.(float64)); e.Key != "" {
			v = p.record(e.Key, now, e.V)
		} else {
			p.parts[0].Observe(now)
		}
	case e.Generate != nil:
		g := e.Generate
		for n := range g.N {
			p.record("", g.T0+Time(n)*Time(g.Step), float64(n))
		}
	default:
		for _, at := range e.Batch {
			one := p.record("", at, nil)
			v.Lost, v.Of = v.Lost+one.Lost, v.Of+one.Of
		}
	}
	p.verdicts = append(p.verdicts, v)
	known := len(p.panes)
	p.report(0)
	p.after = append(p.after, slices.Repeat([]int{i}, len(p.panes)-known)...)
}

// lines describes the windows that came out as caseWindow.line does the
// expected ones; after is left out of those that come at the end of the input.
func (p *pipe) lines(c *windowsCase, ordered bool) []string {
	var lines []string
	for i := 0; i < len(p.panes); i += 2 {
		members, numbers := p.panes[i], p.panes[i+1]
		w := caseWindow{Key: members.Key.Bytes, Start: members.Start, End: members.End}
		if ordered {
			w.After = p.after[i]
		}
		switch c.Spec.Agg {
		case "list":
			w.Value = c.list(members)
		case "count":
			w.Value = numbers.Count
		case "sum":
			w.Value = numbers.Sum()
		case "mean":
			w.Value = numbers.Mean()
		case "min":
			w.Value = numbers.Min
		case "count,min,max":
			w.Count, w.Min, w.Max = &numbers.Count, numbers.Min, numbers.Max
		default:
			p.t.Fatalf("the case has the aggregate %q", c.Spec.Agg)
		}
		lines = append(lines, w.line())
	}
	slices.Sort(lines)
	return lines
}

func (w caseWindow) line() string {
	value := fmt.Sprint(w.Value)
	if w.Count != nil {
		value = fmt.Sprint(*w.Count, w.Min, w.Max)
	}
	return fmt.Sprintf("[%d, %d) %q after %d: %s", w.Start, w.End, w.Key, w.After, value)
}

func lines(windows []caseWindow) []string {
	var list []string
	for _, w := range windows {
		list = append(list, w.line())
	}
	slices.Sort(list)
	return list
}

// list is the values of the records in a window, in the order of event time.
func (c *windowsCase) list(members *Pane) []any {
	var in []*caseEvent
	for i := range c.Events {
		if e := &c.Events[i]; e.TS != nil {
			in = append(in, e)
		}
	}
	n := -1
	in = slices.DeleteFunc(in, func(*caseEvent) bool {
		n++
		return int64(members.Sum())>>n&1 == 0
	})
	slices.SortStableFunc(in, func(a, b *caseEvent) int { return cmp.Compare(*a.TS, *b.TS) })
	var list []any
	for _, e := range in {
		list = append(list, e.V)
	}
	return list
}

// aggregated checks the windows that come out, the records that are late, and
// the watermark before and after each event.
func (c *windowsCase) aggregated(t *testing.T) {
	p := newPipe(t, c)
	var before, after []any
	for i := range c.Events {
		before = append(before, p.watermark())
		p.do(c, i)
		after = append(after, p.watermark())
	}
	e := &c.Expect
	switch {
	case e.Final != nil:
		same(t, "windows", p.lines(c, false), lines(e.Final))
	case e.Emitted != nil:
		same(t, "windows", p.lines(c, true), lines(e.Emitted))
	case e.Contains != nil:
		got := p.lines(c, true)
		for _, w := range lines(e.Contains) {
			if !slices.Contains(got, w) {
				t.Errorf("windows %v lack %s", got, w)
			}
		}
	case e.Dropped == nil:
		t.Error("the case expects nothing that was looked at")
	}
	if late := p.late(); e.Dropped != nil || e.DroppedPairs == nil {
		same(t, "late", late, slices.Concat(e.Dropped, e.DroppedBatches))
	}
	if e.DroppedPairs != nil {
		same(t, "windows lost", c.pairs(p), e.DroppedPairs)
	}
	if e.WMBefore != nil {
		expect(t, "watermark before", before, e.WMBefore)
	}
	if e.WMAfter != nil {
		expect(t, "watermark after", after, e.WMAfter)
	}
}

func same[T any](t *testing.T, what string, got, want []T) {
	t.Helper()
	if a, b := fmt.Sprint(got), fmt.Sprint(want); a != b {
		t.Errorf("%s %s, want %s", what, a, b)
	}
}

func (p *pipe) watermark() any {
	if w := p.asm.Watermark(); w != MinTime {
		return int64(w)
	}
	return nil
}

// late are the events that lost all their windows.
func (p *pipe) late() []int {
	var late []int
	for i, v := range p.verdicts {
		if v.Of > 0 && v.Lost == v.Of {
			late = append(late, i)
		}
	}
	return late
}

// pairs are [event, start, end] of every window lost: those that end first.
// Kafka Streams, the one dialect that has no windows before 0, does not list
// them.
func (c *windowsCase) pairs(p *pipe) [][3]int64 {
	var pairs [][3]int64
	for i, v := range p.verdicts {
		if c.Events[i].TS == nil {
			continue
		}
		spans := spansOf(c.Spec.window(), *c.Events[i].TS)
		slices.Reverse(spans)
		for _, s := range spans[:v.Lost] {
			if s.Start >= 0 || c.Dialect != "kstreams" {
				pairs = append(pairs, [3]int64{int64(i), int64(s.Start), int64(s.End)})
			}
		}
	}
	return pairs
}
