package demo

import (
	"errors"
	"fmt"
	"regexp"
	"time"
)

// The bounds of a Config.
const (
	maxPort       = 65535
	minRate       = 0.01
	maxRate       = 100_000
	maxSensors    = 100_000
	maxPartitions = 256
	// maxRecords keeps a loaded topic, which lies in memory, below 3 GB.
	maxRecords = 20_000_000
)

// Config says which broker to start and what to feed it. DefaultConfig has the
// defaults; the zero value is not valid.
type Config struct {
	// Port is the TCP port on 127.0.0.1; 0, the default, takes any free one.
	Port int
	// Topic is the topic's name; "sensors" by default.
	Topic string
	// Rate is the number of records a second, of all sensors together, in
	// event time; 200 by default.
	Rate float64
	// Sensors is the number of keys, at least one a partition; 24 by default.
	Sensors int
	// Partitions is the topic's number of partitions; 4 by default.
	Partitions int
	// Seed selects the readings: the same seed, the same bytes. 1 by default.
	Seed uint64
	// Records is the number of records that Load will be asked for. The topic
	// then keeps all of them. 0, the default, is a topic for the live feed,
	// which forgets.
	Records int64
	// Now is the wall clock of the live feed; nil is time.Now.
	Now func() time.Time
	// Progress is told, if it is not nil, how many records Load has produced.
	// It is called from Load's goroutine.
	Progress func(done int64)
}

// DefaultConfig returns the defaults named at the fields of Config.
func DefaultConfig() Config {
	return Config{Topic: "sensors", Rate: 200, Sensors: 24, Partitions: 4, Seed: 1}
}

var topicName = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)

// Validate reports every value that is out of its bounds, with the flag that
// sets it.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(c.Port >= 0 && c.Port <= maxPort,
		"port %d is not between 0 (any free port) and %d: change --port", c.Port, maxPort)
	check(topicName.MatchString(c.Topic) && c.Topic != "." && c.Topic != "..",
		"topic %q is not a name of 1 to 249 letters, digits, dots, dashes or underscores", c.Topic)
	check(c.Rate >= minRate && c.Rate <= maxRate,
		"rate %v is not between %v and %v records a second: change --rate", c.Rate, minRate, maxRate)
	check(c.Partitions >= 1 && c.Partitions <= maxPartitions,
		"%d partitions are not between 1 and %d: change --partitions", c.Partitions, maxPartitions)
	check(c.Sensors >= 1 && c.Sensors <= maxSensors,
		"%d sensors are not between 1 and %d: change --sensors", c.Sensors, maxSensors)
	check(c.Sensors >= c.Partitions || c.Sensors < 1,
		"%d sensors leave some of %d partitions empty: raise --sensors or lower --partitions", c.Sensors, c.Partitions)
	check(c.Records >= 0 && c.Records <= maxRecords,
		"%d records are not between 0 (the live feed) and %d: change --records", c.Records, maxRecords)
	return errors.Join(errs...)
}

// now reads the clock of the live feed.
func (c Config) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}
