package kafka

import (
	"encoding/binary"
	"errors"
	"net"
)

var (
	errSpeaksTLS   = errors.New("the broker speaks TLS on this port")
	errSpeaksNoTLS = errors.New("the broker speaks no TLS on this port")
	errNoBroker    = errors.New("there is no Kafka broker on this port")
)

// maxFirstAnswer is far more than a broker's list of the requests it knows, the
// first answer on each connection, ever has.
const maxFirstAnswer = 1 << 20

// firstCorrelation is the id with which kafka-go numbers the first request on
// each connection. A broker's answer repeats it behind its size.
const firstCorrelation = 1

// brokerConn is a connection that should lead to a broker, inside of TLS if
// there is any. It refuses a first answer that no broker gives: kafka-go would
// take its beginning for a size and wait for so much, and make room for as many
// elements of a list as the next bytes happen to say.
type brokerConn struct {
	net.Conn
	first [8]byte // the size and the correlation id
	heard int     // of first
	err   error   // once it was refused
}

func (c *brokerConn) Read(b []byte) (int, error) {
	if c.err != nil { // kafka-go reads on behind an error
		return 0, c.err
	}
	n, err := c.Conn.Read(b)
	if c.heard < len(c.first) {
		c.heard += copy(c.first[c.heard:], b[:n])
		if c.err = c.wrong(); c.err != nil {
			return 0, c.err
		}
	}
	return n, err
}

// wrong says what else the other side speaks, if it is not Kafka's protocol.
func (c *brokerConn) wrong() error {
	const alert, handshake, ssl3 = 0x15, 0x16, 0x03 // content types, and the version of all since
	const sizeBytes = 4
	size, id := binary.BigEndian.Uint32(c.first[:]), binary.BigEndian.Uint32(c.first[sizeBytes:])
	switch {
	case c.heard < sizeBytes:
		return nil
	case size > maxFirstAnswer && (c.first[0] == alert || c.first[0] == handshake) && c.first[1] == ssl3:
		return errSpeaksTLS
	case size > maxFirstAnswer, c.heard == len(c.first) && id != firstCorrelation:
		return errNoBroker
	}
	return nil
}
