package tui

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/oriel-stream/oriel/stream"
)

// modelsPanel says how well the charted key is forecast, how well each of the
// models would do that auto chooses among, and what the pool has done.
type modelsPanel struct{ noRows }

func (modelsPanel) title(f *frame) (name, note string) {
	if f.snap.Focus == nil || f.snap.Workers == 0 {
		return "Models", ""
	}
	return "Models of " + f.focusName(), "error beside naive"
}

const (
	modelName = iota
	modelBar
	modelError
	modelUsed
	modelResolved
)

func (p modelsPanel) draw(f *frame, w, h int) []string {
	focus := f.snap.Focus
	switch {
	case f.snap.Workers == 0 && f.snap.State != stream.Connecting && focus != nil:
		return f.message(w, h, "nothing is forecast: --model none")
	case focus == nil:
		return f.waiting(w, h)
	}
	lines := []string{f.scoreLine(w)}
	if len(focus.Models) > 0 {
		lines = append(lines, p.table(f, w, h-2)...)
	}
	for len(lines) < h-1 {
		lines = append(lines, "")
	}
	return append(lines[:min(len(lines), max(0, h-1))], f.poolLine(w))
}

// scoreLine says how well the key was forecast lately.
func (f *frame) scoreLine(w int) string {
	focus := f.snap.Focus
	s := &focus.Score
	if s.N == 0 {
		return f.st.Dim.Render(fit(" "+firstThatFits(w-1, f.text(s.Model)+": no forecast has come true yet", "nothing to score yet"), w, false))
	}
	short := fmt.Sprintf("%s  error %s  coverage %s", f.text(s.Model), ratio(s.MASE), percent(s.Coverage))
	long := short
	if focus.Level > 0 {
		long += fmt.Sprintf(" of %s%% by %s", count(int64(focus.Level)), focus.By)
	}
	all := long + "  over " + plural(int64(s.N), "step")
	return fit(" "+firstThatFits(w-1, all, long, short, "error "+ratio(s.MASE)), w, false)
}

// table ranks the models, the best on top.
func (p modelsPanel) table(f *frame, w, h int) []string {
	models := slices.Clone(f.snap.Focus.Models)
	slices.SortStableFunc(models, func(a, b stream.ModelView) int { return cmp.Compare(sortable(a.MASE), sortable(b.MASE)) })
	worst, used := 0.0, int64(0)
	for _, m := range models {
		used += m.Used
		if m.MASE <= math.MaxFloat64 {
			worst = max(worst, m.MASE)
		}
	}
	columns := fitColumns([]column{
		{id: modelName, title: " model", width: 14},
		{id: modelError, title: "error", width: 5, right: true, rank: 1},
		{id: modelUsed, title: "used", width: 6, right: true, rank: 2},
		{id: modelResolved, title: "steps", width: 6, right: true, rank: 4},
		{id: modelBar, title: "", width: 6, rank: 3, grows: true},
	}, w)
	lines := []string{f.st.Dim.Render(titles(columns))}
	for i, m := range models[:max(0, min(len(models), h-1))] {
		lines = append(lines, row(columns, func(c column) string {
			text := ""
			switch c.id {
			case modelName:
				text = " " + f.text(m.Name)
				if i == 0 && !math.IsNaN(m.MASE) {
					return f.st.Bold.Render(fit(text, c.width, false))
				}
			case modelBar:
				return f.st.Actual.Render(fit(bar(m.MASE/worst, min(c.width, 24)), c.width, false))
			case modelError:
				text = ratio(m.MASE)
			case modelUsed:
				text = percent(float64(m.Used) / float64(used))
			case modelResolved:
				text = count(m.Resolved)
			}
			return fit(text, c.width, c.right)
		}))
	}
	return lines
}

// sortable puts what has no error behind the others.
func sortable(mase float64) float64 {
	if math.IsNaN(mase) {
		return math.Inf(1)
	}
	return mase
}

// bar is a share of w cells; at least one where the share is above 0.
func bar(share float64, w int) string {
	if !(share > 0) {
		return ""
	}
	n := max(1, int(math.Round(min(share, 1)*float64(w))))
	line := make([]rune, n)
	for i := range line {
		line[i] = '■'
	}
	return string(line)
}

// poolLine is what the forecasters have done so far.
func (f *frame) poolLine(w int) string {
	t := &f.snap.Totals
	workers := plural(int64(f.snap.Workers), "worker")
	made := count(t.ForecastsMade) + " made"
	shed := ", " + count(t.ForecastsShed) + " shed"
	lost := int64(0)
	for _, n := range t.ForecastsLost {
		lost += n
	}
	if own := t.ForecastsFail - lost; own > 0 { // mostly a key has too few steps yet
		made += ", " + count(own) + " not made"
	}
	failed := count(lost) + " failed" + shed
	reasons := count(lost) + " failed" + lostReasons(t.ForecastsLost) + shed
	return f.st.Dim.Render(fit(" "+firstThatFits(w-1, "pool of "+workers+": "+made+", "+reasons, "pool of "+workers+": "+made+", "+failed, workers+": "+made+", "+failed, made+", "+failed, made), w, false))
}

// lostReasons says why an external model failed, the most frequent first.
func lostReasons(lost map[string]int64) string {
	var each []string
	for _, reason := range slices.SortedFunc(maps.Keys(lost), func(a, b string) int {
		return cmp.Or(cmp.Compare(lost[b], lost[a]), cmp.Compare(a, b))
	}) {
		each = append(each, count(lost[reason])+" "+reason)
	}
	if each == nil {
		return ""
	}
	return " (" + strings.Join(each, ", ") + ")"
}
