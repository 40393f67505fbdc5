package kafka

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// securityConformance are the tests of connecting that every make of broker
// must meet.
var securityConformance = []struct {
	name string
	run  func(t *testing.T, b brokerMake)
}{
	{"ways in", testWaysIn},
	{"refusals", testRefusals},
	{"access denied", testAccessDenied},
	{"write denied", testWriteDenied},
}

// The ways to trust a broker, to show a certificate and to log in.
var (
	trustPEM    = []string{"ssl.ca.location=good.pem"}
	trustPKCS12 = []string{"ssl.truststore.location=trust.p12", "ssl.truststore.password=" + storeSecret}
	trustJKS    = []string{"ssl.truststore.location=trust.jks", "ssl.truststore.password=" + storeSecret}
	ownPKCS12   = []string{"ssl.keystore.location=client.p12", "ssl.keystore.password=" + storeSecret}
	userToken   = []string{"sasl.mechanism=OAUTHBEARER", `sasl.jaas.config=o.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="user";`}
	otherToken  = []string{"sasl.mechanism=OAUTHBEARER", "sasl.oauthbearer.token=hunter2"}
)

func login(mechanism, user, password string) []string {
	return []string{"sasl.mechanism=" + mechanism, "sasl.username=" + user, "sasl.password=" + password}
}

// secured puts properties behind a security.protocol.
func secured(protocol string, more ...[]string) []string {
	return append([]string{"security.protocol=" + protocol}, slices.Concat(more...)...)
}

// testWaysIn reads through every listener, by all that opens it.
func testWaysIn(t *testing.T, b brokerMake) {
	for _, way := range []struct {
		listener string
		props    []string
	}{
		{listenTLS, secured("ssl", trustPEM)},
		{listenTLS, secured("ssl", trustPKCS12)},
		{listenTLS, secured("ssl", trustJKS)},
		{listenMutual, secured("ssl", trustPEM, ownPKCS12)},
		{listenElsewhere, secured("ssl", []string{"ssl.ca.location=elsewhere.pem", "ssl.endpoint.identification.algorithm="})},
		{listenLogin, secured("sasl_plaintext", login("PLAIN", "user", "hunter2"))},
		{listenLogin, secured("sasl_plaintext", login("SCRAM-SHA-256", "user", "hunter2"))},
		{listenLogin, secured("sasl_plaintext", login("SCRAM-SHA-512", "user", "hunter2"))},
		{listenLoginTLS, secured("sasl_ssl", trustPEM, login("PLAIN", "user", "hunter2"))},
		{listenLoginTLS, secured("sasl_ssl", trustPEM, login("SCRAM-SHA-256", "user", "hunter2"))},
		{listenLoginTLS, secured("sasl_ssl", trustPEM, login("SCRAM-SHA-512", "user", "hunter2"))},
		{listenToken, secured("sasl_plaintext", userToken)},
		{listenTokenTLS, secured("sasl_ssl", trustPEM, userToken)},
	} {
		t.Run(way.listener+" "+strings.Join(way.props[1:min(2, len(way.props))], ""), func(t *testing.T) {
			c := b.listener(t, way.listener)
			topic := c.topic(t, 2)
			for p := range int32(2) {
				c.produce(t, oddRecords(topic, p, 100), kgo.ProducerBatchCompression(kgo.ZstdCompression()))
			}
			if got := compareWithOracle(t, c, configured(t, b, c, way.props...), topic).total(); got != 200 {
				t.Errorf("%d records, want 200", got)
			}
		})
	}
}

// refusal is what keeps a client out, and what it is told: where, what was
// spoken there, why, and what to do next.
type refusal struct {
	listener string // the plaintext one if empty
	props    []string
	kind     ConnectKind
	says     []string
}

var refusals = []refusal{
	{listenTLS, secured("plaintext"), Unreachable, []string{"(plaintext)", "speaks TLS on this port", "security.protocol=ssl"}},
	{listenLoginTLS, secured("sasl_plaintext", login("PLAIN", "user", "hunter2")), Unreachable, []string{"SASL PLAIN", "speaks TLS on this port", "security.protocol=sasl_ssl"}},
	{"", secured("ssl", trustPEM), Unreachable, []string{"(TLS)", "speaks no TLS", "security.protocol=plaintext"}},
	{listenLogin, secured("sasl_ssl", trustPEM, login("PLAIN", "user", "hunter2")), Unreachable, []string{"TLS with SASL PLAIN", "speaks no TLS", "security.protocol=sasl_plaintext"}},

	{listenTLS, secured("ssl"), Unreachable, []string{"(TLS)", "unknown authority", "ssl.ca.location=FILE"}},
	{listenTLS, secured("ssl", []string{"ssl.endpoint.identification.algorithm=none"}), Unreachable, []string{"unknown authority", "ssl.ca.location=FILE"}},
	{listenExpired, secured("ssl", []string{"ssl.ca.location=expired.pem"}), Unreachable, []string{"(TLS)", "has expired", time.Now().UTC().Format("2006-"), "needs a new certificate", "clock"}},
	{listenExpired, secured("ssl", []string{"ssl.ca.location=expired.pem", "ssl.endpoint.identification.algorithm=none"}), Unreachable, []string{"has expired"}},
	{listenElsewhere, secured("ssl", []string{"ssl.ca.location=elsewhere.pem"}), Unreachable, []string{"(TLS)", "127.0.0.1", "ssl.endpoint.identification.algorithm=none"}},
	{listenMutual, secured("ssl", trustPEM), Unreachable, []string{"(TLS)", "may want to see a certificate", "ssl.keystore.location=FILE"}},
	{listenMutual, secured("ssl", trustPEM, []string{"ssl.keystore.location=stranger.pem"}), Unreachable, []string{"(TLS)", "may not accept this certificate", "ssl.certificate.location"}},

	{listenLogin, secured("plaintext"), Unreachable, []string{"(plaintext)", "without a login", "security.protocol=sasl_plaintext"}},
	{listenLoginTLS, secured("ssl", trustPEM), Unreachable, []string{"(TLS)", "without a login", "security.protocol=sasl_ssl"}},
	{listenLogin, secured("sasl_plaintext", login("PLAIN", "user", "hunter23")), LoginRefused, []string{"SASL PLAIN", "sasl.password", "it is user"}},
	{listenLogin, secured("sasl_plaintext", login("SCRAM-SHA-256", "user", "hunter23")), LoginRefused, []string{"SASL SCRAM-SHA-256", "sasl.password", "it is user"}},
	{listenLogin, secured("sasl_plaintext", login("SCRAM-SHA-512", "user", "hunter23")), LoginRefused, []string{"SASL SCRAM-SHA-512", "sasl.password", "it is user"}},
	{listenLoginTLS, secured("sasl_ssl", trustPEM, login("PLAIN", "nobody", "hunter2")), LoginRefused, []string{"TLS with SASL PLAIN", "sasl.password", "it is nobody"}},
	{listenLoginTLS, secured("sasl_ssl", trustPEM, login("SCRAM-SHA-512", "user", "hunter23")), LoginRefused, []string{"TLS with SASL SCRAM-SHA-512", "sasl.password"}},
	{listenLogin, secured("sasl_plaintext", []string{"sasl.mechanism=AWS_MSK_IAM"}), LoginRefused, []string{"SASL AWS_MSK_IAM", "does not offer", "sasl.mechanism"}},
	{listenToken, secured("sasl_plaintext", otherToken), LoginRefused, []string{"SASL OAUTHBEARER", "refused the token", "issuer"}},
	{listenTokenTLS, secured("sasl_ssl", trustPEM, otherToken), LoginRefused, []string{"TLS with SASL OAUTHBEARER", "refused the token", "issuer"}},
}

// testRefusals: each message says what to change, and no password.
func testRefusals(t *testing.T, b brokerMake) {
	stranger, strangerKey := certificate(t, "stranger")
	read := func(name string) ([]byte, error) {
		if name == "stranger.pem" {
			return slices.Concat(stranger, strangerKey), nil
		}
		return b.file(name)
	}
	for i, r := range refusals {
		t.Run(fmt.Sprintf("%d %s %s", i, r.listener, r.says[0]), func(t *testing.T) {
			t.Parallel()
			var c *testCluster
			if r.listener == "" {
				c = b.start(t)
			} else {
				c = b.listener(t, r.listener)
			}
			cfg, _, err := parseFlags(c.addrs[0], r.props, read)
			if err != nil {
				t.Fatal(err)
			}
			refused := openError(t, cfg)
			wantSays(t, refused, r.kind, append(r.says, c.addrs[0])...)
			if strings.Contains(refused.Error(), "hunter2") {
				t.Error(refused)
			}
		})
	}
}

// testAccessDenied: a user who may see a topic and not read it.
func testAccessDenied(t *testing.T, b brokerMake) {
	c := b.listener(t, listenLogin)
	secret, hidden := c.topic(t, 1), c.topic(t, 1)
	c.allow(t, "reader", secret, kmsg.ACLOperationDescribe)
	client := c.open(t, configured(t, b, c, secured("sasl_plaintext", login("PLAIN", "reader", "hunter2"))...))
	_, err := client.Resolve(t.Context(), []string{hidden})
	wantSays(t, err, AccessDenied, c.addrs[0], "SASL PLAIN", "topic "+hidden, "ACL", "--allow-principal User:reader --operation Read --topic "+hidden)
	r := newRecorder(t)
	err = r.run(t.Context(), client.Source(live(t, client, secret), Options{}))
	wantSays(t, err, AccessDenied, c.addrs[0], "SASL PLAIN", "topic "+secret, "--allow-principal User:reader --operation Read --topic "+secret)
	c.produce(t, numbered(secret, 0, 5))
	c.allow(t, "reader", secret, kmsg.ACLOperationRead)
	if got := replay(t, client, plan(t, client, secret, "", "").Assignments).total(); got != 5 {
		t.Errorf("%d records once it is allowed, want 5", got)
	}
}

// allow adds an ACL, as the user who may.
func (c *testCluster) allow(t *testing.T, user, topic string, operation kmsg.ACLOperation) {
	t.Helper()
	req := kmsg.NewPtrCreateACLsRequest()
	acl := kmsg.NewCreateACLsRequestCreation()
	acl.ResourceType, acl.ResourceName, acl.ResourcePatternType = kmsg.ACLResourceTypeTopic, topic, kmsg.ACLResourcePatternTypeLiteral
	acl.Principal, acl.Host, acl.Operation, acl.PermissionType = "User:"+user, "*", operation, kmsg.ACLPermissionTypeAllow
	req.Creations = append(req.Creations, acl)
	res, err := req.RequestWith(t.Context(), c.kgo(t))
	if err == nil {
		err = kerr.ErrorForCode(res.Results[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
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
