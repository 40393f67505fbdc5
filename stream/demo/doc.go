// Package demo is a Kafka broker inside the process and a feed of made-up
// sensor readings, so that everything oriel does can be seen, and tested,
// without a Kafka cluster.
//
// # The story
//
// Sensors (24, named s-001, s-002, ...) take readings in turn, Rate of them a
// second in total. Sensor number i (from 0) belongs to the site and to the
// partition i mod Partitions; the record's key is the sensor's name. A reading
// is a JSON object of about 100 bytes with the fields in this order:
//
//	{"sensor":"s-001","site":"berlin-1","temp":21.54,"humidity":48.2,"status":"ok","ts":1795327200123}
//
// ts is the event time in milliseconds. The Kafka timestamp is the time at
// which the record is produced, which is later: the network takes its time.
// All phases below count from the time of the feed's first reading.
//
//   - temp: a level of 12 to 26 °C, a "day" of 2 minutes with an amplitude of
//     1.5 to 4 °C, a slow swing of one hour with an amplitude of 1.5 °C that
//     looks like a trend, and noise of 0.2 °C (standard deviation, never more
//     than 0.7). Level, amplitude and phases are each sensor's own. Humidity
//     runs against temp.
//   - Anomaly: 20 s into every 45 s, one sensor, another one each time, reads
//     12 °C too much for 4 s and has the status "hot".
//   - Lag: 25 to 725 ms, half of it below 70 ms and a tenth above 480 ms; 1 %
//     stragglers take 0.7 to 1.8 s. So the disorder of a partition stays
//     within 2 s, but for
//   - Late records: 0.2 % take 3 to 8 s.
//   - Silence: the gateway of the last site loses its line 60 s into every
//     90 s, for 20 s. The last partition then gets nothing. When the line is
//     back, the gateway sends what it has kept, in order and at once. With one
//     partition there is no silence.
//   - Future: 30 s into every minute the clock of s-002 is a day ahead for
//     5 s: ts is wrong by 24 h, the Kafka timestamp is right.
//   - Broken payloads: 0.1 %, of five kinds in equal parts: JSON cut in half,
//     no bytes, null, "n/a" for temp, "NaN" for temp. Every sensor's first
//     reading is whole.
//   - Null keys: 0.05 %.
//
// The generator is pure and counts in integers, so a seed gives the same bytes
// on every machine and in every run.
//
// # Two ways to run it
//
// [Broker.Run] is the live feed: first the last two minutes at once, so that
// no window starts empty, then a small batch every 100 ms. The broker keeps
// the newest 20 MB and may run for days.
//
// [Broker.Load] fills the topic with a given number of records from a fixed
// time on, 2026-11-22T06:00:00Z: the same offsets, timestamps and payloads
// every time. Nothing is removed.
package demo
