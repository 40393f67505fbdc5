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

// plaintextConn is a connection without TLS. It refuses a first answer that no
// broker gives: kafka-go would take its beginning for a size and wait for so
// much, or believe the lengths in it.
type plaintextConn struct {
	net.Conn
	first [4]byte
	heard int   // of first
	err   error // once it was refused
}

func (c *plaintextConn) Read(b []byte) (int, error) {
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
func (c *plaintextConn) wrong() error {
	const alert, handshake, ssl3 = 0x15, 0x16, 0x03 // content types, and the version of all since
	size := binary.BigEndian.Uint32(c.first[:])
	switch {
	case c.heard < len(c.first) || size <= maxFirstAnswer:
		return nil
	case (c.first[0] == alert || c.first[0] == handshake) && c.first[1] == ssl3:
		return errSpeaksTLS
	default:
		return errNoBroker
	}
}
