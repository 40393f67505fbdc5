package kafka

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// reading is one run of a source. Its goroutine owns the partitions that no
// fetcher has: it finds their leaders and hands them over.
type reading struct {
	*source
	assign  stream.AssignFunc
	fail    context.CancelCauseFunc
	notices *notices
	// back receives partitions that are finished or homeless.
	back     *queue
	fetchers map[fetcherKey]*fetcher
	known    map[window.PartitionID]*partition
	// orders change what is read, and the reading goes on without partitions, too.
	// nil where it is what the assignments say.
	orders <-chan order
	keeper keeper
	// left counts the partitions that are not finished, loops the fetchers.
	left, loops atomic.Int64
	// senders are all goroutines that send to workers.
	senders sync.WaitGroup
}

func newReading(s *source, assign stream.AssignFunc, fail context.CancelCauseFunc) *reading {
	return &reading{
		source: s, assign: assign, fail: fail,
		back: newQueue(), fetchers: map[fetcherKey]*fetcher{}, known: map[window.PartitionID]*partition{},
		notices: newNotices(s.opts.Notice),
	}
}

func (r *reading) run(ctx context.Context) error {
	homeless, err := r.begin(ctx, r.assignments)
	if err != nil {
		return err
	}
	retry := newAppointment(0)
	defer retry.Stop()
	follow := time.NewTicker(r.client.cfg.MetadataMaxAge)
	defer follow.Stop()
	if !r.opts.Follow {
		follow.Stop()
	}
	for r.orders != nil || r.left.Load() > 0 {
		var more []*partition
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-r.back.ready:
			more, err = r.settle(ctx, r.back.take())
		case <-retry.C:
			retry.kept()
			more, err = r.place(ctx, homeless)
			homeless = nil
		case <-follow.C:
			more, err = r.newPartitions(ctx)
		case o := <-r.orders:
			more, err = r.obey(ctx, o, homeless)
			homeless = nil
		}
		if err != nil {
			return err
		}
		if homeless = append(homeless, more...); len(more) > 0 {
			retry.notAfter(patience(more))
		}
		r.moved(homeless)
	}
	return nil
}

// appointment is a timer that can only be moved forward: others who come must
// not make those wait longer who are there.
type appointment struct {
	*time.Timer
	at time.Time // zero for none
}

func newAppointment(in time.Duration) *appointment {
	return &appointment{time.NewTimer(in), time.Now().Add(in)}
}

func (a *appointment) notAfter(d time.Duration) {
	if at := time.Now().Add(d); a.at.IsZero() || at.Before(a.at) {
		a.at = at
		a.Reset(d)
	}
}

func (a *appointment) kept() { a.at = time.Time{} }

// begin assigns every partition before anything of them is delivered.
func (r *reading) begin(ctx context.Context, assignments []stream.Assignment) ([]*partition, error) {
	var ps []*partition
	for _, a := range assignments {
		p, err := r.adopt(a)
		if err != nil {
			return nil, err
		}
		ps = append(ps, p)
	}
	now := r.opts.Now()
	for _, p := range ps {
		p.arrive(now)
		p.moveTo(p.Start) // which finishes an empty range
	}
	return r.settle(ctx, ps)
}

func (r *reading) adopt(a stream.Assignment) (*partition, error) {
	out, err := r.assign(a)
	if err != nil {
		return nil, err
	}
	p := &partition{Assignment: a, out: out, at: window.MinTime, position: a.Start, newestLeader: -1, epochRead: -1}
	if r.keeper != nil {
		p.revoked = make(chan struct{})
		p.cut = func(end int64) { r.keeper.cut(a.ID, end) }
	}
	r.left.Add(1)
	r.known[a.ID] = p
	return p, nil
}

// restart assigns the partition of p anew, whose log is another one now, and
// finishes p. Whoever takes the deliveries keeps the two apart.
func (r *reading) restart(p *partition) (*partition, error) {
	fresh, err := r.adopt(stream.Assignment{ID: p.ID, End: -1, FromBeginning: true})
	if err != nil {
		return nil, err
	}
	fresh.arrive(p.at)
	r.notices.end(openTransaction(p), "")
	p.another = false
	p.finish()
	return fresh, nil
}

// settle delivers what partitions still have to say, counts the finished and
// returns the others. It fails when one was out of reach for too long: every
// partition that no fetcher has passes here, whatever it is that failed.
func (r *reading) settle(ctx context.Context, ps []*partition) ([]*partition, error) {
	if err := r.giveUp(ps); err != nil {
		return nil, err
	}
	var homeless []*partition
	for _, p := range ps {
		switch {
		case p.isRevoked():
			r.release(p)
		case p.another && r.keeper != nil:
			r.keeper.replaced(p.ID)
			r.release(p)
		case p.another:
			fresh, err := r.restart(p)
			if err != nil {
				return nil, err
			}
			homeless = append(homeless, fresh)
		}
		if p.fetcher != nil {
			p.fetcher.load--
			p.fetcher = nil
		}
		switch {
		case !p.deliver():
			r.sendLater(ctx, p, r.back)
		case p.finished:
			r.left.Add(-1)
		default:
			homeless = append(homeless, p)
		}
	}
	return homeless, nil
}

// sendLater waits for the worker of p in a goroutine of its own, so that a slow
// worker slows its partition and no other. p then goes home.
func (r *reading) sendLater(ctx context.Context, p *partition, home *queue) {
	began := time.Now()
	r.senders.Go(func() {
		if p.deliverAll(ctx) {
			p.interrupted = p.interrupted || time.Since(began) >= longAway
			home.put(p)
		}
	})
}

// longAway is how long the worker of a partition must have taken nothing for
// that to be told.
const longAway = time.Second

// patience is how long to wait before homeless partitions are placed.
func patience(homeless []*partition) time.Duration {
	least := lastBackoff
	for _, p := range homeless {
		least = min(least, backoff(max(0, p.failures-1)))
	}
	return least
}

// place hands partitions to the fetchers of their leaders and returns those
// that have none.
func (r *reading) place(ctx context.Context, homeless []*partition) ([]*partition, error) {
	if len(homeless) == 0 { // no topics stand for all topics of the cluster
		return nil, nil
	}
	l, err := r.client.layout(ctx, topicNames(homeless))
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var still []*partition
	for _, p := range homeless {
		if err != nil {
			p.trouble(err)
			still = append(still, p)
			continue
		}
		placed, err := r.placeOne(ctx, p, l)
		if err != nil {
			return nil, err
		}
		if !placed { // else it belongs to its fetcher now
			still = append(still, p)
		}
	}
	return r.settle(ctx, still)
}

// moved ends the troubles of brokers that lead nothing any more: all that was read
// from them has found other leaders, but for topics that are gone.
func (r *reading) moved(homeless []*partition) {
	if slices.ContainsFunc(homeless, func(p *partition) bool { return !p.gone }) {
		return
	}
	load := map[string]int{}
	for key, f := range r.fetchers {
		load[key.address] += f.load
	}
	for address, n := range load {
		if n == 0 {
			r.notices.end(stream.Trouble{Kind: stream.BrokerLost, Source: address}, "what was read from "+address+" is read from other brokers")
		}
	}
}

func topicNames(ps []*partition) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.ID.Topic)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// placeOne hands p to a fetcher if it can. It fails if p will never find one.
func (r *reading) placeOne(ctx context.Context, p *partition, l *layout) (placed bool, err error) {
	if err := l.errs[p.ID.Topic]; err != nil && isAny(err, accessErrors) {
		return false, r.client.accessError(p.ID.Topic, err)
	}
	leader, known := l.leaders[p.ID]
	switch {
	case !known:
		r.unknown(p)
		return false, nil
	case leader.broker < 0:
		p.trouble(kafkago.LeaderNotAvailable)
		return false, nil
	}
	r.notices.back(stream.TopicLost, "topic "+p.ID.Topic)
	if p.gone {
		p.recovered()
		p.createdAgain()
		return false, nil
	}
	p.unknownSince = time.Time{}
	p.moveIn(leader.epoch)
	p.fetcher = r.fetcherOf(ctx, leader.broker, l.brokers[leader.broker])
	p.fetcher.load++
	p.fetcher.inbox.put(p)
	return true, nil
}

// unknown deals with a topic that the cluster knows nothing of.
func (r *reading) unknown(p *partition) {
	p.trouble(kafkago.UnknownTopicOrPartition)
	if p.unknownSince.IsZero() {
		p.unknownSince = time.Now()
	}
	switch {
	case time.Since(p.unknownSince) < r.deletedAfter:
	case p.bounded():
		p.arrive(r.opts.Now())
		p.gap(p.position, p.End, "topic %s was deleted while it was read", p.ID.Topic)
		p.moveTo(p.End)
	default:
		p.gone = true
		r.notices.lose(stream.TopicLost, "topic "+p.ID.Topic, "it was deleted")
	}
}

// giveUp fails when a partition with an end has been out of reach for too long.
func (r *reading) giveUp(ps []*partition) error {
	for _, p := range ps {
		if !p.bounded() || p.finished || p.err == nil || time.Since(p.since) < r.opts.GiveUp {
			continue
		}
		return fmt.Errorf("%s/%d could not be read for %s: %w", p.ID.Topic, p.ID.Partition, r.opts.GiveUp, r.client.connectError(p.err))
	}
	return nil
}

// newPartitions assigns the partitions that topics were given since. A cluster
// that cannot be asked now is asked again.
func (r *reading) newPartitions(ctx context.Context) ([]*partition, error) {
	l, err := r.client.layout(ctx, topicNames(slices.Collect(maps.Values(r.known))))
	if err != nil {
		return nil, nil //nolint:nilerr // fetching tells when the cluster is lost
	}
	var ids []window.PartitionID
	for id := range l.leaders {
		if r.known[id] == nil {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, comparePartitions)
	var added []*partition
	for _, id := range ids {
		p, err := r.adopt(stream.Assignment{ID: id, End: -1, FromBeginning: true})
		if err != nil {
			return nil, err
		}
		r.opts.tell("new partition %s/%d: it is read from its beginning", id.Topic, id.Partition)
		added = append(added, p)
	}
	return added, nil
}

// fetcherKey names one of the two fetchers of a broker. A broker that moved to
// another address is another one.
type fetcherKey struct {
	broker  int32
	address string
	half    int
}

// fetcherOf is the fetcher of a broker that has fewer partitions, started if
// need be. Fetchers run until the reading ends.
func (r *reading) fetcherOf(ctx context.Context, broker int32, address string) *fetcher {
	halves := [2]*fetcher{}
	for i := range halves {
		key := fetcherKey{broker, address, i}
		if halves[i] = r.fetchers[key]; halves[i] == nil {
			halves[i] = newFetcher(r, broker, address)
			r.fetchers[key] = halves[i]
			r.loops.Add(1)
			f := halves[i]
			r.senders.Go(func() { f.run(ctx) })
		}
	}
	if halves[1].load < halves[0].load {
		return halves[1]
	}
	return halves[0]
}
