package kafka

import (
	"context"
	"errors"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/apiversions"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// kafka-go has no OffsetForLeaderEpoch. Version 2 is the first that tells a
// leader which epoch it is taken for, version 3 the last before tagged fields.
func init() { protocol.Register(&epochRequest{}, &epochResponse{}) }

const firstEpochVersion = 2

// epochRequest asks the leader of partitions where the records of a leader
// epoch end in its log.
type epochRequest struct {
	ReplicaID int32               `kafka:"min=v3,max=v3"`
	Topics    []epochRequestTopic `kafka:"min=v2,max=v3"`

	broker int32 // not sent
}

type epochRequestTopic struct {
	Topic      string                  `kafka:"min=v2,max=v3"`
	Partitions []epochRequestPartition `kafka:"min=v2,max=v3"`
}

type epochRequestPartition struct {
	Partition          int32 `kafka:"min=v2,max=v3"`
	CurrentLeaderEpoch int32 `kafka:"min=v2,max=v3"`
	LeaderEpoch        int32 `kafka:"min=v2,max=v3"`
}

func (r *epochRequest) ApiKey() protocol.ApiKey { return protocol.OffsetForLeaderEpoch }

// Broker implements protocol.BrokerMessage.
func (r *epochRequest) Broker(c protocol.Cluster) (protocol.Broker, error) {
	return findBroker(c, r.broker)
}

type epochResponse struct {
	ThrottleTimeMs int32                `kafka:"min=v2,max=v3"`
	Topics         []epochResponseTopic `kafka:"min=v2,max=v3"`
}

func (r *epochResponse) ApiKey() protocol.ApiKey { return protocol.OffsetForLeaderEpoch }

type epochResponseTopic struct {
	Topic      string                   `kafka:"min=v2,max=v3"`
	Partitions []epochResponsePartition `kafka:"min=v2,max=v3"`
}

// epochResponsePartition has the greatest epoch of the log that is at most the
// one asked for, and the offset behind its last record; both are -1 where the
// leader knows no such epoch.
type epochResponsePartition struct {
	ErrorCode   int16 `kafka:"min=v2,max=v3"`
	Partition   int32 `kafka:"min=v2,max=v3"`
	LeaderEpoch int32 `kafka:"min=v2,max=v3"`
	EndOffset   int64 `kafka:"min=v2,max=v3"`
}

// speaks reports whether the cluster answers requests of a kind in a version of
// at least least.
func (c *Client) speaks(ctx context.Context, key protocol.ApiKey, least int16) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	res, err := c.transport.RoundTrip(ctx, c.addr, &apiversions.Request{})
	if err != nil {
		return false, err
	}
	for _, k := range res.(*apiversions.Response).ApiKeys {
		if protocol.ApiKey(k.ApiKey) == key {
			return k.MaxVersion >= least, nil
		}
	}
	return false, nil
}

// doubtful are the partitions of f that may have another log than before: they
// could not be read for a while, or their log has become shorter.
func (f *fetcher) doubtful() []*partition {
	var out []*partition
	for _, p := range f.parts {
		if p.doubtful {
			out = append(out, p)
		}
	}
	return out
}

// verify finds out whether the logs of ps are those that were read before.
func (f *fetcher) verify(ctx context.Context, ps []*partition) {
	var answers map[window.PartitionID]epochResponsePartition
	// Any broker may answer this: a failure says nothing of the one of f.
	speaks, err := f.client.speaks(ctx, protocol.OffsetForLeaderEpoch, firstEpochVersion)
	if speaks {
		if answers, err = f.epochEnds(ctx, ps); err != nil && ctx.Err() == nil {
			f.notices.lose(stream.BrokerLost, f.address, plainWords(err))
		}
	}
	for _, p := range ps {
		a, ok := answers[p.ID]
		switch code := kafkago.Error(a.ErrorCode); {
		case err != nil:
			p.trouble(err)
		case !ok, code == 0 && a.LeaderEpoch < 0 && p.leader >= p.newestLeader:
			p.trust() // the leader cannot tell
		case code != 0 && isTransient(code):
			p.trouble(code)
		case code != 0:
			p.trust() // fetching will tell what is wrong
		case p.leader < p.newestLeader && p.older() < f.deletedAfter:
			// A leader that was deposed and does not know yet, named by a broker
			// that does not know either, looks like one of another log.
			p.trouble(errOlderLeader)
		default:
			p.judge(a.LeaderEpoch, a.EndOffset)
		}
	}
}

// errOlderLeader is why a partition is looked for anew.
var errOlderLeader = errors.New("the leader is older than one seen before")

// judge compares what the leader of p knows of the epoch asked for with what
// was read. Epochs only grow, and within one no record that was read goes away.
//
//	the leader's epoch is below one seen before, and stays   another log
//	the log has lost that epoch, yet goes on beyond          another log
//	the log ends earlier, and there was no election since    another log
//	the log ends earlier                                     truncated
func (p *partition) judge(epoch int32, end int64) {
	ends := end < p.position
	switch {
	case p.leader < p.newestLeader,
		p.epochRead >= 0 && epoch < p.epochRead && !ends,
		ends && epoch == p.askedEpoch() && p.leader == p.newestLeader:
		p.createdAgain()
	case ends:
		p.truncated(end)
		p.epochRead = epoch // the last record that is left is of it
	}
	p.trust()
}

// epochEnds asks the broker of f about partitions.
func (f *fetcher) epochEnds(ctx context.Context, ps []*partition) (map[window.PartitionID]epochResponsePartition, error) {
	req := &epochRequest{ReplicaID: -1, broker: f.broker}
	for _, p := range ps {
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != p.ID.Topic {
			req.Topics = append(req.Topics, epochRequestTopic{Topic: p.ID.Topic})
		}
		t := &req.Topics[len(req.Topics)-1]
		t.Partitions = append(t.Partitions, epochRequestPartition{
			Partition: p.ID.Partition, CurrentLeaderEpoch: p.leader, LeaderEpoch: p.askedEpoch(),
		})
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	res, err := f.client.transport.RoundTrip(ctx, f.client.addr, req)
	if err != nil {
		return nil, err
	}
	answers := map[window.PartitionID]epochResponsePartition{}
	for _, t := range res.(*epochResponse).Topics {
		for _, p := range t.Partitions {
			answers[window.PartitionID{Topic: t.Topic, Partition: p.Partition}] = p
		}
	}
	return answers, nil
}
