package kafka

import (
	"context"
	"net"
	"strconv"

	"github.com/segmentio/kafka-go/sasl"
)

// watchedLogin tells the dialer how far logging in came: a broker that closes
// the connection in the middle of it refuses the login, and does not say so.
type watchedLogin struct {
	sasl.Mechanism
	dials *dialer
}

func (m watchedLogin) Start(ctx context.Context) (sasl.StateMachine, []byte, error) {
	address := ""
	if meta := sasl.MetadataFromContext(ctx); meta != nil {
		address = net.JoinHostPort(meta.Host, strconv.Itoa(meta.Port))
	}
	m.dials.loggingIn(address, true)
	session, first, err := m.Mechanism.Start(ctx)
	return watchedExchange{session, m.dials, address}, first, err
}

type watchedExchange struct {
	sasl.StateMachine
	dials   *dialer
	address string
}

func (x watchedExchange) Next(ctx context.Context, challenge []byte) (bool, []byte, error) {
	done, response, err := x.StateMachine.Next(ctx, challenge)
	if done && err == nil {
		x.dials.loggingIn(x.address, false)
	}
	return done, response, err
}
