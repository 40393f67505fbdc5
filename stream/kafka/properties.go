package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
)

// settings collects properties until they can be put together: TLS and SASL
// depend on several keys, in any order.
type settings struct {
	Config
	readFile func(path string) ([]byte, error)

	protocol               string // lower case
	ca, cert, key          []byte // PEM
	noHostCheck, noVerify  bool
	mechanism              string // upper case
	username, password     string
	hasUsername, hasSecret bool
}

// A property is one setting in all its spellings.
type property struct {
	names []string
	set   func(s *settings, value string) error
}

// properties are the keys that are understood: the Java spelling first, then
// librdkafka's.
var properties = []property{
	{[]string{"bootstrap.servers", "metadata.broker.list"}, setBrokers},
	{[]string{"client.id"}, func(s *settings, v string) error { s.ClientID = v; return nil }},
	{[]string{"isolation.level"}, choice(map[string]Isolation{
		"read_committed": ReadCommitted, "read_uncommitted": ReadUncommitted,
	}, func(s *settings) *Isolation { return &s.Isolation })},

	{[]string{"fetch.min.bytes"}, positive(math.MaxInt32, func(s *settings) *int { return &s.FetchMinBytes })},
	{[]string{"fetch.max.bytes"}, positive(math.MaxInt32, func(s *settings) *int { return &s.FetchMaxBytes })},
	{
		[]string{"max.partition.fetch.bytes", "fetch.message.max.bytes"},
		positive(1<<30, func(s *settings) *int { return &s.MaxPartitionFetchBytes }),
	},
	{
		[]string{"fetch.max.wait.ms", "fetch.wait.max.ms"},
		millis(5*time.Minute, func(s *settings) *time.Duration { return &s.FetchMaxWait }),
	},
	{[]string{"metadata.max.age.ms"}, millis(24*time.Hour, func(s *settings) *time.Duration { return &s.MetadataMaxAge })},

	{[]string{"security.protocol"}, choice(map[string]string{
		"plaintext": "plaintext", "ssl": "ssl", "sasl_plaintext": "sasl_plaintext", "sasl_ssl": "sasl_ssl",
	}, func(s *settings) *string { return &s.protocol })},
	{[]string{"ssl.truststore.location", "ssl.ca.location"}, file(func(s *settings) *[]byte { return &s.ca })},
	{[]string{"ssl.truststore.certificates", "ssl.ca.pem"}, text(func(s *settings) *[]byte { return &s.ca })},
	{[]string{"ssl.truststore.type", "ssl.keystore.type"}, setStoreType},
	{[]string{"ssl.keystore.location"}, setKeystore},
	{[]string{"ssl.certificate.location"}, file(func(s *settings) *[]byte { return &s.cert })},
	{[]string{"ssl.keystore.certificate.chain", "ssl.certificate.pem"}, text(func(s *settings) *[]byte { return &s.cert })},
	{[]string{"ssl.key.location"}, file(func(s *settings) *[]byte { return &s.key })},
	{[]string{"ssl.keystore.key", "ssl.key.pem"}, text(func(s *settings) *[]byte { return &s.key })},
	{[]string{"ssl.endpoint.identification.algorithm"}, choice(map[string]bool{
		"https": false, "none": true, "": true,
	}, func(s *settings) *bool { return &s.noHostCheck })},
	{[]string{"enable.ssl.certificate.verification"}, choice(map[string]bool{
		"true": false, "false": true,
	}, func(s *settings) *bool { return &s.noVerify })},

	{[]string{"sasl.mechanism", "sasl.mechanisms"}, choice(map[string]string{
		"plain": "PLAIN", "scram-sha-256": "SCRAM-SHA-256", "scram-sha-512": "SCRAM-SHA-512",
	}, func(s *settings) *string { return &s.mechanism })},
	{[]string{"sasl.username"}, func(s *settings, v string) error { s.username, s.hasUsername = v, true; return nil }},
	// Those of a schema registry are read by others.
	{[]string{
		"schema.registry.url", "basic.auth.credentials.source", "basic.auth.user.info", "schema.registry.basic.auth.user.info",
		"bearer.auth.token", "schema.registry.bearer.auth.token", "schema.registry.ssl.ca.location",
	}, func(*settings, string) error { return nil }},
	{[]string{"sasl.password"}, func(s *settings, v string) error { s.password, s.hasSecret = v, true; return nil }},
}

// secrets are the keys whose values must not be repeated in a message.
var secrets = []string{"password", "key", "pem"}

// applyAll applies key=value pairs in order and returns a warning for each key
// that is not known.
func (s *settings) applyAll(props []string) ([]string, error) {
	var warnings []string
	for _, kv := range props {
		key, value, ok := strings.Cut(kv, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !ok || key == "" {
			return nil, fmt.Errorf("-X %s: want key=value", kv)
		}
		p := findProperty(key)
		if p == nil {
			warnings = append(warnings, fmt.Sprintf("-X %s: unknown property, ignored", key))
			continue
		}
		if err := p.set(s, value); err != nil {
			return nil, fmt.Errorf("-X %s: %w", shown(key, value), err)
		}
	}
	return warnings, nil
}

func findProperty(key string) *property {
	for i := range properties {
		if slices.Contains(properties[i].names, key) {
			return &properties[i]
		}
	}
	return nil
}

// shown is a property as a message may repeat it.
func shown(key, value string) string {
	last := key[strings.LastIndexByte(key, '.')+1:]
	if slices.Contains(secrets, last) {
		return key
	}
	return key + "=" + value
}

func setBrokers(s *settings, v string) (err error) {
	s.Brokers, err = parseBrokers(v)
	return err
}

// millis reads a time of 1 ms to high.
func millis(high time.Duration, field func(*settings) *time.Duration) func(*settings, string) error {
	return func(s *settings, v string) error {
		var ms int
		if err := positive(int(high.Milliseconds()), func(*settings) *int { return &ms })(s, v); err != nil {
			return err
		}
		*field(s) = time.Duration(ms) * time.Millisecond
		return nil
	}
}

// setStoreType accepts the one kind of store that can be read.
func setStoreType(_ *settings, v string) error {
	if !strings.EqualFold(v, "PEM") {
		return fmt.Errorf("only PEM stores can be read; convert %s with keytool and openssl", v)
	}
	return nil
}

// setKeystore reads a PEM keystore, which holds the key and its certificates.
func setKeystore(s *settings, path string) error {
	if err := file(func(s *settings) *[]byte { return &s.cert })(s, path); err != nil {
		return err
	}
	s.key = s.cert
	return nil
}

// positive reads a whole number from 1 to high.
func positive(high int, field func(*settings) *int) func(*settings, string) error {
	return func(s *settings, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > high {
			return fmt.Errorf("want a whole number from 1 to %d", high)
		}
		*field(s) = n
		return nil
	}
}

// choice reads one of a few words, in upper or lower case.
func choice[T any](words map[string]T, field func(*settings) *T) func(*settings, string) error {
	return func(s *settings, v string) error {
		t, ok := words[strings.ToLower(v)]
		if !ok {
			return fmt.Errorf("want one of %s", listWords(words))
		}
		*field(s) = t
		return nil
	}
}

// text takes PEM as the value itself. Property files write its line ends as \n.
func text(field func(*settings) *[]byte) func(*settings, string) error {
	return func(s *settings, v string) error {
		*field(s) = []byte(strings.ReplaceAll(v, `\n`, "\n"))
		return nil
	}
}

// file takes the value as the path of a PEM file.
func file(field func(*settings) *[]byte) func(*settings, string) error {
	return func(s *settings, path string) error {
		b, err := s.readFile(path)
		if err != nil {
			return err
		}
		*field(s) = b
		return nil
	}
}

// config puts the settings together.
func (s *settings) config() (Config, error) {
	cfg := s.Config
	if strings.HasSuffix(s.protocol, "ssl") {
		t, err := s.tls()
		if err != nil {
			return Config{}, err
		}
		cfg.TLS = t
	} else if s.ca != nil || s.cert != nil {
		return Config{}, fmt.Errorf("certificates are given, but security.protocol is %q: want ssl or sasl_ssl", s.protocol)
	}
	if err := s.sasl(&cfg); err != nil {
		return Config{}, err
	}
	return cfg, nil
}

func (s *settings) tls() (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.ca != nil {
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(s.ca) {
			return nil, errors.New("-X ssl.ca.location: no PEM certificate in it; convert a JKS or PKCS#12 store with keytool and openssl")
		}
	}
	if s.cert != nil || s.key != nil {
		pair, err := tls.X509KeyPair(s.cert, s.key)
		if err != nil {
			return nil, fmt.Errorf("-X ssl.certificate.location, ssl.key.location: want a PEM certificate and its unencrypted PEM key: %w", err)
		}
		t.Certificates = []tls.Certificate{pair}
	}
	switch {
	case s.noVerify:
		t.InsecureSkipVerify = true
	case s.noHostCheck:
		verifyChainOnly(t)
	}
	return t, nil
}

// verifyChainOnly makes t accept any host name, as an empty
// ssl.endpoint.identification.algorithm does, but no unknown issuer.
func verifyChainOnly(t *tls.Config) {
	t.InsecureSkipVerify = true // crypto/tls cannot skip the name alone
	roots := t.RootCAs
	t.VerifyConnection = func(cs tls.ConnectionState) error {
		intermediates := x509.NewCertPool()
		for _, c := range cs.PeerCertificates[1:] {
			intermediates.AddCert(c)
		}
		_, err := cs.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: intermediates})
		return err
	}
}

// sasl sets cfg.SASL where the protocol says so. librdkafka users name a
// mechanism beside a protocol without SASL and wonder: that is an error here.
func (s *settings) sasl(cfg *Config) error {
	if !strings.HasPrefix(s.protocol, "sasl") {
		if s.mechanism != "" || s.hasUsername || s.hasSecret {
			return fmt.Errorf("SASL credentials are given, but security.protocol is %q: want sasl_plaintext or sasl_ssl", s.protocol)
		}
		return nil
	}
	if !s.hasUsername || !s.hasSecret {
		return fmt.Errorf("-X security.protocol=%s: want sasl.username and sasl.password too", s.protocol)
	}
	var err error
	switch s.mechanism {
	case "PLAIN":
		cfg.SASL = plain.Mechanism{Username: s.username, Password: s.password}
	case "SCRAM-SHA-256":
		cfg.SASL, err = scram.Mechanism(scram.SHA256, s.username, s.password)
	case "SCRAM-SHA-512":
		cfg.SASL, err = scram.Mechanism(scram.SHA512, s.username, s.password)
	default:
		return fmt.Errorf("-X security.protocol=%s: want sasl.mechanism too: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512", s.protocol)
	}
	if err != nil {
		return fmt.Errorf("-X sasl.username, sasl.password: %w", err)
	}
	return nil
}

// listWords lists the keys of words for a message, in order.
func listWords[T any](words map[string]T) string {
	keys := slices.Sorted(maps.Keys(words))
	if len(keys) > 0 && keys[0] == "" {
		keys[0] = "(empty)"
	}
	return strings.Join(keys, ", ")
}
