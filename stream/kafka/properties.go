package kafka

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/segmentio/kafka-go/compress"
)

// settings collects properties until they can be put together: TLS and SASL
// depend on several keys, in any order.
type settings struct {
	Config
	tlsSettings
	loginSettings
	readFile func(path string) ([]byte, error)
	protocol string // lower case
	// given are the properties that were understood, by canonical key.
	given map[string]Property
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
	{[]string{"delivery.timeout.ms", "message.timeout.ms"}, setDeliveryTimeout},
	{[]string{"compression.type", "compression.codec"}, choice(map[string]compress.Compression{
		"none": 0, "gzip": compress.Gzip, "snappy": compress.Snappy, "lz4": compress.Lz4, "zstd": compress.Zstd,
	}, func(s *settings) *compress.Compression { return &s.Compression })},

	{[]string{"group.instance.id"}, word(func(s *settings) *string { return &s.GroupInstanceID })},
	{[]string{"session.timeout.ms"}, millis(24*time.Hour, func(s *settings) *time.Duration { return &s.SessionTimeout })},
	{[]string{"heartbeat.interval.ms"}, millis(24*time.Hour, func(s *settings) *time.Duration { return &s.HeartbeatInterval })},
	{[]string{"max.poll.interval.ms"}, millis(24*time.Hour, func(s *settings) *time.Duration { return &s.RebalanceTimeout })},
	{[]string{"auto.commit.interval.ms"}, millis(24*time.Hour, func(s *settings) *time.Duration { return &s.AutoCommitInterval })},
	{[]string{"enable.auto.commit"}, setAutoCommit},
	{[]string{"partition.assignment.strategy"}, setStrategy},

	{[]string{"security.protocol"}, choice(map[string]string{
		"plaintext": "plaintext", "ssl": "ssl", "sasl_plaintext": "sasl_plaintext", "sasl_ssl": "sasl_ssl",
	}, func(s *settings) *string { return &s.protocol })},
	{[]string{"ssl.truststore.location", "ssl.ca.location"}, setTruststore},
	{[]string{"ssl.truststore.certificates", "ssl.ca.pem"}, text(func(s *settings) *[]byte { return &s.trusted })},
	{[]string{"ssl.truststore.password"}, word(func(s *settings) *string { return &s.trustPassword })},
	{[]string{"ssl.truststore.type"}, checkStoreType},
	{[]string{"ssl.keystore.type"}, checkStoreType},
	{[]string{"ssl.keystore.location"}, setKeystore},
	{[]string{"ssl.keystore.password"}, word(func(s *settings) *string { return &s.keystorePassword })},
	{[]string{"ssl.certificate.location"}, pair(file(func(s *settings) *[]byte { return &s.cert }))},
	{[]string{"ssl.keystore.certificate.chain", "ssl.certificate.pem"}, pair(text(func(s *settings) *[]byte { return &s.cert }))},
	{[]string{"ssl.key.location"}, pair(file(func(s *settings) *[]byte { return &s.key }))},
	{[]string{"ssl.keystore.key", "ssl.key.pem"}, pair(text(func(s *settings) *[]byte { return &s.key }))},
	{[]string{"ssl.key.password"}, word(func(s *settings) *string { return &s.keyPassword })},
	{[]string{"ssl.endpoint.identification.algorithm"}, choice(map[string]bool{
		"https": false, "none": true, "": true,
	}, func(s *settings) *bool { return &s.noHostCheck })},
	{[]string{"enable.ssl.certificate.verification"}, choice(map[string]bool{
		"true": false, "false": true,
	}, func(s *settings) *bool { return &s.noVerify })},

	{[]string{"sasl.mechanism", "sasl.mechanisms"}, setMechanism},
	{[]string{"sasl.jaas.config"}, setJAAS},
	{[]string{"sasl.username"}, func(s *settings, v string) error { s.username, s.hasUsername = v, true; return nil }},
	// Those of a schema registry are read by others.
	{[]string{"schema.registry.url"}, ignored},
	{[]string{"basic.auth.credentials.source"}, ignored},
	{[]string{"basic.auth.user.info", "schema.registry.basic.auth.user.info"}, ignored},
	{[]string{"bearer.auth.token", "schema.registry.bearer.auth.token"}, ignored},
	{[]string{"schema.registry.ssl.ca.location"}, ignored},
	{[]string{"sasl.password"}, func(s *settings, v string) error { s.password, s.hasSecret = v, true; return nil }},

	{[]string{"sasl.oauthbearer.method"}, choice(map[string]bool{"default": false, "oidc": true}, func(*settings) *bool { return new(bool) })},
	{[]string{"sasl.oauthbearer.token.endpoint.url"}, word(func(s *settings) *string { return &s.oauth.endpoint })},
	{
		[]string{"sasl.oauthbearer.client.credentials.client.id", "sasl.oauthbearer.client.id"},
		word(func(s *settings) *string { return &s.oauth.id }),
	},
	{
		[]string{"sasl.oauthbearer.client.credentials.client.secret", "sasl.oauthbearer.client.secret"},
		word(func(s *settings) *string { return &s.oauth.secret }),
	},
	{[]string{"sasl.oauthbearer.scope"}, word(func(s *settings) *string { return &s.oauth.scope })},
	{[]string{"sasl.oauthbearer.extensions"}, setExtensions},
	{[]string{"sasl.oauthbearer.token"}, word(func(s *settings) *string { return &s.oauth.token })},
	{[]string{"sasl.oauthbearer.config"}, setUnsecured},
	{[]string{"enable.sasl.oauthbearer.unsecure.jwt"}, choice(map[string]bool{"true": true, "false": false}, func(*settings) *bool { return new(bool) })},
	{[]string{"sasl.oauthbearer.header.urlencode"}, choice(map[string]bool{"true": true, "false": false}, func(s *settings) *bool { return &s.oauth.encoded })},
	{[]string{"https.ca.location"}, file(func(s *settings) *[]byte { return &s.oauth.ca })},
}

// applyAll applies the properties that count, in order, and returns a warning
// for each key that is not known.
func (s *settings) applyAll(props []Property) ([]string, error) {
	var warnings []string
	s.given = map[string]Property{}
	for _, given := range Effective(props) {
		p := findProperty(given.Key)
		if p == nil {
			if w := given.warning(); w != "" {
				warnings = append(warnings, w)
			}
			continue
		}
		s.given[p.names[0]] = given
		if err := p.set(s, given.Value); err != nil {
			return nil, given.failed(err)
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

// setDeliveryTimeout reads a time in ms of which librdkafka says that 0 is no
// bound: here that is the longest there is, 24 days.
func setDeliveryTimeout(s *settings, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > math.MaxInt32 {
		return fmt.Errorf("want a whole number from 0 to %d", math.MaxInt32)
	}
	s.DeliveryTimeout = time.Duration(cmp.Or(n, math.MaxInt32)) * time.Millisecond
	return nil
}

// setAutoCommit reads whether a client commits by itself, as oriel does in a
// group, whatever is said here.
func setAutoCommit(s *settings, v string) error {
	var commits bool
	err := choice(map[string]bool{"true": true, "false": false}, func(*settings) *bool { return &commits })(s, v)
	if err == nil && !commits {
		s.NotForGroups = append(s.NotForGroups, "enable.auto.commit=false is ignored: with --group oriel commits what it has written")
	}
	return err
}

// setStrategy reads how the members of a group divide partitions. Those of
// oriel's groups have one way of their own.
func setStrategy(s *settings, v string) error {
	s.NotForGroups = append(s.NotForGroups, "partition.assignment.strategy="+v+" is ignored: oriel shares a group with no other program, and divides its partitions in its own way")
	return nil
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

// checkStoreType refuses the kinds of stores that cannot be read. Which of the
// others one is shows in the file.
func checkStoreType(_ *settings, v string) error {
	if !slices.Contains([]string{"PEM", "JKS", "PKCS12"}, strings.ToUpper(v)) {
		return errors.New("want PEM, PKCS12 or JKS: convert it with keytool -importkeystore -deststoretype PKCS12")
	}
	return nil
}

// setTruststore reads a truststore. librdkafka's probe stands for the
// certificates of the system, which are the default.
func setTruststore(s *settings, path string) error {
	if path == "probe" {
		s.trusted = nil
		return nil
	}
	return file(func(s *settings) *[]byte { return &s.trusted })(s, path)
}

// setKeystore reads a keystore, which holds the key and its certificates.
func setKeystore(s *settings, path string) error {
	s.cert, s.key = nil, nil
	return file(func(s *settings) *[]byte { return &s.keystore })(s, path)
}

// pair makes the certificate or the key, given alone, take the place of a
// keystore.
func pair(set func(*settings, string) error) func(*settings, string) error {
	return func(s *settings, v string) error {
		s.keystore = nil
		return set(s, v)
	}
}

// word takes the value as it is.
func word(field func(*settings) *string) func(*settings, string) error {
	return func(s *settings, v string) error {
		*field(s) = v
		return nil
	}
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

// file takes the value as the path of a file.
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
	} else if s.tlsSettings.isGiven() {
		return Config{}, fmt.Errorf("certificates are given, but security.protocol is %q: want ssl or sasl_ssl", s.protocol)
	}
	if err := s.login(&cfg); err != nil {
		return Config{}, err
	}
	return cfg, nil
}

// listWords lists the keys of words for a message, in order.
func listWords[T any](words map[string]T) string {
	keys := slices.Sorted(maps.Keys(words))
	if len(keys) > 0 && keys[0] == "" {
		keys[0] = "(empty)"
	}
	return strings.Join(keys, ", ")
}

// ignored is a property that others read.
func ignored(*settings, string) error { return nil }
