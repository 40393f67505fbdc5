//go:build terminal

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// The size of most terminals here, in which the screen shows all panels; and
// the columns from which panels have frames.
const wide, high, boxed = 120, 40, 60

// sceneDemo is what the README promises of its first command.
func sceneDemo(t *testing.T, ts *terminals) {
	term := ts.demo(t, wide, high)
	term.awaitWords("1 Lag", "held by", "─ actual", "╍ forecast", "interval", "3 Windows of s-001",
		"○ open", "◆ final", "✓", "4 Keys 25", "sensors/3", "✗ refused")
	for what, moving := range map[string]string{
		"watermark":     `watermark (\d\d:\d\d:\d\d\.\d)`,
		"closed window": `◆ final +(\d\d:\d\d:\d\d)`,
		"newest time":   `event time (\d\d:\d\d:\d\d\.\d)`,
	} {
		before := find(term.awaitMatch(moving), moving)
		term.await("other "+what, func(text string) bool {
			now := find(text, moving)
			return now != "" && now != before
		})
	}
	term.checkFrames(wide)
}

// find is what the parentheses of an expression match first, or nothing.
func find(text, expression string) string {
	if match := regexp.MustCompile(expression).FindStringSubmatch(text); match != nil {
		return match[1]
	}
	return ""
}

// sceneStory follows the demo's story to the end of its silence, 50 s after
// the start.
func sceneStory(t *testing.T, ts *terminals) {
	const story = 100 * time.Second
	term := ts.demo(t, wide, high)
	const broker = `on (127\.0\.0\.1:\d+)`
	checkAnomaly(t, term, find(term.awaitMatch(broker), broker))
	for _, event := range []struct{ what, seen string }{
		{"partition that is silent and holds the watermark", `held by sensors/3: silent, idle in \d+s`},
		{"window that says so", `○ open.* waits for sensors/3`},
		{"sensor a day ahead", `future +\+23h59m ahead`},
		{"count of it in the ledger line", `✗ refused .*future \d+`},
		{"idle partition", `sensors/3 +○ idle \d+s`},
		{"watermark that does not wait for it", `sensors/3 is idle: not waited for`},
		{"records that are late for it", `late after idle \d+`},
		{"partition that is read again", `sensors/3 +● reading`},
	} {
		seen := regexp.MustCompile(event.seen)
		term.awaitFor(story, event.what, func() bool { return seen.MatchString(term.text()) })
	}
}

// checkAnomaly charts the sensor of the newest anomaly and looks for the step
// that is 12 °C too hot: far above its interval.
func checkAnomaly(t *testing.T, term *terminal, broker string) {
	t.Helper()
	term.press("/")
	term.awaitWords("enter keep")
	sensor := hotSensor(t, broker)
	term.enter(sensor)
	term.awaitWords("Keys 1 of 25")
	term.press("4")
	term.awaitWords("▸4 Keys")
	term.press("Enter")
	term.awaitWords("3 Windows of " + sensor)
	term.press("3")
	term.awaitWords("▸3")
	term.press("e")
	row := regexp.MustCompile(`◆ final .* ([\d.]+) +▲ ([\d.]+)`)
	term.await("window with an anomaly", func(text string) bool {
		for _, match := range row.FindAllStringSubmatch(text, -1) {
			if parseNumber(t, match[2])-parseNumber(t, match[1]) > 5 {
				return true
			}
		}
		return false
	})
	term.press("2")
	const inLegend = 1
	term.await("mark outside the interval", func(text string) bool {
		return strings.Contains(text, "▸2 "+sensor) && strings.Count(text, "◆") > inLegend
	})
	term.press("e")
	term.awaitWords("5 Partitions")
}

func parseNumber(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// hotSensor is the sensor whose status was "hot" last.
func hotSensor(t *testing.T, broker string) string {
	t.Helper()
	lines, err := exec.CommandContext(t.Context(), "oriel", "replay", "sensors", "-b", broker, "--time", "ts", "--value", "temp",
		"--key", "status", "--key", "sensor", "-w", "1s", "-m", "none", "--quiet").Output()
	if err != nil {
		t.Fatal(err)
	}
	sensor := ""
	for line := range strings.Lines(string(lines)) {
		var pane struct{ Key string }
		if err := json.Unmarshal([]byte(line), &pane); err != nil {
			t.Fatal(err)
		}
		if hot, ok := strings.CutPrefix(pane.Key, "hot/"); ok {
			sensor = hot
		}
	}
	if sensor == "" {
		t.Fatal("no sensor was hot")
	}
	return sensor
}

func sceneHelp(t *testing.T, ts *terminals) {
	term := ts.demo(t, wide, high)
	term.press("?")
	text := term.awaitWords(" Keys", " Words", "watermark", "next panel", "esc back")
	if strings.Contains(text, "1 Lag") {
		t.Errorf("the help leaves room for panels:\n%s", text)
	}
	term.press("Escape")
	term.awaitWords("1 Lag")
	term.press("?")
	term.awaitWords(" Words")
	term.press("q") // closes the help, not the screen
	term.awaitWords("1 Lag")
}

func sceneFilter(t *testing.T, ts *terminals) {
	term := ts.demo(t, wide, high)
	term.press("/")
	term.awaitWords("25 of 25 keys", "enter keep")
	term.tmux(t, "send-keys", "-t", term.pane, "-l", "s-00")
	term.awaitWords("/s-00", "9 of 25 keys")
	term.press("Enter")
	term.awaitWords("4 Keys 9 of 25", "q quit")
	term.awaitNone("s-010")
	term.press("Escape")
	term.awaitWords("4 Keys 25", "s-010")
	term.press("/")
	term.awaitWords("enter keep")
	term.enter("s-0[")
	term.awaitWords("4 Keys 25", "q quit")
}

func scenePanels(t *testing.T, ts *terminals) {
	term := ts.demo(t, wide, high)
	term.awaitWords("▸2")
	for _, step := range []struct{ key, active string }{
		{"Tab", "▸3"}, {"Tab", "▸4"}, {"BTab", "▸3"}, {"1", "▸1"}, {"5", "▸5"}, {"6", "▸6"}, {"Tab", "▸7"}, {"Tab", "▸8"}, {"Tab", "▸9"}, {"Tab", "▸1"}, {"4", "▸4"},
	} {
		term.press(step.key)
		term.awaitWords(step.active)
	}
	term.press("e")
	term.awaitNone("1 Lag")
	term.awaitWords("▸4 Keys 25", "s-024")
	term.press("2")
	term.awaitWords("▸2", "─ actual")
	term.press("Escape")
	term.awaitWords("1 Lag", "4 Keys 25")
}

// sceneRecords looks at the records of a sensor as they come, and at one of them.
func sceneRecords(t *testing.T, ts *terminals) {
	term := ts.demo(t, wide, high)
	term.press("9")
	term.awaitMatch(`event time +record +value +verdict`)
	term.awaitMatch(`sensors/\d@\d+ +\d+\.\d\d +✓ in time`)
	const newest = `(sensors/\d@\d+), create time`
	before := find(term.awaitMatch(newest), newest)
	term.await("other record on top", func(text string) bool {
		now := find(text, newest)
		return now != "" && now != before
	})
	term.press("e")
	term.awaitNone("1 Lag")
	term.press("j")
	term.awaitMatch(`▸\d\d:\d\d:\d\d\.\d{3}`)
	term.awaitMatch(`sensors/\d@\d+, create time \d\d:\d\d:\d\d\.\d{3}, \d+ bytes`)
	term.awaitMatch(`\n.*  "sensor": "s-001",`)
	term.checkFrames(wide)
}

func sceneKeys(t *testing.T, ts *terminals) {
	term := ts.demo(t, wide, high)
	for _, step := range []struct{ key, seen string }{
		{"4", "▸4 Keys"},
		{"j", `▸..s-002`},
		{"j", `▸..s-003`},
		{"k", `▸..s-002`},
		{"jj", `▸..s-004`}, // in one read, as from a key held down
		{"kk", `▸..s-002`},
		{"Enter", "3 Windows of s-002"},
		{"]", "3 Windows of s-003"},
		{"[", "3 Windows of s-002"},
		{"s", "by key ↓"},
		{"s", "by windows ↓"},
		{"G", `▸..\(no key\)`},
		{"k", `▸..s-0..`},
		{"y", "copied s-0"},
		{"3", "▸3"},
		{"j", `▸[○●◆]`},
	} {
		term.press(step.key)
		term.awaitMatch(step.seen)
	}
}

func sceneChart(t *testing.T, ts *terminals) {
	term := ts.demo(t, wide, high)
	for _, step := range []struct{ key, seen, unseen string }{
		{"+", `zoom \+1`, "zoom -"},
		{"=", "", "zoom +1"},
		{"-", "zoom -1", "zoom +"},
		{"=", "", "zoom -1"},
		{"l", "actual.*log scale", ""},
		{"l", "", "log scale"},
		{"u", "│ IST", "│ UTC"},
		{"u", "s ago", "IST"},
		{"u", "│ UTC", "s ago"},
	} {
		term.press(step.key)
		if step.seen != "" {
			term.awaitMatch(step.seen)
		}
		if step.unseen != "" {
			term.awaitNone(step.unseen)
		}
	}
}

func scenePause(t *testing.T, ts *terminals) {
	term := ts.demo(t, wide, high)
	term.press("Space")
	const watermark = `watermark (\d\d:\d\d:\d\d\.\d)`
	frozen := find(term.awaitWords("PAUSED", "‖ paused"), watermark)
	unseen := regexp.MustCompile(`PAUSED \d+s, [1-9][\d,]* windows unseen`)
	text := term.await("count of what is unseen", unseen.MatchString)
	if got := find(text, watermark); got != frozen {
		t.Errorf("the watermark goes on from %s to %s while paused", frozen, got)
	}
	term.press("Space")
	term.awaitNone("PAUSED")
	term.await("moving watermark", func(text string) bool { return find(text, watermark) != frozen })
}

func sceneSpecs(t *testing.T, ts *terminals) {
	term := ts.demo(t, wide, high, "-w 10s/1s -w 1m/10s")
	term.awaitWords("Windows of s-001 · 10s every 1s")
	term.press("w")
	term.awaitWords("Windows of s-001 · 1m every 10s")
	term.press("w")
	term.awaitWords("Windows of s-001 · 10s every 1s")
}

func sceneSizes(t *testing.T, ts *terminals) {
	term := ts.demo(t, wide, high)
	for _, size := range []struct {
		width, height int
		first, last   string // on these lines
	}{
		{80, 24, "oriel demo", "q quit"},
		{200, 60, "oriel demo", "q quit"},
		{40, 12, "sensors", "q quit"},
		{10, 3, "watermar", ""},
		{1, 1, "…", ""},
		{wide, high, "oriel demo", "q quit"},
	} {
		term.resize(size.width, size.height)
		var lines []string
		term.awaitTrue(fmt.Sprintf("screen of %d×%d", size.width, size.height), func() bool {
			lines = term.lines()
			return strings.Contains(lines[0], size.first) && strings.Contains(lines[len(lines)-1], size.last)
		})
		if len(lines) != size.height {
			t.Errorf("%d×%d: %d lines", size.width, size.height, len(lines))
		}
		term.checkFrames(size.width)
		if got := term.ask("#{alternate_on} #{pane_current_command}"); got != "1 oriel" {
			t.Errorf("%d×%d: %s, want 1 oriel", size.width, size.height, got)
		}
	}
}

// sceneQuit quits in each way that a key can, and checks that everything that
// was in the terminal before is there again.
func sceneQuit(t *testing.T, ts *terminals) {
	term := ts.open(t, wide, high)
	term.enter("stty -g; seq 1 100")
	term.awaitWords("\n100\n")
	for _, key := range []string{"q", "C-c"} {
		before := strings.TrimSpace(term.capture("-S", "-"))
		term.launch("oriel demo")
		term.awaitWords("◆ final", "q quit")
		if got := term.ask("#{alternate_on} #{cursor_flag}"); got != "1 0" {
			t.Errorf("alternate screen, cursor: %s, want 1 0", got)
		}
		term.press(key)
		term.awaitExit(exitDone)
		if after := term.capture("-S", "-"); !strings.HasPrefix(after, before) || strings.Contains(after, "1 Lag") {
			t.Errorf("after %s the scrollback is\n%s\nwant first what it was\n%s", key, after, before)
		}
	}
	term.enter("stty -g")
	settings := regexp.MustCompile(`(?m)^[0-9a-f]+(:[0-9a-f]+){10,}$`)
	term.awaitTrue("settings of the terminal", func() bool { return len(settings.FindAllString(term.capture("-S", "-"), -1)) == 2 })
	if s := settings.FindAllString(term.capture("-S", "-"), -1); s[0] != s[1] {
		t.Errorf("the terminal's settings were %s and are %s", s[0], s[1])
	}
}

// scenePiped types at screens whose stdin is no terminal, one of which has its
// records there.
func scenePiped(t *testing.T, ts *terminals) {
	dump := filepath.Join(t.TempDir(), "dump.jsonl")
	if err := os.WriteFile(dump, []byte(`{"topic":"t","partition":0,"offset":0,"ts":1795327200000,"key":"quiet","payload":"7"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	term := ts.open(t, wide, high)
	for _, command := range []string{"cat " + dump + " | oriel watch --input -", "oriel demo </dev/null"} {
		term.launch(command)
		term.awaitWords("4 Keys", "q quit")
		term.press("?")
		term.awaitWords("esc back")
		term.press("Escape")
		term.awaitWords("4 Keys")
		term.press("q")
		term.awaitExit(exitDone)
	}
}

// sceneLeave quits so that the last screen stays.
func sceneLeave(t *testing.T, ts *terminals) {
	term := ts.demo(t, wide, high)
	term.press("Q")
	term.awaitExit(exitDone)
	left := term.capture("-S", "-")
	for _, words := range []string{"oriel demo  sensors", "1 Lag", "─ actual", "3 Windows of s-001", "◆ final", "5 Partitions"} {
		if !strings.Contains(left, words) {
			t.Errorf("no %q in what Q leaves:\n%s", words, left)
		}
	}
}

// sceneSignals ends the program from outside.
func sceneSignals(t *testing.T, ts *terminals) {
	term := ts.open(t, wide, high)
	file := filepath.Join(t.TempDir(), "pid")
	term.launch("(echo $BASHPID >" + file + "; exec oriel demo)")
	term.awaitWords("◆ final", "q quit")
	pid, err := strconv.Atoi(strings.TrimSpace(readFile(t, file)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	term.awaitExit(exitDone)
}

func sceneSuspend(t *testing.T, ts *terminals) {
	term := ts.open(t, wide, high)
	term.enter("oriel demo")
	term.awaitWords("◆ final", "q quit")
	term.press("C-z")
	term.awaitWords("Stopped")
	if got := term.ask("#{alternate_on} #{cursor_flag}"); got != "0 1" {
		t.Errorf("suspended: alternate screen, cursor: %s, want 0 1", got)
	}
	term.launch("fg")
	term.awaitWords("1 Lag", "◆ final", "q quit")
	if got := term.ask("#{alternate_on} #{cursor_flag}"); got != "1 0" {
		t.Errorf("back: alternate screen, cursor: %s, want 1 0", got)
	}
	term.press("q")
	term.awaitExit(exitDone)
}

func sceneNoBroker(t *testing.T, ts *terminals) {
	term := ts.open(t, 140, 30)
	term.launch("oriel watch t -b 127.0.0.1:1")
	term.awaitWords("oriel watch  t", "127.0.0.1:1", "connecting")
	term.awaitWords("no broker at 127.0.0.1:1 (-b): connection refused; trying again", "q quit")
	term.press("q")
	term.awaitExit(exitConnection)
}

func sceneWrongTopic(t *testing.T, ts *terminals) {
	broker := newBroker(t, kfake.SeedTopics(2, "sensors", "orders")).ListenAddrs()[0]
	term := ts.open(t, wide, high)
	term.launch("oriel watch sensor -b " + broker)
	term.awaitExit(exitUsage)
	term.awaitWords("\noriel: unknown topic \"sensor\"; did you mean sensors?\n")
}

// sceneColours checks that colours are there, and not where they are unwanted.
func sceneColours(t *testing.T, ts *terminals) {
	coloured := regexp.MustCompile(`\x1b\[(?:[\d;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]`)
	term := ts.open(t, wide, high)
	for _, c := range []struct {
		command string
		colours bool
	}{
		{"oriel demo", true},
		{"NO_COLOR=1 oriel demo", false},
		{"oriel demo --color never", false},
		{"NO_COLOR=1 oriel demo --color always", true},
	} {
		term.launch(c.command)
		term.awaitWords("◆ final", "held by", "q quit")
		if got := coloured.FindString(term.capture("-e")); (got != "") != c.colours {
			t.Errorf("%s: first colour %q, want any: %t", c.command, got, c.colours)
		}
		term.press("q")
		term.awaitExit(exitDone)
	}
}

func sceneASCII(t *testing.T, ts *terminals) {
	term := ts.demo(t, wide, high, "--ascii")
	for _, step := range []struct{ key, seen string }{
		{"2", "Windows of s-001"},
		{"/", "enter keep"},
		{"Escape", "q quit"},
		{"Space", "PAUSED"},
		{"?", " Words"},
	} {
		term.press(step.key)
		for _, r := range term.awaitWords(step.seen) {
			if r > 126 {
				t.Errorf("%q is on the screen after %s", r, step.key)
			}
		}
	}
}
