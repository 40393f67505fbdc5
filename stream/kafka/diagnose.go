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
	address := e.Addresses[0]
	login := ""
	if c.cfg.SASL != nil {
		login = "sasl_"
	}
	speaksTLS, speaksPlaintext := c.listen(ctx, address)
	switch {
	case c.cfg.TLS == nil && speaksTLS:
		e.Cause = errors.New("the broker speaks TLS on this port")
		e.Hint = "use -X security.protocol=" + login + "ssl"
	case c.cfg.TLS != nil && speaksPlaintext:
		e.Cause = errors.New("the broker speaks no TLS on this port")
		e.Hint = "name its TLS port by -b, or use -X security.protocol=" + login + "plaintext"
	case c.cfg.SASL == nil && isClosed(e.Cause) && (speaksTLS || speaksPlaintext):
		e.Cause = errors.New("the broker closes connections without a login")
		e.Hint = "use -X security.protocol=sasl_plaintext with sasl.mechanism, sasl.username and sasl.password"
		if c.cfg.TLS != nil {
			e.Hint = strings.Replace(e.Hint, "sasl_plaintext", "sasl_ssl", 1)
		}
	}
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
	_, err = protocol.NewConn(conn, c.cfg.ClientID).RoundTrip(new(apiversions.Request))
	return err == nil
}
