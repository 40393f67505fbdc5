package stream

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/oriel-stream/oriel/window"
)

// logs is a Source over records in memory: a list of records a partition,
// delivered in batches of chunk records by a goroutine each.
type logs struct {
	partitions [][]Record
	chunk      int
	// quiet is how many caught-up deliveries follow the records of a partition
	// that does not end, a second apart.
	live  bool
	quiet []int
	// hold, if not nil, keeps the source from returning until it is closed.
	hold chan struct{}
	// released counts the batches given back, delivered those given out.
	released, delivered atomic.Int64
}

func (l *logs) Run(ctx context.Context, assign AssignFunc) error {
	var senders sync.WaitGroup
	ins := make([]chan<- Delivery, len(l.partitions))
	for i, records := range l.partitions {
		end := int64(len(records))
		if l.live {
			end = -1
		}
		in, err := assign(Assignment{ID: window.PartitionID{Topic: "t", Partition: int32(i)}, End: end, FromBeginning: true})
		if err != nil {
			return err
		}
		ins[i] = in
	}
	for i := range l.partitions {
		senders.Go(func() { l.send(ctx, i, ins[i]) })
	}
	senders.Wait()
	if l.hold != nil {
		select {
		case <-l.hold:
		case <-ctx.Done():
		}
	}
	return context.Cause(ctx)
}

func (l *logs) send(ctx context.Context, part int, in chan<- Delivery) {
	records := l.partitions[part]
	for from := 0; from < len(records); from += l.chunk {
		to := min(from+l.chunk, len(records))
		d := Delivery{Kind: Data, At: 1000, Next: int64(to), Batch: &memory{records: records[from:to], released: &l.released}}
		select {
		case in <- d:
			l.delivered.Add(1)
		case <-ctx.Done():
			return
		}
	}
	last := Delivery{Kind: Finished, Next: int64(len(records))}
	if l.live {
		for i := range l.quiet[part] {
			select {
			case in <- Delivery{Kind: CaughtUp, At: window.Time(2000 + 1000*i)}:
			case <-ctx.Done():
				return
			}
		}
		return
	}
	if l.hold != nil {
		return // a source that never gets to the end
	}
	select {
	case in <- last:
	case <-ctx.Done():
	}
}

// memory is a Batch over records in memory.
type memory struct {
	records  []Record
	next     int
	err      error
	released *atomic.Int64
}

func (m *memory) Next(r *Record) bool {
	if m.next == len(m.records) {
		return false
	}
	*r = m.records[m.next]
	m.next++
	return true
}
func (m *memory) Err() error { return m.err }
func (m *memory) Release()   { m.released.Add(1) }

// plain decodes a payload that is one integer; the event time is the Kafka
// timestamp.
type plain struct{}

func (plain) Series() []string { return []string{"v"} }

func (plain) Decode(r *Record, e *Event) {
	*e = Event{Time: window.Time(r.Timestamp), Key: r.Key, Values: e.Values[:0]}
	n, err := strconv.Atoi(string(r.Value))
	if err != nil {
		e.Reason = NotANumber
		return
	}
	e.Values = append(e.Values, Value{Number: float64(n)})
}

// printed is a Sink that keeps a short form of every line.
type printed struct {
	lines   []string
	flushed int
	fail    error
	after   int // fail once so many lines were written
}

func (p *printed) Write(l *Line) error {
	if p.fail != nil && len(p.lines) == p.after {
		return p.fail
	}
	s := fmt.Sprintf("%s %d-%d n=%d sum=%g %s", l.Key.Bytes, l.Start, l.End, l.Count, l.Sum(), l.ClosedBy)
	if l.Incomplete != window.Complete {
		s += " incomplete=" + l.Incomplete.String()
	}
	if l.Forecast != nil {
		s += fmt.Sprintf(" %s%v%s", l.Forecast.Model, l.Forecast.Mean, l.Forecast.Error)
	}
	p.lines = append(p.lines, s)
	return nil
}
func (p *printed) Flush() error { p.flushed = len(p.lines); return nil }
func (p *printed) Close() error { return nil }

// record makes one record of a partition.
func record(offset int, ts int64, key, value string) Record {
	return Record{Offset: int64(offset), Timestamp: ts, Clock: window.ClockCreate, Key: []byte(key), Value: []byte(value)}
}
