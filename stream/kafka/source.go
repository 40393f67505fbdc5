package kafka

import (
	"context"
	"fmt"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// DefaultGiveUp is how long a bounded run waits for a partition that cannot be
// read.
const DefaultGiveUp = 30 * time.Second

// Options are the parts of reading that have nothing to do with the cluster.
// The zero value is ready to use.
type Options struct {
	// GiveUp is how long a partition with an end may be out of reach before
	// the run fails; 0 is DefaultGiveUp. Partitions without an end are tried
	// for ever.
	GiveUp time.Duration
	// MaxMemory is how many bytes the record sets may take that are on their way
	// or wait for workers; fetches are made smaller than the properties allow
	// where they would take more. 0 is no bound.
	MaxMemory int64
	// Follow makes partitions that topics are given later part of the reading,
	// from their beginning and without an end. The assignments must be all
	// partitions of their topics: any other is taken for a new one.
	Follow bool
	// Notice is told in one line when a broker is lost, or an open transaction
	// holds records back, when that is over, and what else happens, such as a new
	// partition. The troubles of a reading are over with it. It may be called from
	// several goroutines. Nil for none.
	Notice func(stream.Notice)
	// Now is the wall clock; nil is the machine's.
	Now func() window.Time
}

func (o Options) withDefaults() Options {
	if o.GiveUp == 0 {
		o.GiveUp = DefaultGiveUp
	}
	if o.Notice == nil {
		o.Notice = func(stream.Notice) {}
	}
	if o.Now == nil {
		o.Now = func() window.Time { return window.Time(time.Now().UnixMilli()) }
	}
	return o
}

// tell tells what has happened.
func (o *Options) tell(format string, args ...any) {
	o.Notice(stream.Notice{Text: fmt.Sprintf(format, args...)})
}

// Source reads assignments, as Ranges plans them.
//
// Its Run fails with a *ConnectError when a partition with an end could not be
// read for Options.GiveUp, or when a broker denies access to a topic, and with
// a *stream.CorruptError when a record set cannot even be cut into batches.
//
// What becomes of offsets that are not there any more: below the start of the
// log, reading goes on at the start. Where an election has truncated the log, a
// range with an end is finished, and one without goes on from where the log was
// cut. Of a topic that is deleted, or created again, a range with an end is
// finished; without one, the partition is assigned anew and its new log read
// from the beginning. All of this is told by a Gap.
//
// That a topic was created again is seen by leader epochs and by the end of its
// log. Where neither betrays it (the new log is longer and was led by as many
// brokers, and nobody asked while it was gone) it cannot be known.
func (c *Client) Source(assignments []stream.Assignment, opts Options) stream.Source {
	return &source{
		client: c, assignments: assignments, opts: opts.withDefaults(),
		deletedAfter: deletedAfter, heldAfter: heldAfter,
	}
}

// deletedAfter is how long a cluster must know nothing of a topic until that is
// believed, or name a leader older than one seen before until its log is taken
// for another: a broker that has just started, or is cut off, may not know yet.
const deletedAfter = 3 * time.Second

type source struct {
	client       *Client
	assignments  []stream.Assignment
	opts         Options
	deletedAfter time.Duration
	heldAfter    time.Duration
}

// Run implements stream.Source.
func (s *source) Run(ctx context.Context, assign stream.AssignFunc) error {
	ctx, cancel := context.WithCancelCause(ctx)
	r := newReading(s, assign, cancel)
	err := r.run(ctx)
	cancel(err)
	r.senders.Wait()
	r.notices.endAll()
	return err
}
