package tui

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
)

// filterInput is the line in which the filter of the keys is typed: a regular
// expression without regard to case, of which any plain text is one.
type filterInput struct {
	open bool
	text string
	err  error
}

// maxFilter bounds what is typed or pasted.
const maxFilter = 200

// edit changes the text by one key, and reports whether it did.
func (i *filterInput) edit(msg tea.KeyMsg) bool {
	before := i.text
	switch msg.Type {
	case tea.KeyRunes, tea.KeySpace:
		i.text += printable(string(msg.Runes))
	case tea.KeyBackspace:
		_, n := utf8.DecodeLastRuneInString(i.text)
		i.text = i.text[:len(i.text)-n]
	case tea.KeyCtrlU:
		i.text = ""
	case tea.KeyCtrlW:
		i.text = i.text[:strings.LastIndex(strings.TrimRight(i.text, " "), " ")+1]
	default: // types nothing
	}
	if len(i.text) > maxFilter {
		i.text = before
	}
	return i.text != before
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

// compile is the filter: nil for an empty text, and for one that is no regular
// expression, with err set.
func (i *filterInput) compile() *regexp.Regexp {
	i.err = nil
	if i.text == "" {
		return nil
	}
	re, err := regexp.Compile("(?i)" + i.text)
	if err != nil {
		i.err = err
		return nil
	}
	return re
}

// view is the line.
func (i *filterInput) view(f *frame, matches string, w int) string {
	line := " " + f.st.Keycap.Render("/") + f.text(i.text) + f.st.Bold.Render("▏")
	if i.err != nil {
		return fit(line+"  "+f.st.Attention.Render("✗ not a regular expression: "+reason(i.err)), w, false)
	}
	return fit(line+"  "+f.st.Dim.Render(matches+"   enter keep · esc drop"), w, false)
}

// reason is what a regexp error says, without the expression.
func reason(err error) string {
	s := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
	s, _, _ = strings.Cut(s, ":")
	return s
}
