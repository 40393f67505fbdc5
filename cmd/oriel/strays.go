package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// tellStrays names the variables of the environment that look like settings and
// are none. Commands that neither read a cluster nor run are silent: a shell may
// run them whenever it starts.
func tellStrays(e *env, cmd *cobra.Command) {
	if connectionOf(cmd) == nil && cmd.Flags().Lookup("quiet") == nil || isQuiet(cmd) {
		return
	}
	known := knownFlags(cmd.Root())
	for _, name := range strays(e, known) {
		flag := flagOf(name)
		text := fmt.Sprintf("%s in the environment: there is no flag --%s, ignored", name, flag)
		if near := nearestFlag(flag, known); near != "" {
			text += "; did you mean " + variableOf(near) + "?"
		}
		e.say("%s", text)
	}
}

// isQuiet says that a person wants to hear of nothing but errors.
func isQuiet(cmd *cobra.Command) bool {
	is := func(flag string, values ...string) bool {
		f := cmd.Flags().Lookup(flag)
		return f != nil && slices.Contains(values, f.Value.String())
	}
	return is("quiet", "true") || is("log-level", "warn", "error")
}

// strays are the variables ORIEL_* of the environment, by name, that are neither
// flags, nor of our tests and benchmarks, nor in use otherwise.
func strays(e *env, known map[string]bool) []string {
	var names []string
	values := map[string]string{}
	for _, v := range e.environ() {
		if name, value, _ := strings.Cut(v, "="); strings.HasPrefix(name, variablePrefix) && value != "" {
			names = append(names, name)
			values[name] = value
		}
	}
	slices.Sort(names)
	mentioned := mentions(e, values)
	return slices.DeleteFunc(names, func(name string) bool {
		return known[flagOf(name)] || isForTests(name) || isServiceLink(name, values) || strings.Contains(mentioned, name)
	})
}

// mentions is where a variable is named that is in use: as env:NAME of a secret
// or NAME of --model-env, on the command line, in a variable, or in a profile.
func mentions(e *env, values map[string]string) string {
	texts := slices.Clone(e.args)
	for _, value := range values {
		texts = append(texts, value)
	}
	if path := configPath(e); path != "" {
		profiles, _ := e.readFile(path) // whoever needs it says what is wrong with it
		texts = append(texts, string(profiles))
	}
	return strings.Join(texts, "\n")
}

// isForTests says that our tests or benchmarks know a variable.
func isForTests(name string) bool {
	return name == "ORIEL_REFERENCE" || strings.HasPrefix(name, "ORIEL_TEST_") || strings.HasPrefix(name, "ORIEL_BENCH_")
}

// isServiceLink says that a variable is one of those that Kubernetes adds for a
// service whose name begins with oriel: ORIEL_SERVICE_HOST, ORIEL_SERVICE_PORT,
// ORIEL_PORT_9464_TCP and so on.
func isServiceLink(name string, values map[string]string) bool {
	for other := range values {
		service, ok := strings.CutSuffix(other, "_SERVICE_HOST")
		if ok && (strings.HasPrefix(name, service+"_SERVICE_") || strings.HasPrefix(name, service+"_PORT")) {
			return true
		}
	}
	return false
}
