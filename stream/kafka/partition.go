package kafka

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// partition is the reading of one partition. One goroutine owns it at a time;
// ownership passes through the queues.
type partition struct {
	stream.Assignment
	out chan<- stream.Delivery
	// pending are deliveries that the worker has not taken yet.
	pending  []stream.Delivery
	position int64 // the offset to fetch next
	at       window.Time
	// logEnd is the last stable offset as the newest response told it, 0 while
	// unknown.
	logEnd int64
	// unstable is how many offsets lie behind it, of open transactions; heldBack
	// watches the first of them.
	unstable int64
	heldBack heldBack
	finished bool
	// interrupted says that it was not fetched for a while.
	interrupted bool

	// leader is the epoch of its leader as its metadata has it, 0 where they have
	// none, and newestLeader the newest that was ever seen, -1 before the first.
	// epochRead is the epoch of the newest batch, -1 before the first.
	leader, newestLeader, epochRead int32
	// olderSince is when a leader first confirmed an epoch below newestLeader,
	// zero if none has since the last that did not.
	olderSince time.Time
	// doubtful says that the log may be another one than before, and another that
	// it is: the topic was deleted and created again.
	doubtful, another bool
	// checked says that its log was looked at and nothing has been fetched since.
	// high is the newest high watermark of this leader.
	checked bool
	high    int64
	// err is why the partition is not being fetched, since says for how long
	// by now, and failures counts the attempts since.
	err      error
	since    time.Time
	failures int
	// unknownSince is when the cluster was first seen to know nothing of the
	// topic, zero if it does; gone says that this is taken as final.
	unknownSince time.Time
	gone         bool
	// shortSince is when the log was first seen to end before the range does.
	shortSince time.Time

	// revoked is closed when another member of the group will read the partition;
	// nil without a group.
	revoked chan struct{}
	// cut is told where the log ends that was truncated; nil for nobody.
	cut func(end int64)

	fetcher  *fetcher
	homeless bool // its fetcher can do no more for it
	away     bool // its deliveries are being sent
}

// end is the offset where the range ends, the highest one if it does not.
func (p *partition) end() int64 {
	if p.End < 0 {
		return math.MaxInt64
	}
	return p.End
}

func (p *partition) bounded() bool { return p.End >= 0 }

// arrive sets the time of what happened last. It never goes back.
func (p *partition) arrive(now window.Time) { p.at = max(p.at, now) }

// moveTo sets the position and finishes a range at its end.
func (p *partition) moveTo(next int64) {
	p.position = next
	if p.position >= p.end() {
		p.position = p.end()
		p.finish()
	}
}

// queue adds a delivery to be sent.
func (p *partition) queue(d stream.Delivery) {
	d.At, d.LogEnd, d.Unstable, d.Resumed = p.at, p.logEnd, p.unstable, p.interrupted
	p.interrupted = false
	p.pending = append(p.pending, d)
}

// gap queues a Gap.
func (p *partition) gap(from, to int64, format string, args ...any) {
	p.queue(stream.Delivery{Kind: stream.Gap, From: from, To: to, Reason: fmt.Sprintf(format, args...)})
}

// trouble takes note of a failed attempt.
func (p *partition) trouble(err error) {
	if p.err == nil {
		p.since = time.Now()
	}
	p.err = err
	p.failures++
	p.homeless, p.interrupted = true, true
	p.doubtful = p.newestLeader >= 0
}

// moveIn takes note of the leader that p is placed with.
func (p *partition) moveIn(epoch int32) {
	p.leader, p.homeless, p.high = epoch, false, 0
	if p.newestLeader < 0 {
		p.newestLeader = epoch
	}
	if epoch >= p.newestLeader {
		p.olderSince = time.Time{}
	}
}

// older takes note that the leader of p confirms an epoch below the newest, and
// returns for how long leaders have by now.
func (p *partition) older() time.Duration {
	if p.olderSince.IsZero() {
		p.olderSince = time.Now()
	}
	return time.Since(p.olderSince)
}

// askedEpoch is the newest epoch that the log is known to have.
func (p *partition) askedEpoch() int32 {
	if p.epochRead >= 0 {
		return p.epochRead
	}
	return p.newestLeader
}

// fence is the leader epoch to send with a fetch, so that a broker that leads no
// more, or not yet, says so; -1 for none. Brokers before 2.1 tell no epoch, and
// 0 tells nothing that none does not.
func (p *partition) fence() int32 {
	if p.leader == 0 {
		return -1
	}
	return p.leader
}

// trust ends the doubts about the log of p.
func (p *partition) trust() {
	p.doubtful, p.checked = false, true
	p.newestLeader = max(p.newestLeader, p.leader)
}

// createdAgain deals with the log of another topic of the same name. A range of
// the old one ends here; without an end the new one is to be read, which is a
// reading of its own.
func (p *partition) createdAgain() {
	const reason = "the topic was deleted and created again"
	if p.bounded() {
		p.gap(p.position, p.End, reason)
		p.moveTo(p.End)
		return
	}
	p.gap(p.position, max(p.position, p.logEnd), reason+"; its new log is read from its beginning")
	p.another, p.homeless = true, true
}

// truncated deals with a log that now ends before the position.
func (p *partition) truncated(end int64) {
	if p.bounded() {
		p.gap(p.position, p.End, "the log now ends at offset %d: it was truncated, or the topic created again", end)
		p.moveTo(p.End)
		return
	}
	if p.cut != nil {
		p.cut(end)
	}
	p.gap(end, p.position, "the log now ends at offset %d: it was truncated, or the topic created again; reading goes on from there", end)
	p.moveTo(end)
	p.epochRead = -1 // its records may be among those that are gone
}

// finish ends the reading of p where it is.
func (p *partition) finish() {
	if !p.finished {
		p.finished = true
		p.queue(stream.Delivery{Kind: stream.Finished, Next: p.position})
	}
}

// isRevoked says that the partition is not to be read any more.
func (p *partition) isRevoked() bool {
	select {
	case <-p.revoked:
		return true
	default:
		return false
	}
}

// stop is closed when what is pending need not be delivered any more.
func (p *partition) stop() <-chan struct{} {
	if p.finished {
		return nil
	}
	return p.revoked
}

// recovered takes note of a successful one.
func (p *partition) recovered() {
	p.err, p.failures = nil, 0
	p.unknownSince, p.gone = time.Time{}, false
}

// deliver sends what is pending as far as the worker takes it now, and reports
// whether that is everything.
func (p *partition) deliver() bool {
	for i, d := range p.pending {
		select {
		case p.out <- d:
		default:
			p.pending = append(p.pending[:0], p.pending[i:]...)
			return false
		}
	}
	p.sent()
	return true
}

// deliverAll waits for the worker, unless p is revoked meanwhile. It returns
// false when ctx is done before everything is sent.
func (p *partition) deliverAll(ctx context.Context) bool {
	for i, d := range p.pending {
		select {
		case p.out <- d:
		case <-p.stop():
			p.pending = p.pending[i:]
			p.drop()
			return true
		case <-ctx.Done():
			p.pending = p.pending[i:]
			p.drop()
			return false
		}
	}
	p.sent()
	return true
}

// sent forgets the deliveries, which would keep their batches alive.
func (p *partition) sent() {
	clear(p.pending)
	p.pending = p.pending[:0]
}

// drop releases what will not be sent.
func (p *partition) drop() {
	for _, d := range p.pending {
		if d.Batch != nil {
			d.Batch.Release()
		}
	}
	p.sent()
}
