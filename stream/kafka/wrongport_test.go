package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// answering is the address of a listener that reads once from each connection,
// answers and leaves the connection open until the test ends.
func answering(t *testing.T, answer func(heard []byte) string) string {
	t.Helper()
	return serving(t, func(ctx context.Context, conn net.Conn) {
		heard := make([]byte, 1000)
		n, err := conn.Read(heard)
		if err != nil {
			return
		}
		if _, err := io.WriteString(conn, answer(heard[:n])); err == nil {
			<-ctx.Done()
		}
	})
}

// serving is the address of a listener that serves each connection and then
// closes it. The context ends with the test.
func serving(t *testing.T, serve func(context.Context, net.Conn)) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(t.Context(), conn)
			}()
		}
	}()
	t.Cleanup(func() { l.Close(); <-ended })
	return l.Addr().String()
}

const (
	tlsHandshake = 0x16
	tlsAlert     = "\x15\x03\x03\x00\x02\x02\x0a" // unexpected message
)

// TestWrongPort: what cannot be meant is told before a broker that is slow is
// given up, also where the other side says nothing or leaves the connection
// open.
func TestWrongPort(t *testing.T) {
	t.Parallel()
	_, plaintext := startKfake(t)
	cert, key := certificate(t, "broker")
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	// onlyTLS waits for ever for the rest of what is no TLS.
	onlyTLS := serving(t, func(ctx context.Context, conn net.Conn) {
		var first [1]byte
		if _, err := io.ReadFull(conn, first[:]); err != nil || first[0] != tlsHandshake {
			<-ctx.Done()
			return
		}
		again := &heardAgain{Conn: conn, first: first[:]}
		_ = tls.Server(again, &tls.Config{Certificates: []tls.Certificate{pair}}).HandshakeContext(ctx)
	})
	http := func([]byte) string { return "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" }
	alerting := func(heard []byte) string {
		if heard[0] == tlsHandshake {
			return http(heard)
		}
		return tlsAlert
	}
	// insideTLS is a web server with a certificate.
	insideTLS := serving(t, func(ctx context.Context, conn net.Conn) {
		inside := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{pair}})
		var first [1]byte
		if _, err := io.ReadFull(inside, first[:]); err == nil {
			_, _ = io.WriteString(inside, http(first[:]))
			<-ctx.Done()
		}
	})
	// small is no size that betrays itself: many elements follow it.
	small := func([]byte) string { return "\x00\x00\x40\x00\x20\x20\x20\x20\x00\x00\x02\x00\x00\x00" }
	encrypted := &tls.Config{InsecureSkipVerify: true}
	for name, c := range map[string]struct {
		address string
		tls     *tls.Config
		says    []string
	}{
		"TLS, silent":          {onlyTLS, nil, []string{"(plaintext)", "speaks TLS on this port", "security.protocol=ssl"}},
		"TLS, alert":           {answering(t, alerting), nil, []string{"(plaintext)", "speaks TLS on this port", "security.protocol=ssl"}},
		"plaintext, silent":    {plaintext.addrs[0], encrypted, []string{"(TLS)", "speaks no TLS on this port", "security.protocol=plaintext"}},
		"another protocol":     {answering(t, http), nil, []string{"(plaintext)", "no Kafka broker on this port", "-b"}},
		"another, binary":      {answering(t, small), nil, []string{"(plaintext)", "no Kafka broker on this port", "-b"}},
		"another, inside TLS":  {insideTLS, encrypted, []string{"(TLS)", "no Kafka broker on this port", "-b"}},
		"another, without TLS": {answering(t, http), encrypted, []string{"(TLS)", "may not speak TLS", "-b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			wantSays(t, openError(t, Config{Brokers: []string{c.address}, TLS: c.tls}), Unreachable, append(c.says, c.address)...)
			if took := time.Since(begun); took > openTimeout-diagnoseTimeout {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// heardAgain is a connection of which the first bytes were read already.
type heardAgain struct {
	net.Conn
	first []byte
}

func (c *heardAgain) Read(b []byte) (int, error) {
	if len(c.first) > 0 {
		n := copy(b, c.first)
		c.first = c.first[n:]
		return n, nil
	}
	return c.Conn.Read(b)
}

// TestSlowBrokers: a broker that is slow to answer is waited for, whatever else
// is tried meanwhile.
func TestSlowBrokers(t *testing.T) {
	t.Parallel()
	_, c := startKfake(t)
	broker := c.addrs[0]
	slow := serving(t, func(ctx context.Context, conn net.Conn) {
		to, err := (&net.Dialer{}).DialContext(ctx, "tcp", broker)
		if err != nil {
			return
		}
		defer to.Close()
		select {
		case <-time.After(3 * probeAfter): // a slow broker
		case <-ctx.Done():
		}
		go func() { _, _ = io.Copy(to, conn) }()
		_, _ = io.Copy(conn, to)
	})
	client, err := Open(t.Context(), Config{Brokers: []string{slow}})
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
}

// TestFirstAnswer: what begins as no answer of a broker does is refused, however
// it comes in.
func TestFirstAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		heard string
		want  error
	}{
		{"\x00\x00\x01\x02\x00\x00\x00\x01rest", nil},
		{"\x00\x00\x01\x02\x00\x00\x00\x02rest", errNoBroker},
		{"\x00\x01\x02\x03\x04\x05\x06\x07", errNoBroker},
		{"\x00\x10\x00\x00", nil},
		{"\x00\x10\x00\x01", errNoBroker},
		{"\xff\xff\xff\xff", errNoBroker},
		{tlsAlert, errSpeaksTLS},
		{"\x16\x03\x01\x00\x2a", errSpeaksTLS},
		{"\x15\x02\x03\x00", errNoBroker},
		{"SSH-2.0-OpenSSH\r\n", errNoBroker},
		{"abc", nil}, // too short to tell
	} {
		for step := 1; step <= len(c.heard); step++ {
			here, there := net.Pipe()
			go func() {
				defer there.Close()
				for b := []byte(c.heard); len(b) > 0; {
					n, err := there.Write(b[:min(step, len(b))])
					if err != nil {
						return
					}
					b = b[n:]
				}
			}()
			got, err := io.ReadAll(&brokerConn{Conn: here})
			here.Close()
			if !errors.Is(err, c.want) || err == nil && string(got) != c.heard {
				t.Errorf("%q in steps of %d: %q, %v, want %v", c.heard, step, got, err, c.want)
			}
		}
	}
}
