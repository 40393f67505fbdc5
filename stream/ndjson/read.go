package ndjson

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// errEnough is how a receiver of batches ends read early.
var errEnough = errors.New("enough was read")

// prepare reads what must be read before the first delivery: the header line;
// without it the whole input, to know the ranges; and what sample needs, if it
// is not nil.
func (s *Source) prepare(ctx context.Context, sample *sample) error {
	s.ready = true
	if err := s.readHeader(ctx); err != nil {
		return err
	}
	if s.headed && !s.in.Live {
		if err := s.table.missing(); err != nil {
			return err
		}
	}
	whole := s.table.open() && !s.in.Live
	if sample != nil && !whole {
		sample.settle(s.table, s.in.Live)
	}
	var err error
	switch {
	case !whole && sample == nil:
		return nil
	case s.file != nil:
		err = s.scan(ctx, sample)
	default:
		err = s.hold(ctx, sample)
	}
	if err != nil || s.in.Live {
		return err
	}
	if whole {
		s.table.close()
	}
	if s.file != nil {
		if err := s.rewind(ctx, whole); err != nil {
			return err
		}
	}
	if !s.good && !s.headed {
		return nil // Run says that there is nothing at all
	}
	return s.table.missing()
}

// readHeader reads the header line, if there is one.
func (s *Source) readHeader(ctx context.Context) error {
	line, err := s.lines.next(ctx)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, errLongLine):
		s.bad.add(s.lines.number, err)
		return nil
	case err != nil:
		return s.readError(ctx, err)
	}
	d, err := parseHeader(line)
	if err != nil {
		return err
	}
	if d == nil {
		s.lines.unread()
		return nil
	}
	s.headed = true
	return s.table.declare(d, s.in.Live)
}

// scan reads a file for the ranges of its partitions, or for the sample only.
func (s *Source) scan(ctx context.Context, sample *sample) error {
	err := s.read(ctx, func(p *partition, b *batch) error {
		defer b.Release()
		return sample.observe(p, b)
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// rewind goes back to the first line behind the header. If the ranges were
// taken from the file, what is appended to it from now on is not read.
func (s *Source) rewind(ctx context.Context, whole bool) error {
	var r io.Reader = s.in.R
	if whole {
		at, err := s.file.Seek(0, io.SeekCurrent)
		if err != nil {
			return fmt.Errorf("input: %w", err)
		}
		r = io.LimitReader(r, at-s.base)
	}
	if _, err := s.file.Seek(s.base, io.SeekStart); err != nil {
		return fmt.Errorf("input: %w", err)
	}
	s.bad.reset()
	s.table.rewind()
	s.lines = newLineReader(newFileFeed(r))
	if !s.headed {
		return nil
	}
	if _, err := s.lines.next(ctx); err != nil {
		return s.readError(ctx, err)
	}
	return nil
}

// hold reads a pipe and keeps what it reads for Run.
func (s *Source) hold(ctx context.Context, sample *sample) error {
	err := s.read(ctx, func(p *partition, b *batch) error {
		s.held = append(s.held, heldBatch{p, b})
		if s.heldMem += b.size(); s.heldMem > s.in.MaxMemory {
			return &MemoryError{Limit: s.in.MaxMemory, Line: s.lines.number}
		}
		return sample.observe(p, b)
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// read reads lines to the end of the input and hands on batches: runs of
// consecutive lines of one partition. emit owns the batch. In live runs a run
// also ends where the next line has not come yet.
func (s *Source) read(ctx context.Context, emit func(*partition, *batch) error) error {
	var p *partition
	var b *batch
	cut := func() error {
		if b == nil {
			return nil
		}
		done := b
		b = nil
		return emit(p, done)
	}
	for {
		if b != nil && (b.full() || s.in.Live && !s.lines.buffered()) {
			if err := cut(); err != nil {
				return err
			}
		}
		line, err := s.lines.next(ctx)
		if errors.Is(err, io.EOF) {
			return cut()
		}
		if err != nil && !errors.Is(err, errLongLine) {
			return s.readError(ctx, err)
		}
		q, e := s.accept(line, err)
		if q == nil {
			continue
		}
		if q != p {
			if err := cut(); err != nil {
				s.lines.unread() // it is for whoever reads on
				return err
			}
			p = q
		}
		if b == nil {
			b = s.pool.get()
		}
		b.add(&e.Record)
		p.next = e.Offset + 1
	}
}

// accept parses a line, or counts it as bad. The partition is nil if the line
// is bad or its topic not wanted.
func (s *Source) accept(line []byte, err error) (*partition, envelope) {
	var e envelope
	if err == nil {
		e, err = s.parser.parse(line)
	}
	var p *partition
	if err == nil {
		p, err = s.table.find(&e)
	}
	if err == nil && p != nil {
		err = p.admit(e.Offset)
	}
	if err != nil {
		s.bad.add(s.lines.number, err)
		return nil, e
	}
	s.good = true
	return p, e
}

// readError tells where reading failed, unless it was called off.
func (s *Source) readError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("input: behind line %d: %w", s.lines.number, err)
}
