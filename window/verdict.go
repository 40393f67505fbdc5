package window

// Verdict says in how many of its windows a record counts. It is the
// partition's own affair: it depends only on the records that the partition
// held before this one (and, after an idle spell, on the watermark that the
// idle partition was told).
//
//	a record at time t, the partition's watermark W after seeing t,
//	the allowed lateness L:
//
//	windows [s, s+size) with s <= t < s+size      all of them: Of
//	  W <  end                                    in the on-time and in the final content
//	  end <= W < end+L                            in the final content alone: Late
//	  end+L <= W                                  in neither: Lost
//	Lost == 0                                     in time
//	0 < Lost < Of                                 partly late
//	Lost == Of                                    late
//	  and fewer were lost by the partition's
//	  own newest event time alone                 late after idle
//	one key too many                              KeyLimit, and Lost == Of
type Verdict struct {
	// Lost of the Of windows that contain the record's event time, over all
	// specs, were final; Late of the others had fired on time.
	Lost, Late, Of int
	// AfterIdle says that the partition's own event times alone would have
	// lost fewer.
	AfterIdle bool
	// KeyLimit says that the record's key was one too many.
	KeyLimit bool
}

// Judge says in how many windows a record at t still counts. Observe must
// have been called with t.
func (p *Partition) Judge(t Time) Verdict {
	var v Verdict
	for i := range p.specs {
		s := &p.specs[i]
		first, last := s.windowsOf(t)
		n := upTo(first, last, s.final)
		v.Of += int(last-first) + 1
		v.Lost += n
		v.Late += upTo(first, last, s.frozen) - n
		if n > 0 && p.told > p.Own() {
			final := s.lastEnded(p.Own().Sub(p.cfg.AllowedLateness))
			v.AfterIdle = v.AfterIdle || upTo(first, last, final) < n
		}
	}
	return v
}

// upTo counts the windows first to last whose number is at most limit.
func upTo(first, last, limit int64) int {
	if limit < first {
		return 0
	}
	return int(min(limit, last)-first) + 1
}
