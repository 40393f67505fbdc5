package kafka

import (
	"context"
	"sync"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/findcoordinator"
)

// coordinator is the broker that coordinates a group, whoever that is at the
// moment. It is safe for concurrent use.
type coordinator struct {
	client *Client
	group  string

	mu     sync.Mutex
	broker int32 // nobody while it is not known
}

const nobody = int32(-1)

func newCoordinator(client *Client, group string) *coordinator {
	return &coordinator{client: client, group: group, broker: nobody}
}

// find returns the coordinator, and asks who it is if that is not known.
func (c *coordinator) find(ctx context.Context) (int32, error) {
	c.mu.Lock()
	broker := c.broker
	c.mu.Unlock()
	if broker != nobody {
		return broker, nil
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	answer, err := c.client.transport.RoundTrip(ctx, c.client.addr, &findcoordinator.Request{Key: c.group})
	if err != nil {
		return nobody, err
	}
	res := answer.(*findcoordinator.Response)
	if res.ErrorCode != 0 {
		return nobody, kafkago.Error(res.ErrorCode)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broker = res.NodeID
	return res.NodeID, nil
}

// forget makes the next request look for the coordinator, unless another one was
// found meanwhile.
func (c *coordinator) forget(broker int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broker == broker {
		c.broker = nobody
	}
}

// movedErrors say that a group is coordinated by another broker.
var movedErrors = []kafkago.Error{kafkago.NotCoordinatorForGroup, kafkago.GroupCoordinatorNotAvailable}

// ask sends a request to the coordinator and waits so long for its answer. code
// reads the error of the answer.
func (c *coordinator) ask(ctx context.Context, req coordinatorRequest, patience time.Duration, code func(protocol.Message) int16) (protocol.Message, error) {
	broker, err := c.find(ctx)
	if err != nil {
		return nil, err
	}
	req.to(broker)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answer, err := c.client.transport.RoundTrip(ctx, c.client.addr, req)
	if err != nil {
		c.forget(broker)
		return nil, err
	}
	if err := codeOf(code(answer)); err != nil {
		if isAny(err, movedErrors) {
			c.forget(broker)
		}
		return answer, err
	}
	return answer, nil
}
