package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// maxShown bounds how many bytes of one string are looked at: a record's key
// may be a megabyte, a line is not.
const maxShown = 512

// maxMarks is how many combining marks a letter keeps; more of them draw over
// the lines above and below.
const maxMarks = 2

// clean makes a string that came from outside fit for a terminal. Whatever
// could move the cursor, start an escape sequence, reorder the line or hide in
// it is replaced by something that can be seen: C0 controls by their pictures
// (U+2400 and on), all else by U+FFFD. With asciiOnly everything that is not
// printable ASCII becomes a question mark.
func clean(s string, asciiOnly bool) string {
	if len(s) > maxShown {
		s = s[:maxShown] + "…"
	}
	if plain(s) {
		return s
	}
	var b strings.Builder
	marks := maxMarks // none before the first letter
	for i, n := 0, 0; i < len(s); i += n {
		var r rune
		r, n = utf8.DecodeRuneInString(s[i:])
		if unicode.In(r, unicode.Mn, unicode.Me) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case asciiOnly && (r < ' ' || r > '~'):
			r = '?'
		case marks > maxMarks:
			r = utf8.RuneError
		default:
			r = visible(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// plain reports whether s is printable ASCII.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// visible returns r, or what stands for it if it has no glyph of its own.
func visible(r rune) rune {
	const pictures, deletePicture = 0x2400, 0x2421
	switch {
	case r < ' ':
		return pictures + r
	case r == 0x7f:
		return deletePicture
	case unicode.Is(unicode.Zs, r):
		return ' '
	case !unicode.IsPrint(r), unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point, prepended):
		return utf8.RuneError
	}
	return r
}

// prepended are the letters that make one cluster with whatever follows them, the
// space that fills a column included (Grapheme_Cluster_Break=Prepend of UAX #29,
// as far as they are printable): terminals differ in how wide that is.
var prepended = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x0d4e, Hi: 0x0d4e, Stride: 1}},
	R32: []unicode.Range32{
		{Lo: 0x111c2, Hi: 0x111c3, Stride: 1},
		{Lo: 0x1193f, Hi: 0x11941, Stride: 2},
		{Lo: 0x11a3a, Hi: 0x11a3a, Stride: 1},
		{Lo: 0x11a84, Hi: 0x11a89, Stride: 1},
		{Lo: 0x11d46, Hi: 0x11d46, Stride: 1},
		{Lo: 0x11f02, Hi: 0x11f02, Stride: 1},
	},
}

// asciiGlyphs has the ASCII character for each glyph that the screen itself
// draws. All are one cell wide, so the columns stay where they are.
var asciiGlyphs = strings.NewReplacer(
	"─", "-", "│", "|", "╭", "+", "╮", "+", "╰", "+", "╯", "+",
	"○", "o", "●", "*", "◆", "#", "◌", ".", "■", "#", "‖", "=",
	"▸", ">", "•", "*", "▲", "^", "▼", "v", "←", "<", "→", ">", "↑", "^", "↓", "v",
	"…", "~", "·", "-", "–", "-", "−", "-", "≥", ">", "±", "~", "∞", "I", "✓", "+", "✗", "x",
	"✱", "@", "░", ":", "┄", ".", "┃", "|", "┊", ":", "▏", "_",
)

// width is the number of cells of s. What the screen draws itself is counted
// here; anything else needs the rules of grapheme clusters, which cost ten
// times as much.
func width(s string) int {
	n := 0
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c >= ' ' && c <= '~':
			n++
			i++
		case c == '\x1b' && i+1 < len(s) && s[i+1] == '[':
			i += 2
			for i < len(s) && (s[i] < '@' || s[i] > '~') {
				i++
			}
			i++
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			if !narrow(r) {
				return ansi.StringWidth(s)
			}
			n++
			i += size
		}
	}
	return n
}

// narrow reports whether r is one of the symbols that the screen draws, all
// one cell wide.
func narrow(r rune) bool {
	switch r {
	case '·', '…', '–', '−', '•', '‖', '✓', '✗', '∞':
		return true
	}
	return r >= '←' && r <= '↓' || r >= '─' && r <= '●'
}

// fit cuts s to w cells, with an ellipsis where something was cut, and fills
// it with spaces behind or, if right, in front.
func fit(s string, w int, right bool) string {
	if w <= 0 {
		return ""
	}
	n := width(s)
	if n > w {
		s = ansi.Truncate(s, w, "…")
		n = width(s)
	}
	if right {
		return blank(w-n) + s
	}
	return s + blank(w-n)
}

// middle is s in w cells, which loses its middle if it is too long: keys that begin
// alike mostly end in what tells them apart.
func middle(s string, w int) string {
	n := width(s)
	if n <= w || w < 3 {
		return fit(s, min(n, w), false)
	}
	tail := ansi.TruncateLeft(s, n-(w-1)/2, "")
	return ansi.Truncate(s, w-1-width(tail), "") + "…" + tail
}

// nameEnd is the name of a partition, or of a record in it, in w cells: of one that
// is too long the topic is cut, and not the numbers behind it.
func nameEnd(s string, w int) string {
	i := strings.LastIndexByte(s, '/')
	if n := width(s); n <= w || i < 0 || width(s[i:])+2 > w {
		return s
	}
	return ansi.Truncate(s[:i], w-width(s[i:]), "…") + s[i:]
}

const spaces = "                                                                "

// blank returns n spaces.
func blank(n int) string {
	switch {
	case n <= 0:
		return ""
	case n <= len(spaces):
		return spaces[:n]
	}
	return strings.Repeat(" ", n)
}
