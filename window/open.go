package window

import "sort"

// OpenView is what a partition holds of a window that is not final: a copy, for
// people to look at. It changes with the next record.
type OpenView struct {
	Span
	// Content is OnTime for a window that the partition has not frozen, and
	// Provisional for one that it has and that late records have changed since:
	// the aggregate is the window's whole content by now.
	Content Content
	Aggregate
}

// Look returns the windows of one key, series and spec that hold records and
// are not frozen, in the order of their ends, and before them those of the last
// frozen ones that late records have changed and that are not final: at most
// limit of each.
func (p *Partition) Look(key Key, series, spec, limit int) []OpenView {
	g := p.null
	if !key.Null {
		g = p.keys[key.Bytes]
	}
	if g == nil || spec >= len(p.specs) || series >= len(p.order) {
		return nil
	}
	s := &p.specs[spec]
	l := p.lane(g, spec, series)
	if l.live().len() == 0 {
		return nil
	}
	return append(s.lookChanged(l, limit), s.lookOpen(l, limit)...)
}

// lookOpen looks at the windows that are not frozen.
func (s *specState) lookOpen(l *lane, limit int) []OpenView {
	var open []OpenView
	held := l.live()
	number := max(s.frozen+1, s.firstWindowOf(held.slice(0).number))
	for newest := held.slice(held.len() - 1).number; len(open) < limit; number++ {
		from := s.firstSliceOf(number)
		if from > newest {
			break
		}
		to := from + s.slices
		if l.between(from, to).len() == 0 {
			// Windows without records may be many: leap over them.
			number = s.firstWindowOf(held.slice(held.search(to)).number) - 1
			continue
		}
		open = append(open, s.look(l, number, OnTime))
	}
	return open
}

// lookChanged looks at the last limit windows that are frozen, of which those
// that are not final still have their slices.
func (s *specState) lookChanged(l *lane, limit int) []OpenView {
	if s.frozen == noWindow || s.frozen == s.final {
		return nil
	}
	var changed []OpenView
	last := min(s.frozen, l.lastChanged())
	for number := max(s.final+1, s.frozen-int64(limit)+1); number <= last; number++ {
		from := s.firstSliceOf(number)
		if l.changedIn(number, l.between(from, from+s.slices)) {
			changed = append(changed, s.look(l, number, Provisional))
		}
	}
	return changed
}

// look folds the slices of one window.
func (s *specState) look(l *lane, number int64, content Content) OpenView {
	from := s.firstSliceOf(number)
	to := from + s.slices
	var all slice
	(*tree)(nil).fold(l.between(from, to), from, to, &all) // nothing is kept of what changes
	all.share()
	return OpenView{Span: s.Span(number), Content: content, Aggregate: all.Aggregate}
}

// firstWindowOf returns the number of the first window that contains a slice.
func (s *specState) firstWindowOf(slice int64) int64 {
	first, _ := s.windowsOf(Time(int64(s.Origin) + slice*int64(s.width)))
	return first
}

// firstSliceOf returns the number of the first slice of a window.
func (s *specState) firstSliceOf(number int64) int64 {
	return (int64(s.Span(number).Start) - int64(s.Origin)) / int64(s.width)
}

// LastEnded returns the last of the windows that contain t which ends at or
// before w, and whether there is one.
func (s Spec) LastEnded(t, w Time) (Span, bool) {
	first, last := s.windowsOf(t)
	number := min(last, s.lastEnded(w))
	if number < first {
		return Span{}, false
	}
	return s.Span(number), true
}

// PendingView is a partition's share of a window that waits: for the watermark,
// or to be final.
type PendingView struct {
	Part int // index of the partition, as Assign returned it
	// OpenView has the content of the share. One that is Provisional stands for
	// any that came later than the on-time one; of several the last counts.
	OpenView
}

// Look returns the shares of one key, series and spec that wait for the
// watermark, and those of the last limit windows that have fired on time and are
// not final. They are in no order but that of the contents of a window.
func (a *Assembler) Look(topic string, key Key, series, spec, limit int) []PendingView {
	fired := int64(noWindow)
	for _, w := range a.due {
		if w.spec == spec && w.fired {
			fired = max(fired, w.number)
		}
	}
	var views []PendingView
	for _, w := range a.due {
		if w.spec != spec || w.fired && w.number <= fired-int64(limit) {
			continue
		}
		views = a.look(views, w, OnTime, w.onTime, topic, key, series)
		views = a.look(views, w, Provisional, w.later, topic, key, series)
	}
	return views
}

// look appends the shares of one key and series of a window.
func (a *Assembler) look(views []PendingView, w *pending, content Content, shares []partShares, topic string, key Key, series int) []PendingView {
	for _, s := range shares {
		if a.parts[s.part].id.Topic != topic {
			continue
		}
		// Shares are in the order of keys, with one for each series.
		first := sort.Search(len(s.shares), func(i int) bool { return !s.shares[i].Key.Less(key) })
		for i := first; i < len(s.shares) && s.shares[i].Key == key; i++ {
			if share := &s.shares[i]; share.Series == series {
				views = append(views, PendingView{
					Part: s.part, OpenView: OpenView{Span: w.Span, Content: content, Aggregate: share.Aggregate},
				})
			}
		}
	}
	return views
}

// Progress is what a partition knows of time, for people to look at.
type Progress struct {
	// Newest is the newest event time, MinTime before the first.
	Newest Time
	// Mark is the watermark up to which it has frozen its windows.
	Mark Time
	Idle bool
	// QuietSince and QuietUntil are the times of the first and the newest of the
	// empty fetches in a row that came last; QuietSince is MinTime if the last one
	// was not empty.
	QuietSince, QuietUntil Time
	Finished               bool
}

// Progress returns what the partition knows of time.
func (p *Partition) Progress() Progress {
	return Progress{Newest: p.newest, Mark: p.Watermark(), Idle: p.idle, QuietSince: p.idleSince, QuietUntil: p.emptyAt, Finished: p.finished}
}
