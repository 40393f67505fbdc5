package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// frame is what one drawing of the screen is made from.
type frame struct {
	snap  *stream.Snapshot
	st    styles
	clock clock
	ascii bool
	zoom  int
	log   bool
	// active is the panel that has the keys.
	active panelID
	// paused says that the picture is not the newest.
	paused bool
	// lagShown says that the panel is there that names what holds the watermark.
	lagShown bool
}

func (f *frame) chartOptions() chartOptions {
	return chartOptions{ASCII: f.ascii, Zoom: f.zoom, Log: f.log, Zone: f.clock.location()}
}

// text cleans a string that came from outside.
func (f *frame) text(s string) string { return clean(s, f.ascii) }

// key writes a grouping key. The empty key and none at all look different.
func (f *frame) key(k window.Key) string {
	switch {
	case k.Null:
		return "(no key)"
	case k.Bytes == "":
		return `""`
	}
	return f.text(k.Bytes)
}

// name writes a key with what else is needed to tell it from others.
func (f *frame) name(topic string, k window.Key, series string) string {
	s := f.key(k)
	if len(f.snap.Series) > 1 {
		s += " " + f.text(series)
	}
	if len(f.snap.Topics) > 1 {
		s = f.text(topic) + " " + s
	}
	return s
}

// focusName is the name of the key of interest.
func (f *frame) focusName() string {
	focus := f.snap.Focus
	return f.name(focus.Topic, focus.Key, focus.Series)
}

// partition writes a partition's name.
func (f *frame) partition(id window.PartitionID) string {
	return f.text(id.Topic) + "/" + count(int64(id.Partition))
}

// spec is the i-th window spec.
func (f *frame) spec(i int) window.Spec {
	if i < 0 || i >= len(f.snap.Specs) {
		return window.Spec{}
	}
	return f.snap.Specs[i]
}

// box frames the lines of a panel; every line it returns is r.w cells wide,
// and there are r.h of them.
func (f *frame) box(r region, title, note string, lines []string) []string {
	w, h := r.inner()
	out := make([]string, 0, r.h)
	out = append(out, f.rule(r, title, note))
	side := f.border(r, "│")
	for i := range h {
		line := ""
		if i < len(lines) {
			line = lines[i]
		}
		line = fit(line, w, false)
		if r.boxed {
			line = side + " " + line + " " + side
		}
		out = append(out, line)
	}
	if r.boxed {
		out = append(out, f.border(r, "╰"+strings.Repeat("─", max(0, r.w-2))+"╯"))
	}
	return out
}

// rule is the line above a panel, with its digit, its title, and a note on the
// right if there is room.
func (f *frame) rule(r region, title, note string) string {
	start, end := "─", "─"
	if r.boxed {
		start, end = "╭─", "─╮"
	}
	mark := " "
	if r.panel == f.active {
		mark = "▸"
	}
	room := r.w - width(start) - width(end)
	if room < 4 {
		return fit(title, r.w, false)
	}
	title = mark + count(int64(r.panel)+1) + " " + title
	if width(title) > room-1 {
		title = fit(title, room-1, false)
	}
	title += " "
	if note != "" && width(title)+width(note)+3 <= room {
		note = " " + note + " "
	} else {
		note = ""
	}
	line := strings.Repeat("─", room-width(title)-width(note))
	return f.border(r, start) + f.st.Bold.Render(title) + f.border(r, line) + f.st.Dim.Render(note) + f.border(r, end)
}

func (f *frame) border(r region, s string) string {
	if r.panel == f.active {
		return f.st.FocusBorder.Render(s)
	}
	return f.st.Border.Render(s)
}

// message fills a panel that has nothing to show with the reason.
func (f *frame) message(w, h int, lines ...string) []string {
	out := make([]string, 0, h)
	for range max(0, (h-len(lines))/2) {
		out = append(out, "")
	}
	for _, s := range lines {
		out = append(out, blank((w-width(s))/2)+f.st.Dim.Render(s))
	}
	return out[:min(len(out), h)]
}

// waiting is what panels say that have nothing to show yet, and why.
func (f *frame) waiting(w, h int) []string {
	t := &f.snap.Totals
	switch {
	case f.snap.State == stream.Connecting:
		return f.message(w, h, "connecting…")
	case f.snap.Group != "" && f.snap.State == stream.Running && len(f.snap.Partitions) == 0:
		return f.message(w, h, "no partition: other members of", "the group have them all")
	case t.Records > 0 && t.Records == t.Filtered+refused(t)-t.PartlyLate:
		return f.message(w, h, uncounted(t)...)
	case f.snap.State == stream.Ended:
		return f.message(w, h, "nothing was read")
	case t.Records > 0:
		return f.message(w, h, "waiting for the first window")
	}
	return f.message(w, h, "waiting for the first record")
}

// uncounted says why none of the records is in a window.
func uncounted(t *stream.Summary) []string {
	lines := []string{"none of " + plural(t.Records, "record") + " is in a window"}
	if t.Filtered > 0 {
		lines = append(lines, "--where leaves out "+count(t.Filtered))
	}
	if n := t.Records - t.Filtered; n > 0 {
		lines = append(lines, count(n)+" refused: panel 6 says why")
	}
	return lines
}

// selected marks the row under the cursor, also where there are no colours.
func (f *frame) selected(line string, w int) string {
	line = fit(ansi.Strip(line), w, false)
	if w < 2 {
		return f.st.Selected.Render(line)
	}
	return f.st.Selected.Render("▸" + strings.TrimPrefix(line, " "))
}
