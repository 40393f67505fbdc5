package main

import (
	"context"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/oriel-stream/oriel/stream"
)

// TestRegistryOutageStands: while a registry is away that stands on the screen,
// whatever else ends meanwhile, until it answers again: then its records count.
func TestRegistryOutageStands(t *testing.T) {
	t.Parallel()
	fake := srfake.NewRegistry()
	fake.SeedSchema("readings-value", 1, 7, sr.Schema{Schema: readingSchema})
	fake.SeedSchema("readings-value", 2, 8, sr.Schema{Schema: readingSchema})
	registry := httptest.NewServer(fake.Handler())
	addr := brokerWith(t, 1, number(epoch, "k", avroReading(t, epoch, "a", 1.5)))
	w := watching(t, "-b", addr, "--schema-registry", registry.URL, "--from", "start", "-m", "none")
	w.await("record", func(s *stream.Snapshot) bool { return s.Totals.InTime == 1 && len(s.Troubles) == 0 })

	registry.CloseClientConnections()
	registry.Close()
	later := []byte(avroReading(t, epoch+1000, "a", 2))
	later[4] = 8
	newClient(t, addr).produce("t", number(epoch+1000, "k", string(later)))
	const away = "the schema registry does not answer: "
	w.await("outage", func(s *stream.Snapshot) bool { return stands(s, away) })

	other := stream.Trouble{Kind: stream.BrokerLost, Source: "10.0.0.7:9092"}
	w.board.Tell(stream.Notice{Text: "lost 10.0.0.7:9092", Trouble: other})
	if s := w.board.Snapshot(); len(s.Troubles) != 2 || s.Troubles[0].Text != "lost 10.0.0.7:9092" {
		t.Errorf("two troubles: %+v", s.Troubles)
	}
	w.board.Tell(stream.Notice{Text: "10.0.0.7:9092 is back", Trouble: other, Over: true})
	if s := w.board.Snapshot(); !stands(s, away) || len(s.Troubles) != 1 {
		t.Errorf("the other has ended: %+v", s.Troubles)
	}

	again := httptest.NewUnstartedServer(fake.Handler())
	_ = again.Listener.Close()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", strings.TrimPrefix(registry.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	again.Listener = listener
	again.Start()
	t.Cleanup(again.Close)
	w.await("end of the outage", func(s *stream.Snapshot) bool { return len(s.Troubles) == 0 && s.Totals.InTime == 2 })
	if s := w.board.Snapshot(); !slices.ContainsFunc(s.Notes, func(n stream.NoticeView) bool { return n.Text == "the schema registry answers again" }) {
		t.Errorf("the end is not told: %+v", s.Notes)
	}
}

func stands(s *stream.Snapshot, words string) bool {
	return slices.ContainsFunc(s.Troubles, func(n stream.NoticeView) bool { return strings.HasPrefix(n.Text, words) })
}

// watched is a run behind a screen that nobody draws.
type watched struct {
	t     *testing.T
	board *stream.Board
}

// watching runs what the dashboard shows of topic t until the test ends.
func watching(t *testing.T, flags ...string) *watched {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	e := testEnv(strings.NewReader(""), newTranscript(), newTranscript())
	o := &watchOptions{tailOptions: tailOptions{lineOptions{live: true}}}
	fs := pflag.NewFlagSet("watch", pflag.ContinueOnError)
	o.addFlags(fs, "@-10m", "", "none")
	if err := fs.Parse(flags); err != nil {
		t.Fatal(err)
	}
	topics := []string{"t"}
	cfg, err := o.config(ctx, e)
	if err != nil {
		t.Fatal(err)
	}
	o.board, o.quiet = o.newBoard(topics, &cfg, false), true
	ended := make(chan error, 1)
	go func() { ended <- keepTrying(ctx, e, &o.lineOptions, topics) }()
	t.Cleanup(func() {
		cancel()
		if err := runError(<-ended); err != nil {
			t.Error(err)
		}
	})
	return &watched{t: t, board: o.board}
}

// await waits for a picture.
func (w *watched) await(what string, has func(*stream.Snapshot) bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !has(w.board.Snapshot()); {
		if time.Now().After(deadline) {
			s := w.board.Snapshot()
			w.t.Fatalf("no %s: %+v %+v %+v", what, s.Troubles, s.Notes, s.Totals)
		}
		time.Sleep(10 * time.Millisecond) // a picture is asked for, not awaited
	}
}
