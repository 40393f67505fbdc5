package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/metadata"

	"github.com/oriel-stream/oriel/window"
)

const (
	// openTimeout bounds Open: a person waits for it. So long before its end
	// it stops waiting for an answer and looks for the reason, and when nothing
	// has been heard for a while it looks whether the port is another one.
	openTimeout     = 4500 * time.Millisecond
	diagnoseTimeout = 500 * time.Millisecond
	probeAfter      = 500 * time.Millisecond
	// requestTimeout bounds every request but Fetch.
	requestTimeout = 10 * time.Second
	// metadataTTL bounds the age of the list of brokers. The transport draws
	// the next refresh from [0, metadataTTL), so it is half as old on average.
	metadataTTL = 2 * time.Second
)

// Client is a connection to a cluster. It is safe for concurrent use.
type Client struct {
	cfg       Config
	addr      net.Addr
	dials     *dialer
	inflation *inflation
	// transport carries everything but metadata requests. It knows the brokers
	// and no topics: requests name their broker themselves.
	transport *kafkago.Transport
}

// Open connects to a cluster. Its error is a *ConnectError, within five
// seconds.
func Open(ctx context.Context, cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
	c := &Client{cfg: cfg, addr: kafkago.TCP(cfg.Brokers...), dials: newDialer(&cfg), inflation: newInflation(cfg.MaxPartitionFetchBytes)}
	// An empty list asks for no topic; nil would ask for all, every second.
	c.transport = c.newTransport([]string{})
	within, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	err := c.reach(within)
	if err != nil {
		c.diagnose(within, err)
	}
	// A broker that was quick enough may have answered in spite of it.
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// reach waits for a first answer, as long as there may be one.
func (c *Client) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, openTimeout-diagnoseTimeout)
	defer cancel()
	ctx, stop := context.WithCancelCause(ctx)
	var probing sync.WaitGroup
	probing.Go(func() {
		if err := c.probe(ctx); err != nil {
			stop(err)
		}
	})
	_, err := c.layout(ctx, []string{})
	stop(nil)
	probing.Wait()
	if wrong, ok := errors.AsType[*ConnectError](context.Cause(ctx)); ok && err != nil {
		return wrong
	}
	return err
}

// Close closes every connection. Sources of this client must have returned.
func (c *Client) Close() {
	c.transport.CloseIdleConnections()
	c.dials.close()
}

func (c *Client) newTransport(topics []string) *kafkago.Transport {
	t := &kafkago.Transport{
		Dial:           c.dials.dial,
		DialTimeout:    openTimeout,
		MetadataTTL:    metadataTTL,
		MetadataTopics: topics,
		ClientID:       c.cfg.ClientID,
	}
	if c.cfg.SASL != nil {
		t.SASL = watchedLogin{c.cfg.SASL, c.dials}
	}
	return t
}

// partitionLeader is who serves a partition.
type partitionLeader struct {
	broker int32 // -1 while there is none
	// epoch counts the leaders of the partition; 0 also where it is unknown.
	epoch int32
}

// layout is a cluster as its metadata describes it.
type layout struct {
	brokers map[int32]string // host:port
	topics  []Topic
	leaders map[window.PartitionID]partitionLeader
	// errs has the topics about which the cluster says nothing but an error.
	errs map[string]error
}

// layout asks for fresh metadata of topics; nil asks for all of them. The
// transport answers metadata requests from a cache that cannot be told to
// refresh, but the first answer of a new transport is fresh.
func (c *Client) layout(ctx context.Context, topics []string) (*layout, error) {
	t := c.newTransport(topics)
	t.MetadataTTL = requestTimeout // also its timeout
	defer t.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	res, err := t.RoundTrip(ctx, c.addr, &metadata.Request{TopicNames: topics})
	if err != nil {
		return nil, c.connectError(err)
	}
	return newLayout(res.(*metadata.Response)), nil
}

func newLayout(res *metadata.Response) *layout {
	l := &layout{
		brokers: map[int32]string{},
		leaders: map[window.PartitionID]partitionLeader{},
		errs:    map[string]error{},
	}
	for _, b := range res.Brokers {
		l.brokers[b.NodeID] = net.JoinHostPort(b.Host, strconv.Itoa(int(b.Port)))
	}
	for _, t := range res.Topics {
		if t.ErrorCode != 0 {
			l.errs[t.Name] = kafkago.Error(t.ErrorCode)
			continue
		}
		l.topics = append(l.topics, Topic{Name: t.Name, Internal: t.IsInternal, Partitions: len(t.Partitions)})
		for _, p := range t.Partitions {
			leader := partitionLeader{broker: p.LeaderID, epoch: max(0, p.LeaderEpoch)}
			if _, ok := l.brokers[leader.broker]; !ok {
				leader.broker = -1
			}
			l.leaders[window.PartitionID{Topic: t.Name, Partition: p.PartitionIndex}] = leader
		}
	}
	return l
}

// topicError is nil if the topic exists and may be read.
func (c *Client) topicError(l *layout, topic string) error {
	err := l.errs[topic]
	if err != nil && isAny(err, accessErrors) {
		return c.accessError(topic, err)
	}
	if err != nil {
		return fmt.Errorf("topic %s: %w", topic, err)
	}
	return nil
}
