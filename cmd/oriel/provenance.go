package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// rank orders who may give a value to a flag: a higher one wins.
type rank uint8

const (
	byDefault rank = iota
	byProfile
	byEnvironment
	byCommandLine
)

// provenance is where the value of a flag comes from.
type provenance struct {
	rank rank
	text string // for people; empty for the command line and the default
}

// short is the provenance in a message, where flag is how the command line says
// it.
func (p provenance) short(flag string) string {
	if p.rank == byCommandLine {
		return flag
	}
	return p.text
}

// The annotations of a flag that the profile or the environment has set.
const (
	profileAnnotation     = "oriel.profile"
	environmentAnnotation = "oriel.environment"
)

func givenBy(f *pflag.Flag) provenance {
	switch {
	case f.Changed:
		return provenance{rank: byCommandLine}
	case f.Annotations[environmentAnnotation] != nil:
		return provenance{byEnvironment, f.Annotations[environmentAnnotation][0]}
	case f.Annotations[profileAnnotation] != nil:
		return provenance{byProfile, f.Annotations[profileAnnotation][0]}
	default:
		return provenance{}
	}
}

// setQuietly gives a flag a value that does not count as changed: like a
// default it gives way where it does not go together with the command line.
func setQuietly(f *pflag.Flag, annotation, from string, values ...string) error {
	for _, value := range values {
		if err := f.Value.Set(value); err != nil {
			return valueError(f, value, err)
		}
	}
	if f.Annotations == nil {
		f.Annotations = map[string][]string{}
	}
	f.Annotations[annotation] = []string{from}
	return nil
}

const variablePrefix = "ORIEL_"

// variableOf is the name of a flag in the environment.
func variableOf(flag string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// flagOf is the name of the flag that a variable would set.
func flagOf(variable string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(variable, variablePrefix), "_", "-"))
}

// leftToOthers says that a word is none of those that a flag takes, but that the
// flag of that name of another command does, as csv is for --output of tail and
// not of topics. The environment and a profile speak to all commands.
func leftToOthers(cmd *cobra.Command, f *pflag.Flag, word string) bool {
	own, ok := f.Value.(*choice)
	if !ok || slices.Contains(own.words, word) {
		return false
	}
	return slices.ContainsFunc(cmd.Root().Commands(), func(other *cobra.Command) bool {
		g := other.Flags().Lookup(f.Name)
		return g != nil && slices.Contains(flagWords(g), word)
	})
}

// repeats says that a flag may be given several times.
func repeats(f *pflag.Flag) bool {
	_, ok := f.Value.(pflag.SliceValue)
	return ok
}

// valuesIn are the values in a variable of a flag that may be given several times:
// one a line. A comma does not separate them, for it may be in any of them. A
// certificate or key as PEM has lines of its own.
func valuesIn(variable string) []string {
	if strings.Contains(variable, "-----BEGIN ") {
		return []string{variable}
	}
	var values []string
	for line := range strings.Lines(variable) {
		if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) != "" {
			values = append(values, line)
		}
	}
	return values
}

// fromEnvironment sets every flag that the command line left alone and the
// environment names.
func fromEnvironment(e *env, cmd *cobra.Command) error {
	var errs []error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		name := variableOf(f.Name)
		if value := e.getenv(name); value != "" && !f.Changed && !leftToOthers(cmd, f, value) {
			values := []string{value}
			if repeats(f) {
				values = valuesIn(value)
			}
			if err := setQuietly(f, environmentAnnotation, name, values...); err != nil {
				errs = append(errs, usagef("%s in the environment: %w", name, err))
			}
		}
	})
	return errors.Join(errs...)
}

// withProvenance adds to an error of usage where the values of the flags come from
// that it names, if that is not the command line: who reads of a flag looks for it
// there.
func withProvenance(fs *pflag.FlagSet, err error) error {
	if _, ok := errors.AsType[usageError](err); !ok {
		return err
	}
	text := err.Error()
	var from []string
	fs.VisitAll(func(f *pflag.Flag) {
		if p := givenBy(f); p.text != "" && !strings.Contains(text, p.text) && namesFlag(text, f.Name) {
			from = append(from, "--"+f.Name+" is from "+p.text)
		}
	})
	if from == nil {
		return err
	}
	return fmt.Errorf("%w (%s)", err, strings.Join(from, ", "))
}

// namesFlag says that a flag stands in a text, and not just the beginning of
// another's name.
func namesFlag(text, name string) bool {
	for {
		_, rest, found := strings.Cut(text, "--"+name)
		if !found {
			return false
		}
		if rest == "" || strings.IndexByte("abcdefghijklmnopqrstuvwxyz-", rest[0]) < 0 {
			return true
		}
		text = rest
	}
}
