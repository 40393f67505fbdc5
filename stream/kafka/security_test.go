package kafka

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// expired makes a certificate that has ended.
func expired(t testing.TB, hosts ...string) (cert, key []byte) {
	t.Helper()
	cert, key = certificate(t, hosts...)
	leaf, private := parsed(t, cert, key)
	leaf.NotBefore, leaf.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	return signed(t, leaf, private), key
}

// TestWrongSecurity: what a broker speaks and a client does not, and the other
// way round. Each message says what to change.
func TestWrongSecurity(t *testing.T) {
	cert, key := certificate(t, "127.0.0.1")
	fs := files{"ca": cert}
	secure := kfake.TLS(serverTLS(t, cert, key))
	login := []kfake.Opt{kfake.EnableSASL(), kfake.Superuser("PLAIN", "user", "hunter2")}
	_, plain := startKfake(t)
	_, overTLS := startKfake(t, secure)
	_, withLogin := startKfake(t, login...)
	_, both := startKfake(t, append(login, secure)...)
	user := []string{"sasl.mechanism=PLAIN", "sasl.username=user", "sasl.password=hunter2"}
	token := []string{"sasl.mechanism=OAUTHBEARER", "sasl.oauthbearer.token=hunter2"}
	for _, test := range []struct {
		broker   *testCluster
		protocol string
		more     []string
		kind     ConnectKind
		says     []string
	}{
		{overTLS, "plaintext", nil, Unreachable, []string{"(plaintext)", "speaks TLS on this port", "security.protocol=ssl"}},
		{both, "sasl_plaintext", user, Unreachable, []string{"SASL PLAIN", "speaks TLS on this port", "security.protocol=sasl_ssl"}},
		{plain, "ssl", []string{"ssl.ca.location=ca"}, Unreachable, []string{"(TLS)", "speaks no TLS", "security.protocol=plaintext"}},
		{withLogin, "sasl_ssl", user, Unreachable, []string{"TLS with SASL PLAIN", "speaks no TLS", "security.protocol=sasl_plaintext"}},
		{withLogin, "plaintext", nil, Unreachable, []string{"without a login", "security.protocol=sasl_plaintext"}},
		{withLogin, "sasl_plaintext", token, LoginRefused, []string{"OAUTHBEARER", "does not offer", "sasl.mechanism"}},
		{both, "ssl", []string{"ssl.ca.location=ca"}, Unreachable, []string{"(TLS)", "sasl_ssl"}},
	} {
		t.Run(test.says[0]+", "+test.says[1], func(t *testing.T) {
			t.Parallel()
			cfg, _, err := parseFlags(test.broker.addrs[0], append([]string{"security.protocol=" + test.protocol}, test.more...), fs.read)
			if err != nil {
				t.Fatal(err)
			}
			refused := openError(t, cfg)
			wantSays(t, refused, test.kind, append(test.says, test.broker.addrs[0])...)
			if strings.Contains(refused.Error(), "hunter2") {
				t.Error(refused)
			}
		})
	}
}

// TestExpiredCertificate: since when, and who has to do something.
func TestExpiredCertificate(t *testing.T) {
	cert, key := expired(t, "127.0.0.1")
	_, c := startKfake(t, kfake.TLS(serverTLS(t, cert, key)))
	for _, algorithm := range []string{"https", "none"} {
		cfg, _, err := parseFlags(c.addrs[0], []string{"security.protocol=ssl", "ssl.ca.location=ca", "ssl.endpoint.identification.algorithm=" + algorithm}, files{"ca": cert}.read)
		if err != nil {
			t.Fatal(err)
		}
		wantSays(t, openError(t, cfg), Unreachable, c.addrs[0], "(TLS)", "has expired", time.Now().UTC().Format(time.DateOnly), "needs a new certificate", "clock")
	}
}

// TestClientCertificate: a broker that wants one, and one that it does not know.
func TestClientCertificate(t *testing.T) {
	fs, server := stores(t)
	_, c := startKfake(t, kfake.TLS(server))
	other, otherKey := certificate(t, "stranger")
	fs["other.pem"], fs["other.key"] = other, otherKey
	for _, test := range []struct {
		props []string
		says  []string
	}{
		{nil, []string{"certificate required", "ssl.keystore.location=FILE"}},
		{[]string{"ssl.certificate.location=other.pem", "ssl.key.location=other.key"}, []string{"unknown certificate authority", "may not accept this certificate", "ssl.certificate.location"}},
	} {
		cfg, _, err := parseFlags(c.addrs[0], append(test.props, "security.protocol=ssl", "ssl.ca.location=ca.pem"), fs.read)
		if err != nil {
			t.Fatal(err)
		}
		wantSays(t, openError(t, cfg), Unreachable, append(test.says, c.addrs[0], "(TLS)")...)
	}
}

// signed is the certificate again, with other contents, as PEM.
func signed(t testing.TB, template *x509.Certificate, key any) []byte {
	t.Helper()
	public := template.PublicKey
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// TestMuteTLS: a listener that takes a connection and says nothing.
func TestMuteTLS(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	refused := openError(t, Config{Brokers: []string{l.Addr().String()}, TLS: &tls.Config{MinVersion: tls.VersionTLS12}})
	wantSays(t, refused, Unreachable, l.Addr().String(), "no answer in time", "speaks TLS")
}

// TestDiagnoseEnds with its context.
func TestDiagnoseEnds(t *testing.T) {
	_, c := startKfake(t)
	client := c.open(t, c.config())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if client.speaksPlaintext(ctx, c.addrs[0]) || client.speaksTLS(ctx, c.addrs[0]) {
		t.Error("it went on")
	}
}
