package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
)

// typed is a line of text that is typed in place of the footer.
type typed struct {
	open bool
	text string
}

// maxTyped bounds what is typed or pasted.
const maxTyped = 200

// edit changes the text by one key, and reports whether it did.
func (t *typed) edit(msg tea.KeyMsg) bool {
	before := t.text
	switch msg.Type {
	case tea.KeyRunes, tea.KeySpace:
		t.text += printable(string(msg.Runes))
	case tea.KeyBackspace:
		_, n := utf8.DecodeLastRuneInString(t.text)
		t.text = t.text[:len(t.text)-n]
	case tea.KeyCtrlU:
		t.text = ""
	case tea.KeyCtrlW:
		t.text = t.text[:strings.LastIndex(strings.TrimRight(t.text, " "), " ")+1]
	default: // types nothing
	}
	if len(t.text) > max(maxTyped, len(before)) {
		t.text = before
	}
	return t.text != before
}

// printable drops what cannot be typed, as a paste may contain.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}

// view is the text behind the key that opened the line, with a cursor.
func (t *typed) view(f *frame, opened string) string {
	return " " + f.st.Keycap.Render(opened) + f.text(t.text) + f.st.Bold.Render("▏")
}
