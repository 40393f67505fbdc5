package table

import (
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Model is a forecaster as a table shows it.
type Model struct {
	Name, From, Cost, Summary, Source string
	Params                            []Param
}

// Param is a parameter of a Model.
type Param struct{ Name, Allowed, Summary string }

// externalModels is the last paragraph: what is no model of ours.
const externalModels = `Models of your own take the place of these: -m exec:COMMAND is a program, and -m http://HOST/... a server.`

// Models draws tables that are at most width cells wide to w, 0 for no bound:
// the models, their parameters, and where their formulas come from. What does
// not fit into a line goes on in the next.
func Models(w io.Writer, width int, models []Model) error {
	overview := listing{{"model", "from", "cost", "what it forecasts"}}
	sources := listing{{"model", "source"}}
	for _, m := range models {
		overview = append(overview, []string{m.Name, m.From, m.Cost, m.Summary})
		sources = append(sources, []string{m.Name, m.Source})
	}
	var b strings.Builder
	overview.draw(&b, width)
	if params := paramsOf(models); len(params) > 1 {
		b.WriteByte('\n')
		params.draw(&b, width)
	}
	b.WriteByte('\n')
	sources.draw(&b, width)
	b.WriteString("\n" + Wrap(externalModels, width))
	_, err := io.WriteString(w, b.String())
	return err
}

// listing are rows below a header whose last column is prose.
type listing [][]string

// paramsOf lists the parameters, those that several models have once.
func paramsOf(models []Model) listing {
	var params []Param
	of := make(map[Param][]string)
	for _, m := range models {
		for _, p := range m.Params {
			if of[p] == nil {
				params = append(params, p)
			}
			of[p] = append(of[p], m.Name)
		}
	}
	l := listing{{"parameter", "allowed", "what it is"}}
	for _, p := range params {
		l = append(l, []string{p.Name, p.Allowed, "in " + strings.Join(of[p], ", ") + ": " + p.Summary})
	}
	return l
}

// leastProse is how wide prose is at least.
const leastProse = 24

// draw draws the columns one beside the other: the first ones as wide as they
// need, and what is prose in the rest of the width, line by line.
func (l listing) draw(b *strings.Builder, width int) {
	last := len(l[0]) - 1
	widths := make([]int, last)
	before := 0
	for i := range widths {
		for _, row := range l {
			widths[i] = max(widths[i], ansi.StringWidth(row[i]))
		}
		before += widths[i] + gap
	}
	for _, row := range l {
		most := width
		if width > 0 {
			most = max(leastProse, width-before)
		}
		i := 0
		for line := range strings.Lines(Wrap(row[last], most)) {
			for k, cell := range row[:last] {
				if i > 0 {
					cell = ""
				}
				b.WriteString(fit(cell, widths[k], false) + " ")
			}
			b.WriteString(line)
			i++
		}
	}
}
