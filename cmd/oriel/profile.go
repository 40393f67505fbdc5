package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream"
)

// noProfile is the --profile that also leaves the default profile out.
const noProfile = "none"

// profileFlag is --profile, and the profile when it has been read.
type profileFlag struct {
	name       string
	loaded     *profile
	connection *connectionFlags // to which it belongs
}

func (f *profileFlag) String() string { return f.name }

func (f *profileFlag) Type() string { return "string" }

func (f *profileFlag) Set(name string) error {
	f.name = name
	return nil
}

// color is the colour of the profile as terminals count it, empty for none.
func (f *profileFlag) color() string {
	if f.loaded == nil {
		return ""
	}
	return cmp.Or(colors[f.loaded.color], f.loaded.color)
}

// settle sets the flags of a command that the command line left alone: by the
// environment, and by the profile.
func settle(e *env, cmd *cobra.Command) error {
	if err := fromEnvironment(e, cmd); err != nil {
		return err
	}
	c := connectionOf(cmd)
	if c == nil {
		return nil
	}
	p, err := chosenProfile(e, c.profile.name)
	if p == nil || err != nil {
		return err
	}
	c.profile.loaded = p
	return p.apply(cmd)
}

// connectionOf returns the connection flags of a command, nil if it speaks to no
// cluster.
func connectionOf(cmd *cobra.Command) *connectionFlags {
	f := cmd.Flags().Lookup("profile")
	if f == nil {
		return nil
	}
	return f.Value.(*profileFlag).connection
}

// chosenProfile reads the profile of that name, or the default one; nil if there
// is none to be used.
func chosenProfile(e *env, name string) (*profile, error) {
	if name == noProfile {
		return nil, nil
	}
	file, err := readConfigFile(e)
	if err != nil {
		return nil, err
	}
	if name == "" {
		return file.find(file.standard), nil
	}
	p := file.find(name)
	switch {
	case p != nil:
		return p, nil
	case file.path == "":
		return nil, usagef("--profile %s: neither XDG_CONFIG_HOME nor HOME says where oriel/config.yaml is", name)
	case len(file.profiles) == 0:
		return nil, usagef("--profile %s: there is no profile in %s", name, file.path)
	}
	return nil, usagef("--profile %s: unknown; there are %s in %s", name, strings.Join(file.names(), ", "), file.path)
}

// apply sets the flags of cmd that nobody else has set. Those of other commands
// are checked to be flags at all.
func (p *profile) apply(cmd *cobra.Command) error {
	known := knownFlags(cmd.Root())
	for _, s := range p.settings {
		if !known[s.flag] {
			return usagef("%s: %w", s.place, unknownSetting(s.flag, known))
		}
		f := cmd.Flags().Lookup(s.flag)
		if f == nil || givenBy(f).rank > byProfile {
			continue
		}
		values := s.values
		if !repeats(f) {
			values = []string{strings.Join(values, ",")}
			if leftToOthers(cmd, f, values[0]) {
				continue
			}
		}
		if err := setQuietly(f, profileAnnotation, fmt.Sprintf("profile %s (%s)", p.name, s.place), values...); err != nil {
			return usagef("%s: %s: %w", s.place, s.flag, err)
		}
	}
	return nil
}

// knownFlags are the names of the flags of all commands.
func knownFlags(root *cobra.Command) map[string]bool {
	known := map[string]bool{}
	for _, cmd := range root.Commands() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known[f.Name] = true })
	}
	return known
}

func unknownSetting(name string, known map[string]bool) error {
	if nearest := nearestFlag(name, known); nearest != "" {
		return fmt.Errorf("unknown field %q; did you mean %s?", name, nearest)
	}
	return fmt.Errorf("unknown field %q: want color, properties or the name of a flag", name)
}

// nearestFlag is the flag whose name differs by the fewest slips of the finger,
// empty if that is too many.
func nearestFlag(name string, known map[string]bool) string {
	const limit = 3
	nearest, fewest := "", limit
	for _, flag := range slices.Sorted(maps.Keys(known)) {
		if n := stream.Slips(name, flag, limit); n < fewest {
			nearest, fewest = flag, n
		}
	}
	return nearest
}

var errNoTerminal = errors.New("there is no terminal to ask at: use env:NAME or file:PATH")
