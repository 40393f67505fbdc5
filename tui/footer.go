package tui

import (
	"cmp"
	"slices"
	"strings"
)

// footerKeys are the commands that the footer names, in its order.
func footerKeys(all []command) []*command {
	var picked []*command
	for i := range all {
		if all[i].footer > 0 {
			picked = append(picked, &all[i])
		}
	}
	slices.SortFunc(picked, func(a, b *command) int { return cmp.Compare(a.footer, b.footer) })
	return picked
}

// footer names the keys that do something now, as many as fit; help and quit
// always.
func (u *ui) footer(f *frame, w int) string {
	if u.filter.open {
		return u.filter.line(f, u.matches(f), w)
	}
	if u.command.open {
		return u.command.line(f, u.meant(), w)
	}
	if u.notice != "" {
		return fit(" "+f.st.Bold.Render(f.text(u.notice)), w, false)
	}
	last := " " + f.st.Keycap.Render("?") + " help  " + f.st.Keycap.Render("q") + " quit "
	room := w - width(last)
	if room < leastLeft {
		return fit(last, w, false)
	}
	line, used := "", 0
	var lineSb32 strings.Builder
	for _, c := range u.short {
		name, what := c.Help().Key, c.Help().Desc
		if name == "space" && u.paused {
			what = "resume"
		}
		n := 1 + width(name) + 1 + width(what) + 1
		if name == "e" && u.maximised {
			continue // esc goes back
		}
		if name == "?" || name == "q" || !u.can(c) || used+n > room {
			continue
		}
		lineSb32.WriteString(" " + f.st.Keycap.Render(name) + " " + f.st.Dim.Render(what) + " ")
		used += n
	}
	line += lineSb32.String()
	return between(line, last, w)
}

// matches says how many keys the filter leaves.
func (u *ui) matches(f *frame) string {
	u.keys.arrange(f)
	return count(int64(len(u.keys.rows))) + " of " + plural(int64(len(f.snap.Keys)), "key")
}
