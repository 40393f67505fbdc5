package kafka

import (
	"fmt"
	"sync"
)

// notices tells once that something is lost and once that it is back, however
// many goroutines meet it.
type notices struct {
	tell func(text string, resolved bool)

	mu   sync.Mutex
	lost map[string]bool
}

func (n *notices) lose(what, why string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.lost[what] {
		n.lost[what] = true
		n.tell(fmt.Sprintf("lost %s: %s; trying again", what, why), false)
	}
}

func (n *notices) back(what string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.lost[what] {
		delete(n.lost, what)
		n.tell(what+" is back", true)
	}
}
