package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"
)

// typeIn types a text key by key.
func (s *screen) typeIn(text string) {
	for _, r := range text {
		s.press(string(r))
	}
}

// TestCommandLine: what has a key or is a panel can be done by its name, or by a
// part of it, and keys of records are charted by theirs.
func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		text string
		did  func(*screen) bool
	}{
		{"pause", func(s *screen) bool { return s.paused }},
		{"PAU", func(s *screen) bool { return s.paused }},
		{"log scale", func(s *screen) bool { return s.log }},
		{"scale", func(s *screen) bool { return s.log }},
		{"zoom o", func(s *screen) bool { return s.zoom < 0 }},
		{"records", func(s *screen) bool { return s.active == recordsID }},
		{"lat", func(s *screen) bool { return s.active == latticeID }},
		{"lag", func(s *screen) bool { return s.active == lagID }},
		{"keys", func(s *screen) bool { return s.active == keysID }},
		{"help", func(s *screen) bool { return s.helping }},
		{"sort", func(s *screen) bool { return s.keys.order != 0 }},
		{"filter", func(s *screen) bool { return s.filter.open }},
		{"key s-007", func(s *screen) bool { return s.run.asked(t).Key.Bytes == "s-007" }},
		{"key 019", func(s *screen) bool { return s.run.asked(t).Key.Bytes == "s-019" }},
		{"KEY S-011", func(s *screen) bool { return s.run.asked(t).Key.Bytes == "s-011" }},
		{"", func(s *screen) bool { return s.notice == "" }},
		{"nonsense", func(s *screen) bool { return s.notice == "nonsense: no such command: the help lists them" }},
		{"key nobody", func(s *screen) bool { return s.notice == "key nobody: no such key" }},
	} {
		s := large(t)
		s.press(":")
		s.typeIn(c.text)
		s.press("enter")
		if !c.did(s) || s.command.open {
			t.Errorf("%q was not done:\n%s", c.text, s.View())
		}
	}
}

// TestCommandLineEdits: tab completes, esc and a backspace too many drop the line,
// and what is typed does nothing else meanwhile.
func TestCommandLineEdits(t *testing.T) {
	s := large(t)
	s.press(":", "q", "p", "backspace", "backspace", "m", "a", "x", "tab")
	has(t, s, ":maximise")
	s.press("esc", ":", "backspace", "enter")
	if s.command.open || s.maximised || s.paused {
		t.Errorf("something was done:\n%s", s.View())
	}
	s.press(":", "k", "e", "y", " ", "s", "-", "0", "0", "3", "tab", "enter")
	if got := s.run.asked(t).Key.Bytes; got != "s-003" {
		t.Errorf("charted %q", got)
	}
	s.press(":", "k", "e", "y") // the name is missing
	has(t, s, "key NAME · keys")
	s.press("enter", "enter")
	has(t, s, ":key ▏")
	s.press("e")
	has(t, s, "✗ no such key")
	s.press("esc", ":")
	s.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("key 0" + strings.Repeat("x", maxTyped)), Paste: true})
	has(t, s, ":▏")
	s.command.text = "key " + strings.Repeat("x", 2*maxTyped) // a key that tab has completed
	s.press("backspace")
	if n := len(s.command.text); n != 2*maxTyped+3 {
		t.Errorf("%d bytes are left", n)
	}
	s.press("esc")
	s.press(":", " ", "enter")
	hasNot(t, s, "no command")
	_, cmd := s.Update(keyMsg(":"))
	if cmd != nil {
		t.Error("the line itself does something")
	}
	for _, quit := range []string{"ctrl+c", "ctrl+z"} {
		if _, cmd := s.Update(keyMsg(quit)); cmd == nil {
			t.Errorf("%s does nothing in the line", quit)
		}
	}
	s.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("qu\x1b[2Jit"), Paste: true})
	has(t, s, ":qu[2Jit")
}

// TestPanelNames: each panel has a name of its own, none of which is a command's.
func TestPanelNames(t *testing.T) {
	s := newScreen(t, termenv.Ascii, 120, 40, story())
	s.press(":")
	seen := map[string]bool{}
	for _, n := range s.known() {
		if n.name == "" || seen[n.name] {
			t.Errorf("%q is there twice, or nothing", n.name)
		}
		seen[n.name] = true
	}
}
