package kafka

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/segmentio/kafka-go/compress"
)

// certificate makes a certificate for hosts, signed by itself, and its key.
func certificate(t testing.TB, hosts ...string) (cert, key []byte) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
}

func serverTLS(t testing.TB, cert, key []byte) *tls.Config {
	t.Helper()
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}
}

// files is a file system of a few files.
type files map[string][]byte

func (f files) read(path string) ([]byte, error) {
	if b, ok := f[path]; ok {
		return b, nil
	}
	return nil, fmt.Errorf("open %s: no such file", path)
}

// parseFlags is ParseConfig of a -b, if it is not empty, and of some -X.
func parseFlags(brokers string, texts []string, readFile func(string) ([]byte, error)) (Config, []string, error) {
	var props []Property
	for _, text := range texts {
		p, err := ParseProperty(text, "-X")
		if err != nil {
			return Config{}, nil, err
		}
		props = append(props, p)
	}
	if brokers != "" {
		props = append(props, Property{Key: "bootstrap.servers", Value: brokers, From: BrokersFlag})
	}
	return ParseConfig(props, readFile)
}

func TestParseConfig(t *testing.T) {
	defaults := Config{
		Brokers: []string{"localhost:9092"}, ClientID: "oriel", FetchMinBytes: 1, FetchMaxBytes: 50 << 20,
		MaxPartitionFetchBytes: 1 << 20, FetchMaxWait: 500 * time.Millisecond, MetadataMaxAge: 10 * time.Second,
		DeliveryTimeout: 30 * time.Second, SessionTimeout: 45 * time.Second, HeartbeatInterval: 3 * time.Second,
		RebalanceTimeout: 5 * time.Minute, AutoCommitInterval: time.Second,
	}
	for _, test := range []struct {
		brokers string
		props   []string
		want    func(c *Config)
	}{
		{"", nil, func(*Config) {}},
		{"a, b:1,[::1]:2,SSL://c:3,::1", nil, func(c *Config) {
			c.Brokers = []string{"a:9092", "b:1", "[::1]:2", "c:3", "[::1]:9092"}
		}},
		{"", []string{"bootstrap.servers=a:1,b:2"}, func(c *Config) { c.Brokers = []string{"a:1", "b:2"} }},
		{"x", []string{"metadata.broker.list=a:1"}, func(c *Config) { c.Brokers = []string{"x:9092"} }},
		{"", []string{"client.id = me", "isolation.level=READ_UNCOMMITTED"}, func(c *Config) {
			c.ClientID, c.Isolation = "me", ReadUncommitted
		}},
		{"", []string{
			"fetch.min.bytes=2", "fetch.max.bytes=3", "fetch.max.wait.ms=4", "metadata.max.age.ms=7", "max.partition.fetch.bytes=5",
			"fetch.wait.max.ms=40", "fetch.message.max.bytes=50",
		}, func(c *Config) {
			c.FetchMinBytes, c.FetchMaxBytes, c.FetchMaxWait, c.MaxPartitionFetchBytes = 2, 3, 40*time.Millisecond, 50
			c.MetadataMaxAge = 7 * time.Millisecond
		}},
		{"", []string{"delivery.timeout.ms=8"}, func(c *Config) { c.DeliveryTimeout = 8 * time.Millisecond }},
		{"", []string{"message.timeout.ms=0"}, func(c *Config) { c.DeliveryTimeout = math.MaxInt32 * time.Millisecond }},
		{"", []string{"compression.type=LZ4"}, func(c *Config) { c.Compression = compress.Lz4 }},
		{"", []string{"compression.codec=none"}, func(*Config) {}},
		{"", []string{"security.protocol=PLAINTEXT"}, func(*Config) {}},
		{"", []string{
			"group.id=g", "group.instance.id=i", "session.timeout.ms=7000", "heartbeat.interval.ms=10", "max.poll.interval.ms=11", "auto.commit.interval.ms=12",
			"enable.auto.commit=true",
		}, func(c *Config) {
			c.GroupInstanceID, c.SessionTimeout, c.HeartbeatInterval = "i", 7*time.Second, 10*time.Millisecond
			c.RebalanceTimeout, c.AutoCommitInterval = 11*time.Millisecond, 12*time.Millisecond
		}},
		{"", []string{"session.timeout.ms=6000"}, func(c *Config) { c.SessionTimeout, c.HeartbeatInterval = 6*time.Second, 2*time.Second }},
		{"", []string{"enable.auto.commit=false", "partition.assignment.strategy=range"}, func(c *Config) {
			c.NotForGroups = []string{
				"enable.auto.commit=false is ignored: with --group oriel commits what it has written",
				"partition.assignment.strategy=range is ignored: oriel shares a group with no other program, and divides its partitions in its own way",
			}
		}},
	} {
		got, warnings, err := parseFlags(test.brokers, test.props, nil)
		want := defaults
		test.want(&want)
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(tls.Config{})); diff != "" || err != nil || len(warnings) > 0 {
			t.Errorf("-b %q -X %q: %v %v (-want +got)\n%s", test.brokers, test.props, err, warnings, diff)
		}
	}
	_, warnings, err := parseFlags("", []string{"linger.ms=5", "client.idd=x", "ssl.crl.location=y", "something.else=z"}, nil)
	want := []string{
		"-X client.idd: unknown property, ignored; did you mean client.id?",
		"-X ssl.crl.location: not supported, ignored",
		"-X something.else: unknown property, ignored",
	}
	if diff := cmp.Diff(want, warnings); diff != "" || err != nil {
		t.Errorf("unknown keys: %v (-want +got)\n%s", err, diff)
	}
}

func TestParseConfigSecurity(t *testing.T) {
	cert, key := certificate(t, "localhost")
	fs := files{"ca.pem": cert, "cert.pem": cert, "key.pem": key, "both.pem": append(append([]byte{}, cert...), key...)}
	parse := func(props ...string) Config {
		t.Helper()
		c, warnings, err := parseFlags("", props, fs.read)
		if err != nil || len(warnings) > 0 {
			t.Fatalf("-X %q: %v, %v", props, warnings, err)
		}
		return c
	}
	oneLine := strings.ReplaceAll(string(cert), "\n", `\n`)
	for _, ca := range []string{"ssl.ca.location=ca.pem", "ssl.truststore.location=ca.pem", "ssl.ca.pem=" + oneLine, "ssl.truststore.certificates=" + oneLine} {
		if c := parse("security.protocol=ssl", ca); c.TLS == nil || c.TLS.RootCAs == nil || c.TLS.InsecureSkipVerify || c.SASL != nil {
			t.Errorf("-X %s: %+v", ca, c.TLS)
		}
	}
	for _, pair := range [][]string{
		{"ssl.certificate.location=cert.pem", "ssl.key.location=key.pem"},
		{"ssl.keystore.location=both.pem", "ssl.keystore.type=PEM"},
		{"ssl.keystore.certificate.chain=" + oneLine, "ssl.key.pem=" + strings.ReplaceAll(string(key), "\n", `\n`)},
	} {
		if c := parse(append(pair, "security.protocol=SSL")...); len(c.TLS.Certificates) != 1 {
			t.Errorf("-X %q: no client certificate", pair)
		}
	}
	if c := parse("security.protocol=ssl", "ssl.endpoint.identification.algorithm="); c.TLS.VerifyConnection == nil {
		t.Error("no check of the chain alone")
	}
	if c := parse("security.protocol=ssl", "enable.ssl.certificate.verification=false"); !c.TLS.InsecureSkipVerify || c.TLS.VerifyConnection != nil {
		t.Error("verification is not off")
	}
	for _, m := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		c := parse("security.protocol=sasl_ssl", "sasl.mechanisms="+m, "sasl.username=u", "sasl.password=p")
		if c.SASL == nil || c.SASL.Name() != m || c.TLS == nil || c.security() != "TLS with SASL "+m {
			t.Errorf("%s: %v, %s", m, c.SASL, c.security())
		}
	}
}

func TestParseConfigErrors(t *testing.T) {
	cert, _ := certificate(t, "localhost")
	fs := files{"ca.pem": cert, "jks": []byte{0xfe, 0xed}}
	for _, test := range []struct {
		brokers string
		props   []string
		says    []string
	}{
		{"a:b", nil, []string{"-b", "a:b", "65535"}},
		{"a:0", nil, []string{"a:0", "65535"}},
		{":9092", nil, []string{"no host"}},
		{",", nil, []string{"host:port"}},
		{"", []string{"novalue"}, []string{"novalue", "key=value"}},
		{"", []string{"fetch.min.bytes=0"}, []string{"fetch.min.bytes=0", "from 1 to 2147483647"}},
		{"", []string{"delivery.timeout.ms=-1"}, []string{"delivery.timeout.ms=-1", "2147483647"}},
		{"", []string{"metadata.max.age.ms=0"}, []string{"metadata.max.age.ms=0", "86400000"}},
		{"", []string{"fetch.max.wait.ms=x"}, []string{"fetch.max.wait.ms=x", "300000"}},
		{"", []string{"isolation.level=x"}, []string{"isolation.level=x", "read_committed, read_uncommitted"}},
		{"", []string{"sasl.mechanism=GSSAPI"}, []string{"sasl.mechanism=GSSAPI", "Kerberos", "SCRAM-SHA-256"}},
		{"", []string{"sasl.mechanism=DIGEST-MD5"}, []string{"sasl.mechanism=DIGEST-MD5", "SCRAM-SHA-256", "AWS_MSK_IAM"}},
		{"", []string{"ssl.truststore.type=BCFKS"}, []string{"BCFKS", "PKCS12"}},
		{"", []string{"ssl.ca.location=gone"}, []string{"ssl.ca.location=gone", "no such file"}},
		{"", []string{"security.protocol=ssl", "ssl.ca.location=jks"}, []string{"-X ssl.ca.location=jks", "PEM, PKCS#12 or JKS"}},
		{"", []string{"security.protocol=ssl", "ssl.certificate.location=ca.pem"}, []string{"ssl.key.location"}},
		{"", []string{"ssl.ca.location=ca.pem"}, []string{"security.protocol", "sasl_ssl"}},
		{"", []string{"sasl.username=u"}, []string{"security.protocol", "sasl_plaintext"}},
		{"", []string{"security.protocol=sasl_ssl", "sasl.mechanism=PLAIN", "sasl.username=u"}, []string{"PLAIN", "sasl.password"}},
		{"", []string{"security.protocol=sasl_ssl", "sasl.username=u", "sasl.password=p"}, []string{"sasl.mechanism"}},
	} {
		_, _, err := parseFlags(test.brokers, test.props, fs.read)
		for _, want := range test.says {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("-b %q -X %q: %v, want it to say %q", test.brokers, test.props, err, want)
			}
		}
	}
}
