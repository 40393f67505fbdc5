package kafka

import (
	"cmp"
	"slices"

	"github.com/segmentio/kafka-go/protocol/fetch"
)

// abortedTransactions tells the records of aborted transactions from others,
// as a read_committed consumer must: the broker sends both, and a list of the
// aborted transactions that overlap the response.
type abortedTransactions struct {
	// pending are those that begin behind what has been walked, by offset.
	pending []fetch.ResponseTransaction
	// open are the producers whose transaction at hand was aborted.
	open []int64
}

func newAborted(list []fetch.ResponseTransaction) abortedTransactions {
	slices.SortFunc(list, func(a, b fetch.ResponseTransaction) int { return cmp.Compare(a.FirstOffset, b.FirstOffset) })
	return abortedTransactions{pending: list}
}

// advance begins the transactions whose first offset is before next.
func (a *abortedTransactions) advance(next int64) {
	for len(a.pending) > 0 && a.pending[0].FirstOffset < next {
		if id := a.pending[0].ProducerID; !slices.Contains(a.open, id) {
			a.open = append(a.open, id)
		}
		a.pending = a.pending[1:]
	}
}

// has reports whether the transactional records of producer are aborted here.
func (a *abortedTransactions) has(producer int64) bool { return slices.Contains(a.open, producer) }

// end takes note of the marker that ends an aborted transaction.
func (a *abortedTransactions) end(producer int64) {
	a.open = slices.DeleteFunc(a.open, func(id int64) bool { return id == producer })
}
