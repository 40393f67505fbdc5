package window

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// expectations read what stands behind "expect".
var expectations = map[string]func(*scene, *words) (int, func(*stage) error){
	"pane":      parseExpectPane,
	"verdict":   parseExpectVerdict,
	"watermark": parseExpectWatermark,
	"nothing": func(*scene, *words) (int, func(*stage) error) {
		return -1, func(s *stage) error {
			if len(s.panes) > 0 {
				return fmt.Errorf("a pane came out: %s", describe(s.panes[0]))
			}
			return nil
		}
	},
	"holds": func(_ *scene, w *words) (int, func(*stage) error) {
		numbers := w.parts()
		return -1, func(s *stage) error {
			if got := s.holding(); !slices.Equal(got, numbers) {
				return fmt.Errorf("the watermark is held by %v", names(got))
			}
			return nil
		}
	},
	"idle":     expectIdle(true),
	"not-idle": expectIdle(false),
}

func expectIdle(want bool) func(*scene, *words) (int, func(*stage) error) {
	return func(_ *scene, w *words) (int, func(*stage) error) {
		numbers := w.parts()
		if len(numbers) == 0 {
			w.note(errors.New("name the partitions"))
		}
		return -1, func(s *stage) error {
			for _, n := range numbers {
				p, err := s.player(n)
				if err != nil {
					return err
				}
				if idle := p.Progress().Idle; idle != want {
					return fmt.Errorf("p%d: idle is %v", n, idle)
				}
			}
			return nil
		}
	}
}

// holding lists the partitions whose marks are the watermark: of those that
// are neither idle nor finished, the least.
func (s *stage) holding() []int {
	least := MaxTime
	var list []int
	for i, p := range s.parts {
		now := p.Progress()
		if now.Idle || now.Finished || now.Mark > least {
			continue
		}
		if now.Mark < least {
			least, list = now.Mark, nil
		}
		list = append(list, i)
	}
	return list
}

func names(numbers []int) string {
	if len(numbers) == 0 {
		return "none"
	}
	var list []string
	for _, n := range numbers {
		list = append(list, fmt.Sprintf("p%d", n))
	}
	return strings.Join(list, " ")
}

func parseExpectWatermark(_ *scene, w *words) (int, func(*stage) error) {
	part := -1
	if len(w.rest) > 1 {
		part = w.part()
	}
	var want Time
	switch text := w.next("time"); text {
	case "unknown":
		want = MinTime
	case "end":
		want = MaxTime
	default:
		want = w.time(text)
	}
	return -1, func(s *stage) error {
		got := s.asm.Watermark()
		if part >= 0 {
			p, err := s.player(part)
			if err != nil {
				return err
			}
			got = p.Watermark()
		}
		if got != want {
			return fmt.Errorf("the watermark is %s", clock(got))
		}
		return nil
	}
}

// verdictWords are the verdicts that a record can get.
var verdictWords = []string{
	"in-time", "partly-late", "late", "late-after-idle", "key-limit", "future", "no-time", "no-value", "waits",
}

func parseExpectVerdict(_ *scene, w *words) (int, func(*stage) error) {
	want := said{word: verdictWords[w.choice(verdictWords...)]}
	want.Of = -1
	number := func(name string, to *int) {
		if text, ok := w.named(name); ok {
			n, err := strconv.Atoi(text)
			w.note(err)
			*to = n
		}
	}
	offset := -1
	number("lost", &want.Lost)
	number("late", &want.Late)
	number("of", &want.Of)
	number("offset", &offset)
	return -1, func(s *stage) error {
		if len(s.said) == 0 {
			return errors.New("no record has come since the last verdict")
		}
		got := s.said[0]
		s.said = s.said[1:]
		same := got.word == want.word && got.Lost == want.Lost && got.Late == want.Late
		if !same || want.Of >= 0 && got.Of != want.Of || offset >= 0 && got.offset != int64(offset) {
			return fmt.Errorf("the verdict is %v", got)
		}
		return nil
	}
}

// paneField is one field of a pane that a script may mention.
type paneField struct {
	name string
	// usual is the value that a field has if a script does not mention it; any
	// if empty.
	usual string
	of    func(*Pane) string
}

var paneFields = []paneField{
	{"k", "none", keyOf},
	{"series", "", func(p *Pane) string { return p.Series }},
	{"size", "", func(p *Pane) string { return p.Size.String() }},
	{"hop", "", func(p *Pane) string { return p.Hop.String() }},
	{"revision", "0", func(p *Pane) string { return strconv.Itoa(p.Revision) }},
	{"final", "true", func(p *Pane) string { return strconv.FormatBool(p.Final) }},
	{"hidden", "false", func(p *Pane) string { return strconv.FormatBool(p.Hidden) }},
	{"firing", "", func(p *Pane) string { return []string{"on-time", "final", "update"}[p.Firing] }},
	{"closed_by", "watermark", func(p *Pane) string { return p.ClosedBy.String() }},
	{"incomplete", "no", sideOf},
	{"late", "0", func(p *Pane) string { return strconv.FormatInt(p.Late, 10) }},
	{"count", "", func(p *Pane) string { return strconv.FormatInt(p.Count, 10) }},
	{"sum", "", func(p *Pane) string { return decimal(p.Sum()) }},
	{"mean", "", func(p *Pane) string { return decimal(p.Mean()) }},
	{"min", "", func(p *Pane) string { return decimal(p.Min) }},
	{"max", "", func(p *Pane) string { return decimal(p.Max) }},
	{"stddev", "", func(p *Pane) string { return decimal(p.Stddev()) }},
	{"first", "", func(p *Pane) string { return decimal(p.First.Value) }},
	{"last", "", func(p *Pane) string { return decimal(p.Last.Value) }},
	{"lag_min", "", func(p *Pane) string { return p.Lag.Min.String() }},
	{"lag_mean", "", func(p *Pane) string { return Duration(p.Lag.Mean()).String() }},
	{"lag_max", "", func(p *Pane) string { return p.Lag.Max.String() }},
	{"lag_clock", "", func(p *Pane) string { return p.Lag.Clock.String() }},
	{"offsets", "", offsetsOf},
	{"steps", "", stepsOf},
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

func keyOf(p *Pane) string {
	if p.Key.Null {
		return "none"
	}
	return p.Key.Bytes
}

func sideOf(p *Pane) string {
	if p.Incomplete == Complete {
		return "no"
	}
	return p.Incomplete.String()
}

func offsetsOf(p *Pane) string {
	var list []string
	for _, o := range p.Offsets {
		list = append(list, fmt.Sprintf("%d:%d-%d", o.Partition, o.First, o.Last))
	}
	return strings.Join(list, ",")
}

func stepsOf(p *Pane) string {
	var list []string
	for i := range p.Steps {
		if s := &p.Steps[i]; s.Count == 0 {
			list = append(list, "-")
		} else {
			list = append(list, decimal(s.Mean()))
		}
	}
	return strings.Join(list, ",")
}

// clock writes a time as scripts do.
func clock(t Time) string {
	const years = 10 * 365 * 86_400_000
	switch {
	case t == MinTime:
		return "unknown"
	case t == MaxTime:
		return "end"
	case t > -years && t < years:
		return Duration(t).String()
	}
	return t.String()
}

func spanText(s Span) string { return "[" + clock(s.Start) + "," + clock(s.End) + ")" }

// describe writes a pane as scripts do: what tells it apart.
func describe(p *Pane) string {
	text := []string{spanText(p.Span)}
	for _, f := range paneFields {
		value := f.of(p)
		telling := f.usual != "" && value != f.usual
		switch f.name {
		case "series", "sum":
			telling = !p.Counted
		case "count":
			telling = true
		}
		if telling {
			text = append(text, f.name+"="+value)
		}
	}
	return strings.Join(text, " ")
}

func parseExpectPane(sc *scene, w *words) (int, func(*stage) error) {
	span := parseSpan(w)
	want := make(map[string]string)
	for _, f := range paneFields {
		if value, ok := w.named(f.name); ok {
			want[f.name] = value
		}
	}
	if want["count"] == "" {
		w.note(errors.New("count is missing"))
	}
	if len(sc.cfg.Series) > 1 && want["series"] == "" {
		w.note(errors.New("series is missing"))
	}
	return -1, func(s *stage) error {
		if len(s.panes) == 0 {
			return errors.New("no pane has come out")
		}
		p := s.panes[0]
		s.panes = s.panes[1:]
		if p.Span != span {
			return fmt.Errorf("the pane is %s", describe(p))
		}
		for _, f := range paneFields {
			value, mentioned := want[f.name]
			if !mentioned {
				value = f.usual
			}
			if got := f.of(p); (mentioned || value != "") && got != value {
				return fmt.Errorf("the pane has %s=%s and not %s: %s", f.name, got, value, describe(p))
			}
		}
		return nil
	}
}

// parseSpan reads [START,END).
func parseSpan(w *words) Span {
	for i, word := range w.rest {
		inner, open := strings.CutPrefix(word, "[")
		inner, closed := strings.CutSuffix(inner, ")")
		start, end, both := strings.Cut(inner, ",")
		if open && closed && both {
			w.rest = slices.Delete(slices.Clone(w.rest), i, i+1)
			return Span{Start: w.time(start), End: w.time(end)}
		}
	}
	w.note(errors.New("the window [START,END) is missing"))
	return Span{}
}
