package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/apiversions"
)

// diagnose asks a broker that has closed the connection, or was silent, what it
// speaks: it does not say so by itself. It adds to the hint of err.
func (c *Client) diagnose(ctx context.Context, err error) {
	e, ok := errors.AsType[*ConnectError](err)
	if !ok || e.Kind != Unreachable || len(e.Addresses) == 0 || !isClosed(e.Cause) && !isTimeout(e.Cause) && !isNotTLS(e.Cause) {
		return
	}
	speaksTLS, speaksPlaintext := c.listen(ctx, e.Addresses[0])
	switch wrong := c.wrongPort(speaksTLS, speaksPlaintext); {
	case wrong != nil:
		e.Cause, e.Hint = wrong, c.hint(wrong, e.Addresses)
	case c.cfg.SASL == nil && isClosed(e.Cause) && (speaksTLS || speaksPlaintext):
		e.Cause = errors.New("the broker closes connections without a login")
		e.Hint = "use -X security.protocol=sasl_plaintext with sasl.mechanism, sasl.username and sasl.password"
		if c.cfg.TLS != nil {
			e.Hint = strings.Replace(e.Hint, "sasl_plaintext", "sasl_ssl", 1)
		}
	}
}

// wrongPort is what a port that understands these is the wrong one for.
func (c *Client) wrongPort(speaksTLS, speaksPlaintext bool) error {
	switch {
	case c.cfg.TLS == nil && speaksTLS:
		return errSpeaksTLS
	case c.cfg.TLS != nil && speaksPlaintext:
		return errSpeaksNoTLS
	}
	return nil
}

// probe waits for a while and then looks at a port of which nothing has been
// heard, until ctx ends. Its error is a *ConnectError, nil unless the port is
// surely the wrong one: a slow broker is none.
func (c *Client) probe(ctx context.Context) error {
	select {
	case <-time.After(probeAfter):
	case <-ctx.Done():
		return nil
	}
	for _, address := range c.dials.silent() {
		if wrong := c.wrongPort(c.listen(ctx, address)); wrong != nil {
			e := &ConnectError{Addresses: []string{address}, Tried: c.cfg.security(), Cause: wrong}
			e.Hint = c.hint(wrong, e.Addresses)
			return e
		}
	}
	return nil
}

// listen tries both ways to speak to address, at once: who does not understand
// one of them may be silent until ctx ends. Nobody speaks both on one port, so
// the first that is understood ends the other.
func (c *Client) listen(ctx context.Context, address string) (speaksTLS, speaksPlaintext bool) {
	ctx, understood := context.WithCancel(ctx)
	defer understood()
	try := func(answer *bool, speaks func(context.Context, string) bool) func() {
		return func() {
			if *answer = speaks(ctx, address); *answer {
				understood()
			}
		}
	}
	var both sync.WaitGroup
	both.Go(try(&speaksTLS, c.speaksTLS))
	both.Go(try(&speaksPlaintext, c.speaksPlaintext))
	both.Wait()
	return speaksTLS, speaksPlaintext
}

// dialRaw opens a connection that nobody keeps, until ctx ends.
func (c *Client) dialRaw(ctx context.Context, address string) (net.Conn, error) {
	conn, err := c.dials.connect(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(dialTimeout)
	}
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// speaksTLS reports whether there is a TLS server at address, whoever it is.
func (c *Client) speaksTLS(ctx context.Context, address string) bool {
	conn, err := c.dialRaw(ctx, address)
	if err != nil {
		return false
	}
	defer conn.Close()
	// Nothing is sent that should reach the right server only.
	err = tls.Client(conn, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}).HandshakeContext(ctx)
	return err == nil || isAlert(err)
}

// speaksPlaintext reports whether a broker at address answers without TLS.
func (c *Client) speaksPlaintext(ctx context.Context, address string) bool {
	conn, err := c.dialRaw(ctx, address)
	if err != nil {
		return false
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	_, err = protocol.NewConn(&brokerConn{Conn: conn}, c.cfg.ClientID).RoundTrip(new(apiversions.Request))
	return err == nil
}
