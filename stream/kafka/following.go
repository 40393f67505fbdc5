package kafka

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// following is one run of a membership. Its goroutine negotiates with the group
// and orders what is read.
type following struct {
	*Membership
	orders chan<- order
	// given are the partitions that the group has given to this member.
	given []window.PartitionID
	// anew are those whose topics were created again.
	anew map[window.PartitionID]bool
	// counts are how many partitions its topics had when it joined, and missed says
	// that there were fewer when it looked last.
	counts []int32
	missed bool
}

// follow joins, takes and gives up what the group wants, and joins again when
// there is a rebalance.
func (m *Membership) follow(ctx context.Context, orders chan<- order) error {
	f := &following{Membership: m, orders: orders, anew: map[window.PartitionID]bool{}}
	for {
		given, err := f.join(ctx)
		if err != nil {
			return err
		}
		f.given = given
		if err := f.stay(ctx); err != nil {
			return err
		}
	}
}

// stay is a generation, from its beginning until the member is to join the next.
func (f *following) stay(ctx context.Context) error {
	watch := time.NewTicker(f.client.cfg.MetadataMaxAge)
	defer watch.Stop()
	leaving := f.tenures.leave(f.given)
	taking := newAppointment(0)
	defer taking.Stop()
	if err := f.order(ctx, order{revoke: leaving}); err != nil {
		return err
	}
	f.tell("gives up", leaving)
	gaveUp, failures := false, 0
	for {
		e := f.tenures.end(f.client.cfg.RebalanceTimeout)
		f.endTenures(e)
		gaveUp = gaveUp || len(e.late) > 0 || f.left(e.over)
		if gaveUp && e.left == 0 {
			return nil
		}
		if len(e.over) > 0 {
			taking.notAfter(0)
		}
		deadline := time.NewTimer(e.next)
		select {
		case <-ctx.Done():
			deadline.Stop()
			return context.Cause(ctx)
		case <-f.rejoin:
			deadline.Stop()
			return nil
		case <-f.tenures.ended:
		case <-deadline.C:
		case <-watch.C:
			if f.changed(ctx) {
				deadline.Stop()
				return nil
			}
		case <-taking.C:
			taking.kept()
			err := f.take(ctx)
			switch {
			case err == nil:
				failures = 0
				f.notices.back(f.untaken())
			case !isTransient(err):
				deadline.Stop()
				return err
			default:
				f.notices.lose(f.untaken(), plainWords(err))
				failures++
				taking.notAfter(max(firstBackoff, backoff(failures)))
			}
		}
		deadline.Stop()
	}
}

// left says that one of some partitions is another member's to take.
func (f *following) left(over []window.PartitionID) bool {
	return slices.ContainsFunc(over, func(id window.PartitionID) bool { return !slices.Contains(f.given, id) })
}

// endTenures takes note of those that are over, and tells of those that took too
// long.
func (f *following) endTenures(e ending) {
	for _, id := range e.replaced {
		f.anew[id] = true
	}
	if len(e.late) > 0 {
		f.opts.Notice(fmt.Sprintf("what was read of %s is not flushed after %s (-X max.poll.interval.ms=%d): others read it again",
			listPartitions(e.late), f.client.cfg.RebalanceTimeout, f.client.cfg.RebalanceTimeout.Milliseconds()), true)
	}
}

// changed says that topics have another number of partitions than when the member
// joined. That there are fewer must be seen twice: a broker that has just started
// may not know yet. A cluster that cannot be asked now is asked again.
func (f *following) changed(ctx context.Context) bool {
	l, err := f.client.layoutOf(ctx, f.topics)
	if err != nil {
		return false
	}
	more, fewer := false, false
	for i, n := range f.count(l) {
		more, fewer = more || n > f.counts[i], fewer || n < f.counts[i]
	}
	twice := fewer && f.missed
	f.missed = fewer
	return more || twice
}

// order changes what is read.
func (f *following) order(ctx context.Context, o order) error {
	if len(o.assign) == 0 && len(o.revoke) == 0 {
		return nil
	}
	select {
	case f.orders <- o:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// take begins to read the partitions that were given and are not read yet, but
// for those of which something is still flushed from an earlier time.
func (f *following) take(ctx context.Context) error {
	var ids []window.PartitionID
	for _, id := range f.given {
		if !f.tenures.has(id) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	committed, err := f.committed(ctx, ids)
	if err != nil {
		return err
	}
	for id := range f.anew {
		delete(committed, id) // that is of the old log
	}
	assignments, failed := f.resume(ctx, ids, committed, f.beginning)
	if err := f.begin(ctx, assignments); err != nil {
		return err
	}
	return failed
}

// untaken is what is lost when partitions cannot be read that were given.
func (f *following) untaken() string { return fmt.Sprintf("partitions that group %q gives to this member", f.group) }

// beginning says where a partition is read from of which nothing is committed.
func (f *following) beginning(id window.PartitionID) bound {
	if f.there[id] && !f.anew[id] {
		return f.from.From.at(id.Partition)
	}
	return bound{kind: atStart}
}

// begin orders assignments to be read.
func (f *following) begin(ctx context.Context, assignments []stream.Assignment) error {
	var ids []window.PartitionID
	for _, a := range assignments {
		c := stream.Commit{ID: a.ID, Offset: a.Start}
		if a.Committed != nil && a.Committed.Offset == a.Start {
			c = *a.Committed
		}
		f.tenures.begin(c, a.Committed == nil)
		delete(f.anew, a.ID)
		ids = append(ids, a.ID)
	}
	f.tell("reads", ids)
	return f.order(ctx, order{assign: assignments})
}

// tell says what changes for this member.
func (f *following) tell(does string, ids []window.PartitionID) {
	if len(ids) > 0 {
		f.opts.Notice(fmt.Sprintf("group %q: this member %s %s", f.group, does, listPartitions(ids)), true)
	}
}

// listPartitions names partitions, and of many only the first.
func listPartitions(ids []window.PartitionID) string {
	const named = 5
	var out []string
	for _, id := range ids[:min(named, len(ids))] {
		out = append(out, fmt.Sprintf("%s/%d", id.Topic, id.Partition))
	}
	if n := len(ids) - named; n > 0 {
		out = append(out, fmt.Sprintf("%d more", n))
	}
	return strings.Join(out, ", ")
}
