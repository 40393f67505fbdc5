package tui

import (
	"math"
	"strconv"
	"strings"
)

// maxValue is as large as a value is drawn; beyond, the axis is cut. The margin
// lets ranges be widened and subtracted without an overflow.
const maxValue = 1e307

// labelWidth is what the labels of the value axis have, always, so that the plot
// does not move sideways when the values grow.
const labelWidth = 8

// valueScale maps values to rows: linearly, or by their logarithm.
type valueScale struct {
	low, high float64 // of the axis; decimal logarithms if log
	rows      int     // at least 2
	log       bool
	every     float64 // distance of ticks on the axis
}

// fewRows is where an axis with round ticks would be mostly margin: below, the
// ticks are its two ends.
const fewRows = 8

// newValueScale returns the scale for values in [low, high].
func newValueScale(low, high float64, rows int, log bool) valueScale {
	s := valueScale{rows: rows, log: log}
	s.low, s.high = s.position(low), s.position(high)
	largest := max(math.Abs(s.low), math.Abs(s.high))
	if s.high-s.low <= largest*1e-12 {
		pad := max(1, largest/10)
		s.low, s.high = s.low-pad, s.high+pad
	}
	s.every = s.tickStep(s.high - s.low)
	grain := s.every / 2
	if rows < fewRows {
		s.every = roundStep((s.high - s.low) / 20)
		grain = s.every
	}
	if grain > 0 && !log {
		// Round ends: small changes of the values do not move the axis.
		s.low = math.Floor(s.low/grain+1e-9) * grain
		s.high = math.Ceil(s.high/grain-1e-9) * grain
	}
	return s
}

// tickStep is the distance of ticks on a range that keeps a row free between
// them, also when the axis is extended by half of it at both ends.
func (s valueScale) tickStep(span float64) float64 {
	return roundStep(span / max(1, float64(s.rows-3)/2))
}

// position is where v is on the axis.
func (s valueScale) position(v float64) float64 {
	if !s.log {
		return v
	}
	return math.Log10(max(v, math.SmallestNonzeroFloat64))
}

// row returns the row of v counted from the bottom, and -1 or +1 if v is below
// or above the axis and was moved to its end.
func (s valueScale) row(v float64) (row, beyond int) {
	share := (s.position(v) - s.low) / (s.high - s.low)
	const slack = 1e-9 // an end of the axis is not beyond it
	switch {
	case share < -slack:
		return 0, -1
	case share > 1+slack:
		return s.rows - 1, 1
	}
	return int(math.Round(min(max(share, 0), 1) * float64(s.rows-1))), 0
}

// valueTick is a labelled row of the value axis, counted from the bottom.
type valueTick struct {
	row   int
	label string
}

// ticks returns the ticks from the bottom up.
func (s valueScale) ticks() []valueTick {
	var ticks []valueTick
	last := -1
	add := func(v float64, label string) {
		row, beyond := s.row(v)
		if beyond == 0 && row > last+boolInt(last >= 0) {
			ticks = append(ticks, valueTick{row, label})
			last = row
		}
	}
	switch {
	case s.log && s.rows < fewRows:
		for _, v := range [...]float64{math.Pow(10, s.low), math.Pow(10, s.high)} {
			add(v, newNumberForm(v, roundStep(v/50)).format(v))
		}
		return ticks
	case s.log && s.high-s.low >= 1:
		s.decades(add)
		return ticks
	}
	low, high, every := s.low, s.high, s.every
	if s.log {
		low, high = math.Pow(10, low), math.Pow(10, high)
		every = s.tickStep(high - low)
	}
	if every <= 0 {
		return nil // no float64 is that small
	}
	form := newNumberForm(max(math.Abs(low), math.Abs(high)), every)
	if s.rows < fewRows {
		add(low, form.format(low))
		add(high, form.format(high))
		return ticks
	}
	first := math.Ceil(low/every - 1e-9)
	for i := range s.rows {
		v := (first + float64(i)) * every
		add(v, form.format(v))
	}
	return ticks
}

// decades adds the powers of ten, and 2 and 5 times them where there is room.
func (s valueScale) decades(add func(float64, string)) {
	factors := []float64{1}
	perDecade := float64(s.rows-1) / (s.high - s.low)
	if perDecade >= 8 {
		factors = []float64{1, 2, 5}
	}
	every := max(1, int(math.Ceil(2/perDecade)))
	first := int(math.Floor(s.low))
	for decade := first - first%every; float64(decade) <= s.high; decade += every {
		for _, factor := range factors {
			v := factor * math.Pow(10, float64(decade))
			add(v, newNumberForm(v, v).format(v))
		}
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// roundStep returns the smallest of 1, 2, 2.5 and 5 times a power of ten that is at
// least d; 0 if d is too small for a float64 to have one.
func roundStep(d float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(d)))
	for _, factor := range [...]float64{1, 2, 2.5, 5, 10} {
		if step := factor * unit; step >= d*(1-1e-9) && isFinite(step) {
			return step
		}
	}
	return 0
}

// numberForm is how the numbers of one axis are written: all in one unit, with
// as many decimals as tell neighbours apart.
type numberForm struct {
	unit     float64
	suffix   string
	decimals int
	power    bool // as 1.5e300
}

// newNumberForm returns the form for numbers up to largest, every apart.
func newNumberForm(largest, every float64) numberForm {
	form := numberForm{unit: 1}
	switch {
	case largest >= 1e15 || largest < 1e-4:
		form.power = true
		return form
	case largest >= 1e12:
		form.unit, form.suffix = 1e12, "T"
	case largest >= 1e9:
		form.unit, form.suffix = 1e9, "G"
	case largest >= 1e6:
		form.unit, form.suffix = 1e6, "M"
	case largest >= 1e4:
		form.unit, form.suffix = 1e3, "k"
	}
	for step := every / form.unit; form.decimals < 12 && math.Abs(step-math.Round(step)) > 1e-6*step; step *= 10 {
		form.decimals++
	}
	return form
}

// format writes v in at most labelWidth cells. Of a number that is too long the
// end is what differs from its neighbours.
func (f numberForm) format(v float64) string {
	if v == 0 {
		return "0"
	}
	if !f.power {
		s := strconv.FormatFloat(v/f.unit, 'f', f.decimals, 64) + f.suffix
		if len(s) <= labelWidth {
			return s
		}
		unscaled := max(0, f.decimals-int(math.Log10(f.unit)))
		s = strconv.FormatFloat(v, 'f', unscaled, 64)
		if v < 0 {
			return "-…" + s[max(1, len(s)-labelWidth+2):]
		}
		return "…" + s[max(0, len(s)-labelWidth+1):]
	}
	for digits := 4; ; digits-- {
		s := strconv.FormatFloat(v, 'g', digits, 64)
		s = strings.ReplaceAll(strings.ReplaceAll(s, "e+", "e"), "e-0", "e-")
		if len(s) <= labelWidth || digits == 1 {
			return s
		}
	}
}
