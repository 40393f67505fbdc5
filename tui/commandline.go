package tui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// commandLine is the line in which a command is typed instead of pressing its
// key: what the help calls it, the name of a panel, or a key to be charted. A
// part of the name suffices.
type commandLine struct{ typed }

// named is something that can be done by its name.
type named struct {
	name string
	do   func(*ui) tea.Cmd
}

// panelNames are the panels in the order of their digits.
var panelNames = [numPanels]string{"lag", "chart", "windows", "keys", "partitions", "refused", "models", "lattice", "records"}

// keyWord comes before the name of a key.
const keyWord = "key "

// known are the commands that would do something now, the panels, and, once the
// word is there, the keys of records.
func (u *ui) known() []named {
	if strings.HasPrefix(u.command.text, keyWord) {
		return u.knownKeys()
	}
	var all []named
	for i := range u.commands {
		c := &u.commands[i]
		if name := c.Help().Desc; !c.unnamed && u.can(c) {
			all = append(all, named{name, func(u *ui) tea.Cmd { return c.do(u, tea.KeyMsg{}) }})
		}
	}
	all = append(all, named{keyWord, nil})
	for id, name := range panelNames {
		all = append(all, named{name, func(u *ui) tea.Cmd {
			u.active = panelID(id)
			return nil
		}})
	}
	return all
}

func (u *ui) knownKeys() []named {
	f := u.frame()
	var all []named
	for i := range f.snap.Keys {
		k := &f.snap.Keys[i]
		all = append(all, named{keyWord + f.name(k.Topic, k.Key, k.Series), func(u *ui) tea.Cmd {
			u.chart(interestIn(k))
			return nil
		}})
	}
	return all
}

// meant are the names that the text may be: all of it, else those that begin
// with it, else those that have it somewhere.
func meant(all []named, text string) []named {
	text = strings.ToLower(text)
	having := func(has func(name string) bool) []named {
		var found []named
		for _, n := range all {
			if has(strings.ToLower(n.name)) {
				found = append(found, n)
			}
		}
		return found
	}
	if exactly := having(func(name string) bool { return name == text }); len(exactly) > 0 {
		return exactly
	}
	first := having(func(name string) bool { return strings.HasPrefix(name, text) })
	part := strings.TrimPrefix(text, keyWord)
	return append(first, having(func(name string) bool { return !strings.HasPrefix(name, text) && strings.Contains(name, part) })...)
}

func (u *ui) openCommandLine(tea.KeyMsg) tea.Cmd {
	u.command = commandLine{typed{open: true}}
	return nil
}

// pressInCommandLine does with enter what is meant, and completes it with tab.
func (u *ui) pressInCommandLine(msg tea.KeyMsg) tea.Cmd {
	found := meant(u.known(), u.command.text)
	switch msg.Type {
	case tea.KeyCtrlC:
		return tea.Quit
	case tea.KeyCtrlZ:
		return tea.Suspend
	case tea.KeyEsc:
		u.command = commandLine{}
	case tea.KeyTab:
		if len(found) > 0 {
			u.command.text = found[0].name
		}
	case tea.KeyEnter:
		return u.order(found)
	case tea.KeyBackspace:
		if u.command.text == "" {
			u.command = commandLine{}
			return nil
		}
		u.command.edit(msg)
	default:
		u.command.edit(msg)
	}
	return nil
}

// order does the first of what is meant.
func (u *ui) order(found []named) tea.Cmd {
	text := u.command.text
	u.command = commandLine{}
	switch {
	case strings.TrimSpace(text) == "":
		return nil
	case len(found) == 0:
		u.tell("no command " + text + ": ? lists them")
		return nil
	case found[0].do == nil: // the name of a key is missing
		u.command = commandLine{typed{open: true, text: found[0].name}}
		return nil
	}
	return found[0].do(u)
}

// line is what stands in place of the footer: what was typed, and what it may
// mean, the first of which enter does.
func (l *commandLine) line(f *frame, found []named, w int) string {
	line := l.view(f, ":")
	if len(found) == 0 {
		return fit(line+"  "+f.st.Attention.Render("✗ no such command"), w, false)
	}
	const shown = 12 // more would not be seen
	var others []string
	for _, n := range found[:min(len(found), shown)] {
		others = append(others, strings.TrimPrefix(n.name, keyWord))
	}
	if l.text == "" {
		return fit(line+"  "+f.st.Dim.Render("a command, a panel or key NAME   tab complete · enter do · esc drop"), w, false)
	}
	first := f.st.Bold.Render(others[0])
	rest := slices.Concat([]string{""}, others[1:])
	return fit(line+"  "+first+f.st.Dim.Render(strings.Join(rest, " · ")+"   tab · enter · esc"), w, false)
}
