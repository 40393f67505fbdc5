package demo

import (
	"fmt"
	"strconv"

	"github.com/oriel-stream/oriel/window"
)

// sensor is one sensor's place and character.
type sensor struct {
	id        []byte
	partition int
	// head is the payload up to the value of temp.
	head []byte
	// level, amplitude and humidity are in the units of the story; the phases
	// shift the season and the swing.
	level, amplitude, humidity int64
	dayPhase, swingPhase       window.Duration
}

// reading is what a sensor has measured, and its way to the broker.
type reading struct {
	sensor int
	number int64 // counts the readings of all sensors
	// eventTime is what the sensor's clock said. sent is when the reading
	// reached its gateway, timestamp when the gateway produced it.
	eventTime, sent, timestamp window.Time
	temp, humidity             int64
	hot                        bool
	flaw                       flaw
}

// newSensor draws the character of sensor i.
func (g *generator) newSensor(i, partitions int) sensor {
	id := fmt.Sprintf("s-%03d", i+1)
	p := i % partitions
	return sensor{
		id:         []byte(id),
		partition:  p,
		head:       fmt.Appendf(nil, `{"sensor":"%s","site":"%s","temp":`, id, site(p)),
		level:      minLevel + g.roll(levelRange),
		amplitude:  minAmplitude + g.roll(amplitudeRange),
		humidity:   minHumidity + g.roll(humidityRange),
		dayPhase:   window.Duration(g.roll(uint64(day))),
		swingPhase: window.Duration(g.roll(uint64(swing))),
	}
}

// site returns the name of the site whose gateway writes to partition p.
func site(p int) string {
	cities := [...]string{"berlin", "hamburg", "munich", "cologne", "bremen", "leipzig", "dresden", "essen"}
	return cities[p%len(cities)] + "-" + strconv.Itoa(1+p/len(cities))
}

// measure fills in what sensor s reads at t, counted from the first reading.
func (g *generator) measure(rd *reading, s *sensor, t window.Duration) {
	season := s.amplitude * wave(t+s.dayPhase, day) / 1000
	trend := swingAmplitude * wave(t+s.swingPhase, swing) / 1000
	rd.temp = s.level + season + trend + g.noise(tempNoise)
	rd.humidity = s.humidity - season/5 + g.noise(humidityNoise)

	if spell := t / hotSpell.every; spell != g.spell {
		g.spell = spell
		g.hot = int(g.roll(uint64(len(g.sensors))))
	}
	if rd.sensor == g.hot && hotSpell.in(t) {
		rd.temp += hotSpellRise
		rd.hot = true
	}
}

// wave is a sine made of parabolas, in thousandths, of the given period.
func wave(t, period window.Duration) int64 {
	half := int64(period / 2)
	x := int64(t) % half
	y := 4000 * x * (half - x) / (half * half)
	if int64(t)/half%2 == 1 {
		return -y
	}
	return y
}

// appendPayload appends the payload of rd to buf and returns it, nil for null,
// and buf. The payload stays valid when buf grows.
func (s *sensor) appendPayload(buf []byte, rd reading) (payload, _ []byte) {
	if rd.flaw == nullPayload {
		return nil, buf
	}
	if rd.flaw == emptyPayload {
		return []byte{}, buf
	}
	from := len(buf)
	buf = append(buf, s.head...)
	switch rd.flaw {
	case textValue:
		buf = append(buf, `"n/a"`...)
	case nanValue:
		buf = append(buf, `"NaN"`...)
	default:
		buf = appendDecimal(buf, rd.temp, 2)
	}
	buf = append(buf, `,"humidity":`...)
	buf = appendDecimal(buf, rd.humidity, 1)
	if rd.hot {
		buf = append(buf, `,"status":"hot","ts":`...)
	} else {
		buf = append(buf, `,"status":"ok","ts":`...)
	}
	buf = strconv.AppendInt(buf, int64(rd.eventTime), 10)
	buf = append(buf, '}')
	if rd.flaw == truncated {
		buf = buf[:from+(len(buf)-from)/2]
	}
	return buf[from:len(buf):len(buf)], buf
}

// appendDecimal appends n, which is at least 10 and scaled by 10 to the
// decimals, as a decimal number.
func appendDecimal(buf []byte, n int64, decimals int) []byte {
	buf = strconv.AppendInt(buf, n, 10)
	point := len(buf) - decimals
	buf = append(buf, 0)
	copy(buf[point+1:], buf[point:])
	buf[point] = '.'
	return buf
}
