package decode

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/oriel-stream/oriel/stream"
)

// failing makes a registry answer with a status while it is not 0.
func failing(fake *srfake.Registry) (status, requests *atomic.Int32) {
	status, requests = new(atomic.Int32), new(atomic.Int32)
	fake.Intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		requests.Add(1)
		code := int(status.Load())
		if code != 0 {
			w.WriteHeader(code)
		}
		return code != 0
	})
	return status, requests
}

// impatient is a registry that gives up after a few requests, and knows no truce.
func impatient(ctx context.Context, t *testing.T, url string) (*Registry, *[]string) {
	t.Helper()
	told := new([]string)
	r, err := NewRegistry(ctx, RegistryConfig{URL: url, Notice: func(n stream.Notice) { *told = append(*told, n.Text) }})
	if err != nil {
		t.Fatal(err)
	}
	r.outage = outage{first: time.Millisecond, longest: time.Millisecond, firstPatience: 20 * time.Millisecond, thePatience: 20 * time.Millisecond}
	return r, told
}

// TestOutageEnds: who asks waits for the answer, and is told once.
func TestOutageEnds(t *testing.T) {
	for _, code := range []int32{http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusRequestTimeout} {
		fake := fakeRegistry(t, sr.Schema{Schema: `"double"`})
		status, requests := failing(fake)
		r, told := impatient(t.Context(), t, fake.URL())
		r.outage.firstPatience = time.Minute
		r.fetch = func(fetch func(int) (*schema, error)) func(int) (*schema, error) {
			return func(id int) (*schema, error) {
				status.Store(code)
				if requests.Load() >= 3 {
					status.Store(0)
				}
				return fetch(id)
			}
		}(r.fetch)
		if s, err := r.schema(1); err != nil || s.kind != sr.TypeAvro || requests.Load() != 4 {
			t.Errorf("%d: %v after %d requests", code, err, requests.Load())
		}
		if len(*told) != 2 || !strings.Contains((*told)[0], "the schema registry does not answer: ") || !strings.HasSuffix((*told)[0], "; trying again") || (*told)[1] != "the schema registry answers again" {
			t.Errorf("%d: told %q", code, *told)
		}
	}
}

// TestOutageLasts: records have no schema, and once the registry is back they
// do. What does not exist is not asked for again.
func TestOutageLasts(t *testing.T) {
	fake := fakeRegistry(t, sr.Schema{Schema: `"double"`})
	status, requests := failing(fake)
	r, told := impatient(t.Context(), t, fake.URL())
	reader := newFramedReader(formatAvro, r, []path{{}})
	payload := []byte(framed(1, []byte("\x00\x00\x00\x00\x00\x00\xf8\x3f")))
	for _, code := range []int32{http.StatusServiceUnavailable, http.StatusUnauthorized, http.StatusForbidden} {
		status.Store(code)
		for range 3 {
			if got := reader.read(payload); got != stream.NoSchema {
				t.Errorf("%d: %v", code, got)
			}
		}
	}
	unusable := slices.DeleteFunc(slices.Clone(*told), func(s string) bool {
		return !strings.HasPrefix(s, "schema 1 cannot be used, its records are no_schema: ")
	})
	if len(*told) != 2 || len(unusable) != 1 {
		t.Errorf("told %q", *told)
	}
	status.Store(0)
	if got := reader.read(payload); got != stream.OK || string(reader.field(0).text) != "1.5" {
		t.Errorf("%v %s", got, reader.field(0).text)
	}
	requests.Store(0)
	for range 3 {
		if got := reader.read([]byte(framed(2, []byte("x")))); got != stream.Malformed {
			t.Errorf("a schema that does not exist: %v", got)
		}
	}
	if requests.Load() != 1 {
		t.Errorf("asked %d times for what does not exist", requests.Load())
	}
}

// TestOutageIsATrouble: it lasts until the registry answers, also if no record asks
// again, or until the run ends; and a registry that refuses is one.
func TestOutageIsATrouble(t *testing.T) {
	for _, code := range []int32{http.StatusServiceUnavailable, http.StatusUnauthorized} {
		for _, answers := range []bool{true, false} {
			fake := fakeRegistry(t, sr.Schema{Schema: `"double"`})
			status, _ := failing(fake)
			status.Store(code)
			r, _ := impatient(t.Context(), t, fake.URL())
			r.outage.probeEvery = time.Millisecond
			told := make(chan stream.Notice, 10)
			r.notice = func(n stream.Notice) { told <- n }
			if _, err := r.schema(1); !isUnavailable(err) {
				t.Fatal(err)
			}
			want := stream.Notice{Trouble: outageTrouble, Over: true}
			if answers {
				want.Text = "the schema registry answers again"
				status.Store(0)
			} else {
				r.Stop()
			}
			first := <-told
			last := <-told
			for !last.Over {
				last = <-told
			}
			if first.Trouble != outageTrouble || last != want {
				t.Errorf("%d: from %+v to %+v, want %+v", code, first, last, want)
			}
			r.Stop()
			if len(told) > 0 {
				t.Errorf("%d: told after the end: %+v", code, <-told)
			}
		}
	}
}

// TestToldForGood: a schema that was not to be had and then turns out not to
// exist is told twice, for its records are something else now.
func TestToldForGood(t *testing.T) {
	fake := fakeRegistry(t, sr.Schema{Schema: `"double"`})
	status, _ := failing(fake)
	r, told := impatient(t.Context(), t, fake.URL())
	for _, code := range []int32{http.StatusForbidden, http.StatusForbidden, http.StatusNotFound, http.StatusNotFound} {
		status.Store(code)
		if _, err := r.schema(2); err == nil {
			t.Errorf("%d: no error", code)
		}
	}
	if len(*told) != 2 || !strings.HasPrefix((*told)[0], "schema 2 cannot be used, its records are no_schema: ") ||
		!strings.HasPrefix((*told)[1], "schema 2 cannot be used, its records are malformed: ") {
		t.Errorf("told %q", *told)
	}
}

// TestTruce: after a registry was given up nobody asks for a while, whatever the
// schema.
func TestTruce(t *testing.T) {
	fake := fakeRegistry(t, sr.Schema{Schema: `"double"`})
	for name, cause := range map[string]error{
		"refused": registryError(&sr.ResponseError{StatusCode: http.StatusUnauthorized}),
		"mute":    registryError(context.DeadlineExceeded),
	} {
		r, _ := impatient(t.Context(), t, fake.URL())
		r.outage.truce, r.outage.firstPatience = time.Hour, 0
		requests := 0
		r.fetch = func(int) (*schema, error) {
			requests++
			return nil, cause
		}
		for id := range 3 {
			if _, err := r.schema(id); !isUnavailable(err) {
				t.Errorf("%s: schema %d: %v", name, id, err)
			}
		}
		if requests != 1 {
			t.Errorf("%s: asked %d times", name, requests)
		}
	}
}

// TestTruceOfASchema: what a registry does not hand out keeps nobody from the
// others, and is asked for once when its truce is over.
func TestTruceOfASchema(t *testing.T) {
	for _, code := range []int{http.StatusForbidden, http.StatusInternalServerError, http.StatusServiceUnavailable} {
		fake := fakeRegistry(t, sr.Schema{Schema: `"double"`}, sr.Schema{Schema: `"long"`}, sr.Schema{Schema: `"int"`})
		var requests atomic.Int32
		fake.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/1") {
				return false
			}
			requests.Add(1)
			w.WriteHeader(code)
			return true
		})
		r, _ := impatient(t.Context(), t, fake.URL())
		r.outage.truce = time.Hour
		for round := range 2 {
			if _, err := r.schema(1); !isUnavailable(err) {
				t.Errorf("%d: %v", code, err)
			}
			if _, err := r.schema(2 + round); err != nil {
				t.Errorf("%d: schema %d: %v", code, 2+round, err)
			}
		}
		if n := requests.Load(); (n == 1) != (code == http.StatusForbidden) {
			t.Errorf("%d: asked %d times", code, n)
		}
		r.schemas[1].over = time.Now()
		requests.Store(0)
		for range 2 { // after the truce, and in the next
			if _, err := r.schema(1); !isUnavailable(err) || requests.Load() != 1 {
				t.Errorf("%d: asked %d times after the truce: %v", code, requests.Load(), err)
			}
		}
	}
}

// TestPatience is short for another schema while none is handed out.
func TestPatience(t *testing.T) {
	o := newOutage()
	o.end()
	if got := o.patience(); got != patience {
		t.Errorf("once it has answered: %v", got)
	}
	o.giveUp(&registered{}, &unavailableError{ofSchema: true})
	if got := o.patience(); got != firstPatience {
		t.Errorf("once a schema was given up: %v", got)
	}
	o.end()
	if got := o.patience(); got != patience {
		t.Errorf("once another was handed out: %v", got)
	}
}

// TestOutageOfACancelledRun tells nothing: nobody is interested any more.
func TestOutageOfACancelledRun(t *testing.T) {
	fake := fakeRegistry(t, sr.Schema{Schema: `"double"`})
	status, _ := failing(fake)
	status.Store(http.StatusServiceUnavailable)
	ctx, cancel := context.WithCancel(t.Context())
	r, _ := impatient(ctx, t, fake.URL())
	r.outage.firstPatience, r.outage.first, r.outage.longest = time.Hour, time.Hour, time.Hour
	var told []string
	r.notice = func(n stream.Notice) {
		told = append(told, n.Text)
		cancel() // while it is asked again
	}
	for id := range 2 {
		if _, err := r.schema(id); !isUnavailable(err) {
			t.Error(err)
		}
	}
	if len(told) != 1 || !strings.HasSuffix(told[0], "; trying again") {
		t.Errorf("told %q", told)
	}
}

// TestResolveWithoutARegistry: what records are is not guessed while nobody says.
func TestResolveWithoutARegistry(t *testing.T) {
	fake := fakeRegistry(t, sr.Schema{Schema: `"double"`})
	status, _ := failing(fake)
	status.Store(http.StatusServiceUnavailable)
	r, _ := impatient(t.Context(), t, fake.URL())
	for _, format := range []string{"auto", "avro", "protobuf"} {
		_, err := Config{Format: format, Registry: r}.Resolve(samples(framed(1, []byte("x"))))
		if err == nil || !strings.HasPrefix(err.Error(), "the schema of sensors/0 offset 10 cannot be had: ") {
			t.Errorf("%s: %v", format, err)
		}
	}
	for _, payload := range []string{framed(1, []byte(`{"v":1}`)), "5"} {
		if _, err := (Config{Registry: r}).Resolve(samples(payload)); err != nil {
			t.Errorf("%q needs no schema: %v", payload, err)
		}
	}
}

// TestSamplesDoNotWait: a plan that is settled by one sample does not wait for the
// schemas of others; whoever reads them does.
func TestSamplesDoNotWait(t *testing.T) {
	fake := fakeRegistry(t, sr.Schema{Schema: `"double"`}, sr.Schema{Schema: `"float"`}, sr.Schema{Schema: `"long"`})
	status, requests := failing(fake)
	r, told := impatient(t.Context(), t, fake.URL())
	if _, err := r.schema(1); err != nil {
		t.Fatal(err)
	}
	looked := samples(framed(1, make([]byte, 8)), framed(2, make([]byte, 4)), framed(3, []byte("\x02")), framed(2, make([]byte, 4)))
	for _, c := range []struct{ code, requests int32 }{{http.StatusServiceUnavailable, 1}, {http.StatusForbidden, 1}, {0, 2}} {
		status.Store(c.code)
		requests.Store(0)
		p, err := Config{Registry: r}.Resolve(looked)
		if err != nil || p.Open() || p.Format != formatAvro || !p.Usable(looked) {
			t.Errorf("%d: %+v, %v", c.code, p, err)
		}
		if got := requests.Load(); got != c.requests || len(*told) > 0 {
			t.Errorf("%d: asked %d times, want %d; told %q", c.code, got, c.requests, *told)
		}
	}
}
