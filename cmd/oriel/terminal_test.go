//go:build terminal

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// TestTerminal runs the program in real terminals: those of a tmux server of
// its own. The scenes run side by side; most of their time they wait.
func TestTerminal(t *testing.T) {
	server := newTerminals(t)
	for name, scene := range map[string]func(*testing.T, *terminals){
		"demo":        sceneDemo,
		"story":       sceneStory,
		"help":        sceneHelp,
		"filter":      sceneFilter,
		"panels":      scenePanels,
		"records":     sceneRecords,
		"keys":        sceneKeys,
		"chart":       sceneChart,
		"pause":       scenePause,
		"specs":       sceneSpecs,
		"sizes":       sceneSizes,
		"quit":        sceneQuit,
		"piped":       scenePiped,
		"leave":       sceneLeave,
		"signals":     sceneSignals,
		"suspend":     sceneSuspend,
		"no broker":   sceneNoBroker,
		"wrong topic": sceneWrongTopic,
		"colours":     sceneColours,
		"ascii":       sceneASCII,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t, server)
		})
	}
}

// terminals is a tmux server with a socket of its own.
type terminals struct{ socket, config, rc string }

// prompt is that of the shells.
const prompt = "ready>"

// newTerminals builds the program and starts a server whose shells find it.
func newTerminals(t *testing.T) *terminals {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("PATH", filepath.Dir(buildProgram(t))+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("TZ", "Asia/Kolkata") // where local times differ from UTC
	for _, name := range []string{"NO_COLOR", "COLORTERM", "TMUX"} {
		t.Setenv(name, "") // to have it restored
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
	ts := &terminals{socket: filepath.Join(dir, "s"), config: filepath.Join(dir, "tmux.conf"), rc: filepath.Join(dir, "bashrc")}
	for path, text := range map[string]string{
		ts.config: "set -g exit-empty off\nset -g status off\nset -g default-terminal tmux-256color\n",
		ts.rc:     "PS1='" + prompt + " '\nunset HISTFILE\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ts.tmux(t, "start-server")
	t.Cleanup(func() { ts.tmux(t, "kill-server") })
	return ts
}

// buildProgram builds the program as its users have it and returns its path.
func buildProgram(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "oriel")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

func (ts *terminals) tmux(t *testing.T, args ...string) string {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // also to clean up
	out, err := exec.CommandContext(ctx, "tmux", append([]string{"-u", "-S", ts.socket, "-f", ts.config}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// terminal is one terminal of the server, with a shell in it.
type terminal struct {
	*terminals
	t *testing.T
	// pane is tmux's name for it.
	pane string
	// launched counts the commands whose exit code is awaited.
	launched int
}

// open starts a shell in a terminal of a size and waits for its prompt.
func (ts *terminals) open(t *testing.T, width, height int) *terminal {
	t.Helper()
	pane := ts.tmux(t, "new-session", "-d", "-P", "-F", "#{pane_id}", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height),
		"bash", "--noprofile", "--rcfile", ts.rc, "-i")
	term := &terminal{terminals: ts, t: t, pane: strings.TrimSpace(pane)}
	t.Cleanup(func() { ts.tmux(t, "kill-pane", "-t", term.pane) })
	term.await("prompt", func(text string) bool { return strings.HasPrefix(text, prompt) })
	return term
}

// demo starts the demo in a terminal and waits until windows have closed.
func (ts *terminals) demo(t *testing.T, width, height int, flags ...string) *terminal {
	t.Helper()
	term := ts.open(t, width, height)
	term.launch(strings.Join(append([]string{"oriel", "demo"}, flags...), " "))
	term.awaitWords("oriel demo", "final", "q quit")
	return term
}

// launch types a command to the shell, for awaitExit.
func (term *terminal) launch(command string) {
	term.t.Helper()
	term.launched++
	term.enter(fmt.Sprintf("%s; echo rc%d=$?", command, term.launched))
}

// enter types a line.
func (term *terminal) enter(line string) {
	term.t.Helper()
	term.tmux(term.t, "send-keys", "-t", term.pane, "-l", line)
	term.press("Enter")
}

// press presses keys, by tmux's names.
func (term *terminal) press(keys ...string) {
	term.t.Helper()
	term.tmux(term.t, append([]string{"send-keys", "-t", term.pane}, keys...)...)
}

func (term *terminal) resize(width, height int) {
	term.t.Helper()
	term.tmux(term.t, "resize-window", "-t", term.pane, "-x", strconv.Itoa(width), "-y", strconv.Itoa(height))
}

// text is what is seen.
func (term *terminal) text() string { return term.capture() }

// capture is what is seen, or as much as tmux's options ask for.
func (term *terminal) capture(options ...string) string {
	term.t.Helper()
	return term.tmux(term.t, append([]string{"capture-pane", "-p", "-t", term.pane}, options...)...)
}

// lines is what is seen, line by line.
func (term *terminal) lines() []string {
	term.t.Helper()
	return strings.Split(strings.TrimSuffix(term.text(), "\n"), "\n")
}

// ask is the value of one of tmux's formats.
func (term *terminal) ask(format string) string {
	term.t.Helper()
	return strings.TrimSpace(term.tmux(term.t, "display-message", "-p", "-t", term.pane, format))
}

// glance is the time between two looks at a terminal.
const glance = 100 * time.Millisecond

// awaitTrue waits until something holds.
func (term *terminal) awaitTrue(what string, holds func() bool) {
	term.t.Helper()
	term.awaitFor(patience, what, holds)
}

func (term *terminal) awaitFor(limit time.Duration, what string, holds func() bool) {
	term.t.Helper()
	deadline := time.After(limit)
	ticker := time.NewTicker(glance)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline:
			term.t.Fatalf("no %s within %v; the screen is\n%s", what, limit, term.text())
		}
	}
}

// await waits until what is seen is as wanted, and returns it.
func (term *terminal) await(what string, wanted func(text string) bool) string {
	term.t.Helper()
	text := ""
	term.awaitTrue(what, func() bool {
		text = term.text()
		return wanted(text)
	})
	return text
}

// awaitWords waits until all words are on the screen, and returns it.
func (term *terminal) awaitWords(words ...string) string {
	term.t.Helper()
	return term.await(strings.Join(words, " and "), func(text string) bool {
		for _, word := range words {
			if !strings.Contains(text, word) {
				return false
			}
		}
		return true
	})
}

// awaitMatch waits until a regular expression matches the screen, and returns
// it.
func (term *terminal) awaitMatch(expression string) string {
	term.t.Helper()
	return term.await(expression, regexp.MustCompile(expression).MatchString)
}

// awaitNone waits until words are off the screen, and returns it.
func (term *terminal) awaitNone(words string) string {
	term.t.Helper()
	return term.await("screen without "+words, func(text string) bool { return !strings.Contains(text, words) })
}

// awaitExit waits for the end of the command that was launched last, checks its
// exit code and that the shell has its terminal back.
func (term *terminal) awaitExit(code int) {
	term.t.Helper()
	ended := regexp.MustCompile(fmt.Sprintf(`\nrc%d=(\d+)\n%s\s*$`, term.launched, prompt))
	text := term.await("end", ended.MatchString)
	if got := ended.FindStringSubmatch(text)[1]; got != strconv.Itoa(code) {
		term.t.Errorf("exit code %s, want %d; the screen is\n%s", got, code, text)
	}
	if got := term.ask("#{alternate_on} #{cursor_flag} #{mouse_any_flag}"); got != "0 1 0" {
		term.t.Errorf("alternate screen, cursor, mouse: %s, want 0 1 0", got)
	}
}

// checkFrames fails if a line that begins with the frame of a panel does not
// end with one, in the last column: a line that was too wide has pushed it out.
func (term *terminal) checkFrames(width int) {
	term.t.Helper()
	for _, line := range term.lines() {
		if !strings.ContainsAny(line, "╭│╰") || width < boxed {
			continue
		}
		first, _ := utf8.DecodeRuneInString(line)
		last, _ := utf8.DecodeLastRuneInString(line)
		if got := ansi.StringWidth(line); got != width || !strings.ContainsRune("╭│╰", first) || !strings.ContainsRune("╮│╯", last) {
			term.t.Errorf("no frame from column 1 to %d: %q", width, line)
		}
	}
}
