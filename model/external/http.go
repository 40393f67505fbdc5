package external

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// server is a model behind an address.
type server struct {
	client *http.Client
	// url is where questions are posted; health are the addresses that tell
	// whether it is ready, of which the first that is there counts.
	url     string
	health  []string
	timeout time.Duration
	now     func() time.Time
	encode  func(*query) ([]byte, error)
	read    func([]byte, *query) (*answer, error)
}

// NewServer returns a model behind an address:
//
//	http://HOST/v2/models/NAME           Open Inference Protocol, version 2
//	http://HOST/v2/models/NAME/infer     the same
//	http://HOST/any/other/path           the same object, posted just there
//	http://HOST/invocations              MLflow
//	mlflow+http://HOST                   MLflow
//
// or the same with https. An error is of the address.
func NewServer(address string, o Options) (*Model, error) {
	mlflow := strings.HasPrefix(address, "mlflow+")
	u, err := url.Parse(strings.TrimPrefix(address, "mlflow+"))
	switch {
	case err != nil:
		return nil, errors.New("it is no address of a model server")
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return nil, errors.New("a model server is http://HOST/v2/models/NAME, or mlflow+http://HOST")
	}
	u.Fragment = ""
	path := strings.TrimSuffix(u.Path, "/")
	s := &server{timeout: o.Timeout, now: o.Now, encode: encodeInference, read: readInference}
	switch {
	case mlflow || strings.HasSuffix(path, "/invocations"):
		root := strings.TrimSuffix(path, "/invocations")
		s.encode, s.read = encodeInvocation, readInvocation
		s.url, s.health = at(u, root+"/invocations"), []string{at(u, root+"/ping")}
	case namesNoModel(path):
		return nil, errors.New("it names no model: use http://HOST/v2/models/NAME, or mlflow+http://HOST")
	case strings.Contains(path, inferencePath):
		root, _, _ := strings.Cut(path, inferencePath)
		name := strings.TrimSuffix(path, "/infer")
		s.url, s.health = at(u, name+"/infer"), []string{at(u, name+"/ready"), at(u, root+"/v2/health/ready")}
	default:
		s.url = u.String()
	}
	s.client = &http.Client{
		Transport: &http.Transport{
			MaxIdleConnsPerHost: o.Workers * max(1, o.Outstanding), IdleConnTimeout: time.Minute,
			MaxResponseHeaderBytes: 1 << 16,
			// An answer of a few bytes must not become one of gigabytes.
			DisableCompression: true,
		},
		// A question is asked where the person said.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	u.User = nil
	u.RawQuery = ""
	name := u.String()
	if mlflow {
		name = "mlflow+" + name
	}
	m := newModel(name, o)
	m.backend = s
	return m, nil
}

// inferencePath is where the Open Inference Protocol has its models.
const inferencePath = "/v2/models/"

// namesNoModel says that a path, without a slash at its end, is of a server and
// not of a model.
func namesNoModel(path string) bool {
	_, name, found := strings.Cut(path+"/", inferencePath)
	name = strings.Trim(strings.TrimSuffix("/"+name, "/infer/"), "/")
	return path == "" || found && name == ""
}

// at is u with another path.
func at(u *url.URL, path string) string {
	v := *u
	v.Path, v.RawPath = path, ""
	return v.String()
}

// warm implements backend: a server runs already.
func (s *server) warm(context.Context) {}

func (s *server) close() { s.client.CloseIdleConnections() }

// call implements backend.
func (s *server) call(ctx context.Context, q *query) (*answer, error) {
	body, err := s.encode(q)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	status, text, err := s.exchange(ctx, http.MethodPost, s.url, body, q.most())
	switch {
	case err != nil:
		return nil, err
	case status >= 500, status == http.StatusTooManyRequests:
		return nil, broken(Refused, "HTTP %d: %s", status, excerpt(text))
	case status != http.StatusOK:
		return nil, failed(Refused, "HTTP %d: %s", status, excerpt(text))
	}
	return s.read(text, q)
}

// exchange sends a request and reads all of the answer, at most so many bytes.
func (s *server) exchange(ctx context.Context, method, address string, body []byte, most int) (status int, text []byte, err error) {
	hadTime := hasTime(ctx, s.now(), s.timeout)
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, broken(Unreachable, "%v", err)
	}
	r.Header.Set("User-Agent", "oriel")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
		// A question changes nothing: net/http may ask again where the server had
		// closed an idle connection.
		r.Header["Idempotency-Key"] = []string{}
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return 0, nil, unreachable(ctx, hadTime, err)
	}
	defer resp.Body.Close()
	text, err = io.ReadAll(io.LimitReader(resp.Body, int64(most)+1))
	switch {
	case err != nil:
		return 0, nil, unreachable(ctx, hadTime, err)
	case len(text) > most:
		return 0, nil, failed(TooLarge, "the answer has more than %d bytes", most)
	}
	return resp.StatusCode, text, nil
}

// unreachable is the failure of a request without an answer. The address is not
// in it: it may hold a password.
func unreachable(ctx context.Context, hadTime bool, err error) *failure {
	if ctx.Err() != nil {
		return ended(ctx, hadTime)
	}
	if address, ok := errors.AsType[*url.Error](err); ok {
		err = address.Err
	}
	return broken(Unreachable, "%v", err)
}

// maxHealth bounds how much of a health check's answer is read.
const maxHealth = 1 << 16

// ready implements backend. A server without such an address may be ready.
func (s *server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	for _, address := range s.health {
		switch status, text, err := s.exchange(ctx, http.MethodGet, address, nil, maxHealth); {
		case err != nil:
			return err
		case status == http.StatusOK:
			return nil
		case status != http.StatusNotFound && status != http.StatusMethodNotAllowed:
			return broken(Unavailable, "it says that it is not ready: HTTP %d: %s", status, excerpt(text))
		}
	}
	return nil
}
