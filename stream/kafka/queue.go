package kafka

import "sync"

// queue passes partitions from one goroutine to another. It never blocks: it
// holds each partition at most once.
type queue struct {
	// ready has a token when the queue may have become non-empty.
	ready chan struct{}

	mu    sync.Mutex
	items []*partition
}

func newQueue() *queue { return &queue{ready: make(chan struct{}, 1)} }

func (q *queue) put(p *partition) {
	q.mu.Lock()
	q.items = append(q.items, p)
	q.mu.Unlock()
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// take returns all partitions in the queue, nil for none.
func (q *queue) take() []*partition {
	q.mu.Lock()
	defer q.mu.Unlock()
	items := q.items
	q.items = nil
	return items
}
