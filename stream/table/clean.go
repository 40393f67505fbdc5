package table

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// clean makes a string from a record fit to be shown: escape sequences are
// removed whole, and so is every rune that could move the cursor, reorder the
// line or hide in it. Bytes that are not UTF-8 become U+FFFD.
func clean(s string) string {
	if plain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if hidden(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(ansi.Strip(strings.ToValidUTF8(s, "\ufffd")), "\ufffd"))
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

// hidden reports whether r is a control, a line or paragraph separator, a
// format character (bidi controls, zero-width characters, tags), a variation
// selector, or another character without a glyph.
func hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp,
		unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// fit cuts s to width columns, with an ellipsis where something was cut, and
// pads it with spaces on its left or right.
func fit(s string, width int, right bool) string {
	s = ansi.Truncate(s, width, "…")
	pad := strings.Repeat(" ", max(0, width-ansi.StringWidth(s)))
	if right {
		return pad + s
	}
	return s + pad
}
