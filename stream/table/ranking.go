package table

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-stream/oriel/stream"
)

// Rankings draws tables that are at most width cells wide to w, 0 for no bound:
// of each spec and series a row for each key, if there are rankings of keys, and
// one for each model on all keys together; and says how to use the winner. use
// is the command for that, and never cut.
func Rankings(w io.Writer, width int, r *stream.Rankings, use func(*stream.Ranking) string) error {
	keys := r.Keys
	for i := range r.Totals {
		total := &r.Totals[i]
		n := 0
		for n < len(keys) && keys[n].Spec == total.Spec && keys[n].Series == total.Series {
			n++
		}
		if err := rankingOf(w, width, i > 0, keys[:n], total, use(total)); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

// rankingOf draws what there is of one spec and series.
func rankingOf(w io.Writer, width int, below bool, keys []stream.Ranking, total *stream.Ranking, use string) error {
	title := rankingTitle(total)
	if below {
		title = "\n" + title
	}
	if _, err := io.WriteString(w, title+"\n"); err != nil {
		return err
	}
	if len(keys) > 0 {
		if err := keysTable(w, width, keys); err != nil {
			return err
		}
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
	}
	if err := modelsTable(w, width, len(keys) > 0, total); err != nil {
		return err
	}
	if _, err := io.WriteString(w, lostOf(width, total)); err != nil {
		return err
	}
	text := "use the best: " + use
	if use == "" {
		text = "no forecast could be checked: read more, or use smaller windows or fewer steps (--horizon)"
	}
	_, err := io.WriteString(w, text+"\n")
	return err
}

// lostOf says of each external model that failed how often, and by what.
func lostOf(width int, r *stream.Ranking) string {
	var b strings.Builder
	for i := range r.Models {
		m := &r.Models[i]
		var each []string
		for _, reason := range slices.Sorted(maps.Keys(m.Lost)) {
			each = append(each, strconv.FormatInt(m.Lost[reason], 10)+" "+reason)
		}
		if each != nil {
			b.WriteString(Wrap("forecasts lost by "+clean(m.Model)+": "+strings.Join(each, ", "), width))
		}
	}
	return b.String()
}

func rankingTitle(r *stream.Ranking) string {
	what := clean(r.Series)
	if r.Counted {
		what = "records counted"
	}
	return fmt.Sprintf("%s, windows of %s: %d of %s", what, r.Spec, r.Windows, counted(r.Keys, "key"))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// modelsTable has a row for each model.
func modelsTable(w io.Writer, width int, byKey bool, r *stream.Ranking) error {
	inside := "in"
	for _, v := range r.Models[0].Intervals[:1] {
		inside = "in " + strconv.FormatFloat(v.Level, 'f', -1, 64) + "%"
	}
	p := newPages(w, width, 0, []field{
		{name: "rank", right: true, rank: 7},
		{name: "model", least: 8},
		{name: "MASE", right: true},
		{name: "MAE", right: true, rank: 1},
		{name: "sMAPE", right: true, rank: 5, optional: true},
		{name: inside, right: true, rank: 2},
		{name: "width", right: true, rank: 3},
		{name: "checked", right: true, rank: 4},
		{name: "none", right: true, rank: 6, optional: true},
		{name: "best of", right: true, rank: 8, optional: true},
		{name: "cost", right: true, rank: 9},
	})
	for i := range r.Models {
		if err := p.write(modelCells(i+1, byKey, &r.Models[i])); err != nil {
			return err
		}
	}
	return p.flush()
}

func modelCells(rank int, byKey bool, m *stream.RankedModel) cells {
	coverage, width := coverageOf(m)
	none, best, smape := "", "", ""
	if n := m.TooFew + m.Failed; n > 0 {
		none = strconv.FormatInt(n, 10)
	}
	if byKey {
		best = counted(m.Best, "key")
	}
	if !math.IsNaN(m.SMAPE) {
		smape = strconv.FormatFloat(m.SMAPE, 'f', 2, 64) + "%"
	}
	return cells{
		strconv.Itoa(rank), clean(m.Model), ratio(m.MASE), number(m.MAE, 8), smape, coverage, width,
		strconv.FormatInt(m.Resolved, 10), none, best, costOf(m),
	}
}

// keysTable has a row for each key: its best model, and those behind it.
func keysTable(w io.Writer, width int, keys []stream.Ranking) error {
	p := newPages(w, width, 0, []field{
		{name: "topic", least: 8, rank: 6, optional: true},
		{name: "key", least: 12},
		{name: "windows", right: true, rank: 5},
		{name: "best", least: 8},
		{name: "MASE", right: true},
		{name: "MAE", right: true, rank: 1},
		{name: "in", right: true, rank: 2},
		{name: "width", right: true, rank: 3},
		{name: "then", least: 12, rank: 4},
	})
	several := keys[0].Topic != keys[len(keys)-1].Topic
	for i := range keys {
		if err := p.write(keyCells(several, &keys[i])); err != nil {
			return err
		}
	}
	return p.flush()
}

func keyCells(several bool, r *stream.Ranking) cells {
	topic := ""
	if several {
		topic = clean(r.Topic)
	}
	row := cells{topic, key(r.Key), strconv.FormatInt(r.Windows, 10)}
	best := r.Winner()
	if best == nil {
		return append(row, noValue, noValue, noValue, noValue, noValue, "")
	}
	var then []string
	for i := range r.Models[1:] {
		if m := &r.Models[i+1]; m.Resolved > 0 {
			then = append(then, clean(m.Model)+" "+ratio(m.MASE))
		}
	}
	coverage, interval := coverageOf(best)
	return append(row, clean(best.Model), ratio(best.MASE), number(best.MAE, 8), coverage, interval, strings.Join(then, ", "))
}

// coverageOf is the share of truths in the intervals of the first level, and
// their mean width.
func coverageOf(m *stream.RankedModel) (coverage, width string) {
	if len(m.Intervals) == 0 || math.IsNaN(m.Intervals[0].Coverage) {
		return noValue, noValue
	}
	v := &m.Intervals[0]
	return strconv.FormatFloat(100*v.Coverage, 'f', 1, 64) + "%", number(v.Width, 8)
}

// ratio is a MASE with three decimals, where that is not too wide.
func ratio(v float64) string {
	const wide = 1e4
	if math.IsNaN(v) || v >= wide {
		return number(v, 8)
	}
	return strconv.FormatFloat(v, 'f', 3, 64)
}

// costOf is the mean time of a forecast.
func costOf(m *stream.RankedModel) string {
	if m.Forecasts+m.Failed == 0 {
		return noValue
	}
	const three = 1000
	switch c := m.Cost; {
	case c < three*time.Nanosecond:
		return strconv.FormatInt(c.Nanoseconds(), 10) + "ns"
	case c < three*time.Microsecond:
		return strconv.FormatFloat(float64(c.Nanoseconds())/1e3, 'f', 1, 64) + "us"
	default:
		return strconv.FormatFloat(float64(c.Nanoseconds())/1e6, 'f', 1, 64) + "ms"
	}
}
