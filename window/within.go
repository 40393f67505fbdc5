package window

import "slices"

// wanted drops the panes from number made on whose windows are not inside
// PartitionConfig.Within. They are made all the same: empty windows are those
// of keys that had records in the windows before.
func (a *Assembler) wanted(panes []*Pane, made int) []*Pane {
	within := a.cfg.Within
	if within == (Span{}) {
		return panes
	}
	inside := slices.DeleteFunc(panes[made:], func(p *Pane) bool {
		outside := p.Start < within.Start || p.End > within.End
		if outside {
			a.free = append(a.free, p)
		}
		return outside
	})
	return panes[:made+len(inside)]
}

// Fits says whether a window of the spec lies in the span.
func (s Spec) Fits(within Span) bool {
	return s.Span(s.lastEnded(within.End)).Start >= within.Start
}

// At returns the last window that starts at or before t. It starts at t if t is
// an edge.
func (s Spec) At(t Time) Span {
	_, last := s.windowsOf(t)
	return s.Span(last)
}

// Past says that no record to come can change a window of
// PartitionConfig.Within: by the partition's own watermark the last of them is
// final, and for so long. It is false where all windows are wanted.
func (p *Partition) Past(by Duration) bool {
	return p.cfg.Within != (Span{}) && p.Own() >= p.cfg.Within.End.Add(p.cfg.AllowedLateness).Add(by)
}
