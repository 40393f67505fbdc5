package window

import "sort"

// OpenView is what a partition holds of a window that it has not frozen: a
// copy, for people to look at. It changes with the next record.
type OpenView struct {
	Span
	Aggregate
}

// Look returns the windows of one key, series and spec that hold records and
// are not frozen, in the order of their ends, at most limit of them.
func (p *Partition) Look(key Key, series, spec, limit int) []OpenView {
	g := p.null
	if !key.Null {
		g = p.keys[key.Bytes]
	}
	if g == nil || spec >= len(p.specs) || series >= len(p.order) {
		return nil
	}
	s := &p.specs[spec]
	l := &g.lanes[spec*len(p.order)+series]
	held := l.live()
	if held.len() == 0 {
		return nil
	}
	var open []OpenView
	number := max(s.frozen+1, s.firstWindowOf(held.slice(0).number))
	for newest := held.slice(held.len() - 1).number; len(open) < limit; number++ {
		from := s.firstSliceOf(number)
		if from > newest {
			break
		}
		to := from + int64(s.Size/s.width)
		within := l.between(from, to)
		if within.len() == 0 {
			// Windows without records may be many: leap over them.
			number = s.firstWindowOf(held.slice(held.search(to)).number) - 1
			continue
		}
		var all slice
		(*tree)(nil).fold(within, from, to, &all) // nothing is kept of what changes
		all.share()
		open = append(open, OpenView{Span: s.Span(number), Aggregate: all.Aggregate})
	}
	return open
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

// PendingView is a partition's share of a window that waits for the watermark.
type PendingView struct {
	Part int // index of the partition, as Assign returned it
	OpenView
}

// Look returns the shares of one key, series and spec that wait for the
// watermark, in no order.
func (a *Assembler) Look(topic string, key Key, series, spec int) []PendingView {
	var views []PendingView
	for _, w := range a.due {
		if w.spec != spec || w.fired {
			continue
		}
		for _, s := range w.onTime {
			if a.parts[s.part].id.Topic != topic {
				continue
			}
			// Shares are in the order of keys, with one for each series.
			first := sort.Search(len(s.shares), func(i int) bool { return !s.shares[i].Key.Less(key) })
			for i := first; i < len(s.shares) && s.shares[i].Key == key; i++ {
				if share := &s.shares[i]; share.Series == series {
					views = append(views, PendingView{Part: s.part, OpenView: OpenView{Span: w.Span, Aggregate: share.Aggregate}})
				}
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
	// QuietSince is the time of the first of the empty fetches in a row that
	// came last; MinTime if the last one was not empty.
	QuietSince Time
	Finished   bool
}

// Progress returns what the partition knows of time.
func (p *Partition) Progress() Progress {
	return Progress{Newest: p.newest, Mark: p.Watermark(), Idle: p.idle, QuietSince: p.idleSince, Finished: p.finished}
}
