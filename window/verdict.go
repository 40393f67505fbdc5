package window

// Verdict says in how many of its windows a record counts. It is the
// partition's own affair: it depends only on the records that the partition
// held before this one (and, after an idle spell, on the watermark that the
// idle partition was told).
//
//	a record at time t, the partition's watermark W after seeing t:
//
//	windows [s, s+size) with s <= t < s+size      all of them: Of
//	  end >  W                                    the record counts
//	  end <= W                                    frozen: Lost
//	Lost == 0                                     in time
//	0 < Lost < Of                                 partly late
//	Lost == Of                                    late
//	  and fewer were lost by the partition's
//	  own newest event time alone                 late after idle
type Verdict struct {
	// Lost of the Of windows that contain the record's event time, over all
	// specs, had been frozen.
	Lost, Of int
	// AfterIdle says that the partition's own event times alone would have
	// lost fewer.
	AfterIdle bool
}

// lost counts the windows first to last that are frozen, where frozen is the
// number of the last frozen window.
func lost(first, last, frozen int64) int {
	if frozen < first {
		return 0
	}
	return int(min(frozen, last)-first) + 1
}
