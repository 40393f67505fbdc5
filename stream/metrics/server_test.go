package metrics

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/oriel-stream/oriel/stream"
)

// counting is a board that has read one more record in every picture.
type counting struct{ pictures atomic.Int64 }

func (c *counting) Snapshot() *stream.Snapshot {
	s := picture()
	s.Totals.Records = c.pictures.Add(1)
	return s
}

func serve(t *testing.T) (*Server, *counting) {
	t.Helper()
	board := &counting{}
	s, err := Serve(t.Context(), "127.0.0.1:0", board)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, board
}

// ask sends a request and returns the answer with its body.
func ask(t *testing.T, client *http.Client, method, url string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func newClient(t *testing.T) *http.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 30 * time.Second}
}

// TestServe: metrics are at /metrics in the text format, with those of the
// process beside our own, and nothing is anywhere else.
func TestServe(t *testing.T) {
	s, _ := serve(t)
	client := newClient(t)
	resp, body := ask(t, client, http.MethodGet, s.URL())
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Errorf("%s, %v", resp.Status, resp.Header)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range table {
		if families[m.name] == nil {
			t.Errorf("%s is not served", m.name)
		}
		delete(families, m.name)
	}
	for name := range families {
		if !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") {
			t.Errorf("%s is served and in no table", name)
		}
	}
	if families["go_goroutines"] == nil {
		t.Error("nothing of the process is served")
	}
	root := strings.TrimSuffix(s.URL(), "/metrics")
	for _, other := range []string{"/", "/metrics/", "/metrics/x", "/debug/pprof/"} {
		if resp, body := ask(t, client, http.MethodGet, root+other); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s: %s", other, resp.Status, body)
		}
	}
	if resp, _ := ask(t, client, http.MethodPost, s.URL()); resp.StatusCode != http.StatusNotFound {
		t.Errorf("POST: %s", resp.Status)
	}
}

// TestScrapesTakeNoPictures: they cost the run nothing, however many there are,
// and see what comes.
func TestScrapesTakeNoPictures(t *testing.T) {
	began := time.Now() // before the first picture
	s, board := serve(t)
	var scrapers sync.WaitGroup
	for range maxScrapes {
		client := newClient(t)
		scrapers.Go(func() {
			parser := expfmt.NewTextParser(model.UTF8Validation)
			for newest, scrapes := 0.0, 0; newest < 3 || scrapes < 20; scrapes++ {
				_, body := ask(t, client, http.MethodGet, s.URL())
				families, err := parser.TextToMetricFamilies(strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				read := families["oriel_records_read_total"].GetMetric()[0].GetCounter().GetValue()
				if read < newest {
					t.Errorf("%v records behind %v", read, newest)
				}
				newest = read
			}
		})
	}
	scrapers.Wait()
	if most := 2 + int64(time.Since(began)/pictureEvery); board.pictures.Load() > most {
		t.Errorf("%d pictures, want at most %d", board.pictures.Load(), most)
	}
}

// TestPicturesEndWithTheContext, and what was seen last is served on.
func TestPicturesEndWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	board := &counting{}
	s, err := Serve(ctx, "127.0.0.1:0", board)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if resp, _ := ask(t, newClient(t), http.MethodGet, s.URL()); resp.StatusCode != http.StatusOK {
		t.Errorf("%s", resp.Status)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestCloseWaitsForNobody: neither for a scraper that keeps its connection nor
// for one that never asks.
func TestCloseWaitsForNobody(t *testing.T) {
	s, _ := serve(t)
	ask(t, newClient(t), http.MethodGet, s.URL()) // keeps its connection
	mute, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	slow, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	if _, err := io.WriteString(slow, "GET /metrics HT"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	// A guard: far below the timeouts of the server.
	if took := time.Since(began); took > headerTimeout/2 {
		t.Errorf("it took %v", took)
	}
}

// TestPortInUse is told at once.
func TestPortInUse(t *testing.T) {
	s, _ := serve(t)
	second, err := Serve(t.Context(), s.addr.String(), &counting{})
	if !errors.Is(err, syscall.EADDRINUSE) || second != nil {
		t.Errorf("%v", err)
	}
}
