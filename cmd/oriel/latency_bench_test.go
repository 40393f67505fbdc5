//go:build bench

package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// lineClock tells when each line was written.
type lineClock chan time.Time

func (c lineClock) Write(p []byte) (int, error) {
	for range bytes.Count(p, []byte("\n")) {
		c <- time.Now()
	}
	return len(p), nil
}

// BenchmarkTailLatency is how long a tail takes from the record that closes a
// window, once the broker has it, to the line of the window: fetching, decoding
// and writing included. Several partitions are read, of which the others are
// idle. It reports percentiles in milliseconds.
func BenchmarkTailLatency(b *testing.B) {
	addr := newBroker(b).ListenAddrs()[0]
	c := newClient(b, addr)
	c.createTopic("t", 4)
	at := func(second int) message {
		ms := epoch + 1000*int64(second)
		return message{timestamp: ms, key: []byte("k"), payload: fmt.Appendf(nil, `{"ts":%d,"v":1}`, ms)}
	}
	c.produce("t", at(0))
	ctx, cancel := context.WithCancelCause(b.Context())
	lines, ended := make(lineClock, 16), make(chan int)
	e := testEnv(strings.NewReader(""), lines, newTranscript(), "tail", "t", "-b", addr, "--from", "start",
		"--time", "ts", "--value", "v", "-w", "1s", "--out-of-orderness", "0s", "--idle-timeout", "50ms", "-m", "none", "--quiet")
	go func() { ended <- run(ctx, e) }()
	defer func() {
		cancel(errInterrupted)
		<-ended
	}()
	second := 1
	next := func() time.Duration {
		c.produce("t", at(second))
		second++
		there := time.Now()
		return (<-lines).Sub(there)
	}
	next() // by then it is connected, and the other partitions are idle
	var took []time.Duration
	for b.Loop() {
		took = append(took, next())
	}
	slices.Sort(took)
	for _, p := range []int{50, 99, 100} {
		b.ReportMetric(float64(took[(len(took)-1)*p/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", p))
	}
}
