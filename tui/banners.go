package tui

import (
	"fmt"
	"strings"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// banners are lines that must be seen: what is wrong, what has happened in the last
// minute, a shortage of memory, a pause. Those of the run are of now, also while
// paused.
func (u *ui) banners(f *frame) []string {
	var lines []string
	banner := func(s string) { lines = append(lines, f.st.Banner.Render(fit(" "+s, u.width, false))) }
	for _, line := range u.told(f) {
		banner(line)
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

// told are the lines of what is wrong and of what has happened, which have an eighth
// of the screen and at least a line each.
func (u *ui) told(f *frame) []string {
	room := max(2, u.height/8)
	troubles := stack(u.live.Troubles, u.live.OtherTroubles, u.width-1, room-min(1, len(u.live.Notes)), func(n stream.NoticeView) message {
		return message{text: "! " + f.text(n.Text), when: u.past(n, "for ", "")}
	})
	notes := stack(u.live.Notes, 0, u.width-1, room-len(troubles), func(n stream.NoticeView) message {
		return message{text: "· " + f.text(n.Text), when: u.past(n, "", " ago")}
	})
	return append(troubles, notes...)
}

// past is how long ago a notice came, in full seconds, or minutes, hours, days.
func (u *ui) past(n stream.NoticeView, before, after string) string {
	const second, minute, hour, day = 1000, 60_000, 3_600_000, 86_400_000
	past, unit, letter := max(0, u.live.At-n.At), window.Time(second), "s"
	switch {
	case past >= day:
		unit, letter = day, "d"
	case past >= hour:
		unit, letter = hour, "h"
	case past >= minute:
		unit, letter = minute, "m"
	}
	return before + count(int64(past/unit)) + letter + after
}

// whenRoom is room for what stands behind a message however much time passes: a line
// more after ten seconds would make the panels jump.
const whenRoom = len(" (for 59s)")

// message is a notice and what stands behind it in parentheses, however much of it
// is cut: when it came, and how many others there is no room for.
type message struct {
	text, when string
	others     int
}

// stack puts notices below each other, the first ones first, into at most room
// lines of w cells. Each has a line; those that are longer have more as far as there
// is room. The last counts those for which there is none, and others.
func stack(notices []stream.NoticeView, others, w, room int, write func(stream.NoticeView) message) []string {
	shown := notices[:min(len(notices), room)]
	spare := room - len(shown)
	var lines []string
	for i, n := range shown {
		m := write(n)
		if i == len(shown)-1 {
			m.others = len(notices) - len(shown) + others
		}
		broken := m.lines(w, 1+spare)
		spare -= len(broken) - 1
		lines = append(lines, broken...)
	}
	return lines
}

// lines breaks a message into at most most lines of w cells, the last of which is
// cut if it has to be.
func (m message) lines(w, most int) []string {
	lines := wrap(m.text, w)
	if len(lines) > most {
		lines[most-1] = strings.Join(lines[most-1:], " ")
		lines = lines[:most]
	}
	end, last := m.end(), len(lines)-1
	switch room := w - width(end); {
	case width(lines[last]) <= w-max(width(end), whenRoom):
		lines[last] += end
	case len(lines) < most:
		lines = append(lines, strings.TrimLeft(end, " "))
	default:
		if width(lines[last]) > room {
			lines[last] = fit(lines[last], room, false)
		}
		lines[last] += end
	}
	return lines
}

func (m message) end() string {
	if m.others == 0 {
		return " (" + m.when + ")"
	}
	return " (" + m.when + ", +" + plural(int64(m.others), "other") + ")"
}
