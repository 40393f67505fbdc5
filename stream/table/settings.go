package table

import "io"

// Setting is a setting as a table shows it.
type Setting struct {
	Name, Value string
	// From says who gave the value.
	From string
}

// Settings draws a table of settings that is at most width cells wide to w, in
// their order; a width of 0 means no bound.
func Settings(w io.Writer, width int, settings []Setting) error {
	p := newPages(w, width, 0, []field{{name: "setting", least: 16}, {name: "value", least: 12}, {name: "from", least: 16}})
	for _, s := range settings {
		if err := p.write(cells{clean(s.Name), clean(s.Value), clean(s.From)}); err != nil {
			return err
		}
	}
	return p.flush()
}
