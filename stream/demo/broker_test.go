package demo

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/oriel-stream/oriel/window"
)

// start starts a broker that is closed at the end of the test.
func start(t *testing.T, change func(*Config)) *Broker {
	t.Helper()
	cfg := DefaultConfig()
	if change != nil {
		change(&cfg)
	}
	b, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func TestStartListensOnLoopbackOnly(t *testing.T) {
	b := start(t, nil)
	host, port, err := net.SplitHostPort(b.Addr())
	if err != nil || host != "127.0.0.1" || port == "0" {
		t.Errorf("address %q (%v)", b.Addr(), err)
	}
}

func TestStartOnTakenPort(t *testing.T) {
	var lc net.ListenConfig
	taken, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	cfg := DefaultConfig()
	cfg.Port = taken.Addr().(*net.TCPAddr).Port
	b, err := Start(t.Context(), cfg)
	if err == nil {
		b.Close()
		t.Fatal("started on a port that is taken")
	}
	for _, want := range []string{fmt.Sprintf("port %d:", cfg.Port), "--port"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not name %q", err, want)
		}
	}
}

func TestStartValidates(t *testing.T) {
	if b, err := Start(t.Context(), Config{}); err == nil {
		b.Close()
		t.Error("started with the zero Config")
	}
}

func TestClose(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	byCall, err := Start(ctx, DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	byCall.Close()
	byCall.Close()
	byContext, err := Start(ctx, DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-byContext.closed
	var dialer net.Dialer
	for _, b := range []*Broker{byCall, byContext} {
		if conn, err := dialer.DialContext(t.Context(), "tcp", b.Addr()); err == nil {
			conn.Close()
			t.Errorf("%s still listens", b.Addr())
		}
	}
}

// TestLiveTopicStaysSmall produces the log several times over, in the live
// feed's small batches, and removes old records by hand: the log and the heap
// must not grow.
func TestLiveTopicStaysSmall(t *testing.T) {
	const (
		rounds     = 12
		roundBytes = 7_000_000 // about what a round of 2.5 s adds
	)
	b := start(t, func(c *Config) { c.Rate = 20_000 })
	client := newClient(t, b)
	f := b.newFeed(loadStart, 0)
	defer f.producer.close()
	heapBefore := int64(0)
	for round := range rounds {
		for step := range 25 {
			until := loadStart.Add(100 * window.Duration(round*25+step+1))
			if err := f.produceUntil(t.Context(), until); err != nil {
				t.Fatal(err)
			}
		}
		b.cluster.ApplyRetention()
		size, _ := logSize(t, client, b.cfg.Topic)
		if size > logBytes {
			t.Fatalf("round %d: the log has %d bytes, more than %d", round, size, logBytes)
		}
		if round == rounds/3 {
			heapBefore = heapSize()
		}
	}
	size, first := logSize(t, client, b.cfg.Topic)
	if size < logBytes/2 || first == 0 {
		t.Errorf("the log has %d bytes and starts at %d: retention took too much, or nothing", size, first)
	}
	if grown := heapSize() - heapBefore; grown > logBytes/2 {
		t.Errorf("the heap grew by %d bytes while %d went through the log", grown, rounds*2/3*roundBytes)
	}
}

func heapSize() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
