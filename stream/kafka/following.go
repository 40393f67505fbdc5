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
	// gaveUp says that something was given up in this generation, and failures
	// counts the attempts to take what was given.
	gaveUp   bool
	failures int
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
	taking, late := newAppointment(0), time.NewTimer(0)
	defer taking.Stop()
	defer late.Stop()
	leaving := f.tenures.leave(f.given)
	if err := f.order(ctx, order{revoke: leaving}); err != nil {
		return err
	}
	f.tell("gives up", leaving)
	f.gaveUp, f.failures = false, 0
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-f.rejoin:
			return nil
		case <-watch.C:
			if f.changed(ctx) {
				return nil
			}
		case <-f.tenures.ended:
			late.Reset(0)
		case <-late.C:
			if f.endTenures(taking, late) {
				return nil
			}
		case <-taking.C:
			taking.kept()
			if err := f.tryToTake(ctx, taking); err != nil {
				return err
			}
		}
	}
}

// endTenures takes note of the tenures that are over or have taken too long, and
// sees to it that it is asked again when the next one has. It reports whether the
// member is to join again because it has given up all that others wait for.
func (f *following) endTenures(taking *appointment, late *time.Timer) (rejoin bool) {
	e := f.tenures.end(f.client.cfg.RebalanceTimeout)
	for _, id := range e.replaced {
		f.anew[id] = true
	}
	if len(e.late) > 0 {
		f.opts.tell("what was read of %s is not flushed after %s (-X max.poll.interval.ms=%d): others read it again",
			listPartitions(e.late), f.client.cfg.RebalanceTimeout, f.client.cfg.RebalanceTimeout.Milliseconds())
	}
	if len(e.over) > 0 {
		taking.notAfter(0) // it may have been given back meanwhile
	}
	others := func(id window.PartitionID) bool { return !slices.Contains(f.given, id) }
	f.gaveUp = f.gaveUp || len(e.late) > 0 || slices.ContainsFunc(e.over, others)
	late.Reset(e.next)
	return f.gaveUp && e.left == 0
}

// tryToTake takes what was given, again later where that may help.
func (f *following) tryToTake(ctx context.Context, taking *appointment) error {
	err := f.take(ctx)
	switch {
	case err == nil:
		f.failures = 0
		f.notices.back(stream.GroupLost, f.untaken())
	case !isTransient(err):
		return err
	default:
		f.notices.lose(stream.GroupLost, f.untaken(), plainWords(err))
		f.failures++
		taking.notAfter(max(firstBackoff, backoff(f.failures)))
	}
	return nil
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
func (f *following) untaken() string {
	return fmt.Sprintf("partitions that group %q gives to this member", f.group)
}

// beginning says where a partition is read from of which nothing is committed.
func (f *following) beginning(id window.PartitionID) bound {
	if !f.there[id] || f.anew[id] {
		return bound{kind: atStart}
	}
	if offset, ok := f.begins[id]; ok {
		return bound{kind: atOffset, n: offset}
	}
	return f.from.From.at(id.Partition)
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
		f.opts.tell("group %q: this member %s %s", f.group, does, listPartitions(ids))
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
