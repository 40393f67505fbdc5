package stream

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// groupCase is what a random case is made of.
type groupCase struct {
	rng        *rand.Rand
	partitions [][]Record
	cfg        window.PartitionConfig
	forecasts  *Forecasts // nil for none
}

func newGroupCase(seed uint64) *groupCase {
	rng := rand.New(rand.NewPCG(seed, 7))
	c := &groupCase{rng: rng}
	size := window.Duration(4 + rng.IntN(30))
	c.cfg = window.PartitionConfig{
		Specs: []window.Spec{{Size: size, Hop: 1 + window.Duration(rng.Int64N(int64(size)))}}, Series: []string{"v"},
		OutOfOrderness: window.Duration(rng.IntN(10)), Emit: window.EmitOnTime, History: 3, IdleTimeout: 1 << 40,
		MaxFuture: window.Duration(rng.IntN(3) * 20),
	}
	if rng.IntN(2) == 0 {
		c.cfg.Specs = append(c.cfg.Specs, window.Spec{Size: 40, Hop: 40, Origin: 3})
	}
	if rng.IntN(2) == 0 {
		c.cfg.AllowedLateness = window.Duration(rng.IntN(25))
	}
	if rng.IntN(3) == 0 {
		c.cfg.Emit = window.EmitFinal
	}
	c.cfg.Empty = rng.IntN(4) == 0
	if rng.IntN(3) == 0 {
		c.forecast()
	}
	for p := range 1 + rng.IntN(3) {
		c.partitions = append(c.partitions, c.log(p))
	}
	return c
}

// forecast adds a model whose forecasts are a function of their window.
func (c *groupCase) forecast() {
	for i := range c.cfg.Specs {
		c.cfg.Specs[i].Step = 1
	}
	c.forecasts = &Forecasts{Model: holtModel(), Horizon: 2, Levels: []float64{95}, Anomaly: 3}
}

// holtModel is Holt's.
func holtModel() model.Forecaster {
	m, err := model.Parse("holt", nil)
	if err != nil {
		panic(err)
	}
	return m
}

// log makes up the records of a partition: out of order beyond the bound, with
// leaps, refuted and not, with records that count nowhere.
func (c *groupCase) log(partition int) []Record {
	rng := c.rng
	var records []Record
	now := int64(1000)
	ownTime := rng.IntN(2) == 0
	for i := range 20 + rng.IntN(150) {
		now += rng.Int64N(4)
		if rng.IntN(40) == 0 {
			now += rng.Int64N(150)
		}
		at := now - rng.Int64N(30)*rng.Int64N(2)
		if rng.IntN(30) == 0 {
			at += 100
		}
		value := strconv.Itoa(rng.IntN(100))
		switch rng.IntN(12) {
		case 0:
			value = "no number"
		case 1:
			value = "x"
		}
		r := record(i, at, fmt.Sprintf("%d-%d", partition, rng.IntN(3)), value)
		if ownTime {
			r.Value, r.Timestamp = fmt.Appendf(nil, "%s@%d", value, at), now+5
		}
		records = append(records, r)
	}
	return records
}

func (c *groupCase) logs(t *testing.T) *groupLogs {
	return newGroupLogs(t, c.partitions, func(cfg *Config) {
		cfg.Window = c.cfg
		if c.forecasts != nil {
			f := *c.forecasts
			cfg.Forecasts = &f
		}
	})
}

// uninterrupted is what one member prints that is never disturbed.
func (c *groupCase) uninterrupted(t *testing.T) []string {
	g := c.logs(t)
	m := g.start(1)
	for p := range c.partitions {
		m.take(p)
	}
	for p := range c.partitions {
		for m.deliver(p, 1+c.rng.IntN(50)) {
		}
		m.giveUp(p)
	}
	m.stop()
	for line, n := range g.lines {
		if n > 1 {
			t.Errorf("printed %d times: %s", n, line)
		}
	}
	return g.sorted()
}

// disturbed is a group of two whose members are killed and hand partitions over.
type disturbed struct {
	*groupCase
	logs    *groupLogs
	members []*member
	owner   []int // of each partition, -1 for none
	kills   int
}

func (c *groupCase) disturb(t *testing.T) *disturbed {
	d := &disturbed{groupCase: c, logs: c.logs(t)}
	for range 2 {
		d.members = append(d.members, d.logs.start(c.rng.Uint64()))
	}
	for range c.partitions {
		d.owner = append(d.owner, -1)
	}
	return d
}

// step does something at random.
func (d *disturbed) step() {
	p := d.rng.IntN(len(d.owner))
	switch n := d.rng.IntN(20); {
	case d.owner[p] < 0:
		d.owner[p] = d.rng.IntN(2)
		d.members[d.owner[p]].take(p)
	case n == 0:
		d.kill(d.rng.IntN(2))
	case n <= 2:
		d.members[d.owner[p]].giveUp(p)
		d.owner[p] = -1
	default:
		d.members[d.owner[p]].deliver(p, 1+d.rng.IntN(20))
	}
}

// kill kills a member; another takes its place.
func (d *disturbed) kill(i int) {
	d.members[i].kill()
	d.kills++
	d.members[i] = d.logs.start(d.rng.Uint64())
	for p, owner := range d.owner {
		if owner == i {
			d.owner[p] = -1
		}
	}
}

// finish reads what is left and ends the members.
func (d *disturbed) finish() {
	for p := range d.owner {
		if d.owner[p] < 0 {
			d.owner[p] = 0
			d.members[0].take(p)
		}
		m := d.members[d.owner[p]]
		for m.deliver(p, 10) {
		}
		m.giveUp(p)
	}
	for _, m := range d.members {
		m.stop()
	}
}

// TestResumedRunsPrintTheSameLines: whatever is killed, and whoever takes over,
// every line comes, and each that comes again is the same.
func TestResumedRunsPrintTheSameLines(t *testing.T) {
	t.Parallel()
	cases := 1500
	if testing.Short() {
		cases = 200
	}
	kills, lines, commits, again := 0, 0, 0, 0
	for seed := range uint64(cases) {
		c := newGroupCase(seed)
		want := c.uninterrupted(t)
		d := c.disturb(t)
		for range 20 + c.rng.IntN(60) {
			d.step()
		}
		d.finish()
		if diff := cmp.Diff(want, d.logs.sorted()); diff != "" {
			t.Errorf("seed %d, %+v (-uninterrupted +all lines):\n%s", seed, c.cfg, diff)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
		kills, lines, commits = kills+d.kills, lines+len(want), commits+d.logs.commits
		for _, n := range d.logs.lines {
			again += n - 1
		}
	}
	t.Logf("%d cases, %d kills, %d commits, %d lines, of which %d came again", cases, kills, commits, lines, again)
	if kills < cases || lines < 20*cases || again == 0 {
		t.Error("the cases are too thin to show anything")
	}
}

// TestCommitsMoveOn: what is committed follows the windows closely, and a run
// that prints nothing commits its position.
func TestCommitsMoveOn(t *testing.T) {
	t.Parallel()
	var printing, silent []Record
	for i := range 2000 {
		printing = append(printing, record(i, int64(i), "k", "1"))
		silent = append(silent, record(i, int64(i), "k", "x"))
	}
	g := newGroupLogs(t, [][]Record{printing, silent}, func(cfg *Config) {
		cfg.Window.Specs, cfg.Window.OutOfOrderness = []window.Spec{{Size: 20, Hop: 5}}, 3
	})
	m := g.start(1)
	m.take(0)
	m.take(1)
	for m.deliver(0, 2) || m.deliver(1, 7) {
	}
	m.giveUp(0)
	m.giveUp(1)
	m.stop()
	// The newest record is at 1999, the watermark at 1996: the window from 1980 is
	// open, and reading goes on between the deliveries around its first record.
	if got := g.committed[partitionID(0)].Offset; got < 1978 || got > 1980 {
		t.Errorf("committed %d", got)
	}
	if got := g.committed[partitionID(1)].Offset; got != 2000 {
		t.Errorf("a run without lines has committed %d", got)
	}
}

// TestWhatCannotBeResumed is told, and read as a range that begins there.
func TestWhatCannotBeResumed(t *testing.T) {
	t.Parallel()
	var records []Record
	for i := range 100 {
		records = append(records, record(i, int64(i), "k", "1"))
	}
	valid := (&Checkpoint{Spec: SpecOf("test"), Frontier: 50, State: window.PartitionState{Newest: 58, First: 55, Told: window.MinTime}, Guard: 58, Idle: window.MinTime, Whole: true}).Metadata()
	other := (&Checkpoint{Spec: SpecOf("other"), Frontier: 50, State: window.PartitionState{Newest: 58}}).Metadata()
	for name, c := range map[string]struct {
		metadata string
		start    int64
		notice   string
		first    string
	}{
		"valid":          {valid, 50, "", "50-60 10 10 rev=0 final=true by=0 inc= n=10"},
		"other windows":  {other, 50, "other windows", "50-60 10 10 rev=0 final=true by=0 inc=start"},
		"other program":  {"", 50, "another program", "50-60 10 10 rev=0 final=true by=0 inc=start"},
		"other version":  {"oriel9 x", 50, "another version", "50-60 10 10 rev=0 final=true by=0 inc=start"},
		"garbage":        {valid + "x", 50, "damaged", "50-60 10 10 rev=0 final=true by=0 inc=start"},
		"retention":      {valid, 55, "lost 5 offsets, 50 to 54", "50-60 10 10 rev=0 final=true by=0 inc=start n=5"},
		"another log":    {valid, 40, "the log ends before it", "40-50 10 10 rev=0 final=true by=0 inc=start"},
		"nothing so far": {"", 0, "", ""},
	} {
		g := newGroupLogs(t, [][]Record{records}, func(cfg *Config) { cfg.Window.OutOfOrderness = 0 })
		m := g.start(1)
		a := Assignment{ID: partitionID(0), Start: c.start, End: -1, FromBeginning: c.start == 0}
		if c.start > 0 {
			a.Committed = &Commit{ID: a.ID, Offset: 50, Metadata: c.metadata}
		}
		in, err := m.assign(a)
		if err != nil {
			t.Fatal(err)
		}
		m.ins[0], m.next[0] = in, c.start
		for m.deliver(0, 10) {
		}
		m.giveUp(0)
		m.stop()
		notices := strings.Join(g.notices, "\n")
		if c.notice == "" && notices != "" || !strings.Contains(notices, c.notice) {
			t.Errorf("%s: told %q", name, notices)
		}
		if got := g.sorted(); c.first != "" && !strings.Contains(got[0], c.first) {
			t.Errorf("%s: the first line is %s", name, got[0])
		}
	}
}

// TestMembersThatComeAndGoLeaveNothing: a partition may be assigned again and
// again, and memory does not grow with it; what was counted stays counted.
func TestMembersThatComeAndGoLeaveNothing(t *testing.T) {
	t.Parallel()
	var records []Record
	for i := range 1000 {
		records = append(records, record(i, int64(i), strconv.Itoa(i%50), "1"))
	}
	g := newGroupLogs(t, [][]Record{records, records}, func(cfg *Config) { testBoard(cfg) })
	var board *Board
	config := g.config
	g.config = func(cfg *Config) { config(cfg); board = cfg.Board }
	m := g.start(1)
	read := int64(0)
	for n := range 300 {
		for p := range 2 {
			m.take(p)
			from := m.next[p]
			m.deliver(p, 1+n%20)
			read += m.next[p] - from
		}
		s := board.Snapshot()
		if len(s.Partitions) != 2 {
			t.Fatalf("partitions on the board: %+v", s.Partitions)
		}
		for p := range 2 {
			m.giveUp(p)
		}
	}
	board.mu.Lock()
	if n := len(board.workers); n != 0 {
		t.Errorf("the board has %d workers", n)
	}
	used := board.budget.used.Load()
	board.mu.Unlock()
	if used != 0 {
		t.Errorf("%d bytes are still held", used)
	}
	m.stop()
	if m.sum.Records != read || len(m.sum.Ranges) != 2 || m.sum.Partitions() != 2 {
		t.Errorf("summary: %+v, want %d records", m.sum, read)
	}
}

// TestBoardOfAGroup: the windows of a key close by the watermark of its partition,
// and so does the screen show them.
func TestBoardOfAGroup(t *testing.T) {
	t.Parallel()
	log := func(key string, last int) []Record {
		var records []Record
		for i := range last + 1 {
			records = append(records, record(i, int64(i), key, "1"))
		}
		return records
	}
	var board *Board
	g := newGroupLogs(t, [][]Record{log("fast", 100), log("slow", 10)}, func(cfg *Config) {
		cfg.Window.OutOfOrderness, board = 0, testBoard(cfg)
	})
	m := g.start(1)
	for p := range 2 {
		m.take(p)
		m.deliver(p, 1000)
	}
	board.SetInterest(Interest{Topic: "t", Key: window.Key{Bytes: "fast"}, Series: "v", Chosen: true})
	until(t, board, "how far each partition is", func(s *Snapshot) bool {
		return s.Group == "g" && s.Watermark == 10 && s.Focus != nil && s.Focus.Alone && s.Focus.Watermark == 100
	})
	m.stop()
}

// TestSplitKeys are told once, up to a bound, and counted.
func TestSplitKeys(t *testing.T) {
	var told []string
	s := newSplitKeys(func(n string) { told = append(told, n) })
	s.most = 50
	pane := func(n int) []*window.Pane {
		return []*window.Pane{{Topic: "t", Key: window.Key{Bytes: strconv.Itoa(n)}}}
	}
	for range 3 {
		for n := range 30 {
			s.look(pane(n), int32(n%4))
			s.look(pane(n), int32(n%2))
			s.look(pane(n), int32(n%2))
		}
	}
	if s.found != 14 || len(told) != maxSplitTold {
		t.Errorf("%d found, %d told: %q", s.found, len(told), told)
	}
	if !slices.Contains(told, `t: the key "2" is in the partitions 0 and 2, and with --group each has windows of its own: such a window has a line from each, with its own offsets`) {
		t.Errorf("told %q", told)
	}
	for n := range 10_000 {
		s.look(pane(n), 0)
	}
	if n := len(s.newer) + len(s.older); n > 100 {
		t.Errorf("%d keys are remembered", n)
	}
}
