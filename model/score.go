package model

import (
	"math"
	"unsafe"
)

// scoreWindow is how many resolved steps a Score speaks of, and scoreBlock how
// many of them are summed at a time: a sum is made anew of its parts and never
// has anything taken off it, so that one huge error leaves nothing behind.
const (
	scoreWindow = 500
	scoreBlock  = 20
)

// Verdict says whether the truth was inside a prediction interval.
type Verdict uint8

// The verdicts.
const (
	// Unjudged: the forecast had no interval.
	Unjudged Verdict = iota
	// Inside: the truth was in the interval, bounds included.
	Inside
	// Outside: it was not.
	Outside
)

// Score keeps how well the newest 500 resolved steps of a series were forecast.
// The zero value is ready for use. It allocates until it is full, about 13 kB,
// and is not safe for concurrent use.
type Score struct {
	steps          []scoredStep
	next           int
	sums           [scoreWindow / scoreBlock]scoredStep
	inside, judged int
}

// scoredStep is the absolute error of a forecast and of the naive one for the
// same step, or their sums.
type scoredStep struct {
	missed, naive float64
	verdict       Verdict
}

// Add adds a resolved step: the absolute errors of the forecast and of the
// naive forecast made at the same moment, and the interval's verdict.
func (s *Score) Add(missed, naive float64, v Verdict) {
	step := scoredStep{missed: missed, naive: naive, verdict: v}
	if len(s.steps) < scoreWindow {
		s.steps = append(s.steps, step)
	} else {
		s.count(s.steps[s.next].verdict, -1)
		s.steps[s.next] = step
	}
	s.count(v, 1)
	block := s.next / scoreBlock
	s.next = (s.next + 1) % scoreWindow
	var sum scoredStep
	for _, x := range s.steps[block*scoreBlock : min((block+1)*scoreBlock, len(s.steps))] {
		sum.missed += x.missed
		sum.naive += x.naive
	}
	s.sums[block] = sum
}

func (s *Score) count(v Verdict, n int) {
	if v != Unjudged {
		s.judged += n
	}
	if v == Inside {
		s.inside += n
	}
}

// Bytes is about how much memory the Score takes.
func (s *Score) Bytes() int64 {
	return int64(unsafe.Sizeof(*s)) + int64(len(s.steps))*int64(unsafe.Sizeof(scoredStep{}))
}

// N is the number of steps that the score speaks of, at most 500.
func (s *Score) N() int { return len(s.steps) }

// Coverage is the share of truths inside their intervals; NaN without one.
func (s *Score) Coverage() float64 { return float64(s.inside) / float64(s.judged) }

// MASE is the mean absolute error divided by that of the naive forecasts; NaN
// without steps and where the naive forecasts made no error.
func (s *Score) MASE() float64 {
	var sum scoredStep
	for _, x := range s.sums {
		sum.missed += x.missed
		sum.naive += x.naive
	}
	if sum.naive == 0 {
		return math.NaN()
	}
	return sum.missed / sum.naive
}
