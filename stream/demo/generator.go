package demo

import (
	"container/heap"
	"math"
	"math/bits"
	"math/rand/v2"

	"github.com/oriel-stream/oriel/window"
)

// record is one record of the topic, ready to be produced.
type record struct {
	partition int
	// key and payload are nil for null. They must not be changed.
	key, payload []byte
	// eventTime is the payload's ts, also where the payload is broken;
	// timestamp is the record's Kafka timestamp.
	eventTime, timestamp window.Time
	flaw                 flaw
}

// generator makes the story's records, in the order of their Kafka timestamps.
// It is a function of its arguments: no clock, no other randomness.
type generator struct {
	pcg     *rand.PCG
	start   window.Time
	step    float64 // ms between two readings
	limit   int64   // the number of readings to make; 0 for no end
	taken   int64   // the number of the next reading
	sensors []sensor
	// silent is the partition that falls silent, -1 for none.
	silent int
	// hot is the sensor with this hot spell's anomaly, spell the spell's number.
	hot   int
	spell window.Duration
	// underway holds the readings that have been taken and not yet produced.
	underway queue
}

// newGenerator returns a generator whose first reading is taken at start. It
// makes limit readings, or goes on for ever if limit is 0.
func newGenerator(cfg Config, start window.Time, limit int64) *generator {
	g := &generator{
		pcg:    rand.NewPCG(cfg.Seed, 0),
		start:  start,
		step:   second / cfg.Rate,
		limit:  limit,
		silent: -1,
		spell:  -1,
	}
	if cfg.Partitions > 1 {
		g.silent = cfg.Partitions - 1
	}
	g.sensors = make([]sensor, cfg.Sensors)
	for i := range g.sensors {
		g.sensors[i] = g.newSensor(i, cfg.Partitions)
	}
	return g
}

// next returns the next record if its Kafka timestamp is at most until. Its
// payload is appended to buf, which next returns. Without a record, ok is
// false: there is none yet, or there are no more.
func (g *generator) next(buf []byte, until window.Time) (r record, _ []byte, ok bool) {
	for g.more() && !g.settled() {
		heap.Push(&g.underway, g.take())
	}
	if len(g.underway) == 0 || g.underway[0].timestamp > until {
		return record{}, buf, false
	}
	rd := heap.Pop(&g.underway).(reading)
	s := &g.sensors[rd.sensor]
	r = record{partition: s.partition, key: s.id, eventTime: rd.eventTime, timestamp: rd.timestamp, flaw: rd.flaw}
	if rd.flaw == nullKey {
		r.key = nil
	}
	r.payload, buf = s.appendPayload(buf, rd)
	return r, buf, true
}

// skipTo leaves out the readings before t that have not been taken yet.
func (g *generator) skipTo(t window.Time) {
	if t > g.start {
		g.taken = max(g.taken, int64(math.Ceil(float64(t-g.start)/g.step)))
	}
}

func (g *generator) more() bool { return g.limit == 0 || g.taken < g.limit }

// settled reports whether no reading that is still to be taken can be produced
// before, or together with, the first one underway.
func (g *generator) settled() bool {
	return len(g.underway) > 0 && g.underway[0].timestamp < g.start.Add(g.elapsed()+minDelay)
}

// elapsed returns when the next reading is taken, counted from the first.
func (g *generator) elapsed() window.Duration {
	return window.Duration(float64(g.taken) * g.step)
}

// take takes one reading and sends it on its way.
func (g *generator) take() reading {
	t := g.elapsed()
	rd := reading{
		sensor:    int(g.taken % int64(len(g.sensors))),
		number:    g.taken,
		eventTime: g.start.Add(t),
	}
	s := &g.sensors[rd.sensor]
	g.measure(&rd, s, t)
	if rd.sensor == wrongClock && wrongTime.in(t) {
		rd.eventTime = rd.eventTime.Add(clockError)
	}
	sent := t + g.delay()
	rd.sent = g.start.Add(sent)
	rd.timestamp = rd.sent
	if s.partition == g.silent && silence.in(sent) {
		rd.timestamp = g.start.Add(silence.end(sent))
	}
	// The value field is found by looking at the first records: no flaws there.
	if f := g.flaw(); g.taken >= int64(len(g.sensors)) {
		rd.flaw = f
	}
	g.taken++
	return rd
}

// delay draws the time that a record is on its way.
func (g *generator) delay() window.Duration {
	dice, u := g.roll(odds), g.roll(1024)
	switch {
	case dice < lateOdds:
		return lateDelay + window.Duration(u*lateRange/1024)
	case dice < lateOdds+stragglerOdds:
		return stragglerDelay + window.Duration(u*stragglerRange/1024)
	}
	// The fourth power of a uniform number: mostly small, with a tail.
	return minDelay + window.Duration(delaySpread*u*u*u*u>>40)
}

// flaw draws what is wrong with a record: mostly nothing.
func (g *generator) flaw() flaw {
	const kinds = nullKey - truncated
	switch dice := g.roll(odds); {
	case dice < brokenOdds:
		return truncated + flaw(dice)%kinds
	case dice < brokenOdds+nullKeyOdds:
		return nullKey
	}
	return whole
}

// roll draws a number from 0 to n-1.
func (g *generator) roll(n uint64) int64 {
	hi, _ := bits.Mul64(g.pcg.Uint64(), n)
	return int64(hi)
}

// noise draws a number around 0 with the given standard deviation, nearly
// normal and never beyond 3.5 deviations: the sum of four uniform numbers,
// whose own standard deviation is 65536 * sqrt(4/12).
func (g *generator) noise(deviation int64) int64 {
	u := g.pcg.Uint64()
	sum := int64(u&0xffff + u>>16&0xffff + u>>32&0xffff + u>>48)
	return (sum - 2*0xffff) * deviation / 37837
}

// queue is a heap of readings in the order in which they reach the broker. A
// gateway that sends what it has kept sends it in the order it came.
type queue []reading

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	a, b := &q[i], &q[j]
	switch {
	case a.timestamp != b.timestamp:
		return a.timestamp < b.timestamp
	case a.sent != b.sent:
		return a.sent < b.sent
	}
	return a.number < b.number
}

func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements heap.Interface.
func (q *queue) Push(x any) { *q = append(*q, x.(reading)) }

// Pop implements heap.Interface.
func (q *queue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}
