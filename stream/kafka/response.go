package kafka

import (
	"encoding/binary"
	"io"

	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/fetch"
	"github.com/segmentio/kafka-go/protocol/listoffsets"
	"github.com/segmentio/kafka-go/protocol/produce"
)

// kafka-go decodes responses into the types registered for their API key, so
// raw record sets and requests that name their broker need types of our own.
// Registration is for the whole process. The requests begin with the fields of
// kafka-go's own, which therefore can still be sent.
func init() {
	protocol.Register(&fetchRequest{}, &fetchResponse{})
	protocol.Register(&offsetsRequest{}, &listoffsets.Response{})
	protocol.Register(&produceRequest{}, &produce.Response{})
}

// fetchRequest asks one broker for records of partitions it leads. The fields
// are those of fetch.Request, in its order.
type fetchRequest struct {
	ReplicaID       int32                         `kafka:"min=v0,max=v11"`
	MaxWaitTime     int32                         `kafka:"min=v0,max=v11"`
	MinBytes        int32                         `kafka:"min=v0,max=v11"`
	MaxBytes        int32                         `kafka:"min=v3,max=v11"`
	IsolationLevel  int8                          `kafka:"min=v4,max=v11"`
	SessionID       int32                         `kafka:"min=v7,max=v11"`
	SessionEpoch    int32                         `kafka:"min=v7,max=v11"`
	Topics          []fetch.RequestTopic          `kafka:"min=v0,max=v11"`
	ForgottenTopics []fetch.RequestForgottenTopic `kafka:"min=v7,max=v11"`
	RackID          string                        `kafka:"min=v11,max=v11"`

	broker int32 // not sent
}

func (r *fetchRequest) ApiKey() protocol.ApiKey { return protocol.Fetch }

// Broker implements protocol.BrokerMessage.
func (r *fetchRequest) Broker(c protocol.Cluster) (protocol.Broker, error) {
	return findBroker(c, r.broker)
}

// offsetsRequest asks one broker for offsets of partitions it leads. The
// fields are those of listoffsets.Request, in its order, which goes out once
// for every partition, each on a connection of its own.
//
// Version 3 is the last without leader epochs. They are of no use here, and the
// mock broker of librdkafka 2.0 garbles answers with them that have more than
// one partition.
type offsetsRequest struct {
	ReplicaID      int32                      `kafka:"min=v1,max=v3"`
	IsolationLevel int8                       `kafka:"min=v2,max=v3"`
	Topics         []listoffsets.RequestTopic `kafka:"min=v1,max=v3"`

	broker int32 // not sent
}

func (r *offsetsRequest) ApiKey() protocol.ApiKey { return protocol.ListOffsets }

// Broker implements protocol.BrokerMessage.
func (r *offsetsRequest) Broker(c protocol.Cluster) (protocol.Broker, error) {
	return findBroker(c, r.broker)
}

// produceRequest hands one broker records of partitions it leads. The fields are
// those of produce.Request, in its order.
type produceRequest struct {
	TransactionalID string                 `kafka:"min=v3,max=v8,nullable"`
	Acks            int16                  `kafka:"min=v0,max=v8"`
	Timeout         int32                  `kafka:"min=v0,max=v8"`
	Topics          []produce.RequestTopic `kafka:"min=v0,max=v8"`

	broker int32 // not sent
}

func (r *produceRequest) ApiKey() protocol.ApiKey { return protocol.Produce }

// Broker implements protocol.BrokerMessage.
func (r *produceRequest) Broker(c protocol.Cluster) (protocol.Broker, error) {
	return findBroker(c, r.broker)
}

// Prepare implements protocol.PreparedMessage: it sets the format of records.
func (r *produceRequest) Prepare(version int16) {
	(&produce.Request{Topics: r.Topics}).Prepare(version)
}

func findBroker(c protocol.Cluster, id int32) (protocol.Broker, error) {
	b, ok := c.Brokers[id]
	if !ok {
		return protocol.Broker{ID: -1}, protocol.ErrNoLeader
	}
	return b, nil
}

// fetchResponse is fetch.Response with undecoded record sets.
type fetchResponse struct {
	ThrottleTimeMs int32           `kafka:"min=v1,max=v11"`
	ErrorCode      int16           `kafka:"min=v7,max=v11"`
	SessionID      int32           `kafka:"min=v7,max=v11"`
	Topics         []responseTopic `kafka:"min=v0,max=v11"`
}

func (r *fetchResponse) ApiKey() protocol.ApiKey { return protocol.Fetch }

type responseTopic struct {
	Topic      string              `kafka:"min=v0,max=v11"`
	Partitions []responsePartition `kafka:"min=v0,max=v11"`
}

type responsePartition struct {
	Partition            int32                       `kafka:"min=v0,max=v11"`
	ErrorCode            int16                       `kafka:"min=v0,max=v11"`
	HighWatermark        int64                       `kafka:"min=v0,max=v11"`
	LastStableOffset     int64                       `kafka:"min=v4,max=v11"`
	LogStartOffset       int64                       `kafka:"min=v5,max=v11"`
	AbortedTransactions  []fetch.ResponseTransaction `kafka:"min=v4,max=v11"`
	PreferredReadReplica int32                       `kafka:"min=v11,max=v11"`
	RecordSet            rawRecords                  `kafka:"min=v0,max=v11"`
}

// rawRecords is a record set as it came, in a buffer from the pool; nil if
// null or empty.
type rawRecords struct {
	buf *buffer
}

// maxRecordSet refuses the sizes of record sets that only a broken response
// can have.
const maxRecordSet = 1 << 30

// ReadFrom reads the size of a record set and its bytes. protocol calls it
// where a field is to decode itself.
func (r *rawRecords) ReadFrom(src io.Reader) (int64, error) {
	var head [4]byte
	if _, err := io.ReadFull(src, head[:]); err != nil {
		return 0, err
	}
	size := int(int32(binary.BigEndian.Uint32(head[:])))
	if size <= 0 {
		return int64(len(head)), nil
	}
	if size > maxRecordSet {
		return int64(len(head)), protocol.Errorf("a record set of %d bytes, above %d", size, maxRecordSet)
	}
	buf, n, err := readBuffer(src, size)
	r.buf = buf
	return int64(len(head) + n), err
}
