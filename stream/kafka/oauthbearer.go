package kafka

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/segmentio/kafka-go/sasl"
)

// oauthSettings are what properties say of logging in by OAUTHBEARER: a token,
// who is to be in one without a signature, or how to get one.
type oauthSettings struct {
	token      string
	unsecured  map[string]string // claims
	endpoint   string
	id, secret string
	scope      string
	extensions map[string]string
	ca         []byte // PEM, of the token endpoint
	encoded    bool   // the id and the secret are to be escaped for the header
}

// takeJAAS takes the options of an OAuthBearerLoginModule.
func (s *oauthSettings) takeJAAS(options map[string]string) error {
	extensions := map[string]string{}
	for key, value := range options {
		switch claim, unsecured := strings.CutPrefix(key, "unsecuredLoginStringClaim_"); {
		case key == "clientId":
			s.id = value
		case key == "clientSecret":
			s.secret = value
		case key == "scope":
			s.scope = value
		case strings.HasPrefix(key, "extension_"):
			extensions[strings.TrimPrefix(key, "extension_")] = value
		case unsecured:
			if s.unsecured == nil {
				s.unsecured = map[string]string{}
			}
			s.unsecured[claim] = value
		}
	}
	if len(extensions) > 0 {
		s.extensions = extensions
	}
	return checkExtensions(s.extensions)
}

// setExtensions reads name=value,name=value.
func setExtensions(s *settings, v string) error {
	extensions := map[string]string{}
	for pair := range strings.SplitSeq(v, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok {
			return errors.New("want name=value,name=value")
		}
		extensions[name] = value
	}
	s.oauth.extensions = extensions
	return checkExtensions(extensions)
}

// setUnsecured reads librdkafka's principal=NAME scope=NAME of a token without
// a signature.
func setUnsecured(s *settings, v string) error {
	claims := map[string]string{}
	for pair := range strings.FieldsSeq(v) {
		name, value, ok := strings.Cut(pair, "=")
		switch {
		case !ok:
			return errors.New("want principal=NAME")
		case name == "principal":
			claims["sub"] = value
		case name == "scope":
			claims["scope"] = value
		}
	}
	s.oauth.unsecured = claims
	return nil
}

// What RFC 7628 allows of a key and of a value.
var (
	extensionName  = regexp.MustCompile(`^[A-Za-z]+$`)
	extensionValue = regexp.MustCompile(`^[\x21-\x7E \t\r\n]+$`)
)

func checkExtensions(extensions map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(extensions)) {
		if name == "auth" || !extensionName.MatchString(name) {
			return fmt.Errorf("the extension %q is not one: want letters, and not auth", name)
		}
		if !extensionValue.MatchString(extensions[name]) {
			return fmt.Errorf("the extension %s has a value that cannot be sent: want printable ASCII", name)
		}
	}
	return nil
}

// mechanism is the way to log in that was described.
func (s *oauthSettings) mechanism() (sasl.Mechanism, error) {
	m := &oauthBearer{extensions: s.extensions}
	switch {
	case s.token != "":
		m.tokens = staticToken(s.token)
	case s.endpoint != "":
		if s.id == "" || s.secret == "" {
			return nil, errors.New("sasl.oauthbearer.token.endpoint.url: want clientId and clientSecret in sasl.jaas.config too, or sasl.oauthbearer.client.id and sasl.oauthbearer.client.secret")
		}
		e, err := newTokenEndpoint(s)
		if err != nil {
			return nil, err
		}
		m.tokens = e
	case len(s.unsecured) > 0:
		m.tokens = unsecuredToken(s.unsecured)
	default:
		return nil, errors.New("sasl.mechanism=OAUTHBEARER: want sasl.oauthbearer.token.endpoint.url with a client's id and secret, or sasl.oauthbearer.token")
	}
	return m, nil
}

// oauthBearer is the mechanism of RFC 7628.
type oauthBearer struct {
	tokens     tokens
	extensions map[string]string
}

// tokens says which token to show.
type tokens interface {
	token(ctx context.Context) (string, error)
}

func (*oauthBearer) Name() string { return mechanismOAuth }

// Start makes the client's first message.
func (m *oauthBearer) Start(ctx context.Context) (sasl.StateMachine, []byte, error) {
	token, err := m.tokens.token(ctx)
	if err != nil {
		return nil, nil, err
	}
	if !isBearerToken(token) {
		return nil, nil, &credentialsError{from: "OAUTHBEARER", hint: "check sasl.oauthbearer.token", cause: errors.New("the token is empty or has characters that no token has")}
	}
	message := []byte("n,,\x01auth=Bearer " + token + "\x01")
	for _, name := range slices.Sorted(maps.Keys(m.extensions)) {
		message = append(message, name+"="+m.extensions[name]+"\x01"...)
	}
	return oauthExchange{}, append(message, 1), nil
}

// isBearerToken says that a token can be sent: it would otherwise end the
// message early.
func isBearerToken(token string) bool {
	return token != "" && !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// oauthExchange is over after the first answer: it is empty, or says what is
// wrong with the token.
type oauthExchange struct{}

func (oauthExchange) Next(_ context.Context, challenge []byte) (done bool, response []byte, err error) {
	if len(challenge) == 0 {
		return true, nil, nil
	}
	var refusal struct {
		Status string `json:"status"`
		Scope  string `json:"scope"`
	}
	text := "it does not say why"
	if json.Unmarshal(challenge, &refusal) == nil && refusal.Status != "" {
		text = printable(refusal.Status)
		if refusal.Scope != "" {
			text += ", scope " + printable(refusal.Scope)
		}
	}
	return false, nil, &credentialsError{
		from: "OAUTHBEARER", hint: "check the scope and the audience of the token, and for which issuer the broker is set up",
		cause: errors.New("the broker refused the token: " + text),
	}
}

// credentialsError says that there is nothing to log in with.
type credentialsError struct {
	from  string
	hint  string
	cause error
}

func (e *credentialsError) Error() string { return e.from + ": " + e.cause.Error() }

func (e *credentialsError) Unwrap() error { return e.cause }
