package kafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	kafkago "github.com/segmentio/kafka-go"
)

// ConnectKind tells the ways apart in which a cluster cannot be used.
type ConnectKind uint8

// The kinds.
const (
	// Unreachable: no broker answered, or none in the protocol spoken here.
	Unreachable ConnectKind = iota
	// LoginRefused: a broker refused the user or the way of logging in.
	LoginRefused
	// AccessDenied: the user may not read the topic.
	AccessDenied
)

// ConnectError says that a cluster could not be used, and what to change.
type ConnectError struct {
	Kind ConnectKind
	// Addresses are those that were tried; Tried names what was spoken there
	// ("TLS with SASL PLAIN").
	Addresses []string
	Tried     string
	// Topic is set where Kind is AccessDenied and the topic is known.
	Topic string
	// Hint says what to change; it may be empty.
	Hint  string
	Cause error
}

func (e *ConnectError) Error() string {
	what := "cannot reach a broker"
	switch {
	case e.Kind == LoginRefused:
		what = "login refused"
	case e.Kind == AccessDenied && e.Topic != "":
		what = "not allowed to read topic " + e.Topic
	case e.Kind == AccessDenied:
		what = "access denied"
	}
	s := fmt.Sprintf("%s at %s (%s): %s", what, strings.Join(e.Addresses, ", "), e.Tried, e.Reason())
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Reason is the cause in plain words.
func (e *ConnectError) Reason() string { return plainWords(e.Cause) }

func (e *ConnectError) Unwrap() error { return e.Cause }

// UnknownTopicError says that a topic does not exist, or that no topic matches
// a glob.
type UnknownTopicError struct {
	Topic string
	// Nearest are existing topics with similar names, the most similar first.
	Nearest []string
	// Some are the first few of the Count topics that may be seen, by name.
	Some  []string
	Count int
}

func (e *UnknownTopicError) Error() string {
	s := fmt.Sprintf("unknown topic %q", e.Topic)
	if isGlob(e.Topic) {
		s = fmt.Sprintf("no topic matches %q", e.Topic)
	}
	more := e.Count - len(e.Some)
	switch {
	case len(e.Nearest) > 0:
		return s + "; did you mean " + strings.Join(e.Nearest, ", ") + "?"
	case e.Count == 0:
		return s + "; there is no topic that this user may see"
	case more > 0:
		return fmt.Sprintf("%s; there are %s and %d more", s, strings.Join(e.Some, ", "), more)
	case e.Count == 1:
		return s + "; there is only " + e.Some[0]
	default:
		return s + "; there are " + strings.Join(e.Some, ", ")
	}
}

// UnknownPartitionError says that no topic has a partition that a flag names.
type UnknownPartitionError struct {
	Partition int32
	// Count is how many partitions the largest of the topics has.
	Count int32
	// Flag is the one to change.
	Flag string
}

func (e *UnknownPartitionError) Error() string {
	if e.Count == 1 {
		return fmt.Sprintf("partition %d does not exist: the topics have partition 0 only (%s)", e.Partition, e.Flag)
	}
	return fmt.Sprintf("partition %d does not exist: the topics have partitions 0 to %d (%s)", e.Partition, e.Count-1, e.Flag)
}

// BadGlobError says that the pattern of topics is not one.
type BadGlobError struct {
	Pattern string
}

func (e *BadGlobError) Error() string {
	return fmt.Sprintf("topic %q is not a valid glob: want *, ? or [a-z]", e.Pattern)
}

// The Kafka errors that mean "you may not".
var (
	loginErrors  = []kafkago.Error{kafkago.SASLAuthenticationFailed, kafkago.UnsupportedSASLMechanism, kafkago.IllegalSASLState}
	accessErrors = []kafkago.Error{kafkago.TopicAuthorizationFailed, kafkago.ClusterAuthorizationFailed}
)

func isAny(err error, codes []kafkago.Error) bool {
	var code kafkago.Error
	return errors.As(err, &code) && slices.Contains(codes, code)
}

// connectError turns the failure of a round trip into a *ConnectError.
func (c *Client) connectError(err error) error {
	e := &ConnectError{Addresses: c.cfg.Brokers, Tried: c.cfg.security(), Cause: err}
	switch {
	case isAny(err, loginErrors):
		e.Kind = LoginRefused
		e.Hint = "check -X sasl.mechanism, sasl.username and sasl.password"
		return e
	case isAny(err, accessErrors):
		return c.accessError("", err)
	}
	if failed := c.dials.failed(); len(failed) > 0 {
		// What the dialer saw is nearer to the cause than a timeout above it.
		e.Addresses = failed
		if errors.Is(err, context.DeadlineExceeded) {
			e.Cause = c.dials.cause(failed[0])
		}
	}
	e.Hint = c.hint(e.Cause, e.Addresses)
	return e
}

// accessError says that topic may not be read.
func (c *Client) accessError(topic string, err error) error {
	return &ConnectError{
		Kind: AccessDenied, Topic: topic, Addresses: c.cfg.Brokers, Tried: c.cfg.security(),
		Hint: "check the ACLs of the user (-X sasl.username)", Cause: err,
	}
}

// hint says what a person should change, as far as the error tells.
func (c *Client) hint(err error, addresses []string) string {
	var (
		notTLS  tls.RecordHeaderError
		issuer  x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		op      *net.OpError
	)
	closed := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	switch {
	case errors.As(err, &issuer):
		return "name the issuer's certificate by -X ssl.ca.location=FILE"
	case errors.As(err, &name):
		return "name the broker as its certificate does (-b), or turn the check off by -X ssl.endpoint.identification.algorithm=none"
	case errors.As(err, &invalid):
		return "the broker's certificate is not valid"
	case closed && c.cfg.SASL != nil:
		return "the broker may refuse the login or want other security: check -X sasl.mechanism, sasl.username, sasl.password and security.protocol"
	case errors.As(err, &notTLS), closed && c.cfg.TLS != nil:
		return "the broker may not speak TLS on this port: change -b or -X security.protocol"
	case isTimeout(err) && c.cfg.TLS != nil:
		return "check that the broker runs and speaks TLS on this port: change -b or -X security.protocol"
	case closed:
		return "the broker may want TLS or a login: try -X security.protocol=ssl, sasl_plaintext or sasl_ssl"
	case c.advertisedOnly(addresses):
		return "the cluster advertises this address (advertised.listeners), it must be reachable from here"
	case errors.As(err, &op) || isTimeout(err):
		return "check that the broker runs and name another by -b"
	}
	return ""
}

// advertisedOnly reports whether none of the addresses is a bootstrap address.
func (c *Client) advertisedOnly(addresses []string) bool {
	return !slices.ContainsFunc(addresses, func(a string) bool { return slices.Contains(c.cfg.Brokers, a) })
}

// isTimeout reports whether err is the end of a context's time or of a
// connection's.
func isTimeout(err error) bool {
	var n net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &n) && n.Timeout()
}

// plainWords is the text of an error for one line of output.
func plainWords(err error) string {
	var code kafkago.Error
	switch {
	case err == nil:
		return "no answer"
	case errors.As(err, &code):
		return strings.Replace(err.Error(), code.Error(), strings.ToLower(code.Title()), 1)
	case isTimeout(err):
		return "no answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		if strings.Contains(err.Error(), "TLS") {
			return err.Error()
		}
		return "the connection was closed"
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return plainDial(op)
	}
	return err.Error()
}

// plainDial drops "dial tcp 127.0.0.1:9092: connect:" from "connection refused".
func plainDial(op *net.OpError) string { return strings.TrimPrefix(op.Err.Error(), "connect: ") }
