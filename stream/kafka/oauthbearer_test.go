package kafka

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// tokenServer is a token endpoint that knows one client.
type tokenServer struct {
	*httptest.Server
	asked int
	// answer writes what is said to the client; nil is for a token that is good
	// for 100 s.
	answer func(w http.ResponseWriter)
}

const (
	clientSecret  = "hunter2 + %/="
	jaasOfClient  = `sasl.jaas.config=o.OAuthBearerLoginModule required clientId="me" clientSecret="` + clientSecret + `" scope="kafka read" extension_logicalCluster="lkc-1" extension_identityPoolId="p";`
	oauthBytes    = "n,,\x01auth=Bearer token-%d\x01identityPoolId=p\x01logicalCluster=lkc-1\x01\x01"
	oauthProtocol = "security.protocol=sasl_plaintext"
)

func newTokenServer(t *testing.T, start func(*httptest.Server)) *tokenServer {
	t.Helper()
	s := &tokenServer{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked++
		id, secret, _ := r.BasicAuth()
		if r.Method != http.MethodPost || r.FormValue("grant_type") != "client_credentials" || r.FormValue("scope") != "kafka read" || id != "me" || secret != clientSecret {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, `{"error":"invalid_client","error_description":"%s is wrong\u001b[2J"}`, secret)
			return
		}
		if s.answer != nil {
			s.answer(w)
			return
		}
		_, _ = fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"Bearer","expires_in":100}`, s.asked)
	}))
	start(s.Server)
	t.Cleanup(s.Close)
	return s
}

// oauthBroker is a broker that hears OAUTHBEARER out and answers with
// challenge, or with the error code if that is not 0.
func oauthBroker(t *testing.T, heard chan<- string, code int16, challenge string) *testCluster {
	t.Helper()
	k, c := startKfake(t)
	k.ControlKey(int16(kmsg.SASLHandshake), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		res := req.ResponseKind().(*kmsg.SASLHandshakeResponse)
		if m := req.(*kmsg.SASLHandshakeRequest).Mechanism; m != "OAUTHBEARER" {
			res.ErrorCode = kerr.UnsupportedSaslMechanism.Code
		}
		return res, nil, true
	})
	k.ControlKey(int16(kmsg.SASLAuthenticate), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		select {
		case heard <- string(req.(*kmsg.SASLAuthenticateRequest).SASLAuthBytes):
		default: // the test has heard enough
		}
		res := req.ResponseKind().(*kmsg.SASLAuthenticateResponse)
		res.ErrorCode, res.SASLAuthBytes = code, []byte(challenge)
		return res, nil, true
	})
	return c
}

// TestOAuthBearer: a token is got for the client and shown to the broker, once
// for all connections.
func TestOAuthBearer(t *testing.T) {
	ids := newTokenServer(t, (*httptest.Server).StartTLS)
	heard := make(chan string, 10)
	c := oauthBroker(t, heard, 0, "")
	fs := files{"ca": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ids.Certificate().Raw})}
	for i, props := range [][]string{
		{jaasOfClient},
		{
			"sasl.mechanisms=OAUTHBEARER", "sasl.oauthbearer.method=oidc", "sasl.oauthbearer.client.id=me", "sasl.oauthbearer.client.secret=" + clientSecret,
			"sasl.oauthbearer.scope=kafka read", "sasl.oauthbearer.extensions=logicalCluster=lkc-1,identityPoolId=p",
		},
	} {
		cfg, warnings, err := parseFlags(c.addrs[0], append(props, oauthProtocol, "https.ca.location=ca", "sasl.oauthbearer.token.endpoint.url="+ids.URL+"/token"), fs.read)
		if err != nil || len(warnings) > 0 {
			t.Fatal(warnings, err)
		}
		client := c.open(t, cfg)
		if _, err := client.Topics(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got := <-heard; got != fmt.Sprintf(oauthBytes, i+1) {
				t.Errorf("the broker heard %q", got)
			}
		}
		if ids.asked != i+1 {
			t.Errorf("asked for %d tokens", ids.asked)
		}
		for len(heard) > 0 {
			<-heard
		}
	}
}

// TestTokenLife: a token is renewed before it ends, and one that says itself
// when it ends is believed.
func TestTokenLife(t *testing.T) {
	ids := newTokenServer(t, (*httptest.Server).Start)
	e, err := newTokenEndpoint(&oauthSettings{endpoint: ids.URL, id: "me", secret: clientSecret, scope: "kafka read"})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_800_000_000, 0)
	e.now = func() time.Time { return now }
	wantAsked := func(n int) {
		t.Helper()
		if _, err := e.token(t.Context()); err != nil || ids.asked != n {
			t.Errorf("asked %d times, want %d: %v", ids.asked, n, err)
		}
	}
	wantAsked(1)
	now = now.Add(79 * time.Second)
	wantAsked(1)
	now = now.Add(2 * time.Second)
	wantAsked(2)
	until := now.Unix() + 1000
	ids.answer = func(w http.ResponseWriter) {
		claims := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"exp":%d}`, until))
		_, _ = fmt.Fprintf(w, `{"access_token":"h.%s.s"}`, claims)
	}
	now = now.Add(time.Hour)
	wantAsked(3) // already over
	wantAsked(4)
	until = now.Unix() + 1000
	wantAsked(5)
	now = now.Add(799 * time.Second)
	wantAsked(5)
	ids.answer = func(w http.ResponseWriter) { _, _ = fmt.Fprint(w, `{"access_token":"opaque"}`) }
	now = now.Add(time.Hour)
	wantAsked(6)
	now = now.Add(tokenLife*4/5 - time.Second)
	wantAsked(6)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	e.lock <- struct{}{}
	if _, err := e.token(cancelled); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestNoToken: what keeps a token away names the endpoint and never the secret.
func TestNoToken(t *testing.T) {
	ids := newTokenServer(t, (*httptest.Server).Start)
	c := oauthBroker(t, make(chan string), 0, "")
	say := func(code int, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(code)
			_, _ = fmt.Fprint(w, body)
		}
	}
	for _, test := range []struct {
		props  []string
		answer func(http.ResponseWriter)
		says   string
	}{
		{[]string{jaasOfClient, "sasl.oauthbearer.client.secret=hunter2 wrong"}, nil, "401 Unauthorized: invalid_client: *** is wrong [2J"},
		{[]string{jaasOfClient}, say(http.StatusFound, ""), "302 Found"},
		{[]string{jaasOfClient}, say(http.StatusOK, "hello"), "no access_token"},
		{[]string{jaasOfClient}, say(http.StatusOK, `{"access_token":"a","token_type":"mac"}`), "of type mac"},
		{[]string{jaasOfClient}, say(http.StatusBadRequest, `{"error":"invalid_scope"}`), "400 Bad Request: invalid_scope"},
		{[]string{jaasOfClient}, say(http.StatusOK, `{"access_token":"a\u0001b"}`), "characters that no token has"},
	} {
		ids.answer = test.answer
		cfg, _, err := parseFlags(c.addrs[0], append(test.props, oauthProtocol, "sasl.oauthbearer.token.endpoint.url="+ids.URL), nil)
		if err != nil {
			t.Fatal(err)
		}
		says := []string{test.says, "OAUTHBEARER", "sasl.oauthbearer.token", c.addrs[0]}
		err = openError(t, cfg)
		wantSays(t, err, LoginRefused, says...)
		if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\x1b") {
			t.Error(err)
		}
	}
	cfg, _, err := parseFlags(c.addrs[0], []string{jaasOfClient, oauthProtocol, "sasl.oauthbearer.token.endpoint.url=http://" + refusing}, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantSays(t, openError(t, cfg), LoginRefused, "no token from http://127.0.0.1:", "connection refused", "token.endpoint.url")
}

// TestTokenRefused: the broker says what is wrong with a token, by the
// mechanism or by an error.
func TestTokenRefused(t *testing.T) {
	for _, test := range []struct {
		code      int16
		challenge string
		says      string
	}{
		{0, `{"status":"invalid_token","scope":"kafka"}`, "the broker refused the token: invalid_token, scope kafka"},
		{0, `?`, "does not say why"},
		{kerr.SaslAuthenticationFailed.Code, "", "sasl authentication failed"},
	} {
		c := oauthBroker(t, make(chan string), test.code, test.challenge)
		cfg, _, err := parseFlags(c.addrs[0], []string{"sasl.mechanism=OAUTHBEARER", "sasl.oauthbearer.token=hunter2.a.b", oauthProtocol}, nil)
		if err != nil {
			t.Fatal(err)
		}
		refused := openError(t, cfg)
		wantSays(t, refused, LoginRefused, test.says, c.addrs[0], "OAUTHBEARER", "issuer")
		if strings.Contains(refused.Error(), "hunter2") {
			t.Error(refused)
		}
	}
}

// TestUnsecuredToken is what Java and librdkafka make for tests.
func TestUnsecuredToken(t *testing.T) {
	for _, prop := range []string{
		`sasl.jaas.config=o.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="alice";`,
		"sasl.oauthbearer.config=principal=alice",
	} {
		cfg, _, err := parseFlags("", []string{"sasl.mechanism=OAUTHBEARER", prop, oauthProtocol}, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, first, err := cfg.SASL.Start(t.Context())
		token, ok := strings.CutPrefix(string(first), "n,,\x01auth=Bearer ")
		parts := strings.Split(strings.TrimSuffix(token, "\x01\x01"), ".")
		if err != nil || !ok || len(parts) != 3 || parts[2] != "" {
			t.Fatalf("%q, %v", first, err)
		}
		payload, err := base64.RawURLEncoding.DecodeString(parts[1])
		var claims struct {
			Sub      string
			Iat, Exp int64
		}
		if err != nil || json.Unmarshal(payload, &claims) != nil || claims.Sub != "alice" || claims.Exp-claims.Iat != 3600 {
			t.Errorf("%s, %v", payload, err)
		}
	}
}

// TestMSK: where they are looked for, and where the region
// comes from.
func TestMSK(t *testing.T) {
	for host, want := range map[string]string{
		"b-1.name.abc123.c2.kafka.eu-west-1.amazonaws.com":     "eu-west-1",
		"boot-abc.c1.kafka-serverless.us-east-1.amazonaws.com": "us-east-1",
		"b-1.name.abc123.c2.kafka.cn-north-1.amazonaws.com.cn": "cn-north-1",
		"127.0.0.1":      "",
		"kafka.internal": "",
	} {
		if got := regionOf(host); got != want {
			t.Errorf("%s: %q", host, got)
		}
	}
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	c := mskBroker(t)
	cfg, _, err := parseFlags(c.addrs[0], []string{"sasl.mechanism=AWS_MSK_IAM", oauthProtocol}, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantSays(t, openError(t, cfg), LoginRefused, "AWS_MSK_IAM", "AWS_REGION", c.addrs[0])
	t.Setenv("AWS_REGION", "eu-west-1")
	wantSays(t, openError(t, cfg), LoginRefused, "AWS_MSK_IAM", "AWS_PROFILE", c.addrs[0])
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
	if _, err := c.open(t, cfg).Topics(t.Context()); err != nil {
		t.Error(err)
	}
}

// mskBroker is a broker that takes whatever AWS_MSK_IAM says, if it is signed.
func mskBroker(t *testing.T) *testCluster {
	t.Helper()
	k, c := startKfake(t)
	k.ControlKey(int16(kmsg.SASLHandshake), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		return req.ResponseKind(), nil, true
	})
	k.ControlKey(int16(kmsg.SASLAuthenticate), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		var signed map[string]string
		res := req.ResponseKind().(*kmsg.SASLAuthenticateResponse)
		err := json.Unmarshal(req.(*kmsg.SASLAuthenticateRequest).SASLAuthBytes, &signed)
		if err != nil || signed["x-amz-signature"] == "" || !strings.Contains(signed["x-amz-credential"], "/eu-west-1/kafka-cluster/") {
			res.ErrorCode = kerr.SaslAuthenticationFailed.Code
		}
		return res, nil, true
	})
	return c
}
