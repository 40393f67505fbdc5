package decode

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/twmb/avro"
	"github.com/twmb/franz-go/pkg/sr"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/oriel-stream/oriel/stream"
)

// registryTimeout bounds one request to a schema registry, and glanceTimeout one
// whose answer is of little use.
const (
	registryTimeout = 10 * time.Second
	glanceTimeout   = time.Second
)

// RegistryConfig says how to reach a schema registry.
type RegistryConfig struct {
	// URL is its address, which may have user:password@ in it.
	URL string
	// User and Password are for basic authentication, Token is a bearer's; all
	// may be empty.
	User, Password, Token string
	// TLS is nil for the system's certificates.
	TLS *tls.Config
	// Notice is told when the registry does not answer and when it does again,
	// and, once for each, of schemas that cannot be used. It may be called by
	// several goroutines. Nil for none.
	Notice func(stream.Notice)
}

// Registry is a schema registry. It fetches a schema when the first record
// needs it, and keeps it. It may be shared.
type Registry struct {
	client *sr.Client
	notice func(stream.Notice)
	// fetch asks once, and ends with the context of the run.
	fetch  func(id int) (*schema, error)
	look   func(id int) (*schema, error) // and within glanceTimeout
	done   <-chan struct{}               // of that context
	stop   func()
	outage outage

	mu      sync.Mutex
	schemas map[int]*registered
	told    int

	telling sync.Mutex // held while notice is called
	stopped bool
}

const (
	// maxSchemas bounds the schemas that are kept: what begins with a zero byte
	// need not be a schema's id.
	maxSchemas = 10_000
	// maxNotices bounds how many schemas are told that cannot be used.
	maxNotices = 5
)

var errTooManySchemas = fmt.Errorf("payloads have more than %d different schemas: are they framed at all?", maxSchemas)

// registered is a schema that somebody asked for.
type registered struct {
	asking sync.Mutex // held by who asks for it
	// settled says that the answer will not change: ids are never given again.
	settled bool
	schema  *schema
	err     error
	// over is the end of the last truce of this schema, zero for none.
	over time.Time
}

// schema is what a registry has under an id: one of the three.
type schema struct {
	kind  sr.SchemaType
	avro  *avro.Schema
	proto protoreflect.FileDescriptor
}

// NewRegistry returns the registry at an address. Requests end with ctx, and when
// it is stopped.
func NewRegistry(ctx context.Context, c RegistryConfig) (*Registry, error) {
	at, err := url.Parse(c.URL)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return nil, errors.New("the address of the schema registry is no URL such as http://localhost:8081")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = c.TLS
	options := []sr.ClientOpt{
		sr.HTTPClient(&http.Client{Timeout: registryTimeout, Transport: transport}),
		sr.UserAgent("oriel"),
	}
	if at.User != nil {
		c.User = at.User.Username()
		c.Password, _ = at.User.Password()
		at.User = nil
	}
	switch {
	case c.Token != "":
		options = append(options, sr.BearerToken(c.Token))
	case c.User != "":
		options = append(options, sr.BasicAuth(c.User, c.Password))
	}
	client, err := sr.NewClient(append(options, sr.URLs(at.String()))...)
	if err != nil {
		return nil, err
	}
	r := &Registry{client: client, notice: c.Notice, schemas: make(map[int]*registered)}
	ctx, r.stop = context.WithCancel(ctx)
	r.fetch = func(id int) (*schema, error) { return r.fetchSchema(ctx, id) }
	r.look = func(id int) (*schema, error) {
		ctx, cancel := context.WithTimeout(ctx, glanceTimeout)
		defer cancel()
		return r.fetchSchema(ctx, id)
	}
	r.done = ctx.Done()
	r.outage = newOutage()
	return r, nil
}

// Stop ends the requests of a run that is over, and whoever waits for them: the
// schemas that are not known by then are not to be had. A nil Registry has none.
func (r *Registry) Stop() {
	if r == nil {
		return
	}
	r.stop()
	r.telling.Lock()
	defer r.telling.Unlock()
	if lasts := r.outage.end(); lasts && !r.stopped && r.notice != nil {
		r.notice(stream.Notice{Trouble: outageTrouble, Over: true})
	}
	r.stopped = true
}

// schema returns the schema of an id. It asks until there is an answer, for as
// long as the outage allows; without one the error is an *unavailableError, and
// who asks later may have more luck.
func (r *Registry) schema(id int) (*schema, error) { return r.schemaFor(id, func() {}) }

// schemaFor is schema for somebody who has something to do before waiting for an
// answer.
func (r *Registry) schemaFor(id int, onWait func()) (*schema, error) {
	e := r.entry(id)
	if e == nil {
		return nil, errTooManySchemas
	}
	if !e.asking.TryLock() {
		onWait()
		e.asking.Lock()
	}
	defer e.asking.Unlock()
	if !e.settled {
		r.settle(id, e, onWait)
	}
	return e.schema, e.err
}

// entry is what is known of an id; nil for one too many.
func (r *Registry) entry(id int) *registered {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.schemas[id]
	if e == nil && len(r.schemas) < maxSchemas {
		e = &registered{}
		r.schemas[id] = e
	}
	return e
}

// glances returns a schema for somebody who looks at samples and does not wait:
// each is asked for once, and none behind one that is not to be had.
func (r *Registry) glances() func(id int) (*schema, error) {
	var missing error
	return func(id int) (*schema, error) {
		e := r.entry(id)
		if e == nil {
			return nil, errTooManySchemas
		}
		e.asking.Lock()
		defer e.asking.Unlock()
		if e.settled {
			return e.schema, e.err
		}
		if missing != nil {
			return nil, missing
		}
		s, err := r.look(id)
		if isUnavailable(err) {
			missing = err
		}
		if err == nil {
			e.schema, e.err, e.settled = s, nil, true
		}
		return s, err
	}
}

// settle asks for a schema and tells if it cannot be used: once for now, and
// once for good.
func (r *Registry) settle(id int, e *registered, onWait func()) {
	toldBefore := e.err != nil
	e.schema, e.err = r.ask(id, e, onWait)
	e.settled = !isUnavailable(e.err)
	if e.err == nil || toldBefore && !e.settled || r.isOver() {
		return
	}
	reason := stream.Malformed
	if !e.settled {
		reason = stream.NoSchema
	}
	n, begins := stream.Notice{Text: fmt.Sprintf("schema %d cannot be used, its records are %v: %v", id, reason, e.err)}, false
	if missing, ok := errors.AsType[*unavailableError](e.err); ok && !missing.ofSchema {
		n.Trouble, begins = outageTrouble, r.outage.begin()
	}
	if few := r.fewTold(); few || begins {
		r.tell(n)
	}
}

// fewTold counts the schemas that are told, and says whether there are few so far.
func (r *Registry) fewTold() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told++
	return r.told <= maxNotices
}

// tell passes on a notice, unless the registry was stopped.
func (r *Registry) tell(n stream.Notice) {
	r.telling.Lock()
	defer r.telling.Unlock()
	if r.notice != nil && !r.stopped {
		r.notice(n)
	}
}

func (r *Registry) fetchSchema(ctx context.Context, id int) (*schema, error) {
	text, err := r.client.SchemaByID(ctx, id)
	if err != nil {
		return nil, registryError(err)
	}
	refs := references{client: r.client, texts: make(map[string]string)}
	if err := refs.add(ctx, text.References); err != nil {
		return nil, err
	}
	s := &schema{kind: text.Type}
	switch text.Type {
	case sr.TypeAvro:
		s.avro, err = parseAvro(text.Schema, refs)
	case sr.TypeProtobuf:
		s.proto, err = compileProto(ctx, text.Schema, refs.texts)
	case sr.TypeJSON:
	default:
		err = fmt.Errorf("schemas of type %v are not supported", text.Type)
	}
	return s, err
}

// references are schemas that others refer to, by the names they are referred
// to with, in an order in which each comes behind those it refers to.
type references struct {
	client *sr.Client
	order  []string
	texts  map[string]string
}

func (r *references) add(ctx context.Context, refs []sr.SchemaReference) error {
	for _, ref := range refs {
		if _, known := r.texts[ref.Name]; known {
			continue
		}
		s, err := r.client.SchemaByVersion(ctx, ref.Subject, ref.Version)
		if err != nil {
			return fmt.Errorf("its reference %s (%s version %d): %w", ref.Name, ref.Subject, ref.Version, registryError(err))
		}
		r.texts[ref.Name] = s.Schema.Schema
		if err := r.add(ctx, s.References); err != nil {
			return err
		}
		r.order = append(r.order, ref.Name)
	}
	return nil
}

// registryError says what a registry answered, in words. It is an
// *unavailableError unless it will be the same another time.
func registryError(err error) error {
	response, ok := errors.AsType[*sr.ResponseError](err)
	if !ok {
		_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
		return &unavailableError{final: untrusted, cause: err}
	}
	switch code := response.StatusCode; {
	case code == http.StatusUnauthorized || code == http.StatusForbidden: // the right may be to some subjects
		return &unavailableError{final: true, ofSchema: code == http.StatusForbidden, cause: errors.New("the registry refuses access: --schema-registry http://USER:PASSWORD@HOST, or -X basic.auth.user.info=USER:PASSWORD")}
	case code == http.StatusNotFound:
		return errors.New("the registry does not know it: is --schema-registry that of this cluster?")
	case code == http.StatusRequestTimeout || code == http.StatusTooManyRequests || code >= http.StatusInternalServerError:
		return &unavailableError{ofSchema: true, cause: err}
	default:
		return err
	}
}
