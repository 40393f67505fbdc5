package window

import "math"

// Disorder is how far the records of a partition are out of the order of their
// event times, and what each out-of-orderness would make of that: which records
// would be late. It is computed in one pass, in bounded memory, and is a
// function of the partition's records in their order.
//
// A record at time t, behind the newest event time N of its partition, loses the
// window that ends at e if the watermark has reached it: e <= N - B for an
// out-of-orderness of B, or e + L <= N - B with an allowed lateness of L. So B
// must be more than N - e - L. Of the ends of the record's windows the first
// decides when it is partly late, the last when it is late; histograms of the
// two differences answer for every B.
type Disorder struct {
	specs           []Spec
	allowedLateness Duration
	newest          Time

	records int64
	// behind has N - t of the records out of order; first and last have
	// N - e - L of the first and the last end, where that is not negative.
	behind, first, last histogram
}

// Loss is what an out-of-orderness costs: how many records would lose all their
// windows, and how many would lose some.
type Loss struct {
	Late, PartlyLate int64
}

// Total is how many records lose windows.
func (l Loss) Total() int64 { return l.Late + l.PartlyLate }

// NewDisorder returns the disorder of a partition that has seen nothing. A
// record is late if it is for all windows of all specs, and not within the
// allowed lateness.
func NewDisorder(specs []Spec, allowedLateness Duration) *Disorder {
	return &Disorder{specs: specs, allowedLateness: allowedLateness, newest: MinTime}
}

// Observe moves the newest event time by a record that counts in no window, for
// another reason than time.
func (d *Disorder) Observe(t Time) { d.newest = max(d.newest, t) }

// Add counts a record.
func (d *Disorder) Add(t Time) {
	d.records++
	if t >= d.newest {
		d.newest = t
		return
	}
	d.behind.add(Duration(d.newest - t))
	firstEnd, lastEnd := MaxTime, MinTime
	for _, s := range d.specs {
		first, last := s.windowsOf(t)
		firstEnd = min(firstEnd, s.Span(first).End)
		lastEnd = max(lastEnd, s.Span(last).End)
	}
	firstEnd, lastEnd = firstEnd.Add(d.allowedLateness), lastEnd.Add(d.allowedLateness)
	if d.newest >= firstEnd {
		d.first.add(Duration(d.newest - firstEnd))
	}
	if d.newest >= lastEnd {
		d.last.add(Duration(d.newest - lastEnd))
	}
}

// Merge adds the records of another partition. Newest then means nothing.
func (d *Disorder) Merge(o *Disorder) {
	d.records += o.records
	d.behind.merge(&o.behind)
	d.first.merge(&o.first)
	d.last.merge(&o.last)
	d.newest = max(d.newest, o.newest)
}

// Newest is the newest event time, MinTime before the first.
func (d *Disorder) Newest() Time { return d.newest }

// Records is how many records were counted.
func (d *Disorder) Records() int64 { return d.records }

// OutOfOrder is how many of the records were behind the newest event time.
func (d *Disorder) OutOfOrder() int64 { return d.behind.count }

// Quantile is how far behind the newest event time all but a share 1-q of the
// records are at most, for q from 0 to 1; a record in order is 0 behind. It is
// exact below a minute and above that at most 1.7 % too long.
func (d *Disorder) Quantile(q float64) Duration {
	rank := int64(math.Ceil(float64(q * float64(d.records))))
	inOrder := d.records - d.behind.count
	if rank <= inOrder {
		return 0
	}
	return d.behind.ranked(rank - inOrder)
}

// Worst is how far behind the newest event time the latest record is.
func (d *Disorder) Worst() Duration { return d.behind.max }

// Loss is what an out-of-orderness costs. It is exact for those up to a minute,
// for whole seconds up to two hours, whole minutes up to five days, whole hours
// up to a year and whole days up to a century, and from Lossless on; any other
// is rounded down to one of these, so that the loss may be less than is said.
func (d *Disorder) Loss(outOfOrderness Duration) Loss {
	late := d.last.atLeast(outOfOrderness)
	return Loss{Late: late, PartlyLate: d.first.atLeast(outOfOrderness) - late}
}

// Lossless is the smallest out-of-orderness at which no record loses a window.
func (d *Disorder) Lossless() Duration {
	if d.first.count == 0 {
		return 0
	}
	return d.first.max + 1
}

// roundBounds are the out-of-ordernesses that people choose from.
var roundBounds = []Duration{
	0, 1, 2, 5, 10, 20, 50, 100, 200, 500,
	1 * second, 2 * second, 5 * second, 10 * second, 20 * second, 30 * second,
	1 * minute, 2 * minute, 5 * minute, 10 * minute, 20 * minute, 30 * minute,
	1 * hour, 2 * hour, 5 * hour, 12 * hour,
	1 * day, 2 * day, 5 * day, 10 * day, 30 * day, 100 * day,
}

// Recommended is the smallest out-of-orderness of 0, the round ones and Lossless
// at which at most a share of the records, from 0 to 1, lose windows.
func (d *Disorder) Recommended(share float64) Duration {
	bearable := int64(float64(share * float64(d.records)))
	lossless := d.Lossless()
	for _, bound := range roundBounds {
		if bound < lossless && d.Loss(bound).Total() <= bearable {
			return bound
		}
	}
	return lossless
}

// Ladder returns the out-of-ordernesses that are worth a choice, in ascending
// order: 0, the round ones that save a tenth of what the one before loses, what
// is recommended for that share, and Lossless. Loss is exact for all of them.
func (d *Disorder) Ladder(share float64) []Duration {
	lossless, recommended := d.Lossless(), d.Recommended(share)
	var ladder []Duration
	var last Loss
	for _, bound := range roundBounds {
		if bound >= lossless {
			break
		}
		if loss := d.Loss(bound); bound == 0 || bound == recommended || loss.saves(last) {
			ladder, last = append(ladder, bound), loss
		}
	}
	return append(ladder, lossless)
}

// saves says that l is a tenth less than a greater loss, of late records or of
// all.
func (l Loss) saves(of Loss) bool {
	tenthLess := func(a, b int64) bool { return a < b && a <= b-b/10 }
	return tenthLess(l.Late, of.Late) || tenthLess(l.Total(), of.Total())
}
