package kafka

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/segmentio/kafka-go/compress"
	"github.com/segmentio/kafka-go/sasl"
)

// Isolation says which records of transactions are read.
type Isolation int8

// The isolation levels.
const (
	// ReadCommitted leaves out the records of aborted transactions and waits
	// for the end of open ones. It is the default.
	ReadCommitted Isolation = iota
	// ReadUncommitted reads every record as soon as it is replicated.
	ReadUncommitted
)

// wire is the level as the protocol counts it.
func (i Isolation) wire() int8 {
	if i == ReadUncommitted {
		return 0
	}
	return 1
}

func (i Isolation) String() string {
	if i == ReadUncommitted {
		return "read_uncommitted"
	}
	return "read_committed"
}

// The defaults of Config, which are those of the Java client but for three: a new
// partition should not go unseen for five minutes, a run should not hang for two
// because its lines cannot be written, and one that is killed should not repeat
// the lines of five seconds.
const (
	DefaultClientID               = "oriel"
	DefaultFetchMinBytes          = 1
	DefaultFetchMaxBytes          = 50 << 20
	DefaultMaxPartitionFetchBytes = 1 << 20
	DefaultFetchMaxWait           = 500 * time.Millisecond
	DefaultMetadataMaxAge         = 10 * time.Second
	DefaultDeliveryTimeout        = 30 * time.Second
	DefaultSessionTimeout         = 45 * time.Second
	DefaultHeartbeatInterval      = 3 * time.Second
	DefaultRebalanceTimeout       = 5 * time.Minute
	DefaultAutoCommitInterval     = time.Second
)

// defaultPort is assumed where a broker is named without one.
const defaultPort = 9092

// Config says how to reach a cluster and how to fetch from it. Zero fields
// stand for their defaults.
type Config struct {
	// Brokers are bootstrap addresses, host:port.
	Brokers   []string
	ClientID  string
	Isolation Isolation
	// TLS is nil for plaintext. An empty ServerName is filled in per broker.
	TLS *tls.Config
	// SASL is nil where nobody logs in.
	SASL sasl.Mechanism
	// User is who logs in, for messages; empty where only the token or the
	// certificate says it.
	User string

	// Dial opens connections; nil is TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// FetchMinBytes is what a broker waits for, at most FetchMaxWait long,
	// before it answers. FetchMaxBytes bounds one response,
	// MaxPartitionFetchBytes what it holds of one partition; a broker exceeds
	// both rather than not send a batch that is larger.
	FetchMinBytes, FetchMaxBytes, MaxPartitionFetchBytes int
	FetchMaxWait                                         time.Duration

	// MetadataMaxAge is how often a source that follows its topics looks for new
	// partitions.
	MetadataMaxAge time.Duration

	// DeliveryTimeout is how long a Producer tries to write records, Compression
	// how it compresses its batches; 0 is not at all.
	DeliveryTimeout time.Duration
	Compression     compress.Compression

	// What follows is for a Membership. GroupInstanceID makes it a static one,
	// which is expected back when it goes; empty for none.
	GroupInstanceID string
	// SessionTimeout is how long a group waits for a member that is not heard,
	// and HeartbeatInterval how often it is; at most a third of the former.
	SessionTimeout, HeartbeatInterval time.Duration
	// RebalanceTimeout is how long a partition that goes to another member waits
	// for what was read of it to be flushed, and how long a group waits for
	// members to rejoin.
	RebalanceTimeout time.Duration
	// AutoCommitInterval is how often offsets are committed.
	AutoCommitInterval time.Duration
	// NotForGroups says of which properties a Membership takes no notice.
	NotForGroups []string
}

// ParseConfig puts properties in the Java or the librdkafka spelling together.
// Of those that mean the same the last one counts. Keys that no client knows
// become warnings; those of other clients (IsForeign) are passed over. Beside an
// error stand the warnings of keys that are misspelt, for one of them may be what
// is missing. readFile reads the files that properties name.
func ParseConfig(props []Property, readFile func(path string) ([]byte, error)) (Config, []string, error) {
	s := settings{readFile: readFile, protocol: "plaintext"}
	warnings, err := s.applyAll(props)
	if err != nil {
		return Config{}, misspelt(props), err
	}
	cfg, err := s.config()
	if err != nil {
		return Config{}, misspelt(props), err
	}
	return cfg.withDefaults(), warnings, nil
}

// DefaultProperties are the values of properties that nobody has to give.
func DefaultProperties() []Property {
	c := Config{}.withDefaults()
	millis := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	return []Property{
		{Key: "auto.commit.interval.ms", Value: millis(c.AutoCommitInterval)},
		{Key: "bootstrap.servers", Value: strings.Join(c.Brokers, ",")},
		{Key: "client.id", Value: c.ClientID},
		{Key: "compression.type", Value: "none"},
		{Key: "delivery.timeout.ms", Value: millis(c.DeliveryTimeout)},
		{Key: "fetch.max.bytes", Value: strconv.Itoa(c.FetchMaxBytes)},
		{Key: "fetch.max.wait.ms", Value: millis(c.FetchMaxWait)},
		{Key: "fetch.min.bytes", Value: strconv.Itoa(c.FetchMinBytes)},
		{Key: "heartbeat.interval.ms", Value: millis(c.HeartbeatInterval)},
		{Key: "isolation.level", Value: c.Isolation.String()},
		{Key: "max.partition.fetch.bytes", Value: strconv.Itoa(c.MaxPartitionFetchBytes)},
		{Key: "max.poll.interval.ms", Value: millis(c.RebalanceTimeout)},
		{Key: "metadata.max.age.ms", Value: millis(c.MetadataMaxAge)},
		{Key: "security.protocol", Value: "plaintext"},
		{Key: "session.timeout.ms", Value: millis(c.SessionTimeout)},
		{Key: "ssl.endpoint.identification.algorithm", Value: "https"},
	}
}

// parseBrokers splits a bootstrap list. A listener name before the address
// (SSL://host:9093), which the Java client ignores, is dropped.
func parseBrokers(list string) ([]string, error) {
	var out []string
	for b := range strings.SplitSeq(list, ",") {
		b = strings.TrimSpace(b)
		if b == "" {
			continue
		}
		if _, rest, ok := strings.Cut(b, "://"); ok {
			b = rest
		}
		addr, err := withPort(b)
		if err != nil {
			return nil, err
		}
		out = append(out, addr)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%q names no broker; want host:port[,host:port]", list)
	}
	return out, nil
}

func withPort(b string) (string, error) {
	host, port, err := net.SplitHostPort(b)
	if err != nil {
		bare := strings.TrimSuffix(strings.TrimPrefix(b, "["), "]")
		if strings.Contains(bare, ":") && net.ParseIP(bare) == nil {
			return "", fmt.Errorf("broker %q is not host:port", b)
		}
		host, port = bare, strconv.Itoa(defaultPort)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "", fmt.Errorf("broker %q: port %q is not a number from 1 to 65535", b, port)
	}
	if host == "" {
		return "", fmt.Errorf("broker %q has no host", b)
	}
	return net.JoinHostPort(host, port), nil
}

func (c Config) withDefaults() Config {
	if len(c.Brokers) == 0 {
		c.Brokers = []string{net.JoinHostPort("localhost", strconv.Itoa(defaultPort))}
	}
	if c.ClientID == "" {
		c.ClientID = DefaultClientID
	}
	if c.FetchMinBytes == 0 {
		c.FetchMinBytes = DefaultFetchMinBytes
	}
	if c.FetchMaxBytes == 0 {
		c.FetchMaxBytes = DefaultFetchMaxBytes
	}
	if c.MaxPartitionFetchBytes == 0 {
		c.MaxPartitionFetchBytes = DefaultMaxPartitionFetchBytes
	}
	if c.FetchMaxWait == 0 {
		c.FetchMaxWait = DefaultFetchMaxWait
	}
	if c.MetadataMaxAge == 0 {
		c.MetadataMaxAge = DefaultMetadataMaxAge
	}
	if c.DeliveryTimeout == 0 {
		c.DeliveryTimeout = DefaultDeliveryTimeout
	}
	return c.withGroupDefaults()
}

func (c Config) withGroupDefaults() Config {
	c.SessionTimeout = cmp.Or(c.SessionTimeout, DefaultSessionTimeout)
	// Of three heartbeats two may be lost.
	c.HeartbeatInterval = min(cmp.Or(c.HeartbeatInterval, DefaultHeartbeatInterval), max(time.Millisecond, c.SessionTimeout/3))
	c.RebalanceTimeout = cmp.Or(c.RebalanceTimeout, DefaultRebalanceTimeout)
	c.AutoCommitInterval = cmp.Or(c.AutoCommitInterval, DefaultAutoCommitInterval)
	return c
}

// security names what connections speak, for messages.
func (c Config) security() string {
	s := "plaintext"
	if c.TLS != nil {
		s = "TLS"
	}
	if c.SASL != nil {
		s += " with SASL " + c.SASL.Name()
	}
	return s
}
