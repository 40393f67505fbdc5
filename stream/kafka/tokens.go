package kafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// staticToken is a token that somebody else has got.
type staticToken string

func (t staticToken) token(context.Context) (string, error) { return string(t), nil }

// unsecuredToken makes tokens without a signature, which brokers accept for
// tests only.
type unsecuredToken map[string]string

// unsecuredLife is how long such a token is good.
const unsecuredLife = time.Hour

func (claims unsecuredToken) token(context.Context) (string, error) {
	now := time.Now()
	all := map[string]any{"iat": now.Unix(), "exp": now.Add(unsecuredLife).Unix()}
	for name, value := range claims {
		all[name] = value // a claim may also be the time
	}
	payload, err := json.Marshal(all)
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode(payload) + ".", nil
}

const (
	// tokenTimeout bounds one request for a token.
	tokenTimeout = 4 * time.Second
	// tokenLife is assumed where nobody says how long a token is good.
	tokenLife = 5 * time.Minute
	// largestAnswer bounds what is read of a token endpoint's answer.
	largestAnswer = 1 << 20
)

// tokenEndpoint gets tokens by the client credentials grant of OAuth 2.0. It
// keeps one until four fifths of its life are over, as the Java client does.
type tokenEndpoint struct {
	oauthSettings
	client *http.Client
	now    func() time.Time

	lock    chan struct{} // holds one token; whoever has taken it may use the rest
	current string
	renew   time.Time
}

func newTokenEndpoint(s *oauthSettings) (*tokenEndpoint, error) {
	u, err := url.Parse(s.endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("sasl.oauthbearer.token.endpoint.url: want https://HOST/PATH")
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.ca != nil {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(s.ca) {
			return nil, errors.New("https.ca.location: no PEM certificate in it")
		}
	}
	return &tokenEndpoint{
		oauthSettings: *s, now: time.Now, lock: make(chan struct{}, 1),
		client: &http.Client{
			Transport: &http.Transport{
				Proxy: http.ProxyFromEnvironment, TLSClientConfig: config,
				DisableKeepAlives: true, ForceAttemptHTTP2: true,
			},
			// A secret does not follow a redirect.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// token is the token that is still good, or a new one.
func (e *tokenEndpoint) token(ctx context.Context) (string, error) {
	select {
	case e.lock <- struct{}{}:
		defer func() { <-e.lock }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if e.current != "" && e.now().Before(e.renew) {
		return e.current, nil
	}
	asked := e.now()
	token, life, err := e.ask(ctx)
	if err != nil {
		u, _ := url.Parse(e.endpoint)
		return "", &credentialsError{
			from: "no token from " + u.Redacted(), cause: err,
			hint: "check sasl.oauthbearer.token.endpoint.url, and the client's id, secret and scope",
		}
	}
	e.current, e.renew = token, asked.Add(life*4/5)
	return token, nil
}

// answer is what a token endpoint says.
type answer struct {
	Token       string  `json:"access_token"`
	Type        string  `json:"token_type"`
	ExpiresIn   float64 `json:"expires_in"` // seconds
	Error       string  `json:"error"`
	Description string  `json:"error_description"`
}

// ask gets a new token, and for how long it is good.
func (e *tokenEndpoint) ask(ctx context.Context) (string, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	form := url.Values{"grant_type": {"client_credentials"}}
	if e.scope != "" {
		form.Set("scope", e.scope)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	id, secret := e.id, e.secret
	if e.encoded {
		id, secret = url.QueryEscape(id), url.QueryEscape(secret)
	}
	req.SetBasicAuth(id, secret)
	res, err := e.client.Do(req)
	if err != nil {
		return "", 0, withoutURL(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, largestAnswer))
	if err != nil {
		return "", 0, err
	}
	return e.read(res.Status, res.StatusCode, body)
}

// read makes a token or an error of an answer.
func (e *tokenEndpoint) read(status string, code int, body []byte) (string, time.Duration, error) {
	var a answer
	isJSON := json.Unmarshal(body, &a) == nil
	switch {
	case code != http.StatusOK || a.Error != "":
		said := []string{"it answers " + printable(status)}
		for _, s := range []string{a.Error, a.Description} {
			if s != "" {
				// An endpoint that repeats the secret does so to us alone.
				said = append(said, printable(strings.ReplaceAll(s, e.secret, Mask)))
			}
		}
		return "", 0, errors.New(strings.Join(said, ": "))
	case !isJSON || a.Token == "":
		return "", 0, errors.New("its answer has no access_token")
	case a.Type != "" && !strings.EqualFold(a.Type, "bearer"):
		return "", 0, fmt.Errorf("its token is of type %s, want bearer", printable(a.Type))
	}
	life := time.Duration(a.ExpiresIn * float64(time.Second))
	if life <= 0 {
		life = e.lifeOf(a.Token)
	}
	return a.Token, life, nil
}

// lifeOf is how long a token is good by what stands in it.
func (e *tokenEndpoint) lifeOf(token string) time.Duration {
	parts := strings.Split(token, ".")
	var claims struct {
		Expires float64 `json:"exp"` // seconds since 1970
	}
	if len(parts) == 3 {
		payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
		if err == nil && json.Unmarshal(payload, &claims) == nil && claims.Expires > 0 {
			return max(0, time.Unix(int64(claims.Expires), 0).Sub(e.now()))
		}
	}
	return tokenLife
}

// withoutURL drops the method and the address from an error of package http:
// the message has them already.
func withoutURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// printable is text from elsewhere, short and without what moves a terminal.
func printable(s string) string {
	const most = 200
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
