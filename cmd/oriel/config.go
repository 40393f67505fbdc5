package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream/kafka"
	"github.com/oriel-stream/oriel/stream/table"
)

func newConfig(e *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show which settings are in force, and where they come from",
		Long: `config shows what flags, environment and profile come to. Profiles are named
clusters in $XDG_CONFIG_HOME/oriel/config.yaml, or ~/.config/oriel/config.yaml:

  default: prod
  profiles:
    prod:
      color: red                # of the screen's header
      brokers: kafka-1:9093,kafka-2:9093
      properties:               # as with -X
        security.protocol: sasl_ssl
        sasl.mechanism: SCRAM-SHA-512
        sasl.username: me
        sasl.password: env:KAFKA_PASSWORD    # or file:PATH, or prompt
      out-of-orderness: 5s      # any flag`,
		Example: `  oriel config show --profile prod`,
		Args:    knownCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newConfigShow(e), newConfigPath(e), newConfigProfiles(e))
	return cmd
}

// configShowOptions are the flags of config show.
type configShowOptions struct {
	connectionFlags
	output choice
	all    bool
}

func newConfigShow(e *env) *cobra.Command {
	o := &configShowOptions{output: newChoice("table", "json")}
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print every setting in force, its value and who gave it",
		Long: `show prints the properties of the Kafka client that are in force, and the flags
of all commands to which the environment or the profile gives a value; with
--all those that have their default, too. Each has who gave it: a flag, a
variable of the environment, a profile with its line, a file of -F, or default.
Nothing is connected to and nothing is asked for.

Secrets are shown as ***; one that says where it is (env:NAME, file:PATH,
prompt) as that. A property of other clients, such as group.id, and one that
nobody knows are marked as not used.

EXIT STATUS
  0    done
  2    wrong usage, or a mistake in oriel/config.yaml or a file of -F`,
		Example: `  oriel config show
  oriel config show -o json | jq -r 'select(.from != "default") | .setting'
  oriel config show -F client.properties -X client.id=me`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return runConfigShow(e, o, cmd) },
	}
	o.connectionFlags.add(cmd.Flags())
	cmd.Flags().VarP(&o.output, "output", "o", "settings as table or json")
	cmd.Flags().BoolVar(&o.all, "all", false, "the defaults of all flags, too")
	return cmd
}

// settingLine is a setting in JSON.
type settingLine struct {
	V       int     `json:"v"`
	Type    string  `json:"type"`
	Setting string  `json:"setting"`
	Value   *string `json:"value"` // null for a secret
	From    string  `json:"from"`
	Secret  bool    `json:"secret,omitempty"`
	Unused  bool    `json:"unused,omitempty"`
}

func runConfigShow(e *env, o *configShowOptions, cmd *cobra.Command) error {
	props, err := o.given(e)
	if err != nil {
		return err
	}
	lines := o.profileLine(cmd)
	lines = append(lines, propertyLines(props)...)
	lines = append(lines, flagLines(e, cmd.Root(), o.profile.loaded, o.all)...)
	if o.output.value == "json" {
		encoder := json.NewEncoder(e.stdout)
		encoder.SetEscapeHTML(false)
		for _, l := range lines {
			if err := encoder.Encode(l); err != nil {
				return err
			}
		}
		return nil
	}
	rows := make([]table.Setting, len(lines))
	for i, l := range lines {
		rows[i] = table.Setting{Name: l.Setting, Value: kafka.Mask, From: l.From}
		if l.Value != nil {
			rows[i].Value = *l.Value
		}
		if l.Unused {
			rows[i].From += ", not used"
		}
	}
	return table.Settings(e.stdout, tableWidth(e), rows)
}

// profileLine says which profile counts.
func (o *configShowOptions) profileLine(cmd *cobra.Command) []settingLine {
	p := o.profile.loaded
	name, from := noProfile, "default"
	if p != nil {
		name, from = p.name, "default of "+strings.TrimRight(p.place, ":0123456789")
	}
	if by := givenBy(cmd.Flags().Lookup("profile")); by.rank > byDefault {
		from = by.short("--profile")
	}
	return []settingLine{newSettingLine("profile", name, from)}
}

func newSettingLine(name, value, from string) settingLine {
	return settingLine{V: 1, Type: "setting", Setting: name, Value: &value, From: from}
}

// propertyLines are the properties that were given and the defaults of others,
// by name.
func propertyLines(props []kafka.Property) []settingLine {
	var lines []settingLine
	given := map[string]bool{}
	for _, p := range props {
		given[p.Canonical()] = true
		l := newSettingLine(p.Key, p.Shown(), p.From)
		l.Secret, l.Unused = p.IsSecret(), !p.IsUsed()
		switch {
		case refers(p):
			l.Value = &p.Value
		case l.Secret:
			l.Value = nil
		}
		lines = append(lines, l)
	}
	for _, p := range kafka.DefaultProperties() {
		if !given[p.Key] {
			lines = append(lines, newSettingLine(p.Key, p.Value, "default"))
		}
	}
	slices.SortStableFunc(lines, func(a, b settingLine) int { return cmp.Compare(a.Setting, b.Setting) })
	return lines
}

// flagLines are the flags of all commands that the environment or the profile
// sets, or all of them, by name. Those of the connection are shown as properties.
func flagLines(e *env, root *cobra.Command, p *profile, all bool) []settingLine {
	lines := map[string]settingLine{}
	if all {
		lines = defaultLines(root)
	}
	add := func(name, value, from string) {
		lines[name] = newSettingLine("--"+name, shownSetting(name, value), from)
	}
	if p != nil {
		for _, s := range p.settings {
			add(s.flag, strings.Join(s.values, ", "), fmt.Sprintf("profile %s (%s)", p.name, s.place))
		}
	}
	for _, c := range root.Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if value := e.getenv(variableOf(f.Name)); value != "" {
				if repeats(f) {
					value = strings.Join(valuesIn(value), ", ")
				}
				add(f.Name, value, variableOf(f.Name))
			}
		})
	}
	for _, name := range []string{"brokers", "property", "property-file", "profile", "help"} {
		delete(lines, name)
	}
	return slices.SortedFunc(maps.Values(lines), func(a, b settingLine) int { return cmp.Compare(a.Setting, b.Setting) })
}

// shownSetting is the value of a flag without the passwords and secrets that may
// be in it.
func shownSetting(name, value string) string {
	switch name {
	case "schema-registry":
		return withoutPassword(value)
	case "model":
		return shownModel(value)
	case "model-env":
		// A comma may be in a value as well as between two.
		if names, _, given := strings.Cut(value, "="); given {
			return names + "=***"
		}
	}
	return value
}

// defaultLines are the defaults of the flags of all commands.
func defaultLines(root *cobra.Command) map[string]settingLine {
	lines := map[string]settingLine{}
	for _, c := range root.Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			other, seen := lines[f.Name]
			switch {
			case !seen:
				lines[f.Name] = newSettingLine("--"+f.Name, f.DefValue, "default")
			case *other.Value != f.DefValue:
				lines[f.Name] = newSettingLine("--"+f.Name, "", "default, which depends on the command")
			}
		})
	}
	return lines
}

func newConfigPath(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "path",
		Short: "Print where the profiles are, whether there is a file or not",
		Example: `  oriel config path
  ${EDITOR:-vi} "$(oriel config path)"`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			path := configPath(e)
			if path == "" {
				return usagef("neither XDG_CONFIG_HOME nor HOME says where oriel/config.yaml is: set one")
			}
			_, err := fmt.Fprintln(e.stdout, path)
			return err
		},
	}
}

func newConfigProfiles(e *env) *cobra.Command {
	return &cobra.Command{
		Use:     "profiles",
		Short:   "List the profiles, the default one with a star",
		Example: `  oriel config profiles`,
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			file, err := readConfigFile(e)
			if err != nil {
				return err
			}
			if len(file.profiles) == 0 {
				e.say("there is no profile in %s (see oriel config --help)", cmp.Or(configPath(e), "oriel/config.yaml"))
			}
			for _, p := range file.profiles {
				mark := " "
				if p.name == file.standard {
					mark = "*"
				}
				if _, err := fmt.Fprintf(e.stdout, "%s %s\n", mark, p.name); err != nil {
					return err
				}
			}
			return nil
		},
	}
}
