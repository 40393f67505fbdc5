package main

import (
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
)

// TestTailOutlivesItsBroker: the broker is stopped and started again with the
// log it had. Every record is in exactly one window, by the offsets of the lines.
func TestTailOutlivesItsBroker(t *testing.T) {
	t.Parallel()
	dir, kept := t.TempDir(), keepListener(t)
	addr := kept.Addr().String()
	broker := func() *kfake.Cluster {
		return newBroker(t, kfake.ListenFn(kept.open), kfake.DataDir(dir), kfake.SyncWrites())
	}
	b := broker()
	newClient(t, addr).createTopic("t", 1)
	r := startTail(t, addr, "--from", "start")
	const each, rounds = 50, 3
	for round := range int64(rounds) {
		var messages []message
		for i := range int64(each) {
			messages = append(messages, number(epoch+1000*(round*each+i), "k", "1"))
		}
		newClient(t, addr).produce("t", messages...)
		r.awaitLines(int(round+1)*each - 1) // the last record closes the window before it
		b.Close()
		r.awaitNotice("lost " + addr)
		b = broker()
		r.awaitNotice(addr + " is back")
	}
	newClient(t, addr).produce("t", number(epoch+1000*each*rounds, "k", "1"))
	var got, want []int64
	for i, l := range parse(t, r.awaitLines(each*rounds)...) {
		for o := l.Offsets[0].First; o <= l.Offsets[0].Last; o++ {
			got = append(got, o)
		}
		want = append(want, int64(i))
	}
	if !slices.Equal(got, want) {
		t.Errorf("offsets %v", got)
	}
}

// keptListener is a listener whose port nobody else gets while the broker behind
// it is away: connections are then closed at once.
type keptListener struct {
	net.Listener
	mu     sync.Mutex
	broker chan net.Conn // nil while it is away
}

func keepListener(t *testing.T) *keptListener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := &keptListener{Listener: l}
	var accepting sync.WaitGroup
	accepting.Go(k.accept)
	t.Cleanup(func() {
		l.Close()
		accepting.Wait()
	})
	return k
}

// accept hands on connections until the listener is closed.
func (k *keptListener) accept() {
	for {
		c, err := k.Listener.Accept()
		if err != nil {
			return
		}
		if !k.handOn(c) {
			c.Close()
		}
	}
}

func (k *keptListener) handOn(c net.Conn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	select {
	case k.broker <- c:
		return true
	default: // the broker is away
		return false
	}
}

// open is what a broker listens with.
func (k *keptListener) open(string, string) (net.Listener, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.broker = make(chan net.Conn, 64)
	return &brokerListener{keptListener: k, conns: k.broker}, nil
}

// brokerListener is the listener of a broker while it is there.
type brokerListener struct {
	*keptListener
	conns chan net.Conn
}

func (l *brokerListener) Accept() (net.Conn, error) {
	c, ok := <-l.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

// Close closes what has not been taken, and keeps the port.
func (l *brokerListener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broker != l.conns {
		return net.ErrClosed
	}
	l.broker = nil
	close(l.conns)
	for c := range l.conns {
		c.Close()
	}
	return nil
}
