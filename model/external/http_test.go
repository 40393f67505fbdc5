package external

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// serving is a model server whose answers to the key "bad" are those of fault.
func serving(t *testing.T, fault http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q inferenceRequest
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &q)
		}
		switch {
		case r.URL.Path != "/v2/models/last/infer" || r.Method != http.MethodPost:
			http.NotFound(w, r)
		case err != nil || r.Header.Get("Content-Type") != "application/json":
			http.Error(w, `{"error":"no request"}`, http.StatusBadRequest)
		case isBad(&q):
			fault(w, r)
		default:
			_, _ = io.WriteString(w, goodAnswer(&q))
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func serverModel(t *testing.T, address string, timeout time.Duration) (*Model, *heard) {
	t.Helper()
	told := &heard{}
	m, err := NewServer(address, Options{Timeout: timeout, Workers: 2, Now: time.Now, Notice: told.hear})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m, told
}

// serverFault is what a server may do, the outcome and what is told of it.
type serverFault struct {
	does       http.HandlerFunc
	want, told string
}

// saying answers with a text.
func saying(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

var serverFaults = map[string]serverFault{
	"hangs": {func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
	}, "timeout", "no answer before the deadline"},
	"drips": {func(w http.ResponseWriter, r *http.Request) {
		for tick := time.NewTicker(testTimeout / 20); r.Context().Err() == nil; <-tick.C {
			_, _ = io.WriteString(w, " ")
			w.(http.Flusher).Flush()
		}
	}, "timeout", "no answer before the deadline"},
	"closes": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "unreachable", "EOF"},
	"stops in the middle": {func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"outputs"`)
	}, "unreachable", "unexpected EOF"},
	"floods": {func(w http.ResponseWriter, r *http.Request) {
		for chunk := strings.Repeat("x", 1<<16); r.Context().Err() == nil; {
			if _, err := io.WriteString(w, chunk); err != nil {
				return
			}
		}
	}, "too large", "more than 66048 bytes"},
	"bad request": {func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"n must\n be 12"}`)
	}, "refused", `HTTP 400: {"error":"n must\n be 12"}`},
	"overloaded": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, "refused", "HTTP 503"},
	"redirects": {func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/else", http.StatusTemporaryRedirect)
	}, "refused", "HTTP 307"},
	"no JSON":     {saying("<html>"), "malformed", "<html>"},
	"error":       {saying(`{"error":"no"}`), "refused", "the model says: no"},
	"another id":  {saying(`{"id":"999","outputs":[{"name":"mean","data":[1,2]}]}`), "wrong id", `"999"`},
	"wrong shape": {saying(`{"outputs":[{"name":"mean","data":[1,2,3]}]}`), "wrong shape", "has 3 numbers"},
	"NaN":         {saying(`{"outputs":[{"name":"mean","data":[1,NaN]}]}`), "not finite", "step 2"},
}

// TestWhatAServerDoesCostsItsForecastOnly, as of a program.
func TestWhatAServerDoesCostsItsForecastOnly(t *testing.T) {
	t.Parallel()
	for name, c := range serverFaults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timeout := patient
			if c.want == "timeout" {
				timeout = testTimeout
			}
			address := serving(t, c.does).URL + "/v2/models/last"
			goodBadGood(t, c.want, c.told, func() (*Model, *heard) { return serverModel(t, address, timeout) })
		})
	}
}

// TestAServerThatIsDown is left alone after a few calls, and asked again when
// it says that it is ready.
func TestAServerThatIsDown(t *testing.T) {
	t.Parallel()
	var up, ready atomic.Bool
	var asked, probed atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q inferenceRequest
		switch {
		case r.URL.Path == "/v2/models/last/ready":
			probed.Add(1)
			if !ready.Load() {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		case !up.Load():
			asked.Add(1)
			w.WriteHeader(http.StatusBadGateway)
		default:
			_ = json.NewDecoder(r.Body).Decode(&q)
			_, _ = io.WriteString(w, goodAnswer(&q))
		}
	}))
	t.Cleanup(s.Close)
	var clock atomic.Int64
	m, told := serverModel(t, s.URL+"/v2/models/last", patient)
	m.now = func() time.Time { return time.Unix(clock.Load(), 0) }
	var failing []string
	m.failing = func(text string, over bool) { failing = append(failing, fmt.Sprint(over, " ", text)) }
	ask := func(want string) {
		t.Helper()
		if got := outcomes(t.Context(), m, about(1, "a")); got[0] != want {
			t.Errorf("got %q, want %q", got[0], want)
		}
	}
	for range breakAfter {
		ask("refused")
	}
	ask("unavailable")
	clock.Add(1)
	ask("unavailable") // it says that it is not ready
	up.Store(true)
	ready.Store(true)
	ask("unavailable") // not so soon
	clock.Add(2)
	ask("[0]")
	ask("[0]")
	if asked.Load() != breakAfter || probed.Load() != 2 {
		t.Errorf("asked %d times while it was down, probed %d times", asked.Load(), probed.Load())
	}
	waitFor(t, told, "failed 5 times in a row, last with refused: HTTP 502")
	waitFor(t, told, "answers again")
	m.Close()
	want := []string{"false " + m.Name() + " failed 5 times in a row, last with refused: HTTP 502", "true " + m.Name() + " answers again", "true "}
	if !slices.EqualFunc(failing, want, strings.HasPrefix) {
		t.Errorf("told %q, want %q", failing, want)
	}
}

// TestCallsThatBeganLate: what had no time to be answered says nothing about the
// model; what had most of it does.
func TestCallsThatBeganLate(t *testing.T) {
	t.Parallel()
	s := serving(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	for _, c := range []struct {
		timeout, left time.Duration
		want          string
	}{
		{patient, testTimeout / 10, "timeout"},
		{testTimeout, patient, "unavailable"},
	} {
		m, _ := serverModel(t, s.URL+"/v2/models/last", c.timeout)
		m.now = func() time.Time { return time.Unix(0, 0) }
		var last string
		for n := 0; n < 4*breakAfter && last != "unavailable"; n++ {
			ctx, cancel := context.WithTimeout(t.Context(), c.left)
			last = outcomes(ctx, m, about(1, "bad"))[0]
			cancel()
		}
		if last != c.want {
			t.Errorf("calls with %v left of a timeout of %v: %q, want %q", c.left, c.timeout, last, c.want)
		}
	}
}

func TestAServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	// Port 1, which no test is given when it asks for any that is free.
	m, told := serverModel(t, "http://user:secret@127.0.0.1:1/v2/models/last", patient)
	if got := outcomes(t.Context(), m, about(1, "a")); got[0] != "unreachable" {
		t.Errorf("got %q", got)
	}
	waitFor(t, told, "connection refused")
	if text := strings.Join(told.all(), "\n"); strings.Contains(text, "secret") {
		t.Errorf("told %q", text)
	}
}

func TestAnInterruptedCallToAServer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := serving(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	m, told := serverModel(t, s.URL+"/v2/models/last", patient)
	if got := outcomes(ctx, m, about(1, "bad")); got[0] != "interrupted" || len(told.all()) > 0 {
		t.Errorf("got %q, told %q", got, told.all())
	}
}

// TestInvocations: MLflow's contract, also where one window is a flat list.
func TestInvocations(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q struct{ Inputs [][]float64 }
		switch err := json.NewDecoder(r.Body).Decode(&q); {
		case err != nil || r.URL.Path != "/invocations":
			http.Error(w, fmt.Sprint(err), http.StatusBadRequest)
		case len(q.Inputs) == 1:
			_, _ = fmt.Fprintf(w, `{"predictions":[%v,%v]}`, q.Inputs[0][0], q.Inputs[0][1])
		case q.Inputs[0][2] == 0:
			_, _ = fmt.Fprint(w, `{"predictions":[[1,2],[3,NaN]]}`)
		}
	}))
	t.Cleanup(s.Close)
	for _, address := range []string{s.URL + "/invocations", "mlflow+" + s.URL, "mlflow+" + s.URL + "/invocations"} {
		m, _ := serverModel(t, address, patient)
		got := [][]string{outcomes(t.Context(), m, about(2, "a")), outcomes(t.Context(), m, about(2, "a", "b"))}
		if diff := cmp.Diff([][]string{{"[1 2.5]"}, {"[1 2]", "not finite"}}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", address, diff)
		}
	}
}

// TestAddresses: where questions go, and what is no address.
func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"http://h:8080/v2/models/m":             "http://h:8080/v2/models/m/infer http://h:8080/v2/models/m/ready http://h:8080/v2/health/ready",
		"http://h/v2/models/m/infer":            "http://h/v2/models/m/infer http://h/v2/models/m/ready http://h/v2/health/ready",
		"https://h/a/v2/models/m/versions/2/":   "https://h/a/v2/models/m/versions/2/infer https://h/a/v2/models/m/versions/2/ready https://h/a/v2/health/ready",
		"http://h/forecast":                     "http://h/forecast",
		"http://h/invocations":                  "http://h/invocations http://h/ping",
		"mlflow+http://h:5000":                  "http://h:5000/invocations http://h:5000/ping",
		"mlflow+https://h/gateway/invocations/": "https://h/gateway/invocations https://h/gateway/ping",
		"http://h":                              "it names no model: use http://HOST/v2/models/NAME, or mlflow+http://HOST",
		"http://h/v2/models":                    "it names no model: use http://HOST/v2/models/NAME, or mlflow+http://HOST",
		"http://h/v2/models/":                   "it names no model: use http://HOST/v2/models/NAME, or mlflow+http://HOST",
		"http://h/a/v2/models/infer":            "it names no model: use http://HOST/v2/models/NAME, or mlflow+http://HOST",
		"http://h/v2/models//infer":             "it names no model: use http://HOST/v2/models/NAME, or mlflow+http://HOST",
		"http:///v2/models/m":                   "a model server is http://HOST/v2/models/NAME, or mlflow+http://HOST",
		"mlflow+ftp://h":                        "a model server is http://HOST/v2/models/NAME, or mlflow+http://HOST",
		"http://h:x/":                           "it is no address of a model server",
	} {
		m, err := NewServer(address, Options{})
		got := fmt.Sprint(err)
		if err == nil {
			s := m.backend.(*server)
			got = strings.Join(append([]string{s.url}, s.health...), " ")
		}
		if got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}
