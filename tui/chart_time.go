package tui

import (
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// The zoom levels: each doubles what the one below shows of a step.
const (
	minZoom = -6
	maxZoom = 4
)

// maxStep bounds the length of a step, in ms, so that no product of a time and
// a scale overflows: 30 years.
const maxStep = 1_000_000_000_000

// timeline maps event time to columns. A step takes wide/steps columns, and
// columns are counted from the epoch: a step stays with the same neighbours in
// its column while the chart scrolls, and peaks do not flicker.
type timeline struct {
	step        int64 // ms
	wide, steps int64 // columns for that many steps
	left        int64 // the first column, counted from the epoch
	columns     int
}

// newTimeline chooses the scale and the part that is shown: everything, if that
// takes at most two steps in a column, else the newest. The watermark and now
// are in view if they are less than a horizon after the last step.
func newTimeline(f *stream.Focus, marks []window.Time, columns, zoom int) timeline {
	l := timeline{step: min(max(int64(f.Step), 1), maxStep), columns: columns}
	first, last := clampTime(f.Points[0].At), clampTime(f.Points[len(f.Points)-1].At)
	right := last
	if n := len(f.Ahead); n > 0 {
		right = max(right, clampTime(f.Ahead[n-1].At))
	}
	reach := right.Add(window.Duration(l.step) * window.Duration(max(10, len(f.Ahead))))
	for _, mark := range marks {
		if mark <= reach {
			right = max(right, mark)
		}
	}
	l.chooseScale(first, right, zoom)
	// However far the forecast goes, half of the chart is for what was seen.
	end := min(l.absolute(right), l.absolute(last)+int64(columns/2))
	l.left = max(end-int64(columns)+1, min(l.absolute(first), end))
	return l
}

// chooseScale takes the widest scale that shows first to right, then zooms; out
// only while there is more to show. Scales are few, so that a growing chart is
// redrawn at another only rarely.
func (l *timeline) chooseScale(first, right window.Time, zoom int) {
	scales := [...][2]int64{
		{8, 1},
		{6, 1},
		{5, 1},
		{4, 1},
		{3, 1},
		{5, 2},
		{2, 1},
		{7, 4},
		{3, 2},
		{5, 4},
		{1, 1},
		{7, 8},
		{3, 4},
		{5, 8},
		{1, 2},
	}
	fits := func() bool { return l.absolute(right)-l.absolute(first) < int64(l.columns) }
	for _, s := range scales {
		l.wide, l.steps = s[0], s[1]
		if fits() {
			break
		}
	}
	if zoom > 0 {
		l.wide <<= min(zoom, maxZoom)
	}
	for ; zoom < 0 && l.steps < 1<<-minZoom && !fits(); zoom++ {
		l.steps *= 2
	}
}

// absolute returns the column of t, counted from the epoch.
func (l timeline) absolute(t window.Time) int64 {
	return floorDiv(int64(clampTime(t))*l.wide, l.steps*l.step)
}

// column returns the column of t on the chart: negative if it is further left,
// at least l.columns if further right.
func (l timeline) column(t window.Time) int { return int(l.absolute(t) - l.left) }

// start returns the first instant of a column of the chart.
func (l timeline) start(column int) window.Time {
	return window.Time(-floorDiv(-(l.left+int64(column))*l.steps*l.step, l.wide))
}

// clampTime moves t to the nearest event time; the sentinels are none.
func clampTime(t window.Time) window.Time {
	return min(max(t, window.MinEventTime), window.MaxEventTime)
}

// floorDiv returns a/b rounded towards minus infinity; b is positive.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// timeTick is a labelled column of the time axis.
type timeTick struct {
	column int
	label  string
}

// ticks returns at most five ticks at round times of the zone, with two blanks
// or more between their labels.
func (l timeline) ticks(zone *time.Location) []timeTick {
	for _, every := range tickSteps {
		layout := tickLayout(every)
		columns := every * l.wide / (l.steps * l.step)
		if columns < int64(len(layout)+3) || int64(l.columns) > 5*columns {
			continue
		}
		return l.ticksEvery(every, layout, zone)
	}
	return nil
}

func (l timeline) ticksEvery(every int64, layout string, zone *time.Location) []timeTick {
	from, to := l.start(0), l.start(l.columns)-1
	// The zone's offset at the right edge stands for all: after a change of the
	// clocks the ticks to its left are off the round hour, and say so.
	_, seconds := civil(to, zone).Zone()
	offset := int64(seconds) * 1000
	var ticks []timeTick
	for at := -floorDiv(-(int64(from)+offset), every)*every - offset; at <= int64(to); at += every {
		t := window.Time(at)
		ticks = append(ticks, timeTick{l.column(t), civil(t, zone).Format(layout)})
	}
	return ticks
}

// civil is t on a calendar of the zone; nil is UTC.
func civil(t window.Time, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	return time.UnixMilli(int64(t)).In(zone)
}

const (
	secondMillis = 1000
	minuteMillis = 60 * secondMillis
	hourMillis   = 60 * minuteMillis
	dayMillis    = 24 * hourMillis
)

// tickSteps are the distances of ticks that people call round, in ms.
var tickSteps = [...]int64{
	1, 2, 5, 10, 20, 50, 100, 200, 500,
	secondMillis, 2 * secondMillis, 5 * secondMillis, 10 * secondMillis, 15 * secondMillis, 30 * secondMillis,
	minuteMillis, 2 * minuteMillis, 5 * minuteMillis, 10 * minuteMillis, 15 * minuteMillis, 30 * minuteMillis,
	hourMillis, 2 * hourMillis, 3 * hourMillis, 6 * hourMillis, 12 * hourMillis,
	dayMillis, 2 * dayMillis, 5 * dayMillis, 10 * dayMillis, 30 * dayMillis, 100 * dayMillis,
	365 * dayMillis, 1000 * dayMillis, 3650 * dayMillis, 10_000 * dayMillis, 36_500 * dayMillis,
	100_000 * dayMillis, 365_000 * dayMillis, 1_000_000 * dayMillis,
}

// tickLayout is how times are written that are so many ms apart.
func tickLayout(every int64) string {
	switch {
	case every < secondMillis:
		return "15:04:05.000"
	case every < 12*hourMillis:
		return time.TimeOnly
	case every < dayMillis:
		return "Jan 02 15:04"
	}
	return time.DateOnly
}
