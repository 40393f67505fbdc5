package ndjson

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// DefaultMaxMemory is what Input.MaxMemory is if it is 0.
const DefaultMaxMemory = 256 << 20

// Input is a stream of envelope lines: what kcat -J and AppendEnvelope write.
//
// A first line as AppendHeader writes it declares the partitions, and one pass
// is enough. Without it a range starts at the first offset seen and ends behind
// the last: a file is read twice for that, and a pipe is held in memory until
// it ends.
type Input struct {
	// R is read to its end and not closed. If it is an io.Seeker that can seek
	// it is a file, which starts at the position it is at.
	R io.Reader
	// Topics are the names or globs (path.Match) of the topics to read; all if
	// empty. A glob never matches an internal topic, one that starts with "__".
	Topics []string
	// MaxMemory bounds the bytes held for a pipe; DefaultMaxMemory if 0.
	MaxMemory int64
	// Live says that the input has no end: partitions are assigned by the
	// header or when their first line comes, without an end, and a line is
	// delivered as soon as no other is waiting behind it.
	Live bool
}

// Source returns a source of the input's records. It reads nothing yet.
func (in Input) Source() (*Source, error) {
	if in.MaxMemory < 0 {
		return nil, fmt.Errorf("memory bound %d is below 0: raise --max-memory", in.MaxMemory)
	}
	if in.MaxMemory == 0 {
		in.MaxMemory = DefaultMaxMemory
	}
	filter := topicFilter(in.Topics)
	if err := filter.validate(); err != nil {
		return nil, err
	}
	s := &Source{in: in, table: newPartitions(filter)}
	if file, ok := in.R.(io.Seeker); ok && !in.Live {
		// Every *os.File has a Seek method; on a pipe it fails.
		if at, err := file.Seek(0, io.SeekCurrent); err == nil {
			s.file, s.base = file, at
		}
	}
	if s.file != nil {
		s.lines = newLineReader(newFileFeed(in.R))
	} else {
		s.lines = newLineReader(newPipeFeed(in.R))
	}
	return s, nil
}

// Source is a stream.Source over envelope lines.
//
// One reader feeds all partitions in the order of the input, so a partition
// whose worker stops taking deliveries stops the others too: a worker must not
// wait for another partition to move on.
//
// The deliveries carry no arrival: processing time is the records' Kafka
// timestamp. Offsets that are missing are taken for compacted ones, at the end
// of a declared range too, so there are no gaps.
type Source struct {
	in   Input
	file io.Seeker // nil for a pipe
	base int64     // where the file started

	lines   *lineReader
	parser  parser
	pool    batchPool
	table   *partitions
	headed  bool // there is a header line
	good    bool // at least one line was an envelope in its place
	ready   bool // prepare has run
	held    []heldBatch
	heldMem int64
	// assign is set while Run runs.
	assign stream.AssignFunc

	bad badLines
}

var _ stream.Source = (*Source)(nil)

// heldBatch is a batch that was read before it could be delivered.
type heldBatch struct {
	p *partition
	b *batch
}

// MemoryError says that an input that must be held in memory is too large.
type MemoryError struct {
	Limit int64 // bytes
	Line  int64 // the line that was too much
}

func (e *MemoryError) Error() string {
	return fmt.Sprintf("the first %d lines of the input need more than the %d bytes of --max-memory, and a pipe is held "+
		"in memory until its partitions are known: raise --max-memory, begin with a header line, or give it as a file",
		e.Line, e.Limit)
}

// badLines counts lines that are no envelope. BadLines may be called while Run
// runs.
type badLines struct {
	mu    sync.Mutex
	n     int64
	first string
}

func (b *badLines) add(line int64, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.n == 0 {
		b.first = fmt.Sprintf("line %d: %v", line, err)
	}
	b.n++
}

func (b *badLines) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n, b.first = 0, ""
}

// BadLines returns the number of lines that were left out, because they are no
// JSON object, lack a topic, partition or offset, or because their offset goes
// back or lies outside the declared range; and what was wrong with the first.
func (s *Source) BadLines() (n int64, first string) {
	s.bad.mu.Lock()
	defer s.bad.mu.Unlock()
	return s.bad.n, s.bad.first
}

// Run implements stream.Source; it may be called once. Beside read errors and
// the context's cause it returns an *UnknownTopicError (in live runs at the
// end of the input), a *MemoryError, or an error for an input in which no line
// is a record.
func (s *Source) Run(ctx context.Context, assign stream.AssignFunc) error {
	s.assign = assign
	if !s.ready {
		if err := s.prepare(ctx, nil); err != nil {
			return err
		}
	}
	if err := s.assignAll(ctx); err != nil {
		return err
	}
	deliver := func(p *partition, b *batch) error { return s.deliver(ctx, p, b) }
	for i, h := range s.held {
		s.held[i] = heldBatch{}
		if err := deliver(h.p, h.b); err != nil {
			return err
		}
	}
	s.held = nil
	if err := s.read(ctx, deliver); err != nil {
		return err
	}
	return s.finishAll(ctx)
}

// assignAll assigns what is known, and finishes what is empty.
func (s *Source) assignAll(ctx context.Context) error {
	known := s.table.sorted()
	for _, p := range known {
		if err := s.assignOne(p); err != nil {
			return err
		}
	}
	for _, p := range known {
		if p.start == p.end {
			if err := s.finish(ctx, p); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Source) assignOne(p *partition) (err error) {
	p.deliveries, err = s.assign(p.assignment())
	return err
}

// deliver sends a batch, and what must come before and after it.
func (s *Source) deliver(ctx context.Context, p *partition, b *batch) error {
	if p.deliveries == nil {
		if err := s.assignOne(p); err != nil {
			b.Release()
			return err
		}
	}
	next := b.next()
	if err := s.send(ctx, p, stream.Delivery{Kind: stream.Data, Batch: b, Next: next}); err != nil {
		b.Release()
		return err
	}
	if next == p.end {
		return s.finish(ctx, p)
	}
	return nil
}

func (s *Source) finish(ctx context.Context, p *partition) error {
	p.finished = true
	return s.send(ctx, p, stream.Delivery{Kind: stream.Finished, Next: max(p.next, p.end)})
}

func (s *Source) send(ctx context.Context, p *partition, d stream.Delivery) error {
	d.At = window.MinTime // lines have no arrival
	select {
	case p.deliveries <- d:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// finishAll ends what the end of the input ends.
func (s *Source) finishAll(ctx context.Context) error {
	for _, p := range s.table.sorted() {
		if !p.finished {
			if err := s.finish(ctx, p); err != nil {
				return err
			}
		}
	}
	if n, first := s.BadLines(); n > 0 && !s.good {
		return fmt.Errorf("none of the %d lines of the input is a record; %s", n, first)
	}
	if !s.good && !s.headed {
		return errEmptyInput
	}
	return s.table.missing()
}

var errEmptyInput = errors.New("the input has no lines")
