package tui

import (
	"runtime/debug"
	"slices"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/oriel-stream/oriel/stream"
)

// Update takes a message and draws if it changed something. A panic ends the
// screen in order, with the terminal restored, and becomes Run's error.
func (u *ui) Update(msg tea.Msg) (next tea.Model, cmd tea.Cmd) {
	defer func() {
		if r := recover(); r != nil {
			u.crash = &CrashError{Value: r, Trace: debug.Stack()}
			next, cmd = u, tea.Quit
		}
	}()
	cmd = u.handle(msg)
	if u.dirty {
		u.view = u.render()
		u.dirty = false
		u.inspect()
	}
	return u, cmd
}

// inspect tells the run whether records are shown now: nobody copies them
// otherwise.
func (u *ui) inspect() {
	if on := u.sees(recordsID); on != u.inspecting {
		u.inspecting = on
		u.cfg.Control.Inspect(on)
	}
}

func (u *ui) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case picture:
		return u.see(msg.snap)
	case tea.KeyMsg:
		u.dirty = true
		return u.press(msg)
	case tea.WindowSizeMsg:
		u.width, u.height = msg.Width, msg.Height
		u.dirty = true
	case tea.FocusMsg:
		u.blurred = false
	case tea.BlurMsg:
		u.blurred = true
	case tea.ResumeMsg:
		u.dirty = true
	}
	return nil
}

// see takes a new picture and asks for the next.
func (u *ui) see(snap *stream.Snapshot) tea.Cmd {
	if u.notice != "" && u.cfg.Now().After(u.noticeUntil) {
		u.notice, u.dirty = "", true
	}
	u.dirty = u.dirty || changed(u.live, snap)
	u.live = snap
	switch {
	case !u.paused:
		u.shown = snap
	case u.refocus && charted(snap) == identity(u.interest) && snap.Focus.Spec == u.interest.Spec:
		u.shown, u.refocus, u.pausedAt = snap, false, u.cfg.Now()
	}
	if u.blurred {
		return u.takePicture(blurredPace)
	}
	return u.takePicture(pace)
}

// changed reports whether b shows something that a does not: the clock counts
// by the second.
func changed(a, b *stream.Snapshot) bool {
	return a.At/1000 != b.At/1000 || a.State != b.State || !slices.Equal(a.Troubles, b.Troubles) || a.OtherTroubles != b.OtherTroubles || !slices.Equal(a.Notes, b.Notes) || a.Memory.Short != b.Memory.Short ||
		a.Totals.Records != b.Totals.Records || a.Totals.Windows != b.Totals.Windows ||
		a.Watermark != b.Watermark || a.Hold.Kind != b.Hold.Kind || a.Hold.ID != b.Hold.ID ||
		len(a.Partitions) != len(b.Partitions) || len(a.Keys) != len(b.Keys) ||
		charted(a) != charted(b) || (a.Focus != nil && b.Focus != nil && a.Focus.Spec != b.Focus.Spec)
}

// press does what a key is for.
func (u *ui) press(msg tea.KeyMsg) tea.Cmd {
	switch {
	case len(msg.Runes) > 1 && !msg.Paste:
		return u.pressEach(msg)
	case u.filter.open || u.command.open:
		return u.pressWhileTyping(msg)
	case u.helping && u.scrollHelp(msg):
		return nil
	case msg.Paste:
		return nil
	}
	for i := range u.commands {
		c := &u.commands[i]
		if key.Matches(msg, c.Binding) && u.can(c) {
			return c.do(u, msg)
		}
	}
	return nil
}

// pressEach presses keys that came in one read, as when one is held down or the
// line is slow: Bubble Tea joins their runes into one message.
func (u *ui) pressEach(msg tea.KeyMsg) tea.Cmd {
	var commands []tea.Cmd
	for _, r := range msg.Runes {
		one := msg
		one.Runes = []rune{r}
		commands = append(commands, u.press(one))
	}
	return tea.Sequence(commands...)
}

// scrollHelp moves the help, and reports whether the key was one for that.
func (u *ui) scrollHelp(msg tea.KeyMsg) bool {
	switch msg.String() {
	case "up", "k":
		u.helpTop--
	case "down", "j":
		u.helpTop++
	case "pgup":
		u.helpTop -= u.height
	case "pgdown", " ":
		u.helpTop += u.height
	case "home", "g":
		u.helpTop = 0
	case "end", "G":
		u.helpTop = far
	case "?", "esc", "q", "Q", "ctrl+c", "ctrl+z":
		if msg.String() == "q" {
			u.helping = false
			return true
		}
		return false
	}
	return true
}

// pressWhileTyping hands a key to the line that is typed, but for those that leave
// the screen from anywhere.
func (u *ui) pressWhileTyping(msg tea.KeyMsg) tea.Cmd {
	switch {
	case msg.Type == tea.KeyCtrlC:
		return tea.Quit
	case msg.Type == tea.KeyCtrlZ:
		return tea.Suspend
	case u.filter.open:
		return u.pressInFilter(msg)
	default:
		return u.pressInCommandLine(msg)
	}
}

func (u *ui) pressInFilter(msg tea.KeyMsg) tea.Cmd {
	switch msg.Type {
	case tea.KeyEnter:
		u.filter.open = false
	case tea.KeyEsc:
		u.dropFilter()
	default:
		if !u.filter.edit(msg) {
			return nil
		}
	}
	u.applyFilter()
	return nil
}

// applyFilter filters the keys by what was typed. An expression that is not
// one yet leaves the last filter as it was.
func (u *ui) applyFilter() {
	re := u.filter.compile()
	if u.filter.err == nil {
		u.keys.filter, u.keys.typed, u.keys.snap = re, u.filter.text, nil
		return
	}
	if !u.filter.open { // entered although it is none
		u.dropFilter()
		u.keys.filter, u.keys.snap = nil, nil
	}
}

func (u *ui) dropFilter() { u.filter = filterInput{} }

// noticeTime is how long a notice stays.
const noticeTime = 3 * time.Second

func (u *ui) tell(notice string) {
	u.notice, u.noticeUntil = notice, u.cfg.Now().Add(noticeTime)
}
