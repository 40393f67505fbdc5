package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream"
)

// aggFlags say what to compute of each window beyond what every line has.
type aggFlags struct {
	aggs []string
}

func (f *aggFlags) add(fs *pflag.FlagSet) {
	fs.StringArrayVar(&f.aggs, "agg", nil,
		"also compute p50 or any other percentile (within 1 %), distinct:PATH (standard error 0.81 %) or rate "+
			"(records a second); repeatable, or several with commas")
}

// asked is what --agg asks for.
type asked struct {
	stream.Aggregates
	// quantiles are the Quantiles as parts of 1.
	quantiles []float64
}

// parse checks the flags, but for the paths, which the decoder knows to read.
func (f *aggFlags) parse() (asked, error) {
	var a asked
	for _, flag := range f.aggs {
		for _, item := range splitCommas(flag) {
			if err := a.take(item); err != nil {
				return a, usagef("--agg %q: %w", item, err)
			}
		}
	}
	return a, nil
}

const (
	distinctPrefix = "distinct:"
	aggExample     = "use p0 to p100, distinct:PATH or rate, as in --agg p50,p99.9,distinct:user.id,rate"
)

// inEveryLine are the aggregates that nobody needs to ask for.
var inEveryLine = []string{"count", "sum", "mean", "min", "max", "stddev", "first", "last"}

func (a *asked) take(item string) error {
	path, isDistinct := strings.CutPrefix(item, distinctPrefix)
	q, isQuantile := quantile(item)
	switch {
	case isDistinct:
		a.Distinct = append(a.Distinct, path)
	case item == "rate" && a.Rate:
		return errors.New("it is given twice: give it once")
	case item == "rate":
		a.Rate = true
	case !isQuantile && slices.Contains(inEveryLine, item):
		return fmt.Errorf("it is in every line: leave it out; %s", aggExample)
	case !isQuantile || q > 1:
		return errors.New(aggExample)
	case slices.Contains(a.quantiles, q):
		return fmt.Errorf("it is the same as %s: give it once", a.Quantiles[slices.Index(a.quantiles, q)])
	default:
		a.Quantiles, a.quantiles = append(a.Quantiles, item), append(a.quantiles, q)
	}
	return nil
}

// quantile reads p50 or p99.9 as a part of 1, and says if it is of that form.
func quantile(item string) (float64, bool) {
	digits, found := strings.CutPrefix(item, "p")
	whole, fraction, pointed := strings.Cut(digits, ".")
	if !found || !isDigits(whole) || pointed && !isDigits(fraction) {
		return 0, false
	}
	percent, err := strconv.ParseFloat(digits, 64)
	return percent / 100, err == nil
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// splitCommas splits at the commas that have no backslash before them: a path
// may have one.
func splitCommas(s string) []string {
	var parts []string
	from := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case ',':
			parts = append(parts, s[from:i])
			from = i + 1
		}
	}
	return append(parts, s[from:])
}
