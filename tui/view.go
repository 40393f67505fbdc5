package tui

import (
	"fmt"
	"strings"

	"github.com/oriel-stream/oriel/window"
)

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

// banners are lines that must be seen.
func (u *ui) banners(f *frame) []string {
	var lines []string
	banner := func(s string) { lines = append(lines, f.st.Banner.Render(fit(" "+s, u.width, false))) }
	for _, s := range []string{u.live.Trouble, u.live.Note} {
		for _, line := range u.bannerLines(f.text(s)) {
			banner(line)
		}
	}
	if m := f.snap.Memory; m.Short {
		rest := "partitions that are ahead wait"
		if m.Spent {
			rest = "new keys are refused"
		}
		used, limit := "! memory "+size(m.Used)+" of ", size(m.Limit)
		banner(firstThatFits(u.width-1, used+"--max-memory "+limit+": "+rest, used+"--max-memory "+limit, used+limit))
	}
	if u.paused {
		since := window.Duration(u.cfg.Now().Sub(u.pausedAt).Milliseconds())
		banner(fmt.Sprintf("‖ PAUSED %s, %s unseen   space resumes",
			duration(roundSeconds(since)), plural(u.live.Totals.Windows-u.shown.Totals.Windows, "window")))
	}
	return lines
}

// bannerLines breaks a message into the lines of a banner: into no more than a
// tenth of the screen's, the last of which is cut if it has to be.
func (u *ui) bannerLines(message string) []string {
	if message == "" {
		return nil
	}
	lines := wrap("! "+message, u.width-1)
	if most := max(1, u.height/10); len(lines) > most {
		lines[most-1] = strings.Join(lines[most-1:], " ")
		lines = lines[:most]
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
