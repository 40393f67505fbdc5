package window

import (
	"fmt"
	"math"
	"strings"
)

// Spec describes one family of windows: [k*Hop+Origin, k*Hop+Origin+Size) for
// every integer k. Hop == Size is tumbling, Hop < Size is hopping; Hop need
// not divide Size.
type Spec struct {
	Size, Hop Duration
	// Origin aligns the windows relative to the epoch.
	Origin Duration
	// Step is the length of the parts a forecaster sees; 0 for none. It
	// divides Size.
	Step Duration
}

const specExample = "use SIZE or SIZE/HOP, for example 10s or 10s/1s"

// ParseSpec reads SIZE (tumbling) or SIZE/HOP (hopping).
func ParseSpec(s string) (Spec, error) {
	parts := strings.Split(s, "/")
	if len(parts) > 2 {
		return Spec{}, fmt.Errorf("window %q has %d parts: %s", s, len(parts), specExample)
	}
	size, err := ParseDuration(parts[0])
	if err != nil {
		return Spec{}, fmt.Errorf("window %q: %w; %s", s, err, specExample)
	}
	spec := Spec{Size: size, Hop: size}
	if len(parts) == 2 {
		if spec.Hop, err = ParseDuration(parts[1]); err != nil {
			return Spec{}, fmt.Errorf("window %q: %w; %s", s, err, specExample)
		}
	}
	if err := spec.Validate(); err != nil {
		return Spec{}, fmt.Errorf("window %q: %w", s, err)
	}
	return spec, nil
}

// Validate says what is wrong with the spec.
func (s Spec) Validate() error {
	switch {
	case s.Size <= 0:
		return fmt.Errorf("the size %v is not positive: %s", s.Size, specExample)
	case s.Hop <= 0:
		return fmt.Errorf("the hop %v is not positive: %s", s.Hop, specExample)
	case s.Hop > s.Size:
		return fmt.Errorf("the hop %v is longer than the size %v and would skip records: use a hop of at most %v, or %v alone for tumbling windows",
			s.Hop, s.Size, s.Size, s.Size)
	case s.Step < 0 || s.Step > 0 && s.Size%s.Step != 0:
		return fmt.Errorf("the step %v does not divide the size %v: use for example a step of %v", s.Step, s.Size, DefaultStep(s.Size, s.Hop))
	}
	return nil
}

// maxDefaultSteps bounds the steps that DefaultStep cuts a window into where
// the size has no better divisor.
const maxDefaultSteps = 600

// DefaultStep is the step a forecaster uses if none is given. For hopping
// windows it is the smallest multiple of the hop that divides the size and is
// at least size/60, if one is shorter than the size; otherwise a tenth of the
// size. Where a tenth is no whole number of milliseconds it is the divisor of
// the size that comes nearest among those that make 2 to 600 steps; failing
// all, the size.
func DefaultStep(size, hop Duration) Duration {
	if hop < size {
		for n := Duration(60); n >= 2; n-- {
			if size%n == 0 && size/n%hop == 0 {
				return size / n
			}
		}
	}
	if size%10 == 0 {
		return size / 10
	}
	best := size
	for n := Duration(2); n <= maxDefaultSteps && n <= size; n++ {
		if size%n == 0 && distance(size/n*10, size) < distance(best*10, size) {
			best = size / n
		}
	}
	return best
}

func distance(a, b Duration) Duration {
	if a > b {
		return a - b
	}
	return b - a
}

// String is the notation of --window.
func (s Spec) String() string {
	if s.Hop == s.Size {
		return s.Size.String()
	}
	return s.Size.String() + "/" + s.Hop.String()
}

// Span returns window number k.
func (s Spec) Span(k int64) Span {
	start := Time(int64(s.Origin) + k*int64(s.Hop))
	return Span{Start: start, End: start.Add(s.Size)}
}

// windowsOf returns the numbers of the first and the last window that
// contain t.
func (s Spec) windowsOf(t Time) (first, last int64) {
	at := int64(t) - int64(s.Origin)
	last = floorDiv(at, int64(s.Hop))
	if s.Hop == s.Size {
		return last, last
	}
	return floorDiv(at-int64(s.Size), int64(s.Hop)) + 1, last
}

// noWindow is below the number of every window.
const noWindow = math.MinInt64

// lastEnded returns the number of the last window whose end is at or before w;
// noWindow if w is unknown.
func (s Spec) lastEnded(w Time) int64 {
	// w may be any time, with an allowed lateness beyond all event times also
	// one near MinTime: it must not wrap.
	start := w.Sub(s.Origin).Sub(s.Size)
	if w == MinTime || start == MinTime {
		return noWindow
	}
	return floorDiv(int64(start), int64(s.Hop))
}

// sliceWidth is the widest slice that no edge of a window or step cuts.
func (s Spec) sliceWidth() Duration {
	w := gcd(s.Size, s.Hop)
	if s.Step > 0 {
		w = gcd(w, s.Step)
	}
	return w
}

func gcd(a, b Duration) Duration {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
