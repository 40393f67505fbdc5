package window

// Truth says where the value of a step that was forecast is found.
//
//	forecast from the window that ends here
//	                 |
//	windows  ────────)
//	            ────────)          no step has ended
//	                 ────────)     ends the first step, Windows = 2
//	steps            [───)[───)[───)
//	                     before=1
type Truth struct {
	// Windows is by how many windows the one that ends the step is later than the
	// one whose end is the forecast's origin; at least 1.
	Windows int64
	// Step is the step's index among the steps of that later window, or, where
	// its steps lie elsewhere, behind them: it is then Pane.Ended[Step -
	// len(Pane.Steps)].
	Step int
}

// Truths returns where the values of the first ahead steps behind a window's
// end are found. Every window ends, in this sense, one step of each lead: the
// lead n step of the window Truths[n].Windows before.
func (s Spec) Truths(ahead int) []Truth {
	truths := make([]Truth, ahead)
	steps := int(s.Size / s.Step)
	elsewhere := s.ended(ahead)
	for lead := range truths {
		windows, before := s.ender(lead)
		truths[lead] = Truth{Windows: windows, Step: steps - 1 - int(before/s.Step)}
		if before%s.Step == 0 {
			continue
		}
		for i, e := range elsewhere {
			if e == before {
				truths[lead].Step = steps + i
			}
		}
	}
	return truths
}

// ender says which window ends a step, counted from the window that it was
// forecast from, and how long before that window's end, which is less than a
// hop.
func (s Spec) ender(lead int) (windows int64, before Duration) {
	until := s.Step * Duration(lead+1)
	windows = int64((until-1)/s.Hop + 1)
	return windows, Duration(windows)*s.Hop - until
}

// ended lists how long before a window's end those steps ended of which earlier
// windows forecast the value and which are no steps of the window: the hop is
// then no multiple of the step nor the step of the hop.
func (s Spec) ended(ahead int) []Duration {
	var ends []Duration
	seen := make(map[Duration]bool)
	for lead := range ahead {
		if _, before := s.ender(lead); before%s.Step != 0 && !seen[before] {
			seen[before] = true
			ends = append(ends, before)
		}
	}
	return ends
}

// withEnded appends to the steps of the window whose slices are [from, to) what
// it holds of the steps that ended in it and are none of its own. One of them
// may have begun before the window.
func (s *specState) withEnded(steps []StepValue, t *tree, held run, from, to int64) []StepValue {
	for _, before := range s.elsewhere {
		end := to - int64(before/s.width)
		steps = append(steps, t.step(held, max(from, end-int64(s.Step/s.width)), end))
	}
	return steps
}
