package table

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Wrap breaks the lines of text between words, and not at the hyphens of flags,
// so that they are at most width cells wide, 0 for no bound, but for longer
// words. Each ends in a line feed.
func Wrap(text string, width int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		column := 0
		for word := range strings.FieldsSeq(line) {
			size := ansi.StringWidth(word)
			switch {
			case column == 0:
			case width > 0 && column+1+size > width:
				b.WriteByte('\n')
				column = 0
			default:
				b.WriteByte(' ')
				column++
			}
			b.WriteString(word)
			column += size
		}
		b.WriteByte('\n')
	}
	return b.String()
}
