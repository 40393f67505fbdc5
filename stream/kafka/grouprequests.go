package kafka

import (
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/describegroups"
	"github.com/segmentio/kafka-go/protocol/offsetfetch"
)

// kafka-go's own requests do not do for groups. ListGroups goes to every broker,
// fails if one does not answer, and drops the error codes of those that do, so
// that a broker that refuses looks like one without groups. DescribeGroups and
// OffsetFetch look for the coordinator every time, take no notice of the error
// where there is none, and then ask any broker; and being asked for a
// coordinator makes a cluster without groups create __consumer_offsets. Requests
// that name their broker need none of that: who lists a group coordinates it.
//
// kafka-go's Client.ListGroups must not be used beside these: its request is
// not one that can be sent any more.
func init() {
	protocol.Register(&listGroupsRequest{}, &listGroupsResponse{})
	protocol.Register(&describeGroupsRequest{}, &describegroups.Response{})
	protocol.Register(&committedRequest{}, &offsetfetch.Response{})
}

// listGroupsRequest asks one broker for the groups that it coordinates. Empty
// filters let every group pass.
type listGroupsRequest struct {
	_            struct{} `kafka:"min=v0,max=v2|min=v3,max=v5,tag"`
	StatesFilter []string `kafka:"min=v4,max=v5,compact"`
	TypesFilter  []string `kafka:"min=v5,max=v5,compact"`

	broker int32 // not sent
}

func (r *listGroupsRequest) ApiKey() protocol.ApiKey { return protocol.ListGroups }

// Broker implements protocol.BrokerMessage.
func (r *listGroupsRequest) Broker(c protocol.Cluster) (protocol.Broker, error) {
	return findBroker(c, r.broker)
}

type listGroupsResponse struct {
	_              struct{}      `kafka:"min=v3,max=v5,tag"`
	ThrottleTimeMs int32         `kafka:"min=v1,max=v5"`
	ErrorCode      int16         `kafka:"min=v0,max=v5"`
	Groups         []listedGroup `kafka:"min=v0,max=v2|min=v3,max=v5,compact"`
}

func (r *listGroupsResponse) ApiKey() protocol.ApiKey { return protocol.ListGroups }

type listedGroup struct {
	_            struct{} `kafka:"min=v3,max=v5,tag"`
	GroupID      string   `kafka:"min=v0,max=v2|min=v3,max=v5,compact"`
	ProtocolType string   `kafka:"min=v0,max=v2|min=v3,max=v5,compact"`
	GroupState   string   `kafka:"min=v4,max=v5,compact"`
	GroupType    string   `kafka:"min=v5,max=v5,compact"`
}

// describeGroupsRequest asks one broker for groups that it coordinates. The
// fields are those of describegroups.Request, in its order.
type describeGroupsRequest struct {
	_                           struct{} `kafka:"min=v5,max=v5,tag"`
	Groups                      []string `kafka:"min=v0,max=v4|min=v5,max=v5,compact"`
	IncludeAuthorizedOperations bool     `kafka:"min=v3,max=v5"`

	broker int32 // not sent
}

func (r *describeGroupsRequest) ApiKey() protocol.ApiKey { return protocol.DescribeGroups }

// Broker implements protocol.BrokerMessage.
func (r *describeGroupsRequest) Broker(c protocol.Cluster) (protocol.Broker, error) {
	return findBroker(c, r.broker)
}

// committedRequest asks the coordinator of a group for its committed offsets. No
// topics stand for all of them, from version 2 on. The fields are those of
// offsetfetch.Request, in its order.
type committedRequest struct {
	toCoordinator

	GroupID string                     `kafka:"min=v0,max=v5"`
	Topics  []offsetfetch.RequestTopic `kafka:"min=v0,max=v5,nullable"`
}

func (r *committedRequest) ApiKey() protocol.ApiKey { return protocol.OffsetFetch }
