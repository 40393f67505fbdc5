package main

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream/kafka"
)

// connectionFlags say which cluster to speak to.
type connectionFlags struct {
	brokers      string
	properties   []string
	propertyFile string
	profile      profileFlag

	flags *pflag.FlagSet // those above; nil if there is no command line
	ready *kafka.Config  // what they came to, once somebody asked
}

// kcatFile is the -F that stands for kcat's own file.
const kcatFile = "@kcat"

func (f *connectionFlags) add(fs *pflag.FlagSet) {
	f.flags = fs
	f.profile.connection = f
	// No default here: it would override -X bootstrap.servers.
	fs.StringVarP(&f.brokers, "brokers", "b", "", "bootstrap brokers, comma separated (default localhost:9092)")
	fs.StringArrayVarP(&f.properties, "property", "X", nil,
		"Kafka client property key=value, in the Java or librdkafka spelling; repeatable; env:NAME, file:PATH and prompt stand for a secret")
	fs.StringVarP(&f.propertyFile, "property-file", "F", "",
		"file of such properties, in the syntax of Java; @kcat reads kcat's own")
	fs.Var(&f.profile, "profile", "cluster and settings by their name in oriel/config.yaml; none for none")
}

// given are the properties that count, those that give way first: the profile,
// the environment, the command line, and in each of them -F, -X and -b.
func (f *connectionFlags) given(e *env) ([]kafka.Property, error) {
	if f.flags == nil {
		return []kafka.Property{{Key: "bootstrap.servers", Value: f.brokers, From: kafka.BrokersFlag}}, nil
	}
	file, properties, brokers := givenBy(f.flags.Lookup("property-file")), givenBy(f.flags.Lookup("property")), givenBy(f.flags.Lookup("brokers"))
	var props []kafka.Property
	for _, r := range []rank{byProfile, byEnvironment, byCommandLine} {
		if file.rank == r {
			read, err := f.readProperties(e)
			if err != nil {
				return nil, usageError{err}
			}
			props = append(props, read...)
		}
		if p := f.profile.loaded; p != nil && r == byProfile {
			props = append(props, p.properties...)
		}
		if properties.rank == r {
			for _, text := range f.properties {
				p, err := kafka.ParseProperty(text, properties.short("-X"))
				if err != nil {
					return nil, usageError{err}
				}
				props = append(props, p)
			}
		}
		if brokers.rank == r { // also where it is empty: that names no broker
			props = append(props, kafka.Property{Key: "bootstrap.servers", Value: f.brokers, From: brokers.short(kafka.BrokersFlag)})
		}
	}
	return kafka.Effective(props), nil
}

// readProperties reads the file of -F.
func (f *connectionFlags) readProperties(e *env) ([]kafka.Property, error) {
	from := "-F " + f.propertyFile
	path, parse := f.propertyFile, kafka.ParseFile
	if path == kcatFile {
		path, parse = kcatPath(e), kafka.ParseKcatFile
		from += " (" + path + ")"
	}
	data, err := readUserFile(e, path)
	if err != nil {
		return nil, usagef("-F %s: %w", f.propertyFile, err)
	}
	return parse(data, from)
}

// kcatPath is where kcat looks for its own file.
func kcatPath(e *env) string {
	for _, name := range []string{"KCAT_CONFIG", "KAFKACAT_CONFIG"} {
		if path := e.getenv(name); path != "" {
			return path
		}
	}
	return filepath.Join(e.getenv("HOME"), ".config", "kcat.conf")
}

// readUserFile reads a file whose name a person wrote where no shell replaces ~.
func readUserFile(e *env, path string) ([]byte, error) {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && e.getenv("HOME") != "" {
		path = filepath.Join(e.getenv("HOME"), rest)
	}
	return e.readFile(path)
}

// config checks the flags, prints what is unknown in them and asks for what is
// not written down. It does so once.
func (f *connectionFlags) config(ctx context.Context, e *env) (kafka.Config, error) {
	if f.ready != nil {
		return *f.ready, nil
	}
	props, err := f.given(e)
	if err != nil {
		return kafka.Config{}, err
	}
	if err := revealAll(ctx, e, props); err != nil {
		return kafka.Config{}, err
	}
	cfg, warnings, err := kafka.ParseConfig(props, func(path string) ([]byte, error) { return readUserFile(e, path) })
	for _, w := range warnings {
		e.say("%s", w)
	}
	if err != nil {
		return cfg, usageError{err}
	}
	f.ready = &cfg
	return cfg, nil
}

func (f *connectionFlags) open(ctx context.Context, e *env) (*kafka.Client, error) {
	cfg, err := f.config(ctx, e)
	if err != nil {
		return nil, err
	}
	return kafka.Open(ctx, cfg)
}

// cluster names the cluster for a person.
func (f *connectionFlags) cluster() string {
	var name string
	switch {
	case f.ready != nil:
		name = strings.Join(f.ready.Brokers, ",")
	case f.brokers != "":
		name = f.brokers
	default:
		name = "localhost:9092"
	}
	if p := f.profile.loaded; p != nil {
		return p.name + " (" + name + ")"
	}
	return name
}
