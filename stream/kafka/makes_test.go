package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"software.sslmate.com/src/go-pkcs12"
)

// brokerMake is a make of broker that the tests of this package must meet: the
// embedded one and, with the build tag integration, others.
type brokerMake interface {
	// start returns a way into a cluster where anybody may do anything.
	start(t *testing.T) *testCluster
	// listener returns the way into a cluster that has one of the names below.
	listener(t *testing.T, name string) *testCluster
	// file reads the certificates and stores of its listeners: good.pem is what
	// a client trusts, in a store trust.p12 and trust.jks; client.p12 is what it
	// shows; expired.pem and elsewhere.pem are other brokers' certificates.
	file(name string) ([]byte, error)
	// lacks are the needs of tests that it cannot serve, and why.
	lacks() map[need]string
}

// The listeners of a broker. LOGIN and LOGIN_TLS let in user and reader by the
// password hunter2, by PLAIN and, but for reader, by SCRAM. TOKEN and TOKEN_TLS
// let in who says he is user, by OAUTHBEARER. user may do anything, reader what
// ACLs allow him.
const (
	listenTLS       = "TLS"
	listenMutual    = "MUTUAL" // wants to see a certificate
	listenExpired   = "EXPIRED"
	listenElsewhere = "ELSEWHERE" // its certificate is for another host
	listenLogin     = "LOGIN"
	listenLoginTLS  = "LOGIN_TLS"
	listenToken     = "TOKEN"
	listenTokenTLS  = "TOKEN_TLS"
)

// need is something beyond producing, fetching and listing the ends of logs.
type need string

const (
	needTopics       need = "topics are made, changed and deleted by request"
	needTransactions need = "transactions end with a marker in the log"
	needTimes        need = "offsets are found by time"
	needGroups       need = "groups are listed and described"
	needListeners    need = "it has listeners with TLS and with logins"
)

// embedded are kfake clusters, one for each way in.
type embedded struct {
	files files
	pairs map[string]tls.Certificate
}

func newEmbedded(t testing.TB) *embedded {
	t.Helper()
	e := &embedded{files: files{}, pairs: map[string]tls.Certificate{}}
	for name, host := range map[string]string{"good": "127.0.0.1", "elsewhere": "elsewhere.example", "expired": "127.0.0.1", "client": "client"} {
		cert, key := certificate(t, host)
		leaf, private := parsed(t, cert, key)
		if name == "expired" {
			leaf.NotBefore, leaf.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
			cert = signed(t, leaf, private)
		}
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		e.pairs[name], e.files[name+".pem"] = pair, cert
	}
	good, client := e.pairs["good"].Leaf, e.pairs["client"]
	trust, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{good}, storeSecret)
	if err != nil {
		t.Fatal(err)
	}
	own, err := pkcs12.Modern.Encode(client.PrivateKey, client.Leaf, nil, storeSecret)
	if err != nil {
		t.Fatal(err)
	}
	e.files["trust.p12"], e.files["trust.jks"], e.files["client.p12"] = trust, jks(t, good, nil), own
	return e
}

func (e *embedded) file(name string) ([]byte, error) { return e.files.read(name) }

func (*embedded) lacks() map[need]string { return nil }

func (e *embedded) start(t *testing.T) *testCluster {
	t.Helper()
	_, c := startKfake(t)
	return c
}

// wayOfUser is how kgo gets in as the user who may do anything.
func wayOfUser() kgo.Opt {
	return kgo.SASL(plain.Auth{User: "user", Pass: "hunter2"}.AsMechanism())
}

// wayOfTLS trusts everybody: what is tested is another client.
func wayOfTLS(own ...tls.Certificate) kgo.Opt {
	return kgo.DialTLSConfig(&tls.Config{InsecureSkipVerify: true, Certificates: own, MinVersion: tls.VersionTLS12})
}

func (e *embedded) listener(t *testing.T, name string) *testCluster {
	t.Helper()
	certificates := map[string]string{
		listenTLS: "good", listenMutual: "good", listenLoginTLS: "good", listenTokenTLS: "good",
		listenExpired: "expired", listenElsewhere: "elsewhere",
	}
	var opts []kfake.Opt
	var way []kgo.Opt
	if pair, ok := certificates[name]; ok {
		server := &tls.Config{Certificates: []tls.Certificate{e.pairs[pair]}, MinVersion: tls.VersionTLS12}
		if name == listenMutual {
			server.ClientAuth, server.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
			server.ClientCAs.AddCert(e.pairs["client"].Leaf)
		}
		opts, way = append(opts, kfake.TLS(server)), append(way, wayOfTLS(e.pairs["client"]))
	}
	if strings.HasPrefix(name, listenLogin) {
		opts = append(opts, kfake.EnableSASL(), kfake.EnableACLs(), kfake.User("PLAIN", "reader", "hunter2"))
		for _, m := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
			opts = append(opts, kfake.Superuser(m, "user", "hunter2"))
		}
		way = append(way, wayOfUser())
	}
	k, c := startKfake(t, opts...)
	c.embedded = k
	c.way = way
	if strings.HasPrefix(name, listenToken) {
		takesTokens(k)
	}
	return c
}

// takesTokens makes a broker that knows no OAUTHBEARER hear it out.
func takesTokens(k *kfake.Cluster) {
	k.ControlKey(int16(kmsg.SASLHandshake), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		return req.ResponseKind(), nil, true
	})
	k.ControlKey(int16(kmsg.SASLAuthenticate), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		res := req.ResponseKind().(*kmsg.SASLAuthenticateResponse)
		if !isTokenOfUser(req.(*kmsg.SASLAuthenticateRequest).SASLAuthBytes) {
			res.SASLAuthBytes = []byte(`{"status":"invalid_token"}`)
		}
		return res, nil, true
	})
}

// isTokenOfUser says that the first message of OAUTHBEARER has a token of user.
func isTokenOfUser(message []byte) bool {
	_, token, _ := strings.Cut(string(message), "auth=Bearer ")
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct{ Sub string }
	return err == nil && json.Unmarshal(payload, &claims) == nil && claims.Sub == "user"
}

// configured is the configuration of -X for a way in.
func configured(t *testing.T, b brokerMake, c *testCluster, properties ...string) Config {
	t.Helper()
	cfg, warnings, err := parseFlags(c.addrs[0], properties, b.file)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("-X %q: %v, %v", properties, warnings, err)
	}
	cfg.FetchMaxWait = c.config().FetchMaxWait
	return cfg
}

// conform runs all tests that every make must meet, but for those whose needs
// it cannot serve: they must be those of without, in their order.
func conform(t *testing.T, b brokerMake, without ...string) {
	var left []string
	for _, test := range conformance {
		if lacking(t, b, test.name, test.needs) {
			left = append(left, test.name)
			continue
		}
		t.Run(test.name, func(t *testing.T) { test.run(t, b.start(t)) })
	}
	for _, test := range securityConformance {
		if lacking(t, b, test.name, []need{needListeners}) {
			left = append(left, test.name)
			continue
		}
		t.Run(test.name, func(t *testing.T) { test.run(t, b) })
	}
	if diff := cmp.Diff(without, left); diff != "" {
		t.Errorf("tests that were left out (-want +got):\n%s", diff)
	}
}

// lacking says that a test needs what the make does not have.
func lacking(t *testing.T, b brokerMake, test string, needs []need) bool {
	t.Helper()
	i := slices.IndexFunc(needs, func(n need) bool { return b.lacks()[n] != "" })
	if i < 0 {
		return false
	}
	t.Logf("%s: needs that %s: %s", test, needs[i], b.lacks()[needs[i]])
	return true
}

func TestConformance(t *testing.T) { conform(t, newEmbedded(t)) }
