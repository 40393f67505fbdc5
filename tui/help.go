package tui

import "strings"

// ofChart is the entry of the glossary that has the glyphs of the chart.
const ofChart = "chart"

// glossary explains what the panels show.
var glossary = [...][2]string{
	{"event time", "when it happened, as the record says; windows are made of it"},
	{"watermark", "no older record is expected; the slowest partition sets it"},
	{"processing", "or when it arrived: with --time-domain processing the clock closes windows"},
	{"lag", "processing time − event time: how old records are on arrival"},
	{"○ open", "the watermark has not reached its end; the percentage is how far"},
	{"● closed", "fired on time; late records may correct it until it is final, to which the percentage is the way"},
	{"◆ final", "nothing changes it any more"},
	{"late +2… r1", "two late records are in it; … not yet in its newest line, which is revision 1"},
	{ofChart, "─ what was seen, ● its newest step, ◆ one outside its interval; ╍ forecast, ░ interval; W ║ the watermark, now ┊ the clock, ○ where open windows end"},
	{"lattice", "a bar for each window, ○ ● ◆ at its end: a record is in every bar above its time; own W has the watermarks of the partitions, the least of which is W"},
	{"forecast", "what was forecast for the last of the window's steps that was, before it was seen"},
	{"last step", "what came: ✓ inside the interval, ▲ above or ▼ below it"},
	{"error", "mean error of the forecasts, beside that of naive ones (MASE): below 1 is better"},
	{"pool", "who forecasts: not made is what there were too few steps for, mostly, failed what an external model did not answer, shed what there was no time for"},
	{"coverage", "the share of values inside their intervals; adaptive ones (aci) come close to the level"},
	{"✱ anomaly", "a step that so few of the errors before equalled: --anomaly 3 is one in a thousand"},
	{"idle", "a silent partition that the watermark no longer waits for; when all are, the clock carries it on and closes windows"},
	{"group", "the consumer group of --group: its members share the partitions, and each shows its own"},
	{"leap", "create times far ahead: they wait until records behind them confirm or refute them"},
	{"‖ waits", "a partition so far ahead (--max-drift), or memory so short (--max-memory), that others are read first"},
	{"records", "the newest of the key as they came, each with what became of it; of hundreds a second some, and then it is said how many went by"},
	{"incomplete", "the window began before, or ends behind, what was read"},
	{"! … · …", "what is wrong, until it is over; what has happened in the last minute"},
	{"✗ refused", "in no window, or in fewer than it belongs to, with the reason"},
}

// helpLines are the help for a screen of w columns.
func (u *ui) helpLines(f *frame, w int) []string {
	lines := []string{f.st.Bold.Render(" Keys")}
	const cell, name = 26, 9
	across := max(1, (w-2)/cell)
	down := (len(u.commands) + across - 1) / across
	for y := range down {
		line := " "
		var lineSb31 strings.Builder
		for x := range across {
			if i := x*down + y; i < len(u.commands) {
				h := u.commands[i].Help()
				lineSb31.WriteString(f.st.Keycap.Render(fit(h.Key, name, false)) + " " + fit(h.Desc, cell-name-1, false))
			}
		}
		line += lineSb31.String()
		lines = append(lines, line)
	}
	lines = append(lines, "", f.st.Bold.Render(" Panels"))
	lines = append(lines, f.panelLines(w)...)
	lines = append(lines, "", f.st.Bold.Render(" Words"))
	for _, g := range glossary {
		if g[0] == ofChart && f.ascii { // which has glyphs of its own
			g[1] = strings.Map(asciiGlyph, g[1])
		}
		for i, part := range wrap(g[1], max(12, w-14)) {
			word := ""
			if i == 0 {
				word = g[0]
			}
			lines = append(lines, " "+f.st.Bold.Render(fit(word, 11, false))+" "+part)
		}
	}
	return lines
}

// panelLines say which digit is whose.
func (f *frame) panelLines(w int) []string {
	var lines []string
	line, used := "", 0
	for id, name := range panelNames {
		digit := count(int64(id) + 1)
		n := width(digit) + 1 + width(name) + columnGap
		if used > 0 && 1+used+n > w {
			lines, line, used = append(lines, " "+line), "", 0
		}
		line, used = line+f.st.Keycap.Render(digit)+" "+name+blank(columnGap), used+n
	}
	return append(lines, " "+line)
}

// help is h lines of the help from the one it was moved to.
func (u *ui) help(f *frame, w, h int) []string {
	lines := u.helpLines(f, w)
	u.helpTop = max(0, min(u.helpTop, len(lines)-h))
	out := make([]string, 0, h)
	for i := range h {
		line := ""
		if u.helpTop+i < len(lines) {
			line = lines[u.helpTop+i]
		}
		out = append(out, fit(line, w, false))
	}
	return out
}

// helpFooter says how to get out of the help.
func (u *ui) helpFooter(f *frame, w int) string {
	return fit(" "+f.st.Keycap.Render("↑/↓")+" scroll  "+f.st.Keycap.Render("esc")+" back", w, false)
}
