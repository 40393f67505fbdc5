package demo

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

const (
	// logBytes is what the live topic keeps, all partitions together: eleven
	// minutes at the default rate.
	logBytes = 20_000_000
	// segmentBytes is small for two reasons. The broker frees whole segments
	// only, and it grows a segment in memory by doubling it: a segment that is
	// full after one of Load's batches has no room to spare.
	segmentBytes = 512 << 10
	// retentionInterval is how often old records are removed. The broker would
	// do it once an hour.
	retentionInterval = time.Second
)

// Broker is a single Kafka broker inside the process, listening on the
// loopback interface only, with one topic. Its log lies in memory.
type Broker struct {
	cfg     Config
	cluster *kfake.Cluster
	addr    string
	cancel  context.CancelFunc
	closed  chan struct{}
}

// Start starts a broker with an empty topic. It serves until Close, or until
// ctx is done. The error of a port that is taken names the port and its flag.
func Start(ctx context.Context, cfg Config) (*Broker, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cluster, err := kfake.NewCluster(
		kfake.NumBrokers(1),
		kfake.Ports(cfg.Port),
		kfake.ClusterID("oriel-demo"),
		kfake.SeedTopics(int32(cfg.Partitions), cfg.Topic),
		kfake.BrokerConfigs(logConfig(cfg)),
	)
	if err != nil {
		return nil, fmt.Errorf("port %d: %w: change --port (0 takes any free port)", cfg.Port, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	b := &Broker{
		cfg:     cfg,
		cluster: cluster,
		addr:    cluster.ListenAddrs()[0],
		cancel:  cancel,
		closed:  make(chan struct{}),
	}
	go b.serve(ctx)
	return b, nil
}

// logConfig returns the broker settings that bound the log. Age alone never
// removes a record: the times in a loaded topic are not today's.
func logConfig(cfg Config) map[string]string {
	retention := int64(-1)
	if cfg.Records == 0 {
		retention = max(logBytes/int64(cfg.Partitions), segmentBytes)
	}
	return map[string]string{
		"log.segment.bytes":   strconv.Itoa(segmentBytes),
		"log.retention.bytes": strconv.FormatInt(retention, 10),
		"log.retention.ms":    "-1",
	}
}

// serve removes old records until ctx is done, and closes the cluster. One
// goroutine does both because ApplyRetention would wait for ever on a closed
// cluster.
func (b *Broker) serve(ctx context.Context) {
	defer close(b.closed)
	defer b.cluster.Close()
	ticker := time.NewTicker(retentionInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			b.cluster.ApplyRetention()
		}
	}
}

// Addr returns the host and port to connect to.
func (b *Broker) Addr() string { return b.addr }

// Close stops the broker and waits until it is closed. It may be called more
// than once.
func (b *Broker) Close() {
	b.cancel()
	<-b.closed
}
