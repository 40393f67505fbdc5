package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/fetch"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// awayWait is how long a fetch may wait for records while a partition of the
// fetcher is away, delivering: when it comes back it should not wait for the
// others' fetch.
const awayWait = 20 * time.Millisecond

// fetcher reads some partitions of one broker, one request at a time. A broker
// has two fetchers, so two requests are under way.
type fetcher struct {
	*reading
	broker  int32
	address string
	// inbox receives new partitions and those that were away.
	inbox *queue
	load  int // partitions handed to it and not yet back; owned by reading.run

	parts []*partition // to be fetched, the next to be asked for first
	index map[window.PartitionID]*partition
	away  int // how many wait for their workers
}

func newFetcher(r *reading, broker int32, address string) *fetcher {
	return &fetcher{
		reading: r, broker: broker, address: address,
		inbox: newQueue(), index: map[window.PartitionID]*partition{},
	}
}

func (f *fetcher) run(ctx context.Context) {
	for f.collect(ctx) {
		f.round(ctx)
	}
}

// collect takes in partitions and waits until there is one to fetch. It
// returns false when ctx is done.
func (f *fetcher) collect(ctx context.Context) bool {
	for {
		for _, p := range f.inbox.take() {
			if p.away {
				p.away = false
				f.away--
			}
			f.keep(p)
		}
		if len(f.parts) > 0 {
			return ctx.Err() == nil
		}
		select {
		case <-f.inbox.ready:
		case <-ctx.Done():
			return false
		}
	}
}

// keep fetches p next, unless it has nothing to fetch here.
func (f *fetcher) keep(p *partition) {
	if p.finished || p.homeless || p.isRevoked() {
		f.back.put(p)
		return
	}
	f.index[p.ID] = p
	f.parts = append(f.parts, p)
}

// round is one request and what its response brings: where logs may be others
// than before a question about them, else a fetch.
func (f *fetcher) round(ctx context.Context) {
	if doubtful := f.doubtful(); len(doubtful) > 0 {
		f.verify(ctx, doubtful)
	} else {
		f.fetchAll(ctx)
	}
	if ctx.Err() != nil {
		return
	}
	parts := f.parts
	f.parts = nil
	clear(f.index)
	for _, p := range parts {
		if p.isRevoked() {
			p.drop() // nobody waits for it
		}
		if p.deliver() {
			f.keep(p)
			continue
		}
		p.away = true
		f.away++
		f.sendLater(ctx, p, f.inbox)
	}
}

func (f *fetcher) fetchAll(ctx context.Context) {
	res, err := f.fetch(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		f.notices.lose(stream.BrokerLost, f.address, plainWords(err))
		for _, p := range f.parts {
			p.trouble(err)
		}
	default:
		f.notices.back(stream.BrokerLost, f.address)
		f.take(ctx, res)
	}
}

func (f *fetcher) fetch(ctx context.Context) (*fetchResponse, error) {
	req := f.request()
	// A broker that has not answered so long after it should is lost.
	ctx, cancel := context.WithTimeout(ctx, f.client.cfg.FetchMaxWait+requestTimeout)
	defer cancel()
	res, err := f.client.transport.RoundTrip(ctx, f.client.addr, req)
	if err != nil {
		return nil, err
	}
	r := res.(*fetchResponse)
	if r.ErrorCode != 0 {
		return nil, kafkago.Error(r.ErrorCode)
	}
	return r, nil
}

// request asks for all partitions, beginning with another one each time: a
// response that is full leaves out those that come last.
func (f *fetcher) request() *fetchRequest {
	cfg := &f.client.cfg
	wait := cfg.FetchMaxWait
	if f.away > 0 {
		wait = min(wait, awayWait)
	}
	req := &fetchRequest{
		ReplicaID:      -1,
		MaxWaitTime:    int32(wait.Milliseconds()),
		MinBytes:       int32(cfg.FetchMinBytes),
		IsolationLevel: cfg.Isolation.wire(),
		SessionEpoch:   -1, // no session
		broker:         f.broker,
	}
	all, each := cfg.fetchSizes(f.opts.MaxMemory, int(f.left.Load()), int(f.loops.Load()))
	req.MaxBytes = all
	f.parts = append(f.parts[1:], f.parts[0])
	for _, p := range f.parts {
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != p.ID.Topic {
			req.Topics = append(req.Topics, fetch.RequestTopic{Topic: p.ID.Topic})
		}
		t := &req.Topics[len(req.Topics)-1]
		t.Partitions = append(t.Partitions, fetch.RequestPartition{
			Partition: p.ID.Partition, CurrentLeaderEpoch: p.fence(), FetchOffset: p.position,
			LogStartOffset: -1, PartitionMaxBytes: each,
		})
	}
	return req
}

// take looks at a response, partition by partition.
func (f *fetcher) take(ctx context.Context, res *fetchResponse) {
	now := f.opts.Now()
	for i := range res.Topics {
		t := &res.Topics[i]
		for j := range t.Partitions {
			rp := &t.Partitions[j]
			p := f.index[window.PartitionID{Topic: t.Topic, Partition: rp.Partition}]
			if p == nil {
				continue // not asked for
			}
			p.arrive(now)
			f.takeOne(ctx, p, rp)
		}
	}
}

func (f *fetcher) takeOne(ctx context.Context, p *partition, rp *responsePartition) {
	code := kafkago.Error(rp.ErrorCode)
	switch {
	case code == 0:
		if err := f.records(ctx, p, rp); err != nil {
			f.fail(fmt.Errorf("%s/%d: %w", p.ID.Topic, p.ID.Partition, err))
		}
	case code == kafkago.OffsetOutOfRange:
		f.outOfRange(ctx, p)
	case isAny(code, accessErrors):
		f.fail(f.client.accessError(p.ID.Topic, code))
	case isTransient(code):
		p.trouble(code)
	default:
		f.fail(fmt.Errorf("fetch %s/%d at offset %d: %w", p.ID.Topic, p.ID.Partition, p.position, code))
	}
}

// records queues the record set of p, or what follows from there being none.
func (f *fetcher) records(ctx context.Context, p *partition, rp *responsePartition) error {
	buf := rp.RecordSet.buf
	if rp.HighWatermark < p.high {
		if buf != nil {
			buf.release()
		}
		p.trouble(errShorter)
		return nil
	}
	p.recovered()
	stable := f.stable(rp)
	p.checked, p.high, p.logEnd = false, rp.HighWatermark, max(0, stable)
	p.unstable = max(0, rp.HighWatermark-stable)
	if !p.bounded() {
		f.held(ctx, p, stable, rp.HighWatermark)
	}
	if buf == nil {
		f.nothing(p, stable)
		return nil
	}
	s, err := scan(buf.b, p.position, p.end())
	if err == nil && len(s.set) == 0 && s.next == p.position && p == f.parts[0] {
		// The first partition of a request gets a whole batch (KIP-74).
		err = &stream.CorruptError{From: p.position, To: p.position + 1, Reason: "the broker sent only the beginning of a batch"}
	}
	if err != nil || len(s.set) == 0 {
		buf.release()
		p.moveTo(s.next)
		return err
	}
	p.shortSince, p.epochRead = time.Time{}, max(p.epochRead, s.epoch)
	p.queue(stream.Delivery{
		Kind:  stream.Data,
		Batch: newBatch(buf, s.set, p.position, p.end(), rp.AbortedTransactions, f.client.inflation),
		Next:  min(s.next, p.end()),
	})
	p.moveTo(s.next)
	return nil
}

// nothing deals with an empty record set.
func (f *fetcher) nothing(p *partition, stable int64) {
	switch {
	case p.position < stable:
		// The response was full before it came to this partition.
	case !p.bounded():
		p.queue(stream.Delivery{Kind: stream.CaughtUp})
	case p.shortSince.IsZero():
		// The range ended within the log when it was planned. A new leader may
		// need a moment until it knows how far the log is replicated.
		p.shortSince = time.Now()
	case time.Since(p.shortSince) >= f.opts.GiveUp:
		p.gap(p.position, p.End, "the log now ends at offset %d: it was truncated, or the topic created again", stable)
		p.moveTo(p.End)
	}
}

// stable is the end of what may be read: the last stable offset, or the high
// watermark where uncommitted records are read too.
func (f *fetcher) stable(rp *responsePartition) int64 {
	if f.client.cfg.Isolation == ReadUncommitted || rp.LastStableOffset < 0 {
		return rp.HighWatermark
	}
	return rp.LastStableOffset
}

// errShorter is why the log of a partition is looked at anew.
var errShorter = errors.New("the log has become shorter")

// outOfRange finds out on which side of the log the position of p is.
func (f *fetcher) outOfRange(ctx context.Context, p *partition) {
	l, err := f.logOf(ctx, p)
	switch {
	case err != nil:
		p.trouble(err)
	case p.position < l.start:
		to := min(l.start, p.end())
		p.gap(p.position, to, "retention has removed them: the log now starts at offset %d", l.start)
		p.moveTo(to)
	case p.position > l.end && !p.checked:
		p.trouble(errShorter)
	case p.position > l.end:
		p.truncated(l.end)
	default:
		p.trouble(kafkago.OffsetOutOfRange) // it is in range again
	}
}

// logOf asks the broker of f for the bounds of the log of p.
func (f *fetcher) logOf(ctx context.Context, p *partition) (log, error) {
	var bounds [2]int64
	for i, place := range []int64{earliestOffset, latestOffset} {
		res, err := f.client.listOffsets(ctx, f.broker, []offsetQuery{{p.ID, place}}, ReadUncommitted)
		if err != nil {
			return log{}, err
		}
		answers := map[window.PartitionID]offsetAnswer{}
		if err := collectOffsets(res, answers); err != nil {
			return log{}, err
		}
		bounds[i] = answers[p.ID].offset
	}
	return log{bounds[0], bounds[1]}, nil
}
