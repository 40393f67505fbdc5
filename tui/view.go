package tui

import "strings"

// render draws the screen: at most height lines of at most width cells.
func (u *ui) render() string {
	if u.width < 1 || u.height < 1 {
		return ""
	}
	f := u.frame()
	lines := u.lines(f)
	lines = lines[:min(len(lines), u.height)]
	for i, line := range lines {
		line = fit(line, u.width, false)
		if u.cfg.ASCII {
			line = asciiGlyphs.Replace(line)
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

func (u *ui) lines(f *frame) []string {
	if u.helping {
		return append(u.help(f, u.width, u.height-1), u.helpFooter(f, u.width))
	}
	banners := u.banners(f)
	ledger := refused(&f.snap.Totals) > 0 || f.snap.Totals.OffsetsLost() > 0
	u.plan = layout(demand{
		width: u.width, height: u.height, active: u.active, maximised: u.maximised,
		banners: len(banners), ledger: ledger, partitions: len(f.snap.Partitions),
	})
	f.lagShown = u.sees(lagID)
	lines := f.header(u.cfg.Title, u.paused, u.width, u.plan.header)
	lines = append(lines, banners[:u.plan.banners]...)
	lines = append(lines, u.compose(f)...)
	if u.plan.ledger > 0 {
		lines = append(lines, f.ledgerLine(u.width))
	}
	if u.plan.footer > 0 {
		lines = append(lines, u.footer(f, u.width))
	}
	return lines
}

// compose draws the panels into their regions. The regions tile the body; on
// a line those on the left come first.
func (u *ui) compose(f *frame) []string {
	body := make([]strings.Builder, u.plan.body)
	for _, r := range u.plan.regions {
		p := u.panels[r.panel]
		name, note := p.title(f)
		w, h := r.inner()
		for i, line := range f.box(r, name, note, p.draw(f, w, h)) {
			body[r.y+i].WriteString(line)
		}
	}
	lines := make([]string, len(body))
	for i := range body {
		lines[i] = body[i].String()
	}
	return lines
}
