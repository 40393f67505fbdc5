package tui

import (
	"io"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// styles are the looks of everything on the screen. Blue is what was measured,
// orange what was forecast or needs attention; text keeps the terminal's own
// foreground, so that light and dark terminals both work. A style never carries
// a meaning alone: a glyph or a word always says the same.
type styles struct {
	// Of charts.
	Actual, Forecast, Band, Watermark, Now, Axis, Label lipgloss.Style
	// Dim is for what frames and explains, Bold for what is looked for.
	Dim, Bold lipgloss.Style
	// Border is a panel's frame, FocusBorder that of the panel with the keys.
	Border, FocusBorder lipgloss.Style
	// Good and Attention mark states; Banner is a whole line that must be seen.
	Good, Attention, Banner lipgloss.Style
	// Title is the command's name in the header.
	Title lipgloss.Style
	// Selected is the row under the cursor, Keycap a key in the footer.
	Selected, Keycap lipgloss.Style
}

// Colours that are legible on black and on white.
const (
	blue      = lipgloss.Color("33")
	lightBlue = lipgloss.Color("74")
	orange    = lipgloss.Color("208")
)

// marked is st with a cluster's colour in the header.
func (st styles) marked(color string) styles {
	if color != "" {
		st.Title = st.Title.Foreground(lipgloss.Color(color))
	}
	return st
}

// newStyles makes the styles for a colour profile; with termenv.Ascii none of
// them writes an escape sequence.
func newStyles(profile termenv.Profile) styles {
	r := lipgloss.NewRenderer(io.Discard, termenv.WithProfile(profile))
	r.SetColorProfile(profile)
	plain := r.NewStyle()
	return styles{
		Actual:      plain.Foreground(blue).Bold(true),
		Forecast:    plain.Foreground(orange),
		Band:        plain.Foreground(orange).Faint(true),
		Watermark:   plain.Foreground(lightBlue).Bold(true),
		Now:         plain.Bold(true),
		Axis:        plain.Faint(true),
		Label:       plain.Faint(true),
		Dim:         plain.Faint(true),
		Bold:        plain.Bold(true),
		Border:      plain.Faint(true),
		FocusBorder: plain.Foreground(blue),
		Good:        plain.Foreground(blue),
		Attention:   plain.Foreground(orange).Bold(true),
		Banner:      plain.Foreground(orange).Bold(true).Reverse(true),
		Title:       plain.Bold(true),
		Selected:    plain.Bold(true).Reverse(true),
		Keycap:      plain.Foreground(blue).Bold(true),
	}
}
