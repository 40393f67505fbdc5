package window

import (
	"cmp"
	"slices"
	"strings"
)

// missing returns the groups that had on-time records in one of the last
// windows and have none in the one that fires, and sees to it that the next
// window fires though nothing comes for it. Behind the end of the input no
// group is missing, unless PartitionConfig.EmptyAtEnd says so.
func (a *Assembler) missing(f *firing) []groupID {
	w, recent := f.w, a.recent[f.w.spec]
	for _, id := range f.present {
		recent[id] = w.number
	}
	if f.template.ClosedBy == ByEndOfInput && !a.cfg.EmptyAtEnd {
		return nil
	}
	var missing []groupID
	for id, last := range recent {
		switch {
		case w.number-last > int64(a.cfg.History):
			delete(recent, id)
		case last < w.number:
			missing = append(missing, id)
		}
	}
	if len(recent) > 0 {
		a.window(paneID{spec: w.spec, number: w.number + 1}, false)
	}
	return missing
}

// withEmpty puts the panes of the groups without records among those that were
// made, which stand last.
func (f *firing) withEmpty(panes []*Pane) []*Pane {
	n := len(panes) - f.made
	came := make(map[groupID]bool) // late records, since the groups were missing
	if f.template.Firing == FiredFinal {
		for _, id := range f.present {
			came[id] = true
		}
	}
	for _, id := range f.w.empty {
		if came[id] {
			continue
		}
		p := f.template
		p.Topic, p.Key, p.Final = id.topic, id.key, f.final
		if !p.Counted {
			p.Series = f.a.cfg.Series[id.series]
		}
		p.Quantiles, p.Distinct = f.a.cfg.Aggregates.read(&p.Aggregate)
		f.w.note(id, printed{revisions: 1})
		panes = append(panes, &p)
	}
	if len(panes) > n+f.made {
		slices.SortFunc(panes[n:], comparePanes)
	}
	return panes
}

// comparePanes is the order of the lines of one window.
func comparePanes(x, y *Pane) int {
	return cmp.Or(strings.Compare(x.Topic, y.Topic), x.Key.Compare(y.Key), strings.Compare(x.Series, y.Series))
}
