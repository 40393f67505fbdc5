package demo

import "github.com/oriel-stream/oriel/window"

// Times of the story, in milliseconds.
const (
	second = 1000
	minute = 60 * second

	// day is the period of the season, swing that of the trend.
	day   window.Duration = 2 * minute
	swing window.Duration = 60 * minute

	// minDelay is the shortest way from a sensor to the broker; delaySpread is
	// what the slowest ordinary record takes on top. stragglers take up to
	// 1.8 s, within the bound of 2 s; late records do not.
	minDelay       window.Duration = 25
	delaySpread                    = 700
	stragglerDelay window.Duration = 700
	stragglerRange                 = 1100
	lateDelay      window.Duration = 3 * second
	lateRange                      = 5 * second

	// wrongClock is the number of the sensor s-002; clockError is how far its
	// clock is ahead.
	wrongClock                 = 1
	clockError window.Duration = 24 * 60 * minute
)

// Phases of the story.
var (
	silence   = phase{every: 90 * second, from: 60 * second, length: 20 * second}
	wrongTime = phase{every: 60 * second, from: 30 * second, length: 5 * second}
	hotSpell  = phase{every: 45 * second, from: 20 * second, length: 4 * second}
)

// Temperatures are in hundredths of a degree, humidity is in tenths of a
// percent: integers come out the same on every machine.
const (
	minLevel, levelRange         = 1200, 1400
	minAmplitude, amplitudeRange = 150, 250
	swingAmplitude               = 150
	tempNoise                    = 20
	hotSpellRise                 = 1200
	minHumidity, humidityRange   = 400, 200
	humidityNoise                = 5
)

// Odds, in 100,000.
const (
	odds          = 100_000
	lateOdds      = 200
	stragglerOdds = 1000
	brokenOdds    = 100 // of all five kinds together
	nullKeyOdds   = 50
)

// phase is something that happens again and again: from from to from+length
// of every period.
type phase struct {
	every, from, length window.Duration
}

// in reports whether t, counted from the first reading, lies in the phase.
func (p phase) in(t window.Duration) bool {
	at := t%p.every - p.from
	return at >= 0 && at < p.length
}

// end returns the end of the phase that t lies in.
func (p phase) end(t window.Duration) window.Duration {
	return t - t%p.every + p.from + p.length
}

// flaw is what is wrong with a record.
type flaw uint8

const (
	whole        flaw = iota
	truncated         // JSON cut in half
	emptyPayload      // no bytes
	nullPayload
	textValue // "n/a" for temp
	nanValue  // "NaN" for temp
	nullKey
)
