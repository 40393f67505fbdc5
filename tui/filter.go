package tui

import (
	"regexp"
	"strings"
)

// filterInput is the line in which the filter of the keys is typed: a regular
// expression without regard to case, of which any plain text is one.
type filterInput struct {
	typed
	err error
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

// line is what stands in place of the footer.
func (i *filterInput) line(f *frame, matches string, w int) string {
	line := i.view(f, "/")
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
