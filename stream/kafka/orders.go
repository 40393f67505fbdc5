package kafka

import (
	"context"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// order changes what is read.
type order struct {
	assign []stream.Assignment
	revoke []window.PartitionID
}

// keeper is told what becomes of the logs of partitions that a group reads. It
// may be called from several goroutines.
type keeper interface {
	// replaced says that the topic was created again: the partition is revoked,
	// and what is committed of it speaks of another log.
	replaced(id window.PartitionID)
	// cut says that the log now ends at an offset before the position.
	cut(id window.PartitionID, end int64)
}

// obey carries an order out and returns the partitions that have no fetcher.
func (r *reading) obey(ctx context.Context, o order, homeless []*partition) ([]*partition, error) {
	for _, id := range o.revoke {
		// One whose topic was created again has gone by itself.
		if p := r.known[id]; p != nil && !p.isRevoked() {
			close(p.revoked)
		}
	}
	old, err := r.settle(ctx, homeless)
	if err != nil {
		return nil, err
	}
	fresh, err := r.begin(ctx, o.assign)
	return append(old, fresh...), err
}

// release ends the reading of a partition with its last delivery.
func (r *reading) release(p *partition) {
	if p.finished {
		return
	}
	p.another, p.finished = false, true
	r.notices.end(openTransaction(p), "")
	p.queue(stream.Delivery{Kind: stream.Revoked})
	delete(r.known, p.ID)
}
