package kafka

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"

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
	// AccessDenied: the user may not read the topic, or not see the group.
	AccessDenied
	// WriteDenied: the user may not write to the topic.
	WriteDenied
	// GroupRefused: the group does not take this member, or not any more.
	GroupRefused
)

// ConnectError says that a cluster could not be used, and what to change.
type ConnectError struct {
	Kind ConnectKind
	// Addresses are those that were tried; Tried names what was spoken there
	// ("TLS with SASL PLAIN").
	Addresses []string
	Tried     string
	// Topic or Group is set where Kind is AccessDenied and it is known, Topic where
	// it is WriteDenied, and Group where it is GroupRefused.
	Topic, Group string
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
	case e.Kind == AccessDenied && e.Group != "":
		what = fmt.Sprintf("not allowed to describe group %q", e.Group)
	case e.Kind == AccessDenied:
		what = "access denied"
	case e.Kind == WriteDenied:
		what = "not allowed to write to topic " + e.Topic
	case e.Kind == GroupRefused:
		what = fmt.Sprintf("cannot be a member of group %q", e.Group)
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
	Alternatives
}

func (e *UnknownTopicError) Error() string { return e.instead("topic", e.Topic) }

// UnknownGroupError says that a group does not exist, or that no group matches a
// glob.
type UnknownGroupError struct {
	Group string
	Alternatives
}

func (e *UnknownGroupError) Error() string { return e.instead("group", e.Group) }

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

// BadGlobError says that the pattern of topics or groups is not one.
type BadGlobError struct {
	// What is meant to match: topic or group.
	What, Pattern string
}

func (e *BadGlobError) Error() string {
	return fmt.Sprintf("%s %q is not a valid glob: want *, ? or [a-z]", e.What, e.Pattern)
}

// The Kafka errors that mean "you may not".
var (
	loginErrors  = []kafkago.Error{kafkago.SASLAuthenticationFailed, kafkago.UnsupportedSASLMechanism, kafkago.IllegalSASLState}
	accessErrors = []kafkago.Error{kafkago.TopicAuthorizationFailed, kafkago.ClusterAuthorizationFailed, kafkago.GroupAuthorizationFailed}
)

func isAny(err error, codes []kafkago.Error) bool {
	var code kafkago.Error
	return errors.As(err, &code) && slices.Contains(codes, code)
}

// connectError turns the failure of a round trip into a *ConnectError.
func (c *Client) connectError(err error) error {
	e := &ConnectError{Addresses: c.cfg.Brokers, Tried: c.cfg.security(), Cause: err}
	credentials, noCredentials := errors.AsType[*credentialsError](err)
	unfinished := c.dials.unfinishedLogins()
	switch {
	case noCredentials:
		e.Kind, e.Hint = LoginRefused, credentials.hint
		return e
	case isAny(err, loginErrors):
		e.Kind, e.Hint = LoginRefused, c.loginHint(err)
		return e
	case isAny(err, accessErrors):
		return c.accessError("", err)
	case len(unfinished) > 0 && !isTimeout(err):
		e.Kind, e.Addresses, e.Hint = LoginRefused, unfinished, c.loginHint(err)
		if isClosed(err) {
			e.Cause = fmt.Errorf("the broker closed the connection instead of an answer: %w", io.EOF)
		}
		return e
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

// loginHint says what to change after a login was refused.
func (c *Client) loginHint(err error) string {
	if isAny(err, []kafkago.Error{kafkago.UnsupportedSASLMechanism}) {
		return "the broker does not offer this mechanism: change -X sasl.mechanism"
	}
	switch c.cfg.SASL.Name() {
	case mechanismOAuth:
		return "check the scope and the audience of the token, and for which issuer the broker is set up"
	case mechanismMSK:
		return "the identity that aws sts get-caller-identity shows must be allowed kafka-cluster:Connect"
	default:
		return fmt.Sprintf("check -X sasl.username (it is %s), sasl.password and sasl.mechanism", c.cfg.User)
	}
}

// accessError says that topic may not be read.
func (c *Client) accessError(topic string, err error) error {
	return &ConnectError{
		Kind: AccessDenied, Topic: topic, Addresses: c.cfg.Brokers, Tried: c.cfg.security(), Cause: err,
		Hint: c.aclHint("Read", "--topic "+cmp.Or(topic, "TOPIC")),
	}
}

// groupAccessError says that group may not be described.
func (c *Client) groupAccessError(group string, err error) error {
	return &ConnectError{
		Kind: AccessDenied, Group: group, Addresses: c.cfg.Brokers, Tried: c.cfg.security(), Cause: err,
		Hint: c.aclHint("Describe", fmt.Sprintf("--group %q", group)),
	}
}

// writeDenied says that topic may not be written.
func (c *Client) writeDenied(topic string, err error) error {
	return &ConnectError{
		Kind: WriteDenied, Topic: topic, Addresses: c.cfg.Brokers, Tried: c.cfg.security(), Cause: err,
		Hint: c.aclHint("Write", "--topic "+topic),
	}
}

// aclHint names the ACL that would allow an operation; on is the option that
// names the topic or the group.
func (c *Client) aclHint(operation, on string) string {
	user := "this user"
	if c.cfg.User != "" {
		user = "User:" + c.cfg.User
	}
	return fmt.Sprintf("an ACL must allow %s to %s it (kafka-acls --add --allow-principal User:%s --operation %s %s), or use another user",
		user, operation, cmp.Or(c.cfg.User, "USER"), operation, on)
}

// hint says what a person should change, as far as the error tells.
func (c *Client) hint(err error, addresses []string) string {
	if text := c.certificateHint(err); text != "" {
		return text
	}
	var op *net.OpError
	closed := isClosed(err)
	login := ""
	if c.cfg.SASL != nil {
		login = "sasl_"
	}
	switch {
	case errors.Is(err, errSpeaksTLS):
		return "use -X security.protocol=" + login + "ssl"
	case errors.Is(err, errSpeaksNoTLS):
		return "name its TLS port by -b, or use -X security.protocol=" + login + "plaintext"
	case errors.Is(err, errNoBroker):
		return "name a broker's port by -b"
	case closed && c.cfg.SASL != nil:
		return "the broker may want other security: check -X security.protocol and sasl.mechanism"
	case isNotTLS(err), closed && c.cfg.TLS != nil:
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

// certificateHint says what to change about certificates, the broker's or ours;
// it is empty if they are not the reason.
func (c *Client) certificateHint(err error) string {
	var (
		issuer  x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &issuer):
		return "name the issuer's certificate by -X ssl.ca.location=FILE or ssl.truststore.location=FILE"
	case errors.As(err, &name):
		return "name the broker as its certificate does (-b), or turn the check off by -X ssl.endpoint.identification.algorithm=none"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the broker needs a new certificate, or the clock of this machine is wrong"
	case errors.As(err, &invalid):
		return "the broker's certificate is not valid"
	case isAlert(err) && len(c.cfg.TLS.Certificates) == 0:
		return "the broker may want to see a certificate: -X ssl.keystore.location=FILE, or ssl.certificate.location and ssl.key.location"
	case isAlert(err):
		return "the broker may not accept this certificate: check -X ssl.keystore.location or ssl.certificate.location"
	}
	return ""
}

// isClosed reports whether the other side has closed the connection.
func isClosed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// isNotTLS reports whether something else than TLS was heard.
func isNotTLS(err error) bool {
	_, ok := errors.AsType[tls.RecordHeaderError](err)
	return ok
}

// isAlert reports whether the other side has ended a TLS connection and said
// why.
func isAlert(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "remote error"
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
	var credentials *credentialsError
	switch {
	case errors.As(err, &credentials):
		return credentials.from + ": " + plainWords(credentials.cause)
	case err == nil:
		return "no answer"
	case errors.As(err, &code):
		return strings.Replace(err.Error(), code.Error(), strings.ToLower(code.Title()), 1)
	case isTimeout(err):
		return "no answer in time"
	case isClosed(err):
		if text, ok := strings.CutSuffix(err.Error(), ": "+io.EOF.Error()); ok {
			return text
		}
		return "the connection was closed"
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return plainDial(op)
	}
	return strings.TrimPrefix(err.Error(), "tls: failed to verify certificate: ")
}

// plainDial drops "dial tcp 127.0.0.1:9092: connect:" from "connection refused".
func plainDial(op *net.OpError) string { return strings.TrimPrefix(op.Err.Error(), "connect: ") }
