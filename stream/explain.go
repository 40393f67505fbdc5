package stream

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"

	"github.com/oriel-stream/oriel/window"
)

// WindowID names a window of one key and series. The window belongs to the one
// spec of the run that explains it.
type WindowID struct {
	Topic string
	Key   window.Key
	// Series is an index in window.PartitionConfig.Series; 0 where records are
	// counted.
	Series int
	window.Span
}

// Explain runs src by cfg, which has a single spec, and says how one window came
// about. It lists at most limit records of each partition and of all. cfg needs
// no sinks. Where it ends early the explanation is of what was read, and the
// error says why.
func Explain(ctx context.Context, cfg Config, src Source, id WindowID, limit int) (*Explanation, *Summary, error) {
	x := &explaining{id: id, cfg: cfg.Window, limit: limit, measure: cfg.Measure, parts: make(map[window.PartitionID]*explainedPartition)}
	cfg.Window.Within = id.Span
	cfg.Witness = x
	cfg.Sinks = []Sink{x}
	sum, err := Run(ctx, cfg, src)
	return x.explanation(sum), sum, err
}

// explaining collects what a run says of one window. It is the run's witness and
// its sink.
type explaining struct {
	id      WindowID
	cfg     window.PartitionConfig
	limit   int
	measure Measure
	panes   []*window.Pane

	mu    sync.Mutex // guards parts and what is in them
	parts map[window.PartitionID]*explainedPartition
}

type explainedPartition struct {
	ExplainedPartition
	listed   []ExplainedRecord
	unlisted int64
}

func (x *explaining) part(id window.PartitionID) *explainedPartition {
	p := x.parts[id]
	if p == nil {
		p = &explainedPartition{ExplainedPartition: ExplainedPartition{ID: id, Watermark: window.MinTime}}
		x.parts[id] = p
	}
	return p
}

// Record implements Witness.
func (x *explaining) Record(w *Witnessed) {
	x.mu.Lock()
	defer x.mu.Unlock()
	p := x.part(w.ID)
	p.Records++
	p.Watermark = w.Own
	p.OnTime.at(x.id.End, w)
	p.Final.at(x.final(), w)
	if !x.concerns(w) {
		return
	}
	if len(p.listed) == x.limit {
		p.unlisted++
		return
	}
	p.listed = append(p.listed, x.explained(w))
}

// final is the watermark at which the window accepts no more records.
func (x *explaining) final() window.Time { return x.id.End.Add(x.cfg.AllowedLateness) }

func (c *Closing) at(mark window.Time, w *Witnessed) {
	if !c.Closed && w.Own >= mark {
		*c = Closing{Closed: true, Offset: w.Record.Offset, Watermark: w.Own}
	}
}

// concerns says whether a record is of the key and of the window, or may be.
func (x *explaining) concerns(w *Witnessed) bool {
	if w.HasTime && (w.Time < x.id.Start || w.Time >= x.id.End) {
		return false
	}
	return isOf(x.id.Key, w.Record, w.Event, w.HasTime)
}

// explained is what is listed of a record.
func (x *explaining) explained(w *Witnessed) ExplainedRecord {
	e := w.Event
	r := ExplainedRecord{
		Partition: w.ID.Partition, Offset: w.Record.Offset, Timestamp: w.Record.Timestamp,
		Time: w.Time, HasTime: w.HasTime, Reason: w.Reason, Lost: w.Lost, Of: w.Of,
	}
	r.OutOfOrder = w.HasTime && w.Time < w.Own.Add(x.cfg.OutOfOrderness)
	if e.TimeReason == OK {
		r.EventTime, r.HasEventTime = e.Time, true
		if e.FromPayload && w.Record.Timestamp != -1 {
			r.Lag, r.HasLag = window.Duration(w.Record.Timestamp-int64(e.Time)), true
		}
	}
	if x.id.Series < len(e.Values) {
		v := e.Values[x.id.Series]
		r.Value, r.HasValue = v.Number, v.Reason == OK
		if r.Reason == OK {
			r.Reason = v.Reason // another series of the record could be read
		}
	}
	r.Counted = x.counted(w, r.HasValue)
	return r
}

// counted says in which content of the window a record is.
//
//	rejected, or without a value of the series     in none
//	the watermark <  end                           in the on-time content
//	                 end <= W < end + lateness     in the final content alone
//	                 end + lateness <= W           in none
func (x *explaining) counted(w *Witnessed, hasValue bool) Counted {
	late := w.Reason == Late || w.Reason == LateAfterIdle
	switch {
	case w.Reason != OK && !late, !hasValue && len(x.cfg.Series) > 0:
		return CountedNot
	case w.Watermark < x.id.End:
		return CountedOnTime
	case w.Watermark < x.final():
		return CountedLate
	default:
		return CountedNot
	}
}

// Shares implements Witness.
func (x *explaining) Shares(id window.PartitionID, frozen []window.Frozen) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, f := range frozen {
		if x.cfg.Specs[f.Spec].Span(f.Number) != x.id.Span {
			continue
		}
		for _, s := range f.Shares {
			if s.Key == x.id.Key && s.Series == x.id.Series {
				p := x.part(id)
				s.Steps = nil // the memory of which is used again
				p.Shares = append(p.Shares, s)
			}
		}
	}
}

// Write implements Sink. The memory of a pane is used again.
func (x *explaining) Write(l *Line) error {
	p := *l.Pane
	if p.Topic != x.id.Topic || p.Key != x.id.Key || p.Span != x.id.Span || !p.Counted && p.Series != x.cfg.Series[x.id.Series] {
		return nil
	}
	p.Offsets, p.Steps = slices.Clone(p.Offsets), slices.Clone(p.Steps)
	p.Quantiles, p.Distinct = slices.Clone(p.Quantiles), slices.Clone(p.Distinct)
	x.panes = append(x.panes, &p)
	return nil
}

// Flush implements Sink.
func (x *explaining) Flush() error { return nil }

// Close implements Sink.
func (x *explaining) Close() error { return nil }

// explanation puts together what was collected.
func (x *explaining) explanation(sum *Summary) *Explanation {
	spec := x.cfg.Specs[0]
	e := &Explanation{
		Topic: x.id.Topic, Key: x.id.Key, Counted: len(x.cfg.Series) == 0,
		Span: x.id.Span, Size: spec.Size, Hop: spec.Hop, Panes: x.panes,
	}
	if !e.Counted {
		e.Series = x.cfg.Series[x.id.Series]
	}
	for _, r := range sum.Ranges {
		p := x.part(r.ID)
		p.Start, p.ReadTo = r.Start, r.ReadTo
		e.Partitions = append(e.Partitions, p.ExplainedPartition)
		e.Records = append(e.Records, p.listed...)
		e.Unlisted += p.unlisted
	}
	slices.SortFunc(e.Records, ExplainedRecord.compare)
	if n := len(e.Records); n > x.limit {
		e.Unlisted += int64(n - x.limit)
		e.Records = e.Records[:x.limit]
	}
	if len(e.Panes) > 0 {
		e.Steps = explainedSteps(e.Panes[0], x.measure)
	}
	return e
}

func (r ExplainedRecord) compare(o ExplainedRecord) int {
	if r.HasTime != o.HasTime {
		if r.HasTime {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(r.Time, o.Time), cmp.Compare(r.Partition, o.Partition), cmp.Compare(r.Offset, o.Offset))
}

// explainedSteps are the steps of the on-time content, as forecasters get them.
func explainedSteps(p *window.Pane, m Measure) []ExplainedStep {
	var steps []ExplainedStep
	y := m.steps(nil, p).y
	for i := range p.Steps {
		count := p.Steps[i].Count
		steps = append(steps, ExplainedStep{
			Start: p.Start.Add(window.Duration(i) * p.Step), Count: count,
			Value: y[i], Filled: count == 0 && !m.of(p).additive() && !math.IsNaN(y[i]),
		})
	}
	return steps
}
