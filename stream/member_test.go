package stream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/oriel-stream/oriel/window"
)

// groupLogs are partitions that the members of a group read, with what is left
// when all of them are gone: what was committed, and what sinks have taken.
type groupLogs struct {
	t          *testing.T
	partitions [][]Record
	config     func(*Config)

	mu        sync.Mutex
	committed map[window.PartitionID]Commit
	commits   int
	lines     map[string]int
	// verdicts has the one verdict on each record, unless a clock has a say.
	verdicts map[string]string
	clock    bool
	notices  []string
}

func newGroupLogs(t *testing.T, partitions [][]Record, config func(*Config)) *groupLogs {
	return &groupLogs{
		t: t, partitions: partitions, config: config, committed: make(map[window.PartitionID]Commit),
		lines: make(map[string]int), verdicts: make(map[string]string),
	}
}

func partitionID(n int) window.PartitionID {
	return window.PartitionID{Topic: "t", Partition: int32(n)}
}

// member is one process of the group. A test steers it; it never does anything of
// its own accord.
type member struct {
	logs   *groupLogs
	rng    *rand.Rand
	assign AssignFunc
	ins    map[int]chan<- Delivery
	next   map[int]int64
	// left is told of the last commit of a partition.
	left   chan window.PartitionID
	cancel context.CancelCauseFunc
	done   chan struct{}
	err    error
	sum    *Summary

	mu   sync.Mutex
	dead bool
	// written are lines that no flush has covered, flushed the commits that the
	// coordinator does not have yet.
	written []string
	flushes []Commit
}

var errKilled = errors.New("killed")

// start starts a member without partitions. What it leaves to chance is its own.
func (g *groupLogs) start(seed uint64) *member {
	m := &member{
		logs: g, rng: rand.New(rand.NewPCG(seed, 1)), ins: make(map[int]chan<- Delivery), next: make(map[int]int64),
		left: make(chan window.PartitionID, 16), done: make(chan struct{}),
	}
	ctx, cancel := context.WithCancelCause(g.t.Context())
	m.cancel = cancel
	ready := make(chan struct{})
	cfg := testConfig(m)
	cfg.Live, cfg.Witness = true, m
	cfg.Window.IdleTimeout = 1 << 40
	cfg.Group = &Group{Commits: m, Spec: SpecOf("test")}
	cfg.NewDecoder = func() Decoder { return ownTimed{} }
	cfg.Notice = m.notice
	g.config(&cfg)
	go func() {
		defer close(m.done)
		m.sum, m.err = Run(ctx, cfg, script(func(ctx context.Context, assign AssignFunc) error {
			m.assign = assign
			close(ready)
			<-ctx.Done()
			return context.Cause(ctx)
		}))
	}()
	<-ready
	return m
}

// take assigns a partition, from where the group stands.
func (m *member) take(part int) {
	a := Assignment{ID: partitionID(part), End: -1, FromBeginning: true}
	m.logs.mu.Lock()
	if c, ok := m.logs.committed[a.ID]; ok {
		a.Start, a.FromBeginning, a.Committed = c.Offset, c.Offset == 0, &c
	}
	m.logs.mu.Unlock()
	in, err := m.assign(a)
	if err != nil {
		m.logs.t.Error(err)
	}
	m.ins[part], m.next[part] = in, a.Start
}

// deliver delivers the next records of a partition, at most n, and reports
// whether there were any.
func (m *member) deliver(part, n int) bool {
	records := m.logs.partitions[part][m.next[part]:]
	records = records[:min(n, len(records))]
	if len(records) == 0 {
		m.ins[part] <- Delivery{Kind: CaughtUp, At: 1000, LogEnd: m.next[part]}
		return false
	}
	m.next[part] += int64(len(records))
	m.ins[part] <- Delivery{
		Kind: Data, At: 1000, Next: m.next[part], LogEnd: int64(len(m.logs.partitions[part])),
		Batch: &memory{records: records, released: new(atomic.Int64)},
	}
	return true
}

// giveUp takes a partition away and waits for its last commit.
func (m *member) giveUp(part int) {
	m.ins[part] <- Delivery{Kind: Revoked}
	for id := range m.left {
		if id == partitionID(part) {
			break
		}
		m.logs.t.Errorf("the last commit is of %v, want %v", id, partitionID(part))
	}
	delete(m.ins, part)
}

// kill ends the member as SIGKILL does: of what it had not flushed some may have
// been written, and of its commits the newest may not have arrived.
func (m *member) kill() {
	m.mu.Lock()
	m.dead = true
	for _, line := range m.written[:m.rng.IntN(len(m.written)+1)] {
		m.logs.print(line)
	}
	m.arrive(m.rng.IntN(len(m.flushes) + 1))
	m.mu.Unlock()
	m.cancel(errKilled)
	m.wait()
}

// stop ends the member in order.
func (m *member) stop() {
	m.cancel(errKilled)
	m.wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.arrive(len(m.flushes))
}

func (m *member) wait() {
	<-m.done
	if !errors.Is(m.err, errKilled) {
		m.logs.t.Errorf("the run ended with %v", m.err)
	}
}

// arrive lets the first n commits arrive.
func (m *member) arrive(n int) {
	m.logs.mu.Lock()
	defer m.logs.mu.Unlock()
	for _, c := range m.flushes[:n] {
		if before, ok := m.logs.committed[c.ID]; ok && c.Offset < before.Offset {
			m.logs.t.Errorf("%v: %d is committed behind %d", c.ID, c.Offset, before.Offset)
		}
		if len(c.Metadata) > maxMetadata {
			m.logs.t.Errorf("%d bytes of metadata: %s", len(c.Metadata), c.Metadata)
		}
		m.logs.committed[c.ID] = c
		m.logs.commits++
	}
	m.flushes = m.flushes[n:]
}

// Flushed implements Commits.
func (m *member) Flushed(c Commit, last bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		return
	}
	if len(m.written) > 0 {
		m.logs.t.Errorf("committed with %d lines that were not flushed", len(m.written))
	}
	m.flushes = append(m.flushes, c)
	if last || m.rng.IntN(3) == 0 {
		m.arrive(len(m.flushes))
	}
	if last {
		m.left <- c.ID
	}
}

// Write, Flush and Close implement Sink.
func (m *member) Write(l *Line) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l.EmittedAt != window.MinTime {
		m.logs.t.Error("a line of a group says when it was emitted")
	}
	if !m.dead {
		m.written = append(m.written, wholeLine(l))
	}
	return nil
}

func (m *member) Flush() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, line := range m.written {
		m.logs.print(line)
	}
	m.written = m.written[:0]
	return nil
}

func (m *member) Close() error { return nil }

// Record implements Witness: whatever is read again is judged as it was.
func (m *member) Record(w *Witnessed) {
	g := m.logs
	key := fmt.Sprintf("%d@%d", w.ID.Partition, w.Record.Offset)
	verdict := fmt.Sprintf("%v %+v", w.Reason, w.Verdict)
	g.mu.Lock()
	defer g.mu.Unlock()
	if before, again := g.verdicts[key]; again && before != verdict && !g.clock {
		g.t.Errorf("record %s is judged %s, and was judged %s", key, verdict, before)
	}
	g.verdicts[key] = verdict
}

func (m *member) Shares(window.PartitionID, []window.Frozen) {}

func (m *member) notice(s string) {
	m.logs.mu.Lock()
	defer m.logs.mu.Unlock()
	m.logs.notices = append(m.logs.notices, s)
}

func (g *groupLogs) print(line string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lines[line]++
}

// sorted is what sort -u makes of all lines.
func (g *groupLogs) sorted() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	lines := make([]string, 0, len(g.lines))
	for line := range g.lines {
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

// wholeLine has everything that a line prints, but for what models have learnt.
func wholeLine(l *Line) string {
	forecast := ""
	if f := l.Forecast; f != nil {
		forecast = fmt.Sprintf(" %s %d %v %q", f.Model, f.Origin, f.Mean, f.Error)
	}
	return forecast + fmt.Sprintf("%s %q/%v %s %d-%d %d %d rev=%d final=%v by=%d inc=%v n=%d %v %v %v %v %v late=%d lag=%+v %v %v %v",
		l.Topic, l.Key.Bytes, l.Key.Null, l.Series, l.Start, l.End, l.Size, l.Hop, l.Revision, l.Final, l.ClosedBy, l.Incomplete,
		l.Count, l.Sum(), l.Mean(), l.Min, l.Max, l.Stddev(), l.Late, l.Lag, l.Offsets, l.Quantiles, l.Distinct)
}

// ownTimed decodes a payload of a value and, behind an @, the event time; without one
// that is the Kafka timestamp. A payload that begins with an x is filtered.
type ownTimed struct{}

func (ownTimed) Series() []string { return []string{"v"} }

func (ownTimed) Decode(r *Record, e *Event) {
	value, at, ok := bytes.Cut(r.Value, []byte("@"))
	plain{}.Decode(&Record{Timestamp: r.Timestamp, Key: r.Key, Value: value}, e)
	if ok {
		t, _ := strconv.ParseInt(string(at), 10, 64)
		e.Time, e.FromPayload = window.Time(t), true
	}
	if bytes.HasPrefix(value, []byte("x")) {
		e.Filtered, e.Reason = true, OK
	}
}
