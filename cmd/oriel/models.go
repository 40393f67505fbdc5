package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/stream/table"
)

func newModels(e *env) *cobra.Command {
	output := newChoice("table", "json")
	cmd := &cobra.Command{
		Use:   "models [MODEL...]",
		Short: "List the forecasters with their parameters and what they cost",
		Long: `models lists the forecasters of --model, or those that are named, with the
parameters that may follow the name, as in holt:beta=0.1: what is not given is
estimated from each window.

  from   the least number of steps; "+ 2 seasons": that many whole ones of
         --season more. A window with fewer has no forecast: "too few"
  cost   of one forecast, in passes over its n steps; p is how many values back
         a model looks

oriel backtest tells which of them does best on a topic.

EXIT STATUS
  0    done
  2    wrong usage, or an unknown model`,
		Example: `  oriel models
  oriel models holt hw
  oriel models -o json | jq -r 'select(.min_seasons == 0).model'`,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return modelWords(args), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error { return runModels(e, output.value, args) },
	}
	cmd.Flags().VarP(&output, "output", "o", "models as table or json")
	return cmd
}

// modelWords are the models with what they do, but for those that are there.
func modelWords(but []string) []string {
	var words []string
	for _, m := range model.Models() {
		if !slices.Contains(but, m.Name) {
			words = append(words, m.Name+"\t"+m.Summary)
		}
	}
	return words
}

func runModels(e *env, output string, names []string) error {
	models := model.Models()
	for _, name := range names {
		if !slices.Contains(modelNames(), name) {
			return usagef("unknown model %q; known: %s%s", name, strings.Join(modelNames(), ", "), meant(name))
		}
	}
	if len(names) > 0 {
		models = slices.DeleteFunc(models, func(m model.Info) bool { return !slices.Contains(names, m.Name) })
	}
	if output == "json" {
		return writeModelLines(e.stdout, models)
	}
	rows := make([]table.Model, len(models))
	for i, m := range models {
		rows[i] = table.Model{Name: m.Name, From: leastSteps(m), Cost: m.Cost, Summary: m.Summary, Source: m.Source}
		for _, p := range m.Params {
			rows[i].Params = append(rows[i].Params, table.Param{Name: p.Name, Allowed: allowed(p), Summary: p.Summary})
		}
	}
	return table.Models(e.stdout, proseWidth(e), rows)
}

// leastSteps says from how many steps a model forecasts.
func leastSteps(m model.Info) string {
	s := strconv.Itoa(m.MinLength)
	switch m.MinSeasons {
	case 0:
		return s
	case 1:
		return s + " + 1 season"
	default:
		return fmt.Sprintf("%s + %d seasons", s, m.MinSeasons)
	}
}

// allowed says which values a parameter may have.
func allowed(p model.Param) string {
	if p.Words != nil {
		return strings.Join(p.Words, ", ")
	}
	return strconv.FormatFloat(p.Min, 'f', -1, 64) + " to " + strconv.FormatFloat(p.Max, 'f', -1, 64)
}

// modelLine is a model as JSON.
type modelLine struct {
	V          int         `json:"v"`
	Type       string      `json:"type"`
	Model      string      `json:"model"`
	Summary    string      `json:"summary"`
	MinSteps   int         `json:"min_steps"`
	MinSeasons int         `json:"min_seasons"`
	Cost       string      `json:"cost"`
	Source     string      `json:"source"`
	Parameters []paramLine `json:"parameters"`
}

// paramLine is a parameter of a modelLine: a number between min and max, or one
// of the words, of which the first is the default.
type paramLine struct {
	Name    string   `json:"name"`
	Min     *float64 `json:"min,omitempty"`
	Max     *float64 `json:"max,omitempty"`
	Whole   bool     `json:"whole,omitempty"`
	Words   []string `json:"words,omitempty"`
	Summary string   `json:"summary"`
}

func writeModelLines(w io.Writer, models []model.Info) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, m := range models {
		line := modelLine{
			V: 1, Type: "model", Model: m.Name, Summary: m.Summary, MinSteps: m.MinLength, MinSeasons: m.MinSeasons,
			Cost: m.Cost, Source: m.Source, Parameters: []paramLine{},
		}
		for _, p := range m.Params {
			param := paramLine{Name: p.Name, Whole: p.Whole, Words: p.Words, Summary: p.Summary}
			if p.Words == nil {
				param.Min, param.Max = &p.Min, &p.Max
			}
			line.Parameters = append(line.Parameters, param)
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}
