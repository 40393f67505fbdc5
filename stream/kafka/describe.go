package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/describeconfigs"

	"github.com/oriel-stream/oriel/window"
)

// TopicState is a topic as it was at one moment.
type TopicState struct {
	Topic
	// Logs are those of its partitions, in order.
	Logs []Log
	// Settings are nil where the cluster does not tell them; SettingsError
	// then says why.
	Settings      *TopicSettings
	SettingsError error
}

// Log is the log of one partition.
type Log struct {
	Partition int32
	// Leader is the id of the broker that serves it, -1 while there is none.
	Leader int32
	// Start is its first offset and End the one behind its last that a reader
	// of this client would see; both are -1 where no broker tells them.
	Start, End int64
}

// TopicSettings are those that say what the records of a topic are.
type TopicSettings struct {
	// TimestampType is message.timestamp.type: CreateTime or LogAppendTime.
	TimestampType string
	// CleanupPolicy is cleanup.policy: delete, compact, or both with a comma.
	CleanupPolicy string
	// Retention is retention.ms and RetentionBytes retention.bytes, for each
	// partition; both are negative for no bound.
	Retention      window.Duration
	RetentionBytes int64
}

// Describe looks up the states of topics, in order of their names. Topics that
// are gone are left out. Partitions and settings about which the cluster is
// silent do not fail it: the error is that of a cluster that cannot be used.
func (c *Client) Describe(ctx context.Context, topics []string) ([]TopicState, error) {
	states, l, err := c.describeLayout(ctx, topics)
	if err != nil || len(states) == 0 {
		return nil, err
	}
	ends, err := c.places(ctx, l, latestOffset, c.cfg.Isolation)
	if err != nil {
		return nil, err
	}
	starts, err := c.places(ctx, l, earliestOffset, c.cfg.Isolation)
	if err != nil {
		return nil, err
	}
	for _, s := range states {
		for i := range s.Logs {
			id := window.PartitionID{Topic: s.Name, Partition: s.Logs[i].Partition}
			start, started := starts[id]
			end, ended := ends[id]
			if started && ended {
				// Retention may have run between the two answers.
				s.Logs[i].Start, s.Logs[i].End = start.offset, max(start.offset, end.offset)
			}
		}
	}
	return states, c.describeSettings(ctx, states)
}

// describeLayout returns states that only know their partitions and leaders.
func (c *Client) describeLayout(ctx context.Context, topics []string) ([]TopicState, *layout, error) {
	if len(topics) == 0 {
		return nil, nil, nil
	}
	l, err := c.layoutNow(ctx, topics)
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(l.topics, func(a, b Topic) int { return strings.Compare(a.Name, b.Name) })
	states := make([]TopicState, len(l.topics))
	at := make(map[string]*TopicState, len(l.topics))
	for i, t := range l.topics {
		states[i].Topic, at[t.Name] = t, &states[i]
	}
	for id, leader := range l.leaders {
		s := at[id.Topic]
		s.Logs = append(s.Logs, Log{Partition: id.Partition, Leader: leader.broker, Start: -1, End: -1})
	}
	for _, s := range states {
		slices.SortFunc(s.Logs, func(a, b Log) int { return cmp.Compare(a.Partition, b.Partition) })
	}
	return states, l, nil
}

// Ends returns the offsets behind the last record that a reader of this client
// would see, of all partitions of topics that a broker answers for.
func (c *Client) Ends(ctx context.Context, topics []string) (map[window.PartitionID]int64, error) {
	l, err := c.layoutNow(ctx, topics)
	if err != nil {
		return nil, err
	}
	answers, err := c.places(ctx, l, latestOffset, c.cfg.Isolation)
	if err != nil {
		return nil, err
	}
	ends := make(map[window.PartitionID]int64, len(answers))
	for id, a := range answers {
		ends[id] = a.offset
	}
	return ends, nil
}

// layoutNow is layout, but for the error where ctx has ended: its cause.
func (c *Client) layoutNow(ctx context.Context, topics []string) (*layout, error) {
	l, err := c.layout(ctx, topics)
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return l, err
}

// placeAttempts is how often brokers are asked that do not answer at once, by
// when a leader that moves has usually moved.
const placeAttempts = 4

// places asks for one place in every partition of l. Unlike offsets it goes
// without partitions that no broker answers for, as long as there are others.
func (c *Client) places(ctx context.Context, l *layout, place int64, isolation Isolation) (map[window.PartitionID]offsetAnswer, error) {
	asking, cancel := context.WithTimeout(ctx, rangesTimeout)
	defer cancel()
	answers := make(map[window.PartitionID]offsetAnswer, len(l.leaders))
	topics := l.names()
	for attempt := 0; ; attempt++ {
		err := c.offsetsOnce(asking, l, placeQueries(l.led(), place), isolation, answers)
		switch {
		case err == nil:
			return answers, nil
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case attempt+1 == placeAttempts || asking.Err() != nil || !isTransient(err):
			if len(answers) > 0 {
				return answers, nil
			}
			return nil, c.offsetsError(ctx, err)
		}
		if err := sleep(asking, backoff(attempt)); err != nil {
			continue // the next attempt fails and ends this
		}
		if fresh, err := c.layout(asking, topics); err == nil {
			l = fresh
		}
	}
}

// names are the topics of a layout.
func (l *layout) names() []string {
	out := make([]string, len(l.topics))
	for i, t := range l.topics {
		out[i] = t.Name
	}
	return out
}

// led are the partitions that have a leader, in order.
func (l *layout) led() []window.PartitionID {
	var out []window.PartitionID
	for id, leader := range l.leaders {
		if leader.broker >= 0 {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, comparePartitions)
	return out
}

// The settings that are asked for.
const (
	timestampTypeKey  = "message.timestamp.type"
	cleanupPolicyKey  = "cleanup.policy"
	retentionKey      = "retention.ms"
	retentionBytesKey = "retention.bytes"
)

// topicResource is Kafka's code for the settings of a topic.
const topicResource = 2

// describeSettings fills in the settings. Whoever may read a topic need not be
// allowed to see them, and some services do not tell them at all: what the
// cluster answers with is kept, and only the end of ctx is an error.
func (c *Client) describeSettings(ctx context.Context, states []TopicState) error {
	req := &describeconfigs.Request{}
	at := make(map[string]*TopicState, len(states))
	for i := range states {
		s := &states[i]
		s.SettingsError = errors.New("the broker did not say")
		at[s.Name] = s
		req.Resources = append(req.Resources, describeconfigs.RequestResource{
			ResourceType: topicResource, ResourceName: s.Name,
			ConfigNames: []string{timestampTypeKey, cleanupPolicyKey, retentionKey, retentionBytesKey},
		})
	}
	asking, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	res, err := c.transport.RoundTrip(asking, c.addr, req)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		for i := range states {
			states[i].SettingsError = errors.New(plainWords(err))
		}
		return nil
	}
	for _, r := range res.(*describeconfigs.Response).Resources {
		if s := at[r.ResourceName]; s != nil {
			s.Settings, s.SettingsError = readSettings(&r)
		}
	}
	return nil
}

func readSettings(r *describeconfigs.ResponseResource) (*TopicSettings, error) {
	if r.ErrorCode != 0 {
		return nil, errors.New(plainWords(kafkago.Error(r.ErrorCode)))
	}
	s := &TopicSettings{Retention: -1, RetentionBytes: -1}
	for _, e := range r.ConfigEntries {
		var err error
		switch e.ConfigName {
		case timestampTypeKey:
			s.TimestampType = e.ConfigValue
		case cleanupPolicyKey:
			s.CleanupPolicy = e.ConfigValue
		case retentionKey:
			s.Retention, err = parseSetting[window.Duration](&e)
		case retentionBytesKey:
			s.RetentionBytes, err = parseSetting[int64](&e)
		}
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

func parseSetting[T ~int64](e *describeconfigs.ResponseConfigEntry) (T, error) {
	n, err := strconv.ParseInt(e.ConfigValue, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is %q, which is no number", e.ConfigName, e.ConfigValue)
	}
	return T(n), nil
}
