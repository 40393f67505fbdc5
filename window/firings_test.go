package window

import (
	"cmp"
	"slices"
	"testing"
)

// expectedPane is one pane as the definition expects it.
type expectedPane struct {
	cell
	due           Time
	firing        Firing
	hidden, final bool
	revision      int
	content       []contribution
	late          int64
}

// addEmpty adds the cells without records that come out with
// PartitionConfig.Empty: of each group that had on-time records in one of the
// last History windows, if the window ended before the input did.
func addEmpty(cfg PartitionConfig, cells map[cell]*contents, byInput func(Span) bool) {
	if !cfg.Empty {
		return
	}
	empty := make(map[cell]bool)
	for c, content := range cells {
		if len(content.onTime) == 0 {
			continue
		}
		hop := Time(cfg.Specs[c.spec].Hop)
		for n := range cfg.History {
			e := c
			e.span.Start += hop * Time(n+1)
			e.span.End += hop * Time(n+1)
			if !byInput(e.span) && (cells[e] == nil || len(cells[e].onTime) == 0) {
				empty[e] = true
			}
		}
	}
	for c := range empty {
		if cells[c] == nil {
			cells[c] = new(contents)
		}
		cells[c].empty = true
	}
}

// firings are the panes of one cell, in order. Without allowed lateness the
// first is the last.
func (content *contents) firings(cfg PartitionConfig, c cell) []expectedPane {
	onTime := expectedPane{cell: c, due: c.span.End, firing: FiredOnTime, content: content.onTime}
	final := expectedPane{
		cell: c, due: c.span.End.Add(cfg.AllowedLateness), firing: FiredFinal, final: true,
		content: content.final, late: int64(len(content.final) - len(content.onTime)),
	}
	switch {
	case cfg.AllowedLateness == 0:
		onTime.final = true
		return []expectedPane{onTime}
	case cfg.Emit == EmitFinal && len(content.onTime) == 0:
		return []expectedPane{final}
	case cfg.Emit == EmitFinal:
		onTime.hidden = true
		return []expectedPane{onTime, final}
	}
	var panes []expectedPane
	if len(content.onTime) > 0 || content.empty {
		panes = append(panes, onTime)
	}
	if final.late > 0 {
		final.revision = len(panes)
		panes = append(panes, final)
	}
	return panes
}

// checkFirings compares panes with the contents of the cells: every one that is
// expected, no other, and in the order of lines.
func checkFirings(t *testing.T, cfg PartitionConfig, panes []*Pane, cells map[cell]*contents) {
	t.Helper()
	var want []expectedPane
	for c, content := range cells {
		want = append(want, content.firings(cfg, c)...)
	}
	if cfg.Emit == EmitUpdates && cfg.AllowedLateness > 0 {
		var between []*Pane
		panes, between = splitUpdates(panes)
		checkUpdates(t, cfg, between, cells)
		want = slices.DeleteFunc(want, func(e expectedPane) bool { return e.firing != FiredOnTime })
	}
	series := func(e expectedPane) string {
		if len(cfg.Series) == 0 {
			return ""
		}
		return cfg.Series[e.series]
	}
	slices.SortFunc(want, func(a, b expectedPane) int {
		return cmp.Or(
			cmp.Compare(a.due, b.due), cmp.Compare(a.span.End, b.span.End), cmp.Compare(a.span.Start, b.span.Start),
			cmp.Compare(cfg.Specs[a.spec].Hop, cfg.Specs[b.spec].Hop),
			cmp.Compare(a.topic, b.topic), compareKeys(a.key, b.key), cmp.Compare(series(a), series(b)), a.revision-b.revision,
		)
	})
	if len(panes) != len(want) {
		t.Errorf("%d panes, want %d", len(panes), len(want))
	}
	for i, p := range panes[:min(len(panes), len(want))] {
		checkFired(t, cfg, p, want[i])
	}
}

func checkFired(t *testing.T, cfg PartitionConfig, p *Pane, want expectedPane) {
	t.Helper()
	if c := cellOf(cfg, p); c != want.cell {
		t.Fatalf("a pane of %+v, want one of %+v", c, want.cell)
	}
	if p.Firing != want.firing || p.Hidden != want.hidden || p.Final != want.final || p.Revision != want.revision || p.Late != want.late {
		t.Fatalf("%+v: firing %v, hidden %v, final %v, revision %d, late %d; want %v, %v, %v, %d, %d", want.cell,
			p.Firing, p.Hidden, p.Final, p.Revision, p.Late, want.firing, want.hidden, want.final, want.revision, want.late)
	}
	if p.Counted != (len(cfg.Series) == 0) {
		t.Fatalf("%+v: counted %v", want.cell, p.Counted)
	}
	checkContent(t, p, want.content)
	checkSteps(t, p, cfg.Specs[want.spec].Step, want.content)
}

// splitUpdates tells the panes that fired on time from those that came behind.
func splitUpdates(panes []*Pane) (onTime, behind []*Pane) {
	for _, p := range panes {
		if p.Firing == FiredOnTime {
			onTime = append(onTime, p)
		} else {
			behind = append(behind, p)
		}
	}
	return onTime, behind
}

// checkUpdates checks the panes behind the on-time one where provisional ones
// come out: each has more records than the one before, and what a partition
// has contributed up to some offset; the last is the final content.
func checkUpdates(t *testing.T, cfg PartitionConfig, panes []*Pane, cells map[cell]*contents) {
	t.Helper()
	type state struct {
		revisions, count int
		final            bool
	}
	states := make(map[cell]state)
	for c, content := range cells {
		s := state{count: len(content.onTime)}
		if s.count > 0 || content.empty {
			s.revisions = 1
		}
		states[c] = s
	}
	for _, p := range panes {
		c := cellOf(cfg, p)
		content, ok := cells[c]
		if !ok {
			t.Fatalf("there is no window %+v", c)
		}
		s := states[c]
		upTo := make(map[int32]int64)
		for _, o := range p.Offsets {
			upTo[o.Partition] = o.Last
		}
		var in []contribution
		for _, x := range content.final {
			if last, ok := upTo[x.rec.part]; ok && x.rec.at.Offset <= last {
				in = append(in, x)
			}
		}
		if len(in) <= s.count || s.final {
			t.Fatalf("%+v: %d records behind %d, final %v", c, len(in), s.count, s.final)
		}
		checkFired(t, cfg, p, expectedPane{
			cell: c, firing: p.Firing, final: p.Firing == FiredFinal, revision: s.revisions,
			content: in, late: int64(len(in) - len(content.onTime)),
		})
		states[c] = state{revisions: s.revisions + 1, count: len(in), final: p.Final}
	}
	for c, s := range states {
		if n := len(cells[c].final); s.count != n {
			t.Fatalf("%+v: the last pane has %d records, want %d", c, s.count, n)
		}
	}
}
