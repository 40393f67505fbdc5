package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/kafka"
)

// notUsed are the flags of backtest that are no part of the command that uses
// its winner: what was read, how the ranking was printed, and what the winner
// replaces.
var notUsed = []string{
	"window", "model", "value", "from", "to", "between", "timeout", "output", "quiet", "rejects", "summary", "workers",
}

// ofExternal are the flags that only external models need.
var ofExternal = []string{"model-timeout", "model-env", "model-batch", "model-outstanding"}

// use is the command that makes forecasts with the winner of a ranking, with the
// flags of the backtest: tail, or replay of an input. Empty without a winner.
func (o *backtestOptions) use(cmd *cobra.Command, topics []string, r *stream.Ranking) string {
	winner := r.Winner()
	if winner == nil {
		return ""
	}
	verb := "tail"
	if o.input != "" {
		verb = "replay"
	}
	words := append([]string{"oriel", verb}, topics...)
	words = append(words, "-w", r.Spec.String(), "-m", winner.Model)
	for i, value := range o.Values {
		if len(o.Values) == 1 || len(o.Values) == len(o.series) && o.series[i] == r.Series {
			words = append(words, "--value", value)
		}
	}
	known := sibling(cmd, verb)
	external := (&modelFlags{model: winner.Model}).isExternal()
	cmd.Flags().Visit(func(f *pflag.Flag) {
		used := !slices.Contains(notUsed, f.Name) && (external || !slices.Contains(ofExternal, f.Name))
		if used && known.Lookup(f.Name) != nil {
			words = append(words, flagText(f)...)
		}
	})
	for i, w := range words {
		words[i] = shellWord(w)
	}
	return strings.Join(words, " ")
}

// sibling are the flags of another command.
func sibling(cmd *cobra.Command, name string) *pflag.FlagSet {
	for _, c := range cmd.Parent().Commands() {
		if c.Name() == name {
			return c.Flags()
		}
	}
	return pflag.NewFlagSet(name, pflag.ContinueOnError)
}

// flagText is how a flag is given. Secrets are masked.
func flagText(f *pflag.Flag) []string {
	name := "--" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand
	}
	values := []string{f.Value.String()}
	if list, ok := f.Value.(pflag.SliceValue); ok {
		values = list.GetSlice()
	}
	var words []string
	for _, v := range values {
		switch {
		case f.Value.Type() == "bool":
			words = append(words, name+"="+v)
			continue
		case f.Name == "model-env":
			v = shownSetting(f.Name, v)
		case f.Name == "property":
			v = shownProperty(v)
		case f.Name == "schema-registry": // with a password, perhaps
			v = kafka.Property{Key: f.Name, Value: v}.Shown()
		}
		words = append(words, name, v)
	}
	return words
}

// shownProperty is key=value of -X as it may be shown.
func shownProperty(text string) string {
	p, err := kafka.ParseProperty(text, "-X")
	if err != nil || refers(p) {
		return text
	}
	return p.Key + "=" + p.Shown()
}

// plainInShell are the characters that need no quotes beside letters and digits.
const plainInShell = "-_./:=,@%+"

// shellWord quotes a word for a POSIX shell, if that is needed.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(plainInShell, r)
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
