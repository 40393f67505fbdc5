package tui

import (
	"testing"

	"github.com/muesli/termenv"
)

func TestCanvasDropsWhatIsOutside(t *testing.T) {
	c := newCanvas(3, 2, false)
	for _, at := range [][2]int{{-1, 0}, {3, 0}, {0, -1}, {0, 2}} {
		c.set(at[0], at[1], 'x', inkPlain)
		if got := c.at(at[0], at[1]); got != 0 {
			t.Errorf("%q at %v", got, at)
		}
	}
	c.text(-1, 0, "abcdef", inkPlain)
	c.text(2, 1, "…z", inkPlain)
	if got, want := c.render(newStyles(termenv.Ascii)), "bcd\n  …"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCanvasWritesOneSequenceForARun(t *testing.T) {
	c := newCanvas(6, 1, true)
	c.text(0, 0, "──", inkActual)
	c.text(3, 0, "░░", inkBand)
	st := newStyles(termenv.ANSI256)
	want := st.Actual.Render("--") + " " + st.Band.Render("::")
	if got := c.render(st); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWithSides(t *testing.T) {
	for _, c := range []struct {
		glyph rune
		sides int
		want  rune
	}{
		{0, lineUp, '╵'},
		{'░', lineDown, '╷'},
		{'─', lineUp, '┴'},
		{'─', lineDown, '┬'},
		{'╭', lineUp, '├'},
		{'╮', lineUp, '┤'},
		{'╯', lineDown, '┤'},
		{'╰', lineUp | lineDown, '├'},
		{'╴', lineUp, '╯'},
		{'│', lineLeft | lineRight, '┼'},
	} {
		if got := withSides(c.glyph, c.sides); got != c.want {
			t.Errorf("withSides(%q, %b) = %q, want %q", c.glyph, c.sides, got, c.want)
		}
	}
}
