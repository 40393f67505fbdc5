package tui

// cursor stands on a row of a list, and stays on it wherever it moves: T is
// what identifies a row. Nothing is chosen until it has been moved.
type cursor[T comparable] struct {
	chosen bool
	id     T
	// top is the first row that is seen.
	top int
}

// at is the row of n the cursor stands on; start if nothing is chosen, or what
// was is gone.
func (c *cursor[T]) at(n, start int, id func(int) T) int {
	if c.chosen {
		for i := range n {
			if id(i) == c.id {
				return i
			}
		}
	}
	return start
}

// move moves by delta rows from the row at, which was chosen or is where the
// cursor appears: a first step only shows it. It reports whether there are
// rows.
func (c *cursor[T]) move(at, delta, n int, id func(int) T) bool {
	if n == 0 {
		return false
	}
	if c.chosen || delta > 1 || delta < -1 {
		at = step(at, delta, n)
	}
	c.chosen, c.id = true, id(at)
	return true
}

func (c *cursor[T]) reset() bool {
	was := c.chosen
	c.chosen = false
	return was
}

// visible returns the half-open range of the rows that h lines show of n, such
// that the row at is among them, and scrolls as little as possible.
func (c *cursor[T]) visible(at, n, h int) (from, to int) {
	if h <= 0 {
		return 0, 0
	}
	c.top = min(c.top, at)
	c.top = max(c.top, at-h+1)
	c.top = max(0, min(c.top, n-h))
	return c.top, min(n, c.top+h)
}

// step moves an index by delta within n rows.
func step(at, delta, n int) int {
	if delta > 0 && at > n-1-delta {
		return max(0, n-1)
	}
	return max(0, min(at+delta, n-1))
}
