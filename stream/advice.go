package stream

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/oriel-stream/oriel/window"
)

// AdviceConfig is what Advise needs beside a Source.
type AdviceConfig struct {
	// Specs are the windows that records may be late for.
	Specs []window.Spec
	// AllowedLateness is how long after its end a window accepts them.
	AllowedLateness window.Duration
	// MaxFuture is how far ahead an event time is believed.
	MaxFuture window.Duration
	// NewDecoder makes the decoder.
	NewDecoder func() Decoder
	// Progress is kept up to date while Advise runs; nil for none.
	Progress *Progress
}

// Advice is the disorder of a range, and what each out-of-orderness would lose.
type Advice struct {
	Specs           []window.Spec
	AllowedLateness window.Duration
	// Partitions are in the order of (topic, partition). All has them together,
	// without an ID and without a list of leaps.
	Partitions []*PartitionAdvice
	All        *PartitionAdvice
	// Ladder are the out-of-ordernesses worth a choice, by all partitions
	// together.
	Ladder []window.Duration
	Gaps   []GapRead
}

// PartitionAdvice is the part of an Advice that speaks of one partition.
type PartitionAdvice struct {
	ID window.PartitionID
	// Disorder is of the records that would count if they came in time. Rejects
	// counts the others by reason, but for those that were not asked for:
	// Filtered and FilteredUsable are of them, as in a Summary.
	Disorder       *window.Disorder
	Rejects        [NumReasons]int64
	Filtered       int64
	FilteredUsable bool
	// Leaps are the first leaps, in the order in which they were decided;
	// Believed and Refuted count all of them.
	Leaps             []Leap
	Believed, Refuted int64
}

// Leap is an event time that is more than max-future ahead of the newest of its
// partition, or of its record's Kafka timestamp.
type Leap struct {
	Offset int64
	// From is the newest event time before it, window.MinTime for unknown.
	From, To window.Time
	// Believed says that the record counts, and moved the watermark.
	Believed bool
}

const (
	// maxLeaps bounds the leaps that are listed of a partition.
	maxLeaps = 24
	// bearableLoss is the share of the records that may lose windows at the
	// out-of-orderness that is recommended.
	bearableLoss = 0.001
)

// Records is how many records were read.
func (p *PartitionAdvice) Records() int64 {
	n := p.Disorder.Records() + p.Filtered
	for _, r := range p.Rejects {
		n += r
	}
	return n
}

// Recommended is the smallest out-of-orderness at which at most 0.1 % of the
// records lose windows: a round one, or the smallest that loses nothing.
func (p *PartitionAdvice) Recommended() window.Duration {
	return p.Disorder.Recommended(bearableLoss)
}

// Advise reads src to its end and accounts for the order of its records. After
// an error, which is that of Each, the advice is about what had been read.
func Advise(ctx context.Context, cfg AdviceConfig, src Source) (*Advice, error) {
	if cfg.Progress == nil {
		cfg.Progress = &Progress{}
	}
	a := &advising{cfg: cfg, decoder: cfg.NewDecoder(), partitions: make(map[window.PartitionID]*advised)}
	gaps, err := Each(ctx, announced{src, a.add}, a.take)
	return a.advice(gaps), err
}

// announced is a Source that tells of its assignments.
type announced struct {
	Source
	tell func(Assignment)
}

func (s announced) Run(ctx context.Context, assign AssignFunc) error {
	return s.Source.Run(ctx, func(a Assignment) (chan<- Delivery, error) {
		s.tell(a)
		return assign(a)
	})
}

// advising is a reading by Advise.
type advising struct {
	cfg        AdviceConfig
	decoder    Decoder
	event      Event
	partitions map[window.PartitionID]*advised
	recent     *advised // of the record before
}

// advised is a partition while it is read.
type advised struct {
	PartitionAdvice
	maxFuture window.Duration
	guard     *window.Guard[timed]
	next      int64 // offset
}

// timed is what is kept of a record that waits.
type timed struct {
	offset int64
	time   window.Time
	reason Reason // why it counts in no window, or OK
	// filtered: it counts in none, and is no reject, whatever the reason.
	filtered bool
}

// add makes a partition known. A Source tells of all before it delivers.
func (a *advising) add(to Assignment) {
	a.partitions[to.ID] = &advised{
		PartitionAdvice: PartitionAdvice{ID: to.ID, Disorder: window.NewDisorder(a.cfg.Specs, a.cfg.AllowedLateness)},
		maxFuture:       a.cfg.MaxFuture,
		guard:           window.NewGuard[timed](a.cfg.MaxFuture),
		next:            to.Start,
	}
	a.cfg.Progress.Total.Add(max(0, to.End-to.Start))
}

func (a *advising) take(id window.PartitionID, r *Record) error {
	if a.recent == nil || a.recent.ID != id {
		a.recent = a.partitions[id]
	}
	p := a.recent
	a.decoder.Decode(r, &a.event)
	p.take(r, &a.event)
	a.cfg.Progress.Offsets.Add(r.Offset + 1 - p.next)
	p.next = r.Offset + 1
	return nil
}

// take accounts for a record, unless it waits.
func (p *advised) take(r *Record, e *Event) {
	t := timed{offset: r.Offset, time: e.Time, reason: e.Reason, filtered: e.Filtered}
	p.FilteredUsable = p.FilteredUsable || e.Filtered && e.Usable
	switch {
	case e.TimeReason != OK:
		p.reject(t, e.TimeReason)
	case e.FromPayload && window.IsFuture(e.Time, r.Timestamp, p.maxFuture):
		p.refute(t, p.Disorder.Newest())
	case e.FromPayload || r.Clock == window.ClockAppend:
		p.settle() // create times may have come before
		p.count(t)
	default:
		decided, pass := p.guard.Offer(t.time, func() timed { return t })
		p.decide(decided)
		if pass {
			p.count(t)
		}
	}
}

// settle ends the waiting.
func (p *advised) settle() {
	if p.guard.Waiting() > 0 {
		p.decide(p.guard.Settle())
	}
}

func (p *advised) decide(decided []window.Decided[timed]) {
	for _, d := range decided {
		if d.Refuted {
			p.refute(d.Record, d.From)
		} else {
			p.count(d.Record)
		}
	}
}

// count books a record by its place in the order.
func (p *advised) count(t timed) {
	if newest := p.Disorder.Newest(); newest != window.MinTime && t.time > newest.Add(p.maxFuture) {
		p.Believed++
		p.name(t, newest, true)
	}
	if t.reason != OK || t.filtered {
		p.reject(t, t.reason)
		p.Disorder.Observe(t.time)
		return
	}
	p.Disorder.Add(t.time)
}

// reject books a record that is in no window.
func (p *advised) reject(t timed, reason Reason) {
	if t.filtered {
		p.Filtered++
	} else {
		p.Rejects[reason]++
	}
}

func (p *advised) refute(t timed, from window.Time) {
	p.reject(t, Future)
	if t.filtered {
		return
	}
	p.Refuted++
	p.name(t, from, false)
}

// name lists a leap.
func (p *advised) name(t timed, from window.Time, believed bool) {
	if len(p.Leaps) < maxLeaps {
		p.Leaps = append(p.Leaps, Leap{Offset: t.offset, From: from, To: t.time, Believed: believed})
	}
}

// advice sums up.
func (a *advising) advice(gaps []GapRead) *Advice {
	out := &Advice{Specs: a.cfg.Specs, AllowedLateness: a.cfg.AllowedLateness, All: &PartitionAdvice{Disorder: window.NewDisorder(a.cfg.Specs, a.cfg.AllowedLateness)}, Gaps: gaps}
	for _, p := range a.partitions {
		p.settle()
		out.Partitions = append(out.Partitions, &p.PartitionAdvice)
		out.All.add(&p.PartitionAdvice)
	}
	slices.SortFunc(out.Partitions, func(a, b *PartitionAdvice) int {
		return cmp.Or(strings.Compare(a.ID.Topic, b.ID.Topic), cmp.Compare(a.ID.Partition, b.ID.Partition))
	})
	out.Ladder = out.All.Disorder.Ladder(bearableLoss)
	return out
}

// add adds what was counted of another partition.
func (p *PartitionAdvice) add(o *PartitionAdvice) {
	p.Disorder.Merge(o.Disorder)
	for i, n := range o.Rejects {
		p.Rejects[i] += n
	}
	p.Filtered += o.Filtered
	p.FilteredUsable = p.FilteredUsable || o.FilteredUsable
	p.Believed += o.Believed
	p.Refuted += o.Refuted
}
