package kafka

import (
	"cmp"
	"context"
	"slices"

	kafkago "github.com/segmentio/kafka-go"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// resume plans the reading of partitions from what is committed of them on, as
// far as their logs still have it, and of the others from what beginning says.
// Those that no broker answers for are left out, and the error says why.
func (m *Membership) resume(ctx context.Context, ids []window.PartitionID, committed map[window.PartitionID]stream.Commit, beginning func(window.PartitionID) bound) ([]stream.Assignment, error) {
	ctx, cancel := context.WithTimeout(ctx, rangesTimeout)
	defer cancel()
	from := make(map[window.PartitionID]bound, len(ids))
	for _, id := range ids {
		from[id] = beginning(id)
		if c, ok := committed[id]; ok {
			from[id] = bound{kind: atOffset, n: c.Offset}
		}
	}
	found, err := m.client.lookUpEach(ctx, from)
	plan := Plan{LogStarts: map[window.PartitionID]int64{}}
	for _, id := range slices.SortedFunc(slices.Values(ids), comparePartitions) {
		if !found.has(id, from[id]) {
			err = cmp.Or(err, error(kafkago.LeaderNotAvailable))
			continue
		}
		gaps := len(plan.Gaps)
		plan.add(id, RangeSpec{From: Offsets{other: from[id]}}, found)
		if c, ok := committed[id]; ok {
			plan.Assignments[len(plan.Assignments)-1].Committed = &c
			plan.Gaps = plan.Gaps[:gaps] // whoever resumes sees it
		}
	}
	for _, g := range plan.Gaps {
		m.opts.tell("%s/%d: %s", g.ID.Topic, g.ID.Partition, g.Reason)
	}
	return plan.Assignments, err
}

// lookUpEach looks up what is needed to begin at a place of its own in each
// partition, once. What no broker answers for is missing, and the error says why.
func (c *Client) lookUpEach(ctx context.Context, from map[window.PartitionID]bound) (lookedUp, error) {
	found := lookedUp{
		start: map[window.PartitionID]offsetAnswer{}, end: map[window.PartitionID]offsetAnswer{}, from: map[window.PartitionID]offsetAnswer{},
	}
	var ids []window.PartitionID
	var timed []offsetQuery
	for id := range from {
		ids = append(ids, id)
	}
	l, err := c.layout(ctx, topicsOf(placeQueries(ids, latestOffset)))
	if err != nil {
		return found, err
	}
	ids = slices.DeleteFunc(l.led(), func(id window.PartitionID) bool { _, asked := from[id]; return !asked })
	for _, id := range ids {
		if b := from[id]; b.kind == atTime {
			timed = append(timed, offsetQuery{id, b.n})
		}
	}
	// The end comes first, so that no start is behind it.
	err = c.offsetsOnce(ctx, l, placeQueries(ids, latestOffset), c.cfg.Isolation, found.end)
	err = cmp.Or(err, c.offsetsOnce(ctx, l, placeQueries(ids, earliestOffset), c.cfg.Isolation, found.start))
	err = cmp.Or(err, c.offsetsOnce(ctx, l, timed, c.cfg.Isolation, found.from))
	if err != nil {
		return found, c.offsetsError(ctx, err)
	}
	return found, nil
}

// has says that everything is known that is needed to begin at b.
func (f lookedUp) has(id window.PartitionID, b bound) bool {
	_, start := f.start[id]
	_, end := f.end[id]
	_, timed := f.from[id]
	return start && end && (timed || b.kind != atTime)
}
