package main

import (
	"net"
	"slices"
	"strconv"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
)

// TestTailOutlivesItsBroker: the broker is stopped and started again with the
// log it had. Every record is in exactly one window, by the offsets of the lines.
func TestTailOutlivesItsBroker(t *testing.T) {
	t.Parallel()
	dir, addr := t.TempDir(), unusedAddr(t)
	broker := func() *kfake.Cluster {
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(port)
		if err != nil {
			t.Fatal(err)
		}
		return newBroker(t, kfake.Ports(n), kfake.DataDir(dir), kfake.SyncWrites())
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

// unusedAddr is an address where nobody listens.
func unusedAddr(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
