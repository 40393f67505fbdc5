package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/kafka"
	"github.com/oriel-stream/oriel/window"
)

const (
	// maxSorted and maxSortedBytes bound the records that are held to be
	// sorted.
	maxSorted      = 10_000
	maxSortedBytes = 64 << 20
)

var (
	// errTooMuch says that a range is too large to be sorted.
	errTooMuch = errors.New("too much to be sorted")
	// errLimit says that enough records were printed.
	errLimit = errors.New("--limit was reached")
)

// peeking reads ranges and prints their records.
type peeking struct {
	client      *kafka.Client
	options     kafka.Options
	assignments []stream.Assignment
	printer     recordPrinter
	limit       int64 // 0 for none
	printed     int64
}

// show prints one record; errLimit if it was the last.
func (p *peeking) show(id window.PartitionID, r *stream.Record) error {
	if err := p.printer.show(id, r); err != nil {
		return err
	}
	if p.printed++; p.printed == p.limit {
		return errLimit
	}
	return nil
}

// aTurn is how many offsets of a partition are printed in its turn.
const aTurn = 20_000

// inTurns prints some records of each partition, over and over: who reads them
// need not hold one partition until the others come. That is the same order every
// time.
func (p *peeking) inTurns(ctx context.Context) ([]stream.GapRead, error) {
	return p.ordered(ctx, aTurn)
}

// byPartition prints one partition after the other.
func (p *peeking) byPartition(ctx context.Context) ([]stream.GapRead, error) {
	return p.ordered(ctx, math.MaxInt64)
}

// ordered prints at most so many offsets of each partition, then those behind
// them, to the end.
func (p *peeking) ordered(ctx context.Context, most int64) ([]stream.GapRead, error) {
	var all []stream.GapRead
	rest := slices.Clone(p.assignments)
	for len(rest) > 0 {
		var behind []stream.Assignment
		for _, a := range rest {
			turn := a
			turn.End = a.Start + min(most, a.End-a.Start)
			if turn.Start == turn.End {
				continue
			}
			gaps, err := stream.Each(ctx, p.client.Source([]stream.Assignment{turn}, p.options), p.show)
			all = append(all, gaps...)
			if err != nil {
				return all, err
			}
			a.Start = turn.End
			behind = append(behind, a)
		}
		rest = behind
	}
	return all, nil
}

// sorted prints records in the order of (Kafka timestamp, topic, partition,
// offset), or returns errTooMuch before it has printed any. What had been read
// when something failed is printed, too.
func (p *peeking) sorted(ctx context.Context) ([]stream.GapRead, error) {
	var offsets int64
	for _, a := range p.assignments {
		offsets += a.End - a.Start
	}
	if offsets > maxSorted {
		return nil, errTooMuch
	}
	var held []heldRecord
	size := 0
	gaps, err := stream.Each(ctx, p.client.Source(p.assignments, p.options), func(id window.PartitionID, r *stream.Record) error {
		h := copied(id, r)
		if size += h.size(); size > maxSortedBytes {
			return errTooMuch
		}
		held = append(held, h)
		return nil
	})
	if errors.Is(err, errTooMuch) {
		return nil, err
	}
	slices.SortFunc(held, heldRecord.compare)
	for i := range held {
		if err := p.show(held[i].id, &held[i].Record); err != nil {
			return gaps, err
		}
	}
	return gaps, err
}

// heldRecord is a record copied out of its batch.
type heldRecord struct {
	id window.PartitionID
	stream.Record
}

func copied(id window.PartitionID, r *stream.Record) heldRecord {
	h := heldRecord{id: id, Record: *r}
	h.Key, h.Value = bytes.Clone(r.Key), bytes.Clone(r.Value)
	h.Headers = slices.Clone(r.Headers)
	for i, header := range h.Headers {
		h.Headers[i] = stream.Header{Key: bytes.Clone(header.Key), Value: bytes.Clone(header.Value)}
	}
	return h
}

// size is about how many bytes are held.
func (h heldRecord) size() int {
	const overhead = 100
	n := overhead + len(h.Key) + len(h.Value)
	for _, header := range h.Headers {
		n += overhead + len(header.Key) + len(header.Value)
	}
	return n
}

func (h heldRecord) compare(other heldRecord) int {
	return cmp.Or(
		cmp.Compare(h.Timestamp, other.Timestamp),
		strings.Compare(h.id.Topic, other.id.Topic),
		cmp.Compare(h.id.Partition, other.id.Partition),
		cmp.Compare(h.Offset, other.Offset),
	)
}
