package kafka

import (
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/offsetcommit"
)

// The requests of a member of a group. kafka-go's own do not do: its Heartbeat
// goes to any broker, the newest versions of its JoinGroup, SyncGroup and
// Heartbeat are written as the older ones and cannot be read, and whoever asks
// for a coordinator in vain does not hear of it (see grouprequests.go). These
// name the coordinator themselves, in the newest versions that know static
// members and are not flexible.
//
// kafka-go's ConsumerGroup and the calls of its Client for groups must not be
// used beside these.
func init() {
	protocol.Register(&joinGroupRequest{}, &joinGroupResponse{})
	protocol.Register(&syncGroupRequest{}, &syncGroupResponse{})
	protocol.Register(&heartbeatRequest{}, &heartbeatResponse{})
	protocol.Register(&leaveGroupRequest{}, &leaveGroupResponse{})
	protocol.Register(&offsetCommitRequest{}, &offsetcommit.Response{})
}

// toCoordinator is the part of a request that is not sent: the broker it is for.
type toCoordinator struct{ broker int32 }

// Broker implements protocol.BrokerMessage.
func (t *toCoordinator) Broker(c protocol.Cluster) (protocol.Broker, error) {
	return findBroker(c, t.broker)
}

func (t *toCoordinator) to(broker int32) { t.broker = broker }

// coordinatorRequest is a request for the coordinator of a group.
type coordinatorRequest interface {
	protocol.Message
	protocol.BrokerMessage
	to(broker int32)
}

// joinGroupRequest asks to be a member of the next generation of a group.
type joinGroupRequest struct {
	toCoordinator

	GroupID            string         `kafka:"min=v0,max=v5"`
	SessionTimeoutMs   int32          `kafka:"min=v0,max=v5"`
	RebalanceTimeoutMs int32          `kafka:"min=v1,max=v5"`
	MemberID           string         `kafka:"min=v0,max=v5"`
	GroupInstanceID    string         `kafka:"min=v5,max=v5,nullable"`
	ProtocolType       string         `kafka:"min=v0,max=v5"`
	Protocols          []joinProtocol `kafka:"min=v0,max=v5"`
}

// joinProtocol is a way of dividing partitions that a member offers.
type joinProtocol struct {
	Name     string `kafka:"min=v0,max=v5"`
	Metadata []byte `kafka:"min=v0,max=v5"`
}

func (*joinGroupRequest) ApiKey() protocol.ApiKey { return protocol.JoinGroup }

type joinGroupResponse struct {
	ThrottleTimeMs int32          `kafka:"min=v2,max=v5"`
	ErrorCode      int16          `kafka:"min=v0,max=v5"`
	GenerationID   int32          `kafka:"min=v0,max=v5"`
	ProtocolName   string         `kafka:"min=v0,max=v5"`
	LeaderID       string         `kafka:"min=v0,max=v5"`
	MemberID       string         `kafka:"min=v0,max=v5"`
	Members        []joinedMember `kafka:"min=v0,max=v5"`
}

// joinedMember is a member as the leader of a group is told of it.
type joinedMember struct {
	MemberID        string `kafka:"min=v0,max=v5"`
	GroupInstanceID string `kafka:"min=v5,max=v5,nullable"`
	Metadata        []byte `kafka:"min=v0,max=v5"`
}

func (*joinGroupResponse) ApiKey() protocol.ApiKey { return protocol.JoinGroup }

// syncGroupRequest asks what the member is assigned, and says, if it leads the
// group, what everybody is.
type syncGroupRequest struct {
	toCoordinator

	GroupID         string             `kafka:"min=v0,max=v3"`
	GenerationID    int32              `kafka:"min=v0,max=v3"`
	MemberID        string             `kafka:"min=v0,max=v3"`
	GroupInstanceID string             `kafka:"min=v3,max=v3,nullable"`
	Assignments     []memberAssignment `kafka:"min=v0,max=v3"`
}

type memberAssignment struct {
	MemberID   string `kafka:"min=v0,max=v3"`
	Assignment []byte `kafka:"min=v0,max=v3"`
}

func (*syncGroupRequest) ApiKey() protocol.ApiKey { return protocol.SyncGroup }

type syncGroupResponse struct {
	ThrottleTimeMs int32  `kafka:"min=v1,max=v3"`
	ErrorCode      int16  `kafka:"min=v0,max=v3"`
	Assignment     []byte `kafka:"min=v0,max=v3"`
}

func (*syncGroupResponse) ApiKey() protocol.ApiKey { return protocol.SyncGroup }

// heartbeatRequest says that a member is alive.
type heartbeatRequest struct {
	toCoordinator

	GroupID         string `kafka:"min=v0,max=v3"`
	GenerationID    int32  `kafka:"min=v0,max=v3"`
	MemberID        string `kafka:"min=v0,max=v3"`
	GroupInstanceID string `kafka:"min=v3,max=v3,nullable"`
}

func (*heartbeatRequest) ApiKey() protocol.ApiKey { return protocol.Heartbeat }

type heartbeatResponse struct {
	ThrottleTimeMs int32 `kafka:"min=v1,max=v3"`
	ErrorCode      int16 `kafka:"min=v0,max=v3"`
}

func (*heartbeatResponse) ApiKey() protocol.ApiKey { return protocol.Heartbeat }

// leaveGroupRequest ends the membership of one that is not static.
type leaveGroupRequest struct {
	toCoordinator

	GroupID  string `kafka:"min=v0,max=v2"`
	MemberID string `kafka:"min=v0,max=v2"`
}

func (*leaveGroupRequest) ApiKey() protocol.ApiKey { return protocol.LeaveGroup }

type leaveGroupResponse struct {
	ThrottleTimeMs int32 `kafka:"min=v1,max=v2"`
	ErrorCode      int16 `kafka:"min=v0,max=v2"`
}

func (*leaveGroupResponse) ApiKey() protocol.ApiKey { return protocol.LeaveGroup }

// offsetCommitRequest commits offsets as a member of a generation. The fields
// are those of offsetcommit.Request, in its order.
type offsetCommitRequest struct {
	toCoordinator

	GroupID         string                      `kafka:"min=v0,max=v7"`
	GenerationID    int32                       `kafka:"min=v1,max=v7"`
	MemberID        string                      `kafka:"min=v1,max=v7"`
	RetentionTimeMs int64                       `kafka:"min=v2,max=v4"`
	GroupInstanceID string                      `kafka:"min=v7,max=v7,nullable"`
	Topics          []offsetcommit.RequestTopic `kafka:"min=v0,max=v7"`
}

func (*offsetCommitRequest) ApiKey() protocol.ApiKey { return protocol.OffsetCommit }
