package window

// Guard keeps a create time that is far off from moving a partition's
// watermark. Producers set create times by their own clocks, and a single one
// that is a year ahead would make every later record late. So a leap ahead
// waits until the records behind it have said whether they believe it. No
// clock is read: what becomes of a record is a function of the records of its
// partition, in their order, and of where Settle is called.
//
// R is what a caller keeps of a record that waits. A Guard belongs to one
// partition.
type Guard[R any] struct {
	maxFuture Duration
	// newest is the newest time that counts, and reach what passes at once by
	// it; both are MinTime before the first.
	newest, reach Time

	// held are the records that wait, in their order: the leap and what came
	// behind it.
	held []heldRecord[R]
	// top is the newest of their times that was reached without a further leap.
	top Time

	decided []Decided[R] // of the present call
}

type heldRecord[R any] struct {
	time, from Time
	record     R
}

func (h heldRecord[R]) decided(refuted bool) Decided[R] {
	return Decided[R]{Record: h.record, From: h.from, Refuted: refuted}
}

// Decided is a record that waits no more. It counts, or it is refuted: its time
// is wrong.
type Decided[R any] struct {
	Record R
	// From is the newest time that the record was compared with: of those that
	// count, or that waited and were no further leaps. MinTime if there was none.
	From    Time
	Refuted bool
}

// maxWaiting is how many records wait: so many, none of them from before the
// leap, believe it.
const maxWaiting = 32

// NewGuard returns the guard of a partition that has seen nothing. A leap is
// more than maxFuture, which is not negative; with 0 nothing ever waits.
func NewGuard[R any](maxFuture Duration) *Guard[R] {
	return &Guard[R]{maxFuture: maxFuture, newest: MinTime, reach: MinTime}
}

// Offer gives the guard the time of the next record of the partition, a valid
// event time. decided are records that waited and do no more, in the order in
// which they are to be handled, before the present one. If pass is true the
// present record counts. Otherwise hold was called, to copy it, and it waits;
// if it has settled its own case it is already the last of decided.
//
// Where nothing waits and the record is no leap, which is nearly always, hold
// is not called and nothing is allocated.
func (g *Guard[R]) Offer(t Time, hold func() R) (decided []Decided[R], pass bool) {
	if len(g.held) == 0 && t <= g.reach {
		g.accept(t)
		return nil, true
	}
	g.decided = nil
	pass = g.offer(t, hold)
	decided, g.decided = g.decided, nil
	return decided, pass
}

// Settle believes the leap that waits, and those that still do behind it, and
// returns all in their order: at the end of the input, when the partition goes
// idle and when the broker's clock takes over nothing comes that could refute. A
// further leap that a record behind it is from before is refuted all the same.
func (g *Guard[R]) Settle() []Decided[R] {
	g.decided = nil
	for len(g.held) > 0 {
		g.believe()
	}
	decided := g.decided
	g.decided = nil
	return decided
}

// Waiting is the number of records that wait.
func (g *Guard[R]) Waiting() int { return len(g.held) }

// Leap is the time of the leap that waits, MinTime if none does.
func (g *Guard[R]) Leap() Time {
	if len(g.held) == 0 {
		return MinTime
	}
	return g.held[0].time
}

// standing is what a record is to those that wait.
type standing uint8

const (
	passes     standing = iota
	leaps               // it is a leap, or a further one on top of another
	consistent          // it is from behind the leap
	refutes             // it is from before the leap
	bridges             // the leap is none from it, nor is it one itself
)

// stand says what a record at time t is, by the newest time that counts, the
// first that waits (leap) and the newest of those behind it (top).
//
//	nothing waits
//	  t <= newest + max-future            passes
//	  t >  newest + max-future            leaps: it waits. So does the first of
//	                                      all, where newest is unknown
//	records wait
//	  t + max-future < leap               refutes the leap and all that is more
//	                                      than max-future ahead of t; the others
//	                                      are offered again, as if the leap had
//	                                      never been, and then this one
//	  else t <= newest + max-future       bridges: further leaps are refuted, the
//	                                      leap is believed, and this one counts
//	  else t <= top + max-future          consistent: it waits; top reaches t, and
//	                                      further leaps are refuted
//	  else                                leaps further: it waits; top stays
//
// A further leap is what waits more than max-future ahead of top. The leap is
// believed if 32 records wait, or if top is max-future ahead of it: it counts,
// and the others are offered again, so those up to the first further leap count
// as well.
func (g *Guard[R]) stand(t Time) standing {
	// With a max-future of 0 every leap would believe itself.
	near := t <= g.reach || g.maxFuture == 0
	switch {
	case len(g.held) == 0 && near:
		return passes
	case len(g.held) == 0:
		return leaps
	case t.Add(g.maxFuture) < g.held[0].time:
		return refutes
	case near:
		return bridges
	case t <= g.top.Add(g.maxFuture):
		return consistent
	default:
		return leaps
	}
}

// offer lets a record pass or makes it wait. Each round decides a record that
// waits, or is the last.
func (g *Guard[R]) offer(t Time, hold func() R) (pass bool) {
	for {
		switch g.stand(t) {
		case passes:
			g.accept(t)
			return true
		case refutes:
			g.refuteBeyond(t.Add(g.maxFuture))
			g.again(g.take())
		case bridges:
			g.refuteBeyond(g.top.Add(g.maxFuture))
			g.believe()
		case consistent:
			from := g.top
			g.top = max(g.top, t)
			g.refuteBeyond(g.top.Add(g.maxFuture))
			g.wait(heldRecord[R]{t, from, hold()})
			return false
		case leaps:
			from := g.top
			if len(g.held) == 0 {
				from, g.top = g.newest, t
			}
			g.wait(heldRecord[R]{t, from, hold()})
			return false
		}
	}
}

// wait holds a record, and believes the leap if that was enough.
func (g *Guard[R]) wait(h heldRecord[R]) {
	g.held = append(g.held, h)
	if len(g.held) == maxWaiting || g.top >= g.held[0].time.Add(g.maxFuture) {
		g.believe()
	}
}

// believe makes the leap count and offers the others again.
func (g *Guard[R]) believe() {
	held := g.take()
	g.release(held[0])
	g.again(held[1:])
}

// refuteBeyond refutes what waits and is newer than limit.
func (g *Guard[R]) refuteBeyond(limit Time) {
	kept := g.held[:0]
	for _, h := range g.held {
		if h.time > limit {
			g.decided = append(g.decided, h.decided(true))
			continue
		}
		kept = append(kept, h)
	}
	clear(g.held[len(kept):])
	g.held = kept
}

// take returns what waits; nothing does then.
func (g *Guard[R]) take() []heldRecord[R] {
	held := g.held
	g.held = nil
	return held
}

// again offers records that waited.
func (g *Guard[R]) again(records []heldRecord[R]) {
	for _, h := range records {
		if g.offer(h.time, func() R { return h.record }) {
			g.decided = append(g.decided, h.decided(false))
		}
	}
}

// release makes a record that waited count.
func (g *Guard[R]) release(h heldRecord[R]) {
	g.accept(h.time)
	g.decided = append(g.decided, h.decided(false))
}

// accept notes the time of a record that counts.
func (g *Guard[R]) accept(t Time) {
	if t > g.newest {
		g.newest, g.reach = t, t.Add(g.maxFuture)
	}
}

// IsFuture says whether an event time read from the payload is too far ahead
// of the record's Kafka timestamp, in ms since the epoch, to be believed.
// Without a timestamp (-1) nothing can be said.
func IsFuture(t Time, kafkaTimestamp int64, maxFuture Duration) bool {
	return kafkaTimestamp >= 0 && t > Time(kafkaTimestamp).Add(maxFuture)
}
