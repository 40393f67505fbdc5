package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// dialTimeout bounds one attempt at one address, so that a bootstrap list with
// an address that does not answer still has time for the next.
const dialTimeout = 3 * time.Second

var errClosed = errors.New("the client is closed")

// dialer opens connections and knows which are open: kafka-go leaves one that
// waits for an answer open until the answer comes, and Close should not wait
// for that. It also keeps what went wrong with each address, which kafka-go
// forgets when the context ends.
type dialer struct {
	connect func(ctx context.Context, network, address string) (net.Conn, error)
	// tls is nil for connections without it.
	tls *tls.Config

	mu     sync.Mutex
	closed bool
	open   map[*connection]struct{}
	errs   map[string]error // of the last attempt at each address
	logins map[string]bool  // addresses at which a login has begun and not ended
}

func newDialer(cfg *Config) *dialer {
	connect := cfg.Dial
	if connect == nil {
		connect = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	return &dialer{
		connect: connect, tls: cfg.TLS,
		open: map[*connection]struct{}{}, errs: map[string]error{},
		logins: map[string]bool{},
	}
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.connect(ctx, network, address)
	d.mu.Lock()
	defer d.mu.Unlock()
	if errors.Is(err, context.Canceled) {
		return nil, err // nobody wants it any more: that says nothing of the address
	}
	if err != nil {
		d.errs[address] = err
		return nil, err
	}
	delete(d.errs, address)
	if d.closed {
		return nil, errors.Join(errClosed, conn.Close())
	}
	if d.tls == nil {
		conn = &brokerConn{Conn: conn}
	}
	c := &connection{Conn: conn, dialer: d, address: address}
	d.open[c] = struct{}{}
	if d.tls == nil {
		return c, nil
	}
	return &brokerConn{Conn: d.encrypted(c)}, nil
}

// encrypted is conn with TLS, which the first byte that is sent begins. It is
// not left to kafka-go, which would be the only one to hear what is said inside.
func (d *dialer) encrypted(conn *connection) net.Conn {
	config := d.tls
	if config.ServerName == "" {
		config = config.Clone()
		config.ServerName, _, _ = net.SplitHostPort(conn.address) // else TLS refuses it
	}
	return tls.Client(conn, config)
}

// failed lists the addresses whose last attempt failed, in order.
func (d *dialer) failed() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for a := range d.errs {
		out = append(out, a)
	}
	slices.Sort(out)
	return out
}

func (d *dialer) cause(address string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.errs[address]
}

// loggingIn notes that a login at address has begun, or that it has ended well.
func (d *dialer) loggingIn(address string, begun bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if begun {
		d.logins[address] = true
	} else {
		delete(d.logins, address)
	}
}

// unfinishedLogins lists the addresses at which a login has begun and not ended.
func (d *dialer) unfinishedLogins() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.logins))
}

// close closes every open connection and refuses new ones.
func (d *dialer) close() {
	d.mu.Lock()
	d.closed = true
	open := d.open
	d.open = nil
	d.mu.Unlock()
	for c := range open {
		c.Conn.Close()
	}
}

// silent lists the addresses with an open connection on which nothing has been
// heard, in order.
func (d *dialer) silent() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for c := range d.open {
		if !c.heard.Load() {
			out = append(out, c.address)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// connection leaves the dialer's list when it is closed.
type connection struct {
	net.Conn
	dialer  *dialer
	address string
	heard   atomic.Bool
}

func (c *connection) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && !c.heard.Load() {
		c.heard.Store(true)
	}
	return n, err
}

func (c *connection) Close() error {
	c.dialer.mu.Lock()
	delete(c.dialer.open, c)
	c.dialer.mu.Unlock()
	return c.Conn.Close()
}
