package metrics

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/net/netutil"

	"github.com/oriel-stream/oriel/stream"
)

// What a server takes on: more connections wait, more scrapes at a time are
// refused, and nobody is waited for.
const (
	maxConnections = 64
	maxScrapes     = 8
	maxHeader      = 16 << 10 // bytes
	headerTimeout  = 5 * time.Second
	scrapeTimeout  = 10 * time.Second
	// idleTimeout keeps connections between scrapes a minute apart.
	idleTimeout = 2 * time.Minute
)

// pictureEvery is how often a picture is taken. What it shows was published for
// the one before.
const pictureEvery = 500 * time.Millisecond

// Board is what pictures are taken of: a stream.Board.
type Board interface{ Snapshot() *stream.Snapshot }

// Server serves the metrics of a run.
type Server struct {
	addr net.Addr
	http http.Server
	// stop ends the taking of pictures.
	stop    context.CancelFunc
	running sync.WaitGroup
	err     error
}

// Serve listens on a TCP address, HOST:PORT, and serves the metrics of board at
// /metrics until Close is called; anything else is not found. No pictures are
// taken any more when ctx is done.
func Serve(ctx context.Context, addr string, board Board) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &collector{}
	c.newest.Store(board.Snapshot())
	s := &Server{addr: listener.Addr()}
	s.http = http.Server{
		Handler: handler(c), ReadHeaderTimeout: headerTimeout, ReadTimeout: scrapeTimeout, WriteTimeout: scrapeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		// A peer that speaks no HTTP is no news of the run.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	picturing, stop := context.WithCancel(ctx)
	s.stop = stop
	s.running.Go(func() { c.follow(picturing, board) })
	s.running.Go(func() {
		if err := s.http.Serve(netutil.LimitListener(listener, maxConnections)); !errors.Is(err, http.ErrServerClosed) {
			s.err = err
		}
	})
	return s, nil
}

// handler serves what the collector has at GET /metrics.
func handler(c *collector) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(c.registry(), promhttp.HandlerOpts{MaxRequestsInFlight: maxScrapes}))
	mux.HandleFunc("/", http.NotFound)
	return mux
}

// follow takes pictures until ctx is done.
func (c *collector) follow(ctx context.Context, board Board) {
	tick := time.NewTicker(pictureEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			c.newest.Store(board.Snapshot())
		}
	}
}

// URL is where the metrics are.
func (s *Server) URL() string { return "http://" + s.addr.String() + "/metrics" }

// Close ends the serving at once, whoever is connected, and returns why it had
// ended before, if it had.
func (s *Server) Close() error {
	s.stop()
	err := s.http.Close()
	s.running.Wait()
	return errors.Join(s.err, err)
}
