package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// command is a key with what it does. The list of them is the only place that
// knows the keys: dispatch, footer and help are made from it.
type command struct {
	key.Binding
	// footer is the rank in the footer, from 1; 0 is in the help alone.
	footer int
	// possible says whether the key would do something now; nil is always.
	possible func(*ui) bool
	// unnamed says that the key alone makes sense, and not its name.
	unnamed bool
	do      func(*ui, tea.KeyMsg) tea.Cmd
}

// far is farther than any list is long.
const far = 1 << 40

// commands are all keys, in the order of the help.
func commands() []command {
	list := viewCommands()
	list = append(list, moveCommands()...)
	return append(list, runCommands()...)
}

func bind(help, description string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, description))
}

// viewCommands change what is seen.
func viewCommands() []command {
	return []command{
		{Binding: bind("1-9", "panel", "1", "2", "3", "4", "5", "6", "7", "8", "9"), unnamed: true, do: (*ui).choosePanel},
		{Binding: bind("tab", "next panel", "tab"), footer: 3, do: func(u *ui, _ tea.KeyMsg) tea.Cmd { return u.turnPanel(1) }},
		{Binding: bind("shift+tab", "previous panel", "shift+tab"), do: func(u *ui, _ tea.KeyMsg) tea.Cmd { return u.turnPanel(-1) }},
		{Binding: bind("e", "maximise", "e"), footer: 7, do: (*ui).toggleMaximised},
		{Binding: bind("+", "zoom in", "+"), possible: (*ui).zooms, do: func(u *ui, _ tea.KeyMsg) tea.Cmd { return u.zoomBy(1) }},
		{Binding: bind("-", "zoom out", "-"), footer: 12, possible: (*ui).zooms, do: func(u *ui, _ tea.KeyMsg) tea.Cmd { return u.zoomBy(-1) }},
		{Binding: bind("=", "no zoom", "=", "0"), possible: (*ui).isZoomed, do: (*ui).zoomReset},
		{Binding: bind("l", "log scale", "l"), footer: 13, possible: (*ui).zooms, do: (*ui).toggleLog},
		{Binding: bind("u", "UTC, local, ago", "u"), footer: 11, do: (*ui).turnZone},
	}
}

// moveCommands choose rows, keys and windows.
func moveCommands() []command {
	move := func(delta int) func(*ui, tea.KeyMsg) tea.Cmd {
		return func(u *ui, _ tea.KeyMsg) tea.Cmd { return u.move(delta) }
	}
	page := func(sign int) func(*ui, tea.KeyMsg) tea.Cmd {
		return func(u *ui, _ tea.KeyMsg) tea.Cmd { return u.move(sign * u.page()) }
	}
	return []command{
		{Binding: bind("←→ []", "other key", "left", "[", "right", "]"), footer: 2, possible: (*ui).hasKeys, do: (*ui).neighbour},
		{Binding: bind("↑/k", "row up", "up", "k"), possible: (*ui).hasRows, do: move(-1)},
		{Binding: bind("↓/j", "row down", "down", "j"), possible: (*ui).hasRows, do: move(1)},
		{Binding: bind("pgup", "page up", "pgup", "ctrl+b"), possible: (*ui).hasRows, do: page(-1)},
		{Binding: bind("pgdn", "page down", "pgdown", "ctrl+f"), possible: (*ui).hasRows, do: page(1)},
		{Binding: bind("g", "first row", "g", "home"), possible: (*ui).hasRows, do: move(-far)},
		{Binding: bind("G", "last row", "G", "end"), possible: (*ui).hasRows, do: move(far)},
		{Binding: bind("enter", "chart this key", "enter"), footer: 1, possible: (*ui).onKeys, do: (*ui).chartSelected},
		{Binding: bind("/", "filter keys", "/"), footer: 4, possible: (*ui).hasKeys, do: (*ui).openFilter},
		{Binding: bind("s", "sort", "s"), footer: 8, possible: (*ui).canSort, do: (*ui).turnOrder},
		{Binding: bind("w", "next window", "w"), footer: 9, possible: (*ui).hasSpecs, do: (*ui).nextSpec},
		{Binding: bind("y", "copy", "y"), footer: 10, possible: (*ui).canCopy, do: (*ui).copyRow},
	}
}

// runCommands concern the screen as a whole.
func runCommands() []command {
	return []command{
		{Binding: bind("space", "pause", " "), footer: 5, do: (*ui).togglePause},
		{Binding: bind(":", "command", ":"), unnamed: true, do: (*ui).openCommandLine},
		{Binding: bind("esc", "back", "esc"), footer: 6, possible: (*ui).canGoBack, do: (*ui).back},
		{Binding: bind("?", "help", "?"), footer: 14, do: (*ui).toggleHelp},
		{Binding: bind("q", "quit", "q", "ctrl+c"), footer: 15, do: func(*ui, tea.KeyMsg) tea.Cmd { return tea.Quit }},
		{Binding: bind("Q", "quit, keep view", "Q"), do: (*ui).quitAndLeave},
		{Binding: bind("ctrl+z", "suspend", "ctrl+z"), do: func(*ui, tea.KeyMsg) tea.Cmd { return tea.Suspend }},
	}
}

// can reports whether a command would do something now.
func (u *ui) can(c *command) bool { return c.possible == nil || c.possible(u) }
