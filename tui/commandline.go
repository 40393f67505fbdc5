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

// named is something that can be done by its name. What is typed for it in full
// is text.
type named struct {
	name, text string
	do         func(*ui) tea.Cmd
}

// panelNames are the panels in the order of their digits.
var panelNames = [numPanels]string{"lag", "chart", "windows", "keys", "partitions", "refused", "models", "lattice", "records"}

// keyWord comes before the name of a key.
const keyWord = "key "

// meant are those that the text may be: the keys of records once the word for
// them is there, else the commands that would do something now, and the panels.
func (u *ui) meant() []named {
	text := strings.ToLower(u.command.text)
	if u.command.ofKey() {
		return like(u.knownKeys(), text[len(keyWord):])
	}
	return like(u.known(), text)
}

// ofKey says that it is the name of a key that is typed.
func (l *commandLine) ofKey() bool { return strings.HasPrefix(strings.ToLower(l.text), keyWord) }

// unknown says that nothing is meant.
func (l *commandLine) unknown() string {
	if l.ofKey() {
		return "no such key"
	}
	return "no such command: the help lists them"
}

func (u *ui) known() []named {
	var all []named
	for i := range u.commands {
		c := &u.commands[i]
		if name := c.Help().Desc; !c.unnamed && u.can(c) {
			all = append(all, named{name, name, func(u *ui) tea.Cmd { return c.do(u, tea.KeyMsg{}) }})
		}
	}
	all = append(all, named{keyWord + "NAME", keyWord, nil})
	for id, name := range panelNames {
		all = append(all, named{name, name, func(u *ui) tea.Cmd {
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
		name := f.name(k.Topic, k.Key, k.Series)
		all = append(all, named{name, keyWord + name, func(u *ui) tea.Cmd {
			u.chart(interestIn(k))
			return nil
		}})
	}
	return all
}

// like are those whose name is the text, without regard to case, else those that
// begin with it and then those that have it elsewhere.
func like(all []named, text string) []named {
	var exactly, first, others []named
	for _, n := range all {
		switch name := strings.ToLower(n.name); {
		case name == text:
			exactly = append(exactly, n)
		case strings.HasPrefix(name, text):
			first = append(first, n)
		case strings.Contains(name, text):
			others = append(others, n)
		}
	}
	if len(exactly) > 0 {
		return exactly
	}
	return append(first, others...)
}

func (u *ui) openCommandLine(tea.KeyMsg) tea.Cmd {
	u.command = commandLine{typed{open: true}}
	return nil
}

// pressInCommandLine does with enter what is meant, and completes it with tab.
func (u *ui) pressInCommandLine(msg tea.KeyMsg) tea.Cmd {
	found := u.meant()
	switch msg.Type {
	case tea.KeyEsc:
		u.command = commandLine{}
	case tea.KeyTab:
		if len(found) > 0 {
			u.command.text = found[0].text
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
	switch {
	case strings.EqualFold(text, keyWord), len(found) > 0 && found[0].do == nil && text != "":
		u.command.text = keyWord // and the name is missing
		return nil
	case len(found) == 0:
		u.tell(text + ": " + u.command.unknown())
	}
	u.command = commandLine{}
	if strings.TrimSpace(text) == "" || len(found) == 0 {
		return nil
	}
	return found[0].do(u)
}

// line is what stands in place of the footer: what was typed, and what it may
// mean, the first of which enter does.
func (l *commandLine) line(f *frame, found []named, w int) string {
	line := l.view(f, ":")
	if len(found) == 0 {
		return fit(line+"  "+f.st.Attention.Render("✗ "+l.unknown()), w, false)
	}
	const shown = 12 // more would not be seen
	var others []string
	for _, n := range found[:min(len(found), shown)] {
		others = append(others, n.name)
	}
	if l.text == "" {
		return fit(line+"  "+f.st.Dim.Render("a command, a panel or key NAME   tab complete · enter do · esc drop"), w, false)
	}
	first := f.st.Bold.Render(others[0])
	rest := slices.Concat([]string{""}, others[1:])
	return fit(line+"  "+first+f.st.Dim.Render(strings.Join(rest, " · ")+"   tab · enter · esc"), w, false)
}
