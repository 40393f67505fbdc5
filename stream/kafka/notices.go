package kafka

import (
	"fmt"
	"sync"

	"github.com/oriel-stream/oriel/stream"
)

// notices tells once that a trouble begins and once that it is over, however many
// goroutines meet it.
type notices struct {
	tell func(stream.Notice)

	mu    sync.Mutex
	begun map[stream.Trouble]bool
}

func newNotices(tell func(stream.Notice)) *notices {
	return &notices{tell: tell, begun: map[stream.Trouble]bool{}}
}

func (n *notices) begin(t stream.Trouble, format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.begun[t] {
		n.begun[t] = true
		n.tell(stream.Notice{Text: fmt.Sprintf(format, args...), Trouble: t})
	}
}

// end says that a trouble is over; with an empty text to nobody but who shows it.
func (n *notices) end(t stream.Trouble, text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.begun[t] {
		delete(n.begun, t)
		n.tell(stream.Notice{Text: text, Trouble: t, Over: true})
	}
}

// endAll ends the troubles of what is no longer read.
func (n *notices) endAll() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for t := range n.begun {
		n.tell(stream.Notice{Trouble: t, Over: true})
	}
	clear(n.begun)
}

// lose and back speak of what does not answer, by its name.
func (n *notices) lose(kind stream.TroubleKind, name, why string) {
	n.begin(stream.Trouble{Kind: kind, Source: name}, "lost %s: %s; trying again", name, why)
}

func (n *notices) back(kind stream.TroubleKind, name string) {
	n.end(stream.Trouble{Kind: kind, Source: name}, name+" is back")
}
